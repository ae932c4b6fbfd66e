"""SNMP v3 agents that mean harm: reports, clocks, wrong owners and broken messages end in time, with a reason, unprinted."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pytest
from peers.hostile import (
    GETNEXT,
    REPORT,
    RESPONSE,
    SYS_DESCR,
    SYS_UPTIME,
    Bounded,
    agent,
    ber,
    integer,
    object_id,
    octets,
    ticks,
)
from polite.virtual import Time, run
from talks import QUICK, device, findings, probe, said

from monitor.core.collector import collector_paused
from monitor.core.model import Secret, SnmpAccess
from monitor.core.verdict import Rung
from monitor.wire import usm, usm_keys
from monitor.wire.usm_keys import Keys

pytestmark = pytest.mark.usefixtures("either_socket")

ENGINE = b"\x80\0\x1f\x88\x04hostile"
OPEN = SnmpAccess("open", "v3", username="reader")
PASSWORD = "auth-password"
PRIVATE = SnmpAccess(
    "private", "v3", None, "reader", "sha256", Secret("env:A", PASSWORD), "aes128", Secret("env:P", "privacy-password")
)
FINE = {"reachable": "ok", "device": "ok", "recording": "n/a"}
STATS = "1.3.6.1.6.3.15.1.1"
UNKNOWN_ENGINE, NOT_IN_TIME = f"{STATS}.4.0", f"{STATS}.2.0"
#: A conversation of three questions, each with its deadline.
IN_TIME_S = 3 * QUICK.reply_s + 1.0


@dataclass(frozen=True)
class Question:
    """A v3 request as we write it: its number, whether it asks for the engine, and its PDU."""

    id: int
    discovery: bool
    pdu: int
    request: int
    oids: tuple[str, ...]

    def reply(
        self, values: Iterable[tuple[str, bytes]], kind: int = RESPONSE, boots: int = 1, id_: int | None = None
    ) -> bytes:
        rows = b"".join(ber(0x30, object_id(oid) + value) for oid, value in values)
        pdu = ber(kind, integer(self.request) + integer(0) + integer(0) + ber(0x30, rows))
        return message(
            self.id if id_ is None else id_,
            ber(0x30, octets(ENGINE) + octets(b"") + pdu),
            user=b"" if kind == REPORT else b"reader",
            boots=boots,
        )

    def report(self, stat: str) -> bytes:
        return self.reply([(stat, ber(0x41, b"\1"))], REPORT)


def message(
    id_: int, scoped: bytes, flags: int = 0, user: bytes = b"", proof: bytes = b"", salt: bytes = b"", boots: int = 1
) -> bytes:
    """Return a v3 message around what is scoped."""
    header = ber(0x30, integer(id_) + integer(65_507) + octets(bytes([flags])) + integer(3))
    fields = octets(ENGINE) + integer(boots) + integer(100) + octets(user) + octets(proof) + octets(salt)
    return ber(0x30, integer(3) + header + octets(ber(0x30, fields)) + scoped)


def question(raw: bytes) -> Question:
    read = usm.message(raw)
    if read.pdu is None:
        return Question(read.id, not read.engine.id, 0, 0, ())
    return Question(
        read.id, not read.engine.id, read.pdu.kind, read.pdu.id, tuple(name for name, _ in read.pdu.bindings)
    )


Answer = Callable[[Question], Iterable[bytes]]


def told(answer: Answer) -> Callable[[bytes], Iterable[bytes]]:
    """An agent that tells its engine's id and answers everything else like this."""

    def respond(raw: bytes) -> Iterable[bytes]:
        asked_ = question(raw)
        return [asked_.report(UNKNOWN_ENGINE)] if asked_.discovery else answer(asked_)

    return respond


def honest(asked_: Question) -> Iterable[bytes]:
    if asked_.pdu == GETNEXT:
        return [asked_.reply([("1.3.9.1", octets(b""))])]
    known = {SYS_DESCR: octets(b"A camera"), SYS_UPTIME: ticks(360_000)}
    return [asked_.reply([(oid, known.get(oid, ber(0x80, b""))) for oid in asked_.oids])]


async def test_an_agent_in_order() -> None:
    """The agent of these tests is one that v3 can be spoken to."""
    async with agent(told(honest)) as peer:
        result = await probe("snmp", device(ports={"snmp": peer.port}, snmp=OPEN))
    assert said(result) == FINE


