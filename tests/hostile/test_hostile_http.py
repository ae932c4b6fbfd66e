"""ONVIF devices whose HTTP means harm: each gets its reason, in bounded time and memory, and nothing stays open."""

from __future__ import annotations

import asyncio
import os

import pytest
from effort import prompt
from peers.hostile import (
    TIME,
    Bounded,
    Handler,
    attacking,
    endless,
    http,
    onvif,
    saying,
)
from talks import QUICK, device, findings, probe, said

from monitor.core.verdict import Rung

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
HTML = b"<!DOCTYPE html><html><head><title>Login</title></head><body>default</body></html>"
#: A reply's deadline, with what a loaded machine needs.
ONE_REPLY_S = QUICK.reply_s + 1.0

#: name: (what the device does, what is said of ``control``, the beginning of the detail); more is in ``catalogue``
REPLIES: dict[str, tuple[Handler, str, str]] = {
    "endless NULs": (endless(b"\0"), "fail no_reply", "no reply"),
    "endless size of a chunk": (endless(b"0", CHUNKED), "fail protocol", "expected the size of a chunk"),
    "endless header line": (endless(b"A", b"HTTP/1.1 200 OK\r\nX: "), "fail too_large", "a head of over 32768 bytes"),
    "not gzip at all": (
        saying(http(TIME, headers="Content-Encoding: gzip\r\n")),
        "fail protocol",
        "a gzip body that cannot be unpacked",
    ),
    "nothing": (saying(http(b"")), "fail protocol", "not XML"),
    "garbage": (saying(os.urandom(1 << 16).replace(b"HTTP/", b"")), "fail protocol", "expected HTTP, got"),
    "a status of words": (saying(b"HTTP/1.1 OK\r\n\r\n"), "fail protocol", "expected a status line"),
    "a status of five digits": (saying(b"HTTP/1.1 20000 OK\r\n\r\n"), "fail protocol", "expected a status line"),
    "server error": (saying(http(b"", "500 Oops")), "fail server_error", "HTTP 500 Oops"),
    "server busy": (saying(http(b"", "503 Busy")), "unseen busy", "HTTP 503 Busy"),
    "no such page": (saying(http(HTML, "404 Not Found")), "fail unsupported", "HTTP 404 Not Found"),
}


@pytest.mark.parametrize("name", REPLIES)
async def test_a_reply_over_http(name: str, bounded: Bounded) -> None:
    """One device's HTTP gets exactly its reason; one reply's deadline, 6 MB and no descriptor are all that it costs."""
    handler, expected, detail = REPLIES[name]
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
    assert result.verdict.duration_s >= QUICK.reply_s
    assert prompt(result.verdict.duration_s, QUICK.reply_s + 0.5)
    assert QUICK.reply_s <= result.verdict.silent_s + 0.1  # it took the connection, and nothing was well after that


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
