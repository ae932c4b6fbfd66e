"""What a device may be asked now, kept in the ledger: no restart, and no look beside it, makes a device be asked more.

In the ledger moments are of the wall clock; a timetable's own clock is behind that by ``ahead_s``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from monitor.core.limits import Bucket

#: What its key in the ledger's memory begins with; the device's id follows.
PREFIX = "budget/"


class Buckets(NamedTuple):
    """What is left of a device's budgets; it outlives a timetable, so that no reload makes a device be asked more."""

    http: Bucket
    rtsp: Bucket


def to_json(buckets: Buckets, ahead_s: float = 0.0) -> dict[str, list[float]]:
    """Return the buckets for the ledger; one that nobody touched yet has been full for ever."""
    return {name: [bucket.tokens, max(bucket.at + ahead_s, 0.0)] for name, bucket in buckets._asdict().items()}


def from_json(stored: object, now: float, ahead_s: float = 0.0) -> Buckets | None:
    """Return buckets as the ledger keeps them, none of them of later than now; None where there are none."""
    if not isinstance(stored, dict):
        return None
    try:
        found = [(float(stored[name][0]), float(stored[name][1])) for name in Buckets._fields]
    except (KeyError, IndexError, TypeError, ValueError):
        return None
    return Buckets(*(Bucket(tokens, min(now, at - ahead_s)) for tokens, at in found))


def restored(memory: Mapping[str, Any], now: float, ahead_s: float = 0.0) -> dict[str, Buckets]:
    """Return what earlier runs and looks left of every device's budgets."""
    keys = [key for key in memory if key.startswith(PREFIX)]
    found = {key.removeprefix(PREFIX): from_json(memory[key], now, ahead_s) for key in keys}
    return {device: buckets for device, buckets in found.items() if buckets is not None}
