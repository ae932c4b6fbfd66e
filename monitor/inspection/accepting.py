"""``camfleet accept``: a deliberate replacement, through the monitor that runs, or in the ledger where none does."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import aiohttp

from monitor.core import fleet as fleets
from monitor.core.event import DeviceEvent
from monitor.core.model import Inventory
from monitor.core.replacement import NothingToAccept, replaced
from monitor.core.schedule import Rates
from monitor.inspection import through
from monitor.inspection.errors import LookError
from monitor.inspection.explanation import did_you_mean
from monitor.inspection.notebook import Notebook
from monitor.inspection.whom import Event, Wanted, monitor_of, notebook_of
from monitor.ledger import identities
from monitor.ledger.logins import DEVICE
from monitor.probes import trust


async def accept(wanted: Wanted, by: str, reason: str, tell: Callable[[Event], None]) -> list[str]:
    """Accept the device that answers for a camera, and return what was recorded. Raises LookError."""
    address = wanted.monitor or await monitor_of(wanted.ledger, tell)
    while not address:
        inventory = wanted.inventory()
        if wanted.camera not in inventory.cameras:
            hint = did_you_mean(wanted.camera, inventory.cameras)
            raise LookError(f"No camera {wanted.camera!r} in the inventory.{hint}")
        notebook = notebook_of(wanted.ledger, tell)
        if notebook is not None:
            try:
                return alone(wanted.camera, inventory, notebook, by, reason)
            finally:
                notebook.close()
        address = await monitor_of(wanted.ledger, tell)
    return await _through(address, wanted, {"by": by, "reason": reason})


def alone(camera: str, inventory: Inventory, notebook: Notebook, by: str, reason: str) -> list[str]:
    """Accept it in the ledger; the next monitor starts with that. Raises LookError."""
    device = inventory.cameras[camera].device
    trusted, recorded = trust.accepted(inventory.devices[device], notebook.memory(device), by, time.time())
    if recorded:
        notebook.write(recorded, {}, {}, {DEVICE + device: trusted.to_json()})
        return [f"{camera}: {event.what}: {event.detail}" for event in recorded]
    before = notebook.restored
    known = identities.restored(before.memory)
    fleet = fleets.start(inventory, Rates(), before.cameras, before.standings, known)
    try:
        fleet, events = replaced(fleet, camera, by, reason, time.time())
    except NothingToAccept as nothing:
        raise LookError(str(nothing)) from None
    changed = {event.camera for event in events if isinstance(event, DeviceEvent)}
    notebook.write(
        events,
        {id_: fleet.cameras[id_] for id_ in changed},
        {id_: fleet.standings[id_] for id_ in changed},
        {
            **identities.changes({}, {id_: fleet.identities[id_] for id_ in changed}),
            DEVICE + device: notebook.memory(device).of_another().to_json(),
        },
    )
    return [f"{event.camera}: {event.detail}" for event in events if isinstance(event, DeviceEvent)]


async def _through(url: str, wanted: Wanted, body: dict[str, str]) -> list[str]:
    place = f"{url.rstrip('/')}/api/v1/cameras/{quote(wanted.camera, safe='')}/accept"
    try:
        async with (
            through.client(through.ALIVE_S) as session,
            session.post(place, json=body, headers=through.authorization(wanted.token)) as response,
        ):
            if response.status != 200:
                raise LookError(await through.refusal(response, url))
            told: Any = json.loads(await response.content.read(through.MOST_EVENT_BYTES))
            return [str(line) for line in told["accepted"]]
    except (TimeoutError, ValueError, KeyError, TypeError, OSError, aiohttp.ClientError):
        raise LookError(f"The monitor at {url} does not answer, or not to the end. Does it run?") from None
