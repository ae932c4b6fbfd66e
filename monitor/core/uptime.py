"""When a device booted, as its uptime tells: reboots told from a timer that wraps and from a clock that drifts.

An agent's timer counts hundredths of a second in 32 bits and begins anew after 497.1 days (RFC 3418, sysUpTime): the
boot then seems to be that much later, to the second, which no reboot is. A device's oscillator is off by some 50 parts
in a million: the boot creeps by four seconds a day, and what is known of it follows.
"""

from __future__ import annotations

from typing import NamedTuple

TICKS_PER_S = 100.0
WRAP_S = 2**32 / TICKS_PER_S
#: A boot later than the known one by less than this is the same boot.
SLACK_S = 30.0
#: The known boot follows a creeping one in steps of this.
CREEP_S = 10.0


class Boot(NamedTuple):
    """The boot to keep, the boot that this uptime means, and whether the device booted again since the known one."""

    at: float
    seen_at: float
    again: bool


def booted(known: float | None, seen: float) -> Boot:
    """Return what an uptime's beginning says, beside the boot that was known. Times are seconds since the epoch."""
    if known is None:
        return Boot(seen, seen, False)
    wraps = max(0, round((seen - known) / WRAP_S))
    unwrapped = seen - wraps * WRAP_S
    late = unwrapped - known
    if abs(late) <= CREEP_S:
        return Boot(known, unwrapped, False)
    if abs(late) <= SLACK_S:
        return Boot(unwrapped, unwrapped, False)
    return Boot(seen, seen, late > 0 or wraps > 0)
