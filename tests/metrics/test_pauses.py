"""The collector of cyclic garbage, which stops the loop for as long as it walks."""

from __future__ import annotations

import asyncio
import gc
import sys
from pathlib import Path
from typing import Any

import pytest
from peers.fleets import make_inventory

from monitor.app import Monitor
from monitor.core.schedule import Rates
from monitor.ledger.ledger import Ledger
from monitor.scheduler.canaries import Canaries


async def test_a_running_monitor_walks_through_what_is_new_only(tmp_path: Path) -> None:
    """Only the youngest generation is looked at, and afterwards the collector is as it was."""
    monitor = Monitor(make_inventory(1), Rates(spread_s=60.0), Ledger.open(tmp_path / "ledger"))
    walked: list[int] = []

    def note(phase: str, info: dict[str, Any]) -> None:
        if phase == "start" and not gc.isenabled():  # it looks by itself no more
            walked.append(info["generation"])

    gc.callbacks.append(note)
    try:
        running = asyncio.create_task(monitor.run())
        await asyncio.sleep(2.2)
        seen = list(walked)
        monitor.stop.set()
        await running
    finally:
        gc.callbacks.remove(note)
    assert set(seen) == {0}
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


async def test_a_monitor_that_cannot_begin_leaves_the_collector_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever ends it."""
    monitor = Monitor(make_inventory(1), Rates(spread_s=60.0), Ledger.open(tmp_path / "ledger"))

    async def start(_: Canaries) -> None:
        raise OSError("no descriptor left")

    monkeypatch.setattr(Canaries, "start", start)
    with pytest.raises(OSError, match="no descriptor left"):
        await monitor.run()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


async def test_a_thread_that_computes_keeps_the_loop_waiting_for_half_a_millisecond(tmp_path: Path) -> None:
    """While a monitor runs other threads give way ten times as soon as Python has them do; afterwards as before."""
    monitor = Monitor(make_inventory(1), Rates(spread_s=60.0), Ledger.open(tmp_path / "ledger"))
    before = sys.getswitchinterval()
    running = asyncio.create_task(monitor.run())
    await asyncio.sleep(0.2)
    meanwhile = sys.getswitchinterval()
    monitor.stop.set()
    await running
    assert (meanwhile, sys.getswitchinterval()) == (pytest.approx(before / 10), before)
