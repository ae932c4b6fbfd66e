"""On which days something comes again: an RRULE (RFC 5545 §3.3.10) as far as it speaks of whole days.

Rules:
1. The question is "does it fall on this day?", never "what comes next?". So an answer costs as much as there are days
   asked about, however long ago the rule began and however seldom it matches: 30 February costs nothing.
2. A day that a month lacks is left out, as the RFC says: no 31 April, 29 February in leap years only.
3. Days and times are local; time zones are the calendar's.
"""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Any, NamedTuple

MOST_INTERVAL = 1000
#: A number of times is counted out day by day, for ten years at most.
MOST_COUNTED_DAYS = 3660
#: So many days, months or weekdays a list of a rule may name.
MOST_LISTED = 100
#: A year has 53 Mondays at most, a month five.
MOST_OF_A_YEAR, MOST_OF_A_MONTH = 53, 5
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BYDAY = re.compile(r"([+-]?[1-9][0-9]?)?(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL = re.compile(r"([0-9]{8})(?:T([0-9]{6})(Z)?)?")


class RuleError(ValueError):
    """A rule that cannot be followed, in a sentence."""


class Frequency(StrEnum):
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


class Weekday(NamedTuple):
    """A day of the week, 0 for Monday; with ``nth`` only that one of its month or year, from its end if negative."""

    day: int
    nth: int = 0

    def __str__(self) -> str:
        return f"{self.nth or ''}{DAYS[self.day]}"


@dataclass(frozen=True, slots=True)
class Rule:
    """Every ``interval`` days, weeks, months or years, on the days that all the lists allow that are not empty."""

    frequency: Frequency
    interval: int = 1
    months: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    """1 to 31, or -1 to -31 from the month's end."""
    weekdays: tuple[Weekday, ...] = ()
    week_start: int = 0
    until: datetime | None = None
    """The last local moment at which it may begin."""

    def falls_on(self, first: date, day: date) -> bool:
        """Say whether a day is one of a rule that begins on the day ``first``."""
        if day < first or _PASSED[self.frequency](self, first, day) % self.interval:
            return False
        if self.months and day.month not in self.months:
            return False
        if not self.month_days and not self.weekdays:
            return self._like(first, day)
        return self._is_month_day(day) and self._is_weekday(day)

    def _like(self, first: date, day: date) -> bool:
        """What no list says is as on the first day."""
        if self.frequency is Frequency.WEEKLY:
            return day.weekday() == first.weekday()
        if self.frequency is Frequency.DAILY:
            return True
        same_month = self.frequency is Frequency.MONTHLY or bool(self.months) or day.month == first.month
        return same_month and day.day == first.day

    def _is_month_day(self, day: date) -> bool:
        from_end = day.day - 1 - monthrange(day.year, day.month)[1]
        return not self.month_days or day.day in self.month_days or from_end in self.month_days

    def _is_weekday(self, day: date) -> bool:
        if not self.weekdays:
            return True
        if self._counts_in_year:
            number, length = day.timetuple().tm_yday, 365 + isleap(day.year)
        else:
            number, length = day.day, monthrange(day.year, day.month)[1]
        nths = (0, (number - 1) // 7 + 1, -((length - number) // 7 + 1))
        return not {Weekday(day.weekday(), nth) for nth in nths}.isdisjoint(self.weekdays)

    @property
    def _counts_in_year(self) -> bool:
        """Whether the number of a weekday is counted in its year; else in its month (RFC 5545 §3.3.10, BYDAY)."""
        return self.frequency is Frequency.YEARLY and not self.months

    def __str__(self) -> str:
        parts = {
            "FREQ": self.frequency.value,
            "INTERVAL": str(self.interval) if self.interval > 1 else "",
            "BYMONTH": ",".join(map(str, self.months)),
            "BYMONTHDAY": ",".join(map(str, self.month_days)),
            "BYDAY": ",".join(map(str, self.weekdays)),
            "WKST": DAYS[self.week_start] if self.week_start else "",
            "UNTIL": f"{self.until:%Y%m%dT%H%M%S}" if self.until else "",
        }
        return ";".join(f"{name}={value}" for name, value in parts.items() if value)


def _weeks(rule: Rule, first: date, day: date) -> int:
    def week(of: date) -> int:
        return (of.toordinal() - (of.weekday() - rule.week_start) % 7) // 7

    return week(day) - week(first)


#: How many periods lie between the first day's and another day's.
_PASSED: Mapping[Frequency, Callable[[Rule, date, date], int]] = {
    Frequency.DAILY: lambda rule, first, day: (day - first).days,
    Frequency.WEEKLY: _weeks,
    Frequency.MONTHLY: lambda rule, first, day: (day.year - first.year) * 12 + day.month - first.month,
    Frequency.YEARLY: lambda rule, first, day: day.year - first.year,
}


def parse(text: str, first: date, zone: tzinfo) -> Rule:
    """Return the rule of an RRULE's value, for something that begins on the local day ``first``.

    COUNT becomes the day of the last time. Raises RuleError for what is no rule, and for what is not about days.
    """
    parts = _parts(text)
    count = _number("COUNT", parts.pop("COUNT"), 1, MOST_COUNTED_DAYS) if "COUNT" in parts else 0
    if count and "UNTIL" in parts:
        raise RuleError("COUNT and UNTIL exclude each other")
    fields: dict[str, Any] = {
        field: read(parts.pop(name), zone) for name, (field, read) in _READERS.items() if name in parts
    }
    if parts:
        raise RuleError(f"{next(iter(parts))} is not supported; there are {', '.join((*_READERS, 'COUNT'))}")
    if "frequency" not in fields:
        raise RuleError("it has no FREQ; write FREQ=DAILY, WEEKLY, MONTHLY or YEARLY")
    rule = Rule(**fields)
    _check(rule)
    return replace(rule, until=_last(rule, first, count)) if count else rule


def _parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in text.upper().removeprefix("RRULE:").split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value:
            raise RuleError("it is no rule; write FREQ=WEEKLY;BYDAY=MO,WE and the like")
        if name in parts:
            raise RuleError(f"it has several {name}")
        parts[name] = value
    return parts


def _number(name: str, text: str, least: int, most: int) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,5}", text) or not least <= int(text) <= most or (least < 0 and int(text) == 0):
        raise RuleError(f"{name} is a whole number from {least} to {most}" + (", but not 0" if least < 0 else ""))
    return int(text)


def _numbers(name: str, least: int, most: int) -> Callable[[str, tzinfo], tuple[int, ...]]:
    return lambda text, zone: tuple(sorted({_number(name, one, least, most) for one in _listed(name, text)}))


def _listed(name: str, text: str) -> list[str]:
    listed = text.split(",", MOST_LISTED)
    if len(listed) > MOST_LISTED:
        raise RuleError(f"{name} is a list of {MOST_LISTED} at most")
    return listed


def _frequency(text: str, zone: tzinfo) -> Frequency:
    try:
        return Frequency(text)
    except ValueError:
        raise RuleError("FREQ is DAILY, WEEKLY, MONTHLY or YEARLY") from None


def _weekdays(text: str, zone: tzinfo) -> tuple[Weekday, ...]:
    found = set()
    for one in _listed("BYDAY", text):
        match = _BYDAY.fullmatch(one)
        if match is None:
            raise RuleError("BYDAY is a list of MO, TU, WE, TH, FR, SA and SU, each with a number before it at most")
        found.add(Weekday(DAYS.index(match[2]), int(match[1] or 0)))
    return tuple(sorted(found))


def _week_start(text: str, zone: tzinfo) -> int:
    if text not in DAYS:
        raise RuleError("WKST is one of MO, TU, WE, TH, FR, SA and SU")
    return DAYS.index(text)


def _until(text: str, zone: tzinfo) -> datetime:
    match = _UNTIL.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        day = datetime.strptime(match[1], "%Y%m%d")
        if match[2] is None:
            return datetime.combine(day, time(23, 59, 59))
        local = datetime.strptime(match[1] + match[2], "%Y%m%d%H%M%S")
        return local.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None) if match[3] else local
    except (ValueError, OverflowError):
        raise RuleError("UNTIL is a day or a moment, 20261231 or 20261231T180000Z") from None


