"""The hash tree over the events of a ledger, as its tables keep it: how far it has grown, and the checkpoints of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

from monitor.core.checkpoint import Sealed
from monitor.core.leaf import Row
from monitor.core.merkle import HASH_BYTES, Frontier, leaf_hash

_ROWS = "SELECT seq, at, kind, camera, device, vantage, source, fence, body FROM events ORDER BY seq"


def rows(connection: sqlite3.Connection) -> Iterator[Row]:
    """Yield all events in their order, without keeping them."""
    return map(Row._make, connection.execute(_ROWS))


def read(connection: sqlite3.Connection) -> Frontier:
    """Return how far the tree has grown; ValueError where that cannot be."""
    (size, peaks) = connection.execute("SELECT size, peaks FROM tree").fetchone() or (-1, b"")
    parts = (peaks[start : start + HASH_BYTES] for start in range(0, len(peaks), HASH_BYTES))
    frontier = Frontier(size, tuple(parts))
    if not frontier.is_sound:
        raise ValueError("no hash tree has the parts that are kept of it")
    return frontier


def grow(connection: sqlite3.Connection, fresh: Iterable[Row]) -> None:
    """Put events behind those that the tree has; they are to be written in the same transaction."""
    grown = read(connection).extended(leaf_hash(row.leaf) for row in fresh)
    connection.execute("UPDATE tree SET size = ?, peaks = ?", (grown.size, b"".join(grown.peaks)))


def checkpoints(connection: sqlite3.Connection, newest: int = -1) -> Iterator[Sealed]:
    """Yield the checkpoints that the ledger keeps, or so many of the newest, the newest first."""
    query = "SELECT size, at, key, note FROM checkpoints ORDER BY size DESC LIMIT ?"
    return map(Sealed._make, connection.execute(query, (newest,)))


def keep(connection: sqlite3.Connection, sealed: Sealed) -> None:
    """Keep a checkpoint."""
    connection.execute("INSERT INTO checkpoints (size, at, key, note) VALUES (?, ?, ?, ?)", sealed)
