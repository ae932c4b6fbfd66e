"""Figures and times as a person reads them. Pure; every moment is an argument."""

from __future__ import annotations

from datetime import UTC, datetime
from math import isfinite

from monitor.core.state import State

#: Each state in a few words for those who see the mark for the first time.
STATE_MEANINGS: dict[State, str] = {
    State.UP: "Video arrives.",
    State.DEGRADED: "Video arrives, and something else is wrong.",
    State.UNREACHABLE: "Something above the camera holds it: its uplink, its power.",
    State.DOWN: "No video arrives, or the login is refused.",
    State.UNKNOWN: "Nobody could look yet, or not for too long.",
}

MINUTE_S = 60.0
_STEPS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


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
    if not isfinite(at):
        return "never"
    then, today = datetime.fromtimestamp(at, UTC), datetime.fromtimestamp(now, UTC)
    if then.date() == today.date():
        return f"{then:%H:%M:%S} UTC"
    return f"{then:%Y-%m-%d %H:%M:%S} UTC"


def duration(seconds: float) -> str:
    """Return a duration by its two largest units: 2 h 5 min."""
    if not isfinite(seconds):
        return "for ever"
    left = round(abs(seconds)) if abs(seconds) >= 1 else 0
    parts: list[str] = []
    for size, unit in _STEPS:
        number, left = divmod(left, size)
        if number or parts:
            parts.append(f"{number} {unit}")
    shown = " ".join(part for part in parts[:2] if not part.startswith("0 "))
    return shown or "under 1 s"


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
