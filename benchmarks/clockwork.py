"""From a fault to its confirmed state on a simulated clock: timetable, reducer and hysteresis without a socket."""

from __future__ import annotations

from math import floor, inf
from random import Random
from typing import NamedTuple

from benchmarks.model import Clock, ModelCamera
from monitor.core import fleet as fleets
from monitor.core.model import Camera, Credential, Device, Inventory, Secret, Site, SnmpAccess
from monitor.core.recheck import wishes
from monitor.core.schedule import Rates
from monitor.core.state import State, view
from monitor.core.verdict import Verdict
from monitor.probes.base import Result, run_probe
from monitor.probes.memory import Memory
from monitor.scheduler.station import Job, make

#: A fault begins when every kind of check has been made at least once.
WARM_S = 700.0
#: How long a fault stands before it is mended, at the most.
OUTAGE_S = 600.0
#: A state that is not confirmed by then never will be.
PATIENCE_S = 7200.0


class Course(NamedTuple):
    """How long it took until the camera was confirmed down, and after the repair until it was confirmed up."""

    down_s: float
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

    def __init__(self, number: int, fault: str, rates: Rates) -> None:
        id_ = f"device-{number}"  # the id decides the device's place within the interval
        secret = Secret("env:NONE", "secret")
        login, access = Credential("login", "user", secret), SnmpAccess("access", "v2c", secret)
        probes = ("onvif", "snmp", "rtsp")
        device = Device(id_, "camera.invalid", {}, probes, ("camera",), credential=login, snmp=access)
        camera = Camera("camera", "Camera", id_, 1, "zone", "site", stream="/stream")
        inventory = Inventory({id_: device}, {"camera": camera}, {"site": Site("site", "", "zone")}, {"zone": ""})
        self.clock = Clock()
        self.model = ModelCamera(self.clock, fault)
        self._clocks = self.clock.clocks()
        self._rates = rates
        self._station = make(device, [camera], rates, Memory(scheme="token"), 0.0, rates.spread_s)
        self._fleet = fleets.start(inventory, rates)
        self._under_way: list[_Ending] = []
        self._verdicts: list[Verdict] = []

    async def until(self, state: State | None, moment: float) -> float:
        """Run until the camera is confirmed in this state, or until a moment; return the time then."""
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
                if self._turn() is state:
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

    def _turn(self) -> State:
        """Turn the crank as the monitor does each second."""
        now, wall = self.clock.now, self._clocks.wall()
        self._fleet, _ = fleets.step(self._fleet, self._verdicts, wall)
        self._verdicts = []
        self._station.told(self._fleet.cameras, wishes(self._station.device, self._fleet.cameras), wall, now)
        return view(self._fleet.cameras["camera"]).state


async def course(number: int, fault: str, rates: Rates, chance: Random) -> Course:
    """Let a camera fall ill at a random moment and mend it at another. Raises NeverConfirmed."""
    run = Clockwork(number, fault, rates)
    began = WARM_S + chance.uniform(0, rates.media_s)
    await run.until(None, began)
    run.model.since = began
    down_at = await _confirmed(run, State.DOWN, began)
    mended = down_at + chance.uniform(0, OUTAGE_S)
    await run.until(None, mended)
    run.model.until = mended
    up_at = await _confirmed(run, State.UP, mended)
    return Course(down_at - began, up_at - mended)


async def _confirmed(run: Clockwork, state: State, since: float) -> float:
    at = await run.until(state, since + PATIENCE_S)
    if at >= since + PATIENCE_S:
        raise NeverConfirmed(f"{run.model.fault}: not {state} within {PATIENCE_S:g} s")
    return at
