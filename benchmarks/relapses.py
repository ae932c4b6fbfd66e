"""A line that is cut, repaired and soon cut again, or whose feeder fails soon after: is each told as what it is?

Between the two silences most devices answer once or twice, some are confirmed to be back, and some are not asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from random import Random
from typing import NamedTuple

from benchmarks.lines import is_a_line
from benchmarks.outages import seconds, shows
from benchmarks.papercity import SILENCING, Fault, PaperCity, storm
from benchmarks.patrol import Patrol, Shown
from monitor.core.diagnosis.cause import OPENING, CauseEvent, Kind
from monitor.core.schedule import Rates
from monitor.core.topology import Layer, Scope

CAMERAS = 600
#: For how long the line works between the two.
GAPS_S = (10.0, 20.0, 30.0, 40.0, 50.0)
#: For each gap and each kind of second failure so many lines, cut at moments of their own.
LINES = 3
#: When the line is cut first, within so long, for how long, and how long the second silence is looked at.
FAILS_S, WITHIN_S, LASTS_S, AFTERWARDS_S = 200.0, 60.0, 75.0, 200.0


class Trial(NamedTuple):
    """A city in which a line is cut and repaired, and what fails soon after."""

    paper: PaperCity
    line: Fault
    repaired: float
    second: Fault
    left: frozenset[str]
    """What the second silences, and nothing else does."""

    def shown(self, device: str, at: float) -> Shown:
        """Return what a device shows to who asks it then."""
        if device in self.line.devices and self.line.at <= at < self.repaired:
            return None
        return shows([one for one in self.paper.faults if one is not self.line and device in one.devices], device, at)


class Told(NamedTuple):
    """Whether the second failure has its cause with exactly its members in the end, and the line has none that is over;
    and which causes opened that are not there."""

    right: bool
    strangers: tuple[str, ...]


def trials(seeds: Iterable[int], gaps_s: Iterable[float] = GAPS_S) -> Iterator[Trial]:
    """Yield, for each gap, lines that are cut twice, and lines whose feeder fails after them."""
    for seed in seeds:
        base = storm(seed, CAMERAS, cold=True)
        silent = {device for fault in base.faults if fault.kind in SILENCING for device in fault.devices}
        found = {Kind.UPLINK: [(line, line) for line in _lines(base, silent)], Kind.POWER: _feeders(base, silent)}
        for gap_s, kind, number in product(gaps_s, found, range(LINES)):
            chance = Random(f"relapse {seed} {gap_s} {kind} {number}")
            line, second = chance.choice(found[kind])
            paper = PaperCity(base.inventory, list(base.faults))
            at = base.start + FAILS_S + chance.uniform(0.0, WITHIN_S)
            paper.add(Kind.UPLINK, line, at)
            paper.add(kind, second, at + LASTS_S + gap_s)
            *_, first, last = paper.faults
            yield Trial(paper, first, at + LASTS_S, last, frozenset(last.devices) - silent)


def _lines(base: PaperCity, silent: set[str]) -> list[Scope]:
    """Return the lines of which enough is left to tell them from a site."""
    members, row = base.topology.members, base.topology.row
    lines = sorted(scope for scope in members if scope.layer is Layer.UPLINK)
    return [line for line in lines if len({row[device] for device in members[line] if device not in silent}) > 1]


def _feeders(base: PaperCity, silent: set[str]) -> list[tuple[Scope, Scope]]:
    """Return lines with a feeder of theirs that is more than a line."""
    members = base.topology.members
    return [
        (line, feeder)
        for line in _lines(base, silent)
        for feeder in sorted(scope for scope in members if scope.layer is Layer.FEEDER)
        if not set(members[feeder]).isdisjoint(set(members[line]) - silent)
        and not is_a_line(base, frozenset(members[feeder]) - silent, silent)
    ]


def told(trial: Trial) -> Told:
    """Watch a trial."""
    paper, line, _, second, left = trial
    patrol = Patrol(paper.inventory, Rates(), paper.start, trial.shown)
    there = {(fault.kind, fault.scope) for fault in paper.faults}
    strangers = [
        f"{event.kind} {event.scope.name}"
        for events in seconds(patrol, second.at + AFTERWARDS_S)
        for event in events
        if isinstance(event, CauseEvent) and event.turn in OPENING and patrol.now >= line.at
        if (event.kind, event.scope) not in there
    ]
    members = {camera for device in left for camera in paper.topology.cameras[device]}
    of_both = {(one.kind, one.scope): one.members for one in patrol.fleet.causes.values()}
    wanted = {(second.kind, second.scope): members}
    found = {key: of_both[key] for key in ((line.kind, line.scope), (second.kind, second.scope)) if key in of_both}
    return Told(found == wanted, tuple(strangers))
