"""A city on paper: the simulator's plan as an inventory, faults put into it, and the rungs that a monitor would see.

No socket and no clock: a fault at a moment is seen at the next question to the device, as the rates say, and confirmed
by the third. The truth about every camera is kept beside it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import inf
from random import Random
from typing import TypeVar

from monitor.core.diagnosis.cause import Kind
from monitor.core.health import RungHealth, Rungs
from monitor.core.model import Camera, Credential, Device, Inventory, Position, Secret, Site
from monitor.core.topology import Layer, Scope, Topology, topology_of
from monitor.core.verdict import Outcome, Reason, Rung
from simulator.city import build_city
from simulator.model import City

T = TypeVar("T")
NOON = 1_542_283_200.0  # 15 November 2018, 12:00 UTC
PROBES = ("onvif", "snmp", "rtsp")
LOGINS = ("north", "south", "recorders")
#: How often each rung is observed, in seconds; reachable by each of the three probes.
EVERY_S: Mapping[Rung, float] = {
    Rung.REACHABLE: 20.0,
    Rung.MEDIA: 600.0,
    Rung.CREDENTIALS: 3600.0,
    Rung.IDENTITY: 3600.0,
}
CONFIRMED_AFTER_S = 22.0

#: What a fault of one device does to its rungs: rung to (outcome, reason).
SHOWS: Mapping[Kind, Mapping[Rung, tuple[Outcome, Reason]]] = {
    Kind.DEAD: {Rung.REACHABLE: (Outcome.FAIL, Reason.TIMEOUT)},
    Kind.HUNG: dict.fromkeys((Rung.CONTROL, Rung.STREAM, Rung.MEDIA), (Outcome.FAIL, Reason.NO_REPLY)),
    Kind.CREDENTIALS: {Rung.CREDENTIALS: (Outcome.FAIL, Reason.CREDENTIALS)},
    Kind.STREAM: dict.fromkeys((Rung.STREAM, Rung.MEDIA), (Outcome.FAIL, Reason.NOT_FOUND)),
    Kind.NO_VIDEO: {Rung.MEDIA: (Outcome.FAIL, Reason.NO_VIDEO)},
    Kind.CLOCK: {Rung.CLOCK: (Outcome.FAIL, Reason.CLOCK)},
    Kind.STORAGE: {Rung.RECORDING: (Outcome.FAIL, Reason.STORAGE)},
    Kind.SERVICE_OFF: {Rung.CONTROL: (Outcome.FAIL, Reason.UNSUPPORTED)},
    Kind.IDENTITY: {Rung.IDENTITY: (Outcome.FAIL, Reason.IDENTITY)},
    Kind.BUSY: dict.fromkeys((Rung.STREAM, Rung.MEDIA), (Outcome.UNSEEN, Reason.BUSY)),
}
SILENCING = (Kind.DEAD, Kind.SITE, Kind.UPLINK, Kind.POWER)
#: A silent device fails every rung of its network.
SILENT = dict.fromkeys((Rung.REACHABLE, Rung.CONTROL, Rung.STREAM, Rung.MEDIA), (Outcome.FAIL, Reason.TIMEOUT))


@dataclass(frozen=True)
class Fault:
    """A fault of a scope at a moment, and the devices that it hits, each after its own delay."""

    kind: Kind
    scope: Scope
    at: float
    devices: Mapping[str, float]
    """Device to the seconds after ``at`` when it shows: UPSs last for a while."""


@dataclass(frozen=True)
class Seen:
    """A confirmed change of a device's rungs: what a step of the reducer would hand on."""

    at: float
    device: str
    rungs: Rungs


