"""The ledger that a running monitor writes: handed over on the loop, on the disk by a thread of its own.

``append`` never waits. A step is one transaction; only after its commit do ``recorded_seq`` and the snapshot say that
it is recorded. If the disk fails the thread tries again for as long as it takes, ``failing`` says so, and the monitor
goes on.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from monitor.core.checkpoint import Sealed
from monitor.core.event import Event
from monitor.core.health import Rungs
from monitor.core.state import Standing
from monitor.ledger import file, tree
from monitor.ledger.backlog import Backlog, Batch
from monitor.ledger.codec import Json
from monitor.ledger.errors import LedgerError
from monitor.ledger.memory import Written
from monitor.ledger.reader import Reader, Restored
from monitor.ledger.writer import Writer

#: Events that may wait for the disk: every row of 100,000 cameras at their first start, and what is seen meanwhile.
CAPACITY = 150_000
FIRST_RETRY_S = 0.1
LONGEST_RETRY_S = 5.0


class Ledger:
    """One writer's ledger. ``append`` and ``close`` belong to one thread, the loop's; the figures to any."""

    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection | None,
        held: IO[bytes],
        restored: Restored,
        source: str,
        capacity: int,
        sealed: Sealed | None = None,
    ) -> None:
        self.path = path
        self.restored = restored
        """What an earlier run left behind, until it was taken up."""
        self.errors = 0
        """How many attempts to write failed since the start."""
        self.failing: str | None = None
        """Why the newest attempt to write failed, in a sentence; None while all is well."""
        self.recorded_seq = restored.seq
        """The number of the newest event that the disk has."""
        self.sealed = sealed
        """The newest checkpoint that the ledger keeps."""
        self.unsealed: str | None = None
        """Why the newest attempt to sign a checkpoint failed, in a sentence; None while all is well."""
        self._seal_at: float | None = None
        self._backlog = Backlog(capacity, restored.seq)
        self._in_flight = 0
        self._written = Written()
        self._closing = False
        self._changed = threading.Condition()
        writer = Writer(path, connection, source, restored.fence + 1, restored.seq)
        self._thread = threading.Thread(target=self._run, args=(writer, held), name="ledger", daemon=True)
        self._thread.start()

    @classmethod
    def open(cls, path: Path, source: str = "central", capacity: int = CAPACITY) -> Ledger:
        """Open a ledger, or make it. ``capacity`` is how many events may wait for the disk.

        Raises LedgerError if the file is no ledger, damaged, of a newer camfleet, not ours to write, or in use. On a
        full or failing disk it opens all the same: what an earlier run left is read, and the writer keeps trying.
        """
        held = file.lock(path)
        try:
            connection, restored = opened(path)
            sealed = next(tree.checkpoints(connection, 1), None) if connection is not None else None
        except BaseException:
            held.close()
            raise
        return cls(path, connection, held, restored, source, capacity, sealed)

    @property
    def seq(self) -> int:
        """The number of the newest event handed over."""
        with self._changed:
            return self._backlog.seq

    @property
    def lost(self) -> int:
        """How many events overflowed since the start; gaps stand in their place."""
        with self._changed:
            return self._backlog.lost

    def append(
        self,
        events: Sequence[Event],
        cameras: Mapping[str, Rungs],
        memory: Mapping[str, Json] | None = None,
        standings: Mapping[str, Standing] | None = None,
        is_last: bool = False,
    ) -> int:
        """Hand over a step: its events, the rungs and states of all cameras after it, and what changed in the memory.

        Returns the number of its last event. Never waits for the disk. A memory's value None forgets the key; a camera
        that left the inventory is forgotten with the event that says so. With the last step all is written.
        """
        known = self._written.changes(events, cameras, standings or {}, is_last)
        with self._changed:
            self._backlog.put(events, known, memory or {}, self._in_flight)
            self._changed.notify()
            return self._backlog.seq

    def taken_up(self) -> None:
        """Forget what an earlier run left behind: of 100,000 cameras it is hundreds of megabytes."""
        self.restored = Restored()

    def seal(self, at: float) -> None:
        """Have a checkpoint signed over all that was handed over. Never waits; ``sealed`` is it once it is kept."""
        with self._changed:
            self._seal_at = at
            self._changed.notify()

    def close(self, timeout_s: float = 1.5) -> int:
        """Write what waits and stop; returns how many events could not be recorded within this time."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(timeout_s)
        with self._changed:
            return self._backlog.waiting + self._in_flight

    def _run(self, writer: Writer, held: IO[bytes]) -> None:
        """The thread: take what waits, write it, say so; until closed and empty, or closed and failing.

        Then, however late that is, the file is the next one's.
        """
        with held:
            while (batch := self._next()) is not None and self._insist(writer, batch):
                with self._changed:
                    self._in_flight = 0
                self._seal(writer)
            writer.close()

    def _seal(self, writer: Writer) -> None:
        """Sign what is asked for, once nothing waits. A failure is told, and keeps no event from the disk."""
        with self._changed:
            at = self._seal_at
            if at is None or self._backlog:
                return
            self._seal_at = None
        try:
            self.sealed = writer.seal(at)
        except Exception as error:  # noqa: BLE001 - a fault of our own must be as loud as one of the disk
            self.unsealed = str(error) if isinstance(error, LedgerError) else f"{self.path}: {error}"
        else:
            self.unsealed = None

    def _next(self) -> Batch | None:
        with self._changed:
            self._changed.wait_for(lambda: self._backlog or self._closing or self._seal_at is not None)
            if not self._backlog and self._seal_at is None:
                return None
            batch = self._backlog.take()
            self._in_flight = len(batch.events)
            return batch

    def _insist(self, writer: Writer, batch: Batch) -> bool:
        """Write one batch, again and again if that fails; False if closed meanwhile."""
        delay_s = FIRST_RETRY_S
        while True:
            try:
                writer.write(batch)
            except Exception as error:  # noqa: BLE001 - a fault of our own must be as loud as one of the disk
                self.errors += 1
                self.failing = str(error) if isinstance(error, LedgerError) else f"{self.path}: {error}"
            else:
                if batch.events:
                    self.recorded_seq = batch.events[-1][0]
                self.failing = None
                return True
            with self._changed:
                if self._closing:
                    return False
                self._changed.wait_for(lambda: self._closing, delay_s)
            delay_s = min(2 * delay_s, LONGEST_RETRY_S)


def opened(path: Path) -> tuple[sqlite3.Connection | None, Restored]:
    """Return the open file and what it holds; no file if the disk is full or fails, which may pass."""
    try:
        connection = file.create(path)
    except sqlite3.Error:
        if not path.exists():
            return None, Restored()
        with Reader.open(path) as reader:
            return None, reader.restore()
    try:
        reader = Reader(connection, path)
        reader.check()
        return connection, reader.restore()
    except LedgerError:
        connection.close()
        raise
