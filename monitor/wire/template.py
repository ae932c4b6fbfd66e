"""Replies that are the same each time but for a few texts: their structure is parsed once and remembered.

A reply is cut into its tags and the plain texts between them. The tags of one device's reply never change, so the
hardened parser of ``soap`` reads them once, with a mark in place of each text, and what it finds is a plan: which text
is the hour, which one the model. From then on a reply costs a split and a look-up, a tenth of parsing it. A text that
is taken out holds no markup, no entity and nothing but printable ASCII: it cannot change the structure. Whatever has no
plan is parsed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from monitor.wire import soap
from monitor.wire.errors import WireError

#: The texts that are read from a reply, each "" where it is missing.
Texts = tuple[str, ...]
Find = Callable[[soap.Element], Texts]

#: Plans that are remembered: one for each question, make and line of firmware.
MOST_PLANS = 256
#: Longer replies are parsed: nothing that is asked every minute is longer, and a plan holds what it was made from.
MOST_BYTES = 8192
#: Texts that are taken out; what stands behind them counts as structure. So all plans together hold a few megabytes.
MOST_TEXTS = 64
_TEXT = re.compile(rb">([ -%'-;=?-~]+)</")
#: Comments, instructions and CDATA could hide what looks like a tag; another encoding gives the texts another sense.
_DECLARATION = re.compile(rb"""<\?xml version=["']1\.0["'](?: +encoding=["']utf-8["'])? *\?>""", re.IGNORECASE)
_SPECIAL = re.compile(rb"<[!?]")
#: What stands for a text while the structure is parsed: a character of private use and a number.
_MARK = "\ue000"


def texts(body: bytes, key: str, find: Find) -> Texts:
    """Return what ``find`` reads in the reply to a question. Raises as ``soap.expect``."""
    if len(body) <= MOST_BYTES:
        parts = _TEXT.split(body, MOST_TEXTS)
        plan = _plan(tuple(parts[::2]), key, find)
        if plan is not None:
            found = b"\n".join([parts[place] if place else b"" for place in plan]).decode()
            return tuple(map(str.strip, found.split("\n")))
    return find(soap.expect(body, key))


@lru_cache(maxsize=MOST_PLANS)
def _plan(pieces: tuple[bytes, ...], key: str, find: Find) -> tuple[int, ...] | None:
    """Return where among the parts of a reply each text is that ``find`` reads, 0 for none.

    None where the structure is not plain, or where it is no reply to this question.
    """
    marks = [f">{_MARK}{place}</".encode() for place in range(1, 2 * len(pieces), 2)]
    marked = b"".join(part for pair in zip(pieces, marks, strict=True) for part in pair)
    marked = marked[: -len(marks[-1])]
    declaration = _DECLARATION.match(marked)
    if _SPECIAL.search(marked, declaration.end() if declaration else 0) or _MARK.encode() in b"".join(pieces):
        return None
    try:
        found = find(soap.expect(marked, key, mend=False))
    except (soap.Fault, WireError):
        return None
    if any(text and not text.startswith(_MARK) for text in found):
        return None
    return tuple(int(text[1:]) if text else 0 for text in found)
