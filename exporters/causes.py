"""The lines of open causes: what alerts fire on, one series a cause, and why one of them is to stay quiet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from exporters import catalogue
from exporters.catalogue import Metric
from exporters.text import head, labels
from exporters.whereabouts import Whereabouts
from monitor.core.diagnosis.cause import Cause, Kind
from monitor.core.diagnosis.naming import is_shared, owner_of
from monitor.core.snapshot import Snapshot

#: So many causes are told one by one: the shared ones first, then those that are open for longest.
MOST_CAUSES = 2000


class _Lines(NamedTuple):
    """What is said of one cause, kept until it is another object."""

    cause: Cause
    open: str
    opened: str


class Families:
    """The text of the families."""

    def __init__(self) -> None:
        self._whereabouts: Whereabouts | None = None
        self._lines: dict[str, _Lines] = {}

    def render(self, snapshot: Snapshot) -> bytes:
        """Return all families of a snapshot."""
        if self._whereabouts is None or snapshot.inventory is not self._whereabouts.inventory:
            self._whereabouts, self._lines = Whereabouts(snapshot.inventory), {}
        causes = snapshot.causes.values()
        told = causes if len(causes) <= MOST_CAUSES else sorted(causes, key=_rank)[:MOST_CAUSES]
        self._lines = {cause.id: self._told(self._whereabouts, cause) for cause in told}
        kinds = Counter(cause.kind for cause in causes)
        counts = "".join(f"{catalogue.CAUSES.name}{{{labels([('kind', kind)])}}} {kinds[kind]}\n" for kind in Kind)
        return "".join(
            [
                *_family(catalogue.CAUSE_OPEN, (lines.open for lines in self._lines.values())),
                *_family(catalogue.CAUSE_OPENED, (lines.opened for lines in self._lines.values())),
                *_family(catalogue.CAUSE_QUIET, _quiet(snapshot, told)),
                *_family(catalogue.CAUSES, [counts]),
            ]
        ).encode()

    def _told(self, whereabouts: Whereabouts, cause: Cause) -> _Lines:
        known = self._lines.get(cause.id)
        if known is not None and known.cause is cause:
            return known
        id_ = ("cause", cause.id)
        said = (
            id_,
            ("kind", cause.kind),
            ("layer", cause.scope.layer),
            ("scope", cause.scope.name),
            *whereabouts.of(cause.scope)._asdict().items(),
            ("owner", owner_of(cause, None, whereabouts.inventory.owners)),
        )
        return _Lines(
            cause,
            f"{catalogue.CAUSE_OPEN.name}{{{labels(said)}}} {len(cause.members)}\n",
            f"{catalogue.CAUSE_OPENED.name}{{{labels((id_,))}}} {cause.opened:.3f}\n",
        )


def _family(metric: Metric, lines: Iterable[str]) -> Iterable[str]:
    return (head(metric), *lines)


def _quiet(snapshot: Snapshot, causes: Iterable[Cause]) -> Iterable[str]:
    """Yield why causes are not to alert: acknowledged, or the calendar covers all of their cameras."""
    known, planned = snapshot.fleet.acknowledgements, snapshot.planned.cameras
    for cause in causes:
        reasons = (
            ("acknowledged", cause.id in known),
            ("planned", bool(planned) and all(camera in planned for camera in cause.members)),
        )
        for why, holds in reasons:
            if holds:
                yield f"{catalogue.CAUSE_QUIET.name}{{{labels((('cause', cause.id), ('why', why)))}}} 1\n"


def _rank(cause: Cause) -> tuple[bool, float, str]:
    return not is_shared(cause), cause.opened, cause.id
