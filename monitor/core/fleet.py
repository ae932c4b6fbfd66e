"""The reducer: verdicts in, the fleet's health and its events out. Pure; their order within a step means nothing.

Rules:
1. A finding about a device is a finding about each of its cameras (``judging`` says what it makes of their rungs).
2. Every confirmed change is one event; the events alone give the same facts again (``replay``). What one device said
   at one moment is one change of each of its cameras, and its events stand beside each other.
3. A camera's state begins when its rungs first call for it (``state.stand``) and keeps that beginning until another
   state follows, whatever else gets worse or better meanwhile; the events alone give that again, too.
4. The fleet is a value: a step makes a new one and shares what did not change (``revision``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import groupby, islice
from math import inf
from operator import attrgetter
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from monitor.core.acknowledgement import Acknowledgement, Acknowledgements, after
from monitor.core.changes import Changes, everything
from monitor.core.diagnosis.cause import Cause, CauseEvent, effects
from monitor.core.draft import RUNGS, Draft, listing
from monitor.core.event import DeviceEvent, Event, NoteEvent
from monitor.core.health import (
    NEVER_SEEN,
    NOT_ASKED,
    UNSEEN,
    RungHealth,
    doubt,
    expire,
    forgiven,
    is_doubtful,
    lasts_until,
)
from monitor.core.health import Rungs as Rungs
from monitor.core.identity import (
    ANYBODY,
    SERIAL,
    UNKNOWN,
    Expected,
    Identity,
    Recognition,
    Who,
    expected,
    folded,
    recognise,
)
from monitor.core.judging import judge
from monitor.core.model import Device, Inventory
from monitor.core.past import past
from monitor.core.pins import NO_PINS, Pins, pins_of, repinned
from monitor.core.revision import revised
from monitor.core.schedule import PROBE_OF, Rates
from monitor.core.state import Standing, stand
from monitor.core.verdict import Outcome, Reason, Rung, Verdict
from monitor.core.workorder import order as workorders
from monitor.core.workorder.order import OrderEvent, Orders

#: A rung is unseen after this many of its intervals without an answer.
STALE_INTERVALS = 3
#: How often, at most, the whole fleet is searched for rungs that nobody saw for long.
SWEEP_S = 10.0
#: So many devices are searched for them in one step.
SWEPT_A_STEP = 5_000
V = TypeVar("V")
_EMPTY: Mapping[str, Any] = MappingProxyType({})


class DeviceRecord(NamedTuple):
    """What is known of a device beside rungs: its newest measurements, and when each probe last came to an end."""

    measurements: Mapping[str, float | str] = _EMPTY
    last_probe: Mapping[str, float] = _EMPTY
    requests: int = 0


NO_RECORD = DeviceRecord()


class Sweep(NamedTuple):
    """A search for rungs that nobody saw for long: a large fleet takes several steps of it."""

    done: int = 0
    """How many devices were searched."""
    until: float = inf
    """Until then no rung of theirs can have gone unseen for too long."""


NO_SWEEP = Sweep()


@dataclass(frozen=True, slots=True)
class Fleet:
    """The health of every camera of an inventory at one moment."""

    inventory: Inventory
    rates: Rates
    cameras: Mapping[str, Rungs]
    standings: Mapping[str, Standing]
    """The state of each camera and since when it holds."""
    devices: Mapping[str, DeviceRecord]
    identities: Mapping[str, Identity] = field(default_factory=dict)
    """Who each camera's own device is; a camera that never said so is not in it."""
    words: Mapping[str, Expected] = field(default_factory=dict)
    """What the inventory says of who a device is, where it does."""
    causes: Mapping[str, Cause] = field(default_factory=dict)
    """The open causes by their ids."""
    causes_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The ids of the open causes of each camera that has any."""
    acknowledgements: Acknowledgements = field(default_factory=dict)
    """The acknowledgements that hold, by the ids of their causes."""
    orders: Orders = field(default_factory=dict)
    """The work orders that are open, and those that were closed of late, by their numbers."""
    pins: Pins = NO_PINS
    """Which serial numbers and hardware addresses are known of which cameras; those of several tell no two apart."""
    at: float = 0.0
    sweep_at: float = -inf
    """Until then no rung can have gone unseen for too long."""
    sweep: Sweep = NO_SWEEP
    """The search that is under way since then."""
    seq: int = 0
    """The number of events so far."""


def start(
    inventory: Inventory,
    rates: Rates,
    known: Mapping[str, Rungs] | None = None,
    standings: Mapping[str, Standing] | None = None,
    identities: Mapping[str, Identity] | None = None,
    causes: Mapping[str, Cause] | None = None,
    acknowledgements: Mapping[str, Acknowledgement] | None = None,
    orders: Orders | None = None,
) -> Fleet:
    """Return the fleet of an inventory; what an earlier run left behind of each camera is taken up."""
    nothing = Inventory({}, {}, {}, {})
    rungs, states = _of(inventory, known or {}), _of(inventory, standings or {})
    before = Fleet(nothing, rates, rungs, states, {}, _of(inventory, identities or {}))
    before = replace(before, causes=causes or {}, causes_of=listing(causes or {}))
    before = replace(before, acknowledgements=acknowledgements or {}, orders=orders or {})
    fleet = reload(before, inventory)
    return replace(fleet, pins=pins_of(fleet.identities, inventory))


def _of(inventory: Inventory, by_camera: Mapping[str, V]) -> dict[str, V]:
    """Return what is known of the cameras of an inventory."""
    return {id_: one for id_, one in by_camera.items() if id_ in inventory.cameras}


def reload(fleet: Fleet, inventory: Inventory, changes: Changes | None = None) -> Fleet:
    """Return the fleet under another inventory: cameras that stay keep their health.

    ``changes``: how it differs from the fleet's; only that is gone through.
    """
    old = fleet.inventory
    changes = everything(old, inventory) if changes is None else changes
    concerned = _cameras(old, changes)
    gone = [id_ for id_ in concerned if id_ not in inventory.cameras]
    cameras, standings = {}, {}
    for id_ in _cameras(inventory, changes):
        if id_ in fleet.cameras and _asked_alike(old, inventory, id_):
            continue
        rungs = cameras[id_] = _under(inventory, id_, fleet.cameras.get(id_))
        before = fleet.cameras.get(id_, NEVER_SEEN) if id_ in fleet.standings else NEVER_SEEN
        of_causes = effects(fleet.causes[cause] for cause in fleet.causes_of.get(id_, ()))
        standings[id_] = stand(fleet.standings.get(id_, Standing()), before, rungs, fleet.at, of_causes)
    following = replace(
        fleet,
        inventory=inventory,
        cameras=revised(fleet.cameras, cameras, gone),
        standings=revised(fleet.standings, standings, gone),
        devices=revised(fleet.devices, {}, changes.stopped),
        identities=revised(fleet.identities, {}, gone),
        words=_words(fleet.words, inventory, changes),
        sweep_at=-inf,
        sweep=NO_SWEEP,
    )
    return replace(following, pins=_pins(following, fleet, concerned))


def _cameras(inventory: Inventory, changes: Changes) -> list[str]:
    """Return the cameras that an inventory has at the devices that changes are about."""
    devices = [inventory.devices[id_] for id_ in sorted(changes.touched) if id_ in inventory.devices]
    return [camera for device in devices for camera in device.cameras]


def _asked_alike(old: Inventory, new: Inventory, camera: str) -> bool:
    """Say whether a camera is asked by the same probes under both inventories."""
    before = old.cameras.get(camera)
    return before is not None and old.devices[before.device].probes == new.devices[new.cameras[camera].device].probes


def _words(before: Mapping[str, Expected], inventory: Inventory, changes: Changes) -> Mapping[str, Expected]:
    """Return what an inventory says of who its devices are."""
    fresh = {}
    for device in (inventory.devices[id_] for id_ in changes.touched if id_ in inventory.devices):
        of = [inventory.cameras[one] for one in device.cameras]
        if _over_snmp(device) or any(one.serial or one.mac for one in of):
            fresh[device.id] = expected((one.serial for one in of), (one.mac for one in of), _over_snmp(device))
    said = {id_: one for id_, one in fresh.items() if one != ANYBODY}
    return revised(before, said, [id_ for id_ in changes.touched if id_ in before and id_ not in said])


def _over_snmp(device: Device) -> bool:
    """Say whether SNMP alone is asked who a device is."""
    return "snmp" in device.probes and PROBE_OF[Rung.IDENTITY] not in device.probes


def _pins(fleet: Fleet, before: Fleet, concerned: Iterable[str]) -> Pins:
    """Return the pins of a fleet under another inventory than ``before``; these cameras have left or may have moved."""
    old, new = before.inventory.cameras, fleet.inventory.cameras
    pinned = [id_ for id_ in concerned if id_ in before.identities]
    if any(id_ in new and new[id_].device != old[id_].device for id_ in pinned):
        return pins_of(fleet.identities, fleet.inventory)
    return repinned(before.pins, before.identities, fleet.identities, pinned, before.inventory)


def _under(inventory: Inventory, camera: str, rungs: Rungs | None) -> Rungs:
    """Return a camera's rungs under an inventory."""
    probes = inventory.devices[inventory.cameras[camera].device].probes
    return _unseen(probes) if rungs is None else _asked(probes, rungs)


