"""What was found, in a person's words: measurements with names and units, and no text that only a programmer reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

Value = float | str


def clock_time(at: float, now: float) -> str:
    """Return a moment as a time of day, with the day where it is not today's: 10:31 UTC."""
    moment, today = datetime.fromtimestamp(at, UTC), datetime.fromtimestamp(now, UTC).date()
    return f"{moment:%H:%M} UTC" if moment.date() == today else f"{moment:%Y-%m-%d %H:%M} UTC"


def clock_times(moments: Sequence[float], now: float) -> str:
    """Return moments in a row: 10:31, 10:41 and 11:11 UTC."""
    *others, last = (clock_time(at, now) for at in moments)
    return " and ".join([*([", ".join(others).replace(" UTC", "")] if others else []), last])


def span(seconds: float) -> str:
    """Return a duration in its natural unit: 12 s, 5 min, 3.5 h, 41 days."""
    for size, unit in ((86400.0 * 2, "days"), (3600.0 * 2, "h"), (60.0 * 2, "min")):
        if abs(seconds) >= size:
            return f"{seconds / (size / 2):,.1f}".rstrip("0").rstrip(".") + f" {unit}"
    return f"{seconds:.1f} s" if abs(seconds) < 10 else f"{seconds:.0f} s"


def _moment(value: float) -> str:
    return f"{datetime.fromtimestamp(value, UTC):%Y-%m-%d %H:%M} UTC"


def _offset(value: float) -> str:
    if abs(value) < 0.05:
        return "none"
    return f"{span(abs(value))} {'fast' if value > 0 else 'slow'}"


def _bits(value: float) -> str:
    return f"{value / 1e6:,.3g} Mbit/s" if value >= 1e6 else f"{value / 1e3:.0f} kbit/s"


def _unit(unit: str, digits: int = 0) -> Callable[[float], str]:
    return lambda value: f"{value:,.{digits}f} {unit}".strip()


#: Name in the code: name for a person, and how its figure is told.
NAMES: Mapping[str, tuple[str, Callable[[float], str]]] = {
    "manufacturer": ("maker", _unit("")),
    "model": ("model", _unit("")),
    "firmware": ("firmware", _unit("")),
    "serial": ("serial number", _unit("")),
    "description": ("description", _unit("")),
    "clock_offset_s": ("clock error", _offset),
    "uptime_s": ("running for", span),
    "boot_at": ("started at", _moment),
    "video": ("stream", _unit("")),
    "first_packet_s": ("first video after", _unit("s", 2)),
    "video_packets": ("video packets", _unit("")),
    "video_frames": ("pictures", _unit("")),
    "video_lost": ("packets lost", _unit("")),
    "video_bits_per_second": ("bit rate", _bits),
    "video_frames_per_second": ("frame rate", _unit("pictures/s", 1)),
    "interface_up": ("network port", lambda value: "up" if value == 1 else "down"),
    "interface_bits_per_second": ("network speed", _bits),
    "temperature_celsius": ("temperature", _unit("°C", 1)),
    "cpu_percent": ("processor load", _unit("%")),
    "memory_percent": ("memory used", _unit("%")),
    "disk_percent": ("storage used", _unit("%")),
    "disk_gigabytes": ("storage size", _unit("GB")),
    "disk_free_megabytes": ("storage free", _unit("MB")),
    **{
        f"{service}{name}": (f"{service}{title}", told)
        for service in ("https", "rtsps")
        for name, title, told in (
            ("_version", "", _unit("")),
            ("_certificate", " certificate", _unit("")),
            ("_certificate_expires_at", " certificate until", _moment),
        )
    },
}


_PLACES = {name: place for place, name in enumerate(NAMES)}
#: What is told of a storage; a camera without a card has one of no size.
_STORAGE = ("disk_gigabytes", "disk_percent")


def orderly(values: Mapping[str, Value]) -> dict[str, Value]:
    """Return measurements in the order of ``NAMES``, others by the alphabet; without those of a storage of no size."""
    absent = _STORAGE if values.get("disk_gigabytes") == 0 else ()
    names = sorted(values, key=lambda name: (_PLACES.get(name, len(_PLACES)), name))
    return {name: values[name] for name in names if name not in absent}


def measured(name: str, value: Value) -> tuple[str, str]:
    """Return a measurement's name and value for a person; one that has no line above is told as it came."""
    title, told = NAMES.get(name, (name.replace("_", " "), _unit("", 2)))
    return title, line(value) if isinstance(value, str) else told(value)


#: Texts of the operating system and of Python, which say nothing to a person.
_PLUMBING = re.compile(r"\[Errno -?\d+\]|\bErrno\b|^\w*(?:Error|Exception|Timeout|Closed|Interrupt)\w*$|errno")


def detail(text: str) -> str:
    """Return a finding's detail, or nothing where only a programmer could read it."""
    told = line(text)
    return "" if _PLUMBING.search(told) else told


def line(text: str) -> str:
    """Return a device's text as part of one line: it begins none of its own."""
    return " ".join(text.split())
