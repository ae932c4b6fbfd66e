"""What is planned at a moment, and for which cameras. Pure.

Rules:
1. A moment's answer holds until the next occurrence begins or ends; until then it is the same object.
2. The work of a change is proportional to the entries and to the cameras that are covered, never to the fleet.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import inf
from typing import NamedTuple

from monitor.core.calendar import Calendar, Entry, Selector, covering, members, selectors_of, spans
from monitor.core.model import Inventory
from monitor.core.times import Clock

#: For so long the occurrences are drawn up at once.
HORIZON_S = 86400.0


class Active(NamedTuple):
    """An occurrence: its entry holds within [start, end), in seconds since the epoch."""

    entry: Entry
    start: float
    end: float


class Work(NamedTuple):
    """An occurrence of what is planned, and for how many of the cameras that are spoken of it is."""

    active: Active
    cameras: int


@dataclass(frozen=True, slots=True)
class Planned:
    """What holds within [since, until)."""

    active: tuple[Active, ...] = ()
    """In the order of their ends, the longest first."""
    cameras: Mapping[str, tuple[Active, ...]] = field(default_factory=dict)
    """Each covered camera with what holds for it."""
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The cameras that each entry of the calendar is for."""
    since: float = inf
    until: float = inf

    def of(self, camera: str) -> tuple[Active, ...]:
        return self.cameras.get(camera, ())


NOTHING_PLANNED = Planned()


@dataclass(frozen=True, slots=True)
class Timetable:
    """The occurrences of a calendar within [since, until), for the cameras of an inventory."""

    calendar: Calendar = field(default_factory=Calendar)
    inventory: Inventory | None = None
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    occurrences: tuple[Active, ...] = ()
    since: float = inf
    until: float = inf
    planned: Planned = NOTHING_PLANNED

    def at(self, calendar: Calendar, inventory: Inventory, at: float) -> Timetable:
        """Return the timetable whose ``planned`` is right at a moment; this one, as long as it is."""
        table = self
        if calendar is not table.calendar or inventory is not table.inventory:
            table = Timetable(calendar, inventory, members(calendar, inventory))
        if not table.is_drawn(calendar, inventory, at):
            table = replace(table, occurrences=_drawn(calendar, at), since=at, until=at + HORIZON_S)
            table = replace(table, planned=table._planned(at))
        if not table.planned.since <= at < table.planned.until:
            table = replace(table, planned=table._planned(at))
        return table

    def is_drawn(self, calendar: Calendar, inventory: Inventory, at: float) -> bool:
        """Say whether ``at`` has little to do, for the occurrences of that moment are drawn up."""
        return calendar is self.calendar and inventory is self.inventory and self.since <= at < self.until

    def _planned(self, at: float) -> Planned:
        active = tuple(one for one in self.occurrences if one.start <= at < one.end)
        turns = [moment for one in self.occurrences for moment in (one.start, one.end) if moment > at]
        cameras: defaultdict[str, list[Active]] = defaultdict(list)
        for one in active:
            for camera in self.members[one.entry.id]:
                cameras[camera].append(one)
        covered = {camera: tuple(those) for camera, those in cameras.items()}
        return Planned(active, covered, self.members, at, min([self.until, *turns]))


def _drawn(calendar: Calendar, at: float) -> tuple[Active, ...]:
    drawn = (Active(entry, *one) for entry in calendar.entries.values() for one in spans(entry, at, at + HORIZON_S))
    return _longest_first(drawn)


def _longest_first(found: Iterable[Active]) -> tuple[Active, ...]:
    return tuple(sorted(found, key=lambda one: (-one.end, one.start, one.entry.id)))


def holding(calendar: Calendar, selectors: Iterable[Selector], at: float) -> tuple[Active, ...]:
    """Return what holds at a moment for whom any of these selectors means, the longest first."""
    held = (Active(entry, *one) for entry in covering(calendar, selectors, at) for one in spans(entry, at, at + 1.0))
    return _longest_first(one for one in held if one.start <= at)


def tally(cameras: Iterable[tuple[Active, ...]]) -> list[Work]:
    """Return all that holds for some cameras, that of the most first."""
    counted = Counter(one for held in cameras for one in held)
    return [Work(active, number) for active, number in counted.most_common()]


def for_cameras(cameras: Iterable[str], calendar: Calendar, inventory: Inventory, at: float) -> list[Work]:
    """Return all that a calendar has for some cameras at a moment; of those that the inventory has not, nothing."""
    if not calendar.entries:
        return []
    known = (inventory.cameras[id_] for id_ in cameras if id_ in inventory.cameras)
    return tally(holding(calendar, selectors_of(inventory, camera), at) for camera in known)


def mark(noun: str, end: float, cameras: int, of: int, clock: Clock) -> str:
    """Return in a few words that something is planned, for the line of a cause that has ``of`` cameras."""
    some = "" if cameras >= of else f" for {cameras:,} of them"
    return f"planned{some}: {noun} until {clock.time(end)}"


def told(active: Active, clock: Clock) -> str:
    """Return what is planned in a sentence, to be put behind "Planned: "."""
    entry = active.entry
    approved = f"Approved by {entry.approver} at {clock.time(entry.approved)}."
    return f"{entry.kind.noun} until {clock.time(active.end)}: {entry.reason.rstrip('.')}. {approved}"
