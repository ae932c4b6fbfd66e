"""The head of an HTTP or RTSP message, read as cameras send it (RFC 9112 §5, RFC 2326 §4) and not as they should.

Cameras put spaces before colons, leave names or colons out, fold lines, end them with a bare LF and repeat fields.
None of that makes a camera broken: what cannot be read as a field is left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from monitor.wire.errors import MOST_HEAD_BYTES, MOST_HEADERS, TooLarge

#: The end of a head's last line and the empty line behind it; nothing past the first one is looked at.
_END = re.compile(rb"\n\r?\n")


class Headers(dict[str, list[str]]):
    """The values of each field, in the order in which they came, by its name in lower case."""

    __slots__ = ()

    def first(self, name: str) -> str:
        """Return the first value of a field; "" where there is none."""
        values = self.get(name)
        return values[0] if values else ""

    def all(self, name: str) -> Sequence[str]:
        return self.get(name, ())


class Head(NamedTuple):
    """The first line and the fields; ``size`` is how many bytes they took, with the empty line."""

    first: str
    headers: Headers
    size: int


def parse_head(buffer: bytes | bytearray, most_bytes: int = MOST_HEAD_BYTES) -> Head | None:
    """Return the head at the start of the buffer, or None while its end has not come.

    Raises TooLarge when it would be over the limit.
    """
    end = _END.search(buffer, 0, most_bytes)
    if end is None:
        if len(buffer) > most_bytes:
            raise TooLarge(f"a head of over {most_bytes} bytes")
        return None
    first, *lines = buffer[: end.start()].decode("latin-1").split("\n")
    return Head(first.strip(), _fields(lines), end.end())


def _fields(lines: list[str]) -> Headers:
    headers = Headers()
    newest: list[str] = []
    for line in lines:
        if newest and line[:1] in " \t":
            newest[-1] = f"{newest[-1]} {line.strip()}".strip()
            continue
        name, colon, value = line.partition(":")
        if colon and (name := name.strip().lower()):
            newest = headers.setdefault(name, [])
            newest.append(value.strip())
    if len(lines) > MOST_HEADERS and sum(map(len, headers.values())) > MOST_HEADERS:
        raise TooLarge(f"over {MOST_HEADERS} header fields")
    return headers


def content_length(headers: Headers) -> int | None:
    """Return the announced length of the body; None where no field says a number."""
    for value in headers.all("content-length"):
        digits = value.split(",")[0].strip()
        if digits.isascii() and digits.isdigit():
            return int(digits[:20])
    return None
