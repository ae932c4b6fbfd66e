"""What switches and UPSs said, as the ledger's memory keeps it from one run to the next."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any

from monitor.core.diagnosis.equipment import Equipment, Fact, Known
from monitor.core.wiring import Figure, Topic
from monitor.ledger.codec import LAST_MOMENT, Json, decode_health, encode_health

#: What its key in the ledger's memory begins with; the device's id follows.
PREFIX = "equipment/"


def changes(before: Known, now: Known) -> dict[str, Json]:
    """Return what is to be written: devices that said something since, and None for those that are gone."""
    fresh: dict[str, Json] = {PREFIX + id_: to_json(one) for id_, one in now.items() if before.get(id_) is not one}
    return fresh | {PREFIX + id_: None for id_ in before if id_ not in now}


def restored(memory: Mapping[str, Any]) -> dict[str, Equipment]:
    """Return what an earlier run knew; what cannot be read is not known."""
    found = {key.removeprefix(PREFIX): from_json(value) for key, value in memory.items() if key.startswith(PREFIX)}
    return {id_: one for id_, one in found.items() if one is not None}


def to_json(one: Equipment) -> Json:
    """Return what is known of a device as plain values; a moment before all time is null."""
    facts = [
        [str(figure.topic), figure.port, fact.word, None if fact.after == -inf else fact.after, *fact[2:]]
        for figure, fact in one.facts.items()
    ]
    return {"answers": encode_health(one.answers), "facts": facts}


def from_json(value: object) -> Equipment | None:
    """Return what ``to_json`` wrote; None where it is none."""
    if not isinstance(value, dict) or not isinstance(value.get("facts"), list):
        return None
    try:
        return Equipment(decode_health(value.get("answers")), dict(_fact(*row) for row in value["facts"]))
    except (TypeError, ValueError):
        return None


def _fact(
    topic: str, port: str, word: str, after: float | None, by: float, seen: float, was: str
) -> tuple[Figure, Fact]:
    if not all(isinstance(text, str) for text in (port, word, was)):
        raise TypeError("a word is a text")
    return Figure(Topic(topic), port), Fact(
        word, -inf if after is None else _moment(after), _moment(by), _moment(seen), was
    )


def _moment(value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no moment")
    if not abs(value) <= LAST_MOMENT:
        raise ValueError("a moment beyond all calendars")
    return float(value)
