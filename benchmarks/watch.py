"""The product's side: full checks through ``run_probe``, then what a monitor does with their verdicts.

A step, a snapshot and a page belong to seconds, not to checks. They are made as often for a number of checks as a
monitor of 1,800 cameras makes them that checks each camera once a minute: a step and a snapshot for every 30 checks, a
page for every 450 (Prometheus comes every 15 s). The share of a check does not depend on the size of the fleet: both
grow with it. Verdicts bear the time of their step, so that a fleet grows no older than in that monitor.
"""

from __future__ import annotations

import asyncio
import gc
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import uvloop

from benchmarks.checks import Order, Row, shared
from benchmarks.child import Side
from benchmarks.parallel import by_shares, in_parallel
from benchmarks.targets import OBJECTS
from exporters.prometheus import Page
from exporters.selfmetrics import SelfMetrics
from monitor.core import fleet as fleets
from monitor.core.diagnosis.watch import Watch as Diagnosis
from monitor.core.event import Heartbeat
from monitor.core.model import Inventory
from monitor.core.schedule import Rates
from monitor.core.snapshot import Snapshot, publish
from monitor.core.verdict import Outcome, Rung, Verdict
from monitor.inventory import load
from monitor.ledger.ledger import Ledger
from monitor.ledger.logins import DEVICE
from monitor.ledger.turns import Waiting
from monitor.probes.base import Ask, Clocks, Result, run_probe
from monitor.probes.journal import Journal
from monitor.probes.memory import Memory
from monitor.probes.registry import PROBES, RUNGS
from monitor.probes.snmp_shared import Sockets
from monitor.scheduler.process import exempt, set_aside

CLOCKS = Clocks(time.time, time.monotonic)
#: As a scheduler has them.
SOCKETS = Sockets()
CHECKS_A_STEP = 30
STEPS_A_PAGE = 15
STEPS_A_HEARTBEAT = 60
#: First contacts at a time: each counts two seconds of video.
FIRST_CONTACTS = 400
DISK_S = 0.01

#: What a full check asks, how many requests that takes, and what a healthy camera answers with ok.
ASKED = {
    "onvif": RUNGS["onvif"],
    "rtsp": frozenset({Rung.REACHABLE, Rung.STREAM}),
    "snmp": RUNGS["snmp"] - {Rung.IDENTITY},
}
REQUESTS = {"onvif": 2, "rtsp": 3, "snmp": 1}
#: With HTTP Digest a challenge is fetched first.
REQUESTS_BY_DIGEST = {**REQUESTS, "onvif": 3}
GOOD = {
    "onvif": {Rung.REACHABLE, Rung.CONTROL, Rung.CLOCK, Rung.CREDENTIALS, Rung.IDENTITY},
    "rtsp": {Rung.REACHABLE, Rung.CREDENTIALS, Rung.STREAM},
    "snmp": {Rung.REACHABLE, Rung.DEVICE},
}
#: The probe itself always asks for the uptime.
BESIDE_UPTIME = dict(list(OBJECTS.items())[1:])


class CheckFailed(Exception):
    """A check of a healthy camera did not find everything in order: the round says nothing."""


class Acquaintance(NamedTuple):
    """An inventory's devices after the first contact: what was learnt, and the verdicts."""

    inventory: Inventory
    memories: Mapping[str, Memory]
    verdicts: tuple[Verdict, ...]


