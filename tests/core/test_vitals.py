"""Tables of objects and the reading of values by them; boots told from wraps and drift."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.uptime import CREEP_S, SLACK_S, WRAP_S, booted
from monitor.core.verdict import Rung
from monitor.core.vitals import (
    Asked,
    OidTable,
    Row,
    Scalar,
    Tables,
    increase,
    instance,
    number,
    per_second,
    read,
    row,
    status,
    text,
)

NUMBERS: dict[str, tuple[Scalar, str, float | None]] = {
    "a number": (41, "", 41.0),
    "a percentage in words": (b"15 PERCENT", "", 15.0),
    "degrees": (b"45 C", "", 45.0),
    "below zero": (b"-7 C", "", -7.0),
    "a pace": (b"12.3 MB/s", "", 12.3),
    "no blank": (b"83%", "", 83.0),
    "blanks before": (b"  3", "", 3.0),
    "trailing NULs": (b"45\0\0", "", 45.0),
    "gigabytes as megabytes": (b"2.5 GB", "MB", 2500.0),
    "megabytes as gigabytes": (b"512 MB", "GB", 0.512),
    "the unit itself": (b"0.0 GB", "GB", 0.0),
    "a unit that we do not convert": (b"45 C", "GB", 45.0),
    "a word": (b"N/A", "", None),
    "nothing": (b"", "", None),
    "no object": (None, "", None),
    "more digits than a figure has": (b"9" * 40, "", 999_999_999_999.0),
    "no number in disguise": (b"nan", "", None),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_and_its_unit(name: str) -> None:
    """Figures are read from what devices send, units and all."""
    value, unit, expected = NUMBERS[name]
    assert number(value, unit) == (None if expected is None else pytest.approx(expected))


@given(st.one_of(st.binary(max_size=300), st.integers(-(2**63), 2**64), st.none()))
def test_any_value_is_a_bounded_text_and_a_state(value: Scalar) -> None:
    """Whatever a device sends, its text is short and its state can be compared (S7)."""
    assert len(text(value)) <= 200
    assert isinstance(status(value), float | str)


FAN = Row("1.1", "fan", "status", (1.0,), (2.0,), Rung.DEVICE, ((1.0, "ok"), (2.0, "failed")))
CARD = Row("1.2", "card", "status", ("running",), ("error",), Rung.RECORDING)


def asked(one: Row, *instances: str, seen_ok: bool = False) -> dict[str, Asked]:
    oids = [f"{one.oid}.{which}" for which in instances]
    return {oid: instance(one, oid, seen_ok) for oid in oids}


def test_the_worst_of_several_is_told() -> None:
    """One failed fan among three fails the rung, whichever it is, and is what is shown."""
    for values in ((2, 1, 1), (1, 2, 1), (1, 1, 2)):
        reading = read(asked(FAN, "1", "2", "3"), {f"1.1.{n}": value for n, value in enumerate(values, start=1)})
        assert reading.judged == {Rung.DEVICE: "fan is failed"}
        assert reading.figures == {"fan": "failed"}


def test_words_are_states() -> None:
    """States in words are compared without regard to their case."""
    assert read(asked(CARD, "1"), {"1.2.1": b"Error "}).judged == {Rung.RECORDING: "card is error"}
    assert read(asked(CARD, "1"), {"1.2.1": b"RUNNING"}).judged == {Rung.RECORDING: ""}


@pytest.mark.parametrize("value", [None, 7, b"melting", b""])
def test_a_state_that_nobody_knows_judges_nothing(value: Scalar) -> None:
    """Neither good nor bad: the rung is left to others."""
    assert read(asked(CARD, "1"), {"1.2.1": value}).judged == {}


def test_a_bad_state_of_what_never_was_in_order() -> None:
    """With counts: after_ok a state is bad only of an instance that was seen in order."""
    slot = CARD._replace(counts="after_ok")
    never = read(asked(slot, "1"), {"1.2.1": b"error"})
    assert (never.judged, never.figures) == ({}, {})
    assert read(asked(slot, "1", seen_ok=True), {"1.2.1": b"error"}).judged == {Rung.RECORDING: "card is error"}
    assert read(asked(slot, "1"), {"1.2.1": b"running"}).seen_ok == {"1.2.1"}


@pytest.mark.parametrize(
    ("keep", "expected"),
    [("max", {"t": 45.0}), ("min", {"t": 3.0}), ("sum", {"t": 68.0}), ("each", {"t_1_1": 20.0, "t_1_2": 45.0, "t_2": 3.0})],
)  # fmt: skip
def test_several_instances_become(keep: str, expected: dict[str, float]) -> None:
    """One figure, or one each."""
    sensors = asked(Row("1.3", "t", keep=keep), "1.1", "1.2", "2")
    values: dict[str, Scalar] = {"1.3.1.1": 20, "1.3.1.2": b"45 C", "1.3.2": 3}
    assert read(sensors, values).figures == expected


def test_a_scale() -> None:
    """Tenths of a volt become volts."""
    assert read(asked(Row("1.4", "volts", scale=0.1), "0"), {"1.4.0": 2301}).figures == {"volts": pytest.approx(230.1)}


@pytest.mark.parametrize(
    ("before", "after", "bits", "expected"),
    [(5, 9, 32, 4), (2**32 - 1, 0, 32, 1), (2**32 - 100, 50, 32, 150), (2**64 - 1, 1, 64, 2), (7, 7, 32, 0)],
)
def test_a_counter_that_wraps_goes_on(before: int, after: int, bits: int, expected: int) -> None:
    """ifInOctets begins anew at 2^32: what was counted in between is not lost, and not negative (S5)."""
    assert increase(before, after, bits) == expected


def test_a_counter_is_told_as_a_pace() -> None:
    """The name says of what it is the pace, and of which port."""
    one = instance(Row("1.5", "port_in_bytes", "counter", keep="each"), "1.5.3", False)
    assert per_second(one, 2**32 - 600, 0, 60.0) == ("port_in_bytes_3_per_second", 10.0)


def test_a_row_with_states_is_a_status() -> None:
    """From plain values, states say what kind of row it is, and words are compared in small letters."""
    found = row(
        {"oid": "1.1", "name": "fan", "ok": [1, "Running"], "bad": ["0"], "rung": "device", "words": {1: "fine"}}
    )
    assert found == Row("1.1", "fan", "status", (1.0, "running"), (0.0,), Rung.DEVICE, ((1.0, "fine"),))
    assert row({"oid": "1.1", "name": "x"}).kind == "number"


TABLES = Tables(
    (
        OidTable("acme", (), "1.3.6.1.4.1.9"),
        OidTable("acme-nvr", (), "1.3.6.1.4.1.99"),
        OidTable("quiet", (), "1.3.6.1.4.1.7", detect="1.3.6.1.4.1.7.1.0"),
        OidTable("switch", ()),
    )
)


@pytest.mark.parametrize(
    ("make", "object_id", "detected", "expected"),
    [
        ("", "1.3.6.1.4.1.9.1", (), "acme"),
        ("", "1.3.6.1.4.1.9", (), "acme"),
        ("acme", "1.3.6.1.4.1.99.1", (), "acme-nvr"),
        ("", "", ("1.3.6.1.4.1.7.1.0",), "quiet"),
        ("ACME", "", (), "acme"),
        ("switch", "1.3.6.1.4.1.9.1", (), "switch"),
        ("", "1.3.6.1.4.1.8", (), None),
    ],
)
def test_which_table_a_device_has(make: str, object_id: str, detected: tuple[str, ...], expected: str | None) -> None:
    """Its object id decides, then an object that it has, then the inventory; a kind of device decides before all."""
    found = TABLES.of(make, object_id, detected)
    assert (found.make if found else None) == expected


def test_tables_are_told_apart() -> None:
    """Another row is another digest."""
    assert Tables((OidTable("a", (FAN,)),)).digest != Tables((OidTable("a", (CARD,)),)).digest


@pytest.mark.parametrize(("years", "ppm"), [(3, 50.0), (3, -50.0), (1, 90.0)])
def test_a_boot_that_creeps_is_one_boot(years: int, ppm: float) -> None:
    """A clock that is off by parts in a million never looks like a reboot, over wraps too, however long it runs."""
    known: float | None = None
    for hour in range(365 * 24 * years):
        now = hour * 3600.0
        uptime = now * (1 + ppm / 1e6)
        boot = booted(known, now - uptime % WRAP_S)
        assert not boot.again
        assert now - boot.seen_at == pytest.approx(uptime, abs=1.0)
        known = boot.at


@given(st.floats(SLACK_S + 1, WRAP_S - SLACK_S - 1))
def test_a_later_boot_is_a_reboot(late: float) -> None:
    """Whatever is later than the slack, and is no wrap, is a boot of its own."""
    boot = booted(1e9, 1e9 + late)
    assert boot.again
    assert boot.at == 1e9 + late


def test_a_boot_earlier_than_known() -> None:
    """Where our own clock was set back, the boot follows it without being counted."""
    assert booted(1e9, 1e9 - 3_600.0) == (1e9 - 3_600.0, 1e9 - 3_600.0, False)
    assert booted(1e9, 1e9 + CREEP_S / 2).at == 1e9
