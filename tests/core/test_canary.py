"""When a canary counts as silent, and since when."""

from __future__ import annotations

from math import inf

from hypothesis import given
from hypothesis import strategies as st

from monitor.core.canary import Standing


def course(answers: list[bool]) -> list[Standing]:
    """Ask every five seconds from 0 s on; a failure is known three seconds later."""
    standing, standings = Standing(), []
    for number, answer in enumerate(answers):
        at = 5.0 * number
        standing = standing.answered(at) if answer else standing.failed(at + 3.0, f"failure {number}")
        standings.append(standing)
    return standings


def test_two_failures_in_a_row_are_a_silence_and_one_answer_ends_it() -> None:
    """Its interval is from the last good question to the end of the first bad one."""
    told = course([True, False, False, False, True, False])
    assert [one.answers for one in told] == [True, True, False, False, True, True]
    assert [one.since for one in told] == [None, (0.0, 8.0), (0.0, 8.0), (0.0, 8.0), None, (20.0, 28.0)]
    assert [one.why for one in told] == ["", "failure 1", "failure 2", "failure 3", "", "failure 5"]


def test_a_canary_that_never_answered_is_unknown_until_its_second_failure() -> None:
    """Nothing is known of the time before our first look."""
    told = course([False, False])
    assert [one.answers for one in told] == [None, False]
    assert told[1].since == (-inf, 3.0)


@given(st.lists(st.booleans(), max_size=30))
def test_it_is_silent_exactly_where_the_last_two_failed(answers: list[bool]) -> None:
    """Whatever came before; and an answer is always an answer."""
    told = course(answers)
    for number, one in enumerate(told):
        assert (one.answers is False) == (answers[max(0, number - 1) : number + 1] == [False, False])
        assert (one.since is None) == answers[number]
        assert one.answers is True or not answers[number]
