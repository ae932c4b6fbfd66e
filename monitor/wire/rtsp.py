"""RTSP/1.0 as cameras speak it (RFC 2326): requests in bytes, and a reader of responses, frames and stray bytes.

The reader gives what arrives in order: responses, interleaved frames (§10.12), and requests that a camera sends to us.
Between messages it skips what it cannot read, up to a bound.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable
from typing import NamedTuple

from monitor.wire.errors import MOST_BODY_BYTES, ProtocolError, TooLarge
from monitor.wire.head import NO_STATUS, Head, Headers, parse_head

_BLANK = re.compile(rb"[\r\n\0]+")
_REQUEST = re.compile(rb"[A-Z_]{3,16}[ *][^\r\n]{0,1024}RTSP/\d")
#: What may still become the beginning of an item when more arrives.
_HALF = re.compile(rb"[A-Z_]{1,16}/?|[A-Z_]{3,16}[ *][^\r\n]{0,1030}|(?i:h|ht|htt|http/?)")
_ANYTHING = re.compile(rb"\$|RTSP/|(?:OPTIONS|GET_PARAMETER|SET_PARAMETER|ANNOUNCE|REDIRECT|TEARDOWN)[ *]")
_NEXT_LINE = re.compile(rb"\$|RTSP/|\n")
_FRAME_HEAD = struct.Struct("!xBH")
#: Bytes in which the beginning of what is searched for may stand at the end of what has arrived.
_TAIL = 13
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_AUTHORITY = re.compile(r"(?:[A-Za-z]+://)+(?:\[[^\]]*\]|[^/?\s]*?)(?=[/?]|$)|^[^/?\s]+:\d+(?=/|$)")
_INTERLEAVED = re.compile(r"interleaved\s*=\s*(\d{1,3})", re.IGNORECASE)
#: Stray bytes that are skipped, empty lines too, before the conversation is given up.
MOST_JUNK_BYTES = 64 * 1024


class Response(NamedTuple):
    status: int
    reason: str
    headers: Headers
    body: bytes

    @property
    def sequence(self) -> int | None:
        value = self.headers.first("cseq")
        return int(value) if value.isdecimal() and len(value) < 12 else None


class Frame(NamedTuple):
    """An interleaved frame: RTP on even channels as a rule, RTCP on odd ones."""

    channel: int
    data: bytes


class Request(NamedTuple):
    """A request that the server sends to us."""

    method: str
    headers: Headers


Item = Response | Frame | Request


def request(method: str, url: str, sequence: int, headers: Iterable[tuple[str, str]] = ()) -> bytes:
    """Return a request's bytes; some cameras answer nobody without a User-Agent."""
    fields = "".join([f"{name}: {value}\r\n" for name, value in headers])
    head = f"{method} {url} RTSP/1.0\r\nCSeq: {sequence}\r\nUser-Agent: camfleet/1\r\n{fields}\r\n"
    return head.encode("latin-1", "replace")


def answer(asked: Request) -> bytes:
    """Return the response to a server's own request: polite, and without content."""
    sequence = asked.headers.first("cseq")[:12]
    return f"RTSP/1.0 200 OK\r\nCSeq: {sequence}\r\n\r\n".encode("latin-1", "replace")


