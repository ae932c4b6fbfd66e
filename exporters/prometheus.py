"""The page /metrics: a snapshot as text, in pieces small enough that the event loop turns between two of them.

Each camera's lines are kept, and made anew only when its rungs, its view or its device's record is another object.
The page of one snapshot is made once, however many ask for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from prometheus_client import generate_latest
from prometheus_client.registry import Collector

from exporters import camera, catalogue
from exporters.text import head, labels
from monitor.core.model import Inventory
from monitor.core.snapshot import Snapshot

#: Cameras a piece. A camera costs at most some 20 µs, so a piece costs a few milliseconds.
PIECE = 200


class Page:
    """The text of /metrics. ``registry`` holds what the monitor says of itself; it ends the page."""

    def __init__(self, registry: Collector | None = None) -> None:
        self._registry = registry
        self._inventory: Inventory | None = None
        self._known: dict[str, camera.Lines] = {}
        self._rendering: _Rendering | None = None

    def render(self, snapshot: Snapshot) -> Iterator[bytes]:
        """Yield the page of a snapshot; between two pieces the caller may let others run."""
        if snapshot.inventory is not self._inventory:
            self._inventory, self._known = snapshot.inventory, {}
        if self._rendering is None or self._rendering.snapshot is not snapshot:
            self._rendering = _Rendering(snapshot, self._known)
        yield from self._rendering.pieces()
        if self._registry is not None:
            yield generate_latest(self._registry)


class _Rendering:
    """One snapshot's page in the making; shared by all who ask for it, so that it is made once."""

    def __init__(self, snapshot: Snapshot, known: dict[str, camera.Lines]) -> None:
        self.snapshot = snapshot
        self._known = known
        ids = list(snapshot.views)
        self._groups = [ids[start : start + PIECE] for start in range(0, len(ids), PIECE)]
        self._texts: list[list[tuple[str, ...]]] = []
        self._pieces: list[bytes] = []

    def pieces(self) -> Iterator[bytes]:
        total = len(catalogue.CAMERA) * (len(self._groups) + 1) + 1
        for number in range(total):
            if number == len(self._pieces):
                self._pieces.append(self._piece(number).encode())
            if self._pieces[number]:
                yield self._pieces[number]

    def _piece(self, number: int) -> str:
        """Return one piece: a family's head, one family of one group of cameras, or what is said of the fleet."""
        family, place = divmod(number, len(self._groups) + 1)
        if family == len(catalogue.CAMERA):
            return _fleet(self.snapshot)
        if place == 0:
            return head(catalogue.CAMERA[family])
        if family == 0:
            self._texts.append([self._lines(id_) for id_ in self._groups[place - 1]])
        return "".join([text[family] for text in self._texts[place - 1]])

    def _lines(self, id_: str) -> tuple[str, ...]:
        snapshot = self.snapshot
        rungs, view = snapshot.fleet.cameras[id_], snapshot.views[id_]
        record = snapshot.fleet.devices.get(snapshot.inventory.cameras[id_].device)
        known = self._known.get(id_)
        if known is not None and known.rungs is rungs and known.view is view and known.record is record:
            return known.text
        heads = known.heads if known else camera.heads(snapshot.inventory, id_)
        self._known[id_] = made = camera.lines(heads, rungs, view, record, known)
        return made.text


def _fleet(snapshot: Snapshot) -> str:
    parts = [
        _counted(catalogue.FLEET_CAMERAS, snapshot.states.items()),
        _counted(catalogue.FLEET_REASONS, snapshot.reasons.items()),
    ]
    for metric, value in _SAYS.items():
        parts.append(f"{head(metric)}{metric.name} {value(snapshot)}\n")
    return "".join(parts)


def _counted(metric: catalogue.Metric, counts: Iterable[tuple[tuple[str, str], int]]) -> str:
    lines = [
        f"{metric.name}{{{labels(zip(metric.labels, key, strict=True))}}} {count}\n" for key, count in counts
    ]
    return head(metric) + "".join(lines)


_SAYS: dict[catalogue.Metric, Callable[[Snapshot], float]] = {
    catalogue.SNAPSHOT_AT: lambda snapshot: snapshot.at,
    catalogue.EVENT_SEQUENCE: lambda snapshot: snapshot.seq,
    catalogue.RECORDED_SEQUENCE: lambda snapshot: snapshot.recorded_seq,
}
