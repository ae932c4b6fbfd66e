"""Figures and times as a person reads them."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.web import words

NOON = 1_542_283_200.0


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (0, 1800, "0 %"),
        (1, 1800, "1 %"),
        (600, 1800, "33 %"),
        (1799, 1800, "99 %"),
        (1800, 1800, "100 %"),
        (0, 0, "0 %"),
    ],
)
def test_a_share_never_rounds_to_none_or_all(part: int, whole: int, said: str) -> None:
    """One dead camera is not 0 %, and one living is not 100 % dead."""
    assert words.share(part, whole) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.2, "under 1 s"),
        (1, "1 s"),
        (59.6, "1 min"),
        (60, "1 min"),
        (125, "2 min 5 s"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
        (86400 * 3 + 7200, "3 d 2 h"),
        (86400 + 30, "1 d"),
        (inf, "for ever"),
    ],
)
def test_a_duration_is_told_by_its_two_largest_units(seconds: float, said: str) -> None:
    """Enough to act on, no more."""
    assert words.duration(seconds) == said


@given(st.floats(0, 1e10))
def test_every_duration_can_be_told(seconds: float) -> None:
    """Never an empty text."""
    assert words.duration(seconds)


def test_a_moment_has_its_day_only_on_another_day() -> None:
    """The time of day is enough today."""
    assert words.moment(NOON - 60, NOON) == "11:59:00 UTC"
    assert words.moment(NOON - 86400, NOON) == "2018-11-14 12:00:00 UTC"
    assert words.moment(-inf, NOON) == "never"


def test_a_stamp_is_rfc_3339_in_utc() -> None:
    """Machines get milliseconds and a Z; what never was has no stamp."""
    assert words.stamp(NOON + 0.25) == "2018-11-15T12:00:00.250Z"
    assert words.stamp(-inf) is None


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("uptime_s", 90061.0, ("uptime", "1 d 1 h")),
        ("first_packet_s", 0.1234, ("first packet", "0.12 s")),
        ("clock_offset_s", -0.0004, ("clock offset", "0.00 s")),
        ("clock_offset_s", -7200.0, ("clock offset", "-2 h")),
        ("boot_at", NOON, ("boot", "12:00:00 UTC")),
        ("frames_per_s", 24.987, ("frames per s", "24.99")),
        ("video_bits_per_second", 1234567.0, ("video bits per second", "1,234,567")),
        ("temperature", 41.0, ("temperature", "41")),
        ("model", "X <b>", ("model", "X <b>")),
    ],
)
def test_a_measurement_is_told_with_its_unit(name: str, value: float | str, said: tuple[str, str]) -> None:
    """Seconds become durations, moments become times, texts stay as they are."""
    assert words.measured(name, value, NOON) == said
