"""The four figures of a fleet: what they are of, their bounds, and what is cut."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.sla.contract import Pays, Weighting
from monitor.core.sla.measures import BILLION, End, Measure, Measures
from monitor.core.sla.tally import Tally

TALLIES = st.builds(Tally, *(st.integers(0, 50) for _ in Tally._fields))
FLEETS = st.lists(st.tuples(TALLIES, st.sampled_from(End)), max_size=8)
TARGET = Fraction(9, 10)


def measured(fleet: list[tuple[Tally, End]]) -> Measures:
    measures = Measures(TARGET)
    for tally, end in fleet:
        measures.take(tally, end)
    return measures


def by(measures: Measures, weighting: Weighting) -> Measure:
    found = measures.by(weighting)
    assert found is not None
    return found


def test_four_figures_of_one_fleet() -> None:
    """One camera with much time that failed a little, one with little that failed half, one that nobody saw."""
    measures = measured([(Tally(900, 100), End.WORKS), (Tally(5, 5, 90), End.DOWN), (Tally(0, 0, 0, 10), End.UNSEEN)])
    assert by(measures, Weighting.CAMERA_HOURS) == (
        Fraction(905, 1010),
        Fraction(905, 1020),
        Fraction(915, 1020),
        Fraction(1010, 1020),
    )
    assert by(measures, Weighting.MEAN) == (
        Fraction(7, 10),
        Fraction(466_666_666, BILLION),
        Fraction(8, 10),
        Fraction(666_666_666, BILLION),
    )
    assert by(measures, Weighting.SHARE) == (Fraction(1, 2), Fraction(1, 3), Fraction(2, 3), Fraction(2, 3))
    assert by(measures, Weighting.WORKING) == (Fraction(1, 2), Fraction(1, 3), Fraction(2, 3), Fraction(2, 3))
    assert (measures.cameras, measures.unseen, measures.reached) == (3, 1, (1, 1, 2))


@pytest.mark.parametrize("weighting", [Weighting.CAMERA_HOURS, Weighting.MEAN, Weighting.SHARE, Weighting.WORKING])
def test_a_fleet_of_which_nothing_is_known_has_no_figure(weighting: Weighting) -> None:
    """Neither 0 nor 100 per cent; cameras that are excused or absent the whole time, neither."""
    assert by(measured([]), weighting) == (None, None, None, None)
    away = [(Tally(0, 0, 10, 0), End.EXCUSED), (Tally(), End.ABSENT)]
    assert by(measured(away), weighting) == (None, None, None, None)


def test_a_contract_without_a_target_has_no_share_at_it() -> None:
    """And where each camera has its own figure, the fleet has none."""
    assert Measures().by(Weighting.SHARE) is None
    assert measured([]).by(Weighting.EACH) is None


@given(FLEETS)
def test_the_figure_lies_within_its_bounds(fleet: list[tuple[Tally, End]]) -> None:
    """Camera-hours and the cameras that work; of those that have a figure at all, the mean and the share, too."""
    for weighting in (Weighting.CAMERA_HOURS, Weighting.WORKING):
        value, low, high, _ = by(measured(fleet), weighting)
        if value is not None:
            assert low is not None
            assert high is not None
            assert low <= value <= high
    seen = [(tally, end) for tally, end in fleet if tally.up + tally.down]
    for weighting in (Weighting.MEAN, Weighting.SHARE):
        value, low, high, _ = by(measured(seen), weighting)
        if value is not None:
            assert low is not None
            assert high is not None
            assert low <= value <= high


@given(FLEETS)
def test_the_mean_is_cut_by_less_than_two_parts_per_billion(fleet: list[tuple[Tally, End]]) -> None:
    """Never above the exact one."""
    own = [figure for tally, _ in fleet if (figure := tally.availability) is not None]
    value = by(measured(fleet), Weighting.MEAN).value
    if not own:
        assert value is None
    else:
        assert value is not None
        assert 0 <= sum(own, Fraction(0)) / len(own) - value < Fraction(2, BILLION)


@given(FLEETS)
def test_the_share_counts_cameras_by_their_exact_figures(fleet: list[tuple[Tally, End]]) -> None:
    """A camera at the target reaches it."""
    own = [figure for tally, _ in fleet if (figure := tally.availability) is not None]
    expected = Fraction(sum(figure >= TARGET for figure in own), len(own)) if own else None
    assert by(measured(fleet), Weighting.SHARE).value == expected


def test_what_pays() -> None:
    """As seen, or what nobody saw taken for bad, or for good."""
    measure = Measure(Fraction(1, 2), Fraction(1, 3), Fraction(2, 3), Fraction(1, 1))
    assert [measure.paid(pays) for pays in (Pays.SEEN, Pays.LOW, Pays.HIGH)] == [*measure[:3]]
