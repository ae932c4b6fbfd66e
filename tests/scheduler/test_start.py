"""The start of a monitor: what comes while it still looks through its inventory waits for that."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from monitor.app import Monitor
from monitor.core.asset import ADDED, REMOVED
from monitor.core.diagnosis.watch import Ground
from monitor.core.event import AssetEvent
from monitor.core.model import Inventory
from monitor.core.schedule import Rates
from monitor.inventory import load
from monitor.ledger.ledger import Ledger
from monitor.ledger.reader import Reader


async def test_a_reload_during_the_start_comes_after_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the rows of before would be recorded behind those of the inventory that is in force."""
    path, go_on = tmp_path / "inventory.yaml", threading.Event()
    camera = "  - {{id: {0}, address: 127.3.4.1, zone: z, probes: [rtsp], ports: {{rtsp: 9}}, stream: /{0}}}\n"
    path.write_text("zones: {z: {name: Z}}\ncameras:\n" + camera.format("old"))
    monitor = Monitor(load(path, {}), Rates(spread_s=60.0), Ledger.open(tmp_path / "ledger"))
    laid_out = monitor._laid_out

    def slowly(inventory: Inventory, now: float) -> tuple[Ground, Sequence[AssetEvent]]:
        assert "old" not in inventory.cameras or go_on.wait(10.0)
        return laid_out(inventory, now)

    monkeypatch.setattr(monitor, "_laid_out", slowly)
    watching = asyncio.create_task(monitor.run())
    await asyncio.sleep(0)  # it has begun to look
    path.write_text("zones: {z: {name: Z}}\ncameras:\n" + camera.format("new"))
    reloading = asyncio.create_task(monitor.reload(path, {}))
    asyncio.get_running_loop().call_later(0.5, go_on.set)
    await reloading
    monitor.stop.set()
    await watching
    with Reader.open(tmp_path / "ledger") as ledger:
        told = [(one.camera, one.what) for _, one in ledger.events() if isinstance(one, AssetEvent)]
    assert told == [("old", ADDED), ("old", REMOVED), ("new", ADDED)]
