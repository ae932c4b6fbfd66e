"""Addresses change hands in a running city: nobody earns another's uptime, and all is well again by itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from moving import READ_S, events, monitored, sound, until, watched
from peers.cities import RunningCity, started_city
from uptime import credited

from monitor.app import Monitor
from monitor.core.event import DeviceEvent
from monitor.core.identity import told
from monitor.core.sla.spans import Span
from monitor.core.state import State
from monitor.core.verdict import Reason, Rung
from monitor.ledger.reader import Reader
from monitor.web.accepting import Refused


@pytest.fixture(scope="module")
def town() -> Iterator[RunningCity]:
    """A town with twenty sound devices that can change their address."""
    with started_city(120, seed=3) as city:
        yield city


def up(_: str) -> State:
    return State.UP


def unknown(_: str) -> State:
    return State.UNKNOWN


def media(ledger: Path, camera: str) -> list[Span]:
    return credited(events(ledger), camera, Rung.MEDIA, time.time())


@pytest.mark.soak
async def test_after_a_shuffle_none_earns_anothers_uptime(town: RunningCity, tmp_path: Path) -> None:
    """Twenty cameras, each at the address of another: no video counts from then until each is at home again."""
    devices, ledger = sound(town, 20), tmp_path / "ledger.sqlite"
    try:
        async with monitored(watched(town, devices), ledger) as monitor:
            await until(monitor, up)
            shuffled_at = time.time()
            town.move(devices)
            read_by = time.time() + READ_S
            await until(monitor, unknown)
            await asyncio.sleep(RUNS_ON_S)
            back_at = time.time()
            town.move_back()
            await until(monitor, up)
            cameras = list(monitor.inventory.cameras)
            await asyncio.sleep(2.0)
    finally:
        town.move_back()
    said = events(ledger)
    assert len(cameras) == 20
    for camera in cameras:
        spans = credited(said, camera, Rung.MEDIA, time.time())
        assert [span for span in spans if span.end > read_by * 1000 and span.start < back_at * 1000] == [], camera
        assert spans[-1].start >= back_at * 1000
        caught = [one for one in said if one.camera == camera and one.rung is Rung.IDENTITY and one.at > shuffled_at]
        assert Reason.IDENTITY in [one.reason for one in caught]


#: The strangers' video would have been asked for at least once in this time.
RUNS_ON_S = 15.0


async def test_two_that_swapped_their_leases_are_both_caught(town: RunningCity, tmp_path: Path) -> None:
    """Also when the inventory names the serial numbers; and a restart does not forget who is who."""
    devices, ledger = sound(town, 2), tmp_path / "ledger.sqlite"
    try:
        async with monitored(watched(town, devices, serials=True), ledger) as monitor:
            await until(monitor, up)
        town.move(devices)
        async with monitored(watched(town, devices), ledger) as monitor:
            await until(monitor, unknown)
        async with monitored(watched(town, devices, serials=True), ledger) as monitor:
            await until(monitor, unknown)
    finally:
        town.move_back()


@pytest.mark.soak
async def test_a_replacement_counts_once_it_is_accepted(town: RunningCity, tmp_path: Path) -> None:
    """Another camera stays a stranger until a person says otherwise; the ledger keeps both serials, who and why."""
    devices, ledger = sound(town, 2), tmp_path / "ledger.sqlite"
    try:
        async with monitored(watched(town, devices), ledger) as monitor:
            await until(monitor, up)
            (camera, other), before = monitor.inventory.cameras, dict(monitor.fleet.identities)
            refusal = refused(monitor, camera)
            assert refusal == (
                f"No other device answers for {camera}; the one that does is its own: {told(before[camera].marks)}."
            )
            town.move(devices)
            await until(monitor, unknown)
            accepted_at = time.time()
            sentences = monitor.accept(camera, "a technician", "hit by a lorry")
            await until(monitor, lambda id_: State.UP if id_ == camera else State.UNKNOWN)
    finally:
        town.move_back()
    new, old = (told(before[id_].marks) for id_ in (other, camera))
    sentence = f"{new} in place of {old}, by a technician: hit by a lorry"
    assert sentences == [f"{camera}: {sentence}"]
    with Reader.open(ledger) as reader:
        written = [event for _, event in reader.events(camera=camera) if isinstance(event, DeviceEvent)]
    assert [(event.what, event.detail) for event in written][-1] == ("replacement accepted", sentence)
    assert all(span.end < accepted_at * 1000 or span.start >= accepted_at * 1000 for span in media(ledger, camera))


def refused(monitor: Monitor, camera: str) -> str:
    with pytest.raises(Refused) as refusal:
        monitor.accept(camera, "somebody", "")
    return str(refusal.value)
