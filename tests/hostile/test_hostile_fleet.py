"""Hostile devices among healthy ones, under the real scheduler: the others notice nothing."""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from contextlib import AsyncExitStack
from dataclasses import replace

from effort import prompt
from peers.hostile import (
    Handler,
    agent,
    answering,
    attacking,
    descriptors,
    dripping,
    endless,
    http,
    octets,
    onvif,
    playing,
    saying,
    settled,
    silent,
    vitals,
)
from talks import CLOCKS, LOGIN, QUICK

from monitor.core.model import Camera, Device, Inventory, Secret, SnmpAccess
from monitor.core.schedule import Rates
from monitor.core.verdict import Outcome, Rung, Verdict
from monitor.scheduler import Scheduler
from monitor.scheduler.assignment import Answer, assignments

RATES = Rates(
    light_s=1.0, media_s=1.0, spread_s=0.3, http_per_minute=6000, http_burst=100, rtsp_per_minute=6000, rtsp_burst=100,
    deadlines=replace(QUICK, reply_s=2 * QUICK.reply_s, first_packet_s=2 * QUICK.first_packet_s),
)  # fmt: skip
#: How often each healthy device is asked over each protocol, and how long that may take on a busy machine.
ROUNDS = 3
PATIENCE_S = 240.0
#: The longest conversation with a healthy device; each takes some tens of milliseconds where nobody else computes.
MOST_S = 2.0
ACCESS = SnmpAccess("test", "v2c", Secret("env:TEST", "look-only"))

#: What the ports of the hostile devices do: over HTTP, over RTSP.
HOSTILE: tuple[tuple[Handler, Handler], ...] = (
    (silent, silent),
    (dripping(http(b"x")), dripping(b"RTSP/1.0 200 OK\r\n")),
    (endless(b"\r\n"), endless(b"$\0\0\0")),
    (endless(b"HTTP/1.1 100 Continue\r\n\r\n"), endless(b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n")),
    (endless(b"A", b"HTTP/1.1 200 OK\r\n\r\n"), endless(b"OPTIONS ")),
    (endless(b"1\r\nA\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), endless(b"\0")),
    (saying(http(b"<a>" * 80_000)), playing(frames=lambda n: b"$\0\0\0" * 4000, every_s=0.0)),
    (saying(http(os.urandom(200_000))), endless(b"RTSP/1.0 200 OK\r\nCSeq: 777\r\n\r\n")),
)
HEALTHY = 8


async def _device(stack: AsyncExitStack, number: int, web: Handler, video: Handler, healthy: bool) -> Device:
    host = f"127.{2 if healthy else 1}.0.{number + 1}"
    ports = {
        "onvif": (await stack.enter_async_context(attacking(web, host))).port,
        "rtsp": (await stack.enter_async_context(attacking(video, host))).port,
    }
    answers = vitals() if healthy else (lambda raw: [b"\xff" * 99, octets(b"x" * 60_000)])
    ports["snmp"] = (await stack.enter_async_context(agent(answers, host))).port
    id_ = f"{'healthy' if healthy else 'hostile'}{number}"
    return Device(id_, host, ports, ("onvif", "snmp", "rtsp"), (f"c-{id_}",), credential=LOGIN, snmp=ACCESS)


async def _fleet(stack: AsyncExitStack) -> Inventory:
    devices = [await _device(stack, n, web, video, False) for n, (web, video) in enumerate(HOSTILE)]
    fine = onvif()
    devices += [await _device(stack, n, answering(fine), playing(), True) for n in range(HEALTHY)]
    cameras = [Camera(device.cameras[0], device.id, device.id, 1, "zone", stream="/s") for device in devices]
    return Inventory({one.id: one for one in devices}, {one.id: one for one in cameras}, {}, {"zone": "Zone"})


def often_enough(seen: list[Verdict]) -> bool:
    return all(sum(one.probe == name for one in seen) >= ROUNDS for name in ("onvif", "snmp", "rtsp"))


async def test_hostile_devices_hurt_only_themselves() -> None:
    """Eight attackers under the scheduler: eight healthy devices are asked as often, answer as fast, and nothing leaks.

    All their rungs are ok, each time; the attackers get nothing but reasons of their own.
    """
    verdicts: dict[str, list[Verdict]] = defaultdict(list)

    watched = asyncio.Event()

    def on_answer(answer: Answer) -> None:
        verdicts[answer.result.verdict.device].append(answer.result.verdict)
        if len(verdicts) == HEALTHY + len(HOSTILE) and all(map(often_enough, verdicts.values())):
            watched.set()

    before = descriptors()
    async with AsyncExitStack() as stack:
        inventory = await _fleet(stack)
        scheduler = Scheduler(RATES, CLOCKS, on_answer, lambda *_: None)
        scheduler.add(assignments(inventory, inventory.devices.values()))
        async with asyncio.timeout(PATIENCE_S):
            await watched.wait()
        lag_s = scheduler.load().lag_s
        await scheduler.close()
        assert not [task for task in asyncio.all_tasks() if "_run" in repr(task.get_coro())]
    await settled(before)
    assert prompt(lag_s, 0.5)
    for number in range(HEALTHY):
        seen = verdicts[f"healthy{number}"]
        assert prompt(max(one.duration_s for one in seen), MOST_S)
        judged = {(f.rung, f.outcome) for one in seen for f in one.findings if f.rung is not Rung.CLOCK}
        assert {rung for rung, outcome in judged if outcome is Outcome.FAIL} == set()
        assert (Rung.MEDIA, Outcome.OK) in judged
    for number in range(len(HOSTILE)):
        seen = verdicts[f"hostile{number}"]
        fatal = [f for one in seen for f in one.findings if f.rung in (Rung.CONTROL, Rung.DEVICE)]
        assert fatal
        assert all(f.outcome is Outcome.FAIL for f in fatal)
