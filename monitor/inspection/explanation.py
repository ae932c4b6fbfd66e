"""A camera's state explained from the ledger: ``camfleet why``."""

from __future__ import annotations

import difflib
import time
from collections.abc import Iterable
from pathlib import Path

from monitor.core.calendar import Calendar
from monitor.core.times import Clock
from monitor.ledger import because, calendars, causes, history, places
from monitor.ledger.errors import LedgerError
from monitor.ledger.place_words import place
from monitor.ledger.reader import Reader
from monitor.ledger.then import why_then
from monitor.ledger.why import why as explanation


def why(name: str, ledger: Path, at: float | None = None) -> str:
    """Explain a camera's state, or what stands at a place, now or ``at`` a moment; or the life of a cause.

    Raises LedgerError.
    """
    now = time.time()
    with Reader.of_fleet(ledger) as reader:
        told = explanation(name, reader, now) if at is None else why_then(name, reader, at, now)
        told = told or _life(name, reader, now) or place(name, reader, now, at)
        if not told:
            restored = reader.restore()
            where = places.restored(restored.memory)
            named = {other for camera in where.cameras.values() for _, other in places.names(where, camera)}
            known = (*restored.cameras, *causes.restored(restored.memory), *sorted(named))
            raise LedgerError(f"{ledger}: no camera, cause or place {name!r}.{did_you_mean(name, known)}")
        return told


def _life(cause: str, reader: Reader, now: float) -> str:
    events = history.of_cause(reader, cause)
    if not events:
        return ""
    memory = reader.restore().memory
    plan = Calendar(calendars.restored(memory))
    return because.life(cause, events, causes.owners(memory), Clock(now, None), plan, places.restored(memory))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint at the likely name, to be put behind a sentence, or nothing."""
    near = difflib.get_close_matches(name, list(known), 1)
    return f" Did you mean {near[0]!r}?" if near else ""
