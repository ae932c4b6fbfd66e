"""A hint that something happened to a device: it is asked now, not at its next turn."""

from __future__ import annotations

import asyncio
import socket
import time

from peers.hostile import agent, ber, integer, object_id, octets, ticks, vitals
from talks import CLOCKS, QUICK

from monitor.core.model import Camera, Device, Inventory, Secret, SnmpAccess
from monitor.core.schedule import Rates
from monitor.probes.base import Result
from monitor.probes.traps import Traps
from monitor.scheduler import Scheduler
from monitor.scheduler.assignment import Answer, assignments
from monitor.wire import snmp

RATES = Rates(light_s=3600.0, spread_s=0.01, deadlines=QUICK)
ACCESS = SnmpAccess("test", "v2c", Secret("env:TEST", "look-only"))
LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"


def trap() -> bytes:
    rows = [("1.3.6.1.2.1.1.3.0", ticks(100)), (snmp.SNMP_TRAP_OID, object_id(LINK_DOWN))]
    bindings = b"".join(ber(0x30, object_id(oid) + value) for oid, value in rows)
    return ber(
        0x30, integer(1) + octets(b"x") + ber(snmp.TRAP, integer(7) + integer(0) + integer(0) + ber(0x30, bindings))
    )


async def test_a_trap_has_its_device_asked_at_once() -> None:
    """A device whose next turn is an hour away is asked within a moment of its trap, and a second trap asks no more."""
    results: asyncio.Queue[Result] = asyncio.Queue()

    def on_answer(answer: Answer) -> None:
        results.put_nowait(answer.result)

    async with agent(vitals()) as peer:
        device = Device("d", "127.0.0.1", {"snmp": peer.port}, ("snmp",), ("c",), snmp=ACCESS)
        inventory = Inventory({"d": device}, {"c": Camera("c", "c", "d", 1, "z")}, {}, {"z": "Z"})
        scheduler = Scheduler(RATES, CLOCKS, on_answer, lambda *_: None)
        traps = Traps(lambda address: ("d",) if address == "127.0.0.1" else (), scheduler.hurry, time.monotonic)
        scheduler.add(assignments(inventory, inventory.devices.values()))
        try:
            await asyncio.wait_for(results.get(), 60.0)
            traps.start("127.0.0.1", 0)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                for _ in range(5):
                    sender.sendto(trap(), traps.address)
            hurried = await asyncio.wait_for(results.get(), 60.0)
            await asyncio.sleep(0.3)
        finally:
            traps.close()
            await scheduler.close()
    assert hurried.verdict.probe == "snmp"
    assert results.empty()
    assert traps.counts.too_soon == 4


async def test_a_hint_about_a_device_that_is_gone() -> None:
    """A device that left the inventory is not asked, and nobody minds."""
    scheduler = Scheduler(RATES, CLOCKS, lambda _: None, lambda *_: None)
    scheduler.hurry("nobody")
    await scheduler.close()
