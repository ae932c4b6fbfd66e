"""Moments, intervals and durations as a person reads them: one wording for pages, terminal and reports.

Every moment is an argument, in seconds since the epoch; a moment that is told alone names its zone, by its offset.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from math import isfinite
from typing import NamedTuple

#: A fault under watch is confirmed within this; what is known less closely began while nobody looked.
VAGUE_S = 900.0
_STEPS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


class Clock(NamedTuple):
    """How moments are told at ``now`` to somebody in ``zone``; None is the zone of the machine."""

    now: float
    zone: tzinfo | None = UTC

    @property
    def zone_name(self) -> str:
        """How far this zone is ahead of UTC: UTC, UTC+05:00."""
        return self._zone_name(self.now)

    def _zone_name(self, at: float) -> str:
        return f"UTC{offset[:3]}:{offset[3:5]}" if (offset := f"{self._at(at):%z}") != "+0000" else "UTC"

    def _at(self, at: float) -> datetime:
        return datetime.fromtimestamp(at, UTC).astimezone(self.zone)

    def full(self, at: float) -> str:
        """Return a moment with its day, for a table that names the zone."""
        return f"{self._at(at):%Y-%m-%d %H:%M:%S}" if isfinite(at) else "an unknown moment"

    def time(self, at: float) -> str:
        """Return the time of day, with the day where it is not today's, for a table that names the zone."""
        return self.full(at).removeprefix(self.full(self.now)[:11])

    def moment(self, at: float) -> str:
        """Return a moment by itself: 10:31:24 UTC."""
        return f"{self.time(at)} {self._zone_name(at)}" if isfinite(at) else "never"

    def within(self, after: float, by: float) -> str:
        """Return when something happened of which only (``after``, ``by``] is known."""
        if not isfinite(by):
            return "at an unknown moment"
        if not isfinite(after):
            return f"before {self.time(by)}"
        if by - after < 1.0:
            return f"at {self.time(by)}"
        return f"between {self.time(after)} and {self.time(by)}"

    def since(self, after: float, by: float) -> str:
        """Return since when something holds that began within (``after``, ``by``]."""
        return "since " + self.within(after, by).removeprefix("at ")

    def ago(self, at: float) -> str:
        """Return how long ago a moment was."""
        return f"{duration(self.now - at)} ago" if self.now - at >= 1.0 else "just now"


def is_vague(after: float, by: float) -> bool:
    """Say whether of what began within (``after``, ``by``] no single moment can be told as its beginning."""
    return by - after > VAGUE_S


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
