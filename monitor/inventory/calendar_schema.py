"""What may be written in calendar.yaml: one entry, and what it may leave to the file's defaults."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, StringConstraints
from pydantic.dataclasses import dataclass

from monitor.core.calendar import Kind
from monitor.inventory.mistake import likely, mistaken, shown
from monitor.inventory.moments import Day, DayOrMoment, Moment
from monitor.inventory.schema import CONFIG, Id, Section, Text, one_of

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: Words for several days of the week; every day is none in particular.
EVERY: dict[str, tuple[int, ...]] = {"day": (), "weekday": (0, 1, 2, 3, 4), "weekend": (5, 6)} | {
    word: (number,) for number, word in enumerate(WEEKDAYS)
}


def _every(value: object) -> tuple[int, ...]:
    words = value if isinstance(value, list) else [value]
    days: set[int] = set()
    for word in words:
        known = EVERY if value is word else WEEKDAYS
        if not isinstance(word, str) or word not in known:
            near = likely(word, known) if isinstance(word, str) else ""
            raise mistaken(f"must be one of {', '.join(EVERY)}, or a list of days", near or "write [mon, tue]")
        days.update(EVERY[word])
    if not words:
        raise mistaken("is an empty list", "write [mon, tue]")
    return tuple(sorted(days))


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError):
        hint = likely(name, sorted(available_timezones()))
        raise mistaken(f"no time zone {shown(name)} is known", hint or "write a name such as Asia/Karachi") from None


def _names(value: object) -> object:
    return value if isinstance(value, list) else [value]


Names = Annotated[list[Text], BeforeValidator(_names), Field(min_length=1, max_length=10_000)]
Days = Annotated[list[Day], BeforeValidator(_names), Field(min_length=1, max_length=1_000)]
Clock = Annotated[str, StringConstraints(pattern=r"^(?:[01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]
TimeZone = Annotated[str, AfterValidator(_zone)]
Weekdays = Annotated[tuple[int, ...], PlainValidator(_every)]


@dataclass(slots=True, kw_only=True, config=CONFIG)
class CalendarDefaults(Section):
    """What all entries of the file have in common."""

    time_zone: TimeZone | None = None


@dataclass(slots=True, kw_only=True, config=CONFIG)
class PlannedEntry(Section):
    """One planned event: for whom, when, by whose word and why."""

    id: Id
    kind: Annotated[str, AfterValidator(one_of(tuple(Kind)))]
    camera: Names | None = None
    site: Names | None = None
    feeder: Names | None = None
    zone: Names | None = None
    contract: Names | None = None
    time_zone: TimeZone | None = None
    start: Moment | None = None
    end: Moment | None = None
    rrule: Text | None = None
    every: Weekdays | None = None
    from_: Annotated[Clock | None, Field(alias="from")] = field(default=None)
    to: Clock | None = None
    since: DayOrMoment | None = None
    until: DayOrMoment | None = None
    except_: Annotated[Days | None, Field(alias="except")] = field(default=None)
    approver: Text
    approved_at: DayOrMoment
    reason: Text
