"""Sets of time: the algebra agrees with sets of milliseconds."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.sla.spans import FIRST_MS, LAST_MS, Span, Spans, both, either, length, ms, spans, without

PAIRS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=6)


def instants(several: Iterable[tuple[int, int]]) -> set[int]:
    return {at for start, end in several for at in range(start, end)}


def canonical(several: Spans) -> bool:
    edges = [edge for span in several for edge in span]
    return edges == sorted(set(edges))


@given(PAIRS, PAIRS)
def test_the_algebra_is_that_of_sets(a: list[tuple[int, int]], b: list[tuple[int, int]]) -> None:
    """Union, intersection and difference; the results are disjoint, in order, and never touch."""
    one, other = spans(a), spans(b)
    for found, wanted in (
        (one, instants(a)),
        (either(one, other), instants(a) | instants(b)),
        (both(one, other), instants(a) & instants(b)),
        (without(one, other), instants(a) - instants(b)),
    ):
        assert canonical(found)
        assert instants(found) == wanted
        assert length(found) == len(wanted)


@given(st.floats(-1e9, 4e9), st.floats(-1e9, 4e9))
def test_rounding_keeps_the_order(a: float, b: float) -> None:
    """Two moments are never told in another order than they had."""
    assert a > b or ms(a) <= ms(b)


@pytest.mark.parametrize(
    ("moment", "wanted"), [(0.0005, 1), (0.0004, 0), (-0.0005, 0), (12.3456, 12346), (-inf, FIRST_MS), (inf, LAST_MS)]
)
def test_a_half_is_rounded_up(moment: float, wanted: int) -> None:
    """To the nearest millisecond; what lies before all time stays there."""
    assert ms(moment) == wanted


def test_no_time_is_none() -> None:
    """Pairs that hold nothing, or that end before they begin."""
    assert spans([(5, 5), (9, 3)]) == ()
    assert spans([(1, 3), (3, 4)]) == (Span(1, 4),)
