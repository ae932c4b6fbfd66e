"""Healthy devices of a simulated city, a process of its own; and the five objects that SNMP is asked for."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from monitor.core.model import Inventory
from monitor.demo import City, running_city, truth_of
from monitor.inventory import load

#: What SNMP is asked for: five objects that an Axis camera has, by name.
OBJECTS = {
    "1.3.6.1.2.1.1.3.0": "uptime",
    "1.3.6.1.2.1.2.2.1.8.2": "interface_up",
    "1.3.6.1.2.1.2.2.1.5.2": "interface_bits_per_second",
    "1.3.6.1.4.1.368.4.1.1.1.3.1.1": "power_supply",
    "1.3.6.1.4.1.368.4.1.3.1.3.1.1": "temperature_sensor",
}


class Targets(NamedTuple):
    """A running city: its inventory, and the ids of its healthy devices of one make with one camera each."""

    city: City
    inventory: Inventory
    devices: tuple[str, ...]


@asynccontextmanager
async def healthy_devices(cameras: int, make: str = "", seed: int = 1) -> AsyncIterator[Targets]:
    """Run a city of so many cameras; its truth tells which devices are healthy."""
    with tempfile.TemporaryDirectory(prefix="camfleet-bench-") as folder:
        async with running_city(Path(folder) / "city", cameras, seed) as city:
            inventory = load(city.inventory, os.environ)
            truth = await truth_of(city)
            devices = tuple(
                device.id
                for device in inventory.devices.values()
                if make in ("", device.make) and [truth.cameras[id_]["fault"] for id_ in device.cameras] == [""]
            )
            yield Targets(city, inventory, devices)
