"""Copies of a ledger: whole and audited before they have their name, and its leaves as text."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from monitor.core.audit import Audit, Show
from monitor.ledger import file, tree
from monitor.ledger.audit import audit
from monitor.ledger.errors import LedgerError
from monitor.ledger.settling import settle


def copied(source: Path, target: Path, show: Show = lambda number: None) -> Audit:
    """Copy a ledger, also one in use, as it stands at one moment; return what an audit of the copy found.

    Nothing is overwritten, and a copy that is not whole does not get its name: LedgerError says why. The key is not
    copied: it is kept elsewhere, or made anew.
    """
    for place in (target, target.with_name(target.name + "-wal")):
        if place.exists():
            raise LedgerError(f"{place}: this is there already, and is not overwritten")
    draft = target.with_name(target.name + "-new")
    try:
        draft.unlink(missing_ok=True)
        with closing(file.view(source)) as connection, closing(sqlite3.connect(draft)) as copy:
            connection.backup(copy)
        found = audit(draft, show=show)
        if not found.is_whole:
            raise LedgerError(
                f"{source}: not copied: it is not what it should be; `camfleet verify` says what is wrong"
            )
        settle(draft, target)
    except (OSError, sqlite3.Error) as error:
        raise LedgerError(f"{target}: cannot be written: {getattr(error, 'strerror', None) or error}") from error
    finally:
        for rest in ("", "-wal", "-shm"):
            draft.with_name(draft.name + rest).unlink(missing_ok=True)
    return found


def leaves(path: Path, since: float | None = None, until: float | None = None) -> Iterator[bytes]:
    """Yield the leaves of a ledger in their order, or those of ``since`` <= at < ``until``; LedgerError if damaged."""
    with closing(file.view(path)) as connection:
        try:
            for row in tree.rows(connection):
                if (since is None or row.at >= since) and (until is None or row.at < until):
                    yield row.leaf
        except sqlite3.DatabaseError as error:
            raise file.damaged(path, error) from error
