"""HTTP/1.1 as cameras speak it (RFC 9112): requests in bytes, and a reader that forgives what can be understood.

The reader takes what arrives and gives a response when one is whole. When the peer closes or falls silent early,
``end`` gives what there is: cameras announce 48 bytes more than they send, and leave out the last chunk.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from typing import NamedTuple

from monitor.wire.errors import MOST_BODY_BYTES, ProtocolError, TooLarge
from monitor.wire.head import NO_STATUS, Head, Headers, parse_head

_CHUNK_SIZE = re.compile(rb"[ \t]{0,64}([0-9A-Fa-f]{1,8})[ \t]{0,64}(?:;[^\r\n]{0,256})?\r?\n")
#: Where a response begins, or may begin when more arrives.
_START = re.compile(rb"http/|(?:h(?:t(?:tp?)?)?)?\Z", re.IGNORECASE)
_ENVELOPE_END = b"Envelope>"
_START_OF_TAG, _END_OF_TAG = b"<>"
#: What may stand behind a document.
_BLANK = b"\0 \t\r\n"
_NO_BODY = frozenset({204, 304})
#: Interim responses (1xx) before a response, and the chunks of its body, that are read.
MOST_INTERIM = 8
MOST_CHUNKS = 4096


class Response(NamedTuple):
    """A response. ``complete`` is False where the body was cut off against what was announced, ``persistent`` where the
    server's version of HTTP closes the connection after each response unless it says otherwise (RFC 9112 §9.3)."""

    status: int
    reason: str
    headers: Headers
    body: bytes
    complete: bool = True
    persistent: bool = True

    @property
    def closes(self) -> bool:
        """Whether the connection cannot be used again."""
        return not (self.complete and self.persistent) or "close" in self.headers.first("connection").lower()


def request(method: str, target: str, host: str, headers: Iterable[tuple[str, str]] = (), body: bytes = b"") -> bytes:
    """Return a request's bytes. ``host`` is the Host field: an authority, an IPv6 address in brackets."""
    fields = "".join([f"{name}: {value}\r\n" for name, value in headers])
    head = f"{method} {target} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: camfleet/1\r\n{fields}"
    if body or method == "POST":
        head += f"Content-Length: {len(body)}\r\n"
    return (head + "\r\n").encode("latin-1", "replace") + body


