"""The page /metrics: a snapshot as text, in pieces small enough that the event loop turns between two of them.

The lines of a few hundred cameras are a piece a family, which is made anew only when one of its values has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from prometheus_client import generate_latest
from prometheus_client.registry import Collector

from exporters import camera, catalogue, causes, orders, places, planned
from exporters.text import head, labels
from monitor.core.model import Inventory
from monitor.core.snapshot import Snapshot

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
#: Cameras a piece: all families of so many are made in a millisecond.
PIECE = 200


class Page:
    """The text of /metrics. ``registry`` holds what the monitor says of itself; it ends the page."""

    def __init__(self, registry: Collector | None = None) -> None:
        self._registry = registry
        self._inventory: Inventory | None = None
        self._groups: list[camera.Group] = []
        self._planned = planned.Lines()
        self._causes = causes.Families()
        self._places = places.Lines()

    def render(self, snapshot: Snapshot) -> Iterator[bytes]:
        """Yield the page of a snapshot; between two pieces the caller may let others run, also another rendering."""
        if snapshot.inventory is not self._inventory:
            self._inventory, ids = snapshot.inventory, list(snapshot.views)
            starts = range(0, len(ids), PIECE)
            self._groups = [camera.Group(snapshot.inventory, ids[start : start + PIECE]) for start in starts]
        groups = self._groups
        pieces: list[tuple[bytes, ...]] = []
        for family, metric in enumerate(catalogue.CAMERA):
            yield head(metric).encode()
            for number, group in enumerate(groups):
                if number == len(pieces):
                    pieces.append(group.pieces(snapshot))
                yield pieces[number][family]
        yield head(catalogue.PLANNED).encode()
        yield from self._planned.render(snapshot)
        yield self._causes.render(snapshot)
        yield "".join(orders.render(snapshot)).encode()
        yield from self._places.render(snapshot.inventory)
        yield _fleet(snapshot).encode()
        if self._registry is not None:
            yield generate_latest(self._registry)


def _fleet(snapshot: Snapshot) -> str:
    parts = [
        _counted(catalogue.FLEET_CAMERAS, snapshot.states.items()),
        _counted(catalogue.FLEET_REASONS, snapshot.reasons.items()),
        _counted(catalogue.CANARY_UP, _canaries(snapshot)),
    ]
    for metric, value in _SAYS.items():
        parts.append(f"{head(metric)}{metric.name} {value(snapshot)}\n")
    return "".join(parts)


def _canaries(snapshot: Snapshot) -> Iterator[tuple[tuple[str, str], int]]:
    for vantage, answers in sorted(snapshot.canaries.items()):
        for canary, silence in sorted(answers.items()):
            yield (vantage, canary), int(silence is None)


def _counted(metric: catalogue.Metric, counts: Iterable[tuple[tuple[str, str], int]]) -> str:
    lines = [f"{metric.name}{{{labels(zip(metric.labels, key, strict=True))}}} {count}\n" for key, count in counts]
    return head(metric) + "".join(lines)


_SAYS: dict[catalogue.Metric, Callable[[Snapshot], float]] = {
    catalogue.SNAPSHOT_AT: lambda snapshot: snapshot.at,
    catalogue.EVENT_SEQUENCE: lambda snapshot: snapshot.seq,
    catalogue.RECORDED_SEQUENCE: lambda snapshot: snapshot.recorded_seq,
}
