"""One UDP socket for the questions to many SNMP agents: one for each costs more than all that is said over it.

What comes is handed to whoever asked its sender, and read as it is over a socket of one's own (``snmp_socket``). That a
port is closed, which only a connected socket is told as a rule, stands in this one's error queue (ip(7), IP_RECVERR).
"""

from __future__ import annotations

import asyncio
import os
import select
import socket
import struct
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from monitor.core.verdict import Reason
from monitor.probes.errors import Judged
from monitor.probes.snmp_socket import MOST_STRAYS, ONLY_STRAYS
from monitor.wire.errors import WireError
from monitor.wire.snmp import MOST_DATAGRAM_BYTES

T = TypeVar("T")
#: An IPv4 address as the kernel writes it, and a port.
Peer = tuple[str, int]

#: What the kernel is asked to keep until it is read, and what a datagram may take of it, however a driver counts.
BUFFER_BYTES = 4 << 20
DATAGRAM_BYTES = 4608
#: Datagrams that are read before the loop turns.
READ_AT_ONCE = 64
#: Times that a request is sent where the kernel tells instead what became of another one.
SENT_AT_MOST = 3
#: Of <linux/in.h> and <linux/errqueue.h>: the option, and what is told: the error, who says so, its type and code.
IP_RECVERR = 11
TOLD = struct.Struct("=IBBB")
ORIGIN_ICMP, DESTINATION_UNREACHABLE = 2, 3
#: Codes of "destination unreachable" that may pass: a connected socket is not told of them either.
PASSING = frozenset({0, 1, 4, 5, 11, 12})


class Sockets:
    """The sockets that conversations share: one, and a second where that is full or found by strangers."""

    def __init__(self) -> None:
        self._newest: _Socket | None = None

    def way(self, address: str, port: int) -> SharedWay:
        """Return the way to the agent at this IPv4 address."""
        return SharedWay(self, (address, port))

    def newest(self) -> _Socket:
        """Return the socket that takes a question. Raises OSError."""
        if self._newest is None or self._newest.is_spent:
            self.close()
            self._newest = _Socket()
        return self._newest

    def close(self) -> None:
        """Put no further question through what is open; it is closed when nobody waits there."""
        if self._newest is not None:
            self._newest.retire()
            self._newest = None


class SharedWay:
    """A way for one conversation."""

    def __init__(self, sockets: Sockets, peer: Peer) -> None:
        self._sockets = sockets
        self._peer = peer

    async def ask(self, request: bytes, reply_s: float, read: Callable[[bytes], T | None]) -> T:
        shared = self._sockets.newest()
        question: _Question[T] = _Question(self._peer, read, shared.loop.create_future())
        shared.add(question)
        timer = shared.loop.call_later(reply_s, question.expire)
        try:
            shared.send(request, self._peer)
            return await question.answer
        finally:
            timer.cancel()
            shared.drop(question)

    def close(self) -> None:
        """Leave the socket to the others."""


class _Question(Generic[T]):
    """What one agent was asked."""

    def __init__(self, peer: Peer, read: Callable[[bytes], T | None], answer: asyncio.Future[T]) -> None:
        self.peer = peer
        self._read = read
        self._strays = 0
        self.answer = answer
        self._garbage: WireError | None = None

    def hear(self, data: bytes) -> bool:
        """Take what came from the agent, and say whether it ends the wait."""
        if self.answer.done():
            return False
        try:
            found = self._read(data)
        except WireError as error:
            self._garbage = error.with_traceback(None)  # by which it would hold this question, which holds it
        except Exception as error:  # noqa: BLE001 - it is raised where the answer is waited for
            self.answer.set_exception(error.with_traceback(None))
            return True
        else:
            if found is not None:
                self.answer.set_result(found)
                return True
        self._strays += 1
        if self._strays == MOST_STRAYS:
            self.answer.set_exception(Judged(Reason.PROTOCOL, ONLY_STRAYS))
        return False

    def expire(self) -> None:
        """Wait no longer."""
        self.fail(self._garbage or TimeoutError())
        self._garbage = None  # an error holds by its traceback whoever waited

    def fail(self, error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


class _Socket:
    """A socket, and who waits for an answer over it."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._waiting: dict[Peer, list[_Question[Any]]] = {}
        self._count = 0
        self._strays = 0
        self._is_retired = False
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            # Between the loop and the socket: libuv closes its watch over a descriptor that has an error to tell.
            self._watch = select.epoll()
        except OSError:
            self._socket.close()
            raise
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        self._socket.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
        self._most = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // DATAGRAM_BYTES
        self._watch.register(self._socket, select.EPOLLIN)
        self.loop.add_reader(self._watch, self._read)

    @property
    def is_spent(self) -> bool:
        """Whether it holds as many questions as there is room for answers, or strangers have found it."""
        return self._count >= self._most or self._strays >= MOST_STRAYS

    def add(self, question: _Question[Any]) -> None:
        self._waiting.setdefault(question.peer, []).append(question)
        self._count += 1

    def drop(self, question: _Question[Any]) -> None:
        """Let a question go, unless it has gone already."""
        questions = self._waiting.get(question.peer, [])
        if question not in questions:
            return
        questions.remove(question)
        if not questions:
            del self._waiting[question.peer]
        self._count -= 1
        self._close_if_left()

    def retire(self) -> None:
        """Have it closed when nobody waits for an answer any more."""
        self._is_retired = True
        self._close_if_left()

    def _close_if_left(self) -> None:
        if self._is_retired and not self._count:
            self.loop.remove_reader(self._watch)
            self._watch.close()
            self._socket.close()

    def send(self, request: bytes, peer: Peer) -> None:
        """Send a datagram: it waits for nobody, is on its way, or lost. Raises OSError."""
        for left in reversed(range(SENT_AT_MOST)):
            try:
                self._socket.sendto(request, peer)
            except OSError:
                self._take_errors()
                if not left:
                    raise
            else:
                return

    def _read(self) -> None:
        for count in range(READ_AT_ONCE):
            try:
                data, peer = self._socket.recvfrom(MOST_DATAGRAM_BYTES)
            except OSError:
                if not count:  # woken, and nothing to read: there are errors
                    self._take_errors()
                return
            self._hand_on(data, peer)
            if not self._count:
                return

    def _hand_on(self, data: bytes, peer: Peer) -> None:
        """Hand a datagram to whoever asked its sender, if it is what is waited for."""
        for question in self._waiting.get(peer, ()):
            if question.hear(data):
                self.drop(question)
                return
        self._strays += 1

    def _take_errors(self) -> None:
        """Read what was told of earlier requests, and tell those who wait for an answer to them."""
        for _ in range(READ_AT_ONCE):
            try:
                _, told, _, peer = self._socket.recvmsg(0, 512, socket.MSG_ERRQUEUE)
            except OSError:
                return
            for _, _, content in told:
                error, origin, kind, code = TOLD.unpack_from(content)
                if (origin, kind) == (ORIGIN_ICMP, DESTINATION_UNREACHABLE) and code not in PASSING:
                    for question in self._waiting.get(peer, ()):
                        question.fail(OSError(error, os.strerror(error)))
