"""Another inventory, calendar or login while the monitor runs: all or nothing, and only what changed is stopped."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from monitor.app.parts import Parts
from monitor.app.telling import canaries_of, config_event
from monitor.core import asset
from monitor.core import fleet as fleets
from monitor.core.calendar import Calendar, Entry
from monitor.core.calendar_changes import differences
from monitor.core.counting import counted
from monitor.core.diagnosis.watch import Ground, ground_of
from monitor.core.event import AssetEvent, ConfigEvent, Event
from monitor.core.limits import MOST_FAILURES
from monitor.core.model import Device, Inventory
from monitor.core.sla import contract_changes
from monitor.core.sla.contract import Contract
from monitor.core.sla.terms import to_json
from monitor.core.times import Clock
from monitor.core.verdict import Outcome, Rung
from monitor.inventory import Changes, InventoryError, diff, load, load_beside, settled
from monitor.inventory.orders_file import paging_of
from monitor.ledger import (
    assets,
    calendars,
    causes,
    contracts,
)
from monitor.probes.memory import Memory
from monitor.scheduler.assignment import assignments
from monitor.scheduler.rotation import new_logins

log = logging.getLogger("camfleet")


class Reloading(Parts):
    """What comes into force while a monitor runs."""

    def _take_over(self, terms: Mapping[str, Contract]) -> None:
        """Have calendar, contracts and logins in force where the last run left off."""
        before = self.ledger.restored.memory
        self._plan(self.calendar, calendars.restored(before))
        self._agree(terms, contracts.restored(before))
        self._mind_changed_secrets()

    async def reload(
        self,
        path: Path,
        environ: Mapping[str, str],
        calendar: Path | None = None,
        terms: Path | None = None,
        has_tokens: bool = False,
    ) -> None:
        """Load inventory, calendar, contracts and whom orders are told anew: all or nothing; only what changed is
        stopped and started. ``has_tokens``: the pages are not open to whoever reaches them.
        """
        async with self._reloading:
            await self._reload(path, environ, calendar, terms, has_tokens)

    async def _reload(
        self, path: Path, environ: Mapping[str, str], calendar: Path | None, terms: Path | None, has_tokens: bool
    ) -> None:
        try:
            loaded = await asyncio.to_thread(load, path, environ)
            inventory = await asyncio.to_thread(settled, self.inventory, loaded)
            planned, agreed = await asyncio.to_thread(load_beside, path, inventory, calendar, terms)
            paging = await asyncio.to_thread(paging_of, path, environ, has_tokens)
        except InventoryError as error:
            mistakes = str(error).splitlines()
            log.error(
                "the new inventory, calendar, contracts or orders have %s; the old ones stay in force",
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
        self._orders.use(paging)
        self.metrics.reloaded(True, self.clocks.wall())
        log.info(
            "inventory reloaded: %s started, %d stopped, %d changed%s",
            counted(len(changes.started), "device"),
            len(changes.stopped),
            len(changes.changed),
            canaries_of(inventory),
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

    @property
    def contracts(self) -> Collection[str]:
        """The names of the contracts whose terms are in force."""
        return self._terms.keys()

    def _agree(self, terms: Mapping[str, Contract], known: contract_changes.Known) -> None:
        """Have these terms in force from now on, and record what they change."""
        events = contract_changes.differences(known, terms, self.clocks.wall())
        self._terms = {id_: to_json(contract) for id_, contract in terms.items()}
        self._events += events
        self._memory |= contracts.changes(events)
        for event in events:
            log.info("contract: %s %s", event.contract, event.what)

    async def _use(self, inventory: Inventory) -> Changes:
        """Watch by this inventory from now on; what differs is looked for beside the loop."""
        changes, told, ground, listed = await asyncio.to_thread(self._compared, inventory, self.clocks.wall())
        self._buckets |= await self._scheduler.remove(changes.stopped | changes.changed)
        for id_ in new_logins(self.inventory, inventory, changes.changed):
            self._memories[id_] = self._memories.get(id_, Memory()).with_another_login()
        self.inventory = inventory
        self._canaries.use(inventory)
        self._checkpoints.use(self.inventory.holders)
        self.reckoning.use(self.inventory.depots)
        self.fleet = fleets.reload(self.fleet, inventory, changes)
        fresh = [inventory.devices[id_] for id_ in sorted(changes.started | changes.changed)]
        self._scheduler.add(assignments(inventory, fresh, self._memories, self._buckets))
        self._scheduler.forget_conversations(changes.stopped)
        self._events.append(told)
        self._list(inventory, listed)
        self.fleet, events = self._watch.go_on(self.fleet, self.clocks.wall(), ground, changes)
        self._go_on(events)
        self._keep_checks()
        return changes

    def _compared(self, inventory: Inventory, now: float) -> tuple[Changes, ConfigEvent, Ground, Sequence[AssetEvent]]:
        """Return how an inventory differs from the one in force, the event of that, and what it is laid out like."""
        changes = diff(self.inventory, inventory)
        told = config_event(inventory, changes, self.inventory.cameras, self.clocks)
        return changes, told, *self._laid_out(inventory, now)

    def _laid_out(self, inventory: Inventory, now: float) -> tuple[Ground, Sequence[AssetEvent]]:
        """Return the ground of an inventory, and what it changes in the rows of its cameras."""
        return ground_of(inventory), asset.differences(self._listed, asset.Rows(inventory), now)

    def _list(self, inventory: Inventory, events: Sequence[AssetEvent]) -> None:
        """Record what an inventory that comes into force changes in the rows of its cameras."""
        self._listed = asset.Rows(inventory)
        self._events += events
        self._memory |= assets.changes(events)

    async def _take_up(self) -> None:
        """Go on where an earlier run left off: with the rows of its cameras, and with the causes that are open."""
        ground, listed = await asyncio.to_thread(self._laid_out, self.inventory, self.clocks.wall())
        self._list(self.inventory, listed)
        self.fleet, events = self._watch.begin(self.fleet, self.clocks.wall(), ground)
        self._go_on(events)

    def _go_on(self, events: Sequence[Event]) -> None:
        """Go on with the work orders that are open, after what became of the causes."""
        self._memory[causes.OWNERS] = dict(self.inventory.owners)
        self.fleet, resumed = self._orders.begin(self.fleet, self.clocks.wall())
        self._events += [*events, *resumed]

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

    def _inventory_trouble(self) -> str | None:
        """Say in a sentence that the newest inventory was refused, or None."""
        if self._wrong_since is None:
            return None
        since = Clock(self.clocks.wall()).moment(self._wrong_since)
        return (
            f"Inventory, calendar, contracts or orders on disk have been wrong since {since}:"
            " the fleet of before is still watched; the log names every mistake."
        )

    def _fitness(self, device: Device) -> tuple[bool, int, bool, int, str]:
        """Say how fit a device is to try a new login: it may be asked now, its login worked, and few depend on it."""
        login = self._memories.get(device.id, Memory()).login
        healths = [self.fleet.cameras[id_] for id_ in device.cameras if id_ in self.fleet.cameras]
        answers = any(one[Rung.REACHABLE].outcome is Outcome.OK for one in healths)
        accepted = any(one[Rung.CREDENTIALS].outcome is Outcome.OK for one in healths)
        may_try = answers and len(login.recent(self.clocks.lock_time())) < MOST_FAILURES
        return not may_try, len(login.in_a_row), not accepted, len(device.cameras), device.id
