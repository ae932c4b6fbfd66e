"""Until when a device was seen to be well: not longer than it spoke."""

from __future__ import annotations

import asyncio
import time

from peers.cities import started_city
from talks import CLOCKS

from monitor.core.schedule import Deadlines
from monitor.core.verdict import Outcome, Rung
from monitor.inventory import load
from monitor.probes.base import Ask, run_probe
from monitor.probes.memory import Memory
from monitor.probes.registry import PROBES, RUNGS


async def test_video_that_stops_while_it_is_watched_was_good_until_its_last_packet() -> None:
    """A camera that falls silent in the two seconds in which its packets are counted works no longer than they came."""
    with started_city(30, seed=5) as city:
        shown = city.find(make="hikvision")
        inventory = load(city.inventory, {})
        device = inventory.devices[inventory.cameras[shown.cameras[0]].device]
        cameras = (inventory.cameras[shown.cameras[0]],)
        where = Ask(RUNGS["onvif"], cameras, 40)
        told = await run_probe("onvif", PROBES["onvif"], device, where, Memory(), CLOCKS, Deadlines())
        memory, ask = Memory()._replace(**told.learnt), Ask(RUNGS["rtsp"], cameras, 40)
        for seen in range(1, 6):  # a busy machine may be late in silencing it
            asking = asyncio.create_task(
                run_probe("rtsp", PROBES["rtsp"], device, ask, memory, CLOCKS, Deadlines(reply_s=0.5))
            )
            async with asyncio.timeout(60):
                while (await asyncio.to_thread(city.counters, shown.id))["rtsp_sessions_opened"] < seen:  # noqa: ASYNC110 - it is another process
                    await asyncio.sleep(0.02)
            await asyncio.sleep(0.5)  # some packets
            await asyncio.to_thread(city.switch_on, "dead", cameras=shown.cameras)
            silent_at = time.time()
            verdict = (await asking).verdict
            if verdict.at > silent_at + 1.0:
                break
            await asyncio.to_thread(city.switch_off, "dead", cameras=shown.cameras)
    media = next(finding for finding in verdict.findings if finding.rung is Rung.MEDIA)
    assert media.outcome is Outcome.OK
    assert verdict.at > silent_at + 1.0
    assert verdict.at - verdict.silent_s < silent_at + 0.8
