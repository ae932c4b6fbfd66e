"""Budgets and login locks, as properties: whatever is asked, a device never sees more from us than it should."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.limits import (
    CLEAR_S,
    LOCK_WINDOW_S,
    MOST_FAILURES,
    SECOND_LOGIN_S,
    WAITS_S,
    Bucket,
    ClearedAlready,
    Login,
)

PER_MINUTE, BURST = 6.0, 8.0


@given(st.lists(st.tuples(st.floats(0, 120), st.integers(1, 8)), max_size=60))
def test_a_bucket_never_gives_more_than_its_burst_and_its_rate(steps: list[tuple[float, int]]) -> None:
    """In any window, requests stay within burst plus rate times its length."""
    now, bucket, sent = 0.0, Bucket(BURST, 0.0), []
    for gap, count in steps:
        now = max(now + gap, bucket.ready_at(count, now + gap, PER_MINUTE, BURST))
        bucket = bucket.take(count, now, PER_MINUTE, BURST)
        sent.append((now, count))
    for index, (begin, _) in enumerate(sent):
        for last, (end, _) in enumerate(sent[index:], index):
            total = sum(count for _, count in sent[index : last + 1])
            assert total <= BURST + PER_MINUTE * (end - begin) / 60 + 1e-6


def test_a_bucket_is_ready_when_it_says_so() -> None:
    """Six a minute: the ninth request waits ten seconds."""
    empty = Bucket(BURST, 100.0).take(8, 100.0, PER_MINUTE, BURST)
    assert empty.ready_at(1, 100.0, PER_MINUTE, BURST) == 110.0
    assert empty.level(110.0, PER_MINUTE, BURST) == 1.0
    assert empty.level(10_000.0, PER_MINUTE, BURST) == BURST


def test_more_than_the_burst_is_never_waited_for() -> None:
    """A need larger than the bucket is met by a full one."""
    assert Bucket(BURST, 0.0).ready_at(20, 5.0, PER_MINUTE, BURST) == 5.0


@given(st.lists(st.tuples(st.floats(0.1, 1200), st.booleans(), st.sampled_from("abc")), max_size=80))
def test_a_device_sees_two_refused_logins_in_thirty_minutes_at_most(steps: list[tuple[float, bool, str]]) -> None:
    """Whatever the evidence, and whatever worked in between."""
    now, login, refused = 1e9, Login(), []
    for gap, works, evidence in steps:
        now += gap
        if not login.allowed(now, evidence):
            continue
        login = login.accepted(now) if works else login.refused(now, evidence)
        if not works:
            refused.append(now)
        assert sum(now - at < LOCK_WINDOW_S for at in refused) <= MOST_FAILURES


def test_the_second_login_needs_new_evidence_or_ten_minutes() -> None:
    """Another password is tried at once; the same one after ten minutes; a third one not before the first is old."""
    once = Login().refused(1000.0, "old")
    assert not once.allowed(1001.0, "old")
    assert once.allowed(1001.0, "new")
    assert once.allowed(1000.0 + SECOND_LOGIN_S, "old")
    twice = once.refused(1600.0, "old")
    assert not twice.allowed(2799.0, "new")
    assert twice.allowed(2800.0, "new")


@given(
    st.lists(st.tuples(st.floats(1, 2400), st.booleans(), st.sampled_from("ab")), max_size=30), st.sampled_from("ab")
)
def test_a_login_is_allowed_from_the_moment_that_is_told(steps: list[tuple[float, bool, str]], evidence: str) -> None:
    """``next_at`` and ``allowed`` agree, to the moment."""
    now, login = 1e9, Login()
    for gap, works, shown in steps:
        now += gap
        login = login.accepted(now) if works else login.refused(now, shown)
    at = login.next_at(evidence)
    assert login.allowed(now, evidence) is (now >= at)
    assert at <= now or (login.allowed(at, evidence) and not login.allowed(at - 0.1, evidence))


def test_a_login_is_trusted_until_it_is_refused() -> None:
    """However long ago it worked; a refusal ends that for half an hour, a success restores it."""
    login = Login().accepted(1000.0)
    assert not Login().trusted(1000.0)
    assert login.trusted(1e6)
    assert not login.refused(2000.0, "").trusted(2000.0)
    assert login.refused(2000.0, "").trusted(2000.0 + LOCK_WINDOW_S)
    assert login.refused(2000.0, "").accepted(2001.0).trusted(2001.0)


def test_a_refusal_right_after_a_success_means_that_the_device_is_full() -> None:
    """For ten minutes a login that worked is proven; then it decides."""
    login = Login().accepted(1000.0)
    assert login.proven(1600.0)
    assert not login.proven(1600.1)


@given(st.lists(st.tuples(st.floats(1, 7 * 86_400), st.integers(0, 50)), max_size=60))
def test_a_device_that_never_forgets_is_not_locked_within_a_month(steps: list[tuple[float, int]]) -> None:
    """Whenever it is asked, without new evidence it refuses four logins in the month after the first one, no fifth."""
    now, login, refused = 1e9, Login(), []
    for gap, worked in steps:
        now += gap
        if not login.allowed(now, "same"):
            continue
        login = login.accepted(now) if worked == 0 else login.refused(now, "same")
        refused = [] if worked == 0 else [*refused, now]
        assert sum(now - at < WAITS_S[-1] for at in refused) <= len(WAITS_S) == 4


def test_waits_grow_while_it_stays_refused() -> None:
    """Ten minutes, half an hour, a day, and then a month each time."""
    now, login, waits = 1e9, Login(), []
    for _ in range(6):
        login = login.refused(now, "same")
        waits.append(login.next_at("same") - now)
        now = login.next_at("same")
    assert waits == [600.0, 1800.0, 86_400.0, *[30 * 86_400.0] * 3]


def test_new_evidence_is_worth_one_login() -> None:
    """After four refusals another password is tried at once; where it is refused too, a month's wait begins anew."""
    login = Login()
    for at in (0.0, 600.0, 2400.0, 90_000.0):
        login = login.refused(at, "old")
    assert login.allowed(100_000.0, "new")
    again = login.refused(100_000.0, "new")
    assert again.next_at("new") == 100_000.0 + WAITS_S[-1]
    assert login.encouraged().allowed(100_000.0, "old")