class Camfleet:
    """The product's side: for each row a fleet of its own, so that none grows old while others are checked."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="camfleet-bench-")
        self._known: dict[Path, Acquaintance] = {}
        self._watches: dict[Row, Watch] = {}

    async def prepare(self, row: Row, inventory: Path) -> None:
        if inventory not in self._known:
            self._known[inventory] = await _first_contacts(load(inventory, os.environ))
        ledger = Path(self._folder.name) / f"{len(self._watches)}.sqlite"
        self._watches[row] = Watch(self._known[inventory], Ledger.open(ledger))
        gc.disable()  # this and the setting aside as the monitor does it
        set_aside(everything=True)

    async def check(self, order: Order) -> None:
        await self._watches[order.row].check(order)

    async def close(self) -> None:
        for watch in self._watches.values():
            await asyncio.to_thread(watch.ledger.close)
        SOCKETS.close()
        self._folder.cleanup()


def camfleet() -> tuple[Side, Callable[[], asyncio.AbstractEventLoop]]:
    return Camfleet(), uvloop.new_event_loop


class Watch:
    """A fleet, what is known of its devices, the ledger that is told of it, and the page that shows it."""

    def __init__(self, known: Acquaintance, ledger: Ledger) -> None:
        self._inventory = known.inventory
        self._rates = Rates()
        self._memories = dict(known.memories)
        self.ledger = ledger
        self._diagnosis = Diagnosis()
        self._now = time.time()
        self._fleet, events = self._diagnosis.begin(fleets.start(known.inventory, self._rates), self._now)
        self._learnt: dict[str, Any] = {DEVICE + id_: memory.to_json() for id_, memory in known.memories.items()}
        ledger.append(events, self._fleet.cameras, {}, self._fleet.standings)
        self._snapshot: Snapshot | None = None
        self._metrics = SelfMetrics("benchmark")
        self._page = Page(self._metrics.collector)
        self._journal = Journal()
        self._verdicts = list(known.verdicts)
        self._probes: dict[str, int] = {}
        self._waiting = Waiting()
        self._steps = STEPS_A_PAGE - 1
        self._ended = 0
        self._step()  # the first page is made whole, every later one from what changed

    async def check(self, order: Order) -> None:
        """Hold a round. Raises CheckFailed at the first check that finds what is not so."""

        async def full_check(id_: str, living: bool) -> None:
            for name in order.row.probes:
                result = await _probe(self._inventory, self._memories, id_, name, ASKED[name])
                _insist(result, name, living, REQUESTS_BY_DIGEST if order.row.login == "digest" else REQUESTS)
                if order.row.kept:
                    self._take(result)
            self._ended += 1
            if order.row.kept and self._ended % CHECKS_A_STEP == 0:
                self._step()

        await by_shares(order, shared(order, list(self._memories)), full_check)
        if order.row.kept:
            self._step()
            self._write_out()

    def _write_out(self) -> None:
        """Wait until the ledger's thread has written what the round led to: it belongs to the round."""
        while self.ledger.recorded_seq < self.ledger.seq:
            time.sleep(DISK_S)

    def _take(self, result: Result) -> None:
        verdict = _dated(result.verdict, self._now)
        self._verdicts.append(verdict)
        self._probes[verdict.probe] = self._probes.get(verdict.probe, 0) + 1
        self._journal.add(result.conversation)
        self._metrics.count(verdict)
        if result.tells:
            self._learnt[DEVICE + verdict.device] = self._memories[verdict.device].to_json()
        elif result.learnt:
            self._waiting.add(verdict.device)

    def _step(self) -> None:
        """Turn the crank once, as a monitor does each second: its clock goes on by one second each time."""
        set_aside(everything=False)
        verdicts, self._verdicts = self._verdicts, []
        self._now += 1.0
        self._steps += 1
        self._fleet, events = self._diagnosis.step(self._fleet, verdicts, self._now)
        events = list(events)
        if self._steps % STEPS_A_HEARTBEAT == 0:
            events.append(Heartbeat(self._now, "central", self._probes))
            self._probes = {}
            self._waiting.beat()
        self._learnt |= {DEVICE + id_: self._memories[id_].to_json() for id_ in self._waiting.take()}
        seq = self.ledger.append(events, self._fleet.cameras, self._learnt, self._fleet.standings)
        self._learnt = {}
        self._fleet = replace(self._fleet, seq=seq)
        self._snapshot = publish(self._fleet, self.ledger.recorded_seq, self._snapshot)
        if self._steps % STEPS_A_PAGE == 0:
            b"".join(self._page.render(self._snapshot))
        exempt()


async def _first_contacts(inventory: Inventory) -> Acquaintance:
    """Learn every device, its video too, and keep of SNMP's objects the five that all sides ask for.

    Raises CheckFailed where a device does not have them all.
    """
    memories = dict.fromkeys(inventory.devices, Memory())
    verdicts: list[Verdict] = []

    async def first_contact(id_: str) -> None:
        for name in inventory.devices[id_].probes:
            rungs = ASKED[name] | ({Rung.MEDIA} if name == "rtsp" else set())
            verdicts.append((await _probe(inventory, memories, id_, name, rungs, requests=16)).verdict)

    await in_parallel(first_contact, iter(list(memories)), FIRST_CONTACTS)
    for id_, memory in memories.items():
        if not BESIDE_UPTIME.items() <= (memory.objects or {}).items():
            raise CheckFailed(f"{id_} has other objects: {memory.objects}")
    kept = {id_: memory._replace(objects=BESIDE_UPTIME, options_first=True) for id_, memory in memories.items()}
    return Acquaintance(inventory, kept, tuple(verdicts))


async def _probe(
    inventory: Inventory,
    memories: dict[str, Memory],
    id_: str,
    name: str,
    rungs: frozenset[Rung],
    requests: int = 8,
) -> Result:
    """Hold one conversation, and remember what it taught."""
    device = inventory.devices[id_]
    ask = Ask(rungs, tuple(inventory.cameras[camera] for camera in device.cameras), requests)
    result = await run_probe(name, PROBES[name], device, ask, memories[id_], CLOCKS, Rates().deadlines, SOCKETS)
    if result.learnt:
        memories[id_] = memories[id_]._replace(**result.learnt)
    return result


def _dated(one: Verdict, at: float) -> Verdict:
    """Return a verdict as of another moment. Written out: what is measured is not how it is dated."""
    told = one.findings, one.measurements, one.requests, one.marks, one.silent_s
    return Verdict(one.device, one.vantage, one.probe, at, one.duration_s, *told)


def _insist(result: Result, name: str, living: bool, requests: Mapping[str, int]) -> None:
    good = {finding.rung for finding in result.verdict.findings if finding.outcome is Outcome.OK}
    wanted = good >= GOOD[name] and result.verdict.requests == requests[name] if living else not good
    if not wanted:
        raise CheckFailed(f"{result.verdict.requests} requests, {result.verdict}")
