"""The newest changes of state, as the ledger's memory keeps them from one run to the next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf, isfinite
from typing import Any

from monitor.core.snapshot import RECENT, Change
from monitor.core.state import State, View
from monitor.core.verdict import Reason, Rung
from monitor.ledger.codec import Json

#: What its key in the ledger's memory begins with; when it was and the camera's id follow.
PREFIX = "news/"
_STATES = {state.value: state for state in State}
_REASONS: Mapping[str | None, Reason | None] = {None: None, **{reason.value: reason for reason in Reason}}
_RUNGS = {rung.label: rung for rung in Rung}


def changes(before: Iterable[Change], now: Iterable[Change]) -> dict[str, Json]:
    """Return what is to be written: what is new, and None for what is not among the newest any more."""
    if now is before:
        return {}
    old, new = ({_key(change): change for change in some} for some in (before, now))
    return {key: to_json(new[key]) for key in new if key not in old} | {key: None for key in old if key not in new}


def restored(memory: Mapping[str, Any]) -> tuple[Change, ...]:
    """Return the changes of earlier runs, newest first; what cannot be read is none."""
    found = (from_json(value) for key, value in memory.items() if key.startswith(PREFIX))
    newest = sorted((one for one in found if one is not None), key=lambda one: (one.at, one.camera), reverse=True)
    return tuple(newest[:RECENT])


def _key(change: Change) -> str:
    return f"{PREFIX}{change.at!r}/{change.camera}"


def to_json(change: Change) -> Json:
    """Return a change as plain values; who was heard when is not kept."""
    state, reason, rung, after, by, *_ = change.now
    interval: list[Json] = [moment if isfinite(moment) else None for moment in (after, by)]
    return [change.at, change.camera, change.before.value, state.value, reason and reason.value, rung.label, *interval]


def from_json(value: object) -> Change | None:
    """Return a change as ``to_json`` wrote it; None where it is none."""
    if not isinstance(value, list) or len(value) != 8:
        return None
    at, camera, before, state, reason, rung, *interval = value
    try:
        after, by = (-inf if moment is None else float(moment) for moment in interval)
        now = View(_STATES[state], _REASONS[reason], _RUNGS[rung], after, by)
        return Change(float(at), str(camera), _STATES[before], now)
    except (TypeError, ValueError, KeyError):
        return None
