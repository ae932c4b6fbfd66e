"""Which way a look goes: through the monitor that runs, or, where none does, alone, with the ledger held."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.core.model import Inventory
from monitor.inspection import alone, through
from monitor.inspection.errors import LookError
from monitor.inspection.explanation import did_you_mean
from monitor.inspection.notebook import Notebook, held, listening
from monitor.inspection.report import Report

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


async def look(wanted: Wanted, tell: Callable[[Event], None]) -> Report:
    """Look at a camera and return what was found; ``tell`` hears what happens. Raises LookError."""
    report = Report()
    async with aclosing(await _events(wanted, tell)) as events:
        async for event in events:
            tell(event)
            report.take(event)
    if not report.subject or report.unfinished:
        raise LookError("The look was not held to its end; try again.")
    return report


async def _events(wanted: Wanted, tell: Callable[[Event], None]) -> AsyncGenerator[Event, None]:
    address = wanted.monitor or await monitor_of(wanted.ledger, tell)
    while not address:
        camera, inventory = wanted.camera, wanted.inventory()
        if camera not in inventory.cameras:
            raise LookError(f"No camera {camera!r} in the inventory.{did_you_mean(camera, inventory.cameras)}")
        notebook = notebook_of(wanted.ledger, tell)
        if notebook is not None:
            return _held(notebook, alone.look(inventory.cameras[camera], inventory, notebook, wanted.clear_lock))
        address = await monitor_of(wanted.ledger, tell)
    return through.look(address, wanted.camera, wanted.token, wanted.clear_lock)


async def _held(notebook: Notebook, events: AsyncGenerator[Event, None]) -> AsyncGenerator[Event, None]:
    try:
        async for event in events:
            yield event
    finally:
        notebook.close()


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
