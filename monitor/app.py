"""The composition root: the only module that knows everything. It builds the parts, turns the crank once a second, and
takes the parts down again.

    inventory ─▶ scheduler ─▶ verdicts ─▶ fleet.step ─▶ ledger ─▶ snapshot ─▶ pages, /metrics
"""

from __future__ import annotations

import asyncio
import gc
import logging
import resource
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from aiohttp import web

from exporters.prometheus import CONTENT_TYPE, Page
from exporters.selfmetrics import SelfMetrics
from monitor.core import asset, schedule_json
from monitor.core import fleet as fleets
from monitor.core.acknowledgement import Acknowledgement, acknowledged, withdrawn
from monitor.core.calendar import Calendar, Entry
from monitor.core.calendar_changes import differences
from monitor.core.diagnosis.blindness import slept
from monitor.core.diagnosis.updates import Updates
from monitor.core.diagnosis.watch import Watch
from monitor.core.event import AssetEvent, ConfigEvent, DeviceEvent, Event, Heartbeat, NoteEvent, ScheduleEvent
from monitor.core.fleet import Fleet
from monitor.core.handover import Handover, Shift
from monitor.core.health import CONFIRMATIONS
from monitor.core.limits import MOST_FAILURES, ClearedAlready, Doubt
from monitor.core.locktime import KEY as CLOCK
from monitor.core.model import Device, Holder, Inventory
from monitor.core.planned import Timetable
from monitor.core.replacement import NothingToAccept, replaced
from monitor.core.schedule import Rates, phase
from monitor.core.sla import contract_changes
from monitor.core.sla.contract import Contract
from monitor.core.sla.terms import to_json
from monitor.core.snapshot import Change, Snapshot, publish
from monitor.core.state import State
from monitor.core.survey import Draft, Survey, changes, following
from monitor.core.times import Clock
from monitor.core.verdict import REASONS, Outcome, Reason, Rung, Verdict
from monitor.inventory import Changes, InventoryError, diff, load, load_beside
from monitor.ledger import (
    acknowledgements,
    assets,
    calendars,
    causes,
    contracts,
    equipment,
    firmware,
    history,
    identities,
    news,
    surveys,
)
from monitor.ledger.delivery import Couriers
from monitor.ledger.kept import Kept
from monitor.ledger.ledger import Ledger
from monitor.ledger.logins import DEVICE
from monitor.ledger.reader import Reader
from monitor.ledger.shift import handed_over
from monitor.probes import trust
from monitor.probes.base import Clocks, Result
from monitor.probes.machine import SYSTEM_CLOCKS
from monitor.probes.memory import Memory, from_json
from monitor.probes.transcript import Journal
from monitor.probes.traps import Traps
from monitor.scheduler import Scheduler, budget, locktime
from monitor.scheduler import look as looks
from monitor.scheduler.canaries import Canaries
from monitor.scheduler.checks import Checks
from monitor.scheduler.look import Event as LookEvent
from monitor.scheduler.loop import TooManyLooks
from monitor.scheduler.rotation import Rotations, new_logins
from monitor.scheduler.station import Station
from monitor.web import accepting, acknowledging, logins, probing, surveying
from monitor.web.acknowledging import Word
from monitor.web.feed import Feed
from monitor.web.server import create_app
from monitor.web.sources import Archive
from monitor.web.tokens import Tokens

log = logging.getLogger("camfleet")

STEP_S = 1.0
HEARTBEAT_S = 60.0
#: How often a checkpoint of the ledger is signed; what failed is tried again sooner.
SEAL_S = 3600.0
SEAL_AGAIN_S = 60.0
#: Once in so many heartbeats all garbage is looked for, also among what had been set aside.
HEARTBEATS_TO_COLLECT = 60
#: Descriptors that are not for conversations: the web server's connections, the ledger, the rest of the process.
KEPT_DESCRIPTORS = 300
#: How long the web server waits for its readers when the monitor ends.
FAREWELL_S = 0.5
#: How long the holders of checkpoints have to take the last one.
HAND_OVER_S = 1.0

