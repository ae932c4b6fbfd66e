"""What is planned, as Alertmanager's time intervals: by local days, each with the hours that are covered of it.

Only entries for a zone or a contract mute anything there: what they cover of sites and feeders are causes, which do
not alert at all while they are planned.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from monitor.core.calendar import Calendar, Entry, Interval, spans

#: The selectors that stand among the labels of alerts that are about no cause.
LABELS = ("zone", "contract")


def time_intervals(calendar: Calendar, since: float, until: float) -> dict[str, Any]:
    """Return the intervals within [since, until) of entries for zones and contracts, and what they mute."""
    intervals, mutes = [], []
    for entry in calendar.entries.values():
        muted = [{one.by: one.name} for one in entry.selectors if one.by in LABELS]
        days = [day for span in spans(entry, since, until) for day in _days(entry, span)]
        if muted and days:
            name = f"planned {entry.id}"
            intervals.append({"name": name, "time_intervals": days})
            mutes += [{"interval": name, **one} for one in muted]
    return {"time_intervals": intervals, "mutes": mutes}


def _days(entry: Entry, span: Interval) -> Iterator[dict[str, Any]]:
    """Yield the days of an occurrence, in the entry's time zone."""
    zone = ZoneInfo(entry.time_zone)
    start, end = (datetime.fromtimestamp(at, UTC).astimezone(zone).replace(tzinfo=None) for at in span)
    while start < end:
        midnight = datetime.combine(start.date() + timedelta(days=1), time())
        until = "24:00" if midnight <= end else f"{end:%H:%M}"
        yield {
            "years": [str(start.year)],
            "months": [str(start.month)],
            "days_of_month": [str(start.day)],
            "times": [{"start_time": f"{start:%H:%M}", "end_time": until}],
            "location": entry.time_zone,
        }
        start = midnight
