"""An SNMP agent that answers from a recording: lines of ``OID|tag|value``, as snmpsim writes them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from peers.hostile import GETNEXT, asked, ber, integer, object_id, octets

Oid = tuple[int, ...]


def _numbers(oid: str) -> Oid:
    return tuple(map(int, oid.split(".")))


def _unsigned(tag: int) -> Callable[[str], bytes]:
    return lambda text: integer(int(text), tag)


KINDS: Mapping[str, Callable[[str], bytes]] = {
    "2": lambda text: integer(int(text)),
    "4": lambda text: octets(text.encode()),
    "4x": lambda text: octets(bytes.fromhex(text)),
    "6": object_id,
    "64": lambda text: ber(0x40, bytes(map(int, text.split(".")))),
    "65": _unsigned(0x41),
    "66": _unsigned(0x42),
    "67": _unsigned(0x43),
    "70": _unsigned(0x46),
}


def recorded(path: Path) -> dict[str, bytes]:
    """Return a recording's values in BER, by object id."""
    rows = (line.split("|", 2) for line in path.read_text(encoding="utf-8").splitlines() if line.count("|") >= 2)
    return {oid: KINDS[tag](value) for oid, tag, value in rows}


def replaying(values: Mapping[str, bytes]) -> Callable[[bytes], Iterable[bytes]]:
    """Return the answers of a v2c agent that has these objects and no others; ``values`` may change meanwhile."""

    def after(oid: str) -> tuple[str, bytes]:
        known = sorted(values, key=_numbers)
        place = bisect_right(known, _numbers(oid), key=_numbers)
        return (known[place], values[known[place]]) if place < len(known) else (oid, ber(0x82, b""))

    def answer(raw: bytes) -> Iterable[bytes]:
        request = asked(raw)
        if request.pdu == GETNEXT:
            return [request.reply([after(oid) for oid in request.oids])]
        return [request.reply([(oid, values.get(oid, ber(0x80, b""))) for oid in request.oids])]

    return answer
