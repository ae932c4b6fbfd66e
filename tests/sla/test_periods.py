"""Periods by name: what a moment lies in, and what is over."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.sla.contract import Period
from monitor.core.sla.periods import ended, named
from monitor.core.sla.scope import kind_of, period

ZONES = ("UTC", "Asia/Karachi", "Europe/London", "America/New_York", "Pacific/Apia", "Africa/Cairo", "Asia/Beirut")
MOMENTS = st.integers(
    int(datetime(1990, 1, 1, tzinfo=UTC).timestamp()) * 1000, int(datetime(2099, 1, 1, tzinfo=UTC).timestamp()) * 1000
)


@given(st.sampled_from(Period), st.sampled_from(ZONES), MOMENTS)
def test_a_moment_lies_in_the_period_that_is_named(kind: Period, zone: str, moment: int) -> None:
    """In every zone, over days that are shorter, longer or left out; the one before ends where it begins."""
    name = named(kind, zone, moment)
    within = period(name, zone)
    assert kind_of(name) is kind
    assert within.start <= moment < within.end
    before = period(next(ended(kind, zone, moment)), zone)
    assert before.end == within.start


@pytest.mark.parametrize(
    ("kind", "name", "before"),
    [
        (Period.DAY, "2027-01-01", ["2026-12-31", "2026-12-30"]),
        (Period.WEEK, "2026-W53", ["2026-W52", "2026-W51"]),
        (Period.MONTH, "2027-01", ["2026-12", "2026-11"]),
        (Period.QUARTER, "2027-Q1", ["2026-Q4", "2026-Q3"]),
        (Period.YEAR, "2027", ["2026", "2025"]),
    ],
)
def test_new_year_in_karachi(kind: Period, name: str, before: list[str]) -> None:
    """It begins at 19:00 UTC, in the 53rd week of the year before."""
    moment = int(datetime(2026, 12, 31, 19, tzinfo=UTC).timestamp() * 1000)
    assert named(kind, "Asia/Karachi", moment) == name
    assert list(islice(ended(kind, "Asia/Karachi", moment), 2)) == before
