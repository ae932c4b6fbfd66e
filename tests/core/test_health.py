"""One rung's hysteresis, as a table of cases and as properties."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.health import (
    AT_ONCE,
    DEFAULT,
    UNSEEN,
    Confirmation,
    RungHealth,
    expire,
    hide,
    imply_failure,
    observe,
    withheld,
)
from monitor.core.verdict import REASONS, Outcome, Reason

OK, FAIL, BLIND, NA = Outcome.OK, Outcome.FAIL, Outcome.UNSEEN, Outcome.NA


def run(steps: list[tuple[float, Outcome, Reason | None]], rule: Confirmation = DEFAULT) -> RungHealth:
    health = UNSEEN
    for at, outcome, reason in steps:
        health = observe(health, outcome, reason, "", at - 0.1, at, rule)
    return health


T = Reason.TIMEOUT
CASES = {
    "never seen": ([], BLIND, None, -inf, -inf),
    "the first success confirms": ([(100, OK, None)], OK, None, -inf, 100),
    "one failure does not": ([(100, FAIL, T)], BLIND, None, -inf, -inf),
    "two failures do not": ([(100, FAIL, T), (110.1, FAIL, T)], BLIND, None, -inf, -inf),
    "three failures do, from the first of them": (
        [(100, FAIL, T), (110.1, FAIL, T), (120.2, FAIL, T)],
        FAIL,
        T,
        -inf,
        100,
    ),
    "the onset lies after the last success": (
        [(90, OK, None), (100, FAIL, T), (110.1, FAIL, T), (120.2, FAIL, T)],
        FAIL,
        T,
        90,
        100,
    ),
    "failures that follow each other too fast count once": (
        [(90, OK, None), (100, FAIL, T), (101, FAIL, T), (102, FAIL, T)],
        OK,
        None,
        -inf,
        90,
    ),
    "a success in between starts the count anew": (
        [(90, OK, None), (100, FAIL, T), (110.1, FAIL, T), (115, OK, None), (126, FAIL, T)],
        OK,
        None,
        -inf,
        90,
    ),
    "failures of alternating kinds add up": (
        [(90, OK, None), (100, FAIL, T), (110.1, FAIL, Reason.REFUSED), (120.2, FAIL, Reason.NO_REPLY)],
        FAIL,
        Reason.NO_REPLY,
        90,
        100,
    ),
    "one success is no recovery": (
        [(100, FAIL, T), (110.1, FAIL, T), (120.2, FAIL, T), (130, OK, None)],
        FAIL,
        T,
        -inf,
        100,
    ),
    "two successes are, from the first of them": (
        [(100, FAIL, T), (110.1, FAIL, T), (120.2, FAIL, T), (130, OK, None), (140.1, OK, None)],
        OK,
        None,
        120.2,
        130,
    ),
    "two successes at once are not": (
        [(100, FAIL, T), (110.1, FAIL, T), (120.2, FAIL, T), (130, OK, None), (131, OK, None)],
        FAIL,
        T,
        -inf,
        100,
    ),
    "unseen changes nothing": (
        [(90, OK, None), (100, FAIL, T), (105, BLIND, Reason.ABORTED), (110.1, FAIL, T), (112, BLIND, Reason.BUDGET)],
        OK,
        None,
        -inf,
        90,
    ),
    "busy before anything was seen is unseen, and says why": (
        [(100, BLIND, Reason.BUSY)],
        BLIND,
        Reason.BUSY,
        -inf,
        -inf,
    ),
    "n/a holds at once": ([(90, OK, None), (100, NA, None)], NA, None, 90, 100),
}


@pytest.mark.parametrize(("steps", "outcome", "reason", "after", "by"), CASES.values(), ids=CASES.keys())
def test_case(
    steps: list[tuple[float, Outcome, Reason | None]], outcome: Outcome, reason: Reason | None, after: float, by: float
) -> None:
    """The table of cases holds."""
    assert run(steps).fact() == (outcome, reason, after, by)


def test_one_refused_login_confirms() -> None:
    """Where one failure is sure, it confirms at once."""
    assert run([(100, FAIL, Reason.CREDENTIALS)], AT_ONCE).fact() == (FAIL, Reason.CREDENTIALS, -inf, 100)


def test_another_reason_replaces_the_first_after_three_in_a_row() -> None:
    """A failing rung's reason follows what is seen, with the same patience."""
    steps = [(100 + 10.1 * n, FAIL, T) for n in range(3)] + [(131 + 10.1 * n, FAIL, Reason.NO_REPLY) for n in range(2)]
    assert run(steps).reason is T
    assert run([*steps, (160, FAIL, Reason.NO_REPLY)]).reason is Reason.NO_REPLY
    assert run([*steps, (155, FAIL, T), (170, FAIL, Reason.NO_REPLY)]).reason is T


def test_a_rung_that_nobody_saw_becomes_unseen_when_its_time_is_over() -> None:
    """Unseen begins where the patience ends, not where it is noticed."""
    health = expire(run([(100, OK, None)]), 180, 1000)
    assert health.fact() == (BLIND, Reason.STALE, 100, 280)
    assert expire(run([(100, OK, None)]), 180, 280).outcome is OK


