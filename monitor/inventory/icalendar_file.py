"""An iCalendar file (RFC 5545) to entries of the calendar: other people's maintenance, of which we know who it is for.

The file is hostile until read: it is bounded, events are cut out of it one by one before any is parsed, and its own
time zones are never computed (their rules may run for ever); a zone is known by its name, or the event is left out.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from monitor.core.calendar import (
    FIRST_YEAR,
    LAST_YEAR,
    LONGEST_RECURRING,
    Entry,
    Kind,
    Selector,
    first_occurrence,
)
from monitor.core.recurrence import RuleError, parse
from monitor.inventory.mistake import shown
from monitor.inventory.schema import UNSAFE

BYTES_MAX = 4 * 2**20
EVENTS_MAX = 1_000
EVENT_BYTES_MAX = 64 * 2**10
REASON_MAX = 200
EXDATES_MAX = 1_000
#: Properties that an event has once at the most (RFC 5545 §3.6.1); of STATUS one that cancels is heard.
ONCE = ("UID", "SUMMARY", "DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "RRULE")
_FOLD = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(r"\r\n|\r|\n")
_UNSAFE = re.compile(f"[{UNSAFE}]+")


class NoCalendar(Exception):
    """The file is no iCalendar, or too much of one; a sentence."""


class Approval(NamedTuple):
    """What the file does not say of its events: what they are to us, for whom, and who allowed them when."""

    kind: Kind
    selectors: tuple[Selector, ...]
    approver: str
    at: float
    time_zone: str = ""
    """Of events that name none."""


@dataclass(slots=True)
class Imported:
    """What was in a file, by entry ids that stay the same for the same event."""

    entries: dict[str, Entry] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    left_out: list[str] = field(default_factory=list)
    """Events that could not be taken, a sentence each."""


class _LeftOut(Exception):
    """Why an event cannot be taken."""


class _Event(NamedTuple):
    """An event as the library reads it, and what it replaces: one time of a series."""

    component: Any
    uid: str
    instead_of: datetime | date | None
    """As it is written: perhaps in another time zone than the series, which alone says which day that is."""
    entry: Entry | None
    """None where it is cancelled."""


def read_icalendar(data: bytes, approval: Approval) -> Imported:
    """Return the events of a file. Raises NoCalendar."""
    if len(data) > BYTES_MAX:
        raise NoCalendar(f"more than {BYTES_MAX // 2**20} MB")
    text = _FOLD.sub("", data.decode("utf-8-sig", "replace"))
    approval = approval._replace(time_zone=approval.time_zone or _named_zone(text))
    imported = Imported()
    events = []
    for number, lines in enumerate(_events(text)):
        if number == EVENTS_MAX:
            raise NoCalendar(f"more than {EVENTS_MAX:,} events")
        try:
            events.append(_event(lines, approval))
        except (TypeError, ValueError, OverflowError, AttributeError):  # a period, a time of day, two where one is due
            imported.left_out.append(f"event {number + 1} ({_name(lines)}): it cannot be read")
        except _LeftOut as why:
            imported.left_out.append(f"event {number + 1} ({_name(lines)}): {why}")
    for event in sorted(events, key=lambda one: one.instead_of is not None):
        _take(event, imported)
    return imported


def entry_id(uid: str, instead_of: date | None = None) -> str:
    """Return the id of an event's entry: the same each time it is imported, by the day as it is written."""
    text = uid if instead_of is None else f"{uid}/{instead_of:%Y-%m-%d}"
    return f"ics-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _take(event: _Event, imported: Imported) -> None:
    """Take an event; one that stands in for a time of a series takes that time out of it."""
    id_ = entry_id(event.uid, event.instead_of)
    series = imported.entries.get(entry_id(event.uid)) if event.instead_of is not None else None
    if series is not None and event.instead_of is not None:
        day = _local(event.instead_of, ZoneInfo(series.time_zone)).date()
        skipped = tuple(sorted({*series.skipped, day}))
        imported.entries[series.id] = replace(series, skipped=skipped)
    if event.entry is None:
        imported.cancelled.add(id_)
    else:
        imported.entries[id_] = event.entry


