"""Makes are free text, but a section of ``makes`` that is almost the make of a device is a slip of the pen."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Any

from monitor.inventory.document import Origin
from monitor.inventory.entries import Entries, Entry
from monitor.inventory.findings import Findings
from monitor.inventory.mistake import shown
from monitor.inventory.names import Names

ALIKE = 0.85


def check_makes(entries: Entries, findings: Findings) -> None:
    """Compare the makes that devices have with those that have a section."""
    sections: Names[None] = Names("make", findings, entries.maimed["makes"])
    for section in entries.makes:
        sections.claim(section.written.id, section)
    for make, origin in _used(entries).items():
        if make not in sections.entries:
            near = next((section for section in sections.entries if _alike(make, section)), None)
            if near is not None:
                message = f"{shown(make)} has no section in makes, and {shown(near)} has one"
                findings.add(
                    origin, message, "spell both the same, or write a section for each", sections.entries[near].at_id
                )


def _used(entries: Entries) -> dict[str, Origin]:
    """Each make with the first place that has it."""
    used: dict[str, Entry[Any]] = {}
    for device in entries.devices:
        used.setdefault(device.written.make or "", device)
    for camera in entries.cameras:
        used.setdefault(camera.written.make or "", camera)
    used.pop("", None)
    return {make: entry.at("make") for make, entry in used.items()}


def _alike(one: str, other: str) -> bool:
    one, other = one.casefold(), other.casefold()
    return one == other or SequenceMatcher(None, one, other).ratio() >= ALIKE
