"""One TCP connection to a device: bytes out, items of a reader in, every wait bounded, every message noted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol, TypeVar, cast

from monitor.probes.errors import ConnectTimeout, PeerClosed, ProbeError, ReplyTimeout
from monitor.probes.limit import Limit
from monitor.wire.errors import ProtocolError

Item = TypeVar("Item", covariant=True)

#: Bytes that wait unread before the peer is told to stop.
PAUSE_BYTES = 1 << 16
#: An event loop's clock may tick in milliseconds: an alarm that rings this early is not early.
CLOCK_TICK_S = 0.001


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
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._waiting = bytearray()
        self._waiter: asyncio.Future[None] | None = None
        self._gathers = False
        self.ended = False
        """Whether the peer has ended it, or the network."""
        self._error: Exception | None = None
        self._paused = False
        self._deadline = 0.0
        self._alarm: asyncio.TimerHandle | None = None
        self._rings_at = 0.0
        self._lost: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but its class

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        if len(self._waiting) > PAUSE_BYTES and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()
            self._wake()
        elif not self._gathers:
            self._wake()

    def eof_received(self) -> bool:
        self.ended = True
        self._wake()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended = True
        self._error = exc
        self._transport = None
        self._wake()
        if self._lost is not None and not self._lost.done():
            self._lost.set_result(None)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    @property
    def hosts(self) -> tuple[str, str]:
        """The addresses of this end and of the peer's. Raises PeerClosed on a connection that has ended."""
        if self._transport is None:
            raise PeerClosed("the connection has ended")
        return self._transport.get_extra_info("sockname")[0], self._transport.get_extra_info("peername")[0]

    def send(self, data: bytes) -> None:
        """Send bytes. Raises PeerClosed on a connection that has ended."""
        if self._transport is None or self._transport.is_closing():
            raise PeerClosed("the connection has ended")
        self._note(True, data)
        self._write(self._transport, data)

    def _write(self, transport: asyncio.Transport, data: bytes) -> None:
        transport.write(data)

    async def receive(self, reader: Reader[Item], timeout_s: float) -> Item:
        """Return the reader's next item.

        Raises ReplyTimeout when it is not whole in time, PeerClosed when the peer ends first, and WireError.
        What an early end or a silence leaves of an item is still an item if the reader says so.
        """
        deadline = self._loop.time() + timeout_s
        while (item := reader.next()) is None:
            if not self._waiting and not self.ended and self._loop.time() < deadline:
                await self._more(deadline)
            if self._waiting:
                self._drain(reader)
            elif self.ended:
                return self._last(reader)
            else:
                return self._salvage(reader)
        return item

    async def gather(self, reader: Reader[Item], seconds: float) -> bool:
        """Let what comes pile up for so long, or until as much waits as may, and hand all of it to the reader.

        Returns whether more may have come by now, for which there was no room.

        Raises PeerClosed once the peer has ended it and nothing is left, and what the reader raises.
        """
        if not (self.ended or self._paused):
            self._gathers = True
            try:
                await self._more(self._loop.time() + seconds)
            finally:
                self._gathers = False
        is_full = self._paused
        if self._waiting:
            self._drain(reader)
        elif self.ended:
            self._last(reader)
        return is_full

    def _drain(self, reader: Reader[Item]) -> None:
        data = bytes(self._waiting)
        self._waiting.clear()
        self._note(False, data)
        reader.feed(data)
        if self._paused and self._transport is not None and not self._transport.is_closing():
            self._paused = False
            self._transport.resume_reading()

    def _more(self, deadline: float) -> asyncio.Future[None]:
        """Return what something that happens ends, or the deadline."""
        self._waiter = self._loop.create_future()
        self._deadline = deadline
        self._set_alarm()
        return self._waiter

    def _set_alarm(self) -> None:
        """See to an alarm at the deadline or before: one serves many waits, since deadlines only move on."""
        if self._alarm is None or self._rings_at > self._deadline:
            self._stop_alarm()
            self._rings_at = self._deadline
            self._alarm = self._loop.call_at(self._rings_at, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        if self._loop.time() < self._deadline - CLOCK_TICK_S:
            self._set_alarm()
        else:
            self._wake()

    def _stop_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _last(self, reader: Reader[Item]) -> Item:
        item = reader.end()
        if item is not None:
            return item
        if isinstance(self._error, OSError | ProbeError):
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

    async def close(self) -> None:
        """End the connection, return when it has ended, and hold on to nothing: thousands come and go a minute."""
        self._note = _forget
        self._waiter = None
        self._stop_alarm()
        if self._transport is not None:
            self._lost = self._loop.create_future()
            self._transport.abort()
            await self._lost


Made = TypeVar("Made", bound=Connection)


def _forget(sent: bool, data: bytes) -> None:
    """Take a note for a conversation that is over."""


async def connect(host: str, port: int, timeout_s: float, make: Callable[[], Made]) -> Made:
    """Open a connection, of the kind that ``make`` makes. Raises ConnectTimeout or OSError."""
    loop = asyncio.get_running_loop()
    try:
        with Limit(timeout_s):
            _, connection = await loop.create_connection(make, host, port)
    except TimeoutError as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise ConnectTimeout(f"the network gave up connecting to port {port}") from error
        raise ConnectTimeout(f"no answer on port {port} within {timeout_s:g} s") from error
    return connection
