"""Who answers: pins, proofs and hints, without a network."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.identity import (
    MAC,
    MOST_CHANGES,
    SERIAL,
    SNMP_MAC,
    SNMP_NAME,
    SNMP_SERIAL,
    SNMP_TOLD,
    UNKNOWN,
    Identity,
    Marks,
    Who,
    accepted,
    expected,
    folded,
    is_void,
    recognise,
    recognised_at_length,
)
from monitor.core.model import Camera, Inventory
from monitor.core.pins import pins_of

PINNED = Identity({SERIAL: "ACCC8E012345", "rtsp_realm": "camera"}, 100.0)


def test_the_first_serial_is_pinned() -> None:
    """The first device that says who it is, is the camera's own."""
    who, detail, identity = recognise(UNKNOWN, {SERIAL: "A1B2C3", "rtsp_realm": "r"}, 50.0)
    assert (who, detail) == (Who.NEW, "serial number A1B2C3")
    assert identity == Identity({SERIAL: "A1B2C3", "rtsp_realm": "r"}, 50.0)


@pytest.mark.parametrize(
    ("marks", "who"),
    [
        ({SERIAL: "ACCC8E012345"}, Who.OWN),
        ({SERIAL: "ac:cc:8e:01:23:45"}, Who.OWN),
        ({SERIAL: "ACCC8E012346"}, Who.STRANGER),
        ({SERIAL: "ACCC8E012346", "rtsp_realm": "camera"}, Who.STRANGER),
        ({SERIAL: "ACCC8E012345", "rtsp_realm": "new firmware"}, Who.OWN),
        ({"rtsp_realm": "camera"}, Who.SILENT),
        ({"rtsp_realm": "another"}, Who.DOUBTFUL),
        ({"http_realm": "seen for the first time"}, Who.SILENT),
        ({"http_realm": "AXIS_ACCC8E012345"}, Who.OWN),
        ({SERIAL: "000000"}, Who.SILENT),
        ({MAC: "00:40:8c:00:00:01"}, Who.SILENT),
        ({}, Who.SILENT),
    ],
)
def test_an_answer_is_its_own_a_strangers_or_says_nothing(marks: Marks, who: Who) -> None:
    """The serial decides; a hint that changed is a question; a void serial and a hint that is the same say nothing."""
    assert recognise(PINNED, marks, 200.0).who is who


def test_the_sentences_name_both() -> None:
    """Who reads it can look for either device."""
    assert recognise(PINNED, {SERIAL: "X99"}, 1.0).detail == "serial number X99 answers; it was ACCC8E012345"
    words = expected(["INV-1"])
    assert (
        recognise(PINNED, {SERIAL: "X99"}, 1.0, words).detail == "serial number X99 answers; the inventory says INV-1"
    )
    doubt = recognise(PINNED, {"rtsp_realm": "b"}, 1.0).detail
    assert doubt == "perhaps: its RTSP realm was 'camera' and is 'b'"


def test_the_inventory_is_stronger_than_a_pin() -> None:
    """What is written there decides, and replaces what was seen before."""
    words = expected(["NEW-1"])
    assert recognise(PINNED, {SERIAL: "ACCC8E012345"}, 1.0, words).who is Who.STRANGER
    own = recognise(PINNED, {SERIAL: "new1"}, 1.0, words)
    assert own.who is Who.OWN
    assert own.identity.marks[SERIAL] == "new1"


def test_a_doubt_is_asked_once_and_ends_with_a_proof() -> None:
    """The hint that changed belongs to whoever the proof says it was."""
    doubtful = recognise(PINNED, {"rtsp_realm": "b"}, 1.0).identity
    assert recognise(doubtful, {"rtsp_realm": "b"}, 2.0) == (Who.SILENT, "", doubtful)
    own = recognise(doubtful, {SERIAL: "ACCC8E012345"}, 3.0).identity
    assert own.marks["rtsp_realm"] == "b"
    assert own.changes == {"rtsp_realm": 1}
    stranger = recognise(doubtful, {SERIAL: "X99"}, 3.0).identity
    assert stranger.marks == PINNED.marks
    assert stranger.stranger == {SERIAL: "X99", "rtsp_realm": "b"}


