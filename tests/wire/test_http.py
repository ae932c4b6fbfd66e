"""HTTP as cameras send it: every malformation of the field is read, and what is hostile is bounded."""

from __future__ import annotations

import contextlib
import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.wire.errors import ProtocolError, TooLarge, WireError
from monitor.wire.http import Response, ResponseReader, request

BODY = b"<Envelope/>"
BOMB = gzip.compress(bytes(16 << 20), mtime=0)


def read(data: bytes, ends: bool = False) -> Response | None:
    reader = ResponseReader()
    reader.feed(data)
    return reader.end() if ends else reader.next()


#: name: (bytes, whether the peer then closes, expected completeness)
ODD = {
    "well formed": (b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n" + BODY, False, True),
    "space before colon": (
        b"HTTP/1.1 200 OK\r\nX-Frame-Options : SAMEORIGIN\r\nContent-Length: 11\r\n\r\n" + BODY,
        False,
        True,
    ),
    "nameless header": (
        b"HTTP/1.0 200 OK\r\nTue, 12 Jun 2012 01:56:34 GMT\r\nContent-Length: 11\r\n\r\n" + BODY,
        False,
        True,
    ),
    "header without colon": (b"HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 11\r\n\r\n" + BODY, False, True),
    "bare line feeds": (b"HTTP/1.1 200 OK\nContent-Length: 11\n\n" + BODY, False, True),
    "folded header": (b"HTTP/1.1 200 OK\r\nServer: a\r\n  b\r\nContent-Length: 11\r\n\r\n" + BODY, False, True),
    "length repeated": (b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\nContent-Length: 11\r\n\r\n" + BODY, False, True),
    "length empty": (b"HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n" + BODY, True, True),
    "no length": (b"HTTP/1.0 200 OK\r\n\r\n" + BODY, True, True),
    "length 48 too long": (b"HTTP/1.1 200 OK\r\nContent-Length: 59\r\n\r\n" + BODY, True, False),
    "bytes after the body": (
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 11\r\n\r\n" + BODY + b"\0",
        False,
        True,
    ),
    "chunked": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nB\r\n" + BODY + b"\r\n0\r\n\r\n", False, True),
    "chunked without the last chunk": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nB\r\n" + BODY + b"\r\n",
        True,
        False,
    ),
    "chunked and a length": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 11\r\n\r\nB\r\n" + BODY + b"\r\n0\r\n\r\n",
        False,
        True,
    ),
    "not UTF-8 in a header": (b"HTTP/1.1 200 OK\r\nServer: \xff\xfe\r\nContent-Length: 11\r\n\r\n" + BODY, False, True),
    "an interim response first": (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n" + BODY,
        False,
        True,
    ),
    "empty lines first": (b"\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n" + BODY, False, True),
    "no reason phrase": (b"HTTP/1.1 200\r\nContent-Length: 11\r\n\r\n" + BODY, False, True),
    "gzip that nobody asked for": (
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(gzip.compress(BODY, mtime=0))
        + gzip.compress(BODY, mtime=0),
        False,
        True,
    ),
}


@pytest.mark.parametrize(("data", "ends", "complete"), ODD.values(), ids=ODD.keys())
def test_what_cameras_send_is_read(data: bytes, ends: bool, complete: bool) -> None:
    """A malformed head or a wrong length is no broken camera."""
    response = read(data, ends)
    assert response is not None
    assert (response.status, response.body, response.complete) == (200, BODY, complete)


@pytest.mark.parametrize("data", [data for data, _, _ in ODD.values()], ids=ODD.keys())
def test_a_reply_may_come_byte_by_byte(data: bytes) -> None:
    """How the network cuts a reply makes no difference."""
    at_once, dripped = ResponseReader(), ResponseReader()
    at_once.feed(data)
    responses = []
    for index in range(len(data)):
        dripped.feed(data[index : index + 1])
        if (response := dripped.next()) is not None:
            responses.append(response)
    assert [*responses, dripped.end()][0] == at_once.end()