def _events(text: str) -> Iterator[list[str]]:
    """Yield the lines of each event, without what is nested in it (alarms)."""
    open_: list[str] = []
    lines: list[str] = []
    begun = False
    for line in _LINE.split(text):
        word, _, name = line.strip().upper().partition(":")
        if word == "BEGIN":
            begun = begun or name == "VCALENDAR"
            if len(open_) > 10:
                raise NoCalendar("nested deeper than iCalendar goes")
            open_.append(name)
            lines = [] if name == "VEVENT" else lines
        elif word == "END":
            if not open_ or open_.pop() != name:
                raise NoCalendar("no iCalendar: what begins in it does not end")
            if name == "VEVENT" and open_ == ["VCALENDAR"]:
                yield lines
        elif open_ == ["VCALENDAR", "VEVENT"]:
            lines.append(line)
    if not begun or open_:
        raise NoCalendar("no iCalendar: it does not begin and end with VCALENDAR")


def _named_zone(text: str) -> str:
    """Return the zone that many programs write once for the whole file."""
    found = re.search(r"^X-WR-TIMEZONE[^:\n]{0,80}:([A-Za-z0-9_+/-]{1,60})\s*$", text, re.MULTILINE | re.IGNORECASE)
    return found[1] if found else ""


def _name(lines: list[str]) -> str:
    summary = next((line for line in lines if line.upper().startswith(("SUMMARY:", "SUMMARY;"))), "")
    return shown(summary.partition(":")[2]) or "without a name"


def _event(lines: list[str], approval: Approval) -> _Event:
    component = _component(lines)
    uid = str(component.get("UID") or "").strip()
    if not uid:
        raise _LeftOut("it has no UID, by which it would be known again")
    for name in ONCE:
        if isinstance(component.get(name), list):
            raise _LeftOut(f"it has several {name}")
    if "DTEND" in component and "DURATION" in component:
        raise _LeftOut("it has both DTEND and DURATION")
    for name in ("RDATE", "EXRULE"):
        if name in component:
            raise _LeftOut(f"{name} is not supported")
    instead_of = None
    if "RECURRENCE-ID" in component:
        if "RANGE" in component["RECURRENCE-ID"].params:
            raise _LeftOut("RANGE is not supported")
        instead_of = component["RECURRENCE-ID"].dt
        if not isinstance(instead_of, date) or not FIRST_YEAR <= instead_of.year <= LAST_YEAR:
            raise _LeftOut(f"its RECURRENCE-ID is no moment within the years {FIRST_YEAR} to {LAST_YEAR}")
    if "CANCELLED" in (str(status).upper() for status in _all(component, "STATUS")):
        return _Event(component, uid, instead_of, None)
    start, zone = _moment(component, "DTSTART", approval.time_zone)
    entry = _entry(component, _rules(lines), entry_id(uid, instead_of), start, zone, approval)
    return _Event(component, uid, instead_of, entry)


def _component(lines: list[str]) -> Any:
    from icalendar import Event  # here: nobody else waits for its import

    text = "\r\n".join(("BEGIN:VEVENT", *lines, "END:VEVENT", ""))
    if len(text) > EVENT_BYTES_MAX:
        raise _LeftOut(f"more than {EVENT_BYTES_MAX // 2**10} KB")
    try:
        component = Event.from_ical(text)
    except (ValueError, KeyError, TypeError, IndexError, OverflowError, AttributeError, OSError) as error:
        raise _LeftOut("it cannot be read as iCalendar") from error
    wrong = [str(name) for name, _ in getattr(component, "errors", ()) if name]
    if wrong:
        raise _LeftOut(f"its {shown(wrong[0])} cannot be read")
    return component


def _rules(lines: list[str]) -> list[str]:
    """Return the event's rules as they are written: of a part that is written twice the library keeps the last."""
    named = (line.partition(":") for line in lines)
    return [value.strip() for name, _, value in named if name.partition(";")[0].strip().upper() == "RRULE"]


