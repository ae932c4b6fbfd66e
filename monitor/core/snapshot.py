"""The snapshot: all that metrics, pages and reports may know of one moment. Immutable, made anew each second."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import chain, compress
from math import inf
from operator import is_not
from typing import NamedTuple

from monitor.core.acknowledgement import Acknowledgements
from monitor.core.canary import NO_CANARIES, Canaries
from monitor.core.diagnosis.cause import Cause
from monitor.core.fleet import Fleet
from monitor.core.model import Inventory
from monitor.core.planned import NOTHING_PLANNED, Planned
from monitor.core.revision import put_since, revised, whole
from monitor.core.state import NEVER, State, View, view
from monitor.core.verdict import REASONS, Reason

#: How many of the newest changes of state a snapshot carries.
RECENT = 200


class Change(NamedTuple):
    """A camera went from one state to another; ``at`` is when that was confirmed."""

    at: float
    camera: str
    before: State
    now: View


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The fleet at ``at``. ``recorded_seq`` < ``seq`` says that the ledger has not taken all events yet."""

    fleet: Fleet
    at: float
    seq: int
    recorded_seq: int
    views: Mapping[str, View]
    states: Mapping[tuple[str, State], int]
    """(zone, state) to the number of cameras; every zone with every state."""
    reasons: Mapping[tuple[str, Reason], int]
    """(zone, reason) to the number of cameras that do not work for it."""
    faults: Mapping[Reason, int]
    """Reason to the number of cameras that work and are degraded for it."""
    unjudged: int
    """The cameras that never had a state, and of which only we know why not, if anybody."""
    changes: tuple[Change, ...] = ()
    """The newest changes of state, newest first."""
    monitor: Mapping[str, float] = field(default_factory=dict)
    """The monitor's own figures by metric name: lag, checks in flight, ledger lag."""
    planned: Planned = NOTHING_PLANNED
    """What the calendar says of this moment."""
    canaries: Canaries = field(default_factory=lambda: NO_CANARIES)
    """Which canaries of each vantage answer; one of which that is not known yet is missing."""

    @property
    def inventory(self) -> Inventory:
        return self.fleet.inventory

    @property
    def causes(self) -> Mapping[str, Cause]:
        """The open causes by their ids."""
        return self.fleet.causes

    @property
    def acknowledgements(self) -> Acknowledgements:
        """The acknowledgements that hold, by the ids of their causes."""
        return self.fleet.acknowledgements

    def count(self, *states: State, zone: str | None = None) -> int:
        """Return how many cameras are in these states, of one zone or of all."""
        return sum(n for (z, state), n in self.states.items() if state in states and zone in (None, z))

    @property
    def not_working(self) -> int:
        return self.count(State.DOWN, State.UNREACHABLE)


def publish(
    fleet: Fleet,
    recorded_seq: int,
    before: Snapshot | None = None,
    monitor: Mapping[str, float] | None = None,
    planned: Planned = NOTHING_PLANNED,
    earlier: tuple[Change, ...] = (),
    canaries: Canaries = NO_CANARIES,
) -> Snapshot:
    """Return the snapshot of a fleet; what did not change since ``before`` is taken from there.

    ``earlier`` are the changes before the first snapshot, newest first.
    """
    gone, others = _moved(before.inventory, fleet.inventory) if before else ([], [])
    views, seen = _views(fleet, before, gone)
    turned = _turned(seen, views, before)
    changes = before.changes if before else earlier
    if before is not None:
        fresh = [
            Change(fleet.at, id_, before.views.get(id_, NEVER).state, views[id_])
            for id_ in turned
            if before.views.get(id_, NEVER).state is not views[id_].state
        ]
        if fresh:
            changes = (*reversed(fresh), *changes)[:RECENT]
    counts = _count(fleet.inventory, views, dict.fromkeys([*turned, *others]), gone, before)
    return Snapshot(fleet, fleet.at, fleet.seq, recorded_seq, views, *counts, changes, monitor or {}, planned, canaries)