def test_a_stranger_that_leaves_is_noticed_by_its_hints() -> None:
    """While another device answers, its hints are compared with what it said itself."""
    stranger = recognise(PINNED, {SERIAL: "X99", "rtsp_realm": "b"}, 1.0).identity
    assert recognise(stranger, {"rtsp_realm": "b"}, 2.0).who is Who.SILENT
    back = recognise(stranger, {"rtsp_realm": "camera"}, 3.0)
    assert back.who is Who.DOUBTFUL
    own = recognise(back.identity, {SERIAL: "ACCC8E012345"}, 4.0)
    assert own.who is Who.OWN
    assert own.identity.marks == PINNED.marks
    assert not own.identity.stranger


def test_a_hint_that_keeps_changing_is_left_alone() -> None:
    """A realm that is made up for each reply costs a device three questions, and no more."""
    known, doubts = PINNED, 0
    for number in range(10):
        said = recognise(known, {"rtsp_realm": f"r{number}"}, 1.0)
        doubts += said.who is Who.DOUBTFUL
        known = recognise(said.identity, {SERIAL: "ACCC8E012345"}, 1.0).identity
    assert doubts == MOST_CHANGES


@pytest.mark.parametrize("serial", ["", "000000", "ONVIF", "none", "FFFF-FFFF", "N/A", " - "])
def test_a_serial_that_says_nothing_is_none(serial: str) -> None:
    """Some makes write the same word into every device."""
    assert is_void(serial)
    who, detail, identity = recognise(UNKNOWN, {SERIAL: serial}, 1.0)
    assert who is Who.NAMELESS
    assert detail == (f"its serial number {serial!r} is no name" if serial else "it tells no serial number")
    assert not identity.is_pinned


def test_a_void_serial_falls_back_to_the_hardware_address() -> None:
    """Then that is what is pinned."""
    identity = recognise(UNKNOWN, {SERIAL: "000000", MAC: "00:12:1e:00:00:01"}, 1.0).identity
    assert recognise(identity, {SERIAL: "000000", MAC: "00-12-1E-00-00-01"}, 2.0).who is Who.OWN
    assert recognise(identity, {SERIAL: "000000", MAC: "00:12:1e:00:00:02"}, 2.0).who is Who.STRANGER


def _at(**devices: str) -> Inventory:
    """Return an inventory of cameras at devices."""
    cameras = {id_: Camera(id_, id_, device, 1, "z") for id_, device in devices.items()}
    return Inventory({}, cameras, {}, {"z": "Z"})


def test_a_shared_serial_proves_nothing_but_that_it_is_another() -> None:
    """A model whose devices all say the same tells them apart by hardware address, or not at all."""
    shared = frozenset({"0123456"})
    both = {"a": Identity({SERIAL: "0123456"}), "b": Identity({SERIAL: "012-3456"}), "c": PINNED}
    assert pins_of(both, _at(a="d1", b="d2", c="d3")).shared == shared
    assert pins_of(both, _at(a="d1", b="d1", c="d3")).shared == frozenset()
    said = recognise(both["a"], {SERIAL: "0123456"}, 1.0, shared=shared)
    assert (said.who, said.detail) == (Who.NAMELESS, "its serial number '0123456' is that of other devices too")
    assert recognise(both["a"], {SERIAL: "7654321"}, 1.0, shared=shared).who is Who.STRANGER
    named = recognise(both["a"], {SERIAL: "0123456", MAC: "00:12:1e:00:00:01"}, 1.0, shared=shared)
    assert named.who is Who.NEW
    assert (
        recognise(named.identity, {SERIAL: "0123456", MAC: "00:12:1e:00:00:02"}, 2.0, shared=shared).who is Who.STRANGER
    )


def test_a_serial_over_snmp_is_enough_where_there_is_no_other() -> None:
    """Beside a serial over ONVIF it only hints: firmware may write it otherwise."""
    alone = recognise(UNKNOWN, {SNMP_SERIAL: "S-1234"}, 1.0).identity
    assert recognise(alone, {SNMP_SERIAL: "S-1234"}, 2.0).who is Who.OWN
    assert recognise(alone, {SNMP_SERIAL: "S-1235"}, 2.0).who is Who.STRANGER
    beside = recognise(PINNED, {SNMP_SERIAL: "S-1234"}, 2.0).identity
    assert recognise(beside, {SNMP_SERIAL: "S-1235"}, 3.0).who is Who.DOUBTFUL
    assert recognise(UNKNOWN, {SNMP_SERIAL: "S-1234"}, 1.0, expected(["S1234"])).who is Who.OWN


