"""calendar.yaml to the calendar: strictly, and every name looked up in the inventory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from monitor.core.calendar import (
    FIRST_YEAR,
    LONGEST_RECURRING,
    SELECTORS,
    Calendar,
    Kind,
    Selector,
    first_occurrence,
)
from monitor.core.calendar import Entry as Planned
from monitor.core.model import Inventory
from monitor.core.recurrence import Frequency, Rule, RuleError, Weekday, parse
from monitor.inventory import companion
from monitor.inventory.calendar_schema import CalendarDefaults, PlannedEntry
from monitor.inventory.entries import Entry
from monitor.inventory.files import CALENDAR
from monitor.inventory.findings import Findings
from monitor.inventory.mistake import shown

PLANNED = "planned"
KIND = companion.Kind(CALENDAR, "a calendar", PLANNED, CalendarDefaults, PlannedEntry, 10_000)
#: The two ways to say when, and what belongs to each.
ONCE = ("start", "end", "rrule")
WEEKLY = ("every", "from", "to", "since", "until")
#: Mistakes in these keys say nothing of for whom an entry is, and when.
_BESIDE = frozenset({"id", "kind", "time_zone", "approver", "reason"})
#: What is taken for them, so that the rest of an entry can be checked.
_STAND_INS = {"id": "x", "kind": str(Kind.OTHER), "approver": "x", "reason": "x", "approved_at": f"{FIRST_YEAR}-01-01"}
_END_OF_DAY = time(23, 59, 59)


def beside(inventory: Path) -> Path:
    """Return where the calendar of an inventory stands unless it is named: in the same folder."""
    return KIND.beside(inventory)


def calendar_of(inventory_path: Path, inventory: Inventory, named: Path | None = None) -> Calendar:
    """Read the calendar that is named, or the one beside the inventory, which need not be there."""
    path = named or beside(inventory_path)
    return load_calendar(path, inventory) if named or path.exists() else Calendar()


def load_calendar(path: Path, inventory: Inventory) -> Calendar:
    """Read a calendar for an inventory. Raises ``InventoryError`` with every mistake; nothing else."""
    findings = Findings()
    return _calendar(companion.load(KIND, path, findings), inventory, findings)


def parse_calendar(name: str, data: bytes, inventory: Inventory) -> Calendar:
    """Return the calendar of a file's bytes. Raises ``InventoryError`` with every mistake."""
    findings = Findings()
    return _calendar(companion.parse(KIND, name, data, findings), inventory, findings)


def _calendar(
    written: companion.Written[CalendarDefaults, PlannedEntry] | None, inventory: Inventory, findings: Findings
) -> Calendar:
    planned: dict[str, Planned | None] = {}
    if written is not None:
        known = selectable(inventory)
        # where defaults: is wrong itself, that no entry has a time zone is no mistake of the entries
        unsaid = "UTC" if written.has_defaults else ""
        zone = (written.defaults.time_zone or "") if written.defaults else unsaid
        planned = {one.written.id: _planned(one, zone, known, findings) for one in written.entries}
        for left in written.maimed:
            _check_left(left, zone, known, findings)
    findings.done()
    return Calendar({id_: entry for id_, entry in planned.items() if entry is not None})


def selectable(inventory: Inventory) -> Mapping[str, Mapping[str, object]]:
    """Return the names by which cameras can be selected."""
    return {
        "camera": inventory.cameras,
        "site": inventory.sites,
        "feeder": dict.fromkeys(site.feeder for site in inventory.sites.values() if site.feeder),
        "zone": inventory.zones,
        "contract": dict.fromkeys(camera.contract for camera in inventory.cameras.values() if camera.contract),
    }


class _Times(NamedTuple):
    """When an entry holds, in local time."""

    start: datetime
    end: datetime
    rule: Rule | None = None


class _Flaw(NamedTuple):
    """What is wrong with an entry's times, at one of its keys; "" means the entry."""

    key: str
    message: str
    hint: str = ""


class _Wrong(Exception):
    """What is wrong with an entry's times."""

    def __init__(self, *flaws: _Flaw) -> None:
        super().__init__()
        self.flaws = flaws


def _check_left(
    left: Entry[Any], default_zone: str, known: Mapping[str, Mapping[str, object]], findings: Findings
) -> None:
    """Name what else is wrong with an entry whose mistakes in single keys are named already."""
    given = left.document.sections[left.section][left.key] or {}
    try:
        written = TypeAdapter(PlannedEntry).validate_python({**_STAND_INS, **left.written})
    except ValidationError:
        return
    wrong = {*given, "approved_at"} - left.written.keys()
    if left.written.keys() & {"start", "since"}:
        wrong.discard("approved_at")  # when it holds does not begin with its approval
    _planned(Entry(left.document, left.section, left.key, written), default_zone, known, findings, wrong)


