"""Devices that mean harm: TCP servers and an SNMP agent on loopback that say anything but what they should."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
#: The fixture ``bounded`` of the tests: ``async with bounded(seconds):``.
Bounded = Callable[[float], AbstractAsyncContextManager[None]]

#: What an endless speaker says at a time: large enough to be fast, small enough to keep this process small.
BLOCK_BYTES = 16384
#: What is kept of what a device was asked.
MOST_KEPT_BYTES = 1 << 20


@dataclass
class Attacker:
    """A running server: how often it was called, and all that it was told."""

    host: str = ""
    port: int = 0
    connections: int = 0
    heard: bytearray = field(default_factory=bytearray)

    @property
    def logins(self) -> int:
        """How many requests proved a password to it, over HTTP, RTSP or in a SOAP header."""
        return len(re.findall(rb"(?im)^authorization:|<Password ", bytes(self.heard)))

    def requests(self, method: str) -> int:
        return len(re.findall(rf"{method} [^\r\n]+ (?:HTTP|RTSP)/1".encode(), bytes(self.heard)))


class _Recording(asyncio.StreamReader):
    """A reader that keeps a copy of what arrives."""

    def __init__(self, attacker: Attacker) -> None:
        super().__init__(limit=1 << 20)
        self._attacker = attacker

    def feed_data(self, data: bytes) -> None:
        if len(self._attacker.heard) < MOST_KEPT_BYTES:
            self._attacker.heard += data
        super().feed_data(data)


@asynccontextmanager
async def attacking(
    handler: Handler, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Attacker]:
    """Run a server whose every connection this handler serves; ``heard`` is what came out of the encryption."""
    attacker = Attacker(host)
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        attacker.connections += 1
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await handler(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass
        finally:
            tasks.discard(task)
            writer.transport.abort()

    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: asyncio.StreamReaderProtocol(_Recording(attacker), serve), host, port, backlog=512, ssl=tls
    )
    attacker.port = server.sockets[0].getsockname()[1]
    try:
        yield attacker
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


async def settled(before: int, patience_s: float = 60.0) -> None:
    """Wait until no more descriptors are open than before."""
    end = time.monotonic() + patience_s
    while descriptors() > before:
        assert time.monotonic() < end, f"{descriptors()} descriptors are open, {before} were before"
        await asyncio.sleep(0.01)


# What it may do with a connection ----------------------------------------------------------------------------


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take everything and say nothing, for as long as somebody listens."""
    while await reader.read(65536):
        pass


async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hear the question and hang up."""
    await reader.read(65536)


def saying(*answers: bytes) -> Handler:
    """Answer each request with the next of these, the last one for ever; what a request is, ends with an empty line."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number in range(1 << 30):
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: (\d+)", head)
            await reader.readexactly(int(length[1]) if length else 0)
            sequence = re.search(rb"CSeq: (\d+)", head)
            answer = answers[min(number, len(answers) - 1)]
            await _say(writer, answer.replace(b"{cseq}", sequence[1] if sequence else b"0", 1))

    return handle


async def _say(writer: asyncio.StreamWriter, data: bytes) -> None:
    """Write without having more than a little of it wait in this process."""
    view = memoryview(data)
    for at in range(0, len(view), BLOCK_BYTES):
        writer.write(view[at : at + BLOCK_BYTES])
        await writer.drain()


def answering(answer: Callable[[bytes], bytes]) -> Handler:
    """Answer each request by a function of it; ``{cseq}`` in an answer becomes the request's number."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: (\d+)", head)
            body = await reader.readexactly(int(length[1]) if length else 0)
            sequence = re.search(rb"CSeq: (\d+)", head)
            writer.write(answer(head + body).replace(b"{cseq}", sequence[1] if sequence else b"0"))
            await writer.drain()

    return handle


def saying_and_closing(answer: bytes) -> Handler:
    """Answer once and hang up."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        writer.write(answer)
        await writer.drain()
        writer.write_eof()
        await silent(reader, writer)

    return handle


