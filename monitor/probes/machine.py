"""The clocks of the machine that this runs on."""

from __future__ import annotations

import time
from pathlib import Path

from monitor.probes.base import Clocks

_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
#: Another text after each boot of the machine (Linux, random(4)).
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def since_boot() -> float:
    """Return seconds since the machine's boot, those in which it slept among them, where it tells that."""
    return time.clock_gettime(_STEADY)


def boot() -> str:
    """Return which boot of the machine this is; "" where it does not tell."""
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


SYSTEM_CLOCKS = Clocks(time.time, since_boot, boot)
