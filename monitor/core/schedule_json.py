"""How often everything is asked and what confirms an answer, as plain values, and back: what the ledger keeps. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from monitor.core.health import CONFIRMATIONS, Confirmation
from monitor.core.schedule import Deadlines, Rates
from monitor.core.verdict import Rung


def to_json(rates: Rates) -> dict[str, Any]:
    """Return rates under their names, deadlines among them, and beside them how each rung is confirmed."""
    confirm = {rung.label: CONFIRMATIONS[rung]._asdict() for rung in Rung}
    return {**asdict(rates), "confirm": confirm}


def rates(value: object) -> Rates | None:
    """Return the rates that ``to_json`` wrote; None where it is none. A rate that it does not name is as it is here."""
    if not isinstance(value, Mapping):
        return None
    try:
        deadlines = Deadlines(**_numbers(value["deadlines"], Deadlines))
        return Rates(**_numbers(value, Rates), deadlines=deadlines)
    except (KeyError, TypeError):
        return None


def confirmation(value: Mapping[str, Any], rung: Rung) -> Confirmation | None:
    """Return how ``to_json`` said that a rung is confirmed; None where it did not."""
    try:
        said = value["confirm"][rung.label]
        return Confirmation(int(said["failures"]), int(said["successes"]), float(said["spacing_s"]))
    except (KeyError, TypeError, ValueError):
        return None


def _numbers(value: Any, of: type) -> dict[str, Any]:
    numbers = {
        field.name: value[field.name] for field in fields(of) if field.name in value and field.name != "deadlines"
    }
    for number in numbers.values():
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise TypeError(number)
    return numbers
