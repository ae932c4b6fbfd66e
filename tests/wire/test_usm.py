"""SNMP v3 messages from outside: read where they are readable, refused where a length is wrong."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from peers.hostile import ber, integer, object_id, octets

from monitor.wire import snmp, usm, usm_keys
from monitor.wire.errors import ProtocolError, WireError
from monitor.wire.snmp import Pdu
from monitor.wire.usm import Engine
from monitor.wire.usm_keys import Keys

ENGINE = b"\x80\0\x1f\x88\x04test"
STAT = "1.3.6.1.6.3.15.1.1.5.0"


def scoped(kind: int = snmp.RESPONSE, oid: str = STAT) -> bytes:
    row = ber(0x30, object_id(oid) + ber(0x41, b"\1"))
    return ber(0x30, octets(ENGINE) + octets(b"") + ber(kind, integer(7) + integer(0) + integer(0) + ber(0x30, row)))


def message(
    hidden: bytes,
    flags: bytes = b"\0",
    model: int = 3,
    engine: bytes = ENGINE,
    boots: int = 2,
    salt: bytes = b"",
    version: int = 3,
) -> bytes:
    header = ber(0x30, integer(42) + integer(65_507) + octets(flags) + integer(model))
    fields = octets(engine) + integer(boots) + integer(100) + octets(b"user") + octets(bytes(12)) + octets(salt)
    return ber(0x30, integer(version) + header + octets(ber(0x30, fields)) + hidden)


def test_a_readable_message() -> None:
    """Number, security, engine and PDU."""
    data = message(scoped(), b"\5")
    read = usm.message(data)
    assert read[:4] == (42, 1, Engine(ENGINE, 2, 100), b"user")
    assert read.pdu == usm.said(read, Keys()) == Pdu(snmp.RESPONSE, 7, 0, 0, ((STAT, 1),))
    assert data[slice(*read.proof)] == bytes(12)


def test_an_encrypted_message() -> None:
    """What is hidden stays hidden without a key; the rest is read."""
    read = usm.message(message(octets(bytes(64)), b"\3", salt=bytes(8)))
    assert (read.id, read.security, read.salt, read.hidden, read.pdu) == (42, 3, bytes(8), bytes(64), None)
    with pytest.raises(ProtocolError, match="SNMP: encrypted, and no key is known"):
        usm.said(read, Keys())


@pytest.mark.parametrize("privacy", ["", *usm_keys.KEY_BYTES])
@pytest.mark.parametrize("auth", usm_keys.PROOF_BYTES)
def test_what_is_written_is_read(auth: str, privacy: str) -> None:
    """A request of ours proves itself with the same keys, says what it asks, and neither after one byte changed."""
    own = usm_keys.keys(auth, bytes(range(20)), privacy, bytes(range(1, 21)), ENGINE)
    data = usm.request(7, Engine(ENGINE, 2, 100), b"user", own, snmp.GETNEXT, [STAT], b"saltsalt")
    read = usm.message(data)
    assert (read.id, read.security, read.user, read.pdu is None) == (7, own.security, b"user", bool(privacy))
    assert usm.proven(data, read, own)
    assert usm.said(read, own) == Pdu(snmp.GETNEXT, 7, 0, 0, ((STAT, None),))
    assert STAT[:4].encode() not in data
    changed = data.replace(b"user", b"usur")
    assert not usm.proven(changed, usm.message(changed), own)
    assert not usm.proven(data, read, own._replace(auth_key=b"another"))
    assert not usm.proven(data, read, Keys())


def test_a_request_without_keys() -> None:
    """Asked openly, a request has neither proof nor salt."""
    read = usm.message(usm.request(7, Engine(), b"", Keys(), snmp.GET, (), bytes(8)))
    assert (read.security, read.engine, read.salt, read.pdu) == (0, Engine(), b"", Pdu(snmp.GET, 7, 0, 0, ()))


REFUSED = {
    "another version": (message(scoped(), version=1), "SNMP: version 1 where v3 is due"),
    "another security model": (message(scoped(), model=2), "SNMP: v3 with another security model than users"),
    "two bytes of flags": (message(scoped(), flags=b"\0\0"), "SNMP: v3 with another security model than users"),
    "an engine id of 33 bytes": (message(scoped(), engine=bytes(33)), "SNMP: v3 security parameters out of bounds"),
    "a salt of 7 bytes": (message(scoped(), salt=bytes(7)), "SNMP: v3 security parameters out of bounds"),
    "boots below zero": (message(scoped(), boots=-1), "SNMP: an engine without time"),
    "boots beyond 31 bits": (message(scoped(), boots=2**31), "SNMP: an engine without time"),
    "a number in place of the PDU": (message(integer(1)), "BER: tag 0x02 where a scoped PDU is due"),
    "hidden, and not said to be": (
        message(octets(bytes(64)), b"\1"),
        "SNMP: v3 that is encrypted by its flags or by its content, and not by both",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_message_refused(name: str) -> None:
    """Each with its words."""
    data, words = REFUSED[name]
    with pytest.raises(ProtocolError) as caught:
        usm.message(data)
    assert str(caught.value) == words


def test_why_an_engine_refuses() -> None:
    """usmStats say whether a key or the time is at fault; a response says no such thing."""
    refused, fine = usm.message(message(scoped(snmp.REPORT))).pdu, usm.message(message(scoped())).pdu
    assert refused is not None
    assert fine is not None
    assert usm.stat(refused) == usm.STATS[STAT]
    assert usm.stat(fine) is None
    assert [stat.login for stat in usm.STATS.values()] == [True, False, True, False, True, True]


@given(st.data())
def test_a_changed_message_is_read_or_refused(data: st.DataObject) -> None:
    """Bytes changed, cut out or put in raise nothing but what a reader may raise."""
    changed = bytearray(message(scoped()))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(changed)))
        changed[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=4))
    with suppress(WireError):
        usm.message(bytes(changed))
