"""Signing how far a ledger has grown: into its own table by whoever writes it, or on demand by whoever has the key."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from monitor.core.checkpoint import Checkpoint, Sealed, SigningKey
from monitor.core.merkle import Frontier
from monitor.ledger import file, keys, migrations, tree
from monitor.ledger.errors import LedgerError


def sign(frontier: Frontier, key: SigningKey, at: float) -> Sealed:
    """Return the checkpoint of a tree."""
    checkpoint = Checkpoint(key.name, frontier.size, frontier.root)
    return Sealed(frontier.size, at, str(key.verifier), key.sign(checkpoint.text))


def seal(connection: sqlite3.Connection, key: SigningKey, at: float) -> Sealed:
    """Keep a checkpoint of a ledger as it stands, within the transaction that is open; one a size."""
    newest, frontier = next(tree.checkpoints(connection, 1), None), tree.read(connection)
    if newest is not None and newest.size == frontier.size:
        return newest
    sealed = sign(frontier, key, at)
    tree.keep(connection, sealed)
    return sealed


def on_demand(path: Path, at: float) -> Sealed:
    """Return a checkpoint of a ledger as it stands now, which may be in use; nothing is written.

    Raises LedgerError where there is no ledger, or no key to sign with.
    """
    with closing(file.view(path)) as connection:
        if migrations.version_of(connection) == migrations.FIRST:
            raise LedgerError(f"{path}: an older camfleet wrote this ledger; `camfleet run` makes its hash tree")
        try:
            return sign(tree.read(connection), keys.load(path), at)
        except (sqlite3.DatabaseError, ValueError) as error:
            raise file.damaged(path, error) from error
