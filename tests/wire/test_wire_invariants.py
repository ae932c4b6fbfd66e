"""What holds for any bytes, parser by parser: the checks of ``make fuzz`` under Hypothesis."""

from __future__ import annotations

import pytest
from fuzz.invariants import CHECKS
from fuzz.seeds import SEEDS
from hypothesis import given, settings
from hypothesis import strategies as st


@st.composite
def broken(draw: st.DrawFn, parser: str) -> bytes:
    """Draw a message of ours with up to four pieces taken out, put in, or said twice."""
    data = draw(st.sampled_from(SEEDS[parser]))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        length = draw(st.integers(0, 12))
        piece = draw(st.one_of(st.binary(max_size=6), st.just(data[at : at + length] * 2), st.just(data[:at])))
        data = data[:at] + piece + data[at + length :]
    return data


@pytest.mark.parametrize("parser", CHECKS)
def test_the_seeds_hold(parser: str) -> None:
    """What the fuzzers begin with breaks no check."""
    for seed in SEEDS[parser]:
        CHECKS[parser](seed)


@pytest.mark.parametrize("parser", CHECKS)
def test_any_bytes(parser: str) -> None:
    """Only what a parser promises escapes, what comes out is bounded, how it is cut makes no difference."""

    @settings(max_examples=150, deadline=None)
    @given(st.one_of(broken(parser), st.binary(max_size=200)))
    def holds(data: bytes) -> None:
        CHECKS[parser](data)

    holds()


def test_every_parser_has_seeds() -> None:
    """The checks and the seeds are of the same parsers."""
    assert set(CHECKS) == set(SEEDS)
