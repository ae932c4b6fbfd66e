"""The newest survey of each device, as the ledger's memory keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monitor.core import survey
from monitor.core.survey import Survey

#: What its key in the ledger's memory begins with; the device's id follows.
PREFIX = "survey/"


def to_json(one: Survey) -> dict[str, Any]:
    """Return a survey as plain values."""
    return {"at": one.at, "parts": survey.to_json(one.parts)}


def from_json(value: object) -> Survey | None:
    """Return a survey as ``to_json`` wrote it; None where it is none."""
    if not isinstance(value, Mapping) or isinstance(value.get("at"), bool):
        return None
    at = value.get("at")
    return Survey(float(at), survey.from_json(value.get("parts"))) if isinstance(at, int | float) else None


def restored(memory: Mapping[str, Any]) -> dict[str, Survey]:
    """Return the surveys of an earlier run by device."""
    found = {key.removeprefix(PREFIX): from_json(value) for key, value in memory.items() if key.startswith(PREFIX)}
    return {device: one for device, one in found.items() if one is not None}
