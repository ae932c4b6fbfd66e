"""A second that is taken in: what comes between two slices of it stands between them, what waits is kept with a heartbeat."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from fleets import inventory, verdict

from monitor.app import Monitor
from monitor.app import monitor as crank
from monitor.core.event import DeviceEvent, RungEvent
from monitor.core.schedule import Rates
from monitor.core.verdict import Finding, Outcome, Rung
from monitor.ledger.ledger import Ledger
from monitor.ledger.reader import Reader
from monitor.probes.memory import Memory
from monitor.scheduler.assignment import assignments

WORD = DeviceEvent(1000.0, "d0", "a word in between", "")


async def test_what_comes_between_two_slices_stands_between_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a cause that another inventory ends would be recorded as ended before it is recorded as open."""
    monkeypatch.setattr(crank, "SLICE", 1)
    monitor = Monitor(inventory(2), Rates(), Ledger.open(tmp_path / "ledger"))
    await monitor._take_up()
    now = monitor.clocks.wall()
    well = Finding(Rung.REACHABLE, Outcome.OK)
    monitor._verdicts += [verdict(now - 1.0, well, device=device) for device in ("d0", "d1")]
    step = asyncio.create_task(monitor._step())
    await asyncio.sleep(0)  # the first slice is in
    monitor._events.append(WORD)
    await step
    await asyncio.to_thread(monitor.ledger.close)
    with Reader.open(tmp_path / "ledger") as ledger:
        told = [one for _, one in ledger.events() if isinstance(one, RungEvent | DeviceEvent)]
    assert [one.camera if isinstance(one, RungEvent) else one.what for one in told] == ["d0c1", WORD.what, "d1c1"]


async def test_what_waits_to_be_kept_of_a_device_is_kept_with_a_heartbeat(tmp_path: Path) -> None:
    """That a login merely works once more is not written with each check, and yet a restart knows it."""
    devices = inventory(2)
    monitor = Monitor(devices, Rates(), Ledger.open(tmp_path / "ledger"))
    await monitor._take_up()
    monitor._memories["d0"] = Memory(boots=3)
    monitor._scheduler.add(assignments(devices, devices.devices.values(), monitor._memories))
    monitor._waiting.add("d0")
    await monitor._step()
    await monitor._scheduler.close()
    await asyncio.to_thread(monitor.ledger.close)
    with Reader.open(tmp_path / "ledger") as ledger:
        kept = ledger.restore().memory
    assert kept["device/d0"]["boots"] == 3
    assert "device/d1" not in kept
