"""A look where no monitor runs: the same timetable, budgets and login lock as the monitor's, kept in the ledger."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from math import inf

from monitor.app import cleared_already, lock_cleared, refusals
from monitor.core.limits import ClearedAlready, Login
from monitor.core.model import Camera, Inventory
from monitor.core.schedule import Rates
from monitor.inspection.errors import LookError
from monitor.inspection.notebook import Notebook
from monitor.probes.base import Result, Talk, run_probe
from monitor.probes.memory import Memory
from monitor.probes.registry import conversation
from monitor.scheduler import look as looks
from monitor.scheduler.station import Job, Station

#: What of a message shows a login (RFC 7616 §3.4; WS-Security UsernameToken Profile 1.1 §3.1).
LOGIN_MARKS = (b"authorization:", b"usernametoken")


async def look(
    camera: Camera, inventory: Inventory, notebook: Notebook, clear_lock: bool
) -> AsyncGenerator[looks.Event, None]:
    """Ask a camera now and yield what happens. Raises LookError where the ledger cannot be written."""
    device = inventory.devices[camera.device]
    clocks = notebook.clocks
    cameras = tuple(inventory.cameras[id_] for id_ in device.cameras)
    memory, left = notebook.memory(device.id), notebook.buckets(device.id)
    station = Station(device, cameras, Rates(), memory, inf, earlier=left)
    yield looks.looking(camera, device)
    if clear_lock:
        _clear_lock(station, notebook)
    station.look(camera.id, clocks.lock_time())
    while station.looking(camera.id):
        probe, seconds = station.look_waits(camera.id, clocks.lock_time())
        if seconds > 1.0:
            yield looks.waiting(probe, seconds)
        await asyncio.sleep(seconds)
        job = station.take(clocks.lock_time())
        if job is not None:
            yield looks.asking(job.probe)
            yield looks.answered(await hold(job, station, notebook), camera)
    yield looks.ended(station.memory, clocks.set_s)


def _clear_lock(station: Station, notebook: Notebook) -> None:
    """Let a login be tried again, by a person's word. Raises LookError."""
    device, clocks = station.device.id, notebook.clocks
    try:
        cleared = station.clear_lock(clocks.lock_time())
    except ClearedAlready as already:
        raise LookError(f"The camera was not asked. {cleared_already(already, clocks)}") from None
    if cleared:
        notebook.keep(device, station.memory, station.buckets, [lock_cleared(clocks.wall(), device)])


async def hold(job: Job, station: Station, notebook: Notebook) -> Result:
    """Hold one conversation. Whatever ends it, the ledger knows of a login that was shown."""
    device = station.device
    talks: list[Talk] = []

    async def noted(talk: Talk) -> None:
        talks.append(talk)
        if job.probe != "snmp" and device.credential is not None and talk.may_log_in:
            notebook.keep(device.id, _as_refused(talk), station.buckets)
        await conversation(job.probe)(talk)

    try:
        result = await run_probe(
            job.probe, noted, device, job.ask, station.memory, notebook.clocks, station.rates.deadlines
        )
    except BaseException:
        station.lost(job, notebook.clocks.lock_time())
        left = _left_behind(talks[0], station.memory.login) if talks else station.memory
        notebook.keep(device.id, left, station.buckets)
        raise
    now = notebook.clocks.lock_time()
    station.ended(job, result.verdict, result.learnt, now)
    station.surveyed(result.survey, now)
    notebook.keep(device.id, station.memory, station.buckets, refusals(result))
    return result


def _as_refused(talk: Talk) -> Memory:
    """Return what is to be remembered if nobody ever hears what became of a login."""
    login = talk.memory.login.refused(talk.clocks.lock_time(), talk.evidence)
    return talk.memory._replace(login=login)


def _left_behind(talk: Talk, before: Login) -> Memory:
    """Return what a conversation that was cut short leaves: a login whose answer nobody heard counts as refused."""
    shown = any(sent and any(mark in data.lower() for mark in LOGIN_MARKS) for _, sent, data in talk.said)
    return _as_refused(talk) if shown and talk.memory.login == before else talk.memory
