"""The lines of open causes: what alerts fire on, one series a cause, and why one of them is to stay quiet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from exporters import catalogue
from exporters.catalogue import Metric
from exporters.text import head, labels
from monitor.core.diagnosis.cause import Cause, Kind
from monitor.core.diagnosis.naming import is_shared, owner_of
from monitor.core.model import Inventory
from monitor.core.snapshot import Snapshot
from monitor.core.topology import Layer

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
        self._inventory: Inventory | None = None
        self._lines: dict[str, _Lines] = {}

    def render(self, snapshot: Snapshot) -> bytes:
        """Return all families of a snapshot."""
        if snapshot.inventory is not self._inventory:
            self._inventory, self._lines = snapshot.inventory, {}
        causes = snapshot.causes.values()
        told = causes if len(causes) <= MOST_CAUSES else sorted(causes, key=_rank)[:MOST_CAUSES]
        self._lines = {cause.id: self._told(snapshot.inventory, cause) for cause in told}
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

    def _told(self, inventory: Inventory, cause: Cause) -> _Lines:
        known = self._lines.get(cause.id)
        if known is not None and known.cause is cause:
            return known
        id_ = ("cause", cause.id)
        said = (
            id_,
            ("kind", cause.kind),
            ("layer", cause.scope.layer),
            ("scope", cause.scope.name),
            ("site", _site(inventory, cause)),
            ("owner", owner_of(cause, None, inventory.owners)),
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


def _site(inventory: Inventory, cause: Cause) -> str:
    """Return the one site that what failed lies at, "" where there are several.

    Never by its members: an alert whose label changes while they come and go is another alert, and pages again.
    """
    layer, name = cause.scope
    if layer is Layer.SITE:
        return name
    if is_shared(cause):
        return ""
    device = inventory.devices.get(name)
    cameras = device.cameras if device is not None and layer is Layer.DEVICE else (name,)
    sites = {inventory.cameras[camera].site for camera in cameras if camera in inventory.cameras}
    return sites.pop() if len(sites) == 1 else ""


def _rank(cause: Cause) -> tuple[bool, float, str]:
    return not is_shared(cause), cause.opened, cause.id