class RtspReader:
    """Reads what comes over one RTSP connection."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._junk = 0
        self._until: re.Pattern[bytes] | None = None
        self._strange = b""
        self._head: Head | None = None
        self._seen = False

    @property
    def touched(self) -> bool:
        """Whether bytes have arrived that are not yet part of an item."""
        return bool(self._until or self._buffer or self._head)

    def feed(self, data: bytes) -> None:
        self._buffer += data
        if len(self._buffer) > 2 * MOST_BODY_BYTES:
            raise TooLarge(f"over {2 * MOST_BODY_BYTES} bytes in one reply")

    def next(self) -> Item | None:
        """Return the next item, or None while none is whole. Raises WireError."""
        head = self._head
        if head is None:
            if not self._buffer:
                return None
            start = self._start()
            if start is None:
                return None
            if start == b"$":
                return self._frame()
            head = parse_head(self._buffer)
            if head is None:
                return None
            del self._buffer[: head.size]
            self._head = head
        return self._body(head)

    def end(self) -> Item | None:
        """Return what there is after the last byte: a response whose body was cut short is still one."""
        if (item := self.next()) is not None:
            return item
        if self._head is not None:
            head, self._head = self._head, None
            body, self._buffer = bytes(self._buffer), bytearray()
            return self._item(head, body)
        if self.touched and not self._seen:
            raise ProtocolError(f"expected RTSP, got {self._strange or bytes(self._buffer[:24])!r}")
        return None

    def _start(self) -> bytes | None:
        """Skip to the beginning of an item; return its first byte, or None while that cannot be told.

        What is skipped depends on the bytes alone, and not on how the network cut them.
        """
        while self._buffer:
            if self._until is not None:
                if not self._skip_until(self._until):
                    return None
            elif self._buffer.startswith((b"RTSP/", b"$")) or _REQUEST.match(self._buffer):
                return bytes(self._buffer[:1])
            elif (blank := _BLANK.match(self._buffer)) is not None:
                self._drop(blank.end())
            elif self._buffer[:5].upper() == b"HTTP/":
                raise ProtocolError(f"expected RTSP, got {bytes(self._buffer[:24])!r}")
            elif _HALF.fullmatch(self._buffer):
                return None
            else:
                self._strange = self._strange or bytes(self._buffer[:24])
                self._until = _NEXT_LINE if _ANYTHING.match(self._buffer) else _ANYTHING
                self._drop(1)
        return None

    def _skip_until(self, sign: re.Pattern[bytes]) -> bool:
        """Drop stray bytes up to what may begin an item; False where all of them had to go."""
        match = sign.search(self._buffer)
        if match is None:
            self._drop(max(0, len(self._buffer) - _TAIL))
            return False
        self._until = None
        self._drop(match.start())
        return True

    def _drop(self, count: int) -> None:
        del self._buffer[:count]
        self._junk += count
        if self._junk > MOST_JUNK_BYTES:
            raise ProtocolError(f"over {MOST_JUNK_BYTES} stray bytes")

    def _frame(self) -> Frame | None:
        """Return an interleaved frame: "$", channel, length in two bytes, data (RFC 2326 §10.12)."""
        buffer = self._buffer
        if len(buffer) < _FRAME_HEAD.size:
            return None
        channel, size = _FRAME_HEAD.unpack_from(buffer)
        end = _FRAME_HEAD.size + size
        if len(buffer) < end:
            return None
        frame = Frame(channel, bytes(buffer[_FRAME_HEAD.size : end]))
        del buffer[:end]
        return frame

    def _body(self, head: Head) -> Item | None:
        length = head.length
        if length is None:
            if "sdp" in head.headers.first("content-type").lower():
                return None  # a description without a length ends with the connection, or when nothing more comes
            length = 0
        if length > MOST_BODY_BYTES:
            raise TooLarge(f"a body of {length} bytes")
        if len(self._buffer) < length:
            return None
        body = bytes(self._buffer[:length])
        del self._buffer[:length]
        self._head = None
        return self._item(head, body)

    def _item(self, head: Head, body: bytes) -> Item:
        self._seen = True
        if head.status != NO_STATUS:
            return Response(head.status, head.reason, head.headers, body)
        if head.first.startswith("RTSP/"):
            raise ProtocolError(f"expected a status line, got {head.first[:60]!r}")
        return Request(head.first.partition(" ")[0].partition("*")[0], head.headers)


def path_of(url: str) -> str:
    """Return an address's path and query; whatever host a device names is not ours to visit.

    Reads what cameras write: no scheme, two schemes, a port twice, an IPv4 address in IPv6 clothes.
    """
    text = _CONTROL.sub("", url).strip()
    while (match := _AUTHORITY.match(text)) is not None and match.end():
        text = text[match.end() :]
    return text if text.startswith("/") else f"/{text}"


def port_of(url: str) -> int | None:
    """Return the port that an address names."""
    match = re.match(r"[A-Za-z]+://(?:\[[^\]]*\]|[^/:\s]*):(\d{1,5})(?=[:/]|$)", url.strip())
    return int(match[1]) if match and 0 < int(match[1]) < 65536 else None


def base_path(response: Response, requested: str) -> str:
    """Return the path that a description's relative controls are joined to (RFC 2326 C.1.1)."""
    for name in ("content-base", "content-location"):
        if value := response.headers.first(name):
            return path_of(value)
    return requested


def control_path(base: str, control: str) -> str:
    """Return the path of a track or of the whole session; "*" and nothing mean the base itself.

    Joined as the common clients do it, with which cameras are tested: by appending, where RFC 2326 C.1.1 would replace
    the last part. A control of several parts behind a slash is whole already.
    """
    control = _CONTROL.sub("", control)
    if control in ("", "*"):
        return base
    if "://" in control:
        return path_of(control)
    if control.startswith("/") and "/" in control[1:]:
        return control
    return f"{base.rstrip('/')}/{control.lstrip('/')}"


def session_of(response: Response) -> tuple[str, float]:
    """Return the session's id and its time-out in seconds, 60 where none or an absurd one is named (§12.37)."""
    identity, _, parameters = response.headers.first("session").partition(";")
    match = re.search(r"timeout\s*=\s*(\d{1,6})\b", parameters)
    timeout = float(match[1]) if match else 60.0
    return _CONTROL.sub("", identity).strip()[:256], timeout if 1 <= timeout <= 86400 else 60.0


def channel_of(response: Response, asked: int) -> int:
    """Return the channel on which the server sends the track: not always the one asked for."""
    match = _INTERLEAVED.search(response.headers.first("transport"))
    return int(match[1]) if match and int(match[1]) < 256 else asked
