"""The crank: once a second verdicts become the fleet, events in the ledger, and the snapshot that is published.

A second of a large fleet is taken in in slices: between two of them conversations have their turn.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from monitor.app.desk import Desk
from monitor.app.telling import config_event, refusals, tell_changes
from monitor.core import schedule_json
from monitor.core.calendar import Calendar
from monitor.core.canary import Canaries
from monitor.core.counting import counted
from monitor.core.diagnosis.blindness import Asleep, slept
from monitor.core.event import DeviceEvent, Heartbeat, ScheduleEvent
from monitor.core.fleet import Fleet
from monitor.core.locktime import KEY as CLOCK
from monitor.core.model import Device, Inventory
from monitor.core.planned import Timetable
from monitor.core.schedule import Rates
from monitor.core.sla.contract import Contract
from monitor.core.snapshot import Snapshot, publish
from monitor.core.survey import Draft, changes, following
from monitor.core.verdict import Outcome, Verdict
from monitor.core.workorder.paging import Paging
from monitor.inventory import Changes
from monitor.ledger import (
    news,
    surveys,
)
from monitor.ledger.ledger import Ledger
from monitor.ledger.logins import DEVICE
from monitor.ledger.reader import LISTEN
from monitor.ledger.turns import Waiting
from monitor.probes import trust
from monitor.probes.base import Clocks
from monitor.probes.machine import SYSTEM_CLOCKS
from monitor.scheduler import budget, locktime
from monitor.scheduler.assignment import Answer, assignments
from monitor.scheduler.budget import Buckets
from monitor.scheduler.mending import next_to_try
from monitor.scheduler.process import apart, exempt, quick_turns, set_aside, set_aside_alone
from monitor.scheduler.told import told_of

log = logging.getLogger("camfleet")

#: Where it keeps the rates of the newest run.
SCHEDULE = "schedule"
STEP_S = 1.0
#: Verdicts a slice: with what follows they take some twenty milliseconds.
SLICE = 400
#: Devices or failures that are judged at a time; it takes as long.
JUDGED = 400
HEARTBEAT_S = 60.0
#: How long the ledger may take at the end to write what waits, at the least, and for each camera.
LEAST_CLOSE_S = 1.5
CLOSE_S = 0.0002
#: Once in so many heartbeats all garbage is looked for, also among what had been set aside.
HEARTBEATS_TO_COLLECT = 60


class Monitor(Desk):
    """One running monitor. ``run`` returns when ``stop`` is set."""

    def __init__(
        self,
        inventory: Inventory,
        rates: Rates,
        ledger: Ledger,
        clocks: Clocks = SYSTEM_CLOCKS,
        calendar: Calendar | None = None,
        terms: Mapping[str, Contract] | None = None,
        paging: Paging | None = None,
        probers: int = 0,
    ) -> None:
        """``probers``: how many processes ask the devices; none: this one does."""
        super().__init__(inventory, rates, ledger, clocks, calendar or Calendar(), self._on_answer, probers)
        self._probes: dict[str, int] = {}
        self._heartbeat_at = -HEARTBEAT_S
        self._stepped_at = (self.clocks.wall(), self.clocks.monotonic())
        self._heartbeats = 0
        self._collect_at = HEARTBEATS_TO_COLLECT
        self._loop_delay_s = 0.0
        self._recording = True
        self._said: dict[str, str] = {}
        self._waiting = Waiting()
        self._timetable = Timetable()
        self._orders.use(paging)
        self._take_over(terms or {})

    async def run(self) -> None:
        """Watch until ``stop`` is set, then end every conversation politely and write what waits."""
        self._events += self.ledger.restored.gaps(self.clocks.wall())
        changes = Changes(started=frozenset(self.inventory.devices))
        self._events.append(config_event(self.inventory, changes, self.ledger.restored.cameras, self.clocks))
        async with self._reloading:
            await self._take_up()
        self._record_rates()
        self.ledger.taken_up()
        now = self.clocks.wall()
        surveyed_s = {device: survey.at - now for device, survey in self._surveys.items()}
        devices = self.inventory.devices.values()
        self._scheduler.add(assignments(self.inventory, devices, self._memories, self._buckets, surveyed_s))
        self._stepped_at = self.clocks.wall(), self.clocks.monotonic()
        try:
            with set_aside_alone():
                await self._watch_on()
        finally:
            await self._write_rest()

    async def _watch_on(self) -> None:
        """Watch until ``stop`` is set, then end what goes on."""
        exempt()
        self._checkpoints.use(self.inventory.holders)
        self.reckoning.use(self.inventory.depots)
        await self._canaries.start()
        try:
            with quick_turns():
                await self._turn()
        finally:
            await self.reckoning.close()
            await self._canaries.close()
            if self._rotating is not None:
                await asyncio.wait({self._rotating})
            left = await self._scheduler.close()
            await self._orders.close()
            self._heartbeat_at = -HEARTBEAT_S  # the last step says until when somebody was looking
            self._memory[LISTEN] = None
            self._keep_budgets(left)
            self._keep(self._waiting.rest())
            await self._step()

    async def _write_rest(self) -> None:
        """Have the ledger write what waits: the news of the last step, and what every camera was seen to do last."""
        self.ledger.append((), self.fleet.cameras, self._memory, self.fleet.standings, is_last=True)
        self.ledger.seal(self.clocks.wall())
        limit_s = max(LEAST_CLOSE_S, len(self.fleet.cameras) * CLOSE_S)
        unrecorded = await asyncio.to_thread(self.ledger.close, limit_s)
        await self._checkpoints.close()
        if unrecorded:
            log.error("%d events could not be recorded before the end", unrecorded)

    def _keep_budgets(self, left: Mapping[str, Buckets]) -> None:
        """Have the ledger keep what is left of each device's budgets, for whoever asks it next."""
        ahead_s = self.clocks.ahead
        self._memory |= {budget.PREFIX + id_: budget.to_json(one, ahead_s) for id_, one in left.items()}

    async def _turn(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while not self.stop.is_set():
            self._loop_delay_s = max(0.0, loop.time() - due)
            await self._draw_up()
            self._tidy()
            await asyncio.sleep(0)  # conversations have their turn between two things that take long
            await self._step()
            due = max(due + STEP_S, loop.time())
            await self._rest(due)

    async def _draw_up(self) -> None:
        """Have the timetable drawn up beside the loop where it is due: ten thousand entries take seconds."""
        now = self.clocks.wall()
        if not self._timetable.is_drawn(self.calendar, self.inventory, now):
            self._timetable = await asyncio.to_thread(self._timetable.at, self.calendar, self.inventory, now)

    async def _rest(self, until: float) -> None:
        """Wait until a moment of the loop's clock, or until ``stop`` is set."""
        with suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                await self.stop.wait()

    async def _step(self) -> None:
        """Take the verdicts of the last second in and publish what they mean; conversations have turns in between."""
        now, steady = self.clocks.wall(), self.clocks.monotonic()
        asleep = slept(self._stepped_at[0], now, self._stepped_at[1], steady)
        self._stepped_at = now, steady
        verdicts, self._verdicts = self._verdicts, []
        heard = self._canaries.heard
        await self._take_in(verdicts, now, heard, asleep)
        with apart():
            self._record(now)
        fleet = self.fleet
        await asyncio.sleep(0)
        with apart():
            snapshot = self._publish(fleet, now, heard)
        await asyncio.sleep(0)
        with apart():
            self.feed.publish(snapshot)
            tell_changes(snapshot)

    async def _take_in(self, verdicts: Sequence[Verdict], now: float, heard: Canaries, asleep: Asleep | None) -> None:
        """Take verdicts in and judge what they mean, slice by slice.

        What follows is put behind what came before it, slice by slice, too: in between another inventory may be loaded.
        """
        for start in range(0, max(1, len(verdicts)), SLICE):
            with apart():
                self._hear(verdicts[start : start + SLICE], now, heard, asleep if start == 0 else None)
            await asyncio.sleep(0)
        while True:
            with apart():
                self.fleet, judged = self._watch.judge(self.fleet, now, JUDGED)
                self._events += judged
            await asyncio.sleep(0)
            if not self._watch.waits(now):
                return

    def _hear(self, verdicts: Sequence[Verdict], now: float, heard: Canaries, asleep: Asleep | None) -> None:
        """Take some of a second's verdicts in."""
        self.fleet, events = self._watch.hear(self.fleet, verdicts, now, heard, asleep)
        self._events += events
        found = {verdict.device: self.fleet.inventory.devices.get(verdict.device) for verdict in verdicts}
        self._scheduler.told([(id_, told_of(self.fleet, one)) for id_, one in found.items() if one is not None], now)

    def _record(self, now: float) -> None:
        """Hand what happened in a second to the ledger."""
        self.fleet, ordered = self._orders.step(self.fleet, self._events, now)
        events = [*self._events, *ordered, *self._rotations.events()]
        self._events = []
        if self.clocks.monotonic() >= self._heartbeat_at + HEARTBEAT_S:
            self._heartbeat_at = self.clocks.monotonic()
            events.append(Heartbeat(now, "central", self._probes))
            self._probes = {}
            self._heartbeats += 1
            self._waiting.beat()
        self._keep(self._waiting.take())
        for kept in self._kept:
            self._memory |= kept.due()
        self._mind_wall_clock()
        seq = self.ledger.append(events, self.fleet.cameras, self._memory, self.fleet.standings)
        self._memory = {}
        self.fleet = replace(self.fleet, seq=seq)
        self._orders.mind(self.fleet, self.ledger, seq)
        self._stepped.set()
        self._stepped = asyncio.Event()

    def _keep(self, devices: Iterable[str]) -> None:
        """Have the ledger remember what is known of these devices; of one that has left, nothing is."""
        watched = self._scheduler.devices
        self._memory |= {DEVICE + id_: self._memories[id_].to_json() for id_ in devices if id_ in watched}

    def _publish(self, fleet: Fleet, now: float, heard: Canaries) -> Snapshot:
        """Make the snapshot of a fleet that was handed to the ledger, and look after the monitor itself."""
        load = self._scheduler.load()
        self.metrics.pace(load.lag_s, load.late_s, load.in_flight, self._loop_delay_s)
        figures = {"lag_s": load.lag_s, "in_flight": float(load.in_flight), "loop_delay_s": self._loop_delay_s}
        self._mind_recording()
        self._checkpoints.mind()
        self.reckoning.mind()
        self._mind_logins()
        self._timetable = self._timetable.at(self.calendar, self.inventory, now)
        planned = self._timetable.planned
        self._snapshot = publish(fleet, self.ledger.recorded_seq, self._snapshot, figures, planned, self._news, heard)
        self._memory |= news.changes(self._news, self._snapshot.changes)
        self._news = self._snapshot.changes
        return self._snapshot

    def _record_rates(self) -> None:
        """Record by which rates everything is asked from now on, where the last run had others."""
        rates = schedule_json.to_json(self.rates)
        if self.ledger.restored.memory.get(SCHEDULE) != rates:
            self._events.append(ScheduleEvent(self.clocks.wall(), rates))
            self._memory[SCHEDULE] = rates

    def _tidy(self) -> None:
        """Look for garbage among what is new since the last step; once an hour, everywhere."""
        everything = self._heartbeats >= self._collect_at
        self._collect_at += HEARTBEATS_TO_COLLECT if everything else 0
        set_aside(everything)

    def _on_answer(self, answer: Answer) -> None:
        """Take what came of a conversation from the scheduler."""
        result, id_ = answer.result, answer.result.verdict.device
        device = self.inventory.devices[id_]
        verdict = self._rotations.heard(device, result.verdict)
        self._verdicts.append(verdict)
        self._probes[verdict.probe] = self._probes.get(verdict.probe, 0) + 1
        self.metrics.count(verdict)
        self._learn(device, answer)
        if result.survey is not None and result.survey.is_over:
            self._surveyed(id_, result.survey, verdict.at)
        if not device.cameras:
            self._tell_device(verdict)
        if refused := refusals(result):
            self.metrics.refused(verdict.probe)
            self._events += refused  # an event is written at once, and the login lock with it
        self._events += trust.events(result)

    def _learn(self, device: Device, answer: Answer) -> None:
        """Take in what is known of a device since a conversation; who took a login again may not be the only one."""
        before, now = self._memories.get(device.id), answer.memory
        self._memories[device.id] = now
        if answer.result.tells:
            self._memory[DEVICE + device.id] = now.to_json()
        elif answer.result.learnt:
            self._waiting.add(device.id)
        if before is not None and before.login.doubted and not now.login.doubted:
            devices = self.inventory.devices.values()
            other = next_to_try(device, devices, self._memories, self.clocks.lock_time())
            if other is not None:
                self._scheduler.encourage(other)

    def _surveyed(self, device: str, draft: Draft, at: float) -> None:
        """Keep a survey that is over, and tell what differs from the one before."""
        before = self._surveys.get(device)
        now = self._surveys[device] = following(before, draft, at)
        self._memory[surveys.PREFIX + device] = surveys.to_json(now)
        if before is not None:
            cameras = self.inventory.devices[device].cameras if device in self.inventory.devices else ()
            for change in changes(before.parts, now.parts):
                self._events += [DeviceEvent(at, device, change.what, change.detail, camera) for camera in cameras]

    def _tell_device(self, verdict: Verdict) -> None:
        """Log what changed at a device without cameras, a switch or a UPS."""
        failure = next((one for one in verdict.findings if one.outcome is Outcome.FAIL), None)
        said = (failure.detail or str(failure.reason)) if failure else "in order"
        if said != self._said.get(verdict.device):
            self._said[verdict.device] = said
            log.log(logging.WARNING if failure else logging.INFO, "%s: %s", verdict.device, said)

    def _mind_wall_clock(self) -> None:
        """Have the ledger remember by how much the wall clock was set."""
        set_s = self.clocks.set_s
        if abs(set_s - self._lock_time.set_s) >= locktime.SET_S:
            self._lock_time = self._lock_time._replace(set_s=set_s)
            self._memory[CLOCK] = self._lock_time.to_json()

    def _mind_recording(self) -> None:
        """Log it when the ledger can no longer be written, and when it can again."""
        obstacle = self._unrecorded()
        if obstacle and self._recording:
            log.error("%s. Watching goes on; what is found waits in memory", obstacle)
        elif not obstacle and not self._recording:
            log.warning("the ledger is written again")
        self._recording = obstacle is None

    def trouble(self) -> str | None:
        """Say in a sentence what an operator has to mend at the monitor, or None."""
        found = self._inventory_trouble, self._probers_trouble, self._rotations.trouble, self.reckoning.trouble
        return self.health() or next(filter(None, (one() for one in found)), None)

    def _probers_trouble(self) -> str | None:
        """Say in a sentence that somebody who should ask does not run, or None."""
        missing = self._scheduler.missing
        if not missing:
            return None
        return f"Not running: {counted(missing, 'prober')}; the devices of that share are not asked. The log says why."

    def health(self) -> str | None:
        """Say in a sentence what keeps the monitor from recording, or from proving what it records, or None."""
        return self._unrecorded() or next(filter(None, self._checkpoints.undelivered().values()), None)

    def _unrecorded(self) -> str | None:
        failing = self.ledger.failing
        return f"The ledger cannot be written: {failing}" if failing else None
