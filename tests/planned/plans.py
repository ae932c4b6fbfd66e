"""Entries of a calendar for tests, and any of them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from monitor.core.calendar import Calendar, Entry, Kind, Selector
from monitor.core.recurrence import parse

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ("UTC", "Europe/Berlin", "Asia/Karachi", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia")


def entry(id_: str = "e", start: str = "2026-12-01 18:00", end: str = "2026-12-01 20:00", **other: Any) -> Entry:
    """Return an entry for feeder F-1; ``rrule`` is a rule in the words of the RFC."""
    values: dict[str, Any] = {
        "kind": Kind.LOAD_SHEDDING,
        "selectors": (Selector("feeder", "F-1"),),
        "time_zone": "Europe/Berlin",
        "approver": "Network control",
        "approved_at": datetime(2026, 11, 1, 9, 0),
        "reason": "evening peak",
    }
    begin = datetime.fromisoformat(start)
    if rrule := other.pop("rrule", ""):
        values["rule"] = parse(rrule, begin.date(), ZoneInfo(other.get("time_zone", "Europe/Berlin")))
    return Entry(id=id_, start=begin, end=datetime.fromisoformat(end), **values | other)


def calendar(*entries: Entry) -> Calendar:
    return Calendar({one.id: one for one in entries})


def at(text: str, zone: ZoneInfo = BERLIN) -> float:
    """Return a local time in seconds since the epoch; an offset in the text goes before the zone."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()


RULES = (
    "",
    "FREQ=DAILY",
    "FREQ=DAILY;INTERVAL=3",
    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    "FREQ=MONTHLY;BYDAY=-1SU",
    "FREQ=MONTHLY;BYMONTHDAY=31",
    "FREQ=YEARLY",
    "FREQ=DAILY;UNTIL=20261120",
)


@st.composite
def entries(draw: st.DrawFn, id_: str = "e") -> Entry:
    """Draw an entry whose occurrences may cross midnight, changes of clocks, and each other."""
    start = draw(st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31))).replace(microsecond=0)
    length = timedelta(minutes=draw(st.integers(1, 3 * 1440)))
    drawn = entry(
        id_,
        rrule=draw(st.sampled_from(RULES)),
        time_zone=draw(st.sampled_from(ZONES)),
        start=str(start),
        end=str(start + length),
        kind=draw(st.sampled_from(Kind)),
    )
    skipped = draw(st.sets(st.dates(date(2026, 1, 1), date(2027, 6, 1)), max_size=3))
    return Entry(**{name: getattr(drawn, name) for name in drawn.__slots__} | {"skipped": tuple(sorted(skipped))})
