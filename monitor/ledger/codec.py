"""Events and memory as JSON that other tools can read, and back. Moments before all time (-inf) are null."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from json.encoder import encode_basestring_ascii as _quoted
from math import inf
from typing import Any, NamedTuple

from monitor.core.diagnosis.cause import CauseEvent, Confidence, Kind, Turn
from monitor.core.event import (
    AssetEvent,
    BatteryEvent,
    CalendarEvent,
    ConfigEvent,
    ContractEvent,
    DeviceEvent,
    Event,
    Gap,
    Heartbeat,
    Note,
    NoteEvent,
    RungEvent,
    ScheduleEvent,
)
from monitor.core.health import UNSEEN, RungHealth, Rungs
from monitor.core.state import Standing, State
from monitor.core.topology import Layer, Scope
from monitor.core.verdict import Outcome, Reason, Rung
from monitor.core.workorder.order import Act, OrderEvent
from monitor.ledger.errors import LedgerError

Json = None | bool | int | float | str | list[Any] | dict[str, Any]

KINDS: Mapping[str, type[Event]] = {
    "rung": RungEvent,
    "cause": CauseEvent,
    "note": NoteEvent,
    "battery": BatteryEvent,
    "config": ConfigEvent,
    "device": DeviceEvent,
    "heartbeat": Heartbeat,
    "gap": Gap,
    "calendar": CalendarEvent,
    "asset": AssetEvent,
    "contract": ContractEvent,
    "schedule": ScheduleEvent,
    "order": OrderEvent,
}
KIND_OF: Mapping[type[Event], str] = {type_: kind for kind, type_ in KINDS.items()}

_RUNGS = {rung.label: rung for rung in Rung}
_OUTCOMES = {outcome.label: outcome for outcome in Outcome}


#: No moment of ours lies behind the year 9999, in seconds since the epoch.
LAST_MOMENT = 253_402_300_800.0


class Field(NamedTuple):
    """How one field travels: to JSON, and from it."""

    encode: Callable[[Any], Json]
    decode: Callable[[Any], Any]


_JSON = json.JSONEncoder(separators=(",", ":"))


def dumps(value: Json) -> str:
    """Return JSON in ASCII, so that not even half a character from a device can keep an event out of the ledger."""
    return _JSON.encode(value)


def _moment(value: Any) -> float:
    if value is None:
        return -inf
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{value!r} is no moment")
    if not abs(value) <= LAST_MOMENT:  # NaN is not, either
        raise ValueError("a moment beyond all calendars")
    return float(value)


def _exactly(type_: type) -> Callable[[Any], Any]:
    def decode(value: Any) -> Any:
        if type(value) is not type_:
            raise TypeError(f"{value!r} is no {type_.__name__}")
        return value

    return decode


def _counts(value: Any) -> dict[str, int]:
    if not isinstance(value, dict) or any(type(count) is not int for count in value.values()):
        raise TypeError(f"{value!r} is no table of counts")
    return value


def _table(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} is no table")
    return value


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or any(type(name) is not str for name in value):
        raise TypeError(f"{value!r} is no list of names")
    return tuple(value)


def _scope(value: Any) -> Scope:
    layer, name = _names(value)
    return Scope(Layer(layer), name)


def _same(value: Any) -> Any:
    return value


def _reason(value: Any) -> Reason | None:
    return None if value is None else Reason(value)


_NAMES = Field(list, _names)
_TEXT = Field(_same, _exactly(str))
_COUNT = Field(_same, _exactly(int))
_MOMENT = Field(lambda value: None if value == -inf else value, _moment)
#: A moment that may be to come; of one that never will be, nothing is written.
_NOT_YET = Field(lambda value: None if value == inf else value, lambda value: inf if value is None else _moment(value))
_REASON = Field(lambda value: None if value is None else value.value, _reason)
_OUTCOME = Field(lambda value: value.label, _OUTCOMES.__getitem__)

FIELDS: Mapping[str, Field] = {
    "at": _MOMENT,
    "after": _MOMENT,
    "by": _MOMENT,
    "camera": _TEXT,
    "device": _TEXT,
    "vantage": _TEXT,
    "rung": Field(lambda value: value.label, _RUNGS.__getitem__),
    "outcome": _OUTCOME,
    "reason": _REASON,
    "detail": _TEXT,
    "digest": _TEXT,
    "started": _COUNT,
    "stopped": _COUNT,
    "changed": _COUNT,
    "came": _NAMES,
    "left": _NAMES,
    "what": _TEXT,
    "probes": Field(dict, _counts),
    "lost": _COUNT,
    "why": _TEXT,
    "cause": _TEXT,
    "turn": Field(str, Turn),
    "kind": Field(str, Kind),
    "scope": Field(list, _scope),
    "site": _TEXT,
    "feeder": _TEXT,
    "least_s": _MOMENT,
    "most_s": _MOMENT,
    "revised": Field(_same, _exactly(bool)),
    "joined": _NAMES,
    "other": _TEXT,
    "evidence": _NAMES,
    "confidence": Field(str, Confidence),
    "rivals": _NAMES,
    "contradicted": _NAMES,
    "note": Field(str, Note),
    "who": _TEXT,
    "owner": _TEXT,
    "until": _MOMENT,
    "entry": _TEXT,
    "planned": Field(dict, _table),
    "listed": Field(dict, _table),
    "contract": _TEXT,
    "terms": Field(dict, _table),
    "rates": Field(dict, _table),
    "order": _TEXT,
    "act": Field(str, Act),
    "key": _TEXT,
    "severity": _TEXT,
    "occasion": _COUNT,
    "channels": _NAMES,
    "channel": _TEXT,
    "cameras": _NAMES,
    "effective": _MOMENT,
    "backdated": Field(_same, _exactly(bool)),
}
"""Every field of every event, by its name: a name means the same in all of them."""

#: How the fields of each kind are read, in their order.
_DECODE: Mapping[str, list[tuple[str, Callable[[Any], Any]]]] = {
    kind: [(name, FIELDS[name].decode) for name in type_._fields] for kind, type_ in KINDS.items()
}

_HEALTH: Mapping[str, Field] = {
    "outcome": _OUTCOME,
    "reason": _REASON,
    "detail": _TEXT,
    "after": _MOMENT,
    "by": _MOMENT,
    "last_ok": _MOMENT,
    "last_fail": _MOMENT,
    "failures": _COUNT,
    "successes": _COUNT,
    "streak_from": _MOMENT,
    "counted_at": _MOMENT,
    "busy": _COUNT,
    "rival": _REASON,
    "rival_count": _COUNT,
    "again": _NOT_YET,
}

_ENCODE_HEALTH = [(name, field.encode) for name, field in _HEALTH.items()]

_STANDING: Mapping[str, Field] = {
    "state": Field(lambda value: value.value, State),
    "after": _MOMENT,
    "by": _MOMENT,
}


class Known(NamedTuple):
    """What is known of a camera: its rungs, and the state that they left it in."""

    rungs: Rungs
    standing: Standing | None = None


def decode_kept(kind: str, kept: Mapping[str, Any]) -> list[Event]:
    """Return the events of a kind that the memory keeps, by its keys; LedgerError names the one that cannot be read."""
    events = []
    for key, value in kept.items():
        try:
            events.append(decode_event(kind, dumps(value)))
        except ValueError as error:
            raise LedgerError(f"The ledger's memory of {key!r} cannot be read: {error}.") from error
    return events


def encode_event(event: Event) -> str:
    """Return an event's body."""
    return dumps({name: FIELDS[name].encode(value) for name, value in event._asdict().items()})