def dripping(answer: bytes, each_s: float = 0.2) -> Handler:
    """Answer one byte at a time."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        for at in range(len(answer)):
            writer.write(answer[at : at + 1])
            await writer.drain()
            await asyncio.sleep(each_s)

    return handle


def endless(block: bytes, first: bytes = b"") -> Handler:
    """Begin with ``first`` and then say ``block`` over and over, as fast as it is taken."""
    many = block * max(1, BLOCK_BYTES // len(block))

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.read(65536)
        sequence = re.search(rb"CSeq: (\d+)", asked)
        writer.write(first.replace(b"{cseq}", sequence[1] if sequence else b"0"))
        while True:
            writer.write(many)
            await writer.drain()
            await asyncio.sleep(0)

    return handle


# Replies ------------------------------------------------------------------------------------------------------


def http(body: bytes, status: str = "200 OK", headers: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


def rtsp(status: str = "200 OK", headers: str = "", body: bytes = b"") -> bytes:
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    return f"RTSP/1.0 {status}\r\nCSeq: {{cseq}}\r\n{headers}{length}\r\n".encode() + body


def envelope(inner: bytes) -> bytes:
    return b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>' + inner + b"</s:Body></s:Envelope>"


def soap(name: str, inner: bytes = b"") -> bytes:
    """Return a reply's envelope: ``soap("GetProfiles", …)`` holds a GetProfilesResponse."""
    return envelope(f"<{name}Response>".encode() + inner + f"</{name}Response>".encode())


TIME = soap(
    "GetSystemDateAndTime",
    b"<UTCDateTime><Time><Hour>12</Hour><Minute>0</Minute><Second>0</Second></Time>"
    b"<Date><Year>2026</Year><Month>11</Month><Day>22</Day></Date></UTCDateTime>",
)
INFORMATION = soap(
    "GetDeviceInformation",
    b"<Manufacturer>M</Manufacturer><Model>N</Model><FirmwareVersion>1</FirmwareVersion><SerialNumber>S</SerialNumber>",
)
SDP = b"v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track1\r\n"


def onvif(changes: dict[str, bytes] | None = None) -> Callable[[bytes], bytes]:
    """Return the answers of a device whose ONVIF is in order but for these operations (whole HTTP replies by name)."""
    answers = {"GetSystemDateAndTime": http(TIME), "GetDeviceInformation": http(INFORMATION), **(changes or {})}

    def answer(asked: bytes) -> bytes:
        operation = re.search(rb'action="[^"]*/(\w+)"', asked)
        return answers.get(operation[1].decode() if operation else "", http(b"", "404 Not Found"))

    return answer


def packet(sequence: int) -> bytes:
    """Return an RTP packet within an interleaved frame of channel 0: a whole IDR picture, at 25 a second."""
    rtp = b"\x80\x60" + (sequence % 65536).to_bytes(2, "big") + (sequence * 3600).to_bytes(4, "big") + b"\0\0\0\1e"
    return b"$\0" + len(rtp).to_bytes(2, "big") + rtp


def playing(
    changes: dict[str, bytes] | None = None, frames: Callable[[int], bytes] | None = packet, every_s: float = 0.002
) -> Handler:
    """Serve one RTSP client like a camera that wants no login, but for these methods; ``frames`` follow PLAY."""
    answers = {
        "DESCRIBE": rtsp(headers="Content-Type: application/sdp\r\n", body=SDP),
        "SETUP": rtsp(headers="Session: 1234;timeout=60\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"),
        "PLAY": rtsp(headers="Session: 1234\r\n"),
        "TEARDOWN": rtsp(),
        "OPTIONS": rtsp(headers="Public: DESCRIBE\r\n"),
        **(changes or {}),
    }

    async def send(writer: asyncio.StreamWriter) -> None:
        assert frames is not None
        with contextlib.suppress(ConnectionError):
            for sequence in range(1 << 30):
                writer.write(frames(sequence))
                await writer.drain()
                await asyncio.sleep(every_s)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sender = None
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                method = head.split(b" ")[0].decode()
                sequence = head.split(b"CSeq: ")[1].split(b"\r\n")[0]
                if method == "TEARDOWN" and sender is not None:
                    sender.cancel()
                writer.write(answers[method].replace(b"{cseq}", sequence))
                await writer.drain()
                if method == "PLAY" and frames is not None:
                    sender = asyncio.create_task(send(writer))
        finally:
            if sender is not None:
                sender.cancel()

    return handle


# SNMP ---------------------------------------------------------------------------------------------------------

SYS_DESCR, SYS_UPTIME, IF_TYPE = "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.2.2.1.3"
GET, GETNEXT, RESPONSE, REPORT = 0xA0, 0xA1, 0xA2, 0xA8


