"""Moments and intervals in words."""

from __future__ import annotations

import math
from datetime import UTC, timedelta, timezone
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.times import VAGUE_S, Clock, duration, is_vague

#: 2026-11-22 10:40:00 UTC
NOW = 1_795_344_000.0
CLOCK = Clock(NOW)


@pytest.mark.parametrize(
    ("after", "by", "said"),
    [
        (NOW - 120, NOW - 60, "since between 10:38:00 and 10:39:00"),
        (NOW - 60.4, NOW - 60, "since 10:39:00"),
        (-inf, NOW - 60, "since before 10:39:00"),
        (NOW - 86_400, NOW - 60, "since between 2026-11-21 10:40:00 and 10:39:00"),
        (-inf, -inf, "since an unknown moment"),
    ],
)
def test_since_when_something_holds(after: float, by: float, said: str) -> None:
    """Of what is known only to lie between two moments both are told."""
    assert CLOCK.since(after, by) == said


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        (UTC, "10:39:00 UTC"),
        (timezone(timedelta(hours=5)), "15:39:00 UTC+05:00"),
        (timezone(-timedelta(hours=3, minutes=30)), "07:09:00 UTC-03:30"),
        (timezone(timedelta(hours=14)), "00:39:00 UTC+14:00"),
    ],
)
def test_a_moment_names_its_zone(zone: timezone, said: str) -> None:
    """By its offset, which everybody can reckon with; its day only where it is not today there."""
    assert Clock(NOW, zone).moment(NOW - 60) == said


def test_a_moment_before_all_time() -> None:
    """What never happened has no time."""
    assert CLOCK.moment(-inf) == "never"


@pytest.mark.parametrize(("before_s", "said"), [(0.4, "just now"), (-5, "just now"), (61, "1 min 1 s ago")])
def test_how_long_ago(before_s: float, said: str) -> None:
    """A clock that runs ahead makes nothing happen in the future."""
    assert CLOCK.ago(NOW - before_s) == said


@given(st.floats(-1e10, 1e10))
def test_every_duration_can_be_told(seconds: float) -> None:
    """Never an empty text."""
    assert duration(seconds)


def test_what_began_while_nobody_looked_has_no_moment() -> None:
    """Wider than a fault under watch ever is, or before the first look."""
    assert [is_vague(after, VAGUE_S) for after in (-math.inf, -1.0, 0.0, VAGUE_S - 60.0)] == [True, True, False, False]
