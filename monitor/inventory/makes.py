"""Makes are free text, but a section of ``makes`` that is almost the make of a device is a slip of the pen."""

from __future__ import annotations

from difflib import SequenceMatcher

from monitor.inventory.document import Origin
from monitor.inventory.entries import Entries
from monitor.inventory.findings import Findings
from monitor.inventory.mistake import shown

ALIKE = 0.85


def check_makes(entries: Entries, findings: Findings) -> None:
    """Compare the makes that devices have with those that have a section."""
    sections: dict[str, Origin] = {}
    for origin, written in entries.makes:
        first = sections.setdefault(written.id, origin)
        if first is not origin:
            findings.add(origin, f"the make {shown(written.id)} is written twice: already", "", first)
    for make, origin in _used(entries).items():
        if make not in sections:
            near = next((section for section in sections if _alike(make, section)), None)
            if near is not None:
                message = f"{shown(make)} has no section in makes, and {shown(near)} has one"
                findings.add(origin, message, "spell both the same, or write a section for each", sections[near])


def _used(entries: Entries) -> dict[str, Origin]:
    """Each make with the first place that has it."""
    used: dict[str, Origin] = {}
    for origin, device in entries.devices:
        used.setdefault(device.make or "", origin)
    for origin, camera in entries.cameras:
        used.setdefault(camera.make or "", origin)
    used.pop("", None)
    return {make: origin.child("make") for make, origin in used.items()}


def _alike(one: str, other: str) -> bool:
    one, other = one.casefold(), other.casefold()
    return one == other or SequenceMatcher(None, one, other).ratio() >= ALIKE
