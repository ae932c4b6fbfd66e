"""Answers as JSON: what zeep made of a reply, bounded, without what is absent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, time
from math import isfinite
from typing import Any

from lxml import etree

MOST_DEPTH = 40
MOST_ENTRIES = 2000
MOST_CHARACTERS = 20_000


def plain(value: Any, depth: int = 0) -> Any:
    """Return a value of zeep's as JSON has it; None for what is absent or empty."""
    if depth > MOST_DEPTH:
        return "(deeper than is shown)"
    match value:
        case None | bool() | int():
            return value
        case float():
            return value if isfinite(value) else str(value)
        case bytes():
            return f"({len(value)} bytes)"
        case date() | time():
            return value.isoformat()
        case etree._Element():
            return xml(value)
        case Mapping():
            return _present({str(name): plain(one, depth + 1) for name, one in list(value.items())[:MOST_ENTRIES]})
        case Sequence() if not isinstance(value, str):
            return [plain(one, depth + 1) for one in value[:MOST_ENTRIES]]
    return str(value)[:MOST_CHARACTERS]


def _present(entries: dict[str, Any]) -> dict[str, Any] | None:
    return {name: one for name, one in entries.items() if one is not None and one != []} or None


def xml(element: etree._Element) -> str:
    """Return an element as it was sent."""
    return etree.tostring(element, encoding="unicode", with_tail=False)[:MOST_CHARACTERS]
