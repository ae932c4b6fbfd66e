"""The ledger's file: its schema, its checks, and the two ways to open it. Errors are sentences."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import IO

from monitor.ledger import migrations
from monitor.ledger.errors import LedgerError
from monitor.ledger.migrations import VERSION

#: "CAMF", by which a camfleet ledger is known (PRAGMA application_id).
APPLICATION_ID = 0x43414D46

#: The first schema; a new ledger takes the same steps from it as an old one.
SCHEMA = """
CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    kind TEXT NOT NULL,
    camera TEXT,
    device TEXT,
    vantage TEXT,
    source TEXT NOT NULL,
    fence INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_camera ON events (camera, seq) WHERE camera IS NOT NULL;
CREATE INDEX events_by_device ON events (device, seq) WHERE device IS NOT NULL;
CREATE INDEX events_of_fleet ON events (kind, vantage, seq) WHERE camera IS NULL AND device IS NULL;
CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
CREATE TABLE rungs (camera TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE memory (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
"""

#: Errors of the disk, which may pass.
_PASSING = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _is(error: sqlite3.Error, codes: tuple[int, ...]) -> bool:
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in codes


def create(path: Path) -> sqlite3.Connection:
    """Open a ledger for writing; make it if there is none. Raises LedgerError, or sqlite3.Error if the disk fails."""
    if not path.exists() or path.stat().st_size == 0:
        _make(path)
    if not os.access(path, os.W_OK):  # SQLite would open it for reading without a word
        raise LedgerError(f"{path}: the ledger cannot be opened: no permission to write {path}")
    return _checked(path, "rw")


def tables(version: int) -> list[tuple[str, str]]:
    """Return the tables of a schema as (name, SQL), as SQLite keeps them."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as model:
        model.executescript(f"{SCHEMA} PRAGMA user_version = {migrations.FIRST};")
        migrations.migrate(model, version)
        return model.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'").fetchall()


def reopen(path: Path) -> sqlite3.Connection:
    """Open a ledger for writing that was there before; never makes a new one in its place."""
    return _checked(path, "rw")


def view(path: Path) -> sqlite3.Connection:
    """Open a ledger for reading, also while a monitor writes it, or where nothing can be written."""
    if not path.exists():
        raise LedgerError(f"{path}: there is no ledger here; `camfleet run` makes one")
    try:
        return _checked(path, "ro")
    except (sqlite3.Error, LedgerError) as error:
        if not _at_rest(path):
            raise _unreadable(path, error) from error
    try:
        return _checked(path, "ro&immutable=1")
    except sqlite3.Error as error:
        raise _unreadable(path, error) from error


def _at_rest(path: Path) -> bool:
    """Say whether all of a ledger is in its file: nobody writes it, and it was closed in order."""
    log = path.with_name(path.name + "-wal")
    return not log.exists() or log.stat().st_size == 0


def _unreadable(path: Path, error: Exception) -> LedgerError:
    return error if isinstance(error, LedgerError) else LedgerError(f"{path}: the ledger cannot be read: {error}")


def _make(path: Path) -> None:
    """Make an empty ledger, whole or not at all."""
    draft = path.with_name(path.name + "-new")
    draft.unlink(missing_ok=True)
    connection = _connect(draft, "rwc")
    try:
        mark = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {migrations.FIRST};"
        connection.executescript(f"BEGIN; {SCHEMA} {mark} COMMIT;")
        migrations.migrate(connection)
    finally:
        connection.close()
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # or a power cut could take the whole new file back
    finally:
        os.close(folder)


def _checked(path: Path, mode: str) -> sqlite3.Connection:
    connection = _connect(path, mode)
    try:
        _check(connection, path)
        if mode == "rw":
            _prepare(connection)
            migrations.migrate(connection)
    except sqlite3.Error as error:
        connection.close()
        if _is(error, _PASSING):
            raise
        if _is(error, _DAMAGE):
            raise damaged(path, error) from error
        raise LedgerError(f"{path}: the ledger cannot be opened: {_why_not(path, error)}") from error
    except LedgerError:
        connection.close()
        raise
    return connection


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    try:
        return sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=5.0)
    except sqlite3.OperationalError as error:
        if _is(error, _PASSING):
            raise
        raise LedgerError(f"{path}: the ledger cannot be opened: {_why_not(path, error)}") from error


def _why_not(path: Path, error: Exception) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"the folder {folder} does not exist"
    if not os.access(path if path.exists() else folder, os.W_OK):
        return f"no permission to write {path if path.exists() else folder}"
    return str(error)


def _check(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse what is no ledger, a damaged one, and one of a newer camfleet."""
    version = migrations.version_of(connection)
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION_ID:
        raise LedgerError(f"{path}: this is not a camfleet ledger")
    if version > VERSION:
        raise LedgerError(
            f"{path}: this ledger has schema {version}, written by a newer camfleet; this one knows schema {VERSION}."
            " Run the newer camfleet, or start a new ledger"
        )


def _prepare(connection: sqlite3.Connection) -> None:
    """WAL lets readers read while we write; FULL makes each commit wait until the disk has it."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA journal_size_limit = 16777216")


def damaged(path: Path, error: object) -> LedgerError:
    """Return what to say of a file that SQLite cannot make sense of."""
    return LedgerError(
        f"{path}: the ledger is damaged ({error}). Keep the file: `sqlite3 {path.name} .recover` can read what is left."
        " Restore a copy, or move it away to start a new ledger"
    )


def lock(path: Path) -> IO[bytes]:
    """Claim a ledger for one writer until the returned file is closed or the process ends.

    A file beside the ledger: closing any descriptor of the ledger itself would drop SQLite's own POSIX locks.
    """
    place = path.with_name(path.name + "-lock")
    try:
        held = place.open("ab")
    except OSError as error:
        raise LedgerError(f"{path}: the ledger cannot be opened: {_why_not(path, error)}") from error
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        held.close()
        raise LedgerError(f"{path}: another camfleet writes this ledger; stop it, or name another file") from error
    return held