def _planned(
    entry: Entry[PlannedEntry],
    default_zone: str,
    known: Mapping[str, Mapping[str, object]],
    findings: Findings,
    wrong: Set[str] = frozenset(),
) -> Planned | None:
    """Return an entry, or None where it has mistakes; the keys that are ``wrong`` are left out of it."""
    written = entry.written
    selectors = tuple(_selectors(entry, known, findings, wrong))
    if not wrong <= {*_BESIDE, *SELECTORS}:
        return None
    zone = written.time_zone or default_zone or ("UTC" if "time_zone" in wrong else "")
    if not zone:
        findings.add(entry.at("time_zone"), "must be given", "here, or for all entries under defaults:")
        return None
    try:
        times = _times(written, ZoneInfo(zone))
        planned = Planned(
            written.id,
            Kind(written.kind),
            selectors,
            zone,
            times.start,
            times.end,
            written.approver,
            _midnight(written.approved_at),
            written.reason,
            times.rule,
            tuple(sorted(set(written.except_ or ()))),
        )
        _check_length(planned)
    except _Wrong as error:
        for flaw in error.flaws:
            findings.add(entry.at(*filter(None, [flaw.key])), flaw.message, flaw.hint)
        return None
    return planned


def _selectors(
    entry: Entry[PlannedEntry], known: Mapping[str, Mapping[str, object]], findings: Findings, wrong: Set[str]
) -> Iterator[Selector]:
    """Yield for whom it is; a name that the inventory does not have is a mistake."""
    given = {by: names for by in SELECTORS if (names := getattr(entry.written, by))}
    if not given and wrong <= _BESIDE:
        findings.add(entry.at(), "says for no camera", f"write one of {', '.join(SELECTORS)}")
    for by, names in given.items():
        for name in dict.fromkeys(names):
            if name not in known[by]:
                hint = findings.guess(name, known[by])
                findings.add(entry.at(by), f"no {by} {shown(name)} is in the inventory", hint)
            yield Selector(by, name)


def _times(written: PlannedEntry, zone: ZoneInfo) -> _Times:
    once, weekly = ([key for key in keys if _given(written, key)] for keys in (ONCE, WEEKLY))
    if not once and not weekly:
        raise _Wrong(_Flaw("", "says no time", 'write start: and end:, or every: day, from: "18:00", to: "20:00"'))
    if once and weekly:
        hint = "write start, end and rrule, or every, from and to"
        raise _Wrong(_Flaw(weekly[0], f"{weekly[0]} does not go with {once[0]}", hint))
    beside = f"must be given beside {(once or weekly)[0]}"
    missing = [_Flaw(key, beside) for key in (ONCE[:2] if once else WEEKLY[:3]) if not _given(written, key)]
    if missing:
        raise _Wrong(*missing)
    return _once(written, zone) if once else _weekly(written)


def _given(written: PlannedEntry, key: str) -> bool:
    return getattr(written, f"{key}_" if key == "from" else key) is not None


def _once(written: PlannedEntry, zone: ZoneInfo) -> _Times:
    assert written.start is not None
    assert written.end is not None
    flaws = [_Flaw("end", "must be later than start")] if written.end <= written.start else []
    rule = None
    try:
        rule = parse(written.rrule, written.start.date(), zone) if written.rrule else None
    except RuleError as error:
        flaws.append(_Flaw("rrule", str(error)))
    if flaws:
        raise _Wrong(*flaws)
    return _Times(written.start, written.end, rule)


def _weekly(written: PlannedEntry) -> _Times:
    """From ``since`` on, or once it was approved: nothing begins earlier by default than somebody had allowed it."""
    assert written.from_ is not None
    assert written.to is not None
    if written.from_ == written.to or written.from_ == "24:00":
        raise _Wrong(_Flaw("to", "must be another time than from", 'a whole day is from: "00:00", to: "24:00"'))
    since = _midnight(written.since or written.approved_at)
    start = datetime.combine(since, time.fromisoformat(written.from_))
    if start < since:
        start += timedelta(days=1)
    end = datetime.combine(start, time.fromisoformat(written.to.replace("24:", "00:")))
    if end <= start:
        end += timedelta(days=1)
    until = written.until
    if until is not None and not isinstance(until, datetime):
        until = datetime.combine(until, _END_OF_DAY)
    if not written.every:
        return _Times(start, end, Rule(Frequency.DAILY, until=until))
    weekdays = tuple(Weekday(day) for day in written.every)
    return _Times(start, end, Rule(Frequency.WEEKLY, weekdays=weekdays, until=until))


def _midnight(moment: datetime | date) -> datetime:
    return moment if isinstance(moment, datetime) else datetime.combine(moment, time())


def _check_length(planned: Planned) -> None:
    if planned.rule is not None and planned.end - planned.start > LONGEST_RECURRING:
        raise _Wrong(_Flaw("end", f"what recurs lasts {LONGEST_RECURRING.days} days at most"))
    if first_occurrence(planned) is None:
        raise _Wrong(_Flaw("", "never takes place", "look at its days, its end, and what it leaves out"))
