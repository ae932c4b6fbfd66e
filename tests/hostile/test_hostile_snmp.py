"""SNMP agents that mean harm: whatever a datagram holds, the probe ends in time with a reason, and so does the process.

S1 (another's id, community, version, port), S2 (broken BER) and S4 (64 KB) are among the attacks; S5, wraps, and S7, texts that
are none, among the values; S3 are the walks. S6, v3, is beside this file; S8, traps, with the traps' tests.
"""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Callable, Iterable

import pytest
from peers.hostile import (
    GETNEXT,
    IF_TYPE,
    SYS_DESCR,
    SYS_UPTIME,
    Asked,
    Bounded,
    agent,
    asked,
    ber,
    integer,
    octets,
    ticks,
    vitals,
)
from talks import QUICK, device, findings, probe, said

from monitor.core.model import Secret, SnmpAccess
from monitor.core.verdict import Rung
from monitor.probes.memory import Memory

pytestmark = pytest.mark.usefixtures("either_socket")

ACCESS = SnmpAccess("test", "v2c", Secret("env:TEST", "look-only"))
ONE_REPLY_S = QUICK.reply_s + 1.0
FINE = {"reachable": "ok", "device": "ok", "recording": "n/a"}

Answer = Callable[[bytes], Iterable[bytes]]


def by(answer: Callable[[Asked], Iterable[bytes]]) -> Answer:
    """Return an agent's answers as a function of the request that was read."""
    return lambda raw: answer(asked(raw))


def description(value: bytes) -> Answer:
    """An agent whose sysDescr is this value in BER, and all else in order."""
    return vitals({SYS_DESCR: value})


#: name: (what the agent sends, what is said of ``device``, the beginning of the detail); more is in ``catalogue``
ATTACKS: dict[str, tuple[Answer, str, str]] = {
    "a list without objects": (by(lambda q: [q.reply([], q.id)[:-2] + b"\x31\0"]), "fail protocol", "BER: tag 0x31"),
    "2^63 announced": (
        lambda raw: [b"\x30\x88\x7f" + b"\xff" * 7 + b"\2\1\1"],
        "fail protocol",
        "BER: a length of 8 bytes",
    ),
    "a request": (by(lambda q: [q.reply([(SYS_DESCR, octets(b"x"))], pdu=0xA0)]), "fail protocol", "SNMP: no response"),
}


@pytest.mark.parametrize("name", ATTACKS)
async def test_an_attack_over_snmp(name: str, bounded: Bounded) -> None:
    """One agent's datagrams get their reason within a reply's deadline; nothing stays open, nothing escapes."""
    answer, expected, detail = ATTACKS[name]
    async with bounded(ONE_REPLY_S), agent(answer) as peer:
        result = await probe("snmp", device(ports={"snmp": peer.port}, snmp=ACCESS))
    assert said(result) == {"device": expected}
    assert findings(result)[Rung.DEVICE].detail.startswith(detail)


VALUES = {
    "not a number": ber(0x44, b"\x9f\x78\x04\x7f\xc0\0\0"),
    "an infinite number": ber(0x44, b"\x9f\x78\x04\x7f\x80\0\0"),
    "60 KB of text": octets(b"A" * 60_000),
    "2^1600": ber(0x02, b"\x7f" + bytes(199)),
    "no integer at all": ber(0x02, b""),
    "an object id that overflows": ber(0x06, b"\xff" * 50),
    "an empty object id": ber(0x06, b""),
    "half an address": ber(0x40, b"\1"),
    "a real": ber(0x09, b"\x80"),
    "a counter of 9 bytes": ber(0x46, b"\xff" * 9),
    "bytes of no encoding": octets(bytes(range(256))),
    "null": ber(0x05, b""),
    "no such object": ber(0x80, b""),
    "a value of an unknown kind": ber(0xBF, b"\1\2"),
}


@pytest.mark.parametrize("name", VALUES)
async def test_s7_an_absurd_value(name: str, bounded: Bounded) -> None:
    """A value that makes no sense is refused or bounded to 200 characters; it never ends the probe another way."""
    async with bounded(ONE_REPLY_S), agent(description(VALUES[name])) as peer:
        result = await probe("snmp", device(ports={"snmp": peer.port}, snmp=ACCESS))
    assert said(result) in (FINE, {"device": "fail protocol"})
    assert len(str(result.verdict.measurements.get("description", ""))) <= 200


