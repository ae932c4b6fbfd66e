"""From a fault to its confirmed state on a simulated clock: timetable, reducer and hysteresis without a socket."""

from __future__ import annotations

from collections.abc import Callable
from math import floor, inf
from random import Random
from typing import NamedTuple

from benchmarks.model import OWN_SERIAL, Clock, ModelCamera
from monitor.core import fleet as fleets
from monitor.core.fleet import Rungs
from monitor.core.health import RungHealth
from monitor.core.model import Camera, Credential, Device, Inventory, Secret, Site, SnmpAccess
from monitor.core.schedule import PROBE_OF, Rates
from monitor.core.state import State, view
from monitor.core.verdict import Outcome, Rung, Verdict
from monitor.probes.base import Result, run_probe
from monitor.probes.memory import Memory
from monitor.scheduler.assignment import Assignment
from monitor.scheduler.station import Job, make
from monitor.scheduler.told import told_of

ALL = ("onvif", "snmp", "rtsp")
#: A fault begins when every kind of check has been made at least once.
WARM_S = 700.0
#: How long a fault stands before it is mended, at the most.
OUTAGE_S = 600.0
#: A state that is not confirmed by then never will be.
PATIENCE_S = 7200.0


class Course(NamedTuple):
    """How long it took until the camera was confirmed ill, and after the repair until it was confirmed up."""

    ill_s: float
    up_s: float


class NeverConfirmed(Exception):
    """The state was not confirmed within the patience: a fault of the product or of the model."""


class _Ending(NamedTuple):
    """A conversation that is under way, and what it will have found when it ends."""

    at: float
    job: Job
    result: Result


class Clockwork:
    """One camera under a monitor's timetable and reducer."""

    def __init__(self, number: int, fault: str, rates: Rates, probes: tuple[str, ...] = ALL) -> None:
        id_ = f"device-{number}"  # the id decides the device's place within the interval
        secret = Secret("env:NONE", "secret")
        login, access = Credential("login", "user", secret), SnmpAccess("access", "v2c", secret)
        device = Device(id_, "camera.invalid", {}, probes, ("camera",), credential=login, snmp=access)
        camera = Camera("camera", "Camera", id_, 1, "zone", "site", stream="/stream", serial=OWN_SERIAL)
        inventory = Inventory({id_: device}, {"camera": camera}, {"site": Site("site", "", "zone")}, {"zone": ""})
        self.clock = Clock()
        self.model = ModelCamera(self.clock, fault)
        self._clocks = self.clock.clocks()
        self._rates = rates
        self._station = make(Assignment(device, (camera,), Memory(scheme="token")), rates, 0.0)
        self._fleet = fleets.start(inventory, rates)
        self._under_way: list[_Ending] = []
        self._verdicts: list[Verdict] = []

    async def until(self, reached: Callable[[Rungs], bool], moment: float) -> float:
        """Run until a step of the reducer reaches this, or until a moment; return the time then."""
        while True:
            turn_at = floor(self.clock.now) + 1.0 if self._verdicts else inf
            ending = min(self._under_way, key=lambda one: one.at, default=None)
            ends_at = ending.at if ending else inf
            following = min(turn_at, ends_at, max(self.clock.now, self._station.next_at()))
            if following > moment:
                self.clock.now = moment
                return moment
            self.clock.now = following
            if following == turn_at:
                if reached(self._turn()):
                    return following
            elif ending and following == ends_at:
                self._end(ending)
            else:
                await self._begin()

    async def _begin(self) -> None:
        """Hold what is due now; its end is kept for later, because another transport may be used meanwhile."""
        began = self.clock.now
        if (job := self._station.take(began)) is None:
            return
        device, deadlines = self._station.device, self._rates.deadlines
        probe = self.model.probes()[job.probe]
        result = await run_probe(job.probe, probe, device, job.ask, self._station.memory, self._clocks, deadlines)
        self._under_way.append(_Ending(self.clock.now, job, result))
        self.clock.now = began

    def _end(self, ending: _Ending) -> None:
        self._under_way.remove(ending)
        self._station.ended(ending.job, ending.result.verdict, ending.result.learnt, self.clock.now)
        self._verdicts.append(ending.result.verdict)

    def _turn(self) -> Rungs:
        """Turn the crank as the monitor does each second."""
        now, wall = self.clock.now, self._clocks.wall()
        self._fleet, _ = fleets.step(self._fleet, self._verdicts, wall)
        self._verdicts = []
        self._station.told(told_of(self._fleet, self._station.device), wall, now)
        return self._fleet.cameras["camera"]


async def course(number: int, fault: str, state: State, rates: Rates, chance: Random) -> Course:
    """Let a camera fall ill at a random moment, until it is in this state, and mend it at another.

    Raises NeverConfirmed.
    """
    run = Clockwork(number, fault, rates)
    began = await _fallen_ill(run, WARM_S + chance.uniform(0, rates.media_s))
    ill_at = await _confirmed(run, state, began)
    mended = ill_at + chance.uniform(0, OUTAGE_S)
    await run.until(_never, mended)
    run.model.until = mended
    up_at = await _confirmed(run, State.UP, mended)
    return Course(ill_at - began, up_at - mended)


async def least_outage(number: int, fault: str, rung: Rung, rates: Rates, chance: Random) -> float:
    """Return how long an outage of this kind has to last to be seen, where it begins at a random moment: until the
    last of the looks that confirm it has failed. Raises NeverConfirmed.
    """
    run = _asked_for(rung, number, fault, rates)
    began = await _fallen_ill(run, WARM_S + chance.uniform(0, rates.interval_s(rung)))
    return await _judged(run, rung, Outcome.FAIL, began) - began


async def least_return(number: int, fault: str, rung: Rung, rates: Rates, chance: Random) -> float:
    """Return how long a return from a long outage has to last to be seen; all that is asked then takes as long as it
    may. Raises NeverConfirmed.
    """
    run = _asked_for(rung, number, fault, rates)
    await _fallen_ill(run, WARM_S)
    mended = WARM_S + 2 * rates.dead_after_s + chance.uniform(0, max(rates.dead_s, rates.interval_s(rung)))
    await run.until(_never, mended)
    run.model.until, run.model.is_sluggish = mended, True
    return await _judged(run, rung, Outcome.OK, mended) - mended


def _asked_for(rung: Rung, number: int, fault: str, rates: Rates) -> Clockwork:
    """Return a camera that is asked by the one probe that judges a rung."""
    return Clockwork(number, fault, rates, (PROBE_OF.get(rung, "onvif"),))


async def _judged(run: Clockwork, rung: Rung, outcome: Outcome, since: float) -> float:
    """Return when the look ended that confirmed this of a rung."""
    health = RungHealth()

    def is_judged(rungs: Rungs) -> bool:
        nonlocal health
        health = rungs[rung]
        return health.outcome is outcome

    if await run.until(is_judged, since + PATIENCE_S) >= since + PATIENCE_S:
        raise NeverConfirmed(f"{run.model.fault}: {rung.label} not {outcome} within {PATIENCE_S:g} s")
    return run.clock.now - run.clock.clocks().wall() + health.last_seen


async def _fallen_ill(run: Clockwork, began: float) -> float:
    await run.until(_never, began)
    run.model.since = began
    return began


def _never(rungs: Rungs) -> bool:
    return False


async def _confirmed(run: Clockwork, state: State, since: float) -> float:
    at = await run.until(lambda rungs: view(rungs).state is state, since + PATIENCE_S)
    if at >= since + PATIENCE_S:
        raise NeverConfirmed(f"{run.model.fault}: not {state} within {PATIENCE_S:g} s")
    return at
