"""SNMP messages of v1 and v2c (RFC 1157, RFC 3416): requests to bytes, a reply's bytes to values.

Only what reads can be written here: GET, GETNEXT, GETBULK. A reply whose form is broken is a ProtocolError; one value
that makes no sense is None and takes no other value with it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from math import isfinite
from typing import NamedTuple

from monitor.wire import ber
from monitor.wire.ber import INTEGER, NULL, OCTETS, OID, SEQUENCE, Value
from monitor.wire.errors import ProtocolError, TooLarge

VERSIONS = {"v1": 0, "v2c": 1}
GET, GETNEXT, RESPONSE, GETBULK, REPORT = 0xA0, 0xA1, 0xA2, 0xA5, 0xA8
TRAP_V1, INFORM, TRAP = 0xA4, 0xA6, 0xA7
SNMP_TRAP_OID = "1.3.6.1.6.3.1.1.4.1.0"
#: Generic traps by their number in v1 (RFC 1157 §4.1.6); in v2c snmpTraps ends in the number + 1 (RFC 3418).
TRAPS = ("cold start", "warm start", "link down", "link up", "authentication failure", "neighbour lost")
SNMP_TRAPS = "1.3.6.1.6.3.1.1.5"
#: The largest datagram that UDP carries.
MOST_DATAGRAM_BYTES = 65_535
#: More than any request of ours can bring.
MOST_BINDINGS = 256
#: Request ids are positive and of 31 bits; some agents mistake the 32nd for a sign.
MOST_ID = 2**31 - 1

#: Error status (RFC 1157 §4.1, RFC 3416 §3) to the words of a finding.
STATUSES = ("no error", "reply too big", "no such name", "bad value", "read only", "general error", "no access")
NO_ERROR, TOO_BIG, NO_SUCH_NAME, GENERAL_ERROR = 0, 1, 2, 5

Scalar = int | float | bytes | str | None
"""A number, a text as sent, an object id or address in digits and dots; None: no such object, or one without sense."""


class Pdu(NamedTuple):
    """What a message says: its kind, which request it answers, whether it failed as a whole and at which binding
    (from 1), and the values by name."""

    kind: int
    id: int
    status: int
    culprit: int
    bindings: tuple[tuple[str, Scalar], ...]


class Reply(NamedTuple):
    """A response of v1 or v2c, and whose it is."""

    version: int
    community: bytes
    pdu: Pdu


# Requests --------------------------------------------------------------------------------------------


def request(version: str, community: bytes, pdu: int, id_: int, oids: Iterable[str], repetitions: int = 0) -> bytes:
    """Return a request for these objects; ``repetitions`` are GETBULK's alone. Raises ValueError at a wrong name."""
    return ber.encoded(SEQUENCE, _envelope(version, community) + encoded_pdu(pdu, id_, oids, repetitions))


@lru_cache(maxsize=1024)
def _envelope(version: str, community: bytes) -> bytes:
    """Return what stands before a PDU: the same for every device of a credential."""
    return ber.encoded_integer(VERSIONS[version]) + ber.encoded(OCTETS, community)


def encoded_pdu(kind: int, id_: int, oids: Iterable[str], repetitions: int = 0) -> bytes:
    """Return a PDU that asks for these objects. Raises ValueError at a wrong name."""
    fields = ber.encoded_integer(id_) + _ZERO + (ber.encoded_integer(repetitions) if repetitions else _ZERO)
    return ber.encoded(kind, fields + _names(tuple(oids)))


_ZERO = ber.encoded_integer(0)
#: Status and culprit of a response in order.
_IN_ORDER = _ZERO + _ZERO


@lru_cache(maxsize=1024)
def _names(oids: tuple[str, ...]) -> bytes:
    """Return the list of names, each with a null for its value; devices of a make are asked for the same ones."""
    null = ber.encoded(NULL, b"")
    rows = b"".join(ber.encoded(SEQUENCE, ber.encoded_object_id(oid) + null) for oid in oids)
    return ber.encoded(SEQUENCE, rows)


# Replies ---------------------------------------------------------------------------------------------


def reply(data: bytes) -> Reply:
    """Read a datagram as a response. Raises ProtocolError, TooLarge."""
    message = ber.expect(data, 0, len(data), SEQUENCE)
    version = ber.expect(data, message.start, message.end, INTEGER)
    community = ber.expect(data, version.end, message.end, OCTETS)
    found = pdu(data, ber.value(data, community.end, message.end))
    if found.kind != RESPONSE:
        raise ProtocolError(f"SNMP: no response, a PDU of the kind {found.kind:#04x}")
    return Reply(ber.integer(data, version), data[community.start : community.end], found)


def answer(data: bytes, version: str, community: bytes, id_: int) -> Pdu | None:
    """Return what a response says to the request of this id; None where it is another's. Raises as ``reply``."""
    message = ber.expect(data, 0, len(data), SEQUENCE)
    envelope = _envelope(version, community)
    if data.startswith(envelope, message.start, message.end):
        found = ber.value(data, message.start + len(envelope), message.end)
        fields = ber.encoded_integer(id_) + _IN_ORDER
        if found.tag == RESPONSE and data.startswith(fields, found.start, found.end):  # as nearly always
            rows = ber.expect(data, found.start + len(fields), found.end, SEQUENCE)
            return Pdu(RESPONSE, id_, NO_ERROR, 0, _bindings(data, rows))
    said = reply(data)
    is_ours = (said.version, said.community, said.pdu.id) == (VERSIONS[version], community, id_)
    return said.pdu if is_ours else None


