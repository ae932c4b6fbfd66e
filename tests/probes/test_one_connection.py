"""One connection at a time to a device: the next protocol finds it alone."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
import uvloop
from peers.cities import RunningCity, started_city
from talks import CLOCKS

from monitor.core.model import Device, Inventory
from monitor.core.schedule import Deadlines
from monitor.core.verdict import Rung
from monitor.inventory import load
from monitor.probes.base import Ask, run_probe
from monitor.probes.memory import Memory
from monitor.probes.registry import PROBES, RUNGS

LOOPS = {"uvloop": uvloop.new_event_loop, "asyncio": asyncio.new_event_loop}
AT_ONCE = 20


async def ask_all(inventory: Inventory, devices: list[Device]) -> None:
    """Hold ONVIF, RTSP and ONVIF again with each device, one straight after the other."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(device: Device) -> None:
        memory = Memory()
        cameras = tuple(inventory.cameras[id_] for id_ in device.cameras)
        async with turns:
            for name in ("onvif", "rtsp", "onvif"):
                ask = Ask(RUNGS[name] - {Rung.MEDIA}, cameras[:1], 40)
                result = await run_probe(name, PROBES[name], device, ask, memory, CLOCKS, Deadlines())
                memory = replace(memory, **result.learnt)

    async with asyncio.TaskGroup() as group:
        for device in devices:
            group.create_task(one(device))


def most_open(city: RunningCity) -> dict[str, int]:
    return {id_: counted["tcp_open_max"] for id_, counted in city.ask("/counters")["devices"].items()}


@pytest.mark.parametrize("loop", LOOPS)
def test_a_connection_has_ended_before_the_next_one_begins(loop: str) -> None:
    """Probes that follow each other at once, on devices that keep and that close their connections."""
    with started_city(cameras=120, seed=5) as city:
        inventory = load(city.inventory, {})
        truth = city.truth()
        devices = [
            device for device in inventory.devices.values() if all(not truth[id_]["fault"] for id_ in device.cameras)
        ]
        with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
            runner.run(ask_all(inventory, devices))
        counted = most_open(city)
    asked = {device.id: counted[device.id] for device in devices}
    assert len(asked) > 30
    assert {id_: most for id_, most in asked.items() if most != 1} == {}
