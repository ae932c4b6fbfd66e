"""The ledger's file: its schema, its checks, and the two ways to open it. Errors are sentences."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from pathlib import Path
from typing import IO

from monitor.ledger.errors import LedgerError

#: "CAMF", by which a camfleet ledger is known (PRAGMA application_id).
APPLICATION_ID = 0x43414D46
VERSION = 1

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

#: Errors of the disk, which may pass; any other says that the file is not what it should be.
PASSING = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def passing(error: sqlite3.Error) -> bool:
    """Say whether an error may go away by itself: the disk is full, or fails."""
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in PASSING


def create(path: Path) -> sqlite3.Connection:
    """Open a ledger for writing; make it if there is none. Raises LedgerError, or sqlite3.Error if the disk fails."""
    return _checked(path, "rwc")


def reopen(path: Path) -> sqlite3.Connection:
    """Open a ledger for writing that was there before; never makes a new one in its place."""
    return _checked(path, "rw")


def view(path: Path) -> sqlite3.Connection:
    """Open a ledger for reading, also while a monitor writes it."""
    if not path.exists():
        raise LedgerError(f"{path}: there is no ledger here; `camfleet run` makes one")
    try:
        return _checked(path, "ro")
    except sqlite3.Error as error:
        raise LedgerError(f"{path}: the ledger cannot be read: {error}") from error


def _checked(path: Path, mode: str) -> sqlite3.Connection:
    try:
        connection = _connect(path, mode)
    except sqlite3.OperationalError as error:
        if passing(error):
            raise
        raise LedgerError(f"{path}: the ledger cannot be opened: {_why_not(path, error)}") from error
    try:
        _check(connection, path, mode)
    except sqlite3.DatabaseError as error:
        connection.close()
        if passing(error):
            raise
        raise damaged(path, error) from error
    except LedgerError:
        connection.close()
        raise
    return connection


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None, check_same_thread=False, timeout=5.0
    )


def _why_not(path: Path, error: sqlite3.Error) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"the folder {folder} does not exist"
    if not os.access(path if path.exists() else folder, os.W_OK):
        return f"no permission to write {path if path.exists() else folder}"
    return str(error)


def _check(connection: sqlite3.Connection, path: Path, mode: str) -> None:
    """Refuse what is no ledger, a damaged one, and one of a newer camfleet; give an empty file its schema."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if version == 0 and tables == 0 and mode == "rwc":
        _make(connection)
        return
    if application != APPLICATION_ID:
        raise LedgerError(f"{path}: this is not a camfleet ledger")
    if version > VERSION:
        raise LedgerError(
            f"{path}: this ledger has schema {version}, written by a newer camfleet; this one knows schema {VERSION}."
            " Run the newer camfleet, or start a new ledger"
        )
    if mode != "ro":
        _prepare(connection)


def _make(connection: sqlite3.Connection) -> None:
    _prepare(connection)
    connection.executescript(
        f"BEGIN; {SCHEMA} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION}; COMMIT;"
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
        raise LedgerError(f"{path}: the ledger cannot be opened: {place}: {error.strerror}") from error
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        held.close()
        raise LedgerError(f"{path}: another camfleet writes this ledger; stop it, or name another file") from error
    return held
