"""The demo from end to end: the real command, the real city, and a real Prometheus that scrapes it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from pathlib import Path

import aiohttp
import pytest
from peers.chromium import running_chromium
from peers.prometheus import running_prometheus
from peers.servers import free_port, stop
from playwright.async_api import expect

from monitor.core.verdict import Reason
from monitor.demo import FITTING
from simulator.city import City, build_city
from simulator.faults import DEFAULT_CAMERAS, KINDS, NOT_WORKING, ODDITIES, fault_counts

SEED = 1
#: A loaded machine takes longer than the two minutes that the demo has, and it waits for no longer than five.
PATIENCE_S = 360
#: Half an interval of the demo until somebody asks, three time-outs and two pauses, and some load.
CONFIRMED_S = 90
#: A city that gets a third of one core answers some questions too late, and is rightly judged otherwise than it is.
ALONE = (pytest.mark.soak, pytest.mark.alone)


def not_working_by_zone(city: City) -> Counter[str]:
    """Return the city's own truth, made again from its seed: it never passes the monitor."""
    zones: Counter[str] = Counter()
    for device in city.devices.values():
        site = city.sites[device.site]
        fault = city.faults.get(device.id)
        broken = fault is not None and KINDS[fault.name].working is False
        dark = site.feeder in city.dark_feeders or set(site.uplinks) <= city.cut_uplinks
        zones[site.zone] += len(device.cameras) if broken or dark else 0
    return zones


def a_healthy_camera(city: City) -> str:
    """Return a camera of a device of its own that nothing is wrong with."""
    for device in city.devices.values():
        site = city.sites[device.site]
        dark = site.feeder in city.dark_feeders or set(site.uplinks) <= city.cut_uplinks
        if len(device.cameras) == 1 and device.id not in city.faults and not dark:
            return device.cameras[0]
    raise AssertionError("a city without a healthy camera")


async def see_a_fault_come(page_url: str, control: str, camera: str, not_working: int, degraded: int) -> None:
    """Watch the wallboard while a camera dies: its figures change by themselves, within the time that confirms it."""
    errors: list[str] = []
    async with running_chromium() as browser:
        page = await browser.new_page(viewport={"width": 1920, "height": 1080})
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        await page.goto(page_url)
        figure = page.locator("[data-count=not_working]").first
        await expect(figure).to_have_text(f"{not_working:,}")
        await expect(page.locator("[data-count=degraded]").first).to_have_text(f"{degraded:,}")
        async with aiohttp.ClientSession() as session:
            await session.post(f"{control}/faults", json={"fault": "dead", "cameras": [camera]})
        await expect(figure).to_have_text(f"{not_working + 1:,}", timeout=CONFIRMED_S * 1000)
        await browser.close()
    assert errors == []


async def started(port: int, cameras: int) -> tuple[asyncio.subprocess.Process, str]:
    """Start the demo; return it and where its city is controlled."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        "monitor",
        "demo",
        "--json",
        "--port",
        str(port),
        "--seed",
        str(SEED),
        "--cameras",
        str(cameras),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    async with asyncio.timeout(60):
        while b"/faults" not in (line := await process.stderr.readline()):
            assert line, "the demo ended at once"
    return process, line.split()[2].decode().removesuffix("/faults,")


@pytest.mark.parametrize("cameras", [120, pytest.param(DEFAULT_CAMERAS, marks=ALONE)])
async def test_the_city_is_judged_as_it_is_and_prometheus_and_the_wallboard_say_the_same(
    tmp_path: Path, cameras: int
) -> None:
    """A third of the cameras do not work, all agree with the truth, and PromQL and the page tell the same figures."""
    port, city, faults = free_port(), build_city(SEED, cameras), fault_counts(cameras)
    broken = sum(faults[kind.name] for kind in NOT_WORKING)
    odd = sum(faults[kind.name] for kind in ODDITIES if kind.state == "degraded")
    process, control = await started(port, cameras)
    try:
        assert process.stdout is not None
        score = json.loads(await asyncio.wait_for(process.stdout.readline(), PATIENCE_S))
        print(f"judged within {score['seconds']} s")
        assert score["agreement"] == {"agreeing": cameras, "missed": 0, "false_alarms": 0, "disagreeing": []}
        assert (score["cause_agreement"]["precision"], score["cause_agreement"]["recall"]) == (1.0, 1.0)
        async with running_prometheus([f"127.0.0.1:{port}"], tmp_path) as prometheus:
            await prometheus.until_scraped()
            zones = await prometheus.by("sum by (zone) (camera_fleet_cameras{state=~'down|unreachable'})", "zone")
            reasons = await prometheus.by("sum by (reason) (camera_fleet_reasons)", "reason")
            counted = await prometheus.value("count(camera_state)")
            not_working = await prometheus.value("count(camera_working == 0)")
        await see_a_fault_come(f"http://127.0.0.1:{port}/", control, a_healthy_camera(city), broken, odd)
    finally:
        await stop(process)
    shared = {(one["kind"], one["scope"]) for one in score["causes"] if one["layer"] not in ("device", "camera")}
    cut, dark = {("uplink", uplink) for uplink in city.cut_uplinks}, {("power", feeder) for feeder in city.dark_feeders}
    assert shared == cut | dark
    assert (score["cameras"], score["not_working"], counted, not_working) == (cameras, broken, cameras, broken)
    assert {zone: count for (zone,), count in zones.items() if count} == +not_working_by_zone(city)
    by_reason = {reason: int(count) for (reason,), count in reasons.items() if count}
    found = {fitting: sum(by_reason.get(reason.value, 0) for reason in fitting) for fitting in set(FITTING.values())}
    true: Counter[frozenset[Reason]] = Counter()
    for fault, fitting in FITTING.items():
        true[fitting] += faults[fault]
    assert found == true
    assert by_reason == score["reasons"]
