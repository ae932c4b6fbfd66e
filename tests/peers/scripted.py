"""A TCP server on loopback that says what a test tells it to, byte for byte, and remembers what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Scripted:
    """A running server."""

    port: int = 0
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def running(handler: Handler) -> AsyncIterator[Scripted]:
    """Run a server whose every connection this handler answers."""
    peer = Scripted()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer.connections += 1
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await handler(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            tasks.discard(task)
            writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=1 << 20)
    peer.port = server.sockets[0].getsockname()[1]
    try:
        yield peer
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def http_request(reader: asyncio.StreamReader) -> bytes:
    """Return one whole request, as cameras get them from us: with a Content-Length."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]) if b"ontent-" in head else 0
    return head + await reader.readexactly(length)


def answering(peer_answers: Callable[[bytes], bytes], peer: list[bytes] | None = None) -> Handler:
    """Return a handler that answers HTTP requests one after the other."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            asked = await http_request(reader)
            if peer is not None:
                peer.append(asked)
            writer.write(peer_answers(asked))
            await writer.drain()

    return handle


def rtsp_answering(peer_answers: Callable[[str, bytes], bytes], peer: list[bytes] | None = None) -> Handler:
    """Return a handler that answers RTSP requests by method."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            asked = await reader.readuntil(b"\r\n\r\n")
            if peer is not None:
                peer.append(asked)
            sequence = asked.split(b"CSeq: ")[1].split(b"\r\n")[0]
            answer = peer_answers(asked.split(b" ")[0].decode(), asked)
            writer.write(answer.replace(b"CSEQ", sequence))
            await writer.drain()

    return handle


def http(body: bytes, status: str = "200 OK", headers: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body
