"""One device's course without a network or a wait: its timetable, the reducer, and a device that a function plays."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import inf
from typing import Any, NamedTuple

from fleets import inventory

from monitor.core.fleet import Fleet, start, step
from monitor.core.schedule import Rates
from monitor.core.verdict import Finding, Outcome, Reason, Rung, Verdict
from monitor.probes.base import Ask
from monitor.probes.memory import Memory
from monitor.scheduler.assignment import assignments
from monitor.scheduler.station import Job, Station, make
from monitor.scheduler.told import told_of

EPOCH = 1_795_000_000.0


class Reply(NamedTuple):
    """How a device took a conversation: how long it lasted, what it cost, what was found and learnt."""

    findings: tuple[Finding, ...]
    seconds: float = 0.2
    requests: int = 1
    learnt: Mapping[str, Any] = {}


Play = Callable[["Course", Job], Reply]


class Held(NamedTuple):
    """A conversation that was held."""

    began: float
    ended: float
    probe: str
    ask: Ask
    requests: int

    def asks(self, rung: Rung) -> bool:
        return rung in self.ask.rungs


@dataclass
class Course:
    """A device and its timetable, from 0 s on by a clock of their own."""

    play: Play
    rates: Rates = field(default_factory=Rates)
    channels: int = 1
    probes: tuple[str, ...] = ("onvif", "snmp", "rtsp")
    memory: Memory = field(default_factory=Memory)
    now: float = 0.0
    late_s: float = 0.0
    """How late each conversation begins."""
    held: list[Held] = field(default_factory=list)
    station: Station = field(init=False)
    fleet: Fleet = field(init=False)

    def __post_init__(self) -> None:
        one = inventory(1, self.channels, self.probes)
        self.fleet = start(one, self.rates)
        [assigned] = assignments(one, one.devices.values(), {"d0": self.memory})
        self.station = make(assigned, replace(self.rates, spread_s=0.0), 0.0, EPOCH)
        self._under_way: list[tuple[float, int, Held, Job, Reply]] = []

    def run(self, until: float) -> Course:
        """Let time pass; each conversation begins when it is due and no other keeps it from that."""
        while True:
            begins = max(self.station.next_at() + self.late_s, self.now)
            ends = self._under_way[0][0] if self._under_way else inf
            if min(begins, ends) > until:
                self.now = until
                return self
            self.now = min(begins, ends)
            if ends <= begins:
                self._end(*heapq.heappop(self._under_way)[2:])
            elif (job := self.station.take(self.now)) is not None:
                self._begin(job)

    def _begin(self, job: Job) -> None:
        reply = self.play(self, job)
        assert reply.requests <= job.ask.requests
        held = Held(self.now, self.now + reply.seconds, job.probe, job.ask, reply.requests)
        self.held.append(held)
        heapq.heappush(self._under_way, (held.ended, len(self.held), held, job, reply))

    def _end(self, held: Held, job: Job, reply: Reply) -> None:
        at = EPOCH + self.now
        verdict = Verdict("d0", "central", held.probe, at, reply.seconds, reply.findings, {}, reply.requests)
        self.station.ended(job, verdict, reply.learnt, self.now)
        self.fleet, _ = step(self.fleet, [verdict], at)
        self.station.told(told_of(self.fleet, self.station.device), at, self.now)

    def of(self, probe: str, *rungs: Rung) -> list[Held]:
        """The conversations of one protocol that asked these rungs."""
        return [one for one in self.held if one.probe == probe and all(one.asks(rung) for rung in rungs)]


def fine(course: Course, job: Job) -> Reply:
    """A device on which all is well; ONVIF tells once where the streams are."""
    found: list[Finding] = []
    for rung in sorted(job.ask.rungs):
        per_camera = rung in (Rung.STREAM, Rung.MEDIA)
        found += (
            [Finding(rung, Outcome.OK, camera=c.id) for c in job.ask.cameras]
            if per_camera
            else [Finding(rung, Outcome.OK)]
        )
    learnt: dict[str, Any] = {}
    if Rung.CREDENTIALS in job.ask.rungs and not course.station.memory.streams:
        learnt = {"streams": {str(number + 1): f"/{number}" for number in range(course.channels)}}
    cost = {"onvif": 1, "snmp": 1, "rtsp": 2}[job.probe] * (2 if Rung.CREDENTIALS in job.ask.rungs else 1)
    cost = 5 if Rung.MEDIA in job.ask.rungs else cost * (len(job.ask.cameras) if job.probe == "rtsp" else 1)
    return Reply(tuple(found), 2.5 if Rung.MEDIA in job.ask.rungs else 0.2, cost, learnt)


def dead(course: Course, job: Job) -> Reply:
    """A device that never answers."""
    rung = Rung.DEVICE if job.probe == "snmp" else Rung.REACHABLE
    return Reply((Finding(rung, Outcome.FAIL, Reason.TIMEOUT),), 5.0 if job.probe == "snmp" else 3.0, 0)


def failing(rung: Rung, reason: Reason, outcome: Outcome = Outcome.FAIL) -> Play:
    """A device that is fine but for one rung."""

    def play(course: Course, job: Job) -> Reply:
        reply = fine(course, job)
        bad = tuple(Finding(f.rung, outcome, reason, "", f.camera) if f.rung is rung else f for f in reply.findings)
        return reply._replace(findings=bad)

    return play


def gaps(held: Iterable[Held]) -> list[float]:
    """The times from each conversation's beginning to the next one's."""
    begins = [one.began for one in held]
    return [later - earlier for earlier, later in pairwise(begins)]