@lru_cache(maxsize=64)
def _unseen(probes: tuple[str, ...]) -> Rungs:
    """Return the rungs of a camera that nobody has looked at yet; all that are asked alike share them."""
    return _asked(probes, NEVER_SEEN)


def _asked(probes: tuple[str, ...], rungs: Rungs) -> Rungs:
    """Return rungs as these probes can judge them; a rung that none of them judges is n/a."""
    judged = []
    for rung, health in zip(Rung, rungs, strict=True):
        if PROBE_OF.get(rung, probes[0]) not in probes and not (rung is Rung.IDENTITY and "snmp" in probes):
            health = NOT_ASKED
        elif health is NOT_ASKED or health == NOT_ASKED:
            health = UNSEEN
        judged.append(health)
    return tuple(judged)


def step(fleet: Fleet, verdicts: Iterable[Verdict], now: float) -> tuple[Fleet, list[Event]]:
    """Return the fleet after these verdicts, and the events that they caused."""
    draft = _drafted(fleet)
    records: dict[str, DeviceRecord] = {}
    for (at, id_), said in groupby(_in_order(verdicts), _when_and_whose):
        device = fleet.inventory.devices.get(id_)
        if device is None:
            continue
        at_once, known = list(said), True
        for camera in device.cameras:
            rungs = draft.rungs(camera)
            for verdict in at_once:
                rungs = judge(rungs, camera, verdict, _recognise(fleet, draft, camera, verdict))
            draft.put(camera, device.vantage, rungs, at)
            known = known and not is_doubtful(rungs[Rung.IDENTITY])
        for verdict in at_once:
            records[id_] = _record(records.get(id_) or fleet.devices.get(id_, NO_RECORD), verdict, known)
    sweep, sweep_at = _swept(fleet, draft, now) if now >= fleet.sweep_at else (fleet.sweep, fleet.sweep_at)
    following = replace(
        fleet,
        cameras=draft.cameras,
        standings=draft.standings,
        devices=revised(fleet.devices, records),
        identities=revised(fleet.identities, draft.recognised),
        at=now,
        sweep=sweep,
        sweep_at=sweep_at,
        seq=fleet.seq + len(draft.events),
    )
    if draft.recognised:
        pins = repinned(fleet.pins, fleet.identities, following.identities, draft.recognised, fleet.inventory)
        following = replace(following, pins=pins)
    return following, draft.events


