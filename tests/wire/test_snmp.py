"""SNMP messages: what is asked is what RFC 1157 and RFC 3416 want, and whatever comes back is read or refused."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from peers.hostile import asked, ber, integer, object_id, octets, ticks

from monitor.wire import ber as wire_ber
from monitor.wire import snmp
from monitor.wire.errors import ProtocolError, TooLarge, WireError

NAME = "1.3.6.1.2.1.1.1.0"
OIDS = st.builds(
    lambda first, rest: ".".join(map(str, (1, first, *rest))),
    st.integers(0, 39),
    st.lists(st.integers(0, 2**32 - 1), max_size=20),
)


def reply_to(raw: bytes, *values: tuple[str, bytes]) -> bytes:
    return asked(raw).reply(values)


def value_of(value: bytes) -> snmp.Scalar:
    """Return what is read of a value in BER."""
    raw = snmp.request("v2c", b"c", snmp.GET, 7, [NAME])
    return snmp.reply(reply_to(raw, (NAME, value))).pdu.bindings[0][1]


def test_a_get_as_other_agents_write_it() -> None:
    """A GET of sysDescr in v1 is the same bytes that net-snmp sends."""
    expected = bytes.fromhex("302602010004067075626c6963a019020101020100020100300e300c06082b060102010101000500")
    assert snmp.request("v1", b"public", snmp.GET, 1, [NAME]) == expected


@given(OIDS, st.integers(0, snmp.MOST_ID), st.binary(max_size=300))
def test_what_is_asked_comes_back(oid: str, id_: int, community: bytes) -> None:
    """Name, request id and community survive the way there and back."""
    raw = snmp.request("v2c", community, snmp.GETNEXT, id_, [oid])
    question = asked(raw)
    assert (question.pdu, question.id, question.oids, question.community) == (snmp.GETNEXT, id_, (oid,), community)
    found = snmp.reply(reply_to(raw, (oid, octets(b"x"))))
    assert found == snmp.Reply(1, community, snmp.Pdu(snmp.RESPONSE, id_, 0, 0, ((oid, b"x"),)))


@pytest.mark.parametrize("oid", ["", "1", "1.3.x", "3.1", "1.40", "1.3.-1", f"1.3.{2**32}", "1.3" + ".1" * 127])
def test_a_name_that_is_none_is_not_sent(oid: str) -> None:
    """An object id that no agent could have is refused before it is written."""
    with pytest.raises(ValueError):  # noqa: PT011 - some of them are refused by int()
        snmp.request("v2c", b"c", snmp.GET, 1, [oid])


VALUES: dict[str, tuple[bytes, snmp.Scalar]] = {
    "a number": (integer(-5), -5),
    "a text": (octets(b"15 PERCENT"), b"15 PERCENT"),
    "an object id": (object_id("1.3.6.1.4.1.368.1.1"), "1.3.6.1.4.1.368.1.1"),
    "an object id of the third arc": (ber(0x06, b"\x88\x37\x03"), "2.999.3"),
    "an address": (ber(0x40, b"\xc0\xa8\x01\x02"), "192.168.1.2"),
    "a counter": (ber(0x41, b"\0\xff\xff\xff\xff"), 2**32 - 1),
    "a counter whose sign bit the agent forgot": (ber(0x41, b"\xff\xff\xff\xff"), 2**32 - 1),
    "a gauge": (ber(0x42, b"\x05\xf5\xe1\0"), 100_000_000),
    "ticks": (ticks(360_000), 360_000),
    "a counter of 64 bits": (ber(0x46, b"\0" + b"\xff" * 8), 2**64 - 1),
    "an opaque float": (ber(0x44, b"\x9f\x78\x04\x42\x36\0\0"), 45.5),
    "a number that is none": (ber(0x44, b"\x9f\x78\x04\x7f\xc0\0\0"), None),
    "an opaque that is no float": (ber(0x44, b"\x9f\x79\x08" + b"\0" * 8), None),
    "null": (ber(0x05, b""), None),
    "no such object": (ber(0x80, b""), None),
    "the end": (ber(0x82, b""), None),
    "a number without digits": (integer(0)[:1] + b"\0", None),
    "a number of 200 bytes": (ber(0x02, b"\x7f" * 200), None),
    "ticks of 5 bytes": (ber(0x43, b"\1" * 5), None),
    "half an address": (ber(0x40, b"\1"), None),
    "an object id that overflows": (ber(0x06, b"\xff" * 50), None),
    "an object id that does not end": (ber(0x06, b"\x2b\x86"), None),
    "an empty object id": (ber(0x06, b""), None),
    "an unknown kind": (ber(0x5E, b"\1\2"), None),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value(name: str) -> None:
    """Each kind of value is read for what it is; one without sense is none, and the reply stands."""
    encoded, expected = VALUES[name]
    assert value_of(encoded) == expected


def test_a_nonsense_value_takes_no_other_with_it() -> None:
    """A broken value beside a whole one leaves the whole one."""
    raw = snmp.request("v2c", b"c", snmp.GET, 7, [NAME, NAME])
    found = snmp.reply(reply_to(raw, (NAME, ber(0x02, b"")), (NAME, integer(3))))
    assert found.pdu.bindings == ((NAME, None), (NAME, 3))


def test_padded_lengths_are_read() -> None:
    """Agents that write each length in four bytes (84 00 00 00 05) are understood."""
    body = integer(1) + octets(b"c") + ber(0xA2, integer(7) + integer(0) + integer(0) + b"\x30\x84\0\0\0\0")
    assert snmp.reply(b"\x30\x84" + len(body).to_bytes(4, "big") + body).pdu.id == 7


def test_a_reply_without_bounds_is_too_large() -> None:
    """The 257th value is not read."""
    raw = snmp.request("v2c", b"c", snmp.GET, 7, [NAME])
    with pytest.raises(TooLarge):
        snmp.reply(reply_to(raw, *[(NAME, integer(1))] * 257))


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """No bytes raise anything but what a reader may raise."""
    with suppress(WireError):
        snmp.reply(data)


@pytest.mark.parametrize("value", [integer(-5), octets(b"xxx"), octets(b""), octets(b"x" * 108), octets(b"x" * 130)])
def test_a_short_row_is_read_as_any_other(value: bytes) -> None:
    """Where the quick look at a row finds something, the careful one finds the same, whatever stands in its headers."""
    name = object_id(NAME)
    row = ber(0x30, name + value)
    for at in (0, 1, 2, 3, 2 + len(name), 3 + len(name)):
        for byte in range(256):
            raw = row[:at] + bytes((byte,)) + row[at + 1 :] + b"\0\0"
            for end in range(len(raw) + 1):
                quick = _outcome(partial(snmp._short_row, raw, 0, end))
                assert quick in (None, _outcome(partial(snmp._row, raw, 0, end))), (raw.hex(), end)


def test_a_row_of_a_camera_is_a_short_one() -> None:
    """The quick look is not in vain."""
    row = ber(0x30, object_id(NAME) + octets(b"x" * 90))
    assert snmp._short_row(row, 0, len(row)) == (NAME, b"x" * 90, len(row))
    assert snmp._short_row(row, 0, len(row) - 1) is None


@given(st.data())
def test_a_changed_reply_is_read_or_refused(data: st.DataObject) -> None:
    """A reply with bytes changed, cut out or put in is a reply or a ProtocolError, and its values stay bounded."""
    raw = snmp.request("v2c", b"look-only", snmp.GET, 7, [NAME])
    message = bytearray(reply_to(raw, *((NAME, value) for value, _ in VALUES.values())))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(message)))
        message[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=4))
    try:
        found = snmp.reply(bytes(message))
    except WireError:
        return
    numbers = [value for _, value in found.pdu.bindings if isinstance(value, int | float)]
    assert all(abs(value) < (2**128 if isinstance(value, float) else 2**64) for value in numbers)  # a float of 4 bytes


@given(st.data())
def test_an_answer_is_what_the_careful_reader_reads_of_ours(data: st.DataObject) -> None:
    """Whether it begins as ours must, or differs, an answer says what its response says, or is refused like that."""
    id_ = data.draw(st.sampled_from((7, 7, 1, 2**31 - 1)))
    raw = snmp.request("v2c", b"look-only", snmp.GET, 7, [NAME])
    message = bytearray(reply_to(raw, *((NAME, value) for value, _ in VALUES.values())))
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(message)))
        message[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=4))
    _is_read_alike(bytes(message), id_)


def test_an_answer_with_any_byte_changed_is_read_as_the_careful_reader_does() -> None:
    """Also where a length ends what encloses it within what ours begin with."""
    raw = snmp.request("v2c", b"look-only", snmp.GET, 7, [NAME])
    message = reply_to(raw, (NAME, integer(5)))
    for at in range(len(message)):
        for byte in range(256):
            _is_read_alike(message[:at] + bytes((byte,)) + message[at + 1 :], 7)


def _is_read_alike(message: bytes, id_: int) -> None:
    found = _outcome(partial(snmp.answer, message, "v2c", b"look-only", id_))
    said = _outcome(partial(snmp.reply, message))
    if isinstance(said, snmp.Reply):
        is_ours = (said.version, said.community, said.pdu.id) == (1, b"look-only", id_)
        said = said.pdu if is_ours else None
    assert found == said, message.hex()


@given(st.binary(max_size=40), st.integers(0, 40))
def test_a_value_stays_within_what_encloses_it(data: bytes, end: int) -> None:
    """Whatever a length says, the content lies between the header and the end."""
    end = min(end, len(data))
    try:
        found = wire_ber.value(data, 0, end)
    except ProtocolError:
        return
    assert 2 <= found.start <= found.end <= end


@given(
    st.builds(
        lambda before, tag, size, content: before + bytes((tag, size)) + content,
        st.binary(max_size=3),
        st.sampled_from(b"\x02\x04\x06\x30\x1f"),
        st.integers(0, 8) | st.integers(126, 132),
        st.binary(max_size=8) | st.binary(min_size=120, max_size=140),
    ),
    st.integers(0, 4),
    st.integers(0, 3),
    st.sampled_from((wire_ber.INTEGER, wire_ber.OCTETS, wire_ber.OID, wire_ber.SEQUENCE)),
)
def test_a_value_that_is_due_is_read_as_any_other(data: bytes, at: int, less: int, tag: int) -> None:
    """The short way for a short value of the right kind ends where the long one does, or in the same error."""

    def whole() -> wire_ber.Value:
        found = wire_ber.value(data, at, len(data) - less)
        if found.tag != tag:
            raise ProtocolError(f"BER: tag {found.tag:#04x} where {tag:#04x} is due")
        return found

    assert _outcome(lambda: wire_ber.expect(data, at, len(data) - less, tag)) == _outcome(whole)


def _outcome(read: Callable[[], object]) -> object:
    try:
        return read()
    except ProtocolError as error:
        return str(error)