@pytest.mark.parametrize("value", [ticks(-5), ticks(2**40), ber(0x44, b"\x9f\x78\x04\x7f\xc0\0\0"), octets(b"9e999")])
async def test_s5_an_absurd_uptime(value: bytes) -> None:
    """An uptime that cannot be gives finite measurements or none."""
    async with agent(vitals({SYS_UPTIME: value})) as peer:
        result = await probe(
            "snmp", device(ports={"snmp": peer.port}, snmp=ACCESS), memory=Memory(objects={}, booted_at=0.0)
        )
    assert said(result) in (FINE, {"device": "fail protocol"})
    assert all(abs(float(figure)) < 1e18 for figure in result.verdict.measurements.values())


async def test_s1_an_answer_from_another_port(bounded: Bounded) -> None:
    """A right answer from a wrong port is nobody's; the device's own, a moment later, counts."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as elsewhere:
        elsewhere.bind(("127.0.0.1", 0))
        honest, forged = vitals(), vitals({SYS_DESCR: octets(b"FORGED")})
        loop = asyncio.get_running_loop()

        class Peer(asyncio.DatagramProtocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                self.transport = transport

            def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
                for reply in forged(data):
                    elsewhere.sendto(reply, address)
                for reply in honest(data):
                    self.transport.sendto(reply, address)  # type: ignore[attr-defined]  # it is a datagram transport

        async with bounded(ONE_REPLY_S):
            transport, _ = await loop.create_datagram_endpoint(Peer, ("127.0.0.1", 0))
            port = transport.get_extra_info("sockname")[1]
            result = await probe("snmp", device(ports={"snmp": port}, snmp=ACCESS))
            transport.close()
            await asyncio.sleep(0)
    assert said(result) == FINE
    assert result.verdict.measurements["description"] == "A camera"


async def test_s1_garbage_before_the_answer() -> None:
    """A forged datagram cannot fail a device: the answer behind it counts."""
    honest = vitals()
    async with agent(lambda raw: [b"\xff" * 99, asked(raw).reply([], asked(raw).id + 1), *honest(raw)]) as peer:
        result = await probe("snmp", device(ports={"snmp": peer.port}, snmp=ACCESS))
    assert said(result) == FINE


async def test_s3_a_walk_without_end(bounded: Bounded) -> None:
    """A table that goes on for ever is left after 32 objects."""
    rows = iter(range(1, 1 << 30))

    def answer(raw: bytes) -> Iterable[bytes]:
        request = asked(raw)
        if request.pdu == GETNEXT:
            return [request.reply([(f"{IF_TYPE}.{next(rows)}", integer(1))])]
        return vitals()(raw)

    async with bounded(ONE_REPLY_S), agent(answer) as peer:
        result = await probe("snmp", device(ports={"snmp": peer.port}, snmp=ACCESS))
    assert said(result) == FINE
    assert peer.requests <= 2 + 32 + 1


@pytest.mark.parametrize("following", [f"{IF_TYPE}.7", f"{IF_TYPE}.1", IF_TYPE])
async def test_s3_a_walk_that_does_not_move(following: str, bounded: Bounded) -> None:
    """A table whose next object is the same or an earlier one ends like one without end."""
    rows = iter([f"{IF_TYPE}.7"] + [following] * 100)

    def answer(raw: bytes) -> Iterable[bytes]:
        request = asked(raw)
        return [request.reply([(next(rows), integer(1))])] if request.pdu == GETNEXT else vitals()(raw)

    async with bounded(ONE_REPLY_S), agent(answer) as peer:
        result = await probe("snmp", device(ports={"snmp": peer.port}, snmp=ACCESS))
    assert said(result) == FINE
    assert peer.requests <= 2 + 32 + 1


@pytest.mark.parametrize("stray", [True, False])
async def test_a_flood_longer_than_the_deadline(stray: bool, bounded: Bounded) -> None:
    """Replies to nobody's question, or empty ones, for as long as anybody asks: after 32 of them nobody listens."""
    flooding = True

    async with bounded(ONE_REPLY_S):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.bind(("127.0.0.1", 0))
            peer.setblocking(False)
            loop = asyncio.get_running_loop()

            async def flood() -> None:
                raw, address = await loop.sock_recvfrom(peer, 65536)
                question = asked(raw)
                reply = question.reply([(SYS_DESCR, octets(b"x" * 1000))], question.id + 1)
                while flooding:
                    for _ in range(20):
                        await loop.sock_sendto(peer, reply if stray else b"", address)
                    await asyncio.sleep(0.01)

            flooder = asyncio.create_task(flood())
            result = await probe("snmp", device(ports={"snmp": peer.getsockname()[1]}, snmp=ACCESS))
            flooder.cancel()
            await asyncio.gather(flooder, return_exceptions=True)
    assert said(result) == {"device": "fail protocol"}
    assert findings(result)[Rung.DEVICE].detail == "32 datagrams came, and none of them answers"


