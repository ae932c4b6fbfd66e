"""A town of paper for the diagnosis: poles of two cameras on ports and feeders, and what is seen of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import inf

from monitor.core.diagnosis.cause import Cause, CauseEvent
from monitor.core.diagnosis.engine import Diagnosis
from monitor.core.diagnosis.hypothesis import Sighting
from monitor.core.health import RungHealth, Rungs
from monitor.core.model import Camera, Device, Inventory, Position, Site
from monitor.core.topology import topology_of
from monitor.core.verdict import Outcome, Reason, Rung

NOON = 1_542_283_200.0
SOUND: Rungs = tuple(RungHealth(Outcome.OK, None, "", -inf, NOON - 3600, NOON - 1) for _ in Rung)
SILENT = (Rung.REACHABLE, Rung.CONTROL, Rung.STREAM, Rung.MEDIA)


def town(streets: int = 4, poles: int = 5, rows: dict[str, Site] | None = None) -> Inventory:
    """Return a town: a street is a port of SW-1, the poles of the same number are on one feeder, two cameras each."""
    sites = {
        f"s{street}p{pole}": Site(
            f"s{street}p{pole}",
            "",
            "z",
            (f"SW-1/{street}",),
            f"F-{pole}",
            Position(33.6 + street * 0.004, 73 + pole * 0.001),
        )
        for street in range(streets)
        for pole in range(poles)
    }
    sites |= rows or {}
    cameras = {f"{site}c{n}": Camera(f"{site}c{n}", "", f"{site}c{n}", 1, "z", site) for site in sites for n in (1, 2)}
    devices = {id_: Device(id_, id_, {}, ("onvif", "snmp", "rtsp"), (id_,)) for id_ in cameras}
    return Inventory(devices, cameras, sites, {"z": "Z"})


def failing(after: float, by: float, rungs: Iterable[Rung] = SILENT, reason: Reason = Reason.TIMEOUT) -> Rungs:
    bad = RungHealth(Outcome.FAIL, reason, "", after, by, after, by)
    return tuple(bad if rung in set(rungs) else SOUND[rung] for rung in Rung)


@dataclass
class Town:
    """A town, its diagnosis, and all that was said about it."""

    inventory: Inventory = field(default_factory=town)
    now: float = NOON
    events: list[CauseEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.diagnosis = Diagnosis(topology_of(self.inventory))
        self.rungs = dict.fromkeys(self.inventory.cameras, SOUND)
        self.diagnosis.step(self.rungs, self.inventory.devices, self.now)

    @property
    def causes(self) -> dict[tuple[str, str], Cause]:
        return {(str(cause.kind), cause.scope.name): cause for cause in self.diagnosis.causes.values()}

    def at(self, *sites: str) -> list[str]:
        """Return the cameras at sites, which may be told by the beginning of their id."""
        return [id_ for id_ in self.inventory.cameras if id_.startswith(sites)]

    def fail(
        self, cameras: Sequence[str], at: float = 100.0, rungs: Iterable[Rung] = SILENT, reason: Reason = Reason.TIMEOUT
    ) -> None:
        """Let cameras fail within ten seconds around a moment (after noon), each with an interval of its own."""
        for number, camera in enumerate(cameras):
            self.rungs[camera] = failing(NOON + at - 10 + number % 9, NOON + at + 1 + number % 9, rungs, reason)
        self._step(cameras, at + 35)

    def heal(self, cameras: Sequence[str], at: float) -> None:
        for camera in cameras:
            self.rungs[camera] = SOUND
        self._step(cameras, at)

    def wait(self, until: float) -> None:
        self._step((), until)

    def see(self, sightings: Sequence[Sighting], at: float) -> None:
        self.now = max(self.now, NOON + at)
        self.events += self.diagnosis.step(self.rungs, (), self.now, sightings)

    def _step(self, cameras: Iterable[str], at: float) -> None:
        self.now = max(self.now, NOON + at)
        self.events += self.diagnosis.step(self.rungs, cameras, self.now)
