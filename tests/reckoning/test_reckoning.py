"""How contracts stand in a monitor's life: computed each hour, packs made once, failures told and tried again."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from reports.month import at, write

from monitor.app.packing import MOST_AGAIN_S, wait_s
from monitor.app.reckoning import EVERY_S, FIRST_S, OLD_S, SOON_S, Reckoning
from monitor.core.checkpoint import VerifierKey
from monitor.core.model import Depot
from monitor.ledger import keys
from monitor.probes.base import Clocks
from monitor.reports.shelf import Shelf


class Time:
    """Clocks that stand still until somebody moves them."""

    def __init__(self, moment: str) -> None:
        self.now = at(moment)
        self.clocks = Clocks(lambda: self.now, lambda: self.now)


Life = Callable[[str], tuple[Reckoning, Time]]


@pytest.fixture
def life(tmp_path: Path) -> Life:
    """Begin to reckon beside the ledger of a small city's October, at a moment."""
    write(tmp_path / "ledger")

    def begun(moment: str) -> tuple[Reckoning, Time]:
        time = Time(moment)
        reckoning = Reckoning(tmp_path / "ledger", time.clocks)
        reckoning.use([Depot("office", str(tmp_path / "packs"), 60)])
        reckoning.begin()
        return reckoning, time

    return begun


async def turn(reckoning: Reckoning) -> bool:
    """Let it do what is due now; say whether anything was."""
    reckoning.mind()
    task, reckoning._task = reckoning._task, None
    if task is None:
        return False
    await task
    return True


async def test_it_computes_a_minute_after_the_start_and_then_each_hour(life: Life) -> None:
    """Never before, and nothing at all where nobody let it begin."""
    reckoning, time = life("11-03 12:00")
    assert not await turn(reckoning)
    time.now += FIRST_S
    assert await turn(reckoning)
    assert [one.contract for one in reckoning.standings] == ["safe-city"]
    assert (reckoning.failing, reckoning.computed_at, reckoning.trouble()) == (None, at("11-03 12:01"), None)
    time.now += EVERY_S - 1
    assert not await turn(reckoning)
    time.now += 1
    assert await turn(reckoning)
    idle = Reckoning(Path("/nowhere"), time.clocks)
    assert not await turn(idle)


async def test_a_period_that_is_over_has_its_pack_once(life: Life, tmp_path: Path) -> None:
    """The newest one, where none is there yet; a restart makes none anew, and a pack is never written over."""
    reckoning, time = life("11-03 12:00")
    time.now += FIRST_S
    await turn(reckoning)
    place = tmp_path / "packs" / "safe-city" / "2026-10"
    assert [path.name for path in (tmp_path / "packs" / "safe-city").iterdir()] == ["2026-10"]
    (pack,) = Shelf().packs([tmp_path / "packs"], key(tmp_path))
    assert (pack.flaw, pack.folder) == ("", place)
    assert pack.heading is not None
    assert pack.heading.is_over
    written = place.stat().st_mtime_ns, (place / "manifest.txt").read_bytes()
    again, time = life("11-03 13:00")
    time.now += FIRST_S
    await turn(again)
    assert (place.stat().st_mtime_ns, (place / "manifest.txt").read_bytes()) == written
    assert (reckoning.packing.made, again.packing.made) == (1, 0)
    assert again.trouble() is None


async def test_a_pack_waits_for_the_time_that_the_inventory_says(life: Life, tmp_path: Path) -> None:
    """An hour after the end, and it is looked for just then."""
    reckoning, time = life("11-01 00:40")
    time.now += FIRST_S
    await turn(reckoning)
    months = tmp_path / "packs" / "safe-city"
    assert [path.name for path in months.iterdir()] == ["2026-09"]
    time.now = at("11-01 00:59")
    assert not await turn(reckoning)
    time.now = at("11-01 01:00")
    assert await turn(reckoning)
    assert sorted(path.name for path in months.iterdir()) == ["2026-09", "2026-10"]


