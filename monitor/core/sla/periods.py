"""Which period a moment lies in, by its name, and which ones ended before. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from monitor.core.sla.contract import Period
from monitor.core.sla.scope import period


def named(kind: Period, time_zone: str, moment: int) -> str:
    """Return the period of a kind that a moment (milliseconds since the epoch) lies in, as ``scope.period`` has it."""
    day = datetime.fromtimestamp(moment / 1000, UTC).astimezone(ZoneInfo(time_zone)).date()
    match kind:
        case Period.DAY:
            return day.isoformat()
        case Period.WEEK:
            year, week, _ = day.isocalendar()
            return f"{year:04d}-W{week:02d}"
        case Period.MONTH:
            return f"{day.year:04d}-{day.month:02d}"
        case Period.QUARTER:
            return f"{day.year:04d}-Q{(day.month + 2) // 3}"
        case Period.YEAR:
            return f"{day.year:04d}"


def ended(kind: Period, time_zone: str, moment: int) -> Iterator[str]:
    """Yield the periods of a kind that are over at a moment, the newest first, without end."""
    name = named(kind, time_zone, moment)
    while True:
        name = named(kind, time_zone, period(name, time_zone).start - 1)
        yield name
