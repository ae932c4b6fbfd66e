"""Large pages for a fleet's memory."""

from __future__ import annotations

import gc
import re
from pathlib import Path

import pytest

from monitor.scheduler.pages import STACK_BYTES
from monitor.scheduler.process import set_aside

SWITCH = Path("/sys/kernel/mm/transparent_hugepage/enabled")
pytestmark = pytest.mark.skipif(not SWITCH.exists(), reason="this kernel merges no pages")


def flags_at(address: int) -> list[str]:
    """Return what the kernel notes of the memory at an address (proc(5), VmFlags)."""
    here = False
    for line in Path("/proc/self/smaps").read_text(encoding="ascii", errors="replace").splitlines():
        if (bounds := re.match(r"([0-9a-f]+)-([0-9a-f]+) ", line)) is not None:
            here = int(bounds[1], 16) <= address < int(bounds[2], 16)
        elif here and line.startswith("VmFlags:"):
            return line.split()[1:]
    return []


def test_what_a_fleet_takes_is_to_be_in_large_pages() -> None:
    """Once everything was looked through, the kernel knows that it may merge the pages of many small objects."""
    fleet = [bytes(400) + b"%d" % number for number in range(8 * STACK_BYTES // 400)]
    try:
        set_aside(everything=True)
        flagged = ["hg" in flags_at(id(one)) for one in fleet[:: len(fleet) // 50]]
    finally:
        gc.unfreeze()
    assert any(flagged)  # what lies in small pieces between others is left out
