"""A second that is taken in in slices: what happens between two of them stands between them in the ledger, too."""

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

WORD = DeviceEvent(1000.0, "d0", "a word in between", "")


async def test_what_comes_between_two_slices_stands_between_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a cause that another inventory ends would be recorded as ended before it is recorded as open."""
    monkeypatch.setattr(crank, "SLICE", 1)
    monitor = Monitor(inventory(2), Rates(), Ledger.open(tmp_path / "ledger"))
    monitor._take_up()
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
