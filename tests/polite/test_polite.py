"""Politeness, provable: weeks and years of trouble, after which no device has a complaint (design §6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from depth import part
from polite.account import most_within
from polite.course import GLANCE_S, Course
from polite.models import KINDS, MUTE, UNFORGETTING, Kind
from polite.plan import DAY_S, WRONG_AFTER_S, Trouble, days_of_a_wrong_password, year
from polite.promises import broken
from polite.virtual import Time, run

from monitor.core.state import State

EPOCH = 1_795_000_000.0


def lived(folder: Path, times: Sequence[Trouble], kinds: Mapping[str, Kind] = KINDS) -> Course:
    """Let these troubled times, and the quiet ones between them, pass over a street."""
    time = Time(EPOCH)
    courses: list[Course] = []

    async def live() -> None:
        courses.append(Course(folder, time, kinds))
        await courses[0].run(times)

    run(time, live())
    return courses[0]


def report(course: Course, seed: int) -> str:
    """Return what the devices saw, for a reader; a failing seed gives the same again."""
    figures = {name: device.seen() for name, device in course.street.devices.items()}
    rows = [
        f"{what:22}" + "".join(f"{figures[name][what]:>11}" for name in figures)
        for what in next(iter(figures.values()))
    ]
    head = " " * 22 + "".join(f"{name:>11}" for name in figures)
    hours = f"{course.seconds / 3600:.1f} h at full rates, {course.begun} runs of the monitor, {course.looks} looks"
    return "\n".join([f"seed {seed}: {hours}", head, *rows])


def held(folder: Path, seed: int, days: float, troubles: int) -> None:
    course = lived(folder, year(seed, list(KINDS), days, troubles))
    print(report(course, seed))
    assert broken(course) == [], f"seed {seed}"


def test_weeks_of_trouble(tmp_path: Path) -> None:
    """Four strict devices live through reboots, power cuts, changed passwords, full days: no lock, no session refused
    because of us, requests within the budget, and no camera is called down for a lock or a stale clock."""
    held(tmp_path, seed=1, days=20, troubles=2)


@pytest.mark.parametrize("days", [3, pytest.param(part(30), marks=pytest.mark.soak)])
def test_a_device_that_never_forgets_is_never_locked(tmp_path: Path, days: int) -> None:
    """Its password is changed and stays so for days of restarts, reboots and looks: four logins, the last after a
    day, and no lock; all the time it is called down for its login. Once it is repaired, a person's word is enough."""
    (name,) = UNFORGETTING
    course = lived(tmp_path, days_of_a_wrong_password(name, days), UNFORGETTING)
    changed = course.glances[0].at + WRONG_AFTER_S
    account = course.street.devices[name].account
    assert broken(course) == []
    assert len(account.refused_at) == 4
    assert account.refused_at[-1] - account.refused_at[0] > DAY_S
    assert all(at > changed - GLANCE_S for at in account.refused_at)
    assert course.glances[-1].state is State.UP


@pytest.mark.parametrize("days", [3, pytest.param(part(30), marks=pytest.mark.soak)])
def test_a_device_whose_refusals_nobody_can_read_is_never_locked(tmp_path: Path, days: int) -> None:
    """Nobody can read what its ONVIF makes of a wrong login, so that is shown there once; its stream server, which says
    no, decides. It counts over an hour, and sees less than what locks it."""
    (name,) = MUTE
    course = lived(tmp_path, days_of_a_wrong_password(name, days), MUTE)
    account = course.street.devices[name].account
    print(report(course, days))
    assert (account.locks, account.knocks) == (0, 0)
    assert most_within(account.refused_at, 3600.0) <= 4
    assert course.glances[-1].state is State.UP


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1, 1 + part(4)))
def test_a_year_of_trouble(tmp_path: Path, seed: int) -> None:
    """The same of a year with a troubled time a month, each seed another year."""
    held(tmp_path, seed, days=365, troubles=12)
