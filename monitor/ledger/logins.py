"""What the ledger's memory keeps of our login at a camera's device."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monitor.core.limits import Doubt, Login
from monitor.core.locktime import restored
from monitor.ledger import assets

#: What the key of a device in the memory begins with; its id follows.
DEVICE = "device/"


def doubt(memory: Mapping[str, Any], camera: str) -> Doubt | None:
    """Return what is open about our login at a camera's device; None where nothing is, or nobody knows."""
    row = assets.restored(memory).get(camera, {})
    kept = memory.get(DEVICE + str(row.get("device") or camera))
    lock_time = restored(memory)
    if not isinstance(kept, dict):
        return None
    return Login.of_json(kept.get("login") or {}).doubt(lock_time.set_s if lock_time is not None else 0.0)
