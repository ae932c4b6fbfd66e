"""Figures from times: exact, undefined where nothing supports them, and never rounded up."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.sla.tally import Tally, percent

TIMES = st.integers(0, 10**11)


def test_the_four_figures() -> None:
    """Availability of what was seen, coverage, and both bounds."""
    tally = Tally(up=60, down=20, excused=100, unobserved=20)
    assert (tally.total, tally.availability, tally.coverage) == (200, Fraction(3, 4), Fraction(4, 5))
    assert (tally.low, tally.high) == (Fraction(3, 5), Fraction(4, 5))


@pytest.mark.parametrize("tally", [Tally(), Tally(excused=10), Tally(unobserved=10)])
def test_nothing_seen_is_no_figure(tally: Tally) -> None:
    """Neither 0 nor 100 per cent."""
    assert tally.availability is None
    assert percent(tally.availability) == ""


@given(st.builds(Tally, TIMES, TIMES, TIMES, TIMES))
def test_the_bounds_hold_the_figure(tally: Tally) -> None:
    """Whatever the time that nobody saw was like."""
    if tally.availability is not None and tally.low is not None and tally.high is not None:
        assert tally.low <= tally.availability <= tally.high


@pytest.mark.parametrize(
    ("figure", "shown"),
    [
        (Fraction(999999, 1000000), "99.999"),
        (Fraction(1), "100.000"),
        (Fraction(1, 3), "33.333"),
        (Fraction(0), "0.000"),
    ],
)
def test_a_percentage_is_cut(figure: Fraction, shown: str) -> None:
    """What is not all is never shown as all."""
    assert percent(figure) == shown
