"""The terms of a contract: which cameras it counts, when, what "working" means to it, and what it pays. Pure; data.

Money is a whole number of hundredths of the currency; a share is an exact fraction from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from monitor.core.calendar import Kind as Planned
from monitor.core.calendar import Selector
from monitor.core.diagnosis.cause import ROLES, Kind
from monitor.core.verdict import Rung

#: A share is written as a percentage with so many decimal places at most, so that the text is the figure.
SHARE_PLACES = 6
#: No amount is larger, in hundredths: a number that every JSON reader holds exactly.
MOST_MONEY = 10**15


class Flaw(NamedTuple):
    """What cannot be: at which key of the plain terms (``sla.terms``), in a sentence, and on which keys that rests."""

    at: tuple[str | int, ...]
    sentence: str
    others: tuple[str, ...] = ()


class TermsError(ValueError):
    """Terms that are none, in a sentence; of those that contradict themselves the first of ``flaws``."""

    def __init__(self, sentence: str, flaws: tuple[Flaw, ...] = ()) -> None:
        super().__init__(sentence)
        self.flaws = flaws


class Period(StrEnum):
    """What is settled at once."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    def __str__(self) -> str:
        return self.value


class Weighting(StrEnum):
    """Which figure of the fleet is held against the target; ``each``: each camera's own."""

    CAMERA_HOURS = "camera-hours"
    MEAN = "mean"
    SHARE = "share at target"
    WORKING = "working at the end"
    EACH = "each"

    def __str__(self) -> str:
        return self.value


class Pays(StrEnum):
    """What time that nobody saw is taken for: as not there, as not working, or as working."""

    SEEN = "seen"
    LOW = "low"
    HIGH = "high"

    def __str__(self) -> str:
        return self.value


class Hours(NamedTuple):
    """A time of the week that counts: days (0 is Monday), and minutes after midnight within [start, end)."""

    days: tuple[int, ...]
    start: int
    end: int


class Slab(NamedTuple):
    """What a figure below ``below`` costs: a share of the period's value, or an amount."""

    below: Fraction
    share: Fraction = Fraction(0)
    amount: int = 0


@dataclass(frozen=True, slots=True)
class RepairClass:
    """How long an outage may last, for which cameras and kinds of cause, and what it costs when it lasts longer."""

    name: str
    limit_min: int
    selectors: tuple[Selector, ...] = ()
    """The cameras for which it holds; nothing: all."""
    kinds: tuple[Kind, ...] = ()
    """The kinds of cause for which it holds; nothing: all."""
    business: bool = False
    """Whether only the contract's business hours count."""
    penalty: int = 0
    """For each unit of time that was begun after the limit."""
    unit_min: int = 60
    most: int | None = None
    """What one occasion costs at most; None: without limit."""


@dataclass(frozen=True, slots=True)
class Contract:
    """The terms of one contract. Raises TermsError where they contradict themselves."""

    id: str
    name: str
    selectors: tuple[Selector, ...]
    """The cameras that it counts: all that any of these means; nothing: every camera."""
    time_zone: str
    working: Rung = Rung.MEDIA
    path: bool = True
    """Whether a camera that its network, site or power cuts off counts as not working; else that time is excused."""
    credentials: bool = True
    """Whether a camera that refuses our login counts as not working; else that time is unobserved."""
    excused: tuple[Planned, ...] = (Planned.MAINTENANCE,)
    """Which kinds of planned events excuse."""
    hours: tuple[Hours, ...] = ()
    """When it counts; nothing: always."""
    approval_min: int | None = None
    """How long after a moment a plan for it may still be approved and recorded; None: at any time, 0: only before."""
    target: Fraction | None = None
    """The share of the time that is promised; None: none is."""
    quorum: Fraction | None = None
    """Where the share of cameras at the target is what is held against it: how large that share has to be."""
    period: Period = Period.MONTH
    weighting: Weighting = Weighting.CAMERA_HOURS
    pays: Pays = Pays.SEEN
    currency: str = ""
    """Its code (ISO 4217), where there is money."""
    value: int = 0
    """What a period is worth."""
    value_each: bool = False
    """Whether that is for each camera; else for all together."""
    slabs: tuple[Slab, ...] = ()
    """What a figure below the target costs, from the highest bound to the lowest: the lowest that applies counts."""
    cap: Fraction | None = None
    """The share of the period's value that all penalties together reach at most; None: without limit."""
    repairs: tuple[RepairClass, ...] = ()
    """Of those that hold for an outage the first one counts."""
    business: tuple[Hours, ...] = ()
    """The business hours of repair classes."""
    holidays: tuple[date, ...] = ()
    """Days without business hours."""
    parties: Mapping[str, str] = field(default_factory=dict)
    """Who answers for a role (``diagnosis.cause.ROLES``), by name."""

    def __post_init__(self) -> None:
        if flaws := tuple(_contradictions(self)):
            raise TermsError(flaws[0].sentence, flaws)

    @property
    def promised(self) -> Fraction | None:
        """What the figure that pays has to reach."""
        return self.target if self.quorum is None else self.quorum

    @property
    def money(self) -> bool:
        """Whether it puts a price on anything."""
        return bool(self.value or self.slabs or any(one.penalty for one in self.repairs))


