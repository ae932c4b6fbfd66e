"""A monitor without sockets: the reducer, the backlog and the writer of a real one, over devices that only answer or not.

It is asked what a real one is asked: a step at a time, a transaction a batch, and to take up what another left behind.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from enum import IntEnum
from pathlib import Path
from typing import Any

from monitor.core import asset
from monitor.core import fleet as fleets
from monitor.core.changes import diff
from monitor.core.diagnosis.blindness import slept
from monitor.core.diagnosis.updates import Updates
from monitor.core.diagnosis.watch import Watch, ground_of
from monitor.core.event import ConfigEvent, Event, Heartbeat
from monitor.core.fleet import Fleet
from monitor.core.model import Inventory
from monitor.core.schedule import Rates
from monitor.core.verdict import Finding, Outcome, Reason, Rung, Verdict
from monitor.ledger import acknowledgements, assets, causes, equipment, firmware, identities
from monitor.ledger.backlog import Backlog, Batch
from monitor.ledger.kept import Kept
from monitor.ledger.ledger import opened
from monitor.ledger.memory import Written
from monitor.ledger.writer import Writer

ANSWERS = tuple(
    Finding(rung, Outcome.OK) for rung in (Rung.REACHABLE, Rung.CREDENTIALS, Rung.CONTROL, Rung.STREAM, Rung.MEDIA)
)
SILENT = (Finding(Rung.REACHABLE, Outcome.FAIL, Reason.TIMEOUT),)
BEAT_S = 60
#: So few events may wait for the disk that a storm on a full one overflows.
CAPACITY = 60


class Disk(IntEnum):
    """What a disk does with what is to be written."""

    WELL = 0
    FULL = 1
    """It takes what needs no more room."""
    SHUT = 2
    """It takes nothing."""


class Watchman:
    """One process of a monitor: from its start until it is killed."""

    def __init__(self, path: Path, inventory: Inventory, wall: float, steady: float, capacity: int = CAPACITY) -> None:
        connection, before = opened(path)
        assert connection is not None
        self.writer = Writer(path, connection, "local", before.fence + 1, before.seq)
        self.backlog = Backlog(capacity, before.seq)
        self.inventory = inventory
        self.disk = Disk.WELL
        self.refusals = 0
        self._pending: Batch | None = None
        self._written = Written()
        kept_identities, open_causes = identities.restored(before.memory), causes.restored(before.memory)
        answered = acknowledgements.restored(before.memory)
        self.watch = Watch(Updates(firmware.restored(before.memory)), equipment.restored(before.memory))
        self.fleet: Fleet = fleets.start(
            inventory, Rates(), before.cameras, before.standings, kept_identities, open_causes, answered
        )
        self._kept = (
            Kept(lambda: self.fleet.identities, identities.changes, kept_identities),
            Kept(lambda: self.fleet.causes, causes.changes, open_causes),
            Kept(lambda: self.fleet.acknowledgements, acknowledgements.changes, answered),
            Kept(lambda: self.watch.updates.known, firmware.changes, self.watch.updates.known),
        )
        self._listed = assets.restored(before.memory)
        self._events: list[Event] = [*before.gaps(wall)]
        self._memory: dict[str, Any] = {}
        self._stepped_at = wall, steady
        self._beat_at = -float(BEAT_S)
        self.beat_wall = wall
        """When it said last that somebody looks."""
        self._list(wall)
        self._take_up(wall)

    def reload(self, inventory: Inventory, wall: float) -> None:
        """Watch by another inventory from now on."""
        changes, self.inventory = diff(self.inventory, inventory), inventory
        self.fleet = fleets.reload(self.fleet, inventory, changes)
        self._list(wall)
        self.fleet, events = self.watch.go_on(self.fleet, wall, ground_of(inventory), changes)
        self._events += events

    def _list(self, wall: float) -> None:
        rows = asset.Rows(self.inventory)
        events = asset.differences(self._listed, rows, wall)
        before, now = set(self._listed), set(rows)
        self._events.append(ConfigEvent(wall, "", 0, 0, 0, tuple(sorted(now - before)), tuple(sorted(before - now))))
        self._listed = dict(rows)
        self._events += events
        self._memory |= assets.changes(events)

    def _take_up(self, wall: float) -> None:
        self.fleet, events = self.watch.begin(self.fleet, wall)
        self._events += events

    def step(self, asked: Iterable[tuple[str, bool]], wall: float, steady: float, awake: bool = True) -> None:
        """Take in who of these devices answered. ``awake``: what passed since the last step was watched, too."""
        verdicts = [
            Verdict(id_, "central", "onvif", wall, 0.2, SILENT if silent else ANSWERS, {}) for id_, silent in asked
        ]
        asleep = None if awake else slept(self._stepped_at[0], wall, self._stepped_at[1], steady)
        self._stepped_at = wall, steady
        self.fleet, events = self.watch.step(self.fleet, verdicts, wall, asleep=asleep)
        events = [*self._events, *events]
        self._events = []
        if steady >= self._beat_at + BEAT_S:
            self._beat_at, self.beat_wall = steady, wall
            events.append(Heartbeat(wall, "central", {}))
        for kept in self._kept:
            self._memory |= kept.due()
        known = self._written.changes(events, self.fleet.cameras, self.fleet.standings)
        self.backlog.put(events, known, self._memory, len(self._pending.events) if self._pending else 0)
        self._memory = {}
        self.write()

    def beat(self) -> None:
        """Have the next step say that somebody looks."""
        self._beat_at = -float(BEAT_S)

    def write(self) -> None:
        """Write what waits, as the ledger's thread does; what a full disk refuses stays as it was taken."""
        if self._pending is None:
            if not self.backlog:
                return
            self._pending = self.backlog.take()
        try:
            if self.disk is not Disk.WELL:
                self._spoil()
            self.writer.write(self._pending)
        except sqlite3.OperationalError as error:
            if not any(words in str(error) for words in ("full", "readonly")):
                raise
            self.refusals += 1
            return
        self._pending = None

    def _spoil(self) -> None:
        """Let the file grow no further, or take nothing at all: what a disk would say is said by SQLite itself."""
        if self.writer._connection is None:
            self.writer._connection = self.writer._reopen()
        (pages,) = self.writer._connection.execute("PRAGMA page_count").fetchone()
        self.writer._connection.execute(f"PRAGMA max_page_count = {pages}")
        self.writer._connection.execute(f"PRAGMA query_only = {self.disk is Disk.SHUT}")

    def kill(self) -> None:
        """End without another word: what is not on the disk is gone."""
        self.writer.close()

    def agrees(self, device: str, silent: bool) -> bool:
        """Say whether an answer, or none, is what is known of a device, from bottom to top."""
        wanted = Outcome.FAIL if silent else Outcome.OK
        rungs = [self.fleet.cameras[id_] for id_ in self.inventory.devices[device].cameras]
        return all(of[Rung.REACHABLE].outcome is wanted and of[Rung.MEDIA].outcome is wanted for of in rungs)


def without(inventory: Inventory, camera: str) -> Inventory:
    """Return an inventory without one camera, whose device is its own."""
    device = inventory.cameras[camera].device
    return replace(
        inventory,
        devices={id_: one for id_, one in inventory.devices.items() if id_ != device},
        cameras={id_: one for id_, one in inventory.cameras.items() if id_ != camera},
    )