def ber(tag: int, content: bytes) -> bytes:
    """Return a value in BER (X.690), its length definite."""
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def integer(value: int, tag: int = 0x02) -> bytes:
    return ber(tag, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def octets(value: bytes) -> bytes:
    return ber(0x04, value)


def ticks(value: int) -> bytes:
    return integer(value, 0x43)


def object_id(text: str) -> bytes:
    first, second, *rest = map(int, text.split("."))
    content = bytearray([first * 40 + second])
    for part in rest:
        groups = [part & 0x7F]
        while part := part >> 7:
            groups.append(0x80 | part & 0x7F)
        content += bytes(reversed(groups))
    return ber(0x06, bytes(content))


@dataclass(frozen=True)
class Asked:
    """A request to an SNMP agent (v1, v2c)."""

    raw: bytes
    pdu: int
    id: int
    oids: tuple[str, ...]

    def reply(
        self, values: Iterable[tuple[str, bytes]], id_: int | None = None, pdu: int = RESPONSE, version: int = 1
    ) -> bytes:
        """Return a response; ``values`` are object ids with values in BER."""
        rows = b"".join(ber(0x30, object_id(oid) + value) for oid, value in values)
        content = integer(self.id if id_ is None else id_) + integer(0) + integer(0) + ber(0x30, rows)
        return ber(0x30, integer(version) + octets(self.community) + ber(pdu, content))

    def failure(self, status: int, place: int, version: int = 1) -> bytes:
        """Return a response that fails as a whole, because of the object at this place (from 1)."""
        rows = b"".join(ber(0x30, object_id(oid) + ber(0x05, b"")) for oid in self.oids)
        content = integer(self.id) + integer(status) + integer(place) + ber(0x30, rows)
        return ber(0x30, integer(version) + octets(self.community) + ber(RESPONSE, content))

    @property
    def community(self) -> bytes:
        return _parts(_parts(self.raw)[0][1])[1][1]


def _parts(data: bytes) -> list[tuple[int, bytes]]:
    """Split well-formed BER into tags and contents."""
    parts = []
    while data:
        tag, size, start = data[0], data[1], 2
        if size & 0x80:
            start = 2 + (size & 0x7F)
            size = int.from_bytes(data[2:start], "big")
        parts.append((tag, data[start : start + size]))
        data = data[start + size :]
    return parts


def asked(raw: bytes) -> Asked:
    """Read a well-formed request."""
    _, _, (pdu, content) = _parts(_parts(raw)[0][1])
    identity, _, _, (_, rows) = _parts(content)
    oids = tuple(_oid_text(_parts(row)[0][1]) for _, row in _parts(rows))
    return Asked(raw, pdu, int.from_bytes(identity[1], "big", signed=True), oids)


def _oid_text(content: bytes) -> str:
    numbers = [content[0] // 40, content[0] % 40]
    value = 0
    for byte in content[1:]:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            numbers.append(value)
            value = 0
    return ".".join(map(str, numbers))


@dataclass
class Agent:
    """A running SNMP agent."""

    port: int = 0
    requests: int = 0


class _AgentProtocol(asyncio.DatagramProtocol):
    def __init__(self, agent: Agent, answer: Callable[[bytes], Iterable[bytes]]) -> None:
        self._agent = agent
        self._answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        self._agent.requests += 1
        for reply in self._answer(data):
            self._transport.sendto(reply, address)  # type: ignore[attr-defined]  # it is a datagram transport


@asynccontextmanager
async def agent(answer: Callable[[bytes], Iterable[bytes]], host: str = "127.0.0.1") -> AsyncIterator[Agent]:
    """Run an SNMP agent that answers each datagram with these."""
    running = Agent()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _AgentProtocol(running, answer), (host, 0))
    running.port = transport.get_extra_info("sockname")[1]
    try:
        yield running
    finally:
        transport.close()


def vitals(values: dict[str, bytes] | None = None) -> Callable[[bytes], Iterable[bytes]]:
    """Return the answers of an agent in order that knows these objects; a walk finds nothing."""
    known = {SYS_DESCR: octets(b"A camera"), SYS_UPTIME: ticks(360_000), **(values or {})}

    def answer(raw: bytes) -> Iterable[bytes]:
        request = asked(raw)
        if request.pdu == GETNEXT:
            return [request.reply([("1.3.9.1", octets(b""))])]
        return [request.reply([(oid, known.get(oid, ber(0x80, b""))) for oid in request.oids])]

    return answer
