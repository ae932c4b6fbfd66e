"""Who each camera's own device is, as the ledger's memory keeps it from one run to the next."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any

from monitor.core.identity import Identity
from monitor.core.revision import put_since, taken_since
from monitor.ledger.codec import Json

#: What its key in the ledger's memory begins with; the camera's id follows.
PREFIX = "identity/"


def changes(before: Mapping[str, Identity], now: Mapping[str, Identity]) -> dict[str, Json]:
    """Return what is to be written: who is known otherwise than before, and None for who is not known any more."""
    fresh = [(id_, now[id_]) for id_ in put_since(before, now)]
    told: dict[str, Json] = {PREFIX + id_: to_json(one) for id_, one in fresh if before.get(id_) is not one}
    return told | {PREFIX + id_: None for id_ in taken_since(before, now)}


def restored(memory: Mapping[str, Any]) -> dict[str, Identity]:
    """Return whom an earlier run knew; what cannot be read is not known."""
    found = {key.removeprefix(PREFIX): from_json(value) for key, value in memory.items() if key.startswith(PREFIX)}
    return {id_: one for id_, one in found.items() if one is not None}


def to_json(identity: Identity) -> Json:
    """Return an identity; what it does not hold is left out."""
    parts = {name: dict(getattr(identity, name)) for name in _PARTS}
    since: dict[str, Json] = {"since": identity.since} if identity.since > -inf else {}
    return {**since, **{name: part for name, part in parts.items() if part}}


_PARTS = ("marks", "stranger", "doubted", "changes")


def from_json(value: object) -> Identity | None:
    """Return an identity as ``to_json`` wrote it; None where it is none."""
    if not isinstance(value, dict):
        return None
    parts = {name: value.get(name, {}) for name in _PARTS}
    since = value.get("since", -inf)
    kinds = {name: int if name == "changes" else str for name in _PARTS}
    whole = all(
        isinstance(part, dict) and all(isinstance(one, kinds[name]) for one in part.values())
        for name, part in parts.items()
    )
    if not whole or isinstance(since, bool) or not isinstance(since, int | float):
        return None
    return Identity(since=float(since), **parts)
