"""The calendar in force, as the ledger's memory keeps it from one run to the next: what a change is held against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from monitor.core.calendar import Entry
from monitor.core.calendar_json import from_json
from monitor.core.event import CalendarEvent

#: What its key in the ledger's memory begins with; the entry's id follows.
PREFIX = "calendar/"


def changes(events: Iterable[CalendarEvent]) -> dict[str, Any]:
    """Return what is to be written with these events; None for an entry that was removed."""
    return {PREFIX + event.entry: dict(event.planned) or None for event in events}


def restored(memory: Mapping[str, Any]) -> dict[str, Entry]:
    """Return the entries that an earlier run had in force; one that cannot be read is as if it were new."""
    found = {key.removeprefix(PREFIX): value for key, value in memory.items() if key.startswith(PREFIX)}
    entries = {id_: from_json(id_, value) for id_, value in found.items()}
    return {id_: entry for id_, entry in entries.items() if entry is not None}
