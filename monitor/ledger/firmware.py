"""Which firmware each device runs and since when, as the ledger's memory keeps it from one run to the next."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, isfinite
from typing import Any

from monitor.core.diagnosis.updates import Update
from monitor.core.revision import put_since
from monitor.ledger.codec import LAST_MOMENT, Json

#: What its key in the ledger's memory begins with; the device's id follows.
PREFIX = "firmware/"


def changes(before: Mapping[str, Update], now: Mapping[str, Update]) -> dict[str, Json]:
    """Return what is to be written."""
    fresh = [(id_, now[id_]) for id_ in put_since(before, now) if before.get(id_) is not now[id_]]
    return {PREFIX + id_: [version, at if isfinite(at) else None] for id_, (version, at) in fresh}


def restored(memory: Mapping[str, Any]) -> dict[str, Update]:
    """Return what an earlier run knew; what cannot be read is not known."""
    found = {}
    for key, value in memory.items():
        if key.startswith(PREFIX) and isinstance(value, list) and len(value) == 2 and isinstance(value[0], str):
            version, at = value
            found[key.removeprefix(PREFIX)] = Update(version, float(at) if _is_moment(at) else -inf)
    return found


def _is_moment(at: object) -> bool:
    return isinstance(at, int | float) and not isinstance(at, bool) and abs(at) <= LAST_MOMENT
