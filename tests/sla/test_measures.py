"""The four figures of a fleet: what they are of, their bounds, and what is cut."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.sla.contract import Pays, Weighting
from monitor.core.sla.measures import BILLION, End, Measure, Measures
from monitor.core.sla.tally import Tally, width

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


@given(FLEETS)
def test_half_of_the_cameras_have_bounds_that_are_no_wider_than_is_told(fleet: list[tuple[Tally, End]]) -> None:
    """Of those of whom anything counts; and it is the width of one of them, told no narrower than it is."""
    measures = measured(fleet)
    widths = [tally.high - tally.low for tally, _ in fleet if tally.high is not None and tally.low is not None]
    told = measures.median_width
    if told is None:
        assert widths == []
        return
    assert any(0 <= Fraction(told, BILLION) - one < Fraction(1, BILLION) for one in widths)
    assert 2 * sum(one <= Fraction(told, BILLION) for one in widths) >= len(widths)
    assert Fraction(width(told)) / 100 >= Fraction(told, BILLION)
    assert Fraction(width(told)) / 100 - Fraction(told, BILLION) < Fraction(1, 100_000)


@given(FLEETS, FLEETS)
def test_two_fleets_added_are_one(one: list[tuple[Tally, End]], other: list[tuple[Tally, End]]) -> None:
    """In every figure."""
    added, whole = measured(one), measured([*one, *other])
    added.add(measured(other))
    for weighting in (Weighting.CAMERA_HOURS, Weighting.MEAN, Weighting.SHARE, Weighting.WORKING):
        assert by(added, weighting) == by(whole, weighting)
    assert (added.cameras, added.unseen, added.reached) == (whole.cameras, whole.unseen, whole.reached)
    assert (added.ends, added.median_width) == (whole.ends, whole.median_width)


def test_a_width_is_rounded_up() -> None:
    """One part in a billion is not nothing."""
    assert [width(number) for number in (0, 1, 10_000, 10_001, BILLION)] == [
        "0.000",
        "0.001",
        "0.001",
        "0.002",
        "100.000",
    ]
