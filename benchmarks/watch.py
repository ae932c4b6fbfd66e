"""The product's side: full checks through ``run_probe``, then what a monitor does with their verdicts.

A step, a snapshot and a page belong to seconds, not to checks. They are made as often for a number of checks as a
monitor of 1,800 cameras makes them that checks each camera once a minute: a step and a snapshot for every 30 checks, a
page for every 450 (Prometheus comes every 15 s). The share of a check does not depend on the size of the fleet: both
grow with it.
"""

from __future__ import annotations

import gc
import itertools
import time
from collections.abc import Sequence

from benchmarks.parallel import in_parallel
from benchmarks.targets import OBJECTS
from exporters.prometheus import Page
from exporters.selfmetrics import SelfMetrics
from monitor.core import fleet as fleets
from monitor.core.model import Inventory
from monitor.core.schedule import Rates
from monitor.core.snapshot import Snapshot, publish
from monitor.core.verdict import Outcome, Rung, Verdict
from monitor.probes.base import Ask, Clocks, Result, run_probe
from monitor.probes.journal import Journal
from monitor.probes.memory import Memory
from monitor.probes.registry import PROBES, RUNGS

CLOCKS = Clocks(time.time, time.monotonic)
CHECKS_A_STEP = 30
STEPS_A_PAGE = 15
STEPS_A_HEARTBEAT = 60

#: What a full check asks, how many requests that takes, and what a healthy camera answers with ok.
ASKED = {
    "onvif": RUNGS["onvif"],
    "rtsp": frozenset({Rung.REACHABLE, Rung.STREAM}),
    "snmp": RUNGS["snmp"],
}
REQUESTS = {"onvif": 2, "rtsp": 3, "snmp": 1}
GOOD = {
    "onvif": {Rung.REACHABLE, Rung.CONTROL, Rung.CLOCK, Rung.CREDENTIALS, Rung.IDENTITY},
    "rtsp": {Rung.REACHABLE, Rung.CREDENTIALS, Rung.STREAM},
    "snmp": {Rung.REACHABLE, Rung.DEVICE},
}
#: The probe itself always asks for the uptime.
BESIDE_UPTIME = dict(list(OBJECTS.items())[1:])


class CheckFailed(Exception):
    """A check of a healthy camera did not find everything in order: the round says nothing."""


class Watch:
    """A fleet, what is known of some of its devices, and the page that shows it."""

    def __init__(self, inventory: Inventory, devices: Sequence[str]) -> None:
        self._inventory = inventory
        self._rates = Rates()
        self._memories = dict.fromkeys(devices, Memory())
        self._fleet = fleets.start(inventory, self._rates)
        self._snapshot: Snapshot | None = None
        self._metrics = SelfMetrics("benchmark")
        self._page = Page(self._metrics.collector)
        self._journal = Journal()
        self._verdicts: list[Verdict] = []
        self._now = time.time()
        self._steps = 0
        self._ended = 0
        self.events = 0

    async def learn(self, concurrency: int) -> tuple[str, ...]:
        """Hold the first contact with each device; return those that have all five objects, which are kept."""
        await in_parallel(self._first_contact, iter(list(self._memories)), concurrency)
        self._memories = {
            id_: memory._replace(objects=BESIDE_UPTIME, options_first=True)
            for id_, memory in self._memories.items()
            if memory.booted_at is not None and BESIDE_UPTIME.items() <= (memory.objects or {}).items()
        }
        self._steps = STEPS_A_PAGE - 1
        self._step()  # the first page is made whole, every later one from what changed
        gc.set_threshold(10_000, 20, 1_000)  # this and the setting aside as the monitor does it
        _set_aside()
        return tuple(self._memories)

    async def check(self, checks: int, concurrency: int, probes: Sequence[str]) -> None:
        """Hold so many checks. Raises CheckFailed at the first that finds fault."""

        async def full_check(id_: str) -> None:
            for name in probes:
                result = await self._probe(id_, name, ASKED[name])
                _insist(result, name)
                self._take(result)
            self._ended += 1
            if self._ended % CHECKS_A_STEP == 0:
                self._step()

        await in_parallel(full_check, itertools.islice(itertools.cycle(self._memories), checks), concurrency)
        self._step()

    async def _first_contact(self, id_: str) -> None:
        for name in ASKED:
            await self._probe(id_, name, ASKED[name], requests=16)

    async def _probe(self, id_: str, name: str, rungs: frozenset[Rung], requests: int = 8) -> Result:
        device = self._inventory.devices[id_]
        ask = Ask(rungs, tuple(self._inventory.cameras[camera] for camera in device.cameras), requests)
        memory = self._memories[id_]
        result = await run_probe(name, PROBES[name], device, ask, memory, CLOCKS, self._rates.deadlines)
        if result.learnt:
            self._memories[id_] = memory._replace(**result.learnt)
        return result

    def _take(self, result: Result) -> None:
        self._verdicts.append(result.verdict)
        self._journal.add(result.conversation)
        self._metrics.count(result.verdict)

    def _step(self) -> None:
        """Turn the crank once, as a monitor does each second: its clock goes on by one second each time."""
        verdicts, self._verdicts = self._verdicts, []
        self._now += 1.0
        self._steps += 1
        self._fleet, events = fleets.step(self._fleet, verdicts, self._now)
        self.events += len(events)
        self._snapshot = publish(self._fleet, self._fleet.seq, self._snapshot)
        if self._steps % STEPS_A_PAGE == 0:
            b"".join(self._page.render(self._snapshot))
        if self._steps % STEPS_A_HEARTBEAT == 0:
            _set_aside()


def _set_aside() -> None:
    gc.collect()
    gc.freeze()


def _insist(result: Result, name: str) -> None:
    good = {finding.rung for finding in result.verdict.findings if finding.outcome is Outcome.OK}
    if not good >= GOOD[name] or result.verdict.requests != REQUESTS[name]:
        raise CheckFailed(f"{result.verdict.requests} requests, {result.verdict}")