async def test_s2_ten_thousand_broken_datagrams(bounded: Bounded, capfd: pytest.CaptureFixture[str]) -> None:
    """Replies with a few bytes changed, cut or put in are read or refused; not one escapes as another exception."""
    chance = random.Random(2026)
    values = (octets(b"text"), integer(6), ticks(256), ber(0x80, b""), ber(0x46, b"\1"), ber(0x40, b"\x7f\0\0\1"))

    def broken(raw: bytes) -> Iterable[bytes]:
        request = asked(raw)
        oid = f"{IF_TYPE}.1" if request.pdu == GETNEXT else SYS_DESCR
        data = bytearray(request.reply([(oid, chance.choice(values)) for _ in range(chance.randint(1, 3))]))
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(data) + 1)
            data[at : at + chance.choice((0, 1, 1, 1, 9))] = chance.randbytes(chance.choice((0, 1, 1, 1, 4)))
        return [bytes(data), request.reply([(oid, octets(b"x"))])]

    async with bounded(20.0), agent(broken) as peer:
        for _ in range(600):
            result = await probe("snmp", device(ports={"snmp": peer.port}, snmp=ACCESS))
            assert said(result)["device"] in ("ok", "fail protocol", "fail timeout", "fail credentials")
    assert capfd.readouterr() == ("", "")


V1 = SnmpAccess("test", "v1", Secret("env:TEST", "look-only"))


async def test_v1_refuses_a_whole_request_for_one_object() -> None:
    """noSuchName names the one object that is missing: the others are asked for again, and the device is fine."""

    def answer(raw: bytes) -> Iterable[bytes]:
        request = asked(raw)
        known = {SYS_DESCR: octets(b"A v1 camera"), SYS_UPTIME: ticks(360_000)}
        missing = next((n for n, oid in enumerate(request.oids, start=1) if oid not in known), 0)
        if missing:
            return [request.failure(2, missing, version=0)]
        return [request.reply([(oid, known[oid]) for oid in request.oids], version=0)]

    async with agent(answer) as peer:
        result = await probe("snmp", device(ports={"snmp": peer.port}, snmp=V1))
    assert said(result) == FINE
    assert result.verdict.measurements["description"] == "A v1 camera"


#: (error status, which object from 1, what is said of ``device``, the detail)
REFUSALS = [
    (5, 0, "fail protocol", "the agent refuses: general error"),
    (1, 0, "fail protocol", "the agent refuses: reply too big"),
    (99, 77, "fail protocol", "the agent refuses: error status 99"),
    (-4, -1, "fail protocol", "the agent refuses: error status -4"),
    (16, 0, "fail credentials", "the agent refuses the community: authorization error"),
]


@pytest.mark.parametrize(("status", "place", "expected", "detail"), REFUSALS)
async def test_an_agent_that_refuses(status: int, place: int, expected: str, detail: str) -> None:
    """An error status without an object to blame is said in words."""
    async with agent(by(lambda q: [q.failure(status, place)])) as peer:
        result = await probe("snmp", device(ports={"snmp": peer.port}, snmp=ACCESS))
    assert said(result)["device"] == expected
    assert findings(result)[Rung.DEVICE].detail == detail


async def test_an_agent_that_blames_one_object_after_the_other(bounded: Bounded) -> None:
    """Without end or not, it is asked no more than eight times."""
    async with bounded(ONE_REPLY_S), agent(by(lambda q: [q.failure(2, 1)])) as peer:
        result = await probe("snmp", device(ports={"snmp": peer.port}, snmp=ACCESS))
    assert said(result)["device"] in ("ok", "fail protocol")
    assert peer.requests <= 20


async def test_a_device_known_by_its_name() -> None:
    """A device whose inventory gives a name, not an address, is asked over SNMP too."""
    async with agent(vitals()) as peer:
        result = await probe("snmp", device("localhost", ports={"snmp": peer.port}, snmp=ACCESS))
    assert said(result) == FINE