def decode_event(kind: str, body: str) -> Event:
    """Return the event of a kind and a body; ValueError says what is wrong with them."""
    type_ = KINDS.get(kind)
    if type_ is None:
        raise ValueError(f"unknown kind of event {kind!r}")
    values = _object(body)
    try:
        return type_(*[decode(values[name]) for name, decode in _DECODE[kind]])
    except KeyError:
        return _decode_older(kind, type_, values)
    except TypeError as error:
        raise ValueError(f"no {kind} event: {error}") from error


def _decode_older(kind: str, type_: type[Event], values: Mapping[str, Any]) -> Event:
    try:
        # what an older camfleet did not write yet is as if it were not there
        present = [name for name in type_._fields if name in values or name not in type_._field_defaults]
        return type_(**{name: FIELDS[name].decode(values[name]) for name in present})
    except (KeyError, TypeError) as error:
        raise ValueError(f"no {kind} event: {error}") from error


def encode_known(known: Known) -> str:
    """Return a camera's rungs by name, each without what is as it was before the first look, and its state."""
    moments = _Moments()
    parts = [f'"{label}":{_text(health, moments)}' for label, health in zip(_RUNGS, known.rungs, strict=True)]
    if known.standing is not None:
        state, after, by = known.standing
        parts.append(f'"standing":{{"state":"{state.value}","after":{moments[after]},"by":{moments[by]}}}')
    return f"{{{','.join(parts)}}}"


