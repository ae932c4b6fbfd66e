"""Many agents asked over one socket: each gets its own answer, and what befalls one befalls no other.

That attacks end as they do over a socket of one's own, the tests of hostile agents say (``tests/hostile``).
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import pytest
import uvloop
from peers.hostile import SYS_DESCR, agent, descriptors, octets, settled, vitals
from peers.servers import free_port
from talks import CLOCKS, QUICK, camera, device, said

from monitor.core.model import Secret, SnmpAccess
from monitor.probes import snmp_shared
from monitor.probes.base import Ask, Result, run_probe
from monitor.probes.memory import Memory
from monitor.probes.registry import PROBES, RUNGS
from monitor.probes.snmp_shared import Sockets
from monitor.probes.snmp_socket import MOST_STRAYS

ACCESS = SnmpAccess("test", "v2c", Secret("env:TEST", "look-only"))
FINE = {"reachable": "ok", "device": "ok", "recording": "n/a"}
CLOSED = {"reachable": "ok", "device": "fail refused"}


async def asked(sockets: Sockets, port: int, host: str = "127.0.0.1") -> Result:
    """Ask an agent over the shared socket."""
    ask = Ask(RUNGS["snmp"], (camera(),), 20)
    target = device(host, {"snmp": port}, snmp=ACCESS)
    return await run_probe("snmp", PROBES["snmp"], target, ask, Memory(), CLOCKS, QUICK, sockets)


@contextmanager
def shared() -> Iterator[Sockets]:
    sockets = Sockets()
    try:
        yield sockets
    finally:
        sockets.close()


class Recording:
    """An agent's answers, and from which ports it was asked."""

    def __init__(self, answer: Callable[[bytes], Iterable[bytes]]) -> None:
        self.ports: list[int] = []
        self._answer = answer

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        self.ports.append(address[1])
        for reply in self._answer(data):
            self._transport.sendto(reply, address)

    def connection_lost(self, error: Exception | None) -> None: ...


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_a_closed_port_among_agents_that_answer(loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    """Whose port is closed is told at once; who is asked in the same moment, and later, is none the worse for it."""

    async def course() -> None:
        async with agent(vitals()) as one, agent(vitals()) as other:
            with shared() as sockets:
                for _ in range(3):
                    ports = [free_port(), one.port, free_port(), free_port(), other.port, free_port()]
                    results = await asyncio.gather(*[asked(sockets, port) for port in ports])
                    assert [said(result) for result in results] == [CLOSED, FINE, CLOSED, CLOSED, FINE, CLOSED]
                    assert all(result.verdict.duration_s < QUICK.reply_s for result in results)

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(course())


async def test_two_devices_behind_one_address() -> None:
    """Two who ask the same agent at the same time get an answer each, whichever comes first."""
    held: list[bytes] = []

    def second_first(raw: bytes) -> Iterable[bytes]:
        held.append(raw)
        if len(held) == 2:
            yield from vitals()(held.pop())
            yield from vitals()(held.pop())

    async with agent(second_first) as peer:
        with shared() as sockets:
            results = await asyncio.gather(asked(sockets, peer.port), asked(sockets, peer.port))
    assert [said(result) for result in results] == [FINE] * 2


async def test_another_socket_once_strangers_have_found_it() -> None:
    """What nobody asked for costs us the socket, and nobody an answer."""
    peer = Recording(vitals())
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: peer, ("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    before = descriptors()
    with shared() as sockets, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        assert said(await asked(sockets, port)) == FINE
        for _ in range(MOST_STRAYS):
            stranger.sendto(b"stray", ("127.0.0.1", peer.ports[-1]))
        assert said(await asked(sockets, port)) == FINE
        assert said(await asked(sockets, port)) == FINE
        assert len(set(peer.ports)) == 2
    await settled(before)
    transport.close()


async def test_more_questions_than_a_socket_has_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """No question waits where its answer may find no room; what was opened for many is closed behind them."""
    monkeypatch.setattr(snmp_shared, "BUFFER_BYTES", 8 * snmp_shared.DATAGRAM_BYTES)
    peer = Recording(vitals({SYS_DESCR: octets(b"x")}))
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: peer, ("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    before = descriptors()
    with shared() as sockets:
        results = await asyncio.gather(*[asked(sockets, port) for _ in range(100)])
        assert [said(result) for result in results] == [FINE] * 100
        assert len(set(peer.ports)) > 3
        assert descriptors() <= before + 2
    await settled(before)
    transport.close()


async def test_who_waits_when_it_is_closed_is_answered() -> None:
    """Closing ends no question; its socket is closed behind the last one."""
    before = descriptors()
    async with agent(vitals()) as peer:
        with shared() as sockets:
            under_way = asyncio.create_task(asked(sockets, peer.port))
            await asyncio.sleep(0)
        assert said(await under_way) == FINE
    await settled(before + 2)  # the questions behind the first one opened another
    sockets.close()
    await settled(before)
