"""The head of an HTTP or RTSP message, read as cameras send it (RFC 9112 §5, RFC 2326 §4) and not as they should.

Cameras put spaces before colons, leave names or colons out, fold lines, end them with a bare LF and repeat fields.
None of that makes a camera broken: what cannot be read as a field is left out. Most do nothing of the kind: what is
written as the standards want it is read by one pattern, and all else with care.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from monitor.wire.errors import MOST_HEAD_BYTES, MOST_HEADERS, TooLarge

_STATUS = re.compile(r"(?:HTTP|RTSP)/\d(?:\.\d)?\s+(\d{3})\b\s*(.*)", re.DOTALL | re.IGNORECASE)
#: A field that says nothing of how long a body is and how it is encoded, on a line of its own.
_FIELD = r"(?!(?i:content-length|content-encoding|transfer-encoding))[!-9;-~]++:[^\n]*+\n"
#: The head of a response as most are written, with one length or none.
_USUAL = re.compile(
    r"((?:HTTP/1\.1|RTSP/1\.0) (\d{3}) ([!-~](?:[ -~]*[!-~])?)) *\r?"
    rf"(\n(?:{_FIELD}){{0,40}}(?:(?i:content-length):[ \t]*+(\d{{1,6}})[ \t]*+\r?\n(?:{_FIELD}){{0,40}})?)\r?\n"
)
#: What is longer is not usual.
_USUAL_BYTES = 2048
#: What a first line tells that is none of a response.
NO_STATUS = -1
#: The end of a head's last line and the empty line behind it; nothing past the first one is looked at.
_END = re.compile(rb"\n\r?\n")
#: So many bytes hold no more fields than a head may have: each takes a letter, a colon and a line's end.
_FEW_BYTES = 3 * MOST_HEADERS


class Headers(Mapping[str, Sequence[str]]):
    """The values of each field, in the order in which they came, by its name in lower case.

    Few of them are ever asked for, so a head is searched rather than read: a name that stands nowhere in it is no
    field's, and where it stands first, between a line's beginning and a colon, is its first field. Whatever else can
    be meant is read line by line, and so is all where lines are folded.
    """

    __slots__ = ("_fields", "_plain", "_text")

    def __init__(self, fields: Mapping[str, Sequence[str]] | None = None, text: str = "\n") -> None:
        """Take fields that were read, or the text of a head from the end of its first line to the end of its last."""
        if fields is None and len(text) > _FEW_BYTES and text.count("\n") > MOST_HEADERS:
            fields = _fields(text)
        self._fields = fields
        self._text = text
        self._plain = "" if fields is not None or "\n " in text or "\n\t" in text else text.lower()

    def first(self, name: str) -> str:
        """Return the first value of a field; "" where there is none."""
        plain = self._plain
        if plain:
            at = plain.find(name)
            if at < 0:
                return ""
            end = at + len(name)
            if plain[at - 1] == "\n" and plain[end] == ":":
                return self._text[end + 1 : plain.find("\n", end)].strip()
        values = self._read.get(name)
        return values[0] if values else ""

    def all(self, name: str) -> Sequence[str]:
        """Return the values of a field."""
        plain = self._plain
        if plain:
            at = plain.find(name)
            if at < 0:
                return ()
            end = at + len(name)
            if plain[at - 1] == "\n" and plain[end] == ":" and plain.find(name, end) < 0:
                return (self._text[end + 1 : plain.find("\n", end)].strip(),)
        return self._read.get(name, ())

    @property
    def _read(self) -> Mapping[str, Sequence[str]]:
        if self._fields is None:
            self._fields = _fields(self._text)
        return self._fields

    def __getitem__(self, name: str) -> Sequence[str]:
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read)

    def __len__(self) -> int:
        return len(self._read)


class Head(NamedTuple):
    """A first line and what follows it; ``size`` is how many bytes that took, with the empty line."""

    first: str
    headers: Headers
    size: int
    status: int = NO_STATUS
    reason: str = ""
    length: int | None = None
    """The announced length of the body; None where no field says a number."""
    plain: bool = False
    """Whether it is known that its body is neither chunked nor packed."""


def parse_head(buffer: bytes | bytearray, most_bytes: int = MOST_HEAD_BYTES) -> Head | None:
    """Return the head at the start of the buffer, or None while its end has not come.

    Raises TooLarge when it would be over the limit.
    """
    return usual(buffer) or careful(buffer, most_bytes)


def usual(buffer: bytes | bytearray) -> Head | None:
    """Return the head at the start of the buffer if it is a response's as most are written."""
    match = _USUAL.match(buffer[:_USUAL_BYTES].decode("latin-1"))
    if match is None:
        return None
    first, status, reason, fields, length = match.groups()
    announced = int(length) if length else None
    return Head(first, Headers(text=fields), match.end(), int(status), reason, announced, plain=True)


def careful(buffer: bytes | bytearray, most_bytes: int = MOST_HEAD_BYTES) -> Head | None:
    """Return any head at the start of the buffer, as ``parse_head``."""
    end = _END.search(buffer, 0, most_bytes)
    if end is None:
        if len(buffer) > most_bytes:
            raise TooLarge(f"a head of over {most_bytes} bytes")
        return None
    text = buffer[: end.start() + 1].decode("latin-1")
    line = text.find("\n")
    first, headers = text[:line].strip(), Headers(text=text[line:])
    status = _STATUS.match(first)
    return Head(
        first, headers, end.end(), *(int(status[1]), status[2]) if status else (NO_STATUS, ""), content_length(headers)
    )


def _fields(text: str) -> dict[str, list[str]]:
    """Read a head line by line. Raises TooLarge where it has too many fields."""
    fields: dict[str, list[str]] = {}
    newest: list[str] = []
    lines = text.split("\n")[1:-1]
    for line in lines:
        if newest and line[:1] in " \t":
            newest[-1] = f"{newest[-1]} {line.strip()}".strip()
            continue
        name, colon, value = line.partition(":")
        if colon and (name := name.strip().lower()):
            newest = fields.setdefault(name, [])
            newest.append(value.strip())
    if len(lines) > MOST_HEADERS and sum(map(len, fields.values())) > MOST_HEADERS:
        raise TooLarge(f"over {MOST_HEADERS} header fields")
    return fields


def content_length(headers: Headers) -> int | None:
    """Return the announced length of the body; None where no field says a number."""
    for value in headers.all("content-length"):
        if (length := _number(value)) is not None:
            return length
    return None


def _number(value: str) -> int | None:
    digits = value.partition(",")[0].rstrip()
    return int(digits[:20]) if digits.isascii() and digits.isdigit() else None
