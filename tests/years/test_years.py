"""Years of a small city with all that befalls a monitor: no millisecond that the ledger tells is untrue.

A year is made of its seed: `lived(folder, seed)` lives through one that failed again.
"""

from __future__ import annotations

import os
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from depth import part
from misfortunes import DAY_S, START_S, city, fate
from passing import Course

from monitor.core.event import Event, RungEvent
from monitor.core.fleet import Fleet
from monitor.core.sla.account import Settlement
from monitor.core.sla.contract import Contract
from monitor.core.sla.facts import gathered
from monitor.core.sla.spans import NONE, Span, both, either, length, without
from monitor.core.verdict import Rung
from monitor.ledger.audit import audit
from monitor.ledger.ledger import opened
from monitor.ledger.reader import Reader

YEARS = part(500)
YEAR_DAYS = 365


class Lived(NamedTuple):
    """What a year was: how often the monitor was killed, refused by its disk, lost events, and what it saw."""

    kills: int
    refusals: int
    lost: int
    clocks_set: int
    up_ms: int
    down_ms: int
    unobserved_ms: int

    def plus(self, other: Lived) -> Lived:
        return Lived(*(a + b for a, b in zip(self, other, strict=True)))


def lived(folder: Path, seed: int, days: int = YEAR_DAYS) -> Lived:
    """Live through a year, and hold all that its ledger says against what was true."""
    inventory = city()
    end = START_S + days * DAY_S
    course = Course(folder / f"{seed}.sqlite", inventory, fate(inventory, seed, days), seed, end)
    last = course.run()
    assert audit(course.path).is_whole, seed
    with Reader.open(course.path) as reader:
        events = [event for _, event in reader.events()]
    year = _held_to_the_truth(course, events)
    _taken_up_again(course.path, last.fleet)
    return year


def _held_to_the_truth(course: Course, events: list[Event]) -> Lived:
    """Hold every camera's time against the truth: what is told is true, and the truth is within the bounds."""
    facts = gathered(events)
    facts.beats["central"] = list(either(tuple(facts.beats["central"]), tuple(course.passed)))
    rungs: defaultdict[str, list[RungEvent]] = defaultdict(list)
    for event in events:
        if isinstance(event, RungEvent):
            rungs[event.camera].append(event)
    within = Span(START_S * 1000, round(course.wall * 1000))
    settled = Settlement(Contract("all", "", (), "UTC"), within, facts)
    told = Lived(course.kills, course.refusals, course.lost, len(course.clocks) - 1, 0, 0, 0)
    for camera in course.inventory.cameras:
        silent, answering = course.told(course.inventory.cameras[camera].device)
        scope = settled.scope(camera)
        rows = [row for row in facts.rows[camera] if row.listed]
        found = settled.records(rows, rungs[camera], ())[Rung.MEDIA]
        assert without(both(found.up, scope), answering) == NONE, (course.seed, camera)
        assert without(both(found.down, scope), silent) == NONE, (course.seed, camera)
        assert both(either(found.up, found.down), both(course.twice(), scope)) == NONE, (course.seed, camera)
        account = settled.account(camera, rungs[camera])
        assert account is not None
        tally = account.tallies[0]
        if not told.clocks_set:  # where a clock was set, an hour may have been twice, or not at all
            assert tally.up <= length(both(answering, scope)) <= tally.up + tally.unobserved, (course.seed, camera)
        told = told.plus(Lived(0, 0, 0, 0, tally.up, tally.down, tally.unobserved))
    return told


def _taken_up_again(path: Path, fleet: Fleet) -> None:
    """What another process takes up is what the last one knew: rungs, states and causes."""
    connection, restored = opened(path)
    assert connection is not None
    connection.close()
    assert dict(restored.cameras) == dict(fleet.cameras)
    assert {id_: one.state for id_, one in restored.standings.items()} == {
        id_: one.state for id_, one in fleet.standings.items()
    }


@pytest.mark.parametrize("seed", [1, 2])
def test_a_season_is_told_truly(tmp_path: Path, seed: int) -> None:
    """Up is up and down is down, to the millisecond, through crashes, full disks, clocks that are set and reloads."""
    year = lived(tmp_path, seed, 180)
    assert year.kills
    assert year.refusals
    assert year.down_ms


def _years(seeds: range) -> Lived:
    total = Lived(*[0] * len(Lived._fields))
    for seed in seeds:
        with TemporaryDirectory() as folder:
            total = total.plus(lived(Path(folder), seed))
    return total


@pytest.mark.soak
def test_centuries_are_told_truly() -> None:
    """The same for five hundred years of cities; what befell them is printed."""
    hands = len(os.sched_getaffinity(0))
    with ProcessPoolExecutor(hands) as pool:
        lives = list(pool.map(_years, [range(1000 + hand, 1000 + YEARS, hands) for hand in range(hands)]))
    total = lives[0]
    for one in lives[1:]:
        total = total.plus(one)
    print(f"{YEARS} city-years: {total}")
    assert min(total) > 0
    seen = total.up_ms + total.down_ms
    assert seen / (seen + total.unobserved_ms) > 0.98
