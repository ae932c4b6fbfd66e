"""The head of an HTTP or RTSP message, read as cameras send it (RFC 9112 §5, RFC 2326 §4) and not as they should.

Cameras put spaces before colons, leave names or colons out, fold lines, end them with a bare LF and repeat fields.
None of that makes a camera broken: what cannot be read as a field is left out.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from monitor.wire.errors import MOST_HEAD_BYTES, MOST_HEADERS, TooLarge

#: The end of a head's last line and the empty line behind it; nothing past the first one is looked at.
_END = re.compile(rb"\n\r?\n")


class Headers(tuple[tuple[str, str], ...]):
    """Fields in their order, names in lower case."""

    __slots__ = ()

    def get(self, name: str, default: str = "") -> str:
        """Return the first field of this name."""
        for key, value in self:
            if key == name:
                return value
        return default

    def all(self, name: str) -> list[str]:
        return [value for key, value in self if key == name]


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
    fields: list[tuple[str, str]] = []
    for line in lines:
        if fields and line[:1] in " \t":
            name, value = fields[-1]
            fields[-1] = (name, f"{value} {line.strip()}".strip())
            continue
        name, colon, value = line.partition(":")
        if colon and (name := name.strip().lower()):
            fields.append((name, value.strip()))
    if len(fields) > MOST_HEADERS:
        raise TooLarge(f"over {MOST_HEADERS} header fields")
    return Headers(fields)


def content_length(headers: Headers) -> int | None:
    """Return the announced length of the body; None where no field says a number."""
    for value in headers.all("content-length"):
        digits = value.split(",")[0].strip()
        if digits.isascii() and digits.isdigit():
            return int(digits[:20])
    return None
