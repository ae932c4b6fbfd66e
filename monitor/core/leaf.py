"""A leaf of the hash tree: an event as it stands in the ledger.

Rules:
1. A leaf is ``[seq, source, fence, kind, body]`` as JSON in ASCII without blanks; ``body`` is the text of the row, so
   that whoever recomputes a leaf need not know how we write an event.
2. Leaves stand in the order of seq. The other columns of a row only repeat what its body says.
"""

from __future__ import annotations

from json.encoder import encode_basestring_ascii as _quoted
from math import inf
from typing import Any, NamedTuple


def leaf_of(seq: int, source: str, fence: int, kind: str, body: str) -> bytes:
    """Return the bytes of a leaf. Written out, as JSON's encoder writes it: there are millions of them."""
    return f"[{seq},{_quoted(source)},{fence},{_quoted(kind)},{_quoted(body)}]".encode()


class Row(NamedTuple):
    """An event as the ledger holds it; in a hostile file nothing of it need be what it should be."""

    seq: int
    at: float
    kind: str
    camera: str | None
    device: str | None
    vantage: str | None
    source: str
    fence: int
    body: str

    @property
    def leaf(self) -> bytes:
        """The bytes that the tree is over."""
        return leaf_of(self.seq, self.source, self.fence, self.kind, self.body)


class Index(NamedTuple):
    """The columns of a row by which events are found."""

    at: float
    camera: str | None
    device: str | None
    vantage: str | None


def index_of(body: dict[str, Any]) -> Index:
    """Return what the columns of an event say, by its body; KeyError where it has no moment."""
    at = body["at"]
    return Index(-inf if at is None else at, body.get("camera") or None, body.get("device"), body.get("vantage"))
