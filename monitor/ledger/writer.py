"""One transaction a batch, and never a silent one: the writer knows whether the file is still the ledger it wrote."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from monitor.core.checkpoint import Sealed
from monitor.core.event import Event
from monitor.core.leaf import Row
from monitor.ledger import file, keys, sealing, tree
from monitor.ledger.backlog import Batch
from monitor.ledger.codec import KIND_OF, dumps, encode_event, encode_known
from monitor.ledger.errors import LedgerError

_EVENT = "INSERT INTO events (seq, at, kind, camera, device, vantage, source, fence, body) VALUES (?,?,?,?,?,?,?,?,?)"
_RUNGS = "INSERT INTO rungs VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body"
_GONE = "DELETE FROM rungs WHERE camera = ?"
_MEMORY = "INSERT INTO memory VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"
_FORGET = "DELETE FROM memory WHERE key = ?"


class Writer:
    """Writes batches to one ledger. After an error the file is opened anew, and what it holds decides what is left."""

    def __init__(self, path: Path, connection: sqlite3.Connection | None, source: str, fence: int, seq: int) -> None:
        self._path = path
        self._connection = connection
        self._source = source
        self._fence = fence
        self._seq = seq
        self._inode = _inode(path)

    def write(self, batch: Batch) -> None:
        """Write a batch and return when the disk has it; sqlite3.Error, OSError or LedgerError if it has not."""
        if self._connection is None:
            self._connection = self._reopen()
        try:
            self._transact(self._connection, batch)
            if _inode(self._path) != self._inode:
                # Into the file itself with it: SQLite would read the log that stays behind as that of its successor.
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                raise self._gone()
        except BaseException:
            self.close()
            raise
        if batch.events:
            self._seq = batch.events[-1][0]

    def seal(self, at: float) -> Sealed:
        """Sign how far the ledger has grown, and keep that in it; sqlite3.Error, OSError or LedgerError if not."""
        if self._connection is None:
            self._connection = self._reopen()
        key = keys.to_sign_with(self._path, next(tree.checkpoints(self._connection, 1), None))
        with self._connection:  # commits, or takes it back
            self._connection.execute("BEGIN IMMEDIATE")
            return sealing.seal(self._connection, key, at)

    def close(self) -> None:
        """Close the file; what was not committed is rolled back."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _transact(self, connection: sqlite3.Connection, batch: Batch) -> None:
        connection.execute("BEGIN IMMEDIATE")
        fresh = [self._row(seq, event) for seq, event in batch.events if seq > self._seq]
        if fresh:
            connection.executemany(_EVENT, fresh)
            tree.grow(connection, fresh)
        known = [(camera, encode_known(known)) for camera, known in batch.cameras.items() if known is not None]
        connection.executemany(_RUNGS, known)
        connection.executemany(_GONE, [(camera,) for camera, known in batch.cameras.items() if known is None])
        kept = [(key, dumps(value)) for key, value in batch.memory.items() if value is not None]
        connection.executemany(_MEMORY, kept)
        connection.executemany(_FORGET, [(key,) for key, value in batch.memory.items() if value is None])
        connection.execute("COMMIT")

    def _row(self, seq: int, event: Event) -> Row:
        subject = (
            getattr(event, "camera", None) or None,
            getattr(event, "device", None),
            getattr(event, "vantage", None),
        )
        return Row(seq, event.at, KIND_OF[type(event)], *subject, self._source, self._fence, encode_event(event))

    def _reopen(self) -> sqlite3.Connection:
        """Open the file again. A commit that failed may have reached the disk all the same: it is not repeated."""
        if self._inode is None:
            connection = file.create(self._path)
            self._inode = _inode(self._path)
        elif _inode(self._path) == self._inode:
            connection = file.reopen(self._path)
        else:
            raise self._gone()
        try:
            # What was written before a failed fsync may stand in the cache only: into the file with it, and fsync that.
            (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if busy:
                raise LedgerError(f"{self._path}: a long reader keeps the ledger from being written to the end")
            (self._seq,) = connection.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()
        except BaseException:
            connection.close()
            raise
        return connection

    def _gone(self) -> LedgerError:
        return LedgerError(f"{self._path}: the ledger was moved or replaced while it was written; put it back")


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    return (status.st_dev, status.st_ino)