HOSTILE = {
    "another protocol": (
        b"RTSP/1.0 400 Bad Request\r\n\r\n",
        ProtocolError,
        "expected HTTP, got b'RTSP/1.0 400 Bad Request'",
    ),
    "TLS": (b"\x15\x03\x01\x00\x02\x02\x28", ProtocolError, r"expected HTTP, got b'\x15\x03\x01\x00\x02\x02('"),
    "a header line of 64 KB": (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 65536, TooLarge, "a head of over 32768 bytes"),
    "2,000 headers": (b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 2000 + b"\r\n", TooLarge, "over 256 header fields"),
    "99 GB": (b"HTTP/1.1 200 OK\r\nContent-Length: 99000000000\r\n\r\n", TooLarge, "a body of 99000000000 bytes"),
    "chunks without end": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"8000\r\n" + b"a" * 32768 + b"\r\n" + b"3FFFF\r\n",
        TooLarge,
        "a chunked body of over 262144 bytes",
    ),
    "a bad chunk size": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        ProtocolError,
        r"expected the size of a chunk, got b'xyz\r\n'",
    ),
    "a gzip bomb": (
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB) + BOMB,
        TooLarge,
        "a gzip body that unpacks to over 262144 bytes",
    ),
    "brotli claimed": (
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\na",
        ProtocolError,
        "a body in an encoding that we did not ask for: 'br'",
    ),
    "spaces before the size of a chunk": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b" " * 600 + b"3\r\nabc\r\n0\r\n\r\n",
        ProtocolError,
        f"expected the size of a chunk, got {b' ' * 24!r}",
    ),
    "not gzip": (
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
        ProtocolError,
        "a gzip body that cannot be unpacked",
    ),
}


@pytest.mark.parametrize(("data", "error", "message"), HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_hostile_is_refused_with_its_name(data: bytes, error: type[WireError], message: str) -> None:
    """Each hostile reply gives its own error, and no memory."""
    with pytest.raises(error) as caught:
        read(data)
    assert str(caught.value) == message


def test_an_unending_head_or_body_is_cut_off() -> None:
    """A peer cannot make a reader hold more than twice its limit."""
    reader = ResponseReader()
    reader.feed(b"HTTP/1.1 200 OK\r\n\r\n")
    fed = 0
    with pytest.raises(TooLarge):  # noqa: PT012 - which of many steps refuses is not the point
        while fed < 10_000_000:
            reader.feed(b"a" * 1024)
            fed += 1024
            reader.next()
    assert fed <= 1 << 20


@pytest.mark.parametrize("arrived", [0, 1, 40])
def test_a_reply_without_a_body_has_none(arrived: int) -> None:
    """A length of 0 is the end, whatever has come behind it by then."""
    reader = ResponseReader()
    reader.feed(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n" + b"<s:Envelope>".ljust(40)[:arrived])
    response = reader.next()
    assert response is not None
    assert (response.status, response.body, response.complete) == (401, b"", True)


def test_two_replies_on_one_connection() -> None:
    """What follows a reply belongs to the next one."""
    reader = ResponseReader()
    reader.feed(ODD["well formed"][0] * 2)
    assert [reader.next(), reader.next(), reader.next()].count(None) == 1


def test_bytes_after_a_reply_do_not_spoil_the_next_one() -> None:
    """A camera that sends more than it announced is asked again on the same connection."""
    reader = ResponseReader()
    reader.feed(ODD["well formed"][0] + b"\0tail")
    assert reader.next() is not None
    reader.feed(ODD["well formed"][0])
    assert reader.next() is not None


@pytest.mark.parametrize("late", [b"X-Checked: 1\r\nX-Sum: 2\r\n\r\n", b"\r\n", b"</html>", b"\0\0", b"HT"])
def test_bytes_that_come_late_do_not_spoil_the_next_reply(late: bytes) -> None:
    """Trailers behind the last chunk, and what a reply had too much, may come when the next question was asked."""
    reader = ResponseReader()
    reader.feed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nB\r\n" + BODY + b"\r\n0\r\n")
    assert reader.next() is not None
    reader.feed(late)
    assert reader.next() is None
    for byte in ODD["well formed"][0]:
        reader.feed(bytes([byte]))
        response = reader.next()
    assert response is not None
    assert response.body == BODY


def test_stray_bytes_without_end_are_cut_off() -> None:
    """What follows a reply for ever, and is none, has its end at what a reply may hold."""
    reader = ResponseReader()
    reader.feed(ODD["well formed"][0])
    assert reader.next() is not None

    def flood() -> None:
        for _ in range(1000):
            reader.feed(b"A" * 1024)
            reader.next()

    with pytest.raises(TooLarge, match="stray bytes"):
        flood()


def test_a_request_in_bytes() -> None:
    """A POST names its length; nothing asks for compression."""
    assert request("POST", "/onvif/device_service", "192.0.2.1:8080", [("Content-Type", "x")], b"ab") == (
        b"POST /onvif/device_service HTTP/1.1\r\nHost: 192.0.2.1:8080\r\nUser-Agent: camfleet/1\r\nContent-Type: x\r\n"
        b"Content-Length: 2\r\n\r\nab"
    )


@given(st.binary(max_size=400), st.binary(max_size=400))
def test_no_bytes_raise_anything_but_a_wire_error(head: bytes, rest: bytes) -> None:
    """Hostile bytes give a response, nothing, or a WireError."""
    for data in (
        head + rest,
        b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n" + rest,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + head,
        b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\n" + zlib.compress(head)[: len(rest)] + rest,
    ):
        with contextlib.suppress(WireError):
            read(data, ends=True)