class ResponseReader:
    """Reads responses from the bytes of one connection, one after the other."""

    def __init__(self, most_bytes: int = MOST_BODY_BYTES) -> None:
        self._buffer = bytearray()
        self._most_bytes = most_bytes
        self._head: Head | None = None
        self._chunks = bytearray()
        self._pieces = 0
        self._interim = 0
        self._stray = 0
        self._answered = False

    @property
    def touched(self) -> bool:
        """Whether anything has arrived that is not yet part of a response."""
        return self._head is not None or bool(self._buffer)

    def feed(self, data: bytes) -> None:
        """Take what arrived. Raises TooLarge where more is waiting than a response may hold."""
        self._buffer += data
        if len(self._buffer) > 2 * self._most_bytes:
            raise TooLarge(f"over {2 * self._most_bytes} bytes in one reply")

    def next(self) -> Response | None:
        """Return the next whole response, or None. Raises WireError."""
        while self._head is None:
            if not self._read_head():
                return None
        body = self._read_body(self._head)
        return None if body is None else self._finish(self._head, body, complete=True)

    def end(self) -> Response | None:
        """Return what there is of a response after the last byte; None where not even its head came."""
        if (response := self.next()) is not None:
            return response
        if self._head is None:
            if self._buffer.strip():
                raise ProtocolError("the connection ended within a head")
            return None
        if _chunked(self._head):
            return self._finish(self._head, bytes(self._chunks), complete=False)
        body, self._buffer = bytes(self._buffer), bytearray()
        return self._finish(self._head, body, complete=self._head.length is None)

    def _read_head(self) -> bool:
        """Read a head into the reader; an interim response (1xx) is skipped."""
        if not self._buffer:
            return False
        if not self._buffer.startswith(b"HTTP/"):
            self._skip_stray_bytes()
        head = parse_head(self._buffer)
        if head is None:
            return False
        if head.status == NO_STATUS:
            raise ProtocolError(f"expected a status line, got {head.first[:60]!r}")
        del self._buffer[: head.size]
        if 100 <= head.status < 200:
            self._interim += 1
            if self._interim > MOST_INTERIM:
                raise ProtocolError(f"over {MOST_INTERIM} interim replies")
            return bool(self._buffer)
        self._head = head
        self._chunks, self._pieces, self._interim = bytearray(), 0, 0
        return True

    def _skip_stray_bytes(self) -> None:
        """Drop what belongs to no response: empty lines and NULs, and after a response whatever it had too much."""
        stray = len(self._buffer) - len(self._buffer.lstrip(b"\r\n\0 \t"))
        if self._answered and (start := _START.search(self._buffer)) is not None:
            stray = start.start()
            self._stray += stray
        if self._stray > self._most_bytes:
            raise TooLarge(f"over {self._most_bytes} stray bytes")
        del self._buffer[:stray]
        if self._buffer and not b"HTTP/".startswith(self._buffer[:5].upper()):
            raise ProtocolError(f"expected HTTP, got {bytes(self._buffer[:24])!r}")

    def _read_body(self, head: Head) -> bytes | None:
        if head.status in _NO_BODY:
            return b""
        if _chunked(head):
            return self._read_chunks()
        length = head.length
        if length is None:
            if len(self._buffer) > self._most_bytes:
                raise TooLarge(f"a body of over {self._most_bytes} bytes")
            return None
        if length > self._most_bytes:
            raise TooLarge(f"a body of {length} bytes")
        if len(self._buffer) < length:
            return None
        end = self._end_of_xml(length)
        if end is None:
            return None
        body = bytes(self._buffer[:end])
        del self._buffer[:end]
        return body

    def _end_of_xml(self, length: int) -> int | None:
        """Return where a body ends: behind its envelope, if that is XML which its length cuts short.

        Some devices count characters, and send bytes. None while the envelope's end has not come.
        """
        if not length or self._buffer[length - 1] == _END_OF_TAG or self._buffer[0] != _START_OF_TAG:
            return length
        if self._buffer[:length].rstrip(_BLANK).endswith(b">"):
            return length
        end = self._buffer.find(_ENVELOPE_END, max(0, length - len(_ENVELOPE_END)))
        return None if end < 0 else end + len(_ENVELOPE_END)

    def _read_chunks(self) -> bytes | None:
        while True:
            match = _CHUNK_SIZE.match(self._buffer)
            if match is None:
                if b"\n" in self._buffer or len(self._buffer) > 512:
                    raise ProtocolError(f"expected the size of a chunk, got {bytes(self._buffer[:24])!r}")
                return None
            size = int(match[1], 16)
            if len(self._chunks) + size > self._most_bytes:
                raise TooLarge(f"a chunked body of over {self._most_bytes} bytes")
            if size == 0:
                self._buffer.clear()
                return bytes(self._chunks)
            rest = _after_chunk(self._buffer, match.end() + size)
            if rest is None:
                return None
            self._chunks += self._buffer[match.end() : match.end() + size]
            del self._buffer[:rest]
            self._pieces += 1
            if self._pieces > MOST_CHUNKS:
                raise TooLarge(f"over {MOST_CHUNKS} chunks")

    def _finish(self, head: Head, body: bytes, complete: bool) -> Response:
        self._head = None
        self._answered = True
        plain = body if head.plain else _decoded(body, head.headers, self._most_bytes)
        persistent = head.first[5:8] != "1.0" or "keep-alive" in head.headers.first("connection").lower()
        return Response(head.status, head.reason, head.headers, plain, complete, persistent)


def _chunked(head: Head) -> bool:
    return not head.plain and "chunked" in head.headers.first("transfer-encoding").lower()


def _after_chunk(buffer: bytearray, end: int) -> int | None:
    """Return where the chunk after this one begins; None while the line end behind this one has not come."""
    if buffer[end : end + 1] == b"\n":
        return end + 1
    if len(buffer) < end + 2:
        return None
    return end + 2 if buffer[end : end + 2] == b"\r\n" else end


def _decoded(body: bytes, headers: Headers, most_bytes: int) -> bytes:
    """Undo gzip or deflate, which we never ask for, without letting a small body become a large one."""
    coding = headers.first("content-encoding").lower()
    if coding in ("", "identity") or not body:
        return body
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise ProtocolError(f"a body in an encoding that we did not ask for: {coding[:40]!r}")
    inflater = zlib.decompressobj(wbits=47)
    try:
        plain = inflater.decompress(body, most_bytes)
    except zlib.error as error:
        raise ProtocolError(f"a {coding} body that cannot be unpacked") from error
    if inflater.unconsumed_tail:
        raise TooLarge(f"a {coding} body that unpacks to over {most_bytes} bytes")
    return plain
