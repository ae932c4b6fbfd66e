"""A login that was refused works again: whoever set it right at one device may have done so at the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from monitor.core.limits import WAITS_S
from monitor.core.model import Device
from monitor.probes.memory import Memory


def next_to_try(mended: Device, devices: Iterable[Device], memories: Mapping[str, Memory], now: float) -> str | None:
    """Return the one other device of the set that tries its refused login again; where it works there too, the next
    one follows. None: none is left.

    Never one where it worked minutes ago: that may be full, one more refusal would decide nothing, and its own next try
    is due once it does. ``now`` is in the time of login locks.
    """
    refused = []
    for device in devices:
        login = memories[device.id].login if device.id in memories else None
        if login is None or device.credential != mended.credential or login.proven(now):
            continue
        if 0 < len(login.in_a_row) < len(WAITS_S):
            refused.append((len(login.in_a_row), device.id))
    return min(refused)[1] if refused else None
