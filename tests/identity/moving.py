"""A monitor in a hurry over some sound cameras of a running city whose addresses change hands."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path

from peers.cities import RunningCity

from monitor.app import Monitor
from monitor.core.event import RungEvent
from monitor.core.model import Inventory
from monitor.core.schedule import Rates
from monitor.core.state import State
from monitor.inventory import load
from monitor.ledger.ledger import Ledger
from monitor.ledger.reader import Reader

#: What is asked every minute and every hour is asked every quarter of a minute; re-checks keep their ten seconds.
RATES = Rates(
    light_s=11.0,
    media_s=20.0,
    login_s=11.0,
    stranger_s=11.0,
    spread_s=2.0,
    http_per_minute=240.0,
    http_burst=40.0,
    rtsp_per_minute=480.0,
    rtsp_burst=80.0,
)
#: How much later than it was sent an answer of before may have been read, on a busy machine.
READ_S = 3.0


def sound(city: RunningCity, number: int) -> list[str]:
    """Sound devices with one camera each that can change their address."""
    found = (device.id for device in city.all_of() if device.make != "reolink")
    chosen = list(islice(found, number))
    assert len(chosen) == number
    return chosen


def watched(city: RunningCity, devices: list[str], serials: bool = False) -> Inventory:
    """The inventory of these devices alone, with or without the serial numbers that it names."""
    whole = load(city.inventory, os.environ)
    chosen = {id_: device for id_, device in whole.devices.items() if device.host in addresses(city, devices)}
    cameras = {
        id_: camera if serials else replace(camera, serial="")
        for id_, camera in whole.cameras.items()
        if camera.device in chosen
    }
    return replace(whole, devices=chosen, cameras=cameras)


def addresses(city: RunningCity, devices: list[str]) -> set[str]:
    return {device.address for device in city.devices if device.id in devices}


@asynccontextmanager
async def monitored(inventory: Inventory, ledger: Path, rates: Rates = RATES) -> AsyncIterator[Monitor]:
    """A monitor that watches until the block ends."""
    monitor = Monitor(inventory, rates, Ledger.open(ledger))
    running = asyncio.create_task(monitor.run())
    try:
        yield monitor
    finally:
        monitor.stop.set()
        await running


async def until(monitor: Monitor, state: Callable[[str], State], patience_s: float = 60.0) -> None:
    """Wait until every camera has its state."""
    left: list[str] = []
    for _ in range(int(patience_s * 4)):
        await asyncio.sleep(0.25)
        views = monitor.snapshot.views if monitor.snapshot else {}
        left = [f"{id_} {view.state} {view.reason}" for id_, view in views.items() if view.state is not state(id_)]
        if views and not left:
            return
    raise AssertionError(f"after {patience_s:.0f} s: {left}")


def events(ledger: Path) -> list[RungEvent]:
    """All that changed, as the ledger has it."""
    with Reader.open(ledger) as reader:
        return [event for _, event in reader.events() if isinstance(event, RungEvent)]
