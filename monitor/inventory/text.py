"""Bytes of a file to text: UTF-8, with or without a mark at its start, and no character that hides another."""

from __future__ import annotations

import re

from monitor.inventory.document import Flaw, Place, Unreadable

#: YAML 1.1 §5.1's printable characters; a CSV or JSONL file has no use for others either.
UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def decode(data: bytes) -> str:
    """The text of a file; raises ``Unreadable`` where it is not UTF-8 or holds control characters."""
    if data.startswith(UTF_16):
        raise Unreadable(Flaw(Place(1, 1), "the file is in UTF-16", "save it as UTF-8"))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        raise Unreadable(Flaw(_end(before), "the file is not in UTF-8 from here on", "save it as UTF-8")) from None
    found = UNPRINTABLE.search(text)
    if found:
        code = ord(found[0])
        what = "a NUL byte" if code == 0 else f"the character U+{code:04X}"
        raise Unreadable(Flaw(_end(text[: found.start()]), f"{what} cannot stand here", "take it out"))
    return text


def _end(text: str) -> Place:
    """The place of the next character after this text."""
    return Place(text.count("\n") + 1, len(text) - (text.rfind("\n") + 1) + 1)
