"""What people ask of a running monitor, and what they tell it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from monitor.app.reloading import Reloading
from monitor.app.telling import cleared_already, lock_cleared
from monitor.core.acknowledgement import Acknowledgement, acknowledged, withdrawn
from monitor.core.checkpoint import Sealed, VerifierKey
from monitor.core.event import DeviceEvent, Event
from monitor.core.handover import Handover, Shift
from monitor.core.limits import ClearedAlready, Doubt
from monitor.core.replacement import NothingToAccept, replaced
from monitor.core.survey import Survey
from monitor.core.workorder.course import of_cause
from monitor.core.workorder.order import WorkOrder
from monitor.core.workorder.paging import Paging
from monitor.core.workorder.words import Said
from monitor.ledger import (
    history,
    keys,
    order_history,
    surveys,
)
from monitor.ledger.errors import LedgerError
from monitor.ledger.reader import LISTEN, Reader
from monitor.ledger.shift import handed_over
from monitor.probes import trust
from monitor.probes.memory import Memory
from monitor.probes.traps import Traps
from monitor.scheduler import look as looks
from monitor.scheduler.look import Event as LookEvent
from monitor.scheduler.loop import TooManyLooks
from monitor.scheduler.told import survey_obstacle, told_of
from monitor.sheet.oversight import Known
from monitor.web import accepting, probing
from monitor.web.acknowledging import Word
from monitor.web.alerting import Fires, Unrecorded
from monitor.web.sources import Archive

#: So many checkpoints are shown to whoever may see the figures.
NEWEST_CHECKPOINTS = 3
#: How long alerts may wait for the ledger.
RECORDED_S = 8.0


class Desk(Reloading):
    """A monitor as people meet it; the pages and commands call it."""

    def listens(self, url: str) -> None:
        """Note where this monitor answers, so that ``camfleet probe`` beside the same ledger asks through it."""
        self._memory[LISTEN] = url

    async def look(self, camera: str, clear_lock: bool) -> AsyncIterator[LookEvent]:
        """Ask a camera now, and yield what happens. Raises probing.Unavailable."""
        known = self.inventory.cameras.get(camera)
        if known is None or known.device not in self._scheduler.devices:
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
        before = self._memories.get(device, Memory())
        try:
            cleared = before.cleared(self.clocks.lock_time())
        except ClearedAlready as already:
            again_s = max(1.0, already.at - self.clocks.lock_time())
            raise probing.Unavailable(cleared_already(already, self.clocks), again_s) from None
        if cleared != before:
            self._events.append(lock_cleared(self.clocks.wall(), device))
            self._remember(device, cleared)
            self._scheduler.clear_lock(device)

    def doubt(self, camera: str) -> Doubt | None:
        """Return what is open about our login at a camera's device, by the wall clock."""
        known = self.inventory.cameras.get(camera)
        memory = self._memories.get(known.device) if known is not None else None
        return memory.login.doubt(self.clocks.set_s) if memory is not None else None

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
        known = self.fleet.inventory.cameras.get(camera)
        if known is None:
            return ""
        device = self.fleet.inventory.devices[known.device]
        return survey_obstacle(device, told_of(self.fleet, device))

    def archive(self) -> Archive:
        """Return what the pages may ask of the ledger."""
        return Archive(self._history, self._handed_over)

    def books(self) -> Known:
        """Return how the contracts stand, their packs, and what proves them; reads the disk."""
        checkpoints: list[Sealed] = []
        with suppress(LedgerError), Reader.open(self.ledger.path) as reader:
            checkpoints = reader.checkpoints(NEWEST_CHECKPOINTS)
        key: VerifierKey | None = None
        with suppress(LedgerError):
            key = keys.load(self.ledger.path).verifier
        packs = self._shelf.packs([Path(depot.folder) for depot in self.inventory.depots], key)
        reckoning = self.reckoning
        return Known(reckoning.standings, packs, checkpoints, str(key or ""), reckoning.failing, self.clocks.wall())

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
        self._remember(device, self._memories.get(device, Memory()).of_another())
        self._scheduler.forget(device)
        self._surveys.pop(device, None)
        self._memory[surveys.PREFIX + device] = None
        return [f"{event.camera}: {event.detail}" for event in events if isinstance(event, DeviceEvent)]

    def _trust(self, device: str, by: str) -> list[DeviceEvent]:
        """Trust the certificate and the login that a device shows now; none: nothing was open."""
        before = self._memories.get(device, Memory())
        memory, events = trust.accepted(self.inventory.devices[device], before, by, self.clocks.wall())
        if events:
            self._remember(device, memory)
            self._scheduler.trust(device, by)
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

    def alerts_token(self) -> str:
        """Return the token that Alertmanager has to show; "" where no alerts are taken."""
        return self._orders.paging.alerts.reveal() if self._orders.paging is not None else ""

    async def take_alerts(self, fires: Sequence[Fires]) -> list[str]:
        """Take alerts of causes, and return the orders that those belong to. Raises Unrecorded."""
        now = self.clocks.wall()
        open_causes = {(one.kind, one.scope): one for one in self.fleet.causes.values()}
        found: dict[str, None] = {}
        for fire in fires:
            cause = open_causes.get((fire.kind, fire.scope))
            if cause is None:
                continue  # it ended, or is nothing of ours
            self.fleet, events = self._orders.alerted(self.fleet, cause, fire.severity, now)
            self._events += events
            order = of_cause(self.fleet.orders, cause.id)
            found |= {order.id: None} if order is not None else {}
        await self._recorded()
        return list(found)

    def paging(self) -> Paging | None:
        """Return whom work orders are told."""
        return self._orders.paging

    def orders_before(self, order: WorkOrder) -> list[WorkOrder]:
        """Return earlier orders of the same spot. Raises LedgerError."""
        with Reader.open(self.ledger.path) as reader:
            return order_history.before(reader, order)

    def say(self, said: Said) -> None:
        """Take a person's word about a work order. Raises words.NotTaken."""
        self.fleet, events = self._orders.said(self.fleet, said, self.clocks.wall())
        self._events += events

    async def _recorded(self) -> None:
        """Wait until the ledger has all that happened until now. Raises Unrecorded."""
        try:
            async with asyncio.timeout(RECORDED_S):
                await self._stepped.wait()
                seq = self.ledger.seq
                while self.ledger.recorded_seq < seq:
                    await self._stepped.wait()
        except TimeoutError:
            raise Unrecorded from None

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
