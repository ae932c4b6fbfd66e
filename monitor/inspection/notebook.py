"""The ledger in the hands of one look where no monitor runs.

A device's login lock and budgets are read from it, honoured, and written back, so that a look that is repeated harms no
device. It is held for as long as the look lasts: a second look at the same fleet waits for the first one.
"""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from monitor.core.event import Event
from monitor.core.health import Rungs
from monitor.core.state import Standing
from monitor.inspection.errors import LookError
from monitor.ledger import file
from monitor.ledger.backlog import Batch
from monitor.ledger.codec import Json, Known
from monitor.ledger.errors import LedgerError
from monitor.ledger.logins import DEVICE
from monitor.ledger.reader import LISTEN, Reader, Restored
from monitor.ledger.writer import Writer
from monitor.probes.base import Clocks
from monitor.probes.machine import SYSTEM_CLOCKS
from monitor.probes.memory import Memory, from_json
from monitor.scheduler import budget, locktime
from monitor.scheduler.budget import Buckets


class Notebook:
    """A ledger held for one look. Raises LookError wherever it cannot be read or written."""

    def __init__(self, held: IO[bytes], writer: Writer, restored: Restored, path: Path, clocks: Clocks) -> None:
        self._held = held
        self._writer = writer
        self.restored = restored
        self._path = path
        self._seq = restored.seq
        self.clocks = clocks
        """The machine's, with the time that login locks and budgets live by."""

    @classmethod
    def open(cls, path: Path) -> Notebook | None:
        """Hold a ledger, made if there is none; None while another camfleet holds it."""
        if path.is_dir():
            raise LookError(f"{path}: this is a folder; a ledger is a file, for example {path / 'camfleet.sqlite'}")
        try:
            held = file.lock(path)
        except LedgerError as error:
            if isinstance(error.__cause__, BlockingIOError):
                return None
            raise _unusable(error) from None
        try:
            connection = file.create(path)
            restored = Reader(connection, path).restore()
            lock_time, carried = locktime.taken_up(restored.memory, SYSTEM_CLOCKS)
            restored = replace(restored, memory={**restored.memory, **carried})
            writer = Writer(path, connection, "probe", restored.fence + 1, restored.seq)
            notebook = cls(held, writer, restored, path, SYSTEM_CLOCKS._replace(ahead_s=lock_time.ahead_s))
        except (LedgerError, sqlite3.Error, OSError) as error:
            held.close()
            raise _unusable(error) from None
        notebook.write([], {}, {}, carried)
        return notebook

    def close(self) -> None:
        self._writer.close()
        self._held.close()

    def memory(self, device: str) -> Memory:
        """Return what is known of a device: its login lock above all."""
        stored = self.restored.memory.get(DEVICE + device)
        return from_json(stored) if isinstance(stored, dict) else Memory()

    def buckets(self, device: str) -> Buckets | None:
        """Return what earlier looks left of a device's budgets, in the time that locks live by."""
        return budget.from_json(self.restored.memory.get(budget.PREFIX + device), self.clocks.lock_time())

    def write(
        self,
        events: Sequence[Event],
        cameras: Mapping[str, Rungs],
        standings: Mapping[str, Standing],
        memory: Mapping[str, Json],
    ) -> None:
        """Write events, and what is known of cameras and devices after them; returns when the disk has it."""
        known = {id_: Known(rungs, standings.get(id_)) for id_, rungs in cameras.items()}
        self._write(events, known, memory)

    def keep(self, device: str, memory: Memory, buckets: Buckets, events: Sequence[Event] = ()) -> None:
        """Write what a device was asked and what was learnt; returns when the disk has it."""
        values: Mapping[str, Json] = {
            DEVICE + device: memory.to_json(),
            budget.PREFIX + device: budget.to_json(buckets),
        }
        self._write(events, {}, values)

    def _write(self, events: Sequence[Event], cameras: Mapping[str, Known], values: Mapping[str, Json]) -> None:
        numbered = [(self._seq + number, event) for number, event in enumerate(events, 1)]
        # nobody listens while we hold the ledger, whatever a monitor that was killed left behind
        try:
            self._writer.write(Batch(numbered, cameras, {**values, LISTEN: None}))
        except (LedgerError, sqlite3.Error, OSError) as error:
            raise _unusable(error) from None
        self._seq += len(numbered)


def _unusable(error: Exception) -> LookError:
    return LookError(
        f"The camera was not asked: {error}. The ledger keeps its login lock and how often it was asked;"
        " name another file with --ledger, or a running monitor with --monitor URL."
    )


def held(path: Path) -> bool:
    """Say whether a camfleet holds this ledger now."""
    try:
        with path.with_name(path.name + "-lock").open("rb") as place:
            fcntl.flock(place, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    except OSError as error:
        raise _unusable(error) from None
    return False


def listening(path: Path) -> str | None:
    """Return the address at which the monitor that writes this ledger answers, if it says so."""
    try:
        with Reader.open(path) as reader:
            address: Any = reader.restore().memory.get(LISTEN)
    except LedgerError:
        return None
    return address if isinstance(address, str) else None