_READERS: Mapping[str, tuple[str, Callable[[str, tzinfo], object]]] = {
    "FREQ": ("frequency", _frequency),
    "INTERVAL": ("interval", lambda text, zone: _number("INTERVAL", text, 1, MOST_INTERVAL)),
    "BYMONTH": ("months", _numbers("BYMONTH", 1, 12)),
    "BYMONTHDAY": ("month_days", _numbers("BYMONTHDAY", -31, 31)),
    "BYDAY": ("weekdays", _weekdays),
    "WKST": ("week_start", _week_start),
    "UNTIL": ("until", _until),
}


def _check(rule: Rule) -> None:
    """Refuse what the RFC forbids (§3.3.10, the notes on BYDAY and BYMONTHDAY)."""
    if rule.frequency is Frequency.WEEKLY and rule.month_days:
        raise RuleError("BYMONTHDAY has no meaning in a weekly rule")
    if rule.frequency in (Frequency.DAILY, Frequency.WEEKLY) and any(one.nth for one in rule.weekdays):
        raise RuleError("BYDAY has numbers in monthly and yearly rules only")
    if rule.month_days and any(one.nth for one in rule.weekdays):
        raise RuleError("BYDAY has no numbers beside BYMONTHDAY")
    most, of = (MOST_OF_A_YEAR, "a year") if rule._counts_in_year else (MOST_OF_A_MONTH, "a month")
    if any(abs(one.nth) > most for one in rule.weekdays):
        raise RuleError(f"BYDAY has numbers from -{most} to {most} where they count within {of}")


def _last(rule: Rule, first: date, count: int) -> datetime:
    """Return the end of the day on which a rule comes for the ``count``-th time."""
    for number in range(MOST_COUNTED_DAYS):
        day = first + timedelta(days=number)
        count -= rule.falls_on(first, day)
        if not count:
            return datetime.combine(day, time(23, 59, 59))
    raise RuleError("its COUNT is not reached within ten years; write UNTIL instead")
