"""The newest changes of state are there again after a restart."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from math import inf
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from peers.hostile import agent, vitals

from monitor.app import Monitor
from monitor.core.model import Camera, Device, Inventory, Secret, SnmpAccess
from monitor.core.schedule import Rates
from monitor.core.snapshot import RECENT, Change
from monitor.core.state import State, View
from monitor.core.verdict import Reason, Rung
from monitor.ledger.ledger import Ledger
from monitor.ledger.news import PREFIX, changes, from_json, restored, to_json
from monitor.web.board import news

ACCESS = SnmpAccess("test", "v2c", Secret("env:TEST", "look-only"))
LOST = Change(100.5, "c1", State.UP, View(State.DOWN, Reason.NO_VIDEO, Rung.MEDIA, 80.25, 90.0))
FIRST = Change(7.0, "gate/é", State.UNKNOWN, View(State.UP, None, Rung.MEDIA, -inf, 7.0))


async def run(inventory: Inventory, path: Path) -> tuple[Change, ...]:
    """Watch until there is news, and return it as it stood at the end."""
    monitor = Monitor(inventory, Rates(spread_s=0.01), Ledger.open(path))
    running = asyncio.create_task(monitor.run())
    for _ in range(600):
        await asyncio.sleep(0.1)
        if monitor.snapshot and monitor.snapshot.changes:
            break
    monitor.stop.set()
    await running
    assert monitor.snapshot is not None
    return monitor.snapshot.changes


async def test_the_news_of_the_wallboard_outlives_the_monitor(tmp_path: Path) -> None:
    """A camera came up; the next run tells so from its first second on, and forgets a camera that left."""
    async with agent(vitals()) as peer:
        device = Device("d", "127.0.0.1", {"snmp": peer.port}, ("snmp",), ("c",), snmp=ACCESS)
        fleet = Inventory({"d": device}, {"c": Camera("c", "Gate", "d", 1, "z")}, {}, {"z": "Z"})
        before = await run(fleet, tmp_path / "ledger.sqlite")
    after = await run(fleet, tmp_path / "ledger.sqlite")  # nothing answers any more, and nothing is confirmed yet
    assert [(one.camera, one.before, one.now.state) for one in before] == [("c", State.UNKNOWN, State.UP)]
    assert [(one.at, one.camera, one.now.state) for one in after] == [(before[0].at, "c", State.UP)]
    assert [line["name"] for line in news(after, fleet)] == ["Gate"]
    assert news(after, replace(fleet, cameras={})) == []


@pytest.mark.parametrize("change", [LOST, FIRST])
def test_a_change_is_kept_as_it_is(change: Change) -> None:
    """JSON and back, whatever the camera is called."""
    assert from_json(json.loads(json.dumps(to_json(change)))) == change


@pytest.mark.parametrize(
    "value", [None, 3, {}, [], ["soon", "c", "up", "down", None, "media", None, None], [1.0, "c", "up", "flying", None, "media", 1, 2], [*to_json(LOST), 1]]
)  # fmt: skip
def test_what_is_no_change_is_none(value: object) -> None:
    """A ledger that somebody edited does not stop a start."""
    assert from_json(value) is None
    assert restored({f"{PREFIX}1/c": value, "identity/c": {}}) == ()


@given(st.lists(st.integers(0, RECENT * 2), min_size=1, max_size=8))
def test_the_memory_holds_the_newest_and_no_more(steps: list[int]) -> None:
    """However many changes a second brings, each is written once and goes with its turn."""
    memory: dict[str, object] = {}
    before: tuple[Change, ...] = ()
    for at, count in enumerate(steps):
        fresh = tuple(LOST._replace(at=float(at), camera=f"c{number:03}") for number in range(count))
        now = (*reversed(fresh), *before)[:RECENT]
        for key, value in changes(before, now).items():
            if value is None:
                del memory[key]
            else:
                assert key not in memory
                memory[key] = value
        before = now
    assert restored(memory) == before
    assert len(memory) <= RECENT