async def test_what_was_missed_is_made_up_for(life: Life, tmp_path: Path) -> None:
    """All since the newest pack that is there."""
    (tmp_path / "packs" / "safe-city" / "2026-08").mkdir(parents=True)
    reckoning, time = life("11-03 12:00")
    (tmp_path / "packs" / "safe-city" / "2026-09").mkdir()
    (tmp_path / "packs" / "safe-city" / "2026-09" / "manifest.txt").write_text("by hand")
    time.now += FIRST_S
    await turn(reckoning)
    assert sorted(path.name for path in (tmp_path / "packs" / "safe-city").iterdir()) == [
        "2026-08",
        "2026-09",
        "2026-10",
    ]
    assert (tmp_path / "packs" / "safe-city" / "2026-09" / "manifest.txt").read_text() == "by hand"
    assert (reckoning.packing.made, reckoning.trouble()) == (1, None)


async def test_a_pack_that_cannot_be_made_is_told_and_tried_again_after_growing_waits(
    life: Life, tmp_path: Path
) -> None:
    """The figures are computed all the same; once the folder is there, the pack is made and nothing is told any more."""
    (tmp_path / "packs").write_text("no folder")
    reckoning, time = life("11-03 12:00")
    waits = []
    time.now += FIRST_S
    for _ in range(3):
        began = time.now
        assert await turn(reckoning)
        while not await turn_soon(reckoning, time):
            pass
        waits.append(time.now - began)
        assert reckoning.failing is None
        told = reckoning.packing.failing["office"]
        assert told is not None
        assert told.startswith("The pack of safe-city, 2026-10, cannot be made: ")
        assert reckoning.trouble() == told
    assert waits == [300.0, 600.0, 1200.0]
    (tmp_path / "packs").unlink()
    time.now += MOST_AGAIN_S
    assert await turn(reckoning)
    assert reckoning.packing.failing == {"office": None}
    assert reckoning.trouble() is None


async def turn_soon(reckoning: Reckoning, time: Time) -> bool:
    """Move a minute on; say whether something is due then, without doing it."""
    time.now += 60.0
    assert reckoning._due is not None
    return time.now >= reckoning._due


def test_waits_grow_and_end_at_six_hours() -> None:
    """Five minutes, doubled each time."""
    assert [wait_s(times) for times in (1, 2, 3, 7, 8, 1000)] == [300, 600, 1200, 19200, MOST_AGAIN_S, MOST_AGAIN_S]


async def test_figures_that_cannot_be_computed_are_told_and_the_old_ones_end(life: Life, tmp_path: Path) -> None:
    """They stand while they are not old, with until when they reach; then nothing stands in their place."""
    reckoning, time = life("11-03 12:00")
    time.now += FIRST_S
    await turn(reckoning)
    (tmp_path / "ledger").rename(tmp_path / "away")
    time.now += EVERY_S
    assert await turn(reckoning)
    assert reckoning.failing is not None
    assert reckoning.trouble() == f"The figures of the contracts cannot be computed: {reckoning.failing}"
    assert str(tmp_path / "ledger") in reckoning.failing
    assert [one.contract for one in reckoning.standings] == ["safe-city"]
    time.now += SOON_S
    assert await turn(reckoning)
    time.now += OLD_S - EVERY_S - SOON_S
    assert reckoning.standings == ()
    (tmp_path / "away").rename(tmp_path / "ledger")
    assert await turn(reckoning)
    assert reckoning.failing is None
    assert len(reckoning.standings) == 1


async def test_another_depot_gets_its_packs_soon(life: Life, tmp_path: Path) -> None:
    """A reload of the inventory is heard within a minute."""
    reckoning, time = life("11-03 12:00")
    time.now += FIRST_S
    await turn(reckoning)
    reckoning.use([Depot("auditor", str(tmp_path / "share"), 60)])
    time.now += FIRST_S
    assert await turn(reckoning)
    assert os.listdir(tmp_path / "share" / "safe-city") == ["2026-10"]


def key(folder: Path) -> VerifierKey:
    return keys.load(folder / "ledger").verifier
