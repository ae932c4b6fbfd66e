"""``camfleet survey``: all that a device says of itself, asked now, at the pace that its budget allows.

Through the monitor that runs; where none does, alone, with the ledger held for as long as it takes.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from math import inf
from typing import Any
from urllib.parse import quote

import aiohttp

from monitor.core import survey as surveys
from monitor.core.model import Camera, Inventory
from monitor.core.schedule import Rates
from monitor.core.survey import SURVEY, Survey, following
from monitor.inspection import through
from monitor.inspection.alone import hold
from monitor.inspection.errors import LookError
from monitor.inspection.explanation import did_you_mean
from monitor.inspection.notebook import Notebook
from monitor.inspection.whom import Event, Wanted, monitor_of, notebook_of
from monitor.ledger import surveys as kept
from monitor.scheduler import look as looks
from monitor.scheduler.station import Station

#: A recorder with many channels, at the default budget.
PATIENCE_S = 1800.0
ASK_AGAIN_S = 2.0

Tell = Callable[[Event], None]


async def survey(wanted: Wanted, tell: Tell) -> Survey:
    """Survey a camera's device and return what it said. Raises LookError."""
    address = wanted.monitor or await monitor_of(wanted.ledger, tell)
    while not address:
        inventory = wanted.inventory()
        if wanted.camera not in inventory.cameras:
            hint = did_you_mean(wanted.camera, inventory.cameras)
            raise LookError(f"No camera {wanted.camera!r} in the inventory.{hint}")
        notebook = notebook_of(wanted.ledger, tell)
        if notebook is not None:
            try:
                return await alone(inventory.cameras[wanted.camera], inventory, notebook, tell)
            finally:
                notebook.close()
        address = await monitor_of(wanted.ledger, tell)
    return await _through(address, wanted, tell)


async def alone(camera: Camera, inventory: Inventory, notebook: Notebook, tell: Tell) -> Survey:
    """Survey it where no monitor runs; what was learnt, and what is left of its budget, goes into the ledger."""
    device = inventory.devices[camera.device]
    _check(device.probes, camera.id)
    cameras = tuple(inventory.cameras[id_] for id_ in device.cameras)
    left, clocks = notebook.buckets(device.id), notebook.clocks
    station = Station(device, cameras, Rates(), notebook.memory(device.id), inf, earlier=left)
    tell(looks.looking(camera, device))
    draft = station.survey
    while not draft.is_over:
        station.begin_survey(clocks.lock_time())
        if (seconds := station.next_at() - clocks.lock_time()) > 1.0:
            tell(looks.waiting(SURVEY, seconds))
        await asyncio.sleep(max(0.0, seconds))
        job = station.take(clocks.lock_time())
        if job is not None:
            tell(looks.asking(SURVEY))
            result = await hold(job, station, notebook)
            draft = result.survey or draft
            if not draft.parts:
                raise LookError(f"{camera.id} did not answer. camfleet probe {camera.id} says why.")
    before = kept.from_json(notebook.restored.memory.get(kept.PREFIX + device.id))
    done = following(before, draft, time.time())
    notebook.write([], {}, {}, {kept.PREFIX + device.id: kept.to_json(done)})
    return done


def _check(probes: tuple[str, ...], camera: str) -> None:
    if "onvif" not in probes:
        raise LookError(f"{camera} is not asked over ONVIF, by the inventory's word; a survey has nothing to ask.")


async def _through(url: str, wanted: Wanted, tell: Tell) -> Survey:
    """Have the monitor that runs survey it, and wait for the result."""
    place = f"{url.rstrip('/')}/api/v1/surveys/{quote(wanted.camera, safe='')}"
    began = time.time()
    try:
        async with through.client(PATIENCE_S) as session:
            told = await _ask(session, "POST", place, url, wanted.token)
            tell(looks.surveying())
            while time.time() < began + PATIENCE_S:
                if obstacle := told.get("obstacle"):
                    raise LookError(f"{wanted.camera}: {obstacle} camfleet probe {wanted.camera} says more.")
                await asyncio.sleep(ASK_AGAIN_S)
                told = await _ask(session, "GET", place, url, wanted.token)
                if told["at"] is not None and float(told["at"]) >= began:
                    return Survey(float(told["at"]), surveys.from_json(told["parts"]))
    except (TimeoutError, ValueError, KeyError, TypeError, OSError, aiohttp.ClientError):
        raise LookError(f"The monitor at {url} does not answer, or not to the end. Does it run?") from None
    raise LookError(
        f"The survey was not over after {PATIENCE_S / 60:.0f} min. camfleet probe {wanted.camera} says why."
    )


async def _ask(session: aiohttp.ClientSession, method: str, place: str, url: str, token: str) -> dict[str, Any]:
    body: dict[str, str] | None = {} if method == "POST" else None
    async with session.request(method, place, headers=through.authorization(token), json=body) as response:
        if response.status != 200:
            raise LookError(await through.refusal(response, url))
        told = json.loads(await response.content.read(through.MOST_EVENT_BYTES))
    if not isinstance(told, dict):
        raise ValueError(told)
    return told
