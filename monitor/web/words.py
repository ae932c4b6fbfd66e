"""Figures and times as a person reads them. Pure; every moment is an argument."""

from __future__ import annotations

from datetime import UTC, datetime
from math import isfinite

from monitor.core.state import MEANINGS as STATE_MEANINGS
from monitor.core.times import Clock, duration

__all__ = ["STATE_MEANINGS", "count", "duration", "measured", "moment", "share", "stamp"]

MINUTE_S = 60.0


def count(number: int) -> str:
    """Return a whole number with its thousands apart: 1,800."""
    return f"{number:,}"


def share(part: int, whole: int) -> str:
    """Return a share in whole percent; what is not nothing is never called 0 %, nor what is not all 100 %."""
    if not whole or not part:
        return "0 %"
    if part == whole:
        return "100 %"
    return f"{min(99, max(1, round(100 * part / whole)))} %"


def stamp(at: float) -> str | None:
    """Return a moment for machines (RFC 3339, UTC, milliseconds), or None where there is none."""
    if not isfinite(at):
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(at: float, now: float) -> str:
    """Return a moment for a person: the time of day, with the day where it is not today's (UTC)."""
    return Clock(now).moment(at)


def measured(name: str, value: float | str, now: float) -> tuple[str, str]:
    """Return a measurement's name and value in words; the unit stands at the end of its name in the code."""
    if isinstance(value, str):
        return name.replace("_", " "), value
    if name.endswith("_at"):
        return name.removesuffix("_at").replace("_", " "), moment(value, now)
    if name.endswith("_s") and not name.endswith("_per_s"):
        sign = "-" if value < 0 and abs(value) >= MINUTE_S else ""
        told = f"{sign}{duration(value)}" if abs(value) >= MINUTE_S else f"{value + 0.0:.2f} s".replace("-0.00", "0.00")
        return name.removesuffix("_s").replace("_", " "), told
    return name.replace("_", " "), f"{value:,.2f}".rstrip("0").rstrip(".")