def _contradictions(terms: Contract) -> Iterator[Flaw]:
    """Yield each thing that cannot be."""
    if not terms.id:
        yield Flaw(("id",), "a contract needs an id")
    try:
        ZoneInfo(terms.time_zone)
    except (KeyError, ValueError, OSError):  # zoneinfo's errors
        yield Flaw(("time_zone",), f"time_zone {terms.time_zone!r} is not known here")
    for key, several in (("hours", terms.hours), ("business", terms.business)):
        for number, hours in enumerate(several):
            if not (hours.days and {*hours.days} <= {*range(7)} and 0 <= hours.start < hours.end <= 24 * 60):
                sentence = "hours need days from 0 (Monday) to 6, and a start before an end within one day"
                yield Flaw((key, number), sentence)
    if terms.approval_min is not None and terms.approval_min < 0:
        yield Flaw(("approval",), "approval is no time before the moment that it is for")
    yield from _shares(terms)
    yield from _amounts(terms)
    yield from _slabs(terms)
    yield from _repairs(terms)
    for role in terms.parties:
        if role not in ROLES:
            yield Flaw(("parties", role), f"parties: {role!r} is no role; roles are {', '.join(ROLES)}")


def _shares(terms: Contract) -> Iterator[Flaw]:
    shares: list[tuple[tuple[str | int, ...], str, Fraction | None]] = [
        (("target",), "target", terms.target),
        (("quorum",), "quorum", terms.quorum),
        (("cap",), "cap", terms.cap),
    ]
    for number, slab in enumerate(terms.slabs):
        shares += [(("slabs", number, "below"), "slab", slab.below), (("slabs", number, "share"), "slab", slab.share)]
    for at, what, figure in shares:
        if figure is not None and not (0 <= figure <= 1 and (figure * 100 * 10**SHARE_PLACES).denominator == 1):
            yield Flaw(at, f"{what}: a percentage is from 0 to 100, with {SHARE_PLACES} decimal places at most")


def _amounts(terms: Contract) -> Iterator[Flaw]:
    amounts: list[tuple[tuple[str | int, ...], int | None]] = [(("value",), terms.value)]
    amounts += [(("slabs", number, "amount"), slab.amount) for number, slab in enumerate(terms.slabs)]
    for number, one in enumerate(terms.repairs):
        amounts += [(("repairs", number, "penalty"), one.penalty), (("repairs", number, "at_most"), one.most)]
    for at, amount in amounts:
        if amount is not None and not 0 <= amount <= MOST_MONEY:
            yield Flaw(at, f"money is from 0 to {MOST_MONEY // 100:,}")
    if terms.money and not (len(terms.currency) == 3 and terms.currency.isascii() and terms.currency.isupper()):
        yield Flaw(("currency",), "currency: where there is money it needs the three capital letters of a currency")
    if not terms.value:
        needing: list[tuple[str | int, ...]] = [("cap",)] if terms.cap is not None else []
        needing += [("slabs", number, "share") for number, slab in enumerate(terms.slabs) if slab.share]
        for at in needing:
            yield Flaw(at, "a share of the value needs a value", ("value",))


def _slabs(terms: Contract) -> Iterator[Flaw]:
    if terms.target is None and (terms.slabs or terms.quorum is not None):
        yield Flaw(("slabs" if terms.slabs else "quorum",), "slabs and a quorum need a target", ("target",))
    if (terms.weighting is Weighting.SHARE) is not (terms.quorum is not None):
        at = "weighting" if terms.quorum is None else "quorum"
        sentence = f"a quorum belongs to the weighting {Weighting.SHARE!s}, which needs one"
        yield Flaw((at,), sentence, ("weighting", "quorum"))
    for number, (higher, lower) in enumerate(pairwise(terms.slabs), 1):
        if not higher.below > lower.below:
            yield Flaw(("slabs", number, "below"), "slabs go from the highest bound to the lowest, each bound once")
    for number, slab in enumerate(terms.slabs):
        if terms.promised is not None and slab.below > terms.promised:
            yield Flaw(("slabs", number, "below"), "a slab lies above the target", ("target", "quorum"))
        if bool(slab.share) == bool(slab.amount):
            yield Flaw(("slabs", number), "a slab costs a share or an amount, one of them")


def _repairs(terms: Contract) -> Iterator[Flaw]:
    names = [one.name for one in terms.repairs]
    for number, one in enumerate(terms.repairs):
        if not one.name or one.name in names[:number]:
            yield Flaw(("repairs", number, "name"), "repair classes need a name each, and no name twice")
        if one.limit_min < 0 or one.unit_min < 1:
            sentence = f"repair class {one.name}: a limit is 0 minutes or longer, a unit one minute or longer"
            yield Flaw(("repairs", number, "per" if one.limit_min >= 0 else "limit"), sentence)
        if one.most is not None and not one.penalty:
            sentence = f"repair class {one.name}: what an occasion costs at most needs a penalty"
            yield Flaw(("repairs", number, "at_most"), sentence)
        if one.business and not terms.business:
            sentence = f"repair class {one.name}: business hours are wanted, and the contract has none"
            yield Flaw(("repairs", number, "business"), sentence, ("business",))
