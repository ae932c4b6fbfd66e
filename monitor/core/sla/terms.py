"""Terms of a contract as plain values, and back: what the ledger keeps and what contracts.yaml may hold. Pure.

Percentages, amounts and lengths of time are texts (``sla.money``), so that no reader's arithmetic changes them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from monitor.core.calendar import SELECTORS, Selector
from monitor.core.calendar import Kind as Planned
from monitor.core.diagnosis.cause import Kind
from monitor.core.sla.contract import Contract, Hours, Pays, Period, RepairClass, Slab, TermsError, Weighting
from monitor.core.sla.money import hundredths, limit, minutes, money, percentage, share
from monitor.core.verdict import Rung

Plain = dict[str, Any]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_RUNGS = {rung.label: rung for rung in Rung}


def to_json(terms: Contract) -> Plain:
    """Return terms under the keys of contracts.yaml, without the id; what they do not have is left out.

    ``cameras`` is missing where every camera counts.
    """
    plain: Plain = {
        "name": terms.name,
        "cameras": _selected(terms.selectors),
        "time_zone": terms.time_zone,
        "working": terms.working.label,
        "path": terms.path,
        "credentials": terms.credentials,
        "excused": [kind.value for kind in terms.excused],
        "hours": _hours(terms.hours),
        "approval": None if terms.approval_min is None else limit(terms.approval_min),
        "target": _percentage(terms.target),
        "quorum": _percentage(terms.quorum),
        "period": terms.period.value,
        "weighting": terms.weighting.value,
        "pays": terms.pays.value,
        "currency": terms.currency,
        "value": money(terms.value) if terms.value else None,
        "value_each": terms.value_each or None,
        "slabs": [_slab(slab) for slab in terms.slabs],
        "cap": _percentage(terms.cap),
        "repairs": [_repair(one) for one in terms.repairs],
        "business": _hours(terms.business),
        "holidays": [day.isoformat() for day in terms.holidays],
        "parties": dict(sorted(terms.parties.items())),
    }
    return _present(plain, always=("name", "excused"))


def _present(plain: Plain, always: Sequence[str] = ()) -> Plain:
    return {key: value for key, value in plain.items() if key in always or value not in (None, "", [], {})}


def _selected(selectors: Iterable[Selector]) -> dict[str, list[str]]:
    names: defaultdict[str, list[str]] = defaultdict(list)
    for selector in selectors:
        names[selector.by].append(selector.name)
    return dict(names)


def _percentage(figure: Fraction | None) -> str | None:
    return None if figure is None else percentage(figure)


def _hours(several: Iterable[Hours]) -> list[Plain]:
    return [
        {"days": [DAYS[day] for day in one.days], "from": _clock(one.start), "to": _clock(one.end)} for one in several
    ]


def _clock(of_day: int) -> str:
    return f"{of_day // 60:02d}:{of_day % 60:02d}"


def _slab(slab: Slab) -> Plain:
    cost = {"share": percentage(slab.share)} if slab.share else {"amount": money(slab.amount)}
    return {"below": percentage(slab.below), **cost}


def _repair(one: RepairClass) -> Plain:
    plain: Plain = {
        "name": one.name,
        "limit": limit(one.limit_min),
        "cameras": _selected(one.selectors),
        "causes": [kind.value for kind in one.kinds],
        "business": one.business or None,
        "penalty": money(one.penalty) if one.penalty else None,
        "per": limit(one.unit_min) if one.penalty else None,
        "at_most": None if one.most is None else money(one.most),
    }
    return _present(plain)


def from_json(id_: str, value: object) -> Contract:
    """Return terms as ``to_json`` wrote them; TermsError says what is wrong with them."""
    try:
        plain = _table(value)
        known = {**_READ, "name": _text, "time_zone": _text}
        if unknown := sorted(plain.keys() - {"cameras", *known}):
            raise ValueError(f"{unknown[0]!r} is not known here")
        read = {_FIELD.get(key, key): known[key](plain[key]) for key in plain if key != "cameras"}
        return Contract(id=id_, selectors=_selectors(plain.get("cameras", {})), **read)
    except KeyError as error:
        raise TermsError(f"contract {id_}: {error} is missing, or not known here") from error
    except (TypeError, ValueError) as error:
        raise TermsError(f"contract {id_}: {error}") from error


def _table(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError(f"{value!r} is no table")
    return value


def _exactly(type_: type) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if type(value) is not type_:
            raise TypeError(f"{value!r} is no {type_.__name__}")
        return value

    return read


_text = _exactly(str)


def _each(read: Callable[[Any], Any]) -> Callable[[Any], tuple[Any, ...]]:
    return lambda value: tuple(read(one) for one in _exactly(list)(value))


def _of_text(read: Callable[[str], Any]) -> Callable[[Any], Any]:
    return lambda value: read(_text(value))


def _selectors(value: Any) -> tuple[Selector, ...]:
    named = _table(value)
    if unknown := sorted(named.keys() - {*SELECTORS}):
        raise ValueError(f"cameras are not selected by {unknown[0]!r}")
    return tuple(Selector(by, name) for by in SELECTORS for name in _each(_text)(named.get(by, [])))


def _minute(text: str) -> int:
    of_hour, _, of_minute = text.partition(":")
    return int(of_hour) * 60 + int(of_minute)


def _read_hours(value: Any) -> Hours:
    plain = _table(value)
    days = tuple(DAYS.index(_text(day)) for day in plain["days"])
    return Hours(days, _minute(_text(plain["from"])), _minute(_text(plain["to"])))


def _read_slab(value: Any) -> Slab:
    plain = _table(value)
    return Slab(
        share(_text(plain["below"])), share(_text(plain.get("share", "0"))), hundredths(_text(plain.get("amount", "0")))
    )


def _read_repair(value: Any) -> RepairClass:
    plain = _table(value)
    return RepairClass(
        _text(plain["name"]),
        minutes(_text(plain["limit"])),
        _selectors(plain.get("cameras", {})),
        _each(Kind)(plain.get("causes", [])),
        _exactly(bool)(plain.get("business", False)),
        hundredths(_text(plain.get("penalty", "0"))),
        minutes(_text(plain.get("per", "1 h"))),
        hundredths(_text(plain["at_most"])) if "at_most" in plain else None,
    )


def _parties(value: Any) -> dict[str, str]:
    return {role: _text(name) for role, name in _table(value).items()}


_READ: Mapping[str, Callable[[Any], Any]] = {
    "working": _of_text(_RUNGS.__getitem__),
    "path": _exactly(bool),
    "credentials": _exactly(bool),
    "excused": _each(Planned),
    "hours": _each(_read_hours),
    "approval": _of_text(minutes),
    "target": _of_text(share),
    "quorum": _of_text(share),
    "period": Period,
    "weighting": Weighting,
    "pays": Pays,
    "currency": _text,
    "value": _of_text(hundredths),
    "value_each": _exactly(bool),
    "slabs": _each(_read_slab),
    "cap": _of_text(share),
    "repairs": _each(_read_repair),
    "business": _each(_read_hours),
    "holidays": _each(_of_text(date.fromisoformat)),
    "parties": _parties,
}
_FIELD = {"approval": "approval_min"}