def _drafted(fleet: Fleet) -> Draft:
    causes = fleet.causes, fleet.causes_of
    return Draft(fleet.cameras, fleet.standings, *causes, identities=fleet.identities)


def forgive(fleet: Fleet, cameras: Iterable[str]) -> Fleet:
    """Return the fleet without the failures of these cameras that are not confirmed."""
    known = fleet.cameras
    failing = [id_ for id_ in cameras if any(health.failures for health in known[id_])]
    return replace(fleet, cameras=revised(known, {id_: tuple(map(forgiven, known[id_])) for id_ in failing}))


def judged(fleet: Fleet, events: list[CauseEvent]) -> Fleet:
    """Return the fleet after these judgements: its causes, and the states of those that they are about."""
    if not events:
        return fleet
    draft = _drafted(fleet)
    draft.judge(events)
    return replace(
        fleet,
        standings=draft.standings,
        causes=draft.causes,
        causes_of=draft.causes_of,
        acknowledgements=after(fleet.acknowledgements, events),
        seq=fleet.seq + len(events),
    )


def noted(fleet: Fleet, events: list[NoteEvent]) -> Fleet:
    """Return the fleet after these words about its causes."""
    if not events:
        return fleet
    return replace(fleet, acknowledgements=after(fleet.acknowledgements, events), seq=fleet.seq + len(events))


def ordered(fleet: Fleet, events: list[OrderEvent]) -> Fleet:
    """Return the fleet after these events of its work orders."""
    if not events:
        return fleet
    return replace(fleet, orders=workorders.after(fleet.orders, events), seq=fleet.seq + len(events))


def accept(fleet: Fleet, camera: str, who: Identity, told: str, at: float) -> tuple[Fleet, list[Event]]:
    """Return the fleet in which a camera's own device is another one by a person's word, and its events."""
    device = fleet.inventory.devices[fleet.inventory.cameras[camera].device]
    draft = _drafted(fleet)
    draft.identities = {**fleet.identities, camera: who}
    rungs = list(draft.rungs(camera))
    before = rungs[Rung.IDENTITY]
    fresh = RungHealth(after=before.last_seen, by=at, last_ok=before.last_ok, last_fail=before.last_fail)
    rungs[Rung.IDENTITY] = doubt(fresh, "", at)._replace(reason=None)  # to be asked now; what it says is taken
    draft.events.append(DeviceEvent(at, device.id, "replacement accepted", told, camera))
    draft.put(camera, device.vantage, tuple(rungs), at)
    following = replace(
        fleet,
        cameras=draft.cameras,
        standings=draft.standings,
        identities=draft.identities,
        pins=repinned(fleet.pins, fleet.identities, draft.identities, [camera], fleet.inventory),
        seq=fleet.seq + len(draft.events),
    )
    return following, draft.events


