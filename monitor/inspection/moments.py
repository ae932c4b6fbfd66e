"""Moments and spans of time as a person on shift types them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, tzinfo

DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
UNITS_S = {"min": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_SPAN = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)\s?(min|h|d|w)")
_AGO = re.compile(rf"({_SPAN.pattern})\s?ago")
_TIME = re.compile(r"(?:(yesterday|today|tomorrow) )?(\d{1,2}):(\d{2})(?::(\d{2}))?")


def moment(text: str, now: float, ahead: bool = False, zone: tzinfo | None = None) -> float:
    """Return the moment that a text names, in seconds since the epoch. Raises ValueError with what can be written.

    A date and time (ISO 8601), with or without its zone; a time of day, the last one, or the next one where it is
    ``ahead``; that with yesterday, today or tomorrow before it; how long ago, where it is not. What names no zone is
    in ``zone``: the machine's.
    """
    words = " ".join(text.split())
    try:
        if not ahead and (found := _AGO.fullmatch(words)):
            return now - span(found[1])
        if found := _TIME.fullmatch(words):
            return _of_day(found, now, ahead, zone)
        written = datetime.fromisoformat(words)
        return (written if written.tzinfo else _in(written, zone)).timestamp()
    except (ValueError, OverflowError):
        others = "tomorrow 10:31" if ahead else "yesterday 10:31, 5 min ago"
        raise ValueError(f"write 10:31, {others}, 2026-11-22 10:31 or 2026-11-22T10:31:00+05:00") from None


def _of_day(found: re.Match[str], now: float, ahead: bool, zone: tzinfo | None) -> float:
    day, hour, minute, second = found.groups()
    today = datetime.fromtimestamp(now, UTC).astimezone(zone).date()
    at = time(int(hour), int(minute), int(second or 0))

    def on(days: int) -> float:
        return _in(datetime.combine(today + timedelta(days=days), at), zone).timestamp()

    if day:
        return on(DAYS[day])
    if ahead:
        return on(0) if on(0) > now else on(1)
    return on(0) if on(0) <= now else on(-1)


def _in(written: datetime, zone: tzinfo | None) -> datetime:
    return written.replace(tzinfo=zone) if zone else written.astimezone()


def span(text: str) -> float:
    """Return a span of time in seconds. Raises ValueError with what can be written."""
    found = _SPAN.fullmatch(text.strip())
    if not found or not float(found[1]):
        raise ValueError("write a number and min, h, d or w: 30min, 8h, 2d")
    return float(found[1]) * UNITS_S[found[2]]