class _Moments(dict[float, str]):
    """Moments as JSON, each written once: those of one look stand in several rungs."""

    def __missing__(self, moment: float) -> str:
        text = self[moment] = "null" if moment == -inf else repr(moment)
        return text


def _text(health: RungHealth, moments: _Moments) -> str:
    """Return a rung as JSON. One that is well, as nearly all are, is written out; others as ``encode_health`` says."""
    outcome, reason, detail, after, by, last_ok, last_fail, failures, successes, streak, counted_at, *rest = health
    if outcome is not Outcome.OK or reason or failures or successes or streak != -inf or rest != _AT_REST:
        return dumps(encode_health(health))
    text = '{"outcome":"ok"'
    if detail:
        text += f',"detail":{_quoted(detail)}'
    if after != -inf:
        text += f',"after":{moments[after]}'
    if by != -inf:
        text += f',"by":{moments[by]}'
    if last_ok != -inf:
        text += f',"last_ok":{moments[last_ok]}'
    if last_fail != -inf:
        text += f',"last_fail":{moments[last_fail]}'
    if counted_at != -inf:
        text += f',"counted_at":{moments[counted_at]}'
    return text + "}"


#: The last counters of a rung where none of them runs.
_AT_REST = list(UNSEEN[11:])


def encode_health(health: RungHealth) -> dict[str, Json]:
    """Return a rung without what is as it was before the first look."""
    if health == UNSEEN:
        return {}
    return {
        name: encode(value)
        for (name, encode), value, default in zip(_ENCODE_HEALTH, health, UNSEEN, strict=True)
        if value is not default and value != default
    }


def decode_known(body: str) -> Known:
    """Return a camera's rungs and its state; rungs that the body does not know are unseen."""
    values = _object(body)
    rungs = tuple(decode_health(values.get(rung.label, {})) for rung in Rung)
    return Known(rungs, _decode_standing(values["standing"]) if "standing" in values else None)


def _decode_standing(values: Any) -> Standing:
    try:
        return Standing(**{name: _STANDING[name].decode(value) for name, value in values.items()})
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no state: {error}") from error


def decode_health(values: Any) -> RungHealth:
    """Return a rung as ``encode_health`` wrote it; ValueError says what is wrong."""
    try:
        return RungHealth(**{name: _HEALTH[name].decode(value) for name, value in values.items()})
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no rung: {error}") from error


def _object(body: str) -> dict[str, Any]:
    value = json.loads(body)
    if not isinstance(value, dict):
        raise ValueError(f"{body[:80]!r} is no JSON object")
    return value
