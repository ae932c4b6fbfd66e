"""S1 to S7: SNMP's datagrams."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator

from catalogue_case import Case, Datagrams, Rows
from peers.hostile import (
    GETNEXT,
    IF_TYPE,
    REPORT,
    SYS_DESCR,
    SYS_UPTIME,
    Asked,
    asked,
    ber,
    integer,
    octets,
    ticks,
    vitals,
)

from monitor.probes.base import Result
from monitor.probes.memory import Memory

_FINE = {"reachable": "ok", "device": "ok"}


def by(answer: Callable[[Asked], Iterable[bytes]]) -> Datagrams:
    """Return an agent's answers as a function of the request that was read."""
    return lambda raw: answer(asked(raw))


def refused(datagrams: Datagrams, detail: str = "") -> Case:
    return Case(datagrams=datagrams, probe="snmp", said={"device": "fail protocol"}, detail=detail, waits=True)


def unheard(datagrams: Datagrams) -> Case:
    """Datagrams that answer nobody's question: as if none had come."""
    return Case(datagrams=datagrams, probe="snmp", said={"device": "fail timeout"}, waits=True)


def odd(values: dict[str, bytes], holds: Callable[[Result], bool] = lambda result: True) -> Case:
    """An agent in order but for these values."""
    return Case(
        datagrams=vitals(values), probe="snmp", said=_FINE, holds=holds, memory=Memory(objects={}, booted_at=0.0)
    )


def bounded_text(result: Result) -> bool:
    return len(str(result.verdict.measurements.get("description", ""))) <= 200


def finite(result: Result) -> bool:
    return all(abs(float(one)) < 1e18 for one in result.verdict.measurements.values() if not isinstance(one, str))


def walking(following: Callable[[int], str]) -> Case:
    """An agent whose table goes on like this for ever."""
    rows: Iterator[int] = iter(range(1, 1 << 30))

    def answer(raw: bytes) -> Iterable[bytes]:
        request = asked(raw)
        if request.pdu == GETNEXT:
            return [request.reply([(following(next(rows)), integer(1))])]
        return vitals()(raw)

    return Case(datagrams=answer, probe="snmp", said=_FINE)


def nested(levels: int) -> bytes:
    """Lists within lists, each of its right length."""
    data = b""
    for _ in range(levels):
        data = ber(0x30, data)
    return data


_DEEP = nested(10_000)

SNMP: Rows = {
    "S1-silence": unheard(lambda raw: []),
    "S1-another request's id": unheard(by(lambda q: [q.reply([(SYS_DESCR, octets(b"x"))], q.id + 1)])),
    "S1-another community": unheard(lambda raw: [asked(raw).reply([]).replace(b"look-only", b"look-oold")]),
    "S1-another version": unheard(lambda raw: [asked(raw).reply([]).replace(b"\2\1\1", b"\2\1\0", 1)]),
    "S1-the question itself": refused(lambda raw: [raw]),
    "S2-an indefinite length": refused(lambda raw: [b"\x30\x80\x02\x01\x01\0\0"], "BER: an indefinite length"),
    "S2-a length beyond the packet": refused(by(lambda q: [q.reply([(SYS_DESCR, octets(b"abc"))])[:-3]]), "BER: "),
    "S2-a length of 2^31": refused(lambda raw: [b"\x30\x84\x7f\xff\xff\xff\2\1\1"], "BER: a value of 2147483647 bytes"),
    "S2-a length of 127 bytes": refused(lambda raw: [b"\x30\xff" + b"\xff" * 127], "BER: a length of 127 bytes"),
    "S2-a long tag": refused(lambda raw: [b"\xff" * 100], "BER: a tag of several bytes"),
    "S2-an object id without bounds": Case(
        datagrams=vitals({SYS_DESCR: ber(0x06, b"\xff" * 50)}), probe="snmp", said=_FINE,
    ),
    "S2-30,000 levels": refused(lambda raw: [b"\x30\x80" * 30_000], "BER: "),
    "S2-10,000 levels of right lengths": refused(lambda raw: [_DEEP], "BER: "),
    "S2-garbage": refused(lambda raw: [random.Random(1).randbytes(400)], "BER: "),
    "S3-a walk without end": walking(lambda n: f"{IF_TYPE}.{n}"),
    "S3-a walk that stands still": walking(lambda n: f"{IF_TYPE}.7"),
    "S3-a walk that runs backwards": walking(lambda n: f"{IF_TYPE}.{max(1, 9 - n)}"),
    "S3-20,000 values": refused(
        by(lambda q: [q.reply([], q.id)[:-2] + ber(0x30, b"\x30\0" * 20_000)]), "BER: ",
    ),
    "S4-64 KB": refused(lambda raw: [b"A" * 65_000], "BER: tag 0x41"),
    "S4-64 KB of text": odd({SYS_DESCR: octets(b"A" * 60_000)}, bounded_text),
    "S5-an uptime below 0": odd({SYS_UPTIME: ticks(-5)}, finite),
    "S5-an uptime over 497 days": odd({SYS_UPTIME: ticks(2**40)}, finite),
    "S5-an uptime that was reset": odd({SYS_UPTIME: ticks(0)}, finite),
    "S5-not a number": odd({SYS_UPTIME: ber(0x44, b"\x9f\x78\x04\x7f\xc0\0\0")}, finite),
    "S5-a counter of 9 bytes": odd({SYS_DESCR: ber(0x46, b"\xff" * 9)}, bounded_text),
    "S6-a report to a v2c question": refused(by(lambda q: [q.reply([(SYS_DESCR, octets(b"x"))], pdu=REPORT)])),
    "S7-bytes of no encoding": odd({SYS_DESCR: octets(bytes(range(256)))}, bounded_text),
    "S7-a terminal": odd({SYS_DESCR: octets("\x1b[2J\u202e\r\nreachable fail".encode())}, bounded_text),
}  # fmt: skip