def test_a_person_s_word_is_worth_one_login_and_begins_the_row_anew() -> None:
    """It ends the lock at once; a refusal behind it is the second in a row, and the window's two are counted on."""
    twice = Login().refused(1000.0, "old").refused(1600.0, "old")
    assert not twice.allowed(1700.0, "old")
    cleared = twice.cleared(1700.0)
    assert cleared.allowed(1700.0, "old")
    assert cleared.refused(1700.0, "old").next_at("old") == 1700.0 + WAITS_S[1]


def test_a_word_clears_a_lock_once_an_hour() -> None:
    """The next one is refused with the moment from which it counts; where nothing is locked no word is used up."""
    fresh = Login().accepted(500.0)
    assert fresh.cleared(600.0) is fresh
    cleared = Login().refused(1000.0, "x").cleared(1001.0)
    assert cleared.cleared(1002.0) is cleared  # it was not tried yet
    refused = cleared.refused(1003.0, "x")
    with pytest.raises(ClearedAlready) as already:
        refused.cleared(2000.0)
    assert (already.value.cleared_at, already.value.at) == (1001.0, 1001.0 + CLEAR_S)
    assert refused.cleared(2803.0) is refused  # it may be tried anyway
    again = refused.refused(2803.0, "x")
    with pytest.raises(ClearedAlready):
        again.cleared(1000.0 + CLEAR_S)
    assert again.cleared(1001.0 + CLEAR_S).allowed(1001.0 + CLEAR_S, "x")


@given(st.lists(st.floats(0.1, 1200), min_size=1, max_size=200))
def test_a_script_that_clears_in_a_loop_locks_no_account(gaps: list[float]) -> None:
    """With a password that stays wrong it is shown three times in half an hour at most, four times in an hour."""
    now, login, refused = 1e9, Login(), []
    for gap in gaps:
        now += gap
        with suppress(ClearedAlready):
            login = login.cleared(now)
        if login.allowed(now, "same"):
            login = login.refused(now, "same")
            refused.append(now)
        assert sum(now - at < LOCK_WINDOW_S for at in refused) <= 3
        assert sum(now - at <= 3600.0 for at in refused) <= 4


@given(
    st.lists(st.tuples(st.floats(0.1, 1200), st.booleans(), st.sampled_from("abc")), max_size=40),
    st.integers(0, 39),
    st.floats(-1e7, 1e7),
    st.floats(0.0, 1e5),
)
def test_two_refused_logins_in_thirty_minutes_also_over_a_boot_after_which_the_clock_is_wrong(
    steps: list[tuple[float, bool, str]], boots_after: int, wrong_s: float, moved_s: float
) -> None:
    """The machine is off for no time at all, and its clock is anywhere afterwards."""
    true, ahead, login, refused = 1e9, 0.0, Login(), []
    for number, (gap, works, evidence) in enumerate(steps):
        if number == boots_after:
            ahead = wrong_s
            login = login.after_another_boot(moved_s, true + ahead)
            assert all(at <= true + ahead for at in (*login.failures, login.succeeded_at or 0.0))
        true += gap
        if not login.allowed(true + ahead, evidence):
            continue
        login = login.accepted(true + ahead) if works else login.refused(true + ahead, evidence)
        if not works:
            refused.append(true)
        assert sum(true - at < LOCK_WINDOW_S for at in refused) <= MOST_FAILURES


def test_another_boot_changes_no_order_and_no_wait() -> None:
    """What worked after it was refused still worked after it; a wait of a day goes by the clock, as far as that goes."""
    worked = Login().refused(5000.0, "x").accepted(5600.0)
    back = worked.after_another_boot(0.0, 100.0)
    assert (back.failures, back.succeeded_at, back.doubted) == ((-500.0,), 100.0, False)
    thrice = Login().refused(0.0, "x").refused(600.0, "x").refused(2400.0, "x")
    assert thrice.after_another_boot(50.0, 9000.0).next_at("x") == 2450.0 + WAITS_S[2]
    assert thrice.after_another_boot(0.0, 88_000.0).next_at("x") == 88_000.0 + 1800.0
