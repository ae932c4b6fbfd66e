"""The survey of every make of the city: what each says of itself, and what it does not offer."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest
from peers.cities import RunningCity, started_city

from monitor.core.limits import Login
from monitor.core.model import Device
from monitor.core.schedule import Deadlines
from monitor.core.survey import PARTS, Draft
from monitor.inventory import load
from monitor.probes.base import Ask, Clocks, Result, run_probe
from monitor.probes.memory import Memory
from monitor.probes.survey import probe

CLOCKS = Clocks(time.time, time.monotonic)


@pytest.fixture(scope="module")
def town() -> Iterator[RunningCity]:
    """A town with devices of every make."""
    with started_city(120, seed=3) as city:
        yield city


def device_of(town: RunningCity, make: str, several: bool = False) -> Device:
    address = town.find(make=make, several=several).address
    return next(one for one in load(town.inventory, os.environ).devices.values() if one.host == address)


async def portion(device: Device, draft: Draft, requests: int, memory: Memory | None = None) -> Result:
    ask = Ask(frozenset(), (), requests, survey=draft)
    return await run_probe("survey", probe, device, ask, memory or Memory(), CLOCKS, Deadlines())


async def surveyed(device: Device, requests: int = 60) -> Draft:
    """Survey a device in portions of so many requests."""
    draft, memory = Draft(), Memory()
    while not draft.is_over:
        result = await portion(device, draft, requests, memory)
        assert result.verdict.findings == ()
        assert result.verdict.requests <= requests
        assert result.survey is not None
        draft = result.survey
        memory = memory._replace(**result.learnt)
    return draft


@pytest.mark.parametrize("make", ["axis", "hikvision", "dahua", "bosch", "reolink", "noname"])
async def test_every_make_tells_who_and_what_it_is(town: RunningCity, make: str) -> None:
    """Firmware, serial, hardware address, and each stream with its settings."""
    parts = (await surveyed(device_of(town, make))).parts
    assert set(parts) == set(PARTS)
    assert {"model", "firmware", "serial"} <= parts["information"].value.keys()
    assert parts["interfaces"].value[0]["mac"].count(":") == 5
    main, sub = parts["profiles"].value
    assert (main["codec"], sub["codec"]) == ("H264", "H264")
    assert main["width"] > sub["width"]
    assert [entry["token"] for entry in parts["streams"].value] == [main["token"], sub["token"]]
    assert all(entry["path"].startswith("/") for entry in parts["streams"].value)
    assert parts["hostname"].value["name"].startswith(make)


async def test_what_a_device_does_not_offer_is_said(town: RunningCity) -> None:
    """A cheap camera tells hardly any settings; that is no failure of anything."""
    parts = (await surveyed(device_of(town, "noname"))).parts
    missing = {name for name, part in parts.items() if part.missing}
    assert missing == {"protocols", "dns", "ntp", "storage", "recordings"}
    assert {parts[name].missing for name in missing} == {"not offered"}


@pytest.mark.parametrize("scheme", ["", "token"])
async def test_a_login_in_doubt_is_left_to_the_checks(town: RunningCity, scheme: str) -> None:
    """Where the newest login was refused, even hours ago, a survey asks nothing: it would take the tries of those who
    judge the credentials, and judge nothing itself."""
    device, now = device_of(town, "axis"), time.time()
    login = Login((now - 7200.0,), now - 8000.0, "")
    result = await portion(device, Draft(), 60, Memory(login=login, scheme=scheme))
    assert result.verdict.requests == 0
    assert "login" not in result.learnt
    fresh = await portion(device, Draft(), 60, Memory(login=login._replace(succeeded_at=now), scheme=scheme))
    assert fresh.verdict.requests > 0


async def test_a_small_budget_takes_more_portions(town: RunningCity) -> None:
    """What is open is handed on; in the end the same is known."""
    device = device_of(town, "axis")
    slow, fast = await surveyed(device, 4), await surveyed(device)
    assert slow.parts == fast.parts
    assert slow.rounds > fast.rounds == 1


async def test_a_recorder_tells_all_its_channels(town: RunningCity) -> None:
    """Each channel has its profiles, its streams and its recording."""
    parts = (await surveyed(device_of(town, "axis", several=True))).parts
    assert len(parts["profiles"].value) == len(parts["streams"].value) == 2 * len(parts["recordings"].value) > 2


async def test_it_says_who_answered(town: RunningCity) -> None:
    """Serial number and hardware address are proofs of identity, too."""
    result = await portion(device_of(town, "axis"), Draft(), 60)
    assert result.verdict.marks["serial"]
    assert result.verdict.marks["mac"].count(":") == 5


async def test_a_silent_device_is_asked_again_later(town: RunningCity) -> None:
    """Nothing is judged, and everything stays open."""
    camera = town.find(make="axis")
    town.switch_on("hung", cameras=camera.cameras)
    try:
        device = device_of_address(town, camera.address)
        ask = Ask(frozenset(), (), 8, survey=Draft())
        result = await run_probe("survey", probe, device, ask, Memory(), CLOCKS, Deadlines(reply_s=0.5))
    finally:
        town.switch_off("hung", cameras=camera.cameras)
    assert result.verdict.findings == ()
    assert result.survey == Draft(rounds=1)


def device_of_address(town: RunningCity, address: str) -> Device:
    return next(one for one in load(town.inventory, os.environ).devices.values() if one.host == address)
