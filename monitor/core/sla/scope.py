"""Which time of a period counts for a camera: when its contract listed it, and when that counts at all. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from monitor.core.calendar import SELECTORS, Selector, instant
from monitor.core.sla.contract import Contract, Hours, Period
from monitor.core.sla.facts import Row
from monitor.core.sla.spans import ALWAYS, Span, Spans, both, ms, spans

_DAY = timedelta(days=1)


def selectors_of(camera: str, listed: Mapping[str, Any]) -> frozenset[Selector]:
    """Return everything by which a camera can be selected, by its row."""
    named = [(by, camera if by == "camera" else listed.get(by, "")) for by in SELECTORS]
    return frozenset([Selector(by, name) for by, name in named if name])


def meant(camera: str, rows: Iterable[Row], selectors: Iterable[Selector]) -> Spans:
    """Return when a camera's rows are meant by any of these selectors; no selector means every camera."""
    wanted = frozenset(selectors)
    listed = (row for row in rows if row.listed)
    return spans(row.span for row in listed if not wanted or wanted & selectors_of(camera, row.listed))


def counted(contract: Contract, within: Span) -> Spans:
    """Return when a contract counts within a time: its hours, in its own time zone."""
    return hours_of(contract.hours, ZoneInfo(contract.time_zone), within) if contract.hours else spans([within])


def hours_of(several: Iterable[Hours], zone: ZoneInfo, within: Span) -> Spans:
    """Return these hours of the week within a time."""
    first = datetime.fromtimestamp(within.start / 1000, UTC).astimezone(zone).date() - _DAY
    last = datetime.fromtimestamp(within.end / 1000, UTC).astimezone(zone).date() + _DAY
    found = [
        (_at(day, hours.start, zone), _at(day, hours.end, zone))
        for day in _days(first, last)
        for hours in several
        if day.weekday() in hours.days
    ]
    return both(spans(found), (within,))


def days_of(several: Iterable[date], zone: ZoneInfo) -> Spans:
    """Return whole days, from midnight to midnight."""
    return spans((_at(day, 0, zone), _at(day + _DAY, 0, zone)) for day in several)


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += _DAY


def _at(day: date, minutes: int, zone: ZoneInfo) -> int:
    """Return a moment of a day's wall clock; 24:00 is the next day's beginning."""
    return ms(instant(datetime.combine(day, time()) + timedelta(minutes=minutes), zone))


def in_service(listed: Mapping[str, Any], zone: ZoneInfo) -> Spans:
    """Return when a camera is in service by the dates of its row: commissioned, and not yet retired."""
    start, end = ALWAYS[0]
    if listed.get("commissioned"):
        start = _at(date.fromisoformat(listed["commissioned"]), 0, zone)
    if listed.get("retired"):
        end = _at(date.fromisoformat(listed["retired"]), 0, zone)
    return spans([(start, end)])


class PeriodError(ValueError):
    """What was asked for is no period."""


def period(text: str, time_zone: str) -> Span:
    """Return a settlement's time, [start, end): 2026, 2026-10, 2026-Q4, 2026-W43, a day, or two days with a slash.

    Of two days the second is the last one that counts. Raises PeriodError.
    """
    zone = ZoneInfo(time_zone)
    try:
        first, following = _bounds(text)
        return Span(_at(first, 0, zone), _at(following, 0, zone))
    except (ValueError, OverflowError, OSError) as error:
        example = "2026, 2026-10, 2026-Q4, 2026-W43, 2026-10-05 or 2026-10-05/2026-10-11"
        raise PeriodError(f"{text!r} is no period: write it like {example}") from error


def kind_of(text: str) -> Period | None:
    """Return which kind of period a text names; None for several days at once."""
    if "/" in text:
        return None
    part = text.partition("-")[2]
    if part[:1] in ("Q", "W"):
        return Period.QUARTER if part[0] == "Q" else Period.WEEK
    return (Period.YEAR, Period.MONTH, Period.DAY)[text.count("-")]


def _bounds(text: str) -> tuple[date, date]:
    if "/" in text:
        first, last = (date.fromisoformat(part) for part in text.split("/"))
        if last < first:
            raise ValueError(text)
        return first, last + _DAY
    year, _, part = text.partition("-")
    number = int(year)
    if not part:
        return date(number, 1, 1), date(number + 1, 1, 1)
    if part.startswith("Q"):
        quarter = int(part[1:])
        if not 1 <= quarter <= 4:
            raise ValueError(text)
        return date(number, 3 * quarter - 2, 1), _month(number, 3 * quarter + 1)
    if part.startswith("W"):
        monday = date.fromisocalendar(number, int(part[1:]), 1)
        return monday, monday + 7 * _DAY
    if "-" in part:
        return date.fromisoformat(text), date.fromisoformat(text) + _DAY
    return date(number, int(part), 1), _month(number, int(part) + 1)


def _month(year: int, month: int) -> date:
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)