#: Where the ledger's memory says under which address a running monitor answers; gone when it ends.
LISTEN = "listen"
#: Where it keeps the rates of the newest run.
SCHEDULE = "schedule"
#: What is logged of a camera that came into a state.
NEWS = {
    State.UP: "works",
    State.DEGRADED: "works, with a fault",
    State.UNREACHABLE: "is cut off",
    State.DOWN: "does not work",
    State.UNKNOWN: "cannot be judged",
}


@dataclass(frozen=True, slots=True)
class Listen:
    """Where the web server listens, and who may read."""

    host: str = "127.0.0.1"
    port: int = 8480
    tokens: Tokens | None = None


class Monitor:
    """One running monitor. ``run`` returns when ``stop`` is set."""

    def __init__(
        self,
        inventory: Inventory,
        rates: Rates,
        ledger: Ledger,
        clocks: Clocks = SYSTEM_CLOCKS,
        calendar: Calendar | None = None,
        terms: Mapping[str, Contract] | None = None,
    ) -> None:
        self.inventory = inventory
        self.calendar = calendar or Calendar()
        self.rates = rates
        self.ledger = ledger
        before = ledger.restored
        self._lock_time, carried = locktime.taken_up(before.memory, clocks)
        memory = {**before.memory, **carried}
        self.clocks = clocks = clocks._replace(ahead_s=self._lock_time.ahead_s)
        self.feed = Feed()
        self.journal = Journal()
        self.metrics = SelfMetrics(version("camfleet"))
        self._canaries = Canaries(inventory, clocks)
        self._news: tuple[Change, ...] = news.restored(before.memory)
        self._watch = Watch(Updates(firmware.restored(before.memory)), equipment.restored(before.memory))
        known, open_causes = identities.restored(before.memory), causes.restored(before.memory)
        answered = acknowledgements.restored(before.memory)
        self.fleet: Fleet = fleets.start(
            inventory, rates, before.cameras, before.standings, known, open_causes, answered
        )
        self._kept: tuple[Kept[Any], ...] = (
            Kept(lambda: self.fleet.identities, identities.changes, known),
            Kept(lambda: self.fleet.causes, causes.changes, open_causes),
            Kept(lambda: self.fleet.acknowledgements, acknowledgements.changes, answered),
            Kept(lambda: self._watch.updates.known, firmware.changes, self._watch.updates.known),
            Kept(lambda: self._watch.equipment, equipment.changes, self._watch.equipment),
        )
        self.stop = asyncio.Event()
        self._reloading = asyncio.Lock()
        self._rotations = Rotations(clocks.wall)
        self._rotating: asyncio.Task[None] | None = None
        self._memories = _memories(memory)
        self._surveys = surveys.restored(before.memory)
        self._listed: Mapping[str, asset.Listed] = assets.restored(before.memory)
        self._buckets = budget.restored(memory, clocks.monotonic(), clocks.ahead)
        self._scheduler = Scheduler(rates, clocks, self._on_result, most_in_flight=_conversations())
        self._checks = Checks(before.memory)
        self._verdicts: list[Verdict] = []
        self._events: list[Event] = []
        self._memory: dict[str, Any] = dict(carried)
        self._probes: dict[str, int] = {}
        self._heartbeat_at = -HEARTBEAT_S
        self._stepped_at = (clocks.wall(), clocks.monotonic())
        self._heartbeats = 0
        self._collect_at = HEARTBEATS_TO_COLLECT
        self._loop_delay_s = 0.0
        self._timetable = Timetable()
        self._snapshot: Snapshot | None = None
        self._recording = True
        self._couriers = Couriers()
        self._couriers_said: dict[str, str | None] = {}
        self._seal_due = clocks.monotonic() + _seal_in_s(ledger, clocks.wall())
        self._wrong_since: float | None = None
        self._said: dict[str, str] = {}
        self._addresses: tuple[Inventory | None, Mapping[str, Iterable[str]]] = (None, {})
        self.metrics.watch(ledger)
        self.metrics.watch_checkpoints(self._sealed_at, self._undelivered)
        self.metrics.reloaded(True, clocks.wall())
        self._plan(self.calendar, calendars.restored(ledger.restored.memory))
        self._agree(terms or {}, contracts.restored(ledger.restored.memory))
        self._mind_changed_secrets()

    @property
    def snapshot(self) -> Snapshot | None:
        return self._snapshot

    # The crank -----------------------------------------------------------------------------------

    async def run(self) -> None:
        """Watch until ``stop`` is set, then end every conversation politely and write what waits."""
        self._events += self.ledger.restored.gaps(self.clocks.wall())
        changes = Changes(started=frozenset(self.inventory.devices))
        self._events.append(_config(self.inventory, changes, self.ledger.restored.cameras, self.clocks))
        self._list(self.inventory, asset.differences(self._listed, asset.Rows(self.inventory), self.clocks.wall()))
        self._record_rates()
        self.ledger.taken_up()
        self._take_up()
        self._scheduler.add(self.inventory, self.inventory.devices.values(), self._memories, self._buckets)
        for device, survey in self._surveys.items():
            self._scheduler.put_off_survey(device, survey.at - self.clocks.wall())
        self._stepped_at = self.clocks.wall(), self.clocks.monotonic()
        gc.disable()
        _set_aside(everything=True)
        self._couriers.use(self._holders())
        await self._canaries.start()
        try:
            await self._turn()
        finally:
            await self._canaries.close()
            gc.enable()
            gc.unfreeze()
            if self._rotating is not None:
                await asyncio.wait({self._rotating})
            await self._scheduler.close()
            self._heartbeat_at = -HEARTBEAT_S  # the last step says until when somebody was looking
            self._memory[LISTEN] = None
            self._memory |= {budget.PREFIX + id_: left for id_, left in self._budgets()}
            self._step()
            self.ledger.append((), self.fleet.cameras, self._memory, self.fleet.standings)  # the news of the last step
            self.ledger.seal(self.clocks.wall())
            unrecorded = await asyncio.to_thread(self.ledger.close)
            if self.ledger.sealed is not None:
                self._couriers.offer(self.ledger.sealed.note)
            await asyncio.to_thread(self._couriers.close, HAND_OVER_S)
            if unrecorded:
                log.error("%d events could not be recorded before the end", unrecorded)

    def _budgets(self) -> Iterator[tuple[str, Any]]:
        """Yield what is left of each device's budgets, for whoever asks it next."""
        for id_, station in self._scheduler.stations.items():
            yield id_, budget.to_json(station.buckets, self.clocks.ahead)

    async def _turn(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while not self.stop.is_set():
            self._loop_delay_s = max(0.0, loop.time() - due)
            await self._draw_up()
            self._step()
            due = max(due + STEP_S, loop.time())
            await self._rest(due - STEP_S / 2)
            self._tidy()
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

    def _step(self) -> None:
        """Take the verdicts of the last second in and publish what they mean."""
        verdicts, self._verdicts = self._verdicts, []
        now, steady = self.clocks.wall(), self.clocks.monotonic()
        asleep = slept(self._stepped_at[0], now, self._stepped_at[1], steady)
        self._stepped_at = now, steady
        heard = self._canaries.heard
        self.fleet, events = self._watch.step(self.fleet, verdicts, now, heard, asleep=asleep)
        events = [*self._events, *events, *self._rotations.events()]  # what came between two steps came first
        self._events = []
        if self.clocks.monotonic() >= self._heartbeat_at + HEARTBEAT_S:
            self._heartbeat_at = self.clocks.monotonic()
            events.append(Heartbeat(now, "central", self._probes))
            self._probes = {}
            self._heartbeats += 1
        for kept in self._kept:
            self._memory |= kept.due()
        self._mind_wall_clock()
        for station in self._scheduler.told(self.fleet, {verdict.device for verdict in verdicts}, now):
            self._memory[DEVICE + station.device.id] = station.memory.to_json()
        seq = self.ledger.append(events, self.fleet.cameras, self._memory, self.fleet.standings)
        self._memory = {}
        self.fleet = replace(self.fleet, seq=seq)
        load = self._scheduler.load()
        self.metrics.pace(load.lag_s, load.in_flight, self._loop_delay_s)
        figures = {"lag_s": load.lag_s, "in_flight": float(load.in_flight), "loop_delay_s": self._loop_delay_s}
        self._mind_recording()
        self._mind_checkpoints()
        self._mind_logins()
        self._timetable = self._timetable.at(self.calendar, self.inventory, now)
        planned = self._timetable.planned
        self._snapshot = publish(
            self.fleet, self.ledger.recorded_seq, self._snapshot, figures, planned, self._news, heard
        )
        self._memory |= news.changes(self._news, self._snapshot.changes)
        self._news = self._snapshot.changes
        self.feed.publish(self._snapshot)
        _tell_changes(self._snapshot)

    def _take_up(self) -> None:
        """Go on with the open causes, over another inventory or after a restart."""
        self._memory[causes.OWNERS] = dict(self.inventory.owners)
        self.fleet, events = self._watch.begin(self.fleet, self.clocks.wall())
        self._events += events

    def _list(self, inventory: Inventory, events: Sequence[AssetEvent]) -> None:
        """Record what an inventory that comes into force changes in the rows of its cameras."""
        self._listed = asset.Rows(inventory)
        self._events += events
        self._memory |= assets.changes(events)

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
        _set_aside(everything)

    def _on_result(self, station: Station, result: Result) -> None:
        """Take a finished conversation from the scheduler."""
        verdict = self._rotations.heard(station.device, result.verdict)
        self._verdicts.append(verdict)
        self._probes[verdict.probe] = self._probes.get(verdict.probe, 0) + 1
        self.journal.add(result.conversation)
        self.metrics.count(verdict)
        if result.survey is not None and result.survey.is_over:
            self._surveyed(verdict.device, result.survey, verdict.at)
        if result.learnt:
            self._memory[DEVICE + verdict.device] = station.memory.to_json()
        if not station.cameras:
            self._tell_device(verdict)
        if refused := refusals(result):
            self.metrics.refused(verdict.probe)
            self._events += refused  # an event is written at once, and the login lock with it
        self._events += trust.events(result)

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

    def _mind_checkpoints(self) -> None:
        """Have a checkpoint signed when it is time, take it to who keeps it, and log what fails in that."""
        if self.clocks.monotonic() >= self._seal_due:
            self._seal_due = self.clocks.monotonic() + SEAL_S
            self.ledger.seal(self.clocks.wall())
        elif self.ledger.unsealed is not None:
            self._seal_due = min(self._seal_due, self.clocks.monotonic() + SEAL_AGAIN_S)
        if self.ledger.sealed is not None:
            self._couriers.offer(self.ledger.sealed.note)
        for holder, failing in self._undelivered().items():
            before = self._couriers_said.get(holder)
            if failing != before:
                log.log(logging.ERROR if failing else logging.WARNING, "%s", failing or f"{holder}: has got it")
            self._couriers_said[holder] = failing

    def _undelivered(self) -> dict[str, str | None]:
        """Say why a checkpoint is not signed, or not where it should be, by who should have it."""
        unsealed = self.ledger.unsealed
        return {
            "the signature": f"No checkpoint can be signed: {unsealed}" if unsealed else None,
            **self._couriers.failing,
        }

    def _sealed_at(self) -> float | None:
        return self.ledger.sealed.at if self.ledger.sealed is not None else None

    def _holders(self) -> list[Holder]:
        """Return who gets checkpoints: a file beside the ledger, and whom the inventory names."""
        beside = self.ledger.path.absolute()
        return [Holder("beside the ledger", file=f"{beside}-checkpoints"), *self.inventory.holders]

    def _mind_changed_secrets(self) -> None:
        """Put on trial what was changed since the last run."""
        changed = self._checks.changed(self._rotations.in_force(self.inventory))
        for device in self.inventory.devices.values():
            if device.credential is not None and device.credential.name in changed:
                self._memories[device.id] = self._memories.get(device.id, Memory()).with_another_login()
        self.inventory = self._rotations.begin(self.inventory, sorted(changed), self._fitness)
        self._keep_checks()

    def _keep_checks(self) -> None:
        """Keep checks of the logins that are in force now."""
        self._memory |= self._checks.keep(self._rotations.in_force(self.inventory), self._rotations.names)

    def _mind_logins(self) -> None:
        """Put a changed login into force once its canary has accepted it, the old one back where it was refused."""
        self.metrics.logins(self._rotations.on_trial, len(self._rotations.held))
        if (self._rotating is None or self._rotating.done()) and not self._reloading.locked():
            inventory = self._rotations.due()
            if inventory is not None:
                self._rotating = asyncio.create_task(self._rotate(inventory))

    async def _rotate(self, inventory: Inventory) -> None:
        async with self._reloading:
            await self._use(inventory)

    def trouble(self) -> str | None:
        """Say in a sentence what an operator has to mend at the monitor, or None."""
        return self.health() or self._inventory_trouble() or self._rotations.trouble()

    def _inventory_trouble(self) -> str | None:
        """Say in a sentence that the newest inventory was refused, or None."""
        if self._wrong_since is None:
            return None
        since = Clock(self.clocks.wall()).moment(self._wrong_since)
        return (
            f"Inventory, calendar or contracts on disk have been wrong since {since}:"
            " the fleet of before is still watched; the log names every mistake."
        )

    def health(self) -> str | None:
        """Say in a sentence what keeps the monitor from recording, or from proving what it records, or None."""
        return self._unrecorded() or next(filter(None, self._undelivered().values()), None)

    def _unrecorded(self) -> str | None:
        failing = self.ledger.failing
        return f"The ledger cannot be written: {failing}" if failing else None

    # What people ask -----------------------------------------------------------------------------

    def listens(self, url: str) -> None:
        """Note where this monitor answers, so that ``camfleet probe`` beside the same ledger asks through it."""
        self._memory[LISTEN] = url

    async def look(self, camera: str, clear_lock: bool) -> AsyncIterator[LookEvent]:
        """Ask a camera now, and yield what happens. Raises probing.Unavailable."""
        known = self.inventory.cameras.get(camera)
        if known is None or known.device not in self._scheduler.stations:
            raise probing.Unavailable("The inventory is just being loaded anew; try again.")
        if clear_lock:
            self._clear_lock(known.device)
        try:
            look = self._scheduler.look(known)
        except TooManyLooks:
            raise probing.Unavailable("Too many cameras are being looked at; try again in a few seconds.") from None
        yield looks.looking(known, self.inventory.devices[known.device])
        async for event in look.follow():
            yield event

    def _clear_lock(self, device: str) -> None:
        """Let a login be tried again, by a person's word. Raises probing.Unavailable."""
        try:
            cleared = self._scheduler.clear_lock(device)
        except ClearedAlready as already:
            again_s = max(1.0, already.at - self.clocks.lock_time())
            raise probing.Unavailable(cleared_already(already, self.clocks), again_s) from None
        if cleared:
            self._events.append(lock_cleared(self.clocks.wall(), device))
            self._memory[DEVICE + device] = self._scheduler.stations[device].memory.to_json()

    def doubt(self, camera: str) -> Doubt | None:
        """Return what is open about our login at a camera's device, by the wall clock."""
        known = self.inventory.cameras.get(camera)
        station = self._scheduler.stations.get(known.device) if known is not None else None
        return station.memory.login.doubt(self.clocks.set_s) if station is not None else None

    def survey(self, camera: str) -> Survey | None:
        """Return the newest survey of a camera's device."""
        known = self.inventory.cameras.get(camera)
        return self._surveys.get(known.device) if known is not None else None

    def survey_now(self, camera: str) -> None:
        """Begin a survey of a camera's device, at the pace that its budget allows."""
        known = self.inventory.cameras.get(camera)
        if known is not None:
            self._scheduler.survey(known.device)

    def survey_obstacle(self, camera: str) -> str:
        """Say why no survey of a camera's device can go on; nothing where one can."""
        known = self.inventory.cameras.get(camera)
        return self._scheduler.survey_obstacle(known.device) if known is not None else ""

    def _surveyed(self, device: str, draft: Draft, at: float) -> None:
        """Keep a survey that is over, and tell what differs from the one before."""
        before = self._surveys.get(device)
        now = self._surveys[device] = following(before, draft, at)
        self._memory[surveys.PREFIX + device] = surveys.to_json(now)
        if before is not None:
            cameras = self.inventory.devices[device].cameras if device in self.inventory.devices else ()
            for change in changes(before.parts, now.parts):
                self._events += [DeviceEvent(at, device, change.what, change.detail, camera) for camera in cameras]

    def archive(self) -> Archive:
        """Return what the pages may ask of the ledger."""
        return Archive(self._history, self._handed_over)

    def _history(self, cause: str) -> list[Event]:
        with Reader.open(self.ledger.path) as reader:
            return history.of_cause(reader, cause)

    def _handed_over(self, shift: Shift) -> Handover:
        with Reader.open(self.ledger.path) as reader:
            return handed_over(reader, shift)

    def accept(self, camera: str, by: str, reason: str) -> list[str]:
        """Take what answers for a camera as its own, and return what is recorded. Raises Refused.

        That is another device, another certificate, or a login weaker than before.
        """
        if camera not in self.inventory.cameras:
            raise accepting.Refused("The inventory is just being loaded anew; try again.")
        if recorded := self._trust(self.inventory.cameras[camera].device, by):
            return [f"{camera}: {event.what}: {event.detail}" for event in recorded]
        try:
            self.fleet, events = replaced(self.fleet, camera, by, reason, self.clocks.wall())
        except NothingToAccept as nothing:
            raise accepting.Refused(str(nothing)) from None
        self._events += events
        device = self.inventory.cameras[camera].device
        memory = self._scheduler.forget(device)
        self._surveys.pop(device, None)
        self._memory[surveys.PREFIX + device] = None
        if memory is not None:
            self._memory[DEVICE + device] = memory.to_json()
        return [f"{event.camera}: {event.detail}" for event in events if isinstance(event, DeviceEvent)]

    def _trust(self, device: str, by: str) -> list[DeviceEvent]:
        """Trust the certificate and the login that a device shows now; none: nothing was open."""
        station = self._scheduler.stations.get(device)
        if station is None:
            return []
        memory, events = trust.accepted(station.device, station.memory, by, self.clocks.wall())
        if events:
            station.memory = memory
            self._memory[DEVICE + device] = memory.to_json()
            self._events += events
        return events

    def acknowledge(self, word: Word) -> Acknowledgement:
        """Take a person's word that a cause is known, and return what holds. Raises NotAcknowledged."""
        now = self.clocks.wall()
        until = word.until if word.until is not None else now + word.hours * 3600
        event = acknowledged(self.fleet.causes, word.cause, word.by, word.owner, word.reason, until, now)
        self._note(event)
        return self.fleet.acknowledgements[word.cause]

    def withdraw(self, word: Word) -> Acknowledgement:
        """Take an acknowledgement back, and return what held. Raises NotAcknowledged."""
        before = self.fleet.acknowledgements
        self._note(withdrawn(before, word.cause, word.by, word.reason, self.clocks.wall()))
        return before[word.cause]

    def _note(self, event: NoteEvent) -> None:
        self.fleet = fleets.noted(self.fleet, [event])
        self._events.append(event)

    def traps(self) -> Traps:
        """Return a listener whose traps have this monitor ask their devices soon."""
        return Traps(self._at_address, self._scheduler.hurry, self.clocks.monotonic)

    def _at_address(self, address: str) -> Iterable[str]:
        """Return the devices that the inventory has at an address."""
        if self._addresses[0] is not self.inventory:
            at: dict[str, list[str]] = {}
            for device in self.inventory.devices.values():
                at.setdefault(device.host, []).append(device.id)
            self._addresses = self.inventory, at
        return self._addresses[1].get(address.removeprefix("::ffff:"), ())

    # Another inventory ---------------------------------------------------------------------------

    async def reload(
        self, path: Path, environ: Mapping[str, str], calendar: Path | None = None, terms: Path | None = None
    ) -> None:
        """Load inventory, calendar and contracts anew: all or nothing; only what changed is stopped and started."""
        async with self._reloading:
            await self._reload(path, environ, calendar, terms)

    async def _reload(self, path: Path, environ: Mapping[str, str], calendar: Path | None, terms: Path | None) -> None:
        try:
            inventory = await asyncio.to_thread(load, path, environ)
            planned, agreed = await asyncio.to_thread(load_beside, path, inventory, calendar, terms)
        except InventoryError as error:
            mistakes = str(error).splitlines()
            log.error(
                "the new inventory, calendar or contracts have %s; the old ones stay in force",
                counted(len(mistakes), "mistake"),
            )
            for mistake in mistakes:
                log.error("%s", mistake)
            self.metrics.reloaded(False, self.clocks.wall())
            self._wrong_since = self._wrong_since or self.clocks.wall()
            return
        self._wrong_since = None
        changes = await self._use(self._rotations.load(inventory, self.inventory, self._fitness))
        self._plan(planned, self.calendar.entries)
        self._agree(agreed, self._terms)
        self.metrics.reloaded(True, self.clocks.wall())
        log.info(
            "inventory reloaded: %s started, %d stopped, %d changed%s",
            counted(len(changes.started), "device"),
            len(changes.stopped),
            len(changes.changed),
            _canaries(inventory),
        )

    def _plan(self, calendar: Calendar, known: Mapping[str, Entry]) -> None:
        """Have this calendar in force from now on, and record what it changes."""
        events = differences(known, calendar, self.clocks.wall())
        self.calendar = calendar
        self._events += events
        self._memory |= calendars.changes(events)
        for event in events:
            late = f", back to {Clock(event.at).moment(event.effective)}" if event.backdated else ""
            log.log(logging.WARNING if late else logging.INFO, "calendar: %s %s%s", event.entry, event.what, late)

    def _agree(self, terms: Mapping[str, Contract], known: contract_changes.Known) -> None:
        """Have these terms in force from now on, and record what they change."""
        events = contract_changes.differences(known, terms, self.clocks.wall())
        self._terms = {id_: to_json(contract) for id_, contract in terms.items()}
        self._events += events
        self._memory |= contracts.changes(events)
        for event in events:
            log.info("contract: %s %s", event.contract, event.what)

    async def _use(self, inventory: Inventory) -> Changes:
        """Watch by this inventory from now on."""
        changes = diff(self.inventory, inventory)
        rows, now = asset.Rows(inventory), self.clocks.wall()
        listed = await asyncio.to_thread(asset.differences, self._listed, rows, now)
        stations = dict(self._scheduler.stations)
        await self._scheduler.remove(changes.stopped | changes.changed)
        self._memories |= {id_: station.memory for id_, station in stations.items()}
        self._buckets |= {id_: station.buckets for id_, station in stations.items()}
        for id_ in new_logins(self.inventory, inventory, changes.changed):
            self._memories[id_] = self._memories.get(id_, Memory()).with_another_login()
        known, self.inventory = self.inventory.cameras, inventory
        self._canaries.use(inventory)
        self._couriers.use(self._holders())
        self.fleet = fleets.reload(self.fleet, inventory)
        fresh = [inventory.devices[id_] for id_ in sorted(changes.started | changes.changed)]
        self._scheduler.add(inventory, fresh, self._memories, self._buckets)
        self.journal.forget(changes.stopped)
        self._events.append(_config(inventory, changes, known, self.clocks))
        self._list(inventory, listed)
        self._take_up()
        self._keep_checks()
        return changes

    def _fitness(self, device: Device) -> tuple[bool, int, bool, int, str]:
        """Say how fit a device is to try a new login: it may be asked now, its login worked, and few depend on it."""
        station = self._scheduler.stations.get(device.id)
        login = (station.memory if station else self._memories.get(device.id, Memory())).login
        healths = [self.fleet.cameras[id_] for id_ in device.cameras if id_ in self.fleet.cameras]
        answers = any(one[Rung.REACHABLE].outcome is Outcome.OK for one in healths)
        accepted = any(one[Rung.CREDENTIALS].outcome is Outcome.OK for one in healths)
        may_try = answers and len(login.recent(self.clocks.lock_time())) < MOST_FAILURES
        return not may_try, len(login.in_a_row), not accepted, len(device.cameras), device.id


def _canaries(inventory: Inventory) -> str:
    """Return the canaries of an inventory by name, to be put behind a sentence; nothing where it has none."""
    return f"; canaries: {', '.join(one.id for one in inventory.canaries)}" if inventory.canaries else ""


def refusals(result: Result) -> list[Event]:
    """Return the event of a login that a device refused, if this probe showed one."""
    if not result.refused:
        return []
    verdict = result.verdict
    refusing = (Reason.CREDENTIALS, Reason.BUSY)
    detail = next((finding.detail for finding in verdict.findings if finding.reason in refusing), "")
    return [DeviceEvent(verdict.at, verdict.device, "login refused", detail)]


def lock_cleared(at: float, device: str) -> DeviceEvent:
    """Return the event of an operator who lets logins be tried again."""
    return DeviceEvent(at, device, "login lock cleared", "an operator lets a login be tried again")


def cleared_already(already: ClearedAlready, clocks: Clocks) -> str:
    """Return in two sentences why a login lock is not cleared, and when it can be."""
    clock = Clock(clocks.wall())
    before, at = (clock.moment(moment + clocks.set_s) for moment in (already.cleared_at, already.at))
    return (
        f"Its login lock was cleared at {before} already, and the login was refused again. So that no account is"
        f" locked, it can be cleared once an hour, next at {at}. Another password in the inventory is tried at once."
    )


def counted(number: int, noun: str) -> str:
    """Return a number of things: 1 device, 1,800 devices."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def first_verdicts_s(devices: Iterable[str], rates: Rates) -> tuple[float, float]:
    """Return when the first camera is judged after the start, and when all are: a fault takes three looks."""
    contacts = [phase(id_, rates.spread_s) for id_ in devices]
    rule = CONFIRMATIONS[Rung.REACHABLE]
    looks_s = rule.failures * (rule.spacing_s + rates.deadlines.reply_s)
    return min(contacts, default=0.0) + rates.deadlines.reply_s, max(contacts, default=0.0) + looks_s


def _tell_changes(snapshot: Snapshot) -> None:
    """Log the cameras that came into another state with this snapshot; a first look that finds all well is no news."""
    for change in snapshot.changes:
        if change.at != snapshot.at:
            return
        state, reason = change.now.state, change.now.reason
        if change.before is State.UNKNOWN and state is State.UP:
            continue
        why = f": {REASONS[reason].title}" if reason else ""
        level = logging.WARNING if state.working is False else logging.INFO
        log.log(level, "%s %s%s", change.camera, NEWS[state], why)


def _config(inventory: Inventory, changes: Changes, known: Iterable[str], clocks: Clocks) -> ConfigEvent:
    """Return the event of an inventory that comes into force; ``known`` are the cameras until then."""
    counts = (len(changes.started), len(changes.stopped), len(changes.changed))
    before, now = set(known), set(inventory.cameras)
    came, left = tuple(sorted(now - before)), tuple(sorted(before - now))
    return ConfigEvent(clocks.wall(), inventory.digest, *counts, came, left)


def _seal_in_s(ledger: Ledger, now: float) -> float:
    """Return in how many seconds the next checkpoint is due; a clock that was set back is no reason to wait."""
    since = now - ledger.sealed.at if ledger.sealed is not None else SEAL_S
    return SEAL_S - since if 0 <= since < SEAL_S else 0.0


def _memories(stored: Mapping[str, Any]) -> dict[str, Memory]:
    """Return what earlier runs learnt of the devices."""
    kept = {key.removeprefix(DEVICE): value for key, value in stored.items() if key.startswith(DEVICE)}
    return {device: from_json(value) for device, value in kept.items() if isinstance(value, dict)}


def _set_aside(everything: bool) -> None:
    """Collect garbage among what is new, or everywhere, and exempt what is left from the next collections.

    Nearly all of it goes by its reference count; walking through a minute's worth of it stops the loop for a fifth of a
    second, through a second's worth for some milliseconds. The collector's own thresholds count what came less what
    went, which says nothing about how much is new where everything is replaced all the time.
    """
    if everything:
        gc.unfreeze()
        gc.collect()
    else:
        gc.collect(0)
    gc.freeze()


def _conversations() -> int:
    """Raise the soft limit of descriptors to the hard one, and return how many conversations fit it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return max(16, min(1000, hard - KEPT_DESCRIPTORS))


async def serve(monitor: Monitor, listen: Listen) -> web.AppRunner:
    """Start the web server of a monitor. Raises OSError where the port is taken."""
    page = Page(monitor.metrics.collector)
    application = create_app(
        monitor.feed,
        monitor.journal,
        page.render,
        listen.tokens,
        monitor.health,
        trouble=monitor.trouble,
        metrics_type=CONTENT_TYPE,
        names=(listen.host,),
        archive=monitor.archive(),
    )
    probing.register(application, monitor.look)
    accepting.register(application, monitor.accept)
    acknowledging.register(application, monitor.acknowledge, monitor.withdraw)
    logins.register(application, monitor.doubt)
    surveying.register(application, monitor.survey, monitor.survey_now, monitor.survey_obstacle)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=FAREWELL_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, listen.host, listen.port).start()
    except OSError:
        await runner.cleanup()
        raise
    return runner
