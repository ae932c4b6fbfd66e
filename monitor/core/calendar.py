"""The calendar: what is planned, for whom, when, and who approved it. An overlay on time; it changes no state.

Rules:
1. Times are local wall times of the entry's time zone. As in RFC 5545 §3.3.5, a time that the clocks skip in spring
   is told by the clock before the change (02:30 is then 03:30); of one that comes twice in autumn the first is meant.
2. An occurrence is half-open, [start, end). Where the clocks leave nothing of it (02:30 to 03:00 on the day on which
   they jump from 02:00 to 03:00), it does not take place.
3. Occurrences of one entry that overlap or touch are one.
4. An entry is for all cameras that any of its selectors means.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from monitor.core.model import Camera, Inventory
from monitor.core.recurrence import Rule

#: An entry that recurs lasts this long at most; once, it may last for years.
LONGEST_RECURRING = timedelta(days=31)
#: Years that an entry may name; a time zone's offset never leads out of what ``datetime`` can hold.
FIRST_YEAR, LAST_YEAR = 2000, 2199
#: An entry that does not take place within so many days of its beginning never does.
MOST_DAYS_TO_FIRST = 3660
_DAY = timedelta(days=1)


class Kind(StrEnum):
    """What is planned."""

    MAINTENANCE = "maintenance"
    LOAD_SHEDDING = "load_shedding"
    NETWORK = "network"
    WORKS = "works"
    OTHER = "other"

    def __str__(self) -> str:
        return self.value

    @property
    def noun(self) -> str:
        """What a person calls it."""
        return _NOUNS[self]


_NOUNS: Mapping[Kind, str] = {
    Kind.MAINTENANCE: "maintenance",
    Kind.LOAD_SHEDDING: "load-shedding",
    Kind.NETWORK: "work on the network",
    Kind.WORKS: "building work",
    Kind.OTHER: "planned event",
}

#: By what cameras can be selected.
SELECTORS = ("camera", "site", "feeder", "zone", "contract")


class Selector(NamedTuple):
    """All cameras of one site, feeder, zone or contract; or one camera."""

    by: str
    name: str

    def __str__(self) -> str:
        return f"{self.by} {self.name}"


class Interval(NamedTuple):
    """[start, end), in seconds since the epoch."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Entry:
    """One planned event. ``start`` and ``end`` are its first occurrence's, or the first that its rule could have."""

    id: str
    kind: Kind
    selectors: tuple[Selector, ...]
    time_zone: str
    start: datetime
    end: datetime
    approver: str
    approved_at: datetime
    """Local, as start and end are."""
    reason: str
    rule: Rule | None = None
    skipped: tuple[date, ...] = ()
    """Local days on which no occurrence starts."""

    @property
    def approved(self) -> float:
        """When it was approved, in seconds since the epoch."""
        return instant(self.approved_at, ZoneInfo(self.time_zone))

    def starts(self, since: date, until: date) -> Iterator[datetime]:
        """Yield the local beginnings of its occurrences on the days from ``since`` to ``until``."""
        first = self.start.date()
        day, until = max(since, first), min(until, date(LAST_YEAR, 12, 31))
        if self.rule is None:
            until = min(until, first)
        while day <= until:
            start = datetime.combine(day, self.start.time())
            if self._takes_place(start):
                yield start
            day += _DAY

    def _takes_place(self, start: datetime) -> bool:
        if self.rule is not None:
            within = self.rule.until is None or start <= self.rule.until
            if not within or not self.rule.falls_on(self.start.date(), start.date()):
                return False
        return start.date() not in self.skipped


@dataclass(frozen=True)
class Calendar:
    """All that is planned, by id."""

    entries: Mapping[str, Entry] = field(default_factory=dict)

    @cached_property
    def by_selector(self) -> Mapping[Selector, tuple[Entry, ...]]:
        found: defaultdict[Selector, list[Entry]] = defaultdict(list)
        for id_ in sorted(self.entries):
            for selector in self.entries[id_].selectors:
                found[selector].append(self.entries[id_])
        return {selector: tuple(entries) for selector, entries in found.items()}


def instant(local: datetime, zone: ZoneInfo) -> float:
    """Return a local time in seconds since the epoch; rule 1 is what PEP 495 does with ``fold`` 0."""
    return local.replace(tzinfo=zone, fold=0).timestamp()


def spans(entry: Entry, since: float, until: float) -> list[Interval]:
    """Return the occurrences that have a part in [since, until), whole, in order; those that touch are one."""
    zone = ZoneInfo(entry.time_zone)
    length = entry.end - entry.start
    # a day more on both sides: a clock's change moves a start or an end by hours
    first = _local_day(since, zone, -(length + _DAY))
    last = _local_day(until, zone, _DAY)
    joined: list[Interval] = []
    for start in entry.starts(first, last):
        one = Interval(instant(start, zone), instant(start + length, zone))
        if max(one.start, since) >= min(one.end, until):
            continue
        if joined and one.start <= joined[-1].end:
            joined[-1] = Interval(joined[-1].start, max(joined[-1].end, one.end))
        else:
            joined.append(one)
    return joined


def _local_day(at: float, zone: ZoneInfo, shift: timedelta) -> date:
    """Return the local day of a moment, shifted; moments beyond all calendars are the first and the last day."""
    try:
        return (datetime.fromtimestamp(at, UTC).astimezone(zone) + shift).date()
    except (OverflowError, ValueError, OSError):
        return date.min if at < 0 else date.max


def occurrences(entry: Entry, since: float, until: float) -> list[Interval]:
    """Return when an entry holds within [since, until): disjoint, in order, cut to it."""
    return [Interval(max(one.start, since), min(one.end, until)) for one in spans(entry, since, until)]


def first_occurrence(entry: Entry) -> Interval | None:
    """Return the first occurrence; None where there is none within ten years."""
    zone = ZoneInfo(entry.time_zone)
    first = entry.start.date()
    for start in entry.starts(first, first + MOST_DAYS_TO_FIRST * _DAY):
        one = Interval(instant(start, zone), instant(start + (entry.end - entry.start), zone))
        if one.start < one.end:
            return one
    return None


def selectors_of(inventory: Inventory, camera: Camera) -> list[Selector]:
    """Return everything by which a camera can be selected."""
    site = inventory.sites.get(camera.site)
    names = (camera.id, camera.site, site.feeder if site else "", camera.zone, camera.contract)
    return [Selector(by, name) for by, name in zip(SELECTORS, names, strict=True) if name]


def covering(calendar: Calendar, selectors: Iterable[Selector], at: float) -> list[Entry]:
    """Return the entries that hold at a moment for whom any of these selectors means, by id."""
    held = {
        entry.id: entry
        for selector in selectors
        for entry in calendar.by_selector.get(selector, ())
        if holds(entry, at)
    }
    return [held[id_] for id_ in sorted(held)]


def holds(entry: Entry, at: float) -> bool:
    """Say whether an entry holds at a moment."""
    return any(one.start <= at < one.end for one in spans(entry, at, at + 1.0))


def members(calendar: Calendar, inventory: Inventory) -> dict[str, tuple[str, ...]]:
    """Return the cameras that each entry is for, by the entry's id: one pass over the inventory."""
    found: dict[str, dict[str, None]] = {id_: {} for id_ in calendar.entries}
    wanted = calendar.by_selector
    if wanted:
        for camera in inventory.cameras.values():
            for selector in selectors_of(inventory, camera):
                for entry in wanted.get(selector, ()):
                    found[entry.id][camera.id] = None
    return {id_: tuple(cameras) for id_, cameras in found.items()}
