"""A camera's state explained from the ledger: ``camfleet why``."""

from __future__ import annotations

import difflib
import time
from collections.abc import Iterable
from pathlib import Path

from monitor.core.times import Clock
from monitor.ledger import because, causes, history
from monitor.ledger.errors import LedgerError
from monitor.ledger.reader import Reader
from monitor.ledger.then import why_then
from monitor.ledger.why import why as explanation


def why(name: str, ledger: Path, at: float | None = None) -> str:
    """Explain a camera's state, now or ``at`` a moment, or the life of a cause. Raises LedgerError."""
    now = time.time()
    with Reader.open(ledger) as reader:
        told = explanation(name, reader, now) if at is None else why_then(name, reader, at, now)
        told = told or _life(name, reader, now)
        if not told:
            restored = reader.restore()
            known = (*restored.cameras, *causes.restored(restored.memory))
            raise LedgerError(f"{ledger}: no camera or cause {name!r}.{did_you_mean(name, known)}")
        return told


def _life(cause: str, reader: Reader, now: float) -> str:
    owners = causes.owners(reader.restore().memory)
    return because.life(cause, history.of_cause(reader, cause), owners, Clock(now, None))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint at the likely name, to be put behind a sentence, or nothing."""
    near = difflib.get_close_matches(name, list(known), 1)
    return f" Did you mean {near[0]!r}?" if near else ""
