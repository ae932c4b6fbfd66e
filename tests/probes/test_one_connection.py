"""One connection at a time to a device: the next protocol finds it alone."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable

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
from monitor.scheduler.station import BREATH_S

LOOPS = {"uvloop": uvloop.new_event_loop, "asyncio": asyncio.new_event_loop}


async def ask_all(inventory: Inventory, device: Device, between: Callable[[], None]) -> None:
    """Hold ONVIF, RTSP and ONVIF again with a device, with the monitor's own pause between them; tell before and after."""
    memory = Memory()
    between()
    cameras = tuple(inventory.cameras[id_] for id_ in device.cameras)
    for name in ("onvif", "rtsp", "onvif"):
        ask = Ask(RUNGS[name] - {Rung.MEDIA}, cameras[:1], 40)
        result = await run_probe(name, PROBES[name], device, ask, memory, CLOCKS, Deadlines())
        between()
        memory = memory._replace(**result.learnt)
        await asyncio.sleep(BREATH_S)


def sockets() -> int:
    """Count this process's open sockets."""
    count = 0
    for descriptor in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):  # the one that listed the others
            count += os.readlink(f"/proc/self/fd/{descriptor}").startswith("socket:")
    return count


def healthy(city: RunningCity, inventory: Inventory) -> list[Device]:
    truth = city.truth()
    return [d for d in inventory.devices.values() if not any(truth[id_]["fault"] for id_ in d.cameras)]


@pytest.mark.parametrize("loop", LOOPS)
def test_a_connection_has_ended_before_the_next_one_begins(loop: str) -> None:
    """When a probe returns, its socket is closed; no device ever counts two connections at a time."""
    with started_city(cameras=120, seed=5) as city, asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        inventory = load(city.inventory, {})
        first, *others = healthy(city, inventory)
        opened: set[int] = set()
        runner.run(ask_all(inventory, first, lambda: opened.add(sockets())))
        runner.run(_ask_each(inventory, others))
        counted = city.ask("/counters")["devices"]
    assert len(opened) == 1
    assert len(others) > 30
    assert {device.id: most for device in others if (most := counted[device.id]["tcp_open_max"]) != 1} == {}


async def _ask_each(inventory: Inventory, devices: list[Device]) -> None:
    async with asyncio.TaskGroup() as group:
        for device in devices:
            group.create_task(ask_all(inventory, device, lambda: None))