#: name: (what the agent sends to each question but the discovery, what is said of ``device``, the detail's beginning)
ATTACKS: dict[str, tuple[Answer, str, str]] = {
    "silence": (lambda q: [], "fail timeout", "no answer"),
    "another message's number": (lambda q: [q.reply([(SYS_DESCR, octets(b"x"))], id_=(q.id + 1) % 2**31)], "fail timeout", "no answer"),
    "garbage": (lambda q: [b"\xff" * 99], "fail protocol", "BER: a tag of several bytes"),
    "a v2c message": (lambda q: [ber(0x30, integer(1) + octets(b"x") + ber(RESPONSE, b""))], "fail protocol", "SNMP: version 1 where v3 is due"),
    "reports without end": (lambda q: [q.report(NOT_IN_TIME)] * 20, "fail protocol", "the agent's clock moved: not in its time window, again and again"),
    "another engine each time": (lambda q: [q.report(UNKNOWN_ENGINE)], "fail protocol", "the agent has another engine id than before, again and again"),
    "an unheard-of report": (lambda q: [q.report("1.3.6.1.4.1.1.1")], "fail protocol", "the agent reports 1.3.6.1.4.1.1.1, again"),
    "a report of nothing": (lambda q: [q.reply([], REPORT)], "fail protocol", "the agent reports nothing, again and again"),
    "a user refused": (lambda q: [q.report(f"{STATS}.3.0")], "fail credentials", "the agent does not know the user"),
    "an engine before its time": (lambda q: [q.reply([], boots=-1)], "fail protocol", "SNMP: an engine without time"),
    "an engine id of 400 bytes": (lambda q: [q.reply([]).replace(octets(ENGINE), octets(b"E" * 127), 1)], "fail protocol", "BER: "),
    "64 KB": (lambda q: [q.reply([(SYS_DESCR, octets(b"A" * 60_000))])], "ok", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
async def test_an_attack_over_v3(name: str, bounded: Bounded, capfd: pytest.CaptureFixture[str]) -> None:
    """Report storms, jumping engines and broken messages (S6): a reason in time, few requests, nothing printed."""
    answer, expected, detail = ATTACKS[name]
    async with bounded(IN_TIME_S + 2 * QUICK.reply_s), agent(told(answer)) as peer:
        result = await probe("snmp", device(ports={"snmp": peer.port}, snmp=OPEN))
    assert said(result)["device"] == expected
    assert findings(result)[Rung.DEVICE].detail.startswith(detail)
    assert peer.requests <= 6
    assert capfd.readouterr() == ("", "")


def test_thousands_of_broken_messages(bounded: Bounded, capfd: pytest.CaptureFixture[str]) -> None:
    """Replies with bytes changed, cut or put in: each is read or refused, nothing is printed or left for the collector."""
    chance = random.Random(2026)
    values = (octets(b"text"), integer(6), ticks(256), ber(0x80, b""), ber(0x46, b"\1"), ber(0x40, b"\x7f\0\0\1"))

    def broken(asked_: Question) -> Iterable[bytes]:
        found = []
        for _ in range(4):
            data = bytearray(asked_.reply([(SYS_DESCR, chance.choice(values)) for _ in range(chance.randint(0, 3))]))
            for _ in range(chance.randint(1, 3)):
                at = chance.randrange(len(data) + 1)
                data[at : at + chance.choice((0, 1, 1, 1, 9))] = chance.randbytes(chance.choice((0, 1, 1, 1, 4)))
            found.append(bytes(data))
        return [*found, asked_.reply([(SYS_DESCR, octets(b"x"))])]

    async def course() -> None:
        async with bounded(30.0), agent(told(broken)) as peer:
            for _ in range(600):
                result = await probe("snmp", device(ports={"snmp": peer.port}, snmp=OPEN))
                assert said(result)["device"] in ("ok", "fail protocol", "fail timeout", "fail credentials")

    with collector_paused():
        run(Time(0.0), course())  # nobody waits for what does not answer
    assert capfd.readouterr() == ("", "")


async def test_a_report_that_nobody_proves_is_no_answer(bounded: Bounded) -> None:
    """An empty report, whatever status it claims, to a question that had a proof: no walk ends by it, no login is refused."""

    def answer(raw: bytes) -> Iterable[bytes]:
        asked_ = question(raw)
        if asked_.discovery:
            return [asked_.report(UNKNOWN_ENGINE)]
        refused = ber(REPORT, integer(asked_.request) + integer(16) + integer(0) + ber(0x30, b""))
        return [message(asked_.id, ber(0x30, octets(ENGINE) + octets(b"") + refused))]

    async with bounded(IN_TIME_S), agent(answer) as peer:
        result = await probe("snmp", device(ports={"snmp": peer.port}, snmp=PRIVATE))
    assert said(result) == {"device": "fail protocol"}
    assert result.verdict.measurements == {}
    assert not result.verdict.marks


async def test_an_answer_that_proves_nothing(bounded: Bounded) -> None:
    """A readable answer without a proof to a question that had one is nobody's, though its number is right."""

    def answer(raw: bytes) -> Iterable[bytes]:
        asked_ = question(raw)
        if asked_.discovery:
            return [asked_.report(UNKNOWN_ENGINE)]
        return [asked_.reply([(SYS_DESCR, octets(b"FORGED")), (SYS_UPTIME, ticks(1))])]

    async with bounded(IN_TIME_S), agent(answer) as peer:
        result = await probe("snmp", device(ports={"snmp": peer.port}, snmp=PRIVATE))
    assert said(result) == {"device": "fail credentials"}
    assert findings(result)[Rung.DEVICE].detail.startswith("the agent is silent to what is encrypted")
    assert result.verdict.measurements == {}


def sealed(asked_: Question, hidden: bytes, keys: Keys) -> bytes:
    """A message that this user's key proves, whatever is in it."""
    parts = {"flags": keys.security, "user": b"reader", "salt": bytes(8)}
    unproven = message(asked_.id, hidden, proof=bytes(24), **parts)  # type: ignore[arg-type]
    return message(asked_.id, hidden, proof=keys.proof(unproven), **parts)  # type: ignore[arg-type]


KEYS = usm_keys.keys(
    "sha256",
    usm_keys.master("sha256", PASSWORD.encode()),
    "aes128",
    usm_keys.master("sha256", b"privacy-password"),
    ENGINE,
)
#: What a device that has our keys may hide: bytes of chance, and messages that are well formed up to somewhere.
SCOPED = ber(0x30, octets(ENGINE) + octets(b"") + ber(RESPONSE, integer(1) + integer(0) + integer(0) + ber(0x30, b"")))


@pytest.mark.parametrize("kind", ["chance", "cut off", "changed"])
async def test_a_device_that_turns_our_own_key_against_us(
    kind: str, bounded: Bounded, capfd: pytest.CaptureFixture[str]
) -> None:
    """What it encrypts with our key is garbage: a reason at once, and not a word of any library's (S7)."""
    chance = random.Random(7)

    def garbage() -> bytes:
        if kind == "chance":
            return chance.randbytes(64)
        if kind == "cut off":
            return SCOPED[: chance.randrange(len(SCOPED))]
        at = chance.randrange(len(SCOPED))
        return SCOPED[:at] + chance.randbytes(2) + SCOPED[at + 2 :]

    def answer(raw: bytes) -> Iterable[bytes]:
        asked_ = question(raw)
        if asked_.discovery:
            return [asked_.report(UNKNOWN_ENGINE)]
        return [sealed(asked_, octets(KEYS.hide(garbage(), 1, 100, bytes(8))), KEYS)]

    async with bounded(20.0), agent(answer) as peer:
        for _ in range(100 if kind == "chance" else 20):
            result = await probe("snmp", device(ports={"snmp": peer.port}, snmp=PRIVATE))
            assert said(result)["device"] in ("fail protocol", "fail credentials")
            if kind == "chance":
                detail = findings(result)[Rung.DEVICE].detail
                assert detail.startswith("an encrypted message that cannot be read: BER: ")
    assert capfd.readouterr() == ("", "")


async def test_a_message_hidden_from_us(bounded: Bounded) -> None:
    """Encrypted without a proof, or without saying so: nobody's answer, like any other stray."""

    def answer(raw: bytes) -> Iterable[bytes]:
        asked_ = question(raw)
        if asked_.discovery:
            return [asked_.report(UNKNOWN_ENGINE)]
        return [message(asked_.id, octets(bytes(64)), flags=flags, user=b"reader", salt=bytes(8)) for flags in range(4)]

    async with bounded(2 * IN_TIME_S), agent(answer) as peer:
        private = await probe("snmp", device(ports={"snmp": peer.port}, snmp=PRIVATE))
        opened = await probe("snmp", device(ports={"snmp": peer.port}, snmp=OPEN))
    for result in (private, opened):
        assert said(result) == {"device": "fail protocol"}
        assert findings(result)[Rung.DEVICE].detail == (
            "SNMP: v3 that is encrypted by its flags or by its content, and not by both"
        )
