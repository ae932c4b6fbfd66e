"""SNMP v3 messages from outside (RFC 3412 §6, RFC 3414 §2.4): whose they are, and what they say where it is not hidden.

Every length down to the last value is checked, so that a message which passes can be given to a library.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from monitor.wire import ber, snmp
from monitor.wire.ber import INTEGER, OCTETS, SEQUENCE
from monitor.wire.errors import ProtocolError
from monitor.wire.snmp import Pdu

V3 = 3
USM = 3
SECURITY = 0b11
#: RFC 3411: an engine id has at most 32 bytes, a user name 32 characters.
MOST_NAME_BYTES = 32


class Message(NamedTuple):
    """A message: its number, how it is secured, the engine that answers, and its PDU; None where that is encrypted."""

    id: int
    security: int
    """1: proven by the user's key; 3: encrypted too (RFC 3412 §6.4)."""
    engine: bytes
    boots: int
    time_s: int
    pdu: Pdu | None


class Stat(NamedTuple):
    """Why an engine refuses a message, in words; ``login`` where the user or a key is at fault, not the time."""

    words: str
    login: bool


#: RFC 3414 §5, usmStats: the last number but the instance.
STATS: Mapping[str, Stat] = {
    "1.3.6.1.6.3.15.1.1.1.0": Stat("the agent does not accept this level of security for the user", True),
    "1.3.6.1.6.3.15.1.1.2.0": Stat("the agent's clock moved: not in its time window", False),
    "1.3.6.1.6.3.15.1.1.3.0": Stat("the agent does not know the user", True),
    "1.3.6.1.6.3.15.1.1.4.0": Stat("the agent has another engine id than before", False),
    "1.3.6.1.6.3.15.1.1.5.0": Stat("the agent refuses the user's key: wrong auth_password or auth algorithm", True),
    "1.3.6.1.6.3.15.1.1.6.0": Stat("the agent cannot decrypt: wrong privacy_password or privacy algorithm", True),
}


def message(data: bytes) -> Message:
    """Read a datagram as a v3 message. Raises ProtocolError, TooLarge."""
    whole = ber.expect(data, 0, len(data), SEQUENCE)
    version = ber.expect(data, whole.start, whole.end, INTEGER)
    if ber.integer(data, version) != V3:
        raise ProtocolError(f"SNMP: version {ber.integer(data, version)} where v3 is due")
    header = ber.expect(data, version.end, whole.end, SEQUENCE)
    id_ = ber.expect(data, header.start, header.end, INTEGER)
    size = ber.expect(data, id_.end, header.end, INTEGER)
    flags = ber.expect(data, size.end, header.end, OCTETS)
    model = ber.expect(data, flags.end, header.end, INTEGER)
    if flags.end - flags.start != 1 or ber.integer(data, model) != USM or ber.integer(data, size) < 0:
        raise ProtocolError("SNMP: v3 with another security model than users")
    security = ber.expect(data, header.end, whole.end, OCTETS)
    engine, boots, time_s = _parameters(data, security)
    security_level = data[flags.start] & SECURITY
    return Message(
        ber.integer(data, id_), security_level, engine, boots, time_s, _scoped(data, security.end, whole.end)
    )


def _parameters(data: bytes, security: ber.Value) -> tuple[bytes, int, int]:
    """Return engine id, boots and time (RFC 3414 §2.4)."""
    fields = ber.expect(data, security.start, security.end, SEQUENCE)
    engine = ber.expect(data, fields.start, fields.end, OCTETS)
    boots = ber.expect(data, engine.end, fields.end, INTEGER)
    time_s = ber.expect(data, boots.end, fields.end, INTEGER)
    user = ber.expect(data, time_s.end, fields.end, OCTETS)
    proof = ber.expect(data, user.end, fields.end, OCTETS)
    salt = ber.expect(data, proof.end, fields.end, OCTETS)
    lengths = [one.end - one.start for one in (engine, user, proof, salt)]
    if lengths[0] > MOST_NAME_BYTES or lengths[1] > MOST_NAME_BYTES or lengths[2] > 64 or lengths[3] not in (0, 8):
        raise ProtocolError("SNMP: v3 security parameters out of bounds")
    counts = ber.integer(data, boots), ber.integer(data, time_s)
    if not all(0 <= count <= snmp.MOST_ID for count in counts):
        raise ProtocolError("SNMP: an engine without time")
    return data[engine.start : engine.end], *counts


def _scoped(data: bytes, at: int, end: int) -> Pdu | None:
    """Return the PDU within its scope; None where both are encrypted."""
    found = ber.value(data, at, end)
    if found.tag == OCTETS:
        return None
    if found.tag != SEQUENCE:
        raise ProtocolError(f"BER: tag {found.tag:#04x} where a scoped PDU is due")
    engine = ber.expect(data, found.start, found.end, OCTETS)
    name = ber.expect(data, engine.end, found.end, OCTETS)
    return snmp.pdu(data, ber.value(data, name.end, found.end))


def stat(pdu: Pdu) -> Stat | None:
    """Return why an engine refuses our message; None for a PDU that says no such thing."""
    if pdu.kind != snmp.REPORT or not pdu.bindings:
        return None
    return STATS.get(pdu.bindings[0][0], Stat(f"the agent reports {pdu.bindings[0][0]}", False))