def _entry(component: Any, rules: list[str], id_: str, start: datetime, zone: ZoneInfo, approval: Approval) -> Entry:
    entry = Entry(
        id_,
        approval.kind,
        approval.selectors,
        zone.key,
        start,
        _end(component, start, zone),
        approval.approver,
        datetime.fromtimestamp(approval.at, zone).replace(tzinfo=None, second=0, microsecond=0),
        _UNSAFE.sub(" ", str(component.get("SUMMARY") or "")).strip()[:REASON_MAX] or "imported",
    )
    entry = replace(entry, skipped=_skipped(component, zone))
    if rules:
        try:
            rule = parse(rules[0], start.date(), zone)
        except RuleError as error:
            raise _LeftOut(f"its RRULE: {error}") from None
        entry = replace(entry, rule=rule)
    _check(entry)
    return entry


def _check(entry: Entry) -> None:
    years = (entry.start.year, entry.end.year)
    if min(years) < FIRST_YEAR or max(years) > LAST_YEAR:
        raise _LeftOut(f"it is not within the years {FIRST_YEAR} to {LAST_YEAR}")
    if entry.end <= entry.start:
        raise _LeftOut("it lasts no time")
    if entry.rule is not None and entry.end - entry.start > LONGEST_RECURRING:
        raise _LeftOut(f"what recurs lasts {LONGEST_RECURRING.days} days at most")
    if first_occurrence(entry) is None:
        raise _LeftOut("it never takes place")


def _all(component: Any, name: str) -> list[object]:
    """Return all values of a property that may stand once, and was perhaps written several times."""
    value = component.get(name, [])
    return value if isinstance(value, list) else [value]


def _moment(component: Any, name: str, default_zone: str) -> tuple[datetime, ZoneInfo]:
    """Return a moment in the local time of its own zone; a day begins at midnight."""
    value = component.get(name)
    if value is None or isinstance(value, list):
        raise _LeftOut(f"it has no {name}" if value is None else f"it has several {name}")
    moment = value.dt
    zone = getattr(moment, "tzinfo", None)
    if isinstance(zone, ZoneInfo):
        return moment.replace(tzinfo=None, microsecond=0), zone
    if zone is not None:  # the Z of UTC
        return moment.astimezone(UTC).replace(tzinfo=None, microsecond=0), ZoneInfo("UTC")
    key = str(value.params.get("TZID", "")) or default_zone
    try:
        if not key:
            raise _LeftOut("it names no time zone; say which: --time-zone")
        local = ZoneInfo(key)
    except (KeyError, ValueError, OSError):
        raise _LeftOut(f"no time zone {shown(key)} is known") from None
    return _local(moment, local), local


def _local(moment: datetime | date, zone: ZoneInfo) -> datetime:
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time())
    return (moment if moment.tzinfo is None else moment.astimezone(zone)).replace(tzinfo=None, microsecond=0)


def _end(component: Any, start: datetime, zone: ZoneInfo) -> datetime:
    """RFC 5545 §3.6.1: without an end, a day lasts a day and a moment no time."""
    try:
        if "DTEND" in component:
            return _local(component["DTEND"].dt, zone)
        if "DURATION" in component:
            length: timedelta = component["DURATION"].dt
            return start + length
    except (AttributeError, TypeError, OverflowError):
        raise _LeftOut("its end cannot be read") from None
    is_day = not isinstance(component["DTSTART"].dt, datetime)
    return start + timedelta(days=1 if is_day else 0)


def _skipped(component: Any, zone: ZoneInfo) -> tuple[date, ...]:
    given = component.get("EXDATE", [])
    dates = [one.dt for group in (given if isinstance(given, list) else [given]) for one in group.dts]
    if len(dates) > EXDATES_MAX:
        raise _LeftOut(f"it leaves out more than {EXDATES_MAX:,} days")
    return tuple(sorted({_local(one, zone).date() for one in dates}))
