"""Seconds from a fault to its confirmed state at the default intervals: on a simulated clock, and for real."""

from __future__ import annotations

from random import Random

from benchmarks import live
from benchmarks.clockwork import Course, course
from benchmarks.live import Findings, Live
from benchmarks.model import FAULTS
from benchmarks.spread import share, spread
from benchmarks.table import Table
from monitor.core.limits import WAITS_S
from monitor.core.schedule import Rates
from monitor.core.times import duration

PHASES = 1000
"""How many random phases each fault is simulated in."""


async def simulate(phases: int, rates: Rates) -> dict[str, list[Course]]:
    """Let each fault happen so many times, each time to another device at another moment. Raises NeverConfirmed."""
    return {
        name: [await course(number, name, fault.state, rates, Random(f"{name} {number}")) for number in range(phases)]
        for name, fault in FAULTS.items()
    }


async def measure(phases: int, watched: Live | None, rates: Rates) -> Table:
    """Return the table of both; ``watched`` None leaves the real run out."""
    courses = await simulate(phases, rates)
    found = await live.measure(watched, rates) if watched else None
    rows = tuple(_row(fault, courses[fault], found) for fault in FAULTS)
    head = ("fault", "state", "simulated", "95 % within", "real", "repaired, simulated", "95 % within")
    return Table(
        "Seconds until the state is confirmed: median [least–most]", head, rows, _notes(phases, watched, found, rates)
    )


def _row(fault: str, courses: list[Course], found: Findings | None) -> tuple[str, ...]:
    ill, up = [run.ill_s for run in courses], [run.up_s for run in courses]
    real = found.seconds.get(fault) if found else None
    return (
        FAULTS[fault].words,
        FAULTS[fault].state,
        spread(ill).text(),
        f"{share(ill, 0.95):.0f}",
        real.text() if real else "not run",
        spread(up).text(),
        f"{share(up, 0.95):.0f}",
    )


def _notes(phases: int, watched: Live | None, found: Findings | None, rates: Rates) -> tuple[str, ...]:
    intervals = (
        f"Simulated: {phases:,} random phases a fault. Light checks every {rates.light_s:g} s, media every"
        f" {rates.media_s:g} s; a repair comes within ten minutes of the confirmation. The last figure in brackets is"
        " the worst."
    )
    confirmed, third, fourth, further = map(duration, WAITS_S)
    logins = (
        f"Password changed: a login that worked lately is refused twice, {confirmed} apart, before it counts as wrong."
        f" The third login comes {third} after that, the fourth {fourth} after the third, each further one after"
        f" {further}: a password that is repaired later than here, and of which nothing tells, is noticed by the next"
        " of these, at worst after all of that wait, in the median after half of it."
    )
    if watched is None or found is None:
        return intervals, logins
    total = watched.each * len(watched.faults)
    real = (
        f"Real: {watched.each} cameras a fault in a watched city of {watched.cameras}; {total - found.unconfirmed} of"
        f" {total} were confirmed within {watched.patience_s:g} s."
    )
    return intervals, logins, real
