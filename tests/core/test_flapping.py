"""Icinga's ring: when a device counts as flapping."""

from __future__ import annotations

import pytest

from monitor.core.diagnosis.flapping import SIZE, Ring

NEW = Ring()


def after(answers: list[bool], ring: Ring = NEW) -> Ring:
    for answered in answers:
        ring = ring.after(answered)
    return ring


def test_a_device_that_answers_does_not_flap() -> None:
    """No change, no bit."""
    assert after([True] * 50) == Ring(0, True, False)


@pytest.mark.parametrize(("changes", "percent"), [(3, 17.4), (5, 28.5), (6, 33.9)])
def test_the_newest_changes_weigh_as_icingas_do(changes: int, percent: float) -> None:
    """Three, five and six changes in a row give Icinga's figures."""
    answers = [bool(n % 2) for n in range(changes + 1)]
    assert round(after(answers).percent, 1) == percent


def test_six_changes_in_twenty_answers_flap_and_calm_ends_it() -> None:
    """It starts at 30 percent and ends only at 20."""
    ring = after([bool(n % 2) for n in range(7)])
    assert ring.flapping
    still = after([ring.answered is True] * 4, ring)
    assert (still.flapping, still.percent < 32) == (True, True)
    assert not after([ring.answered is True] * SIZE, ring).flapping


def test_one_silence_in_a_burst_does_not_flap() -> None:
    """A device that went and came back once changed twice."""
    assert not after([True] * 10 + [False] * 3 + [True] * 7).flapping