def tells_no_two_apart(fleet: Fleet, device: Device) -> bool:
    """Say whether a device's serial number is that of other devices, too."""
    if not fleet.pins.shared:
        return False
    marks = (fleet.identities[id_].marks for id_ in device.cameras if id_ in fleet.identities)
    return any(folded(one.get(SERIAL, "")) in fleet.pins.shared for one in marks)


def _in_order(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Return the verdicts in one order, however they came; what they found decides only where nothing else does."""
    ordered = sorted(verdicts, key=_order)
    if len(set(map(_order, ordered))) < len(ordered):
        ordered.sort(key=lambda verdict: (*_order(verdict), repr(verdict.findings)))
    return ordered


_order = attrgetter("at", "device", "probe")
_when_and_whose = attrgetter("at", "device")


def _record(record: DeviceRecord, verdict: Verdict, known: bool) -> DeviceRecord:
    """Keep what a verdict tells of a device; of one that is not ``known`` to be the right one, that it answered."""
    measurements = record.measurements
    if known and not verdict.measurements.items() <= measurements.items():
        measurements = {**measurements, **verdict.measurements}
    last_probe = record.last_probe
    if any(finding.outcome is not Outcome.UNSEEN for finding in verdict.findings):
        last_probe = {**last_probe, verdict.probe: verdict.at}
    return DeviceRecord(measurements, last_probe, record.requests + verdict.requests)


def _recognise(fleet: Fleet, draft: Draft, camera: str, verdict: Verdict) -> Recognition | None:
    """Return who gave an answer, and keep what is known from it; None where it says nothing of that."""
    if not verdict.marks:
        return None
    known = draft.recognised.get(camera) or draft.identities.get(camera, UNKNOWN)
    words = fleet.words.get(verdict.device, ANYBODY)
    recognition = recognise(known, verdict.marks, verdict.at, words, fleet.pins.shared)
    if recognition.identity is not known:
        draft.recognised[camera] = recognition.identity
    if recognition.who is Who.NEW:
        draft.events.append(DeviceEvent(verdict.at, verdict.device, "identity pinned", recognition.detail, camera))
    return recognition


def _swept(fleet: Fleet, draft: Draft, now: float) -> tuple[Sweep, float]:
    """Go on with the search; return how far it is, and when the next step of it is due."""
    done, devices = fleet.sweep.done, fleet.inventory.devices
    searched = list(islice(devices.values(), done, done + SWEPT_A_STEP))
    until = min(fleet.sweep.until, _sweep(fleet.rates, draft, searched, now))
    if done + len(searched) < len(devices):
        return Sweep(done + len(searched), until), fleet.sweep_at
    return NO_SWEEP, max(now + SWEEP_S, until)


def _sweep(rates: Rates, draft: Draft, devices: Sequence[Device], now: float) -> float:
    """Turn every rung that was not seen for three of its intervals into unseen; return when the next may become so."""
    by_channels = {channels: _limits(rates, channels) for channels in {len(device.cameras) for device in devices}}
    following = now + min(map(min, by_channels.values()), default=0.0)  # what is seen from now on lasts as long
    for device in devices:
        limits = by_channels[len(device.cameras)]
        for id_ in device.cameras:
            rungs = draft.rungs(id_)
            until = min(map(lasts_until, rungs, limits))
            if until < now:
                fresh = tuple(expire(health, limit, now) for health, limit in zip(rungs, limits, strict=True))
                draft.put(id_, device.vantage, fresh, now)
                until = min(map(lasts_until, fresh, limits))
            following = min(following, until)
    return following


def _limits(rates: Rates, channels: int) -> tuple[float, ...]:
    return tuple(STALE_INTERVALS * max(rates.interval_s(rung, channels), rates.dead_s) for rung in RUNGS)


def facts(cameras: Mapping[str, Rungs]) -> dict[tuple[str, Rung], tuple[Outcome, Reason | None, float, float]]:
    """Return what is confirmed about each camera's rungs, without the counters that lead to the next change."""
    return {
        (id_, rung): rungs[rung].fact()
        for id_, rungs in cameras.items()
        for rung in Rung
        if rungs[rung].by > -inf or rungs[rung].reason is not None
    }


def replay(events: Iterable[Event], inventory: Inventory, rates: Rates) -> Fleet:
    """Return the fleet that these events left behind: its facts and its states, with counters at rest."""
    fleet = start(inventory, rates)
    told = past(events, fleet.cameras, fleet.standings)
    following = replace(fleet, cameras=told.cameras, standings=told.standings, acknowledgements=told.acknowledgements)
    return replace(following, causes=told.causes, causes_of=told.causes_of, orders=told.orders)
