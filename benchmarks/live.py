"""From a fault to its confirmed state for real: a monitor at its default intervals watches a city whose cameras fail.

The monitor runs in this process, the city in another. Faults are switched on at random moments through the city's
control interface; the clock stops when the published snapshot says of the camera what the fault leads to.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import NamedTuple

import aiohttp

from benchmarks.model import FAULTS
from benchmarks.spread import Spread, spread
from benchmarks.targets import Targets, healthy_devices
from monitor.app import Monitor
from monitor.core.schedule import Rates
from monitor.core.state import State
from monitor.ledger.ledger import Ledger
from simulator.faults import ONLY_ON

#: How often the snapshot is looked at; it is published once a second.
LOOK_S = 0.05


class Live(NamedTuple):
    """How long a city is watched, and how many cameras fall ill of each fault."""

    cameras: int = 150
    each: int = 16
    faults: tuple[str, ...] = ("onvif_off", "dead", "hung", "stream_server", "clock")
    """Those that only some makes can have come first."""
    settle_s: float = 240.0
    """From the start until every healthy camera must be up."""
    spread_s: float = 60.0
    """The faults begin at random moments within this time."""
    patience_s: float = 150.0
    """How long is waited for the last one to be confirmed."""


class Findings(NamedTuple):
    """Seconds until confirmed, by fault, and how many never were."""

    seconds: Mapping[str, Spread]
    unconfirmed: int


class NotSettled(Exception):
    """Not enough cameras were up in time: the machine is too busy, or the product is at fault."""


async def measure(live: Live, rates: Rates, seed: int = 1) -> Findings:
    """Watch a city, let cameras fall ill, and wait for the monitor to notice."""
    async with healthy_devices(live.cameras, seed=seed) as targets, _running(targets, rates) as monitor:
        patients = await _patients(live, targets, monitor)
        async with aiohttp.ClientSession() as session:
            chance = Random(seed)
            waits = [
                _confirmed(
                    session, targets, monitor, fault, camera, chance.uniform(0.0, live.spread_s), live.patience_s
                )
                for fault, cameras in patients.items()
                for camera in cameras
            ]
            found = await asyncio.gather(*waits)
        seconds = {fault: [s for name, s in found if name == fault and s is not None] for fault in patients}
        confirmed = {fault: spread(values) for fault, values in seconds.items() if values}
        return Findings(confirmed, sum(s is None for _, s in found))


@asynccontextmanager
async def _running(targets: Targets, rates: Rates) -> AsyncIterator[Monitor]:
    with tempfile.TemporaryDirectory(prefix="camfleet-bench-") as folder:
        monitor = Monitor(targets.inventory, rates, Ledger.open(Path(folder) / "ledger.sqlite"))
        turning = asyncio.create_task(monitor.run())
        try:
            yield monitor
        finally:
            monitor.stop.set()
            await turning


async def _patients(live: Live, targets: Targets, monitor: Monitor) -> dict[str, list[str]]:
    """Return the cameras that are to fall ill, by fault, once enough are up. Raises NotSettled."""
    devices = [targets.inventory.devices[id_] for id_ in targets.devices]
    deadline = time.monotonic() + live.settle_s
    while True:
        up = {device.cameras[0]: device.make for device in devices if _state(monitor, device.cameras[0]) is State.UP}
        chosen = _chosen(live, up)
        if all(len(cameras) == live.each for cameras in chosen.values()):
            return chosen
        if time.monotonic() > deadline:
            raise NotSettled(f"{len(up)} of {len(devices)} healthy cameras were up within {live.settle_s:g} s")
        await asyncio.sleep(LOOK_S)


def _chosen(live: Live, makes: Mapping[str, str]) -> dict[str, list[str]]:
    """Return cameras for each fault, of makes that can have it: ``live.each`` of them where there are so many."""
    chosen, free = {}, dict(makes)
    for fault in live.faults:
        able = [camera for camera, make in free.items() if make in ONLY_ON.get(fault, (make,))]
        chosen[fault] = able[: live.each]
        for camera in chosen[fault]:
            del free[camera]
    return chosen


async def _confirmed(
    session: aiohttp.ClientSession,
    targets: Targets,
    monitor: Monitor,
    fault: str,
    camera: str,
    wait_s: float,
    patience_s: float,
) -> tuple[str, float | None]:
    """Let one camera fall ill after a wait; return its fault and the seconds until it was confirmed."""
    await asyncio.sleep(wait_s)
    began = time.monotonic()
    asked = {"fault": fault, "cameras": [camera]}
    async with session.post(f"{targets.city.control}/faults", json=asked) as answer:
        answer.raise_for_status()
    while _state(monitor, camera) is not FAULTS[fault].state:
        if time.monotonic() > began + patience_s:
            return fault, None
        await asyncio.sleep(LOOK_S)
    return fault, time.monotonic() - began


def _state(monitor: Monitor, camera: str) -> State:
    return monitor.snapshot.views[camera].state if monitor.snapshot else State.UNKNOWN
