"""SNMP v3 messages of a user (RFC 3412 §6, RFC 3414): a request to bytes, a reply's bytes to whose it is and its PDU.

A reply is believed in three steps: ``message`` reads what is readable of any datagram, ``proven`` holds it to the
user's key, ``said`` reads what it says, decrypted where that is hidden.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from monitor.wire import ber, snmp
from monitor.wire.ber import INTEGER, OCTETS, SEQUENCE
from monitor.wire.errors import ProtocolError
from monitor.wire.snmp import Pdu
from monitor.wire.usm_keys import SALT_BYTES, Keys

V3 = 3
USM = 3
SECURITY = 0b11
HIDDEN = 0b10
REPORTABLE = 0b100
#: RFC 3411: an engine id has at most 32 bytes, a user name 32 characters.
MOST_NAME_BYTES = 32
MOST_PROOF_BYTES = 64


class Engine(NamedTuple):
    """An agent's engine: its id, how often it has started, and for how long it runs now."""

    id: bytes = b""
    boots: int = 0
    time_s: int = 0


class Message(NamedTuple):
    """A message: its number, how it is secured, the engine that answers, and its PDU; None where that is encrypted."""

    id: int
    security: int
    """1: proven by the user's key; 3: encrypted too (RFC 3412 §6.4)."""
    engine: Engine
    user: bytes
    proof: tuple[int, int]
    """Where its proof begins and ends."""
    salt: bytes
    hidden: bytes
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


# Writing ---------------------------------------------------------------------------------------------


def request(id_: int, engine: Engine, user: bytes, keys: Keys, kind: int, oids: Sequence[str], salt: bytes) -> bytes:
    """Return a request for these objects, proven and hidden by these keys; ``salt`` is used once. Raises ValueError."""
    scoped = ber.encoded(
        SEQUENCE, ber.encoded(OCTETS, engine.id) + ber.encoded(OCTETS, b"") + snmp.encoded_pdu(kind, id_, oids)
    )
    content = scoped
    if keys.privacy:
        content = ber.encoded(OCTETS, keys.hide(scoped, engine.boots, engine.time_s, salt))
    shown_salt = ber.encoded(OCTETS, salt if keys.privacy else b"")
    parameters = (
        ber.encoded(OCTETS, engine.id)
        + ber.encoded_integer(engine.boots)
        + ber.encoded_integer(engine.time_s)
        + ber.encoded(OCTETS, user)
        + ber.encoded(OCTETS, bytes(keys.proof_bytes))
        + shown_salt
    )
    flags = ber.encoded(OCTETS, bytes((keys.security | REPORTABLE,)))
    head = ber.encoded_integer(id_) + ber.encoded_integer(snmp.MOST_DATAGRAM_BYTES) + flags + ber.encoded_integer(USM)
    security = ber.encoded(OCTETS, ber.encoded(SEQUENCE, parameters))
    whole = ber.encoded(SEQUENCE, ber.encoded_integer(V3) + ber.encoded(SEQUENCE, head) + security + content)
    end = len(whole) - len(content) - len(shown_salt)
    return _with_proof(whole, (end - keys.proof_bytes, end), keys.proof(whole)) if keys.auth else whole


def _with_proof(whole: bytes, place: tuple[int, int], proof: bytes) -> bytes:
    return whole[: place[0]] + proof + whole[place[1] :]


# Reading ---------------------------------------------------------------------------------------------


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
    content = ber.value(data, security.end, whole.end)
    level = data[flags.start] & SECURITY
    is_hidden = content.tag == OCTETS
    if is_hidden != bool(level & HIDDEN):
        raise ProtocolError("SNMP: v3 that is encrypted by its flags or by its content, and not by both")
    return Message(
        ber.integer(data, id_),
        level,
        *_parameters(data, security),
        data[content.start : content.end] if is_hidden else b"",
        None if is_hidden else _scoped(data, content),
    )


def _parameters(data: bytes, security: ber.Value) -> tuple[Engine, bytes, tuple[int, int], bytes]:
    """Return the engine, the user, where the proof stands, and the salt (RFC 3414 §2.4)."""
    fields = ber.expect(data, security.start, security.end, SEQUENCE)
    engine = ber.expect(data, fields.start, fields.end, OCTETS)
    boots = ber.expect(data, engine.end, fields.end, INTEGER)
    time_s = ber.expect(data, boots.end, fields.end, INTEGER)
    user = ber.expect(data, time_s.end, fields.end, OCTETS)
    proof = ber.expect(data, user.end, fields.end, OCTETS)
    salt = ber.expect(data, proof.end, fields.end, OCTETS)
    lengths = [one.end - one.start for one in (engine, user, proof, salt)]
    if max(lengths[:2]) > MOST_NAME_BYTES or lengths[2] > MOST_PROOF_BYTES or lengths[3] not in (0, SALT_BYTES):
        raise ProtocolError("SNMP: v3 security parameters out of bounds")
    counts = ber.integer(data, boots), ber.integer(data, time_s)
    if not all(0 <= count <= snmp.MOST_ID for count in counts):
        raise ProtocolError("SNMP: an engine without time")
    return (
        Engine(data[engine.start : engine.end], *counts),
        data[user.start : user.end],
        (proof.start, proof.end),
        data[salt.start : salt.end],
    )


def _scoped(data: bytes, found: ber.Value) -> Pdu:
    """Return the PDU within its scope."""
    if found.tag != SEQUENCE:
        raise ProtocolError(f"BER: tag {found.tag:#04x} where a scoped PDU is due")
    engine = ber.expect(data, found.start, found.end, OCTETS)
    name = ber.expect(data, engine.end, found.end, OCTETS)
    return snmp.pdu(data, ber.value(data, name.end, found.end))


def proven(data: bytes, read: Message, keys: Keys) -> bool:
    """Whether whoever sent this message has the user's key, too."""
    start, end = read.proof
    if not keys.auth or end - start != keys.proof_bytes:
        return False
    return hmac.compare_digest(data[start:end], keys.proof(_with_proof(data, read.proof, bytes(end - start))))


def said(read: Message, keys: Keys) -> Pdu:
    """Return a message's PDU, decrypted where it is hidden. Raises ProtocolError, TooLarge."""
    if read.pdu is not None:
        return read.pdu
    if not keys.privacy:
        raise ProtocolError("SNMP: encrypted, and no key is known")
    plain = keys.reveal(read.hidden, read.engine.boots, read.engine.time_s, read.salt)
    return _scoped(plain, ber.value(plain, 0, len(plain)))


def stat(pdu: Pdu) -> Stat | None:
    """Return why an engine refuses our message; None for a PDU that says no such thing."""
    if pdu.kind != snmp.REPORT:
        return None
    if not pdu.bindings:  # said by whoever; no answer either
        return Stat("the agent reports nothing", False)
    return STATS.get(pdu.bindings[0][0], Stat(f"the agent reports {pdu.bindings[0][0]}", False))
