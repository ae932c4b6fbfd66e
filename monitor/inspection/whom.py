"""Who is to be asked for what a person wants to know: the monitor that runs, or, where none does, the ledger."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.core.model import Inventory
from monitor.inspection import through
from monitor.inspection.errors import LookError
from monitor.inspection.notebook import Notebook, held, listening

#: How long another look may last that holds the ledger.
PATIENCE_S = 180.0
ASK_AGAIN_S = 0.3

Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person wants to know, and where the answer may be found."""

    camera: str
    ledger: Path
    inventory: Callable[[], Inventory]
    """Loads the inventory, which only a look without a monitor needs."""
    monitor: str = ""
    """The address of a running monitor; empty: the one that writes the ledger, if one does."""
    token: str = ""
    clear_lock: bool = False


def notebook_of(ledger: Path, tell: Callable[[Event], None]) -> Notebook | None:
    """Hold a ledger for a look by ourselves, and say where no monitor ever wrote it: one may watch elsewhere."""
    notebook = Notebook.open(ledger)
    if notebook is not None and not notebook.restored.is_watched:
        tell({"event": "alone", "ledger": str(ledger)})
    return notebook


async def monitor_of(ledger: Path, tell: Callable[[Event], None]) -> str:
    """Return the address of the monitor that writes this ledger; nothing once nobody holds it."""
    end = time.monotonic() + PATIENCE_S
    told = False
    while held(ledger):
        address = listening(ledger)
        if address and await through.answers(address):
            return address
        if time.monotonic() > end:
            raise LookError(
                f"{ledger}: another camfleet uses this ledger and does not answer. Say where it does: --monitor URL"
            )
        if not told:
            tell({"event": "joining"})
            told = True
        await asyncio.sleep(ASK_AGAIN_S)
    return ""
