"""Politeness, provable: months and years of trouble, after which no device has a complaint (design §6)."""

from __future__ import annotations

from pathlib import Path

import pytest
from polite.course import Course
from polite.models import KINDS
from polite.plan import year
from polite.promises import broken
from polite.virtual import Time, run

EPOCH = 1_795_000_000.0


def lived(folder: Path, seed: int, days: float, troubles: int) -> Course:
    """Let so many days with so many troubled times pass over a street."""
    time = Time(EPOCH)
    courses: list[Course] = []

    async def live() -> None:
        courses.append(Course(folder, time))
        await courses[0].run(year(seed, list(KINDS), days, troubles))

    run(time, live())
    return courses[0]


def report(course: Course, seed: int) -> str:
    """Return what the devices saw, for a reader; a failing seed gives the same again."""
    figures = {name: device.seen() for name, device in course.street.devices.items()}
    rows = [f"{what:22}" + "".join(f"{figures[name][what]:>11}" for name in figures) for what in figures["axis"]]
    head = " " * 22 + "".join(f"{name:>11}" for name in figures)
    hours = f"{course.seconds / 3600:.1f} h at full rates, {course.begun} runs of the monitor, {course.looks} looks"
    return "\n".join([f"seed {seed}: {hours}", head, *rows])


def held(folder: Path, seed: int, days: float, troubles: int) -> None:
    course = lived(folder, seed, days, troubles)
    print(report(course, seed))
    assert broken(course) == [], f"seed {seed}"


def test_a_month_of_trouble(tmp_path: Path) -> None:
    """Four strict devices live through reboots, power cuts, changed passwords, full days: no lock, no session refused
    because of us, requests within the budget, and no camera is called down for a lock or a stale clock."""
    held(tmp_path, seed=1, days=30, troubles=3)


@pytest.mark.soak
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_year_of_trouble(tmp_path: Path, seed: int) -> None:
    """The same of a year with a troubled time a month, each seed another year."""
    held(tmp_path, seed, days=365, troubles=12)