def trap(data: bytes) -> str:
    """Read a datagram of v1 or v2c as a trap and return which: a generic one in words, another by its object id.

    Who sent it is unproven, and so is what it says. Raises ProtocolError, TooLarge.
    """
    message = ber.expect(data, 0, len(data), SEQUENCE)
    version = ber.expect(data, message.start, message.end, INTEGER)
    community = ber.expect(data, version.end, message.end, OCTETS)
    found = ber.value(data, community.end, message.end)
    if found.tag == TRAP_V1:
        return _trap_v1(data, found)
    if found.tag not in (TRAP, INFORM):
        raise ProtocolError(f"SNMP: no trap, a PDU of the kind {found.tag:#04x}")
    value = dict(pdu(data, found).bindings).get(SNMP_TRAP_OID)
    name = value if isinstance(value, str) else ""
    parent, _, last = name.rpartition(".")
    is_generic = parent == SNMP_TRAPS and 1 <= int(last) <= len(TRAPS)
    return TRAPS[int(last) - 1] if is_generic else name or "unnamed"


def _trap_v1(data: bytes, found: Value) -> str:
    """Enterprise, the agent's address, the generic and the specific number (RFC 1157 §4.1.6)."""
    enterprise = ber.expect(data, found.start, found.end, OID)
    address = ber.value(data, enterprise.end, found.end)
    generic = ber.expect(data, address.end, found.end, INTEGER)
    specific = ber.expect(data, generic.end, found.end, INTEGER)
    number = ber.integer(data, generic)
    if 0 <= number < len(TRAPS):
        return TRAPS[number]
    return f"{ber.object_id(data, enterprise)}.0.{ber.integer(data, specific)}"


def pdu(data: bytes, found: Value) -> Pdu:
    """Read a PDU (RFC 3416 §3). Raises ProtocolError, TooLarge."""
    id_ = ber.expect(data, found.start, found.end, INTEGER)
    status = ber.expect(data, id_.end, found.end, INTEGER)
    culprit = ber.expect(data, status.end, found.end, INTEGER)
    rows = ber.expect(data, culprit.end, found.end, SEQUENCE)
    return Pdu(
        found.tag, ber.integer(data, id_), ber.integer(data, status), ber.integer(data, culprit), _bindings(data, rows)
    )


def _bindings(data: bytes, rows: Value) -> tuple[tuple[str, Scalar], ...]:
    found: list[tuple[str, Scalar]] = []
    at = rows.start
    while at < rows.end:
        if len(found) == MOST_BINDINGS:
            raise TooLarge(f"SNMP: more than {MOST_BINDINGS} values in a reply")
        name, value, at = _short_row(data, at, rows.end) or _row(data, at, rows.end)
        found.append((name, value))
    return tuple(found)


def _row(data: bytes, at: int, end: int) -> tuple[str, Scalar, int]:
    """Return a name, its value, and where the next row begins. Raises ProtocolError."""
    row = ber.expect(data, at, end, SEQUENCE)
    name = ber.expect(data, row.start, row.end, OID)
    value = ber.value(data, name.end, row.end)
    return ber.object_id(data, name), scalar(value.tag, data[value.start : value.end]), row.end


def _short_row(data: bytes, at: int, end: int) -> tuple[str, Scalar, int] | None:
    """Return the same of a row as nearly all are: its three headers are of two bytes each; None of any other."""
    if at + 4 > end:
        return None
    size, row_end, name_end = data[at + 1], at + 2 + data[at + 1], at + 4 + data[at + 3]
    if data[at] != SEQUENCE or data[at + 2] != OID or size > ber.MOST_SHORT or not name_end + 2 <= row_end <= end:
        return None
    tag, value_end = data[name_end], name_end + 2 + data[name_end + 1]
    if tag & ber.MANY_BYTE_TAG == ber.MANY_BYTE_TAG or value_end > row_end:
        return None
    return ber.dotted(data[at + 4 : name_end]), scalar(tag, data[name_end + 2 : value_end]), row_end


def scalar(tag: int, content: bytes) -> Scalar:
    """Return a value by its tag (RFC 2578 §7.1); None where it is none, of an unknown kind, or makes no sense."""
    read = _SCALARS.get(tag)
    try:
        return read(content) if read else None
    except ProtocolError:
        return None


def _unsigned(most_bytes: int) -> Callable[[bytes], int]:
    """Return a reader of unsigned numbers: agents send them with and without the zero byte that the sign asks for."""

    def read(content: bytes) -> int:
        if not content or len(content.lstrip(b"\0")) > most_bytes:
            raise ProtocolError(f"BER: a number of {len(content)} bytes")
        return int.from_bytes(content, "big")

    return read


def _address(content: bytes) -> str:
    if len(content) != 4:
        raise ProtocolError("SNMP: no IPv4 address")
    return ".".join(map(str, content))


def _opaque(content: bytes) -> float | None:
    """Return the one kind of opaque value in use: a float (net-snmp's Opaque: 9f 78 04 and 4 bytes of IEEE 754)."""
    if len(content) != 7 or not content.startswith(b"\x9f\x78\x04"):
        return None
    number = float(struct.unpack(">f", content[3:])[0])
    return number if isfinite(number) else None


_SCALARS: Mapping[int, Callable[[bytes], Scalar]] = {
    INTEGER: ber.signed,
    OCTETS: bytes,
    OID: ber.dotted,
    0x40: _address,
    0x41: _unsigned(4),  # Counter32
    0x42: _unsigned(4),  # Gauge32
    0x43: _unsigned(4),  # TimeTicks
    0x44: _opaque,
    0x46: _unsigned(8),  # Counter64
}
