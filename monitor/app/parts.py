"""What a running monitor consists of, built from an inventory and what an earlier run left in the ledger."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import version
from typing import Any

from exporters.selfmetrics import SelfMetrics
from monitor import logs
from monitor.app.checkpoints import Checkpoints
from monitor.app.ordering import WorkOrders
from monitor.app.reckoning import Reckoning
from monitor.core import asset
from monitor.core import fleet as fleets
from monitor.core.calendar import Calendar
from monitor.core.diagnosis.updates import Updates
from monitor.core.diagnosis.watch import Watch
from monitor.core.event import Event, NoteEvent
from monitor.core.fleet import Fleet
from monitor.core.model import Inventory
from monitor.core.schedule import Rates
from monitor.core.sla import contract_changes
from monitor.core.snapshot import Change, Snapshot
from monitor.core.verdict import Verdict
from monitor.ledger import (
    acknowledgements,
    assets,
    causes,
    equipment,
    firmware,
    identities,
    news,
    orders,
    surveys,
)
from monitor.ledger.kept import Kept
from monitor.ledger.ledger import Ledger
from monitor.ledger.logins import DEVICE
from monitor.probes.base import Clocks
from monitor.probes.memory import Memory, from_json
from monitor.reports.shelf import Shelf
from monitor.scheduler import Scheduler, budget, locktime
from monitor.scheduler.assignment import Answer
from monitor.scheduler.canaries import Canaries
from monitor.scheduler.checks import Checks
from monitor.scheduler.probers import Probers
from monitor.scheduler.process import conversations
from monitor.scheduler.rotation import Rotations
from monitor.web.feed import Feed

#: The program of a prober process; how it logs follows.
PROBER: tuple[str, ...] = (sys.executable, "-P", "-m", "monitor.prober")
#: Takes what came of a conversation.
OnAnswer = Callable[[Answer], None]


class Parts:
    """All that reloading, the desk and the crank share."""

    def __init__(
        self,
        inventory: Inventory,
        rates: Rates,
        ledger: Ledger,
        clocks: Clocks,
        calendar: Calendar,
        on_answer: OnAnswer,
        probers: int,
    ) -> None:
        self.inventory = inventory
        self.calendar = calendar
        self._terms: contract_changes.Known = {}
        self.rates = rates
        self.probers = probers
        self.ledger = ledger
        before = ledger.restored
        self._lock_time, carried = locktime.taken_up(before.memory, clocks)
        memory = {**before.memory, **carried}
        self.clocks = clocks = clocks._replace(ahead_s=self._lock_time.ahead_s)
        self.feed = Feed()
        self.metrics = SelfMetrics(version("camfleet"))
        self._canaries = Canaries(inventory, clocks)
        self._news: tuple[Change, ...] = news.restored(before.memory)
        self._watch = Watch(Updates(firmware.restored(before.memory)), equipment.restored(before.memory))
        known, open_causes = identities.restored(before.memory), causes.restored(before.memory)
        answered = acknowledgements.restored(before.memory)
        ordered = orders.restored(before.memory)
        self.fleet: Fleet = fleets.start(
            inventory, rates, before.cameras, before.standings, known, open_causes, answered, ordered
        )
        self._kept: tuple[Kept[Any], ...] = (
            Kept(lambda: self.fleet.identities, identities.changes, known),
            Kept(lambda: self.fleet.causes, causes.changes, open_causes),
            Kept(lambda: self.fleet.acknowledgements, acknowledgements.changes, answered),
            Kept(lambda: self.fleet.orders, orders.changes, ordered),
            Kept(lambda: self._watch.updates.known, firmware.changes, self._watch.updates.known),
            Kept(lambda: self._watch.equipment, equipment.changes, self._watch.equipment),
        )
        self.stop = asyncio.Event()
        self._stepped = asyncio.Event()
        """Set, and made anew, when the next step has been handed to the ledger."""
        self._reloading = asyncio.Lock()
        self._rotations = Rotations(clocks.wall)
        self._rotating: asyncio.Task[None] | None = None
        self._memories = _memories(memory)
        self._surveys = surveys.restored(before.memory)
        self._listed: Mapping[str, asset.Listed] = assets.restored(before.memory)
        self._buckets = budget.restored(memory, clocks.monotonic(), clocks.ahead)
        self._scheduler: Scheduler | Probers = (
            Probers(probers, PROBER + logs.arguments(), rates, clocks, self._memories, on_answer, self._remember)
            if probers
            else Scheduler(rates, clocks, on_answer, self._remember, conversations())
        )
        self._checks = Checks(before.memory)
        self._verdicts: list[Verdict] = []
        self._events: list[Event] = []
        self._memory: dict[str, Any] = dict(carried)
        self._snapshot: Snapshot | None = None
        self._checkpoints = Checkpoints(ledger, clocks)
        self.reckoning = Reckoning(ledger.path, clocks)
        self._shelf = Shelf()
        self._orders = WorkOrders(clocks, self.metrics)
        self._wrong_since: float | None = None
        self._addresses: tuple[Inventory | None, Mapping[str, Iterable[str]]] = (None, {})
        self.metrics.watch(ledger)
        self.metrics.watch_checkpoints(self._checkpoints.sealed_at, self._checkpoints.undelivered)
        self.metrics.watch_contracts(self.reckoning)
        self.metrics.reloaded(True, clocks.wall())

    @property
    def snapshot(self) -> Snapshot | None:
        return self._snapshot

    @property
    def journal(self) -> Scheduler | Probers:
        """Who recalls the newest conversations with each device."""
        return self._scheduler

    def _remember(self, device: str, memory: Memory) -> None:
        """Have what is known of a device now in the ledger."""
        self._memories[device] = memory
        self._memory[DEVICE + device] = memory.to_json()

    def _note(self, event: NoteEvent) -> None:
        self.fleet = fleets.noted(self.fleet, [event])
        self._events.append(event)


def _memories(stored: Mapping[str, Any]) -> dict[str, Memory]:
    """Return what earlier runs learnt of the devices."""
    kept = {key.removeprefix(DEVICE): value for key, value in stored.items() if key.startswith(DEVICE)}
    return {device: from_json(value) for device, value in kept.items() if isinstance(value, dict)}