ALONE = expected([], over_snmp=True)
BY_SNMP = Identity({SNMP_SERIAL: "S-1234", SNMP_MAC: "00:40:8c:00:00:01", SNMP_TOLD: "both"}, 100.0)


@pytest.mark.parametrize(
    ("marks", "who"),
    [
        ({SNMP_SERIAL: "S-1234", SNMP_MAC: "00:40:8c:00:00:01"}, Who.OWN),
        ({SNMP_SERIAL: "S-1234", SNMP_MAC: "00:40:8c:00:00:02"}, Who.OWN),
        ({SNMP_SERIAL: "S-1235", SNMP_MAC: "00:40:8c:00:00:01"}, Who.STRANGER),
        ({SNMP_MAC: "00:40:8c:00:00:01"}, Who.OWN),
        ({SNMP_MAC: "00:40:8c:00:00:02"}, Who.STRANGER),
        ({SNMP_SERIAL: "", SNMP_TOLD: "none"}, Who.DOUBTFUL),
        ({SNMP_SERIAL: "", SNMP_TOLD: "both"}, Who.SILENT),
        ({"rtsp_realm": "00408C000001"}, Who.SILENT),
        ({"rtsp_realm": "S1234 camera"}, Who.SILENT),
    ],
)
def test_where_snmp_alone_is_asked_the_strongest_proof_that_was_told_decides(marks: Marks, who: Who) -> None:
    """All proofs come in one answer: one that is not among them decides nothing, and none at all is a question."""
    assert recognise(BY_SNMP, marks, 200.0, ALONE).who is who


def test_where_snmp_alone_is_asked_the_inventory_is_compared_with_its_words() -> None:
    """A serial number that the device never tells leaves the decision to its hardware address."""
    words = expected(["S1234"], over_snmp=True)
    assert recognise(UNKNOWN, {SNMP_SERIAL: "S-1235"}, 1.0, words).detail == (
        "serial number over SNMP S-1235 answers; the inventory says S1234"
    )
    assert recognise(UNKNOWN, {SNMP_SERIAL: "S-1234"}, 1.0, words).who is Who.OWN
    by_address = recognise(UNKNOWN, {SNMP_MAC: "00:40:8c:00:00:01"}, 1.0, words)
    assert by_address.who is Who.NEW
    assert recognise(by_address.identity, {SNMP_MAC: "00:40:8c:00:00:01"}, 2.0, words).who is Who.OWN
    assert recognise(by_address.identity, {SNMP_MAC: "00:40:8c:00:00:02"}, 2.0, words).who is Who.STRANGER
    assert recognise(UNKNOWN, {SNMP_SERIAL: ""}, 1.0, words).who is Who.NAMELESS


def test_what_onvif_told_once_decides_nothing_where_it_is_asked_no_more() -> None:
    """A camera that is asked over SNMP alone from now on is known by that from then on."""
    said = recognise(PINNED, {SNMP_MAC: "00:40:8c:00:00:01"}, 200.0, ALONE)
    assert said.who is Who.NEW
    assert recognise(said.identity, {SNMP_MAC: "00:40:8c:00:00:02"}, 300.0, ALONE).who is Who.STRANGER


def test_a_hardware_address_of_several_devices_tells_no_two_apart_over_snmp() -> None:
    """A factory default is no name, but another address is still another device."""
    default = Identity({SNMP_MAC: "00:12:34:56:78:9a"}, 1.0)
    shared = frozenset({"00123456789a"})
    assert recognise(default, {SNMP_MAC: "00:12:34:56:78:9a"}, 2.0, ALONE, shared).who is Who.NAMELESS
    assert recognise(default, {SNMP_MAC: "00:12:34:56:78:9b"}, 2.0, ALONE, shared).who is Who.STRANGER


def test_beside_onvif_an_address_over_snmp_only_hints() -> None:
    """A device may have two ports, and ONVIF may tell the other one: another address is a question for ONVIF."""
    known = recognise(PINNED, {SNMP_MAC: "00:40:8c:00:00:01"}, 200.0).identity
    assert recognise(known, {SNMP_MAC: "00:40:8c:00:00:02"}, 300.0).who is Who.DOUBTFUL