@dataclass
class PaperCity:
    """The true inventory and its topology, and what has been done to the city."""

    inventory: Inventory
    topology: Topology = field(init=False)
    faults: list[Fault] = field(default_factory=list)
    start: float = NOON
    """The first look: of what failed before it no onset is known."""
    _phases: dict[str, float] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.topology = topology_of(self.inventory)

    def add(self, kind: Kind, scope: Scope, at: float, delays: Mapping[str, float] | None = None) -> None:
        """Put a fault into the city; each device of its scope shows it after its delay (by row)."""
        members = [scope.name] if scope.layer is Layer.DEVICE else self.topology.members[scope]
        rows = self.topology.row
        self.faults.append(Fault(kind, scope, at, {id_: (delays or {}).get(rows[id_], 0.0) for id_ in members}))

    def changes(self) -> list[Seen]:
        """Return what is seen of all faults, in the order in which it is confirmed."""
        seen = [one for device, happened in self._happened().items() for one in self._seen(device, happened)]
        return sorted(seen, key=lambda one: (one.at, one.device))

    def truth(self) -> dict[str, list[Fault]]:
        """Return the faults of each camera that a monitor can see."""
        return {
            camera: [fault for _, fault, _ in self._visible(device, happened)]
            for device, happened in self._happened().items()
            for camera in self.topology.cameras[device]
        }

    def _happened(self) -> dict[str, list[tuple[float, Fault]]]:
        by_device: defaultdict[str, list[tuple[float, Fault]]] = defaultdict(list)
        for fault in self.faults:
            for device, delay in fault.devices.items():
                by_device[device].append((fault.at + delay, fault))
        return by_device

    def _visible(
        self, device: str, happened: list[tuple[float, Fault]]
    ) -> list[tuple[float, Fault, Mapping[Rung, RungHealth]]]:
        """Return when each fault of a device is confirmed and what it does; once silent, nothing else is seen."""
        silent = min((at for at, fault in happened if fault.kind in SILENCING), default=inf)
        found: list[tuple[float, Fault, Mapping[Rung, RungHealth]]] = []
        for at, fault in happened:
            silencing = fault.kind in SILENCING
            if at > silent or (silencing and any(one.kind in SILENCING for _, one, _ in found)):
                continue
            confirmed, rungs = self.shows(device, at, fault)
            if silencing or confirmed < silent:
                found.append((confirmed, fault, rungs))
        return sorted(found, key=lambda one: one[0])

    def shows(self, device: str, at: float, fault: Fault) -> tuple[float, Mapping[Rung, RungHealth]]:
        silencing = fault.kind in SILENCING
        confirmed = 0.0
        rungs: dict[Rung, RungHealth] = {}
        for rung, (outcome, reason) in (SILENT if silencing else SHOWS[fault.kind]).items():
            counted = Rung.REACHABLE if silencing else rung
            after, by = self._between(device, at, EVERY_S.get(counted, 60.0), counted)
            confirmed = max(confirmed, by + (1.0 if rung in (Rung.CREDENTIALS, Rung.IDENTITY) else CONFIRMED_AFTER_S))
            rungs[rung] = RungHealth(outcome, reason, "", after, by, after, by, counted_at=by)
            if rung in (Rung.CREDENTIALS, Rung.IDENTITY):
                hidden = RungHealth(Outcome.UNSEEN, Reason.CREDENTIALS, "", after, by)
                rungs |= {Rung.STREAM: hidden, Rung.MEDIA: hidden}
        return confirmed, rungs

    def _seen(self, device: str, happened: list[tuple[float, Fault]]) -> Iterator[Seen]:
        rungs = list(self.sound())
        hidden = False
        for confirmed, fault, changed in self._visible(device, happened):
            for rung, health in changed.items():
                if not (hidden and rung in (Rung.STREAM, Rung.MEDIA) and fault.kind not in SILENCING):
                    rungs[rung] = health
            hidden = hidden or fault.kind in (Kind.CREDENTIALS, Kind.IDENTITY)
            if rungs[Rung.REACHABLE].outcome is Outcome.OK:  # it answered otherwise meanwhile
                answered = self.asked(device, Rung.REACHABLE, confirmed)
                rungs[Rung.REACHABLE] = rungs[Rung.REACHABLE]._replace(last_ok=answered)
            yield Seen(confirmed, device, tuple(rungs))

    def _between(self, device: str, at: float, every_s: float, rung: Rung) -> tuple[float, float]:
        phase = self._phase(device, rung)
        if at < self.start:
            return -inf, self.start + phase * 60.0
        last = self.start + ((at - self.start) // every_s - 1 + phase) * every_s
        while last + every_s <= at:
            last += every_s
        return last, last + every_s

    def _phase(self, device: str, rung: Rung) -> float:
        """Return when within its interval a device is asked something, from 0 to 1: the same at each call."""
        key = f"{device} {rung}"
        if key not in self._phases:
            self._phases[key] = Random(key).random()
        return self._phases[key]

    def sound(self) -> Rungs:
        """Return the rungs of a camera without a fault."""
        health = RungHealth(Outcome.OK, None, "", -inf, self.start - 7200.0, self.start - 1.0)
        return tuple(health for _ in Rung)

    def asked(self, device: str, rung: Rung, now: float) -> float:
        """Return when a sound device was last asked this."""
        every_s = EVERY_S.get(rung, 60.0)
        phase = self._phase(device, rung)
        return self.start + ((now - self.start) / every_s - phase) // 1 * every_s + phase * every_s


class Watched(dict[str, Rungs]):
    """The rungs of all cameras; those without a fault have been asked lately."""

    def __init__(self, paper: PaperCity) -> None:
        self.sound = paper.sound()
        super().__init__(dict.fromkeys(paper.inventory.cameras, self.sound))
        self.paper = paper
        self.now = paper.start
        self._well_until = {
            one.device: one.rungs[Rung.REACHABLE].after
            for one in paper.changes()
            if one.rungs[Rung.REACHABLE].outcome is Outcome.FAIL
        }

    def __getitem__(self, camera: str) -> Rungs:
        rungs = super().__getitem__(camera)
        device = self.paper.inventory.cameras[camera].device
        for rung in (Rung.REACHABLE, Rung.CREDENTIALS):
            if rungs[rung].outcome is not Outcome.OK or rungs[Rung.REACHABLE].outcome is not Outcome.OK:
                break
            fresh = rungs[rung]._replace(last_ok=self._asked(device, rung))
            rungs = (*rungs[:rung], fresh, *rungs[rung + 1 :])
        return rungs

    def _asked(self, device: str, rung: Rung) -> float:
        """Return when a device was last well: before a silence that is not confirmed yet, if there is one."""
        return min(self.paper.asked(device, rung, self.now), self._well_until.get(device, inf))


def inventory_of(city: City, prefix: str = "") -> Inventory:
    """Return the inventory of a simulated city, with three logins and positions; ``prefix`` tells cities apart."""
    secret = Secret("env:NONE", "")
    logins = {name: Credential(name, "viewer", secret) for name in LOGINS}
    districts = list(city.zones)
    sites = {
        prefix + site.id: Site(
            prefix + site.id, site.name, prefix + site.zone, tuple(prefix + uplink for uplink in site.uplinks),
            prefix + site.feeder, Position(site.latitude, site.longitude),
        )
        for site in city.sites.values()
    }  # fmt: skip
    cameras = {
        prefix + camera.id: Camera(
            prefix + camera.id, camera.name, prefix + camera.device, camera.channel,
            prefix + city.sites[camera.site].zone, prefix + camera.site,
        )
        for camera in city.cameras.values()
    }  # fmt: skip

    def login(device: str, site: str) -> Credential:
        if city.devices[device].channels > 1:
            return logins["recorders"]
        return logins["north" if districts.index(city.sites[site].zone) % 2 else "south"]

    devices = {
        prefix + device.id: Device(
            prefix + device.id, device.address, {}, PROBES, tuple(prefix + id_ for id_ in device.cameras),
            make=device.make.name, credential=login(device.id, device.site),
        )
        for device in city.devices.values()
    }  # fmt: skip
    return Inventory(devices, cameras, sites, {prefix + zone: name for zone, name in city.zones.items()})


OWN_FAULTS: Mapping[str, Kind] = {
    "dead": Kind.DEAD,
    "hung": Kind.HUNG,
    "password": Kind.CREDENTIALS,
    "stream_server": Kind.STREAM,
    "no_video": Kind.NO_VIDEO,
    "clock": Kind.CLOCK,
    "sd_card": Kind.STORAGE,
    "onvif_off": Kind.SERVICE_OFF,
    "busy": Kind.BUSY,
}


def storm(seed: int = 1, cameras: int = 1_800, cold: bool = False) -> PaperCity:
    """Return the default city with its own faults, all at once, or all before our first look: 600 of 1,800."""
    city = build_city(seed, cameras)
    paper = PaperCity(inventory_of(city))
    at = paper.start + (-100.0 if cold else 100.0)
    for uplink in sorted(city.cut_uplinks):
        paper.add(Kind.UPLINK, Scope(Layer.UPLINK, uplink), at)
    for feeder in sorted(city.dark_feeders):
        paper.add(Kind.POWER, Scope(Layer.FEEDER, feeder), at)
    for device, fault in city.faults.items():
        if fault.name in OWN_FAULTS:
            paper.add(OWN_FAULTS[fault.name], Scope(Layer.DEVICE, device), at)
    return paper


def blurred(inventory: Inventory, chance: Random, wrong: float, missing: float) -> Inventory:
    """Return the inventory with some of its sites' rows (uplinks, feeder) wrong and some missing."""
    uplinks = [site.uplinks for site in inventory.sites.values()]
    feeders = [site.feeder for site in inventory.sites.values()]

    def blur(site: Site) -> Site:
        return replace(site, uplinks=_blur(site.uplinks, uplinks, ()), feeder=_blur(site.feeder, feeders, ""))

    def _blur(said: T, others: list[T], nothing: T) -> T:
        dice = chance.random()
        if dice < missing:
            return nothing
        return chance.choice([other for other in others if other != said]) if dice < missing + wrong else said

    return replace(inventory, sites={id_: blur(site) for id_, site in inventory.sites.items()})


#: How often each kind of fault is drawn.
DRAWN: Mapping[Kind, float] = {
    Kind.UPLINK: 5, Kind.POWER: 3, Kind.SITE: 4, Kind.DEAD: 6, Kind.HUNG: 3, Kind.CREDENTIALS: 3, Kind.STREAM: 2,
    Kind.NO_VIDEO: 3, Kind.CLOCK: 2, Kind.STORAGE: 2, Kind.SERVICE_OFF: 2, Kind.IDENTITY: 1, Kind.BUSY: 1,
}  # fmt: skip
#: How long a site's UPS lasts, in seconds; some have none.
BATTERY_S = (0.0, 2400.0)
SWITCHES_SHARE = 0.25
SETS_SHARE = 0.15


def random_city(seed: int, faults: int | None = None) -> PaperCity:
    """Return a city of random size with 1 to 30 faults of random kinds within two hours."""
    chance = Random(f"random city {seed}")
    city = build_city(seed, chance.randint(300, 2_400))
    paper = PaperCity(inventory_of(city))
    for _ in range(faults or chance.randint(1, 30)):
        kind = chance.choices(list(DRAWN), list(DRAWN.values()))[0]
        scope = _draw(chance, paper, kind)
        if any(one.scope == scope for one in paper.faults):
            continue
        delays = {}
        if kind is Kind.POWER:
            rows = {paper.topology.row[device] for device in paper.topology.members[scope]}
            delays = {row: chance.choice((0.0, chance.uniform(*BATTERY_S))) for row in sorted(rows)}
        paper.add(kind, scope, paper.start + 60.0 + chance.uniform(0.0, 7200.0), delays)
    return paper


def _draw(chance: Random, paper: PaperCity, kind: Kind) -> Scope:
    layer = {Kind.POWER: Layer.FEEDER, Kind.SITE: Layer.SITE, Kind.UPLINK: Layer.UPLINK}.get(kind, Layer.DEVICE)
    if kind is Kind.UPLINK and chance.random() < SWITCHES_SHARE:
        layer = Layer.SWITCH
    if kind is Kind.CREDENTIALS and chance.random() < SETS_SHARE:
        layer = Layer.CREDENTIAL
    if layer is Layer.DEVICE:
        return Scope(Layer.DEVICE, chance.choice(sorted(paper.topology.scopes)))
    return chance.choice(sorted(scope for scope in paper.topology.members if scope.layer is layer))
