"""An audit of a ledger's file, which may have been made to deceive: read only, and nothing of it is believed."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from monitor.core import audit as audits
from monitor.core.audit import Audit, Show, Unreadable
from monitor.core.checkpoint import Sealed, VerifierKey
from monitor.core.leaf import Row
from monitor.core.merkle import Frontier
from monitor.ledger import file, migrations, tree

#: No event of ours comes near; SQLite refuses what is longer.
LONGEST_TEXT_BYTES = 16 * 1024 * 1024
#: More checkpoints than a century of hours has.
MOST_OWN = 1_000_000


def audit(
    path: Path,
    held: Iterable[tuple[str, str]] = (),
    keys: Collection[VerifierKey] = (),
    show: Show = lambda number: None,
) -> Audit:
    """Recompute a ledger, also while a monitor writes it, and hold it against checkpoints, as (place, note).

    Raises LedgerError where there is no ledger; whatever is wrong with one is in what is found.
    """
    with closing(file.view(path)) as connection:
        _distrust(connection)
        connection.execute("BEGIN")  # all of it as it stands at one moment
        return _audit(connection, held, keys, show)


def _audit(
    connection: sqlite3.Connection, held: Iterable[tuple[str, str]], keys: Collection[VerifierKey], show: Show
) -> Audit:
    flaws = []
    own: list[Sealed] = []
    kept: Frontier | None = None
    try:
        flaws += _other_tables(connection)
        if not flaws and migrations.version_of(connection) > migrations.FIRST:
            own = sorted(tree.checkpoints(connection, MOST_OWN))
            kept = tree.read(connection)
    except (sqlite3.Error, ValueError, TypeError) as error:
        flaws.append(f"its checkpoints cannot be read: {error}")
    rows = _rows(connection) if not flaws else iter(())
    found = audits.audit(rows, held, own, keys, kept, show)
    if not found.walk.flaw_count:
        flaws += _odd_indices(connection)
    return replace(found, flaws=[*found.flaws, *flaws])


def count(path: Path) -> int:
    """Return how many events there are to go through, or seem to be."""
    with closing(file.view(path)) as connection:
        try:
            (number,) = connection.execute("SELECT count(*) FROM events").fetchone()
        except sqlite3.Error:
            return 0
    return int(number)


def _distrust(connection: sqlite3.Connection) -> None:
    """Run nothing that the file brings along, and read nothing that is beyond measure."""
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA query_only = ON")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_TEXT_BYTES)
    connection.text_factory = lambda text: text.decode(errors="surrogateescape")  # not text: another leaf, no exception


def _other_tables(connection: sqlite3.Connection) -> list[str]:
    """Say which of the tables that are read here are not as we make them: a view could tell anything."""
    wanted = dict(file.tables(migrations.version_of(connection)))
    found = dict(connection.execute("SELECT name, sql FROM sqlite_schema WHERE type IN ('table', 'view') LIMIT 1000"))
    return [f"the table {name} is not as camfleet makes it" for name in wanted if found.get(name) != wanted[name]]


def _rows(connection: sqlite3.Connection) -> Iterator[Row]:
    try:
        yield from tree.rows(connection)
    except (sqlite3.Error, ValueError) as error:
        raise Unreadable(str(error)) from error


def _odd_indices(connection: sqlite3.Connection) -> list[str]:
    """Say whether an index leads elsewhere than its table: a report would read others events than were audited."""
    try:
        (finding,) = connection.execute("PRAGMA integrity_check('events')").fetchone()
    except sqlite3.Error as error:
        finding = str(error)
    return [] if finding == "ok" else [f"its indices do not fit its events: {finding.splitlines()[-1]}"]
