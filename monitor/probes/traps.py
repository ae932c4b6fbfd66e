"""SNMP traps: off unless asked for, and worth one thing: the device that a trap seems to come from is asked sooner.

A trap can be forged by anybody, and a device in trouble sends thousands. So its address must be a device's of the
inventory; what it says is logged and believed in nothing; a device is asked for it once a minute at the most; and
reading pauses after so many datagrams, while the kernel drops the rest: what it hurries is asked anyway.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from monitor.wire import snmp
from monitor.wire.errors import WireError

log = logging.getLogger("camfleet.traps")

#: A device is asked sooner for its traps this often at the most.
FLOOR_S = 60.0
#: Datagrams that are read in a pause's length; a flood of them costs some milliseconds a second.
MOST_READ = 100
PAUSE_S = 1.0
#: What the kernel keeps while reading pauses.
QUEUE_BYTES = 128 * 1024
MOST_TRAP_BYTES = 4096


@dataclass(slots=True)
class Counts:
    """What came: read, from strangers, unreadable, too soon after the last, and wishes that followed."""

    read: int = 0
    strangers: int = 0
    unreadable: int = 0
    too_soon: int = 0
    wishes: int = 0


class Traps:
    """Listens for traps of v1 and v2c. ``devices`` names those at an address, ``wish`` has one of them asked soon."""

    def __init__(
        self,
        devices: Callable[[str], Iterable[str]],
        wish: Callable[[str], None],
        monotonic: Callable[[], float],
    ) -> None:
        self.counts = Counts()
        self._devices = devices
        self._wish = wish
        self._monotonic = monotonic
        self._wished: dict[str, float] = {}
        self._socket: socket.socket | None = None
        self._pause: asyncio.TimerHandle | None = None
        self._read = 0

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        assert self._socket is not None
        host, port = self._socket.getsockname()[:2]
        return host, port

    def start(self, host: str, port: int) -> None:
        """Begin to listen at this IP address, in the loop that runs. Raises OSError."""
        sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, QUEUE_BYTES)
            sock.bind((host, port))
        except OSError:
            sock.close()
            raise
        self._socket = sock
        self._listen()

    def close(self) -> None:
        if self._pause is not None:
            self._pause.cancel()
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()
            self._socket = None

    def _listen(self) -> None:
        assert self._socket is not None
        self._read = 0
        self._pause = asyncio.get_running_loop().call_later(PAUSE_S, self._listen)
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self._readable)

    def _readable(self) -> None:
        assert self._socket is not None
        try:
            data, source = self._socket.recvfrom(MOST_TRAP_BYTES)
        except (BlockingIOError, ConnectionError):
            return
        self._read += 1
        if self._read >= MOST_READ:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
        self.take(data, source[0])

    def take(self, data: bytes, address: str) -> None:
        """Take one datagram from this address."""
        self.counts.read += 1
        devices = tuple(self._devices(address))
        if not devices:
            self.counts.strangers += 1
            return
        now = self._monotonic()
        due = [id_ for id_ in devices if now - self._wished.get(id_, -FLOOR_S) >= FLOOR_S]
        if not due:
            self.counts.too_soon += 1
            return
        try:
            which = snmp.trap(data)
        except WireError:
            self.counts.unreadable += 1
            return
        self._wished = {id_: at for id_, at in self._wished.items() if now - at < FLOOR_S}
        for id_ in due:
            self._wished[id_] = now
            self.counts.wishes += 1
            log.info("trap: %s", which, extra={"device": id_})
            self._wish(id_)