def test_a_rung_that_was_full_all_the_while_is_unseen_because_of_that() -> None:
    """Somebody who is told "not seen lately" would look for a fault of the monitor."""
    busy = run([(100, OK, None), (130, BLIND, Reason.BUSY), (190, BLIND, Reason.BUSY)])
    assert expire(busy, 180, 1000).fact() == (BLIND, Reason.BUSY, 100, 280)


def test_a_failure_below_is_a_failure_above_since_its_own_last_success() -> None:
    """What depends on a failed rung fails with its reason; its own last success bounds the onset."""
    cause = run([(90, OK, None), (100, FAIL, T), (110.1, FAIL, T), (120.2, FAIL, T)])
    assert imply_failure(run([(50, OK, None)]), cause).fact() == (FAIL, T, 50, 100)
    assert imply_failure(RungHealth(NA), cause).outcome is NA


def test_what_a_refused_login_hides_is_unseen_not_failed() -> None:
    """Hiding a rung forgets nothing of when it was seen."""
    hidden = hide(run([(50, OK, None)]), Reason.CREDENTIALS, 100)
    assert hidden.fact() == (BLIND, Reason.CREDENTIALS, 50, 100)
    assert hidden.last_ok == 50


OBSERVATIONS = st.lists(
    st.tuples(
        st.floats(1, 30),
        st.sampled_from([OK, FAIL, BLIND]),
        st.sampled_from([Reason.TIMEOUT, Reason.REFUSED, Reason.NO_REPLY]),
    ),
    max_size=40,
)


def history(gaps: list[tuple[float, Outcome, Reason]]) -> list[tuple[float, Outcome, Reason | None]]:
    at, steps = 1000.0, []
    for gap, outcome, reason in gaps:
        at += gap
        if outcome is BLIND:
            reason = Reason.ABORTED
        steps.append((at, outcome, None if outcome is OK else reason))
    return steps


@given(OBSERVATIONS, st.sampled_from([reason for reason in Reason if REASONS[reason].ours]))
def test_what_is_our_own_fault_never_counts_against_a_camera(
    gaps: list[tuple[float, Outcome, Reason]], reason: Reason
) -> None:
    """With or without aborted probes among them, the same observations confirm the same outcome at the same time."""
    steps = [(at, outcome, reason if outcome is BLIND else why) for at, outcome, why in history(gaps)]
    with_them, without = run(steps), run([step for step in steps if step[1] is not BLIND])
    assert with_them._replace(reason=None) == without._replace(reason=None)


@given(
    st.lists(
        st.sampled_from([Reason.TIMEOUT, Reason.REFUSED, Reason.NO_REPLY, Reason.PROTOCOL]), min_size=3, max_size=9
    )
)
def test_failures_of_whatever_kinds_cannot_leave_a_rung_ok(reasons: list[Reason]) -> None:
    """Three spaced failures in a row confirm, however their reasons alternate."""
    steps: list[tuple[float, Outcome, Reason | None]] = [(100.0, OK, None)]
    steps += [(110.1 + 10.1 * n, FAIL, reason) for n, reason in enumerate(reasons)]
    assert run(steps).outcome is FAIL


@given(OBSERVATIONS)
def test_an_interval_is_never_empty_and_lies_in_the_past(gaps: list[tuple[float, Outcome, Reason]]) -> None:
    """(after, by] of every confirmed outcome is an interval, and ends before now."""
    steps = history(gaps)
    health = run(steps)
    if health.outcome is not BLIND:
        assert health.after < health.by <= steps[-1][0]


def test_a_refused_login_stands_while_none_is_tried() -> None:
    """It does not expire while that is why nobody looks; when it is mended, the time in between is not known."""
    refused = run([(90, OK, None), (100, FAIL, Reason.CREDENTIALS)], AT_ONCE)
    health = refused
    for at in range(1100, 9100, 1000):
        health = expire(withheld(health, "", at), 3000.0, at)
    assert health.fact() == refused.fact()
    assert expire(health, 3000.0, 9000.0).outcome is FAIL
    assert expire(health, 3000.0, 12_000.0).outcome is BLIND
    mended = observe(observe(health, OK, None, "", 9200, 9200, AT_ONCE), OK, None, "", 9220, 9220, AT_ONCE)
    assert (mended.after, mended.by) == (100, 9200)


def test_a_refused_login_stands_again_when_somebody_looks_again() -> None:
    """Unseen for too long, it fails as before once it is known that it is still withheld."""
    gone = expire(run([(100, FAIL, Reason.CREDENTIALS)], AT_ONCE), 3000.0, 9000.0)
    again = withheld(gone, "no login is tried now", 9500.0)
    assert again.fact() == (FAIL, Reason.CREDENTIALS, 100, 9500.0)


def test_what_worked_last_does_not_fail_because_no_login_is_tried() -> None:
    """A device that was full keeps what it was: ok, or unseen."""
    fine = run([(100, OK, None)], AT_ONCE)
    assert withheld(fine, "", 200.0) == fine
    assert withheld(expire(fine, 50.0, 200.0), "", 210.0).outcome is BLIND


def test_a_refused_login_is_told_again_after_an_outage() -> None:
    """While the device is gone its login fails for that reason; when it answers, for the old one."""
    gone = imply_failure(run([(100, FAIL, Reason.CREDENTIALS)], AT_ONCE), run([(200, FAIL, T)], AT_ONCE))
    assert gone.reason is T
    assert withheld(gone, "", 300.0).fact() == (FAIL, Reason.CREDENTIALS, -inf, 100)
