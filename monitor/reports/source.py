"""Where a statement's events come from: a ledger up to a leaf, or the events of a pack. Both give the same."""

from __future__ import annotations

import gzip
import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from monitor.core.counting import counted
from monitor.core.event import RungEvent
from monitor.core.leaf import Row, index_of, leaf_of
from monitor.core.merkle import Frontier
from monitor.core.sla.facts import Facts, gathered
from monitor.ledger import file, migrations, tree
from monitor.ledger.codec import decode_event
from monitor.ledger.errors import LedgerError

#: No leaf of ours comes near.
LONGEST_LEAF_BYTES = 16 * 1024 * 1024


class Leaf(NamedTuple):
    """The columns of an event that its leaf is made of (``core.leaf``)."""

    seq: int
    source: str
    fence: int
    kind: str
    body: str

    @property
    def text(self) -> bytes:
        return leaf_of(*self)


class OfLedger:
    """The first leaves of a ledger, as it stands at one moment, also while a monitor writes it."""

    def __init__(self, path: Path, connection: sqlite3.Connection, leaves: int | None) -> None:
        self._path = path
        self._connection = connection
        if migrations.version_of(connection) == migrations.FIRST:
            raise LedgerError(f"{path}: an older camfleet wrote this ledger; `camfleet run` makes its hash tree")
        try:
            self.frontier: Frontier = tree.read(connection)
        except ValueError as error:
            raise file.damaged(path, error) from error
        self.size = self.frontier.size if leaves is None else leaves
        if not 0 < self.size <= self.frontier.size:
            raise LedgerError(f"{path}: the ledger has {counted(self.frontier.size, 'event')}, not {self.size:,}")
        query = "SELECT seq FROM events ORDER BY seq LIMIT 1 OFFSET ?"
        self.seq: int = (connection.execute(query, (self.size - 1,)).fetchone() or (-1,))[0]

    @classmethod
    @contextmanager
    def open(cls, path: Path, leaves: int | None = None) -> Iterator[OfLedger]:
        """Open a ledger to read its first leaves, or all; LedgerError where it cannot be read."""
        with closing(file.view(path)) as connection:
            try:
                connection.execute("BEGIN")
                yield cls(path, connection, leaves)
            except sqlite3.DatabaseError as error:
                raise file.damaged(path, error) from error

    def leaves(self) -> Iterator[Leaf]:
        """Yield all leaves in their order."""
        query = "SELECT seq, source, fence, kind, body FROM events WHERE seq <= ? ORDER BY seq"
        return map(Leaf._make, self._connection.execute(query, (self.seq,)))

    def facts(self) -> Facts:
        """Return what the events beside those of rungs say."""
        query = "SELECT kind, body FROM events WHERE kind != 'rung' AND seq <= ? ORDER BY seq"
        try:
            return gathered(decode_event(*row) for row in self._connection.execute(query, (self.seq,)))
        except ValueError as error:
            raise file.damaged(self._path, error) from error

    def rungs(self, first: str = "", before: str | None = None) -> Iterator[tuple[str, list[RungEvent]]]:
        """Yield the events of rungs by camera, cameras by id: all, or those from ``first`` on and before another."""
        query = (
            "SELECT camera, body FROM events WHERE camera >= ? AND (? IS NULL OR camera < ?)"
            " AND kind = 'rung' AND seq <= ? ORDER BY camera, seq"
        )
        try:
            yield from _grouped(self._connection.execute(query, (first, before, before, self.seq)))
        except ValueError as error:
            raise file.damaged(self._path, error) from error


class OfPack:
    """The leaves of a pack. Those of rungs are put aside, into a file that goes with this, until all are there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._aside = sqlite3.connect("")  # a file without a name, where there is much
        self._aside.execute("CREATE TABLE rungs (camera TEXT, seq INTEGER, body TEXT)")

    def close(self) -> None:
        self._aside.close()

    def rows(self) -> Iterator[Row]:
        """Yield the leaves of the file as an audit takes them; ValueError where one is none."""
        for row in map(_row, _read(self._path)):
            if row.kind == "rung":
                self._aside.execute("INSERT INTO rungs VALUES (?, ?, ?)", (row.camera, row.seq, row.body))
            yield row

    def rungs(self) -> Iterator[tuple[str, list[RungEvent]]]:
        """Yield the events of rungs by camera, cameras by id; once all leaves were taken."""
        return _grouped(self._aside.execute("SELECT camera, body FROM rungs ORDER BY camera, seq"))


def _read(path: Path) -> Iterator[Leaf]:
    try:
        with gzip.open(path, "rb") as lines:
            while line := lines.readline(LONGEST_LEAF_BYTES):
                yield _leaf(line)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{path.name} cannot be read: {error}") from error


def _leaf(line: bytes) -> Leaf:
    """Return the leaf of a line, which has to be exactly that of its columns."""
    columns = json.loads(str(line, "ascii"))
    if not isinstance(columns, list) or list(map(type, columns)) != [int, str, int, str, str]:
        raise ValueError("a line is no leaf")
    leaf = Leaf(*columns)
    if leaf.text + b"\n" != line:
        raise ValueError(f"the line of event {leaf.seq:,} is not written as leaves are")
    return leaf


def _row(leaf: Leaf) -> Row:
    """Return a leaf as an audit takes it: its columns say what its body says, for there are no others."""
    try:
        at, camera, device, vantage = index_of(json.loads(leaf.body))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        at, camera, device, vantage = 0.0, None, None, None
    return Row(leaf.seq, at, leaf.kind, camera, device, vantage, leaf.source, leaf.fence, leaf.body)


def _grouped(rows: Iterable[tuple[str, str]]) -> Iterator[tuple[str, list[RungEvent]]]:
    for camera, of_camera in groupby(rows, itemgetter(0)):
        events = (decode_event("rung", body) for _, body in of_camera)
        yield camera, [event for event in events if isinstance(event, RungEvent)]
