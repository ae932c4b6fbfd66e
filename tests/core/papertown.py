"""A town of paper for the diagnosis: poles of two cameras on ports and feeders, and what is seen of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from math import inf

from monitor.core.diagnosis.cause import Cause, CauseEvent
from monitor.core.diagnosis.engine import Diagnosis
from monitor.core.diagnosis.hypothesis import Sighting
from monitor.core.diagnosis.witnesses import Witnesses
from monitor.core.event import DeviceEvent
from monitor.core.health import RungHealth, Rungs, silenced
from monitor.core.model import Camera, Device, Inventory, Position, Site
from monitor.core.topology import topology_of
from monitor.core.verdict import Finding, Outcome, Reason, Rung, Verdict
from monitor.core.wiring import wiring_of

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


def equipped(inventory: Inventory, **more: Device) -> Inventory:
    """Return a town whose switch, and whatever else is named, can be asked."""
    devices = {"SW-1": Device("SW-1", "192.0.2.100", {}, ("snmp",), (), make="switch"), **more}
    return replace(inventory, devices={**inventory.devices, **devices})


def ups(id_: str, site: str) -> Device:
    return Device(id_, "192.0.2.101", {}, ("snmp",), (), make="ups", site=site)


def tells(device: str, at: float, **figures: str | float) -> Verdict:
    """Return what equipment says at a moment after noon: ``port_link_3="down"``."""
    findings = (Finding(Rung.REACHABLE, Outcome.OK), Finding(Rung.DEVICE, Outcome.OK))
    return Verdict(device, "central", "snmp", NOON + at, 0.2, findings, figures)


def mute(device: str, at: float) -> Verdict:
    """Return the verdict on an agent that does not answer."""
    said = "no answer to an SNMP request within 5 s"
    silence = (Finding(Rung.DEVICE, Outcome.FAIL, Reason.TIMEOUT, said),)
    return Verdict(device, "central", "snmp", NOON + at, 5.0, silence)


def failing(after: float, by: float, rungs: Iterable[Rung] = SILENT, reason: Reason = Reason.TIMEOUT) -> Rungs:
    """Return the rungs of a camera some of which fail; what fails with its silence was not seen to fail by itself."""
    failed = set(rungs)
    bad = RungHealth(Outcome.FAIL, reason, "", after, by, after, by)
    found = [bad if rung in failed else SOUND[rung] for rung in Rung]
    for rung in Rung if Rung.REACHABLE in failed else ():
        found[rung] = found[rung] if rung is Rung.REACHABLE else silenced(found[rung])
    if Rung.REACHABLE not in failed:
        found[Rung.REACHABLE] = SOUND[Rung.REACHABLE]._replace(last_ok=by)
    return tuple(found)


@dataclass
class Town:
    """A town, its diagnosis, and all that was said about it."""

    inventory: Inventory = field(default_factory=town)
    now: float = NOON
    events: list[CauseEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        topology = topology_of(self.inventory)
        self.witnesses = Witnesses(wiring_of(self.inventory), topology)
        self.diagnosis = Diagnosis(topology, remarks=self.witnesses.remarks)
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
        self._step(cameras, at + 50)

    def heal(self, cameras: Sequence[str], at: float) -> None:
        for camera in cameras:
            self.rungs[camera] = SOUND
        self._step(cameras, at)

    def say(self, camera: str, at: float) -> None:
        """Take in what ``rungs`` says of a camera now."""
        self._step([camera], at)

    def wait(self, until: float) -> None:
        self._step((), until)

    def see(self, sightings: Sequence[Sighting] | None, at: float) -> None:
        self.now = max(self.now, NOON + at)
        self.events += self.diagnosis.step(self.rungs, (), self.now, sightings)

    def goes_on(self, cameras: Iterable[str], at: float) -> None:
        """Let cameras answer once more, at a moment."""
        for camera in cameras:
            self.rungs[camera] = tuple(health._replace(last_ok=NOON + at) for health in SOUND)

    def hear(self, *verdicts: Verdict) -> list[DeviceEvent]:
        """Let equipment say something; return what that changed."""
        events = self.witnesses.hear(verdicts)
        self.see(self.witnesses.news(), max((verdict.at for verdict in verdicts), default=NOON) - NOON)
        return events

    def _step(self, cameras: Iterable[str], at: float) -> None:
        self.now = max(self.now, NOON + at)
        self.events += self.diagnosis.step(self.rungs, cameras, self.now)