def test_an_accepted_device_is_the_own_one() -> None:
    """What the other device said is pinned in place of what was known."""
    stranger = recognise(PINNED, {SERIAL: "X99", "rtsp_realm": "b"}, 1.0).identity
    own = accepted(stranger, 5.0)
    assert own == Identity({SERIAL: "X99", "rtsp_realm": "b"}, 5.0)
    assert recognise(own, {SERIAL: "X99"}, 6.0).who is Who.OWN
    assert recognise(own, {SERIAL: "ACCC8E012345"}, 6.0).who is Who.STRANGER


TEXTS = st.text(max_size=12)
MARKS = st.dictionaries(st.sampled_from([SERIAL, MAC, SNMP_SERIAL, SNMP_MAC, "rtsp_realm", "http_realm"]), TEXTS)


@given(st.lists(MARKS, max_size=12), st.text("ABC123", min_size=2, max_size=4))
def test_no_order_of_answers_makes_another_serial_its_own(answers: list[Marks], serial: str) -> None:
    """Whatever a device says between, the pinned serial stays until a person accepts another."""
    known = Identity({SERIAL: "PINNED-99"}, 1.0)
    for marks in answers:
        said = recognise(known, marks, 2.0)
        known = said.identity
        if not is_void(marks.get(SERIAL, "")):
            assert said.who is Who.STRANGER
        assert known.marks[SERIAL] == "PINNED-99"
    assert recognise(known, {SERIAL: serial}, 3.0).who is (Who.SILENT if is_void(serial) else Who.STRANGER)


@given(st.lists(MARKS, max_size=12), st.text("ABC123", min_size=2, max_size=4))
def test_no_order_of_answers_over_snmp_makes_another_serial_its_own(answers: list[Marks], serial: str) -> None:
    """The same where SNMP alone is asked."""
    known = Identity({SNMP_SERIAL: "PINNED-99"}, 1.0)
    for marks in answers:
        said = recognise(known, marks, 2.0, ALONE)
        known = said.identity
        if not is_void(marks.get(SNMP_SERIAL, "")):
            assert said.who is Who.STRANGER
        assert known.marks[SNMP_SERIAL] == "PINNED-99"
    assert recognise(known, {SNMP_SERIAL: serial}, 3.0, ALONE).who is (Who.SILENT if is_void(serial) else Who.STRANGER)


@given(st.text("aA1:-0 ", max_size=5), st.lists(st.text("aA1:-0 ", max_size=5), max_size=2))
def test_a_serial_that_is_expected_is_its_own_and_no_other_is(said: str, serials: list[str]) -> None:
    """A look-up among the inventory's serials and the whole of recognition agree, whatever is written or void."""
    words = expected(serials)
    whole = recognise(UNKNOWN, {SERIAL: said}, 50.0, words)
    assert (folded(said) in words.serials) == (whole.who is Who.OWN)


SIMILAR = st.sampled_from(["ACCC8E012345", "accc8e012345", "AXIS_ACCC8E012345", "000000", "camera", "", "123"])
HINTING = st.dictionaries(st.sampled_from(["rtsp_realm", "http_realm", SNMP_NAME, SNMP_TOLD]), SIMILAR, max_size=3)
KNOWING = st.dictionaries(st.sampled_from([SERIAL, MAC, SNMP_SERIAL, SNMP_MAC]), SIMILAR, max_size=3)


@given(KNOWING, HINTING, st.lists(SIMILAR, max_size=2), st.booleans(), st.sets(SIMILAR, max_size=2), st.data())
def test_hints_that_are_what_they_were_are_judged_as_any_answer_is(
    proofs: Marks, hints: Marks, serials: list[str], over_snmp: bool, shared: set[str], data: st.DataObject
) -> None:
    """The short way for them gives what the long way gives, whatever is pinned, expected and shared."""
    known = Identity({**proofs, **hints}, 1.0)
    said = {name: hints[name] for name in hints if data.draw(st.booleans())}
    more = expected(serials, over_snmp=over_snmp), frozenset(map(folded, shared))
    assert recognise(known, said, 2.0, *more) == recognised_at_length(known, said, 2.0, *more)
