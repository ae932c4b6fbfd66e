"""Surveys by a running monitor: daily, in portions within the budget, kept over restarts, changes told."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from peers.cities import RunningCity, started_city

from monitor.app import Listen, Monitor, serve
from monitor.core import fleet as fleets
from monitor.core.event import DeviceEvent
from monitor.core.health import NEVER_SEEN, RungHealth
from monitor.core.model import Inventory
from monitor.core.schedule import Rates
from monitor.core.survey import Part, Survey
from monitor.core.verdict import Outcome, Reason, Rung
from monitor.inspection import surveying
from monitor.inspection.errors import LookError
from monitor.inspection.notebook import Notebook
from monitor.inspection.whom import Wanted
from monitor.inventory import load
from monitor.ledger import surveys
from monitor.ledger.ledger import Ledger
from monitor.ledger.reader import Reader
from monitor.scheduler.assignment import assignments
from monitor.scheduler.station import Station, make
from monitor.scheduler.told import survey_obstacle, told_of

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
    for _ in range(480):
        if true():
            return
        await asyncio.sleep(0.25)
    raise AssertionError("not within 2 min")


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
    [assigned] = assignments(watched(town), [device])
    return make(assigned, Rates(spread_s=0.0), 0.0)


def test_the_first_survey_comes_later_than_the_first_checks(town: RunningCity) -> None:
    """Ten minutes to an hour later, spread over all devices."""
    other = station(town)
    assert other.survey_due == float("inf")
    other.plan_survey()
    assert 600.0 <= other.survey_due <= 3600.0


@pytest.mark.parametrize(
    ("rung", "reason", "obstacle"),
    [
        (Rung.REACHABLE, Reason.TIMEOUT, "It does not answer: it is surveyed once it does."),
        (Rung.CONTROL, Reason.TIMEOUT, "Its ONVIF service does not answer: it is surveyed once that does."),
        (Rung.IDENTITY, Reason.IDENTITY, "Another device may be answering for it: it is surveyed once that is known."),
    ],
    ids=["dead", "mute", "a stranger"],
)
def test_what_keeps_a_survey_from_going_on_is_said(
    town: RunningCity, rung: Rung, reason: Reason, obstacle: str
) -> None:
    """Nobody waits for half an hour for a camera that says nothing."""
    inventory = watched(town)
    (device,) = inventory.devices.values()
    seen = RungHealth(Outcome.FAIL, reason, after=1.0, by=2.0)
    rungs = tuple(seen if this is rung else health for this, health in zip(Rung, NEVER_SEEN, strict=True))
    fleet = fleets.start(inventory, Rates())
    assert survey_obstacle(device, told_of(fleet, device)) == ""
    failing = replace(fleet, cameras=dict.fromkeys(device.cameras, rungs))
    assert survey_obstacle(device, told_of(failing, device)) == obstacle


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ({"ports": {"onvif": 1}}, "Its ONVIF service does not answer: it is surveyed once that does."),
        ({"probes": ("rtsp",)}, "It is not asked over ONVIF, by the inventory's word: a survey has nothing to ask."),
    ],
    ids=["closed", "not asked"],
)
async def test_a_survey_of_a_silent_camera_ends_with_a_sentence(
    town: RunningCity, tmp_path: Path, other: dict[str, Any], sentence: str
) -> None:
    """As soon as the monitor knows it; also where the camera is not asked over ONVIF at all."""
    inventory, ledger = watched(town), tmp_path / "ledger"
    ((id_, device),) = inventory.devices.items()
    (camera,) = inventory.cameras
    silent = replace(inventory, devices={id_: replace(device, **other)})
    monitor = Monitor(silent, Rates(spread_s=0.1), Ledger.open(ledger))
    runner = await serve(monitor, Listen(port=0))
    host, port = runner.addresses[0][:2]
    task = asyncio.create_task(monitor.run())
    said: list[str] = []
    try:
        await until(lambda: monitor.snapshot)
        with pytest.raises(LookError) as refused:
            await surveying.survey(
                Wanted(camera, ledger, lambda: silent, f"http://{host}:{port}"),
                lambda event: said.append(event["event"]),
            )
    finally:
        await runner.cleanup()
        monitor.stop.set()
        await task
    assert str(refused.value) == f"{camera}: {sentence} camfleet probe {camera} says more."
    assert said == ["surveying"]
