"""One TCP connection to a device: bytes out, items of a reader in, every wait bounded, every message noted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol, TypeVar, cast

from monitor.probes.errors import ConnectTimeout, PeerClosed, ReplyTimeout
from monitor.wire.errors import ProtocolError

Item = TypeVar("Item", covariant=True)

#: Bytes that wait unread before the peer is told to stop.
PAUSE_BYTES = 1 << 16


class Reader(Protocol[Item]):
    """A parser of ``monitor.wire``: takes bytes, gives items."""

    @property
    def touched(self) -> bool: ...
    def feed(self, data: bytes) -> None: ...
    def next(self) -> Item | None: ...
    def end(self) -> Item | None: ...


class Connection(asyncio.Protocol):
    """A connection that is read by whoever waits; what arrives in between waits, up to a bound."""

    def __init__(self, note: Callable[[bool, bytes], None]) -> None:
        self._note = note
        self._transport: asyncio.Transport | None = None
        self._waiting = bytearray()
        self._waiter: asyncio.Future[None] | None = None
        self._ended = False
        self._error: Exception | None = None
        self._paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but its class

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        if len(self._waiting) > PAUSE_BYTES and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        self._ended = True
        self._wake()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = True
        self._error = exc
        self._transport = None
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    @property
    def ended(self) -> bool:
        return self._ended

    def send(self, data: bytes) -> None:
        """Send bytes. Raises PeerClosed on a connection that has ended."""
        if self._transport is None or self._transport.is_closing():
            raise PeerClosed("the connection has ended")
        self._note(True, data)
        self._transport.write(data)

    async def receive(self, reader: Reader[Item], timeout_s: float) -> Item:
        """Return the reader's next item.

        Raises ReplyTimeout when it is not whole in time, PeerClosed when the peer ends first, and WireError.
        What an early end or a silence leaves of an item is still an item if the reader says so.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        while True:
            if (item := reader.next()) is not None:
                return item
            if self._waiting:
                self._drain(reader)
                continue
            if self._ended:
                return self._last(reader)
            if loop.time() >= deadline or not await self._more(loop, deadline):
                return self._salvage(reader)

    def _drain(self, reader: Reader[Item]) -> None:
        data = bytes(self._waiting)
        self._waiting.clear()
        self._note(False, data)
        reader.feed(data)
        if self._paused and self._transport is not None and not self._transport.is_closing():
            self._paused = False
            self._transport.resume_reading()

    async def _more(self, loop: asyncio.AbstractEventLoop, deadline: float) -> bool:
        """Wait for something to happen; False when the deadline comes first."""
        self._waiter = loop.create_future()
        timer = loop.call_at(deadline, self._wake)
        try:
            await self._waiter
        finally:
            timer.cancel()
            self._waiter = None
        return bool(self._waiting) or self._ended

    def _last(self, reader: Reader[Item]) -> Item:
        item = reader.end()
        if item is not None:
            return item
        if isinstance(self._error, OSError):
            raise self._error
        raise PeerClosed("the connection ended before the reply")

    def _salvage(self, reader: Reader[Item]) -> Item:
        """Return what a peer left unfinished, where that much can be understood."""
        if reader.touched:
            try:
                item = reader.end()
            except ProtocolError as error:
                raise ProtocolError(f"{error} (and then silence)") from error
            if item is not None:
                return item
        raise ReplyTimeout("no reply")

    def close(self) -> None:
        """End the connection at once, and hold on to nothing: thousands of these come and go a minute."""
        if self._transport is not None:
            self._transport.abort()
            self._transport = None
        self._note = _forget


def _forget(sent: bool, data: bytes) -> None:
    """Take a note for a conversation that is over."""


async def connect(host: str, port: int, timeout_s: float, note: Callable[[bool, bytes], None]) -> Connection:
    """Open a connection. Raises ConnectTimeout or OSError."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(timeout_s):
            _, connection = await loop.create_connection(lambda: Connection(note), host, port)
    except TimeoutError as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise ConnectTimeout(f"the network gave up connecting to port {port}") from error
        raise ConnectTimeout(f"no answer on port {port} within {timeout_s:g} s") from error
    return connection