def _moved(old: Inventory, new: Inventory) -> tuple[list[str], list[str]]:
    """Return the cameras that left an inventory, and those that are not in it as they were."""
    before, now = old.cameras, new.cameras
    if now is before:
        return [], []
    others = compress(now, map(is_not, map(before.get, now), now.values()))
    return [id_ for id_ in before if id_ not in now], list(others)


def _views(fleet: Fleet, before: Snapshot | None, gone: Collection[str]) -> tuple[Mapping[str, View], Collection[str]]:
    """Return what is told of each camera, and of which of them that is not what it was ``before``."""
    cameras, standings = fleet.cameras, fleet.standings
    if before is None:
        first = {id_: view(cameras[id_], standings[id_]) for id_ in fleet.inventory.cameras}
        return first, first.keys()
    old_rungs, old_standings = before.fleet.cameras, before.fleet.standings
    fresh = {
        id_: view(cameras[id_], standings[id_])
        for id_ in dict.fromkeys(chain(put_since(old_rungs, cameras), put_since(old_standings, standings)))
        if old_rungs.get(id_) is not cameras[id_] or old_standings.get(id_) is not standings[id_]
    }
    views: Mapping[str, View] = revised(before.views, fresh, gone)
    ids = fleet.inventory.cameras
    if ids is not before.inventory.cameras and list(views) != list(ids):  # they stand in the order of the inventory
        known = whole(views)
        views = {id_: known[id_] for id_ in ids}
    return views, fresh.keys()


def _turned(seen: Collection[str], views: Mapping[str, View], before: Snapshot | None) -> list[str]:
    """Return the cameras that are in another state, in theirs for another reason, or for the first time, in the order
    of ``views``."""
    if before is None:
        return list(seen)
    turned = {id_ for id_ in seen if _counts_as(before.views.get(id_, NEVER)) != _counts_as(views[id_])}
    return [id_ for id_ in views if id_ in turned] if turned else []


def _counts_as(seen: View) -> tuple[State, Reason | None, bool]:
    return seen.state, seen.reason, seen.by > -inf


class Counts(NamedTuple):
    """The counts of a snapshot, by the names that they have there."""

    states: Mapping[tuple[str, State], int]
    reasons: Mapping[tuple[str, Reason], int]
    faults: Mapping[Reason, int]
    unjudged: int


def _count(
    inventory: Inventory,
    views: Mapping[str, View],
    turned: Collection[str],
    gone: Collection[str],
    before: Snapshot | None,
) -> Counts:
    """Count again what was counted ``before``, but for cameras that turned or are gone."""
    states: Counter[tuple[str, State]] = Counter(before.states if before else ())
    reasons: Counter[tuple[str, Reason]] = Counter(before.reasons if before else ())
    faults: Counter[Reason] = Counter(before.faults if before else ())
    unjudged = before.unjudged if before else 0
    counted = [(inventory.cameras[id_].zone, views[id_], 1) for id_ in turned]
    if before is not None:
        old = before.inventory.cameras
        counted += [(old[id_].zone, before.views[id_], -1) for id_ in chain(turned, gone) if id_ in before.views]
    for zone, seen, count in counted:
        states[zone, seen.state] += count
        if seen.state.working is False and seen.reason is not None:
            reasons[zone, seen.reason] += count
        if seen.state is State.DEGRADED and seen.reason is not None:
            faults[seen.reason] += count
        unjudged += count * _is_unjudged(seen)
    every = {(zone, state): states[zone, state] for zone in inventory.zones for state in State}
    return Counts(every, +reasons, +faults, unjudged)


def _is_unjudged(seen: View) -> bool:
    """Say whether a camera never had a state, and only we know why not, if anybody."""
    never = seen.state is State.UNKNOWN and seen.by == -inf
    return never and (seen.reason is None or REASONS[seen.reason].ours)
