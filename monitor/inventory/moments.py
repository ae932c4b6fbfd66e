"""Local moments and days as they are written in a file."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Annotated, TypeVar

from pydantic import AfterValidator, PlainValidator

from monitor.core.calendar import FIRST_YEAR, LAST_YEAR
from monitor.inventory.document import Ambiguous
from monitor.inventory.mistake import mistaken

#: No camera that is still listed is older.
FIRST_YEAR_OF_A_CAMERA = 1950
_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?))?")
_T = TypeVar("_T", date, datetime)


def _moment(value: object) -> datetime | date:
    """A local moment, or a day. No reader of YAML takes such a word for another moment, so it needs no quotes."""
    text = value.text if isinstance(value, Ambiguous) else value
    match = _MOMENT.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise mistaken("must be a local moment", "write 2026-12-01 22:00")
    return _read(match)


def _day(value: object) -> date:
    """A day."""
    text = value.text if isinstance(value, Ambiguous) else value
    match = _MOMENT.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise mistaken("must be a day", "write 2026-12-01")
    moment = _read(match)
    if isinstance(moment, datetime):
        raise mistaken("must be a day", f"write {moment.date()}")
    return moment


def _read(match: re.Match[str]) -> datetime | date:
    try:
        day = date.fromisoformat(match[1])
        return datetime.combine(day, time.fromisoformat(match[2])) if match[2] else day
    except ValueError:
        raise mistaken("there is no such moment", "write year-month-day hours:minutes, 2026-12-01 22:00") from None


def _since(first: int) -> Callable[[_T], _T]:
    def check(moment: _T) -> _T:
        if not first <= moment.year <= LAST_YEAR:
            raise mistaken(f"must be within the years {first} to {LAST_YEAR}")
        return moment

    return check


def _with_time(moment: datetime | date) -> datetime:
    if not isinstance(moment, datetime):
        raise mistaken("needs a time of day", f"write {moment} 22:00")
    return moment


DayOrMoment = Annotated[datetime | date, PlainValidator(_moment), AfterValidator(_since(FIRST_YEAR))]
Moment = Annotated[datetime, PlainValidator(_moment), AfterValidator(_since(FIRST_YEAR)), AfterValidator(_with_time)]
Day = Annotated[date, PlainValidator(_day), AfterValidator(_since(FIRST_YEAR))]
CameraDay = Annotated[date, PlainValidator(_day), AfterValidator(_since(FIRST_YEAR_OF_A_CAMERA))]
