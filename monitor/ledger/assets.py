"""The inventory in force, row by row, as the ledger's memory keeps it: what another inventory is held against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from monitor.core.asset import Listed
from monitor.core.event import AssetEvent
from monitor.ledger.codec import Json

#: What its key in the ledger's memory begins with; the camera's id follows.
PREFIX = "asset/"


def changes(events: Iterable[AssetEvent]) -> dict[str, Json]:
    """Return what is to be written with these events; None for a camera that was removed."""
    return {PREFIX + event.camera: dict(event.listed) or None for event in events}


def restored(memory: Mapping[str, Any]) -> dict[str, Listed]:
    """Return the rows that an earlier run had in force; one that cannot be read is as if it were new."""
    found = ((key.removeprefix(PREFIX), value) for key, value in memory.items() if key.startswith(PREFIX))
    return {camera: row for camera, row in found if isinstance(row, dict)}
