"""Which way a look goes: through the monitor that runs, or, where none does, alone, with the ledger held."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from monitor.inspection import alone, through
from monitor.inspection.errors import LookError
from monitor.inspection.explanation import did_you_mean
from monitor.inspection.notebook import Notebook
from monitor.inspection.report import Report
from monitor.inspection.whom import Event, Wanted, monitor_of, notebook_of


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
