"""ONVIF devices whose HTTP means harm: each gets its reason, in bounded time and memory, and nothing stays open."""

from __future__ import annotations

import asyncio
import gzip
import os
import zlib

import pytest
from peers.hostile import (
    INFORMATION,
    TIME,
    Bounded,
    Handler,
    attacking,
    closing,
    dripping,
    endless,
    http,
    onvif,
    saying,
    saying_and_closing,
    silent,
)
from talks import QUICK, device, findings, probe, said

from monitor.core.verdict import Rung

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
HTML = b"<!DOCTYPE html><html><head><title>Login</title></head><body>default</body></html>"
ZEROS = bytes(64 << 20)
GZIP_BOMB = gzip.compress(ZEROS, 9)
DEFLATE_BOMB = zlib.compress(ZEROS, 9)
#: A reply's deadline, with what a loaded machine needs.
ONE_REPLY_S = QUICK.reply_s + 1.0

#: name: (what the device does, what is said of ``control``, the beginning of the detail)
ATTACKS: dict[str, tuple[Handler, str, str]] = {
    "silence": (silent, "fail no_reply", "no reply"),
    "hangs up": (closing, "fail closed", "the connection ended before the reply"),
    "drips a head": (dripping(http(TIME)), "fail protocol", "the connection ended within a head (and then silence)"),
    "drips a body": (dripping(TIME, 0.01), "fail protocol", "expected HTTP, got"),
    "endless head": (endless(b"X-A: b\r\n", b"HTTP/1.1 200 OK\r\n"), "fail too_large", "a head of over 32768 bytes"),
    "endless header line": (endless(b"A", b"HTTP/1.1 200 OK\r\nX: "), "fail too_large", "a head of over 32768 bytes"),
    "64 KB header line": (
        saying(b"HTTP/1.1 200 OK\r\nX: " + b"A" * 65536 + b"\r\nContent-Length: 0\r\n\r\n"),
        "fail too_large",
        "a head of over 32768 bytes",
    ),
    "2,000 headers": (
        saying(b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 2000 + b"\r\n"),
        "fail too_large",
        "over 256 header fields",
    ),
    "endless body": (endless(b"A", b"HTTP/1.1 200 OK\r\n\r\n"), "fail too_large", "a body of over 262144 bytes"),
    "99 GB announced": (
        saying(b"HTTP/1.1 200 OK\r\nContent-Length: 99000000000\r\n\r\n"),
        "fail too_large",
        "a body of 99000000000 bytes",
    ),
    "endless chunks": (
        endless(b"400\r\n" + b"A" * 1024 + b"\r\n", CHUNKED),
        "fail too_large",
        "a chunked body of over",
    ),
    "endless tiny chunks": (endless(b"1\r\nA\r\n", CHUNKED), "fail too_large", "over 4096 chunks"),
    "a chunk of 4 GB": (saying(CHUNKED + b"FFFFFFFF\r\nA"), "fail too_large", "a chunked body of over 262144 bytes"),
    "a chunk of no size": (saying(CHUNKED + b"xyz\r\n"), "fail protocol", "expected the size of a chunk"),
    "endless size of a chunk": (endless(b"0", CHUNKED), "fail protocol", "expected the size of a chunk"),
    "endless interim replies": (endless(b"HTTP/1.1 100 Continue\r\n\r\n"), "fail protocol", "over 8 interim replies"),
    "endless empty lines": (endless(b"\r\n"), "fail no_reply", "no reply"),
    "endless NULs": (endless(b"\0"), "fail no_reply", "no reply"),
    "gzip bomb": (saying(http(GZIP_BOMB, headers="Content-Encoding: gzip\r\n")), "fail too_large", "a gzip body that"),
    "deflate bomb": (
        saying(http(DEFLATE_BOMB, headers="Content-Encoding: deflate\r\n")),
        "fail too_large",
        "a deflate body that unpacks to over 262144 bytes",
    ),
    "gzip within gzip": (
        saying(http(gzip.compress(GZIP_BOMB), headers="Content-Encoding: gzip\r\n")),
        "fail protocol",
        "not XML",
    ),
    "not gzip at all": (
        saying(http(TIME, headers="Content-Encoding: gzip\r\n")),
        "fail protocol",
        "a gzip body that cannot be unpacked",
    ),
    "brotli": (saying(http(TIME, headers="Content-Encoding: br\r\n")), "fail protocol", "a body in an encoding that"),
    "HTML": (saying(http(HTML, headers="Content-Type: text/html\r\n")), "fail protocol", "a reply with a document"),
    "XHTML": (saying(http(b"<html><body/></html>")), "fail protocol", "expected a SOAP envelope, got <html>"),
    "nothing": (saying(http(b"")), "fail protocol", "not XML"),
    "the reply to another question": (
        saying(http(INFORMATION)),
        "fail protocol",
        "expected GetSystemDateAndTimeResponse, got GetDeviceInformationResponse",
    ),
    "RTSP": (saying(b"RTSP/1.0 400 Bad Request\r\n\r\n"), "fail protocol", "expected HTTP, got b'RTSP/1.0 400"),
    "TLS": (saying_and_closing(b"\x15\x03\x01\x00\x02\x02\x46"), "fail protocol", "expected HTTP, got b'\\x15"),
    "SSH": (saying(b"SSH-2.0-dropbear_2019.78\r\n"), "fail protocol", "expected HTTP, got b'SSH-2.0"),
    "HTTP/2": (saying(b"\0\0\x12\x04\0\0\0\0\0"), "fail protocol", "expected HTTP, got"),
    "HTTP/0.9": (saying_and_closing(TIME), "fail protocol", "expected HTTP, got b'<s:Envelope"),
    "garbage": (saying(os.urandom(1 << 16).replace(b"HTTP/", b"")), "fail protocol", "expected HTTP, got"),
    "a status of words": (saying(b"HTTP/1.1 OK\r\n\r\n"), "fail protocol", "expected a status line"),
    "a status of five digits": (saying(b"HTTP/1.1 20000 OK\r\n\r\n"), "fail protocol", "expected a status line"),
    "server error": (saying(http(b"", "500 Oops")), "fail server_error", "HTTP 500 Oops"),
    "server busy": (saying(http(b"", "503 Busy")), "unseen busy", "HTTP 503 Busy"),
    "no such page": (saying(http(HTML, "404 Not Found")), "fail unsupported", "HTTP 404 Not Found"),
}


