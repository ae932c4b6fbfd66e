"""How a ledger of one schema becomes one of the next, and back: each step whole, in one transaction, or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import NamedTuple

from monitor.ledger import tree

FIRST = 1

_TREE = (
    "CREATE TABLE tree (size INTEGER NOT NULL, peaks BLOB NOT NULL) STRICT",
    "INSERT INTO tree VALUES (0, x'')",
    "CREATE TABLE checkpoints"
    " (size INTEGER PRIMARY KEY, at REAL NOT NULL, key TEXT NOT NULL, note TEXT NOT NULL) STRICT",
    "CREATE TRIGGER checkpoints_are_never_changed BEFORE UPDATE ON checkpoints"
    " BEGIN SELECT RAISE(ABORT, 'checkpoints are never changed'); END",
    "CREATE TRIGGER checkpoints_are_never_deleted BEFORE DELETE ON checkpoints"
    " BEGIN SELECT RAISE(ABORT, 'checkpoints are never deleted'); END",
)


def _plant(connection: sqlite3.Connection) -> None:
    """Make every event that is there a leaf."""
    for statement in _TREE:
        connection.execute(statement)
    tree.grow(connection, tree.rows(connection))


def _fell(connection: sqlite3.Connection) -> None:
    """Forget the tree; the checkpoints that somebody holds can be checked again once it has grown anew."""
    connection.execute("DROP TABLE tree")
    connection.execute("DROP TABLE checkpoints")


class Migration(NamedTuple):
    """A step between two schemas."""

    below: int
    above: int
    up: Callable[[sqlite3.Connection], None]
    down: Callable[[sqlite3.Connection], None]


MIGRATIONS = (Migration(1, 2, _plant, _fell),)
#: The schema that this camfleet writes.
VERSION = MIGRATIONS[-1].above


def version_of(connection: sqlite3.Connection) -> int:
    """Return the schema of an open ledger."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def migrate(connection: sqlite3.Connection, to: int = VERSION) -> None:
    """Bring a ledger to a schema, newer or older. Whatever fails leaves it as it was."""
    if version_of(connection) == to:
        return
    with connection:  # commits, or takes all of it back
        connection.execute("BEGIN IMMEDIATE")
        at = version_of(connection)
        for step in MIGRATIONS:
            if at == step.below < to:
                step.up(connection)
                at = step.above
        for step in reversed(MIGRATIONS):
            if at == step.above > to:
                step.down(connection)
                at = step.below
        connection.execute(f"PRAGMA user_version = {to}")
