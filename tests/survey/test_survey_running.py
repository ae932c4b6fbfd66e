"""Surveys by a running monitor: daily, in portions within the budget, kept over restarts, changes told."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from peers.cities import RunningCity, started_city

from monitor.app import Monitor
from monitor.core.event import DeviceEvent
from monitor.core.model import Inventory
from monitor.core.schedule import Rates
from monitor.core.survey import Part, Survey
from monitor.inspection.notebook import Notebook
from monitor.inventory import load
from monitor.ledger import surveys
from monitor.ledger.ledger import Ledger
from monitor.ledger.reader import Reader
from monitor.probes.memory import Memory
from monitor.scheduler.station import Station, make

RATES = Rates(light_s=3.0, spread_s=0.5, survey_after_s=0.5, http_per_minute=240.0, http_burst=12.0)


@pytest.fixture(scope="module")
def town() -> Iterator[RunningCity]:
    """A town with a sound camera."""
    with started_city(60, seed=3) as city:
        yield city


def watched(town: RunningCity) -> Inventory:
    address = town.find(make="axis").address
    whole = load(town.inventory, os.environ)
    device = next(one for one in whole.devices.values() if one.host == address)
    return replace(whole, devices={device.id: device}, cameras={id_: whole.cameras[id_] for id_ in device.cameras})


@asynccontextmanager
async def running(inventory: Inventory, ledger: Path, rates: Rates = RATES) -> AsyncIterator[Monitor]:
    monitor = Monitor(inventory, rates, Ledger.open(ledger))
    task = asyncio.create_task(monitor.run())
    try:
        yield monitor
    finally:
        monitor.stop.set()
        await task


async def until(true: Callable[[], object]) -> None:
    for _ in range(160):
        if true():
            return
        await asyncio.sleep(0.25)
    raise AssertionError("not within 40 s")


async def test_a_survey_is_made_kept_and_compared(town: RunningCity, tmp_path: Path) -> None:
    """The first tells no change; the next tells what differs; a restart knows when the last one was."""
    inventory, ledger = watched(town), tmp_path / "ledger.sqlite"
    (camera,) = inventory.cameras
    device = inventory.cameras[camera].device
    async with running(inventory, ledger) as monitor:
        await until(lambda: monitor.survey(camera))
        first = monitor.survey(camera)
    assert first is not None
    assert first.parts["recordings"].value == [
        {"token": "recording_1", "name": "channel 1", "kept": "PT168H", "tracks": 1}
    ]
    firmware = first.parts["information"].value["firmware"]
    notebook = Notebook.open(ledger)
    assert notebook is not None
    older = {**first.parts, "information": Part({**first.parts["information"].value, "firmware": "0.9"})}
    notebook.write([], {}, {}, {surveys.PREFIX + device: surveys.to_json(Survey(first.at, older))})
    notebook.close()
    async with running(inventory, ledger) as monitor:
        await asyncio.sleep(4.0)
        assert monitor.survey(camera) == Survey(first.at, older)  # it is not due yet
        monitor.survey_now(camera)
        await until(lambda: (found := monitor.survey(camera)) and found.at > first.at)
    with Reader.open(ledger) as reader:
        told = [event for _, event in reader.events(camera=camera, kind="device") if isinstance(event, DeviceEvent)]
    changed = [(event.what, event.detail) for event in told if event.what.endswith("changed")]
    assert changed == [("firmware changed", f"firmware 0.9 became {firmware}")]


def station(town: RunningCity) -> Station:
    (device,) = watched(town).devices.values()
    cameras = [watched(town).cameras[id_] for id_ in device.cameras]
    return make(device, cameras, Rates(), Memory(), 0.0, 0.0)


def test_the_first_survey_comes_later_than_the_first_checks(town: RunningCity) -> None:
    """Ten minutes to an hour later, spread over all devices."""
    other = station(town)
    assert other.survey_due == float("inf")
    other.plan_survey()
    assert 600.0 <= other.survey_due <= 3600.0