@pytest.mark.parametrize("name", ATTACKS)
async def test_an_attack_over_http(name: str, bounded: Bounded) -> None:
    """One device's HTTP gets exactly its reason; one reply's deadline, 6 MB and no descriptor are all that it costs."""
    handler, expected, detail = ATTACKS[name]
    async with bounded(ONE_REPLY_S), attacking(handler) as attacker:
        result = await probe("onvif", device(ports={"onvif": attacker.port}))
    control = findings(result)[Rung.CONTROL]
    assert said(result) == {"reachable": "ok", "control": expected}
    assert control.detail.startswith(detail)
    assert attacker.connections == 1
    assert attacker.logins == 0


async def test_a_flood_does_not_outlast_the_deadline(bounded: Bounded) -> None:
    """Bytes that never stop do not keep a reply's deadline from passing."""
    async with bounded(ONE_REPLY_S), attacking(endless(b"\r\n")) as attacker:
        result = await probe("onvif", device(ports={"onvif": attacker.port}))
    assert QUICK.reply_s <= result.verdict.duration_s < QUICK.reply_s + 0.5


async def test_a_device_that_drips_every_reply_ends_with_the_probe(bounded: Bounded) -> None:
    """Replies that each arrive just in time do not add up beyond the deadline of the whole probe."""
    quick = QUICK.__class__(connect_s=0.5, reply_s=0.5, first_packet_s=0.5, probe_s=1.0, first_contact_s=1.0)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(65536):
            await asyncio.sleep(0.4)
            writer.write(http(TIME, "401 Unauthorized", 'WWW-Authenticate: Digest realm="r", nonce="n"\r\n'))

    async with bounded(2.0), attacking(handle) as attacker:
        result = await probe("onvif", device(ports={"onvif": attacker.port}), deadlines=quick)
    assert said(result)["credentials"] == "unseen no_reply"
    assert findings(result)[Rung.CREDENTIALS].detail == "not finished within 1 s"


@pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/1.1"])
@pytest.mark.parametrize("after_s", [0.0, 0.01])
async def test_a_server_that_closes_without_a_word(version: str, after_s: float) -> None:
    """A connection that is closed after each reply, at once or as the next question comes, keeps nothing from us."""
    guarded = http(b"", "401 Unauthorized", 'WWW-Authenticate: Digest realm="r", nonce="n"\r\n')

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        asked = head + await reader.readexactly(length)
        answer = onvif()(asked) if b"Time" in asked or b"Authorization:" in asked else guarded
        writer.write(answer.replace(b"HTTP/1.1", version.encode()))
        await writer.drain()
        await asyncio.sleep(after_s)

    async with attacking(handle) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}))
    assert said(result)["credentials"] == "ok"


async def test_a_server_that_closes_instead_of_answering() -> None:
    """A question that ends a connection twice is not asked a third time."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.read(65536)
        while b"GetSystemDateAndTime" in asked:
            writer.write(http(TIME))
            asked = await reader.read(65536)

    async with attacking(handle) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}))
    assert said(result)["credentials"] == "unseen closed"
    assert peer.connections == 2
    assert result.verdict.requests == 3
