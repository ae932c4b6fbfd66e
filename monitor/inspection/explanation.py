"""A camera's state explained from the ledger: ``camfleet why``."""

from __future__ import annotations

import difflib
import time
from collections.abc import Iterable
from pathlib import Path

from monitor.ledger.errors import LedgerError
from monitor.ledger.reader import Reader
from monitor.ledger.why import why as explanation


def why(camera: str, ledger: Path) -> str:
    """Explain a camera's state from the ledger, in this machine's time. Raises LedgerError."""
    with Reader.open(ledger) as reader:
        told = explanation(camera, reader, time.time())
        if told is None:
            raise LedgerError(f"{ledger}: no camera {camera!r}.{did_you_mean(camera, reader.restore().cameras)}")
        return told


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint at the likely name, to be put behind a sentence, or nothing."""
    near = difflib.get_close_matches(name, list(known), 1)
    return f" Did you mean {near[0]!r}?" if near else ""
