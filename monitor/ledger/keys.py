"""The key that signs a ledger's checkpoints: a file beside it that nobody else can read."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from monitor.core.checkpoint import KEY_BYTES, NoteError, Sealed, SigningKey
from monitor.ledger.errors import LedgerError

KEY_FILE_BYTES_MAX = 1024


class NoKey(LedgerError):
    """There is no key where it should be."""


def path_of(ledger: Path) -> Path:
    """Return where the key of a ledger is."""
    return ledger.with_name(ledger.name + "-key")


def load(ledger: Path) -> SigningKey:
    """Return the key of a ledger; LedgerError where it has none, or one that is none or that others can read."""
    path = path_of(ledger)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:
            mode = os.fstat(descriptor).st_mode
            text = file.read(KEY_FILE_BYTES_MAX) if stat.S_ISREG(mode) else b""
    except FileNotFoundError:
        raise NoKey(f"{path}: there is no key; `camfleet run` makes one with the first checkpoint") from None
    except OSError as error:
        raise LedgerError(f"{path}: the key cannot be read: {error.strerror}") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise LedgerError(f"{path}: others can read or change the key: chmod 600 {path}")
    try:
        return SigningKey.parse(text.decode().strip())
    except (NoteError, UnicodeDecodeError):
        raise LedgerError(f"{path}: this is not a key: put the key back") from None


def to_sign_with(ledger: Path, newest: Sealed | None) -> SigningKey:
    """Return the key for the next checkpoint of a ledger; the first makes it. OSError if the disk fails.

    One that is gone is not replaced without a word: whoever verifies would see signatures by a key that he never had.
    """
    try:
        return load(ledger)
    except NoKey:
        if newest is None:
            return make(ledger)
    raise NoKey(
        f"{path_of(ledger)}: the key that signed the checkpoints so far is gone: put it back, or make another:"
        " `camfleet ledger key --new`"
    )


def make(ledger: Path) -> SigningKey:
    """Make a key for a ledger that has none: LedgerError where it has. OSError if the disk fails."""
    if path_of(ledger).exists():
        raise LedgerError(f"{path_of(ledger)}: there is a key; keep it, or move it away first")
    key = SigningKey(f"camfleet/{secrets.token_hex(8)}", secrets.token_bytes(KEY_BYTES))
    path = path_of(ledger)
    draft = path.with_name(path.name + "-new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, "w", encoding="ascii") as file:
        file.write(key.reveal() + "\n")
        file.flush()
        os.fsync(descriptor)
    draft.replace(path)
    return key
