"""A loop that was at something else while a deadline passed: what came before the deadline is an answer.

What a device said in time waits in the kernel then, and the alarm would be heard first: a busy monitor would find every
device silent that it asks just then.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import pytest
import uvloop

from monitor.probes.connection import Connection, connect
from monitor.probes.errors import ReplyTimeout
from monitor.probes.snmp_shared import Sockets
from monitor.probes.snmp_socket import OwnSocket, Way

DEADLINE_S = 0.2
LOOPS = {"uvloop": uvloop.new_event_loop, "asyncio": asyncio.new_event_loop}


class _Line:
    """A reader whose item is all that it was fed."""

    touched = False

    def __init__(self) -> None:
        self._fed = b""

    def feed(self, data: bytes) -> None:
        self._fed += data

    def next(self) -> bytes | None:
        return self._fed or None

    def end(self) -> bytes | None:
        return None


@contextmanager
def peer(kind: socket.SocketKind, answers: bool = True) -> Iterator[int]:
    """Answer whoever asks, at once, from a thread of its own; return the port."""
    listener = socket.socket(socket.AF_INET, kind)
    listener.bind(("127.0.0.1", 0))

    def over_tcp() -> None:
        connection, _ = listener.accept()
        with connection:
            while data := connection.recv(100):
                if answers:
                    connection.sendall(data)

    def over_udp() -> None:
        while (asked := listener.recvfrom(100))[0]:
            if answers:
                listener.sendto(*asked)

    if kind is socket.SOCK_STREAM:
        listener.listen()
    thread = threading.Thread(target=over_tcp if kind is socket.SOCK_STREAM else over_udp)
    thread.start()
    port = listener.getsockname()[1]
    try:
        yield port
    finally:
        with socket.socket(socket.AF_INET, kind) as waker:  # an empty datagram, or an end, ends the thread
            waker.connect(("127.0.0.1", port))
            waker.send(b"")
        thread.join(10)
        listener.close()


def is_busy() -> None:
    """Have the loop be at something else from its next turn on, until the deadline has passed."""
    asyncio.get_running_loop().call_soon(time.sleep, 2 * DEADLINE_S)


async def over_a_connection(port: int) -> bytes:
    connection = await connect("127.0.0.1", port, 10.0, lambda: Connection(lambda sent, data: None))
    try:
        connection.send(b"asked")
        is_busy()
        return await connection.receive(_Line(), DEADLINE_S)
    finally:
        await connection.close()


async def connecting(port: int) -> bytes:
    is_busy()
    connection = await connect("127.0.0.1", port, DEADLINE_S, lambda: Connection(lambda sent, data: None))
    await connection.close()
    return b"asked"


async def over_a_way(way: Way) -> bytes:
    try:
        is_busy()
        return await way.ask(b"asked", DEADLINE_S, bytes)
    finally:
        way.close()


async def over_a_shared_socket(port: int) -> bytes:
    sockets = Sockets()
    try:
        return await over_a_way(sockets.way("127.0.0.1", port))
    finally:
        sockets.close()


async def over_a_socket_of_its_own(port: int) -> bytes:
    return await over_a_way(OwnSocket("127.0.0.1", port))


TCP = (connecting, over_a_connection)
UDP = (over_a_shared_socket, over_a_socket_of_its_own)


def run(loop: str, ask: Callable[[int], Awaitable[bytes]], answers: bool = True) -> bytes:
    async def asked(port: int) -> bytes:
        return await ask(port)

    kind = socket.SOCK_STREAM if ask in TCP else socket.SOCK_DGRAM
    with peer(kind, answers) as port, asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        return runner.run(asked(port))


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("ask", [*TCP, *UDP])
def test_what_came_in_time_is_heard(ask: Callable[[int], Awaitable[bytes]], loop: str) -> None:
    """The device answered at once; the monitor comes back to it when the deadline is long over."""
    assert run(loop, ask) == b"asked"


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("ask", [over_a_connection, *UDP])
def test_who_says_nothing_is_not_waited_for(ask: Callable[[int], Awaitable[bytes]], loop: str) -> None:
    """Silence stays silence: little longer than the loop was busy."""
    began = time.monotonic()
    with pytest.raises((TimeoutError, ReplyTimeout)):
        run(loop, ask, answers=False)
    assert time.monotonic() - began < 20 * DEADLINE_S
