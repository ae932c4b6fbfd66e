"""A statement's first page by itself: small enough to be kept for each contract and period, and read with care. Pure.

It is what metrics and the oversight page show. It comes from a file or from another process, so that nothing of it is
believed before it was read here: what is not exactly a statement's first page raises HeadingError.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from monitor.core.sla.money import hundredths
from monitor.core.statement.statement import FORMAT

#: The four figures, and the weighting under which each is the one that is held against the target.
FIGURES: Mapping[str, str] = {
    "camera_hours": "camera-hours",
    "mean": "mean",
    "share_at_target": "share at target",
    "working_at_end": "working at the end",
}
#: Which figure tells whether each camera reached the target.
EACH = "each"
#: Of a statement's keys those that a heading is made of.
KEPT = ("format", "contract", "period", "ledger", "cameras", "readings")
MOST_CHARACTERS = 300
MOST_READINGS = 20
_LARGEST = 2**53
_PERCENT = re.compile(r"\d{1,3}\.\d{3}", re.ASCII)
_PROMISED = re.compile(r"\d{1,3}(\.\d{1,6})?", re.ASCII)
_MONEY = re.compile(r"\d{1,16}\.\d{2}", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


class HeadingError(ValueError):
    """What was given is no statement's first page; a sentence."""


class Figure(NamedTuple):
    """A share with its bounds and its coverage, as percentages with three places; None where there is none."""

    value: str | None
    low: str | None
    high: str | None
    coverage: str | None


class Bill(NamedTuple):
    """What it costs: as the contract says, at least and at most; with two places."""

    currency: str
    paid: str
    least: str
    most: str


class Target(NamedTuple):
    """What is promised of which figure (a key of ``FIGURES``), and whether it is kept.

    ``of_each`` is what each camera has to reach, where each of them has to: all of them is what is promised then.
    """

    figure: str
    weighting: str
    promised: str
    reached: str | None
    met: bool | None
    met_if_bad: bool | None
    met_if_good: bool | None
    of_each: str | None = None


class Reading(NamedTuple):
    """The figures under one reading."""

    name: str
    cameras: int
    below: int | None
    """How many cameras are below the target, as seen; None where there is none."""
    figures: Mapping[str, Figure]
    target: Target | None
    bill: Bill | None


class Heading(NamedTuple):
    """The first page. Moments are milliseconds since the epoch; ``until``: how far the period is stated."""

    contract: str
    name: str
    asked: str
    time_zone: str
    start: int
    end: int
    until: int
    is_over: bool
    listed: int
    counted: int
    never_seen: int
    leaves: int
    root: str
    readings: tuple[Reading, ...]

    @property
    def as_written(self) -> Reading:
        return self.readings[0]


def kept(statement: Mapping[str, Any]) -> dict[str, Any]:
    """Return of a statement what a heading is read from."""
    plain = {key: statement[key] for key in KEPT}
    plain["contract"] = {key: statement["contract"][key] for key in ("id", "name")}
    return plain


def read(plain: object) -> Heading:
    """Return a statement's heading; HeadingError where it is none."""
    try:
        return _heading(_table(plain))
    except (KeyError, TypeError, ValueError, AttributeError, OSError) as error:
        raise HeadingError(f"no statement's first page: {type(error).__name__}: {error}") from error


def _heading(plain: Mapping[str, Any]) -> Heading:
    if plain["format"] != FORMAT:
        raise ValueError(f"the format is not {FORMAT!r}")
    contract, period, cameras, ledger = (_table(plain[key]) for key in ("contract", "period", "cameras", "ledger"))
    start, end, until = (_count(period[key]) for key in ("start", "end", "until"))
    if not start < until <= end:
        raise ValueError("the period ends before it begins")
    if not isinstance(plain["readings"], list) or not 1 <= len(plain["readings"]) <= MOST_READINGS:
        raise TypeError("readings is no list of some")
    return Heading(
        _text(contract["id"]),
        _text(contract["name"]),
        _text(period["asked"]),
        ZoneInfo(_text(period["time_zone"])).key,
        start,
        end,
        until,
        _flag(period["is_over"]),
        _count(cameras["listed"]),
        _count(cameras["counted"]),
        _count(cameras["never_seen"]),
        _count(ledger["leaves"]),
        _text(ledger["root"]),
        tuple(_reading(_table(one)) for one in plain["readings"]),
    )


def _reading(plain: Mapping[str, Any]) -> Reading:
    cameras, unseen = _count(plain["cameras"]), _count(plain["cameras_without_figure"])
    figures = {key: _figure(_table(plain[key])) for key in FIGURES if plain[key] is not None}
    below = None
    if plain["share_at_target"] is not None:
        below = _count(cameras - unseen - _count(_table(_table(plain["share_at_target"])["cameras"])["value"]))
    return Reading(
        _text(plain["reading"]), cameras, below, figures, _optional(_target, plain["target"]), _bill(plain["money"])
    )


def _figure(plain: Mapping[str, Any]) -> Figure:
    return Figure(*(_optional(_percent, plain[key]) for key in Figure._fields))


def _target(plain: Mapping[str, Any]) -> Target:
    weighting = _text(plain["weighting"])
    by_weighting = {name: key for key, name in FIGURES.items()} | {EACH: "share_at_target"}
    met, bad, good = (
        _optional(_flag, plain[key]) for key in ("met", "met_if_unseen_was_bad", "met_if_unseen_was_good")
    )
    promised = _matching(_PROMISED, plain["promised"])
    whole, of_each = ("100", promised) if weighting == EACH else (promised, None)
    reached = _optional(_percent, plain["figure"])
    return Target(by_weighting[weighting], weighting, whole, reached, met, bad, good, of_each)


def _bill(plain: object) -> Bill | None:
    if plain is None:
        return None
    money = _table(plain)
    total = _table(money["total"])
    amounts = [_matching(_MONEY, total[key]) for key in ("paid", "least", "most")]
    return Bill(_matching(_CURRENCY, money["currency"]), *amounts)


def share(percent: str) -> float:
    """Return a percentage's share of one, as metrics have it."""
    return float(Fraction(percent) / 100)


def amount(text: str) -> float:
    """Return an amount in the currency's unit."""
    return hundredths(text) / 100


def _optional(reading: Callable[[Any], Any], value: object) -> Any:
    return None if value is None else reading(value)


def _table(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"{str(value)[:60]!r} is no table")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > MOST_CHARACTERS:
        raise TypeError(f"{str(value)[:60]!r} is no short text")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{str(value)[:60]!r} is neither true nor false")
    return value


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LARGEST:
        raise TypeError(f"{str(value)[:60]!r} is no number of things")
    return value


def _percent(value: object) -> str:
    text = _matching(_PERCENT, value)
    if Fraction(text) > 100:
        raise ValueError(f"{text} is more than the whole")
    return text


def _matching(shape: re.Pattern[str], value: object) -> str:
    if not isinstance(value, str) or not shape.fullmatch(value):
        raise ValueError(f"{str(value)[:60]!r} is no figure")
    return value
