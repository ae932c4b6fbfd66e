"""A survey as a person reads it: a heading for each part, a line for each thing. Texts are made harmless."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from monitor.core.survey import PARTS, Parts

_SWITCH = {True: "yes", False: "no"}


def lines(parts: Parts, printable: Callable[[str], str]) -> Iterator[str]:
    """Yield the lines of a survey; ``printable`` makes a device's text harmless."""
    for name, title in PARTS.items():
        part = parts.get(name)
        if part is None:
            continue
        yield f"{title}" + (f": {printable(part.missing)}" if part.missing else "")
        for entry in part.value if isinstance(part.value, Sequence) else [part.value]:
            if isinstance(entry, Mapping):
                yield "  " + _entry(entry, printable)


def _entry(entry: Mapping[str, Any], printable: Callable[[str], str]) -> str:
    return ", ".join(f"{key.replace('_', ' ')} {printable(_value(value))}" for key, value in entry.items())


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return _SWITCH[value]
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
