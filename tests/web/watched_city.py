"""The city on paper with the whole of a monitor's step: what fails has causes, and the ledger would keep their events."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from paper_city import City, inventory

from monitor.core import fleet as fleets
from monitor.core.acknowledgement import Acknowledgement, acknowledged
from monitor.core.canary import NO_CANARIES, Canaries
from monitor.core.diagnosis.cause import Cause, CauseEvent
from monitor.core.diagnosis.watch import Watch
from monitor.core.event import Event, NoteEvent
from monitor.core.handover import Handover, Shift, handover
from monitor.core.model import Credential, Inventory, Secret
from monitor.core.planned import tally
from monitor.core.snapshot import Snapshot, publish
from monitor.core.state import State
from monitor.core.topology import Layer
from monitor.core.verdict import Finding, Outcome, Reason, Rung, Verdict
from monitor.web.acknowledging import Take, Word
from monitor.web.cause_board import planned
from monitor.web.feed import Feed
from monitor.web.sources import Archive

OWNERS = {"network": "City Fibre", "power": "Electric Company", "accounts": "IT Security"}
#: What each conversation with a device that is there finds first: a connection.
THERE = Finding(Rung.REACHABLE, Outcome.OK)
HUNG = (THERE, *(Finding(rung, Outcome.FAIL, Reason.NO_REPLY) for rung in (Rung.CONTROL, Rung.STREAM, Rung.MEDIA)))
#: What single cameras of the storm have: the findings, and how many.
SINGLES = (
    ((Finding(Rung.REACHABLE, Outcome.FAIL, Reason.TIMEOUT),), 64),
    (HUNG, 60),
    ((THERE, Finding(Rung.MEDIA, Outcome.FAIL, Reason.NO_VIDEO)), 50),
    ((THERE, Finding(Rung.CREDENTIALS, Outcome.FAIL, Reason.CREDENTIALS)), 40),
    ((THERE, Finding(Rung.STREAM, Outcome.FAIL, Reason.NOT_FOUND)), 30),
    ((THERE, Finding(Rung.CLOCK, Outcome.FAIL, Reason.CLOCK)), 45),
    ((THERE, Finding(Rung.RECORDING, Outcome.FAIL, Reason.STORAGE)), 30),
)
CUT = ("SW-1/3", "SW-4/5", "SW-7/1")
FEEDER = "F-3"


def town(cameras: int = 1800) -> Inventory:
    """Return the default city with two logins, and owners for some roles."""
    fleet = inventory(cameras)
    logins = [Credential(name, "viewer", Secret("env:NONE", "")) for name in ("north", "south")]
    devices = {
        id_: replace(device, credential=logins[number % 3 == 0])
        for number, (id_, device) in enumerate(fleet.devices.items())
    }
    return replace(fleet, devices=devices, owners=OWNERS)


@dataclass
class WatchedCity(City):
    """A city whose causes are judged."""

    events: list[Event] = field(default_factory=list)
    canaries: Canaries = field(default_factory=lambda: NO_CANARIES)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._watch = Watch()
        self._fleet, events = self._watch.begin(self._fleet, self.now)
        self.events += events

    def tell(self, verdicts: Iterable[Verdict]) -> Snapshot:
        self._fleet, events = self._watch.step(self._fleet, verdicts, self.now, self.canaries)
        return self._publish(events)

    def acknowledge(self, cause: str, who: str, why: str, until: float, owner: str = "") -> Snapshot:
        note = acknowledged(self._fleet.causes, cause, who, owner, why, until, self.now)
        self._fleet = fleets.noted(self._fleet, [note])
        return self._publish([note])

    def _publish(self, events: Iterable[Event]) -> Snapshot:
        self.events += events
        self.snapshot = publish(self._fleet, self._fleet.seq, self.snapshot)
        return self.snapshot

    def show(self, cameras: Iterable[str], *findings: Finding) -> Snapshot:
        """Let these cameras show something as often as it takes to confirm it, and to judge it."""
        cameras = list(cameras)
        for _ in range(3):
            self.now += 11
            self.tell([self.verdict(id_, *findings) for id_ in cameras])
        return self.snapshot

    def cut(self, uplink: str = "", feeder: str = "") -> list[str]:
        """Let all behind an uplink, or on a feeder, fall silent; returns those cameras."""
        sites = self.inventory.sites
        hit = [
            camera.id
            for camera in self.inventory.cameras.values()
            if uplink in sites[camera.site].uplinks or (feeder and feeder == sites[camera.site].feeder)
        ]
        self.work(hit)
        self.show(hit, Finding(Rung.REACHABLE, Outcome.FAIL, Reason.TIMEOUT))
        return hit

    def settle(self) -> Snapshot:
        """Wait until what is silent has been judged."""
        for _ in range(3):
            self.pass_time(40)
        return self.snapshot

    def cause(self, layer: Layer, name: str) -> Cause:
        """Return the open cause of a scope."""
        return next(one for one in self.snapshot.causes.values() if one.scope == (layer, name))

    def cause_events(self, id_: str) -> list[CauseEvent]:
        return [event for event in self.events if isinstance(event, CauseEvent) and event.cause == id_]


def storm_city() -> WatchedCity:
    """Return the default city after its worst hour: three lines cut, a feeder without power, single faults beside."""
    city = WatchedCity(town())
    city.work()
    gone: set[str] = set()
    for uplink in CUT:
        gone |= set(city.cut(uplink))
        city.now += 97
    gone |= set(city.cut(feeder=FEEDER))
    left = [id_ for id_ in city.inventory.cameras if id_ not in gone]
    for findings, number in SINGLES:
        chosen = left[5 :: max(1, (len(left) - 5) // number)][:number]
        city.show(chosen, *findings)
        left = [id_ for id_ in left if id_ not in set(chosen)]
    city.work(left)
    city.settle()
    return city


def archive_of(city: WatchedCity) -> Archive:
    """Return an archive that tells what happened to a city."""

    def history(id_: str) -> list[Event]:
        told = [event for event in city.events if isinstance(event, CauseEvent | NoteEvent)]
        return [event for event in told if id_ in (event.cause, getattr(event, "other", ""))]

    def shift(over: Shift) -> Handover:
        fleet = city.snapshot.fleet
        events = [event for event in city.events if event.at >= over.since]
        before = dict.fromkeys(fleet.standings, State.UP)
        works = tally(city.snapshot.planned.cameras.values())
        stand = fleet.cameras, fleet.standings
        sheet = handover(over, events, before, *stand, fleet.causes, fleet.acknowledgements, works)
        return replace(sheet, marks={id_: planned(city.snapshot, cause) for id_, cause in fleet.causes.items()})

    return Archive(history, shift)


def taking(city: WatchedCity, feed: Feed, after_s: float = 0.0) -> Take:
    """Return what takes acknowledgements of a city's causes; a snapshot has them at once, or ``after_s`` later."""

    def take(word: Word) -> Acknowledgement:
        until = word.until if word.until is not None else city.now + 3600 * word.hours
        snapshot = city.acknowledge(word.cause, word.by, word.reason, until, word.owner)
        if after_s:
            asyncio.get_running_loop().call_later(after_s, feed.publish, snapshot)
        else:
            feed.publish(snapshot)
        return snapshot.acknowledgements[word.cause]

    return take
