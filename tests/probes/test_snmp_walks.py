"""Walks: several go on with each request, and find what each would find alone, whatever the agent puts up with."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from peers.hostile import GETNEXT, agent, asked, integer, object_id, octets, ticks
from peers.recordings import replaying
from talks import after, device, probe

from monitor.core.model import Secret, SnmpAccess
from monitor.probes.memory import Memory
from monitor.wire import snmp

ACCESS = SnmpAccess("test", "v2c", Secret("env:TEST", "look-only"))
AXIS = "1.3.6.1.4.1.368.4.1"
#: Two Ethernet ports behind a loopback, four sensors, two fans, one power supply.
VALUES = {
    "1.3.6.1.2.1.1.1.0": octets(b"A camera"),
    "1.3.6.1.2.1.1.2.0": object_id("1.3.6.1.4.1.368.1"),
    "1.3.6.1.2.1.1.3.0": ticks(360_000),
    "1.3.6.1.2.1.2.2.1.3.1": integer(24),
    "1.3.6.1.2.1.2.2.1.3.2": integer(6),
    "1.3.6.1.2.1.2.2.1.3.3": integer(6),
    f"{AXIS}.1.1.3.1": integer(1),
    **{f"{AXIS}.2.1.3.{fan}": integer(1) for fan in (1, 2)},
    **{f"{AXIS}.3.1.4.1.{sensor}": integer(30 + sensor) for sensor in (1, 2, 3, 4)},
}
FOUND = {
    "1.3.6.1.2.1.2.2.1.6.2": "hardware_address",
    "1.3.6.1.2.1.2.2.1.8.2": "interface_up",
    "1.3.6.1.2.1.2.2.1.5.2": "interface_bits_per_second",
    f"{AXIS}.1.1.3.1": "power_supply",
    f"{AXIS}.2.1.3.1": "fan",
    f"{AXIS}.2.1.3.2": "fan",
    **{f"{AXIS}.3.1.4.1.{sensor}": "temperature_celsius" for sensor in (1, 2, 3, 4)},
}

Answer = Callable[[bytes], Iterable[bytes]]


def whole(raw: bytes) -> Iterable[bytes]:
    """Answer as an agent in order does."""
    return replaying(VALUES)(raw)


def one_at_a_time(raw: bytes) -> Iterable[bytes]:
    """Answer the first name of a GETNEXT alone."""
    request = asked(raw)
    if request.pdu != GETNEXT or len(request.oids) == 1:
        return whole(raw)
    return whole(snmp.request("v2c", request.community, snmp.GETNEXT, request.id, request.oids[:1]))


def with_room_for_two(raw: bytes) -> Iterable[bytes]:
    """Answer "too big" to a GETNEXT of more than two."""
    request = asked(raw)
    return [request.failure(1, 0)] if request.pdu == GETNEXT and len(request.oids) > 2 else whole(raw)


def faulty_at_once(raw: bytes) -> Iterable[bytes]:
    """Answer a general error, nobody's, to a GETNEXT of more than one."""
    request = asked(raw)
    return [request.failure(5, 0)] if request.pdu == GETNEXT and len(request.oids) > 1 else whole(raw)


def blaming_the_ended(raw: bytes) -> Iterable[bytes]:
    """Refuse a whole GETNEXT for the first name behind which nothing more comes, as agents of v1 do."""
    request = asked(raw)
    last = max(VALUES, key=lambda oid: tuple(map(int, oid.split("."))))
    if request.pdu == GETNEXT:
        for place, oid in enumerate(request.oids, start=1):
            if tuple(map(int, oid.split("."))) >= tuple(map(int, last.split("."))):
                return [request.failure(2, place)]
    return whole(raw)


#: How an agent answers, and how many requests the first contact takes: two GET and the walks, 21 of them one by one.
AGENTS: list[tuple[Answer, int]] = [
    (whole, 2 + 5),
    (one_at_a_time, 2 + 21),
    (with_room_for_two, 2 + 1 + 21),
    (faulty_at_once, 2 + 1 + 21),
    (blaming_the_ended, 2 + 13),
]


@pytest.mark.parametrize(("answer", "requests"), AGENTS, ids=[answer.__name__ for answer, _ in AGENTS])
async def test_walks_find_the_same_of_every_agent(answer: Answer, requests: int) -> None:
    """Together they take as many requests as the longest; who bears one at a time only is asked once in vain."""
    async with agent(answer) as peer:
        result = await probe("snmp", device(ports={"snmp": peer.port}, snmp=ACCESS))
    assert after(Memory(), result).objects == FOUND
    assert peer.requests == result.verdict.requests == requests
