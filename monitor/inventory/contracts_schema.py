"""What may be written in contracts.yaml: the terms of one contract, and what they may leave to the file's defaults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from fractions import Fraction
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, StringConstraints
from pydantic.dataclasses import dataclass

from monitor.core.calendar import SELECTORS
from monitor.core.calendar import Kind as Planned
from monitor.core.diagnosis.cause import Kind
from monitor.core.sla import money
from monitor.core.sla.contract import Pays, Period, Weighting
from monitor.core.verdict import Rung
from monitor.inventory.calendar_schema import Clock, Days, Names, TimeZone, Weekdays
from monitor.inventory.document import Ambiguous
from monitor.inventory.mistake import mistaken
from monitor.inventory.schema import CONFIG, Flag, Id, Role, Section, Text, one_of

T = TypeVar("T")
RUNGS = {rung.label: rung for rung in Rung}
ALL = "all"
MOST_SLABS = 20
MOST_REPAIRS = 50


def _figure(read: Callable[[str], T], message: str, hint: str) -> Callable[[object], T]:
    """Return a validator of what ``read`` takes, also where YAML's readers disagree on its digits (1250.50)."""

    def check(value: object) -> T:
        text = value.text if isinstance(value, Ambiguous) else str(value) if isinstance(value, int | float) else value
        try:
            if not isinstance(text, str) or isinstance(value, bool):
                raise ValueError(text)
            return read(text)
        except ValueError:
            raise mistaken(message, hint) from None

    return check


def _percentage(text: str) -> Fraction:
    """A share with its sign: of 0.98 nobody knows whether it is 98 % or less than one."""
    if not text.endswith("%"):
        raise ValueError(text)
    return money.share(text[:-1].rstrip())


def _several(value: object) -> object:
    return value if isinstance(value, list) else [value]


def _selected(value: object) -> object:
    """All cameras, or those that are selected."""
    if value == ALL:
        return {}
    if value == {}:
        raise mistaken("says for no camera", f"write {ALL}, or one of {', '.join(SELECTORS)}")
    return value


Percentage = Annotated[
    Fraction, PlainValidator(_figure(_percentage, "must be a percentage, with up to six decimal places", "write 98%"))
]
Money = Annotated[int, PlainValidator(_figure(money.hundredths, "must be an amount of money", "write 1250 or 1250.50"))]
Time = Annotated[int, PlainValidator(_figure(money.minutes, "must be a length of time", "write 30 min, 24 h or 3 d"))]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
PlannedKinds = Annotated[
    list[Annotated[str, AfterValidator(one_of(tuple(Planned)))]], BeforeValidator(_several), Field(max_length=8)
]
Causes = Annotated[
    list[Annotated[str, AfterValidator(one_of(tuple(Kind)))]],
    BeforeValidator(_several),
    Field(min_length=1, max_length=64),
]


@dataclass(slots=True, kw_only=True, config=CONFIG)
class SelectedEntry(Section):
    """Which cameras; where nothing is said, all."""

    camera: Names | None = None
    site: Names | None = None
    feeder: Names | None = None
    zone: Names | None = None
    contract: Names | None = None


@dataclass(slots=True, kw_only=True, config=CONFIG)
class HoursEntry(Section):
    """Hours of days of the week."""

    days: Weekdays
    from_: Annotated[Clock, Field(alias="from")]
    to: Clock


@dataclass(slots=True, kw_only=True, config=CONFIG)
class SlabEntry(Section):
    """What a figure below a bound costs."""

    below: Percentage
    share: Percentage | None = None
    amount: Money | None = None


Selected = Annotated[SelectedEntry, BeforeValidator(_selected)]


@dataclass(slots=True, kw_only=True, config=CONFIG)
class RepairEntry(Section):
    """How long an outage may last, and what it costs when it lasts longer."""

    name: Text
    limit: Time
    cameras: Selected | None = None
    causes: Causes | None = None
    business: Flag = False
    penalty: Money | None = None
    per: Time | None = None
    at_most: Money | None = None


@dataclass(slots=True, kw_only=True, config=CONFIG)
class ContractDefaults(Section):
    """What all contracts of the file have in common."""

    time_zone: TimeZone | None = None
    currency: Currency | None = None


@dataclass(slots=True, kw_only=True, config=CONFIG)
class ContractEntry(Section):
    """The terms of one contract; see ``monitor.core.sla.contract.Contract``."""

    id: Id
    name: Text | None = None
    cameras: Selected | None = None
    time_zone: TimeZone | None = None
    working: Annotated[str, AfterValidator(one_of(tuple(RUNGS)))] = Rung.MEDIA.label
    path: Flag = True
    credentials: Flag = True
    excused: PlannedKinds = field(default_factory=lambda: [str(Planned.MAINTENANCE)])
    hours: Annotated[list[HoursEntry], Field(min_length=1, max_length=50)] | None = None
    approval: Time | None = None
    target: Percentage | None = None
    quorum: Percentage | None = None
    period: Annotated[str, AfterValidator(one_of(tuple(Period)))] = str(Period.MONTH)
    weighting: Annotated[str, AfterValidator(one_of(tuple(Weighting)))] = str(Weighting.CAMERA_HOURS)
    pays: Annotated[str, AfterValidator(one_of(tuple(Pays)))] = str(Pays.SEEN)
    currency: Currency | None = None
    value: Money | None = None
    value_each: Flag = False
    slabs: Annotated[list[SlabEntry], Field(min_length=1, max_length=MOST_SLABS)] | None = None
    cap: Percentage | None = None
    repairs: Annotated[list[RepairEntry], Field(min_length=1, max_length=MOST_REPAIRS)] | None = None
    business: Annotated[list[HoursEntry], Field(min_length=1, max_length=50)] | None = None
    holidays: Days | None = None
    parties: Annotated[dict[Role, Text], Field(min_length=1)] | None = None
