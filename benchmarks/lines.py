"""A line or a feeder that fails in a city with faults of its own, watched by the whole of a monitor's step.

Failures arrive as a monitor's timetable lets them: each device is asked every 20 seconds at its own pace, some are in
the middle of an answer at that moment, and a failure is confirmed by the third silence. The city's own faults are there
before the first look.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import inf
from random import Random
from typing import NamedTuple

from benchmarks.outages import is_there, seconds, watched
from benchmarks.papercity import BATTERY_S, SILENCING, Fault, PaperCity, storm
from monitor.core.diagnosis.cause import OPENING, CauseEvent, Kind
from monitor.core.topology import Layer, Scope

CAMERAS = (300, 600)
#: When it fails, within so long, and how long afterwards is looked at.
FAILS_S, WITHIN_S, AFTERWARDS_S = 240.0, 60.0, 150.0
ONE_BY_ONE = (Kind.SITE, Kind.DEAD)
SHARED = (Kind.UPLINK, Kind.POWER)


class Trial(NamedTuple):
    """A city, and what fails in it last."""

    paper: PaperCity
    fault: Fault
    left: frozenset[str]
    """The devices that still answered."""


class Told(NamedTuple):
    """What was told of a failure: whether it has its cause with exactly its members in the end, which causes opened
    after it that are not there, and when its own was open. The sites of a feeder may be told one by one until enough of
    them fell silent."""

    right: bool
    strangers: tuple[str, ...]
    open_s: float
    by_batteries: bool


def trials(seeds: Iterable[int]) -> Iterator[Trial]:
    """Yield, for each city, the cut of every line, of every feeder on which more is left than what is behind a line,
    and of one feeder whose sites have batteries, on which nothing shared is silent: that could be the first of them."""
    for seed in seeds:
        chance = Random(f"lines {seed}")
        base = storm(seed, CAMERAS[seed % len(CAMERAS)], cold=True)
        silent = {device for fault in base.faults if fault.kind in SILENCING for device in fault.devices}
        whole = []
        for scope in sorted(base.topology.members):
            left = frozenset(base.topology.members[scope]) - silent
            if len({base.topology.row[device] for device in left}) < 2:
                continue
            at = base.start + FAILS_S + chance.uniform(0.0, WITHIN_S)
            if scope.layer is Layer.UPLINK:
                yield _trial(base, Kind.UPLINK, scope, at, left, {})
            elif scope.layer is Layer.FEEDER:
                if not is_a_line(base, left, silent):
                    yield _trial(base, Kind.POWER, scope, at, left, {})
                if not _is_lost(base, scope):
                    whole.append((scope, at, left))
        scope, at, left = chance.choice(whole)
        lasts_s = {row: chance.choice((0.0, chance.uniform(*BATTERY_S))) for row in sorted(base.topology.in_row)}
        yield _trial(base, Kind.POWER, scope, at, left, lasts_s)


def _trial(
    base: PaperCity, kind: Kind, scope: Scope, at: float, left: frozenset[str], delays: dict[str, float]
) -> Trial:
    paper = PaperCity(base.inventory, list(base.faults))
    paper.add(kind, scope, at, delays)
    return Trial(paper, paper.faults[-1], left)


def _is_lost(paper: PaperCity, feeder: Scope) -> bool:
    """Say whether something shared has silenced some of a feeder already."""
    members = set(paper.topology.members[feeder])
    return any(fault.kind in SHARED and not members.isdisjoint(fault.devices) for fault in paper.faults)


def is_a_line(paper: PaperCity, left: frozenset[str], silent: set[str]) -> bool:
    """Say whether these devices are all that still answer behind a line."""
    members = paper.topology.members
    lines = [scope for scope in members if scope.layer in (Layer.UPLINK, Layer.SWITCH)]
    return any(left == set(members[scope]) - silent for scope in lines)


def told(trial: Trial) -> Told:
    """Watch a trial."""
    paper, fault, left = trial
    patrol = watched(paper)
    strangers: list[str] = []
    open_s = inf
    lasts_s = max(fault.devices.values())
    for events in seconds(patrol, fault.at + lasts_s + AFTERWARDS_S):
        for event in events:
            if isinstance(event, CauseEvent) and event.turn in OPENING and patrol.now >= fault.at:
                cause = patrol.fleet.causes.get(event.cause)
                if cause is not None and cause.scope == fault.scope:
                    open_s = min(open_s, patrol.now - fault.at)
                if event.kind not in ONE_BY_ONE and (cause is None or not is_there(paper, cause)):
                    strangers.append(f"{event.kind} {event.scope.name}")
    causes = patrol.fleet.causes.values()
    strangers += [f"{one.kind} {one.scope.name}" for one in causes if not is_there(paper, one)]
    members = {camera for device in left for camera in paper.topology.cameras[device]}
    right = any(one.kind is fault.kind and one.scope == fault.scope and one.members == members for one in causes)
    return Told(right, tuple(dict.fromkeys(strangers)), open_s, lasts_s > 0)
