"""Text that somebody else wrote, made harmless to a terminal."""

from __future__ import annotations

import re

#: Text from a device is shown up to this length.
MOST_CHARACTERS = 200

_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """Return text that a device may have written, harmless to a terminal and bounded."""
    clean = _UNFIT.sub("\N{REPLACEMENT CHARACTER}", text)
    return clean if len(clean) <= MOST_CHARACTERS else clean[: MOST_CHARACTERS - 1] + "…"
