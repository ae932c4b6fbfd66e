"""Budgets outlive the process: what one monitor or look asked of a device, the next one counts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from math import inf
from pathlib import Path
from time import time

import pytest
from peers.hostile import answering, attacking, onvif
from talks import CLOCKS, device

from monitor.app import Monitor
from monitor.core.limits import Bucket
from monitor.core.model import Camera, Inventory
from monitor.core.schedule import Rates
from monitor.inspection.notebook import Notebook
from monitor.ledger.ledger import Ledger
from monitor.probes.memory import Memory
from monitor.scheduler.budget import Buckets, from_json, restored, to_json

FULL = Buckets(Bucket(8.0, -inf), Bucket(20.0, -inf))


@pytest.mark.parametrize(
    "stored", [None, [], "x", {}, {"http": [1, 2]}, {"http": ["a", 1], "rtsp": [1, 1]}, {"http": [], "rtsp": []}]
)
def test_what_is_no_budget(stored: object) -> None:
    """Whatever else stands in the ledger is no budget, and stops nobody."""
    assert from_json(stored, 100.0) is None
    assert restored({"budget/x": stored, "other": stored}, 100.0) == {}


def test_budgets_keep_their_moments_between_clocks() -> None:
    """A moment of one process's monotonic clock is the same moment of another's; none lies in the future."""
    left = Buckets(Bucket(3.0, 50.0), Bucket(1.0, 60.0))
    kept = to_json(left, ahead_s=1_000.0)
    assert kept == {"http": [3.0, 1_050.0], "rtsp": [1.0, 1_060.0]}
    assert from_json(kept, 20.0, ahead_s=1_035.0) == Buckets(Bucket(3.0, 15.0), Bucket(1.0, 20.0))
    assert to_json(FULL) == {"http": [8.0, 0.0], "rtsp": [20.0, 0.0]}


async def watched(ledger: Path, port: int, seconds: float, enough: Callable[[], bool] = lambda: True) -> None:
    """Run a monitor of one device for a while, and until there is enough of what is waited for."""
    one = device(ports={"onvif": port})
    camera = Camera(one.cameras[0], "Camera", one.id, 1, "zone")
    inventory = Inventory({one.id: one}, {camera.id: camera}, {}, {"zone": "Zone"})
    monitor = Monitor(inventory, Rates(spread_s=0.0), Ledger.open(ledger), CLOCKS)
    watching = asyncio.create_task(monitor.run())
    await asyncio.sleep(seconds)
    async with asyncio.timeout(30):
        while not enough():  # noqa: ASYNC110 - a peer has no event
            await asyncio.sleep(0.05)
    monitor.stop.set()
    await watching


async def test_a_look_without_a_monitor_counts_for_the_monitor(tmp_path: Path) -> None:
    """A monitor that starts after a look that used a device's budget up asks it nothing yet; nor does the next one."""
    ledger = tmp_path / "ledger.sqlite"
    id_ = device().id
    notebook = Notebook.open(ledger)
    assert notebook is not None
    notebook.keep(id_, Memory(), Buckets(Bucket(-5.0, time()), Bucket(0.0, time())))
    notebook.close()
    async with attacking(answering(onvif())) as peer:
        await watched(ledger, peer.port, 1.0)
        await watched(ledger, peer.port, 1.0)
        assert peer.heard == b""


async def test_a_restart_gives_no_new_budget(tmp_path: Path) -> None:
    """What a monitor asked of a device, the next one knows."""
    ledger = tmp_path / "ledger.sqlite"
    async with attacking(answering(onvif())) as peer:
        await watched(ledger, peer.port, 1.0, lambda: b"POST " in peer.heard)
        asked = bytes(peer.heard).count(b"POST ")
    notebook = Notebook.open(ledger)
    assert notebook is not None
    left = notebook.buckets(device().id)
    notebook.close()
    assert asked > 0
    assert left is not None
    assert left.http.tokens <= Rates().http_burst - asked + 0.1 * 10
