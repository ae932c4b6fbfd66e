"""What a running monitor has to show to whoever may see the figures."""

from __future__ import annotations

from pathlib import Path

from reports.month import at, write

from monitor.app import Monitor
from monitor.core.model import Depot, Inventory
from monitor.core.schedule import Rates
from monitor.ledger import keys
from monitor.ledger.ledger import Ledger
from monitor.probes.base import Clocks
from monitor.reports.pack import Asked, pack
from monitor.reports.shelf import place


async def test_the_books_of_a_monitor(tmp_path: Path) -> None:
    """Its packs, its newest checkpoints and the key that verifies them; without a key no pack is vouched for."""
    write(tmp_path / "ledger")
    pack(Asked(tmp_path / "ledger", "", "2026-10"), place(tmp_path / "packs", "safe-city", "2026-10"), languages=["en"])
    inventory = Inventory({}, {}, {}, {}, depots=(Depot("office", str(tmp_path / "packs"), 60),))
    now = at("11-05 12:00")
    monitor = Monitor(inventory, Rates(), Ledger.open(tmp_path / "ledger"), Clocks(lambda: now, lambda: now))
    assert monitor.books().checkpoints == []
    monitor.stop.set()
    await monitor.run()  # which signs a checkpoint at its end
    books = monitor.books()
    assert [(one.contract, one.period, one.flaw) for one in books.packs] == [("safe-city", "2026-10", "")]
    assert [one.at for one in books.checkpoints] == [now]
    assert books.key == str(keys.load(tmp_path / "ledger").verifier)
    assert (books.standings, books.failing, books.at) == ((), None, now)
    keys.path_of(tmp_path / "ledger").unlink()
    books = monitor.books()
    assert (books.key, [one.flaw for one in books.packs]) == (
        "",
        ["the ledger has no key to hold its signature against"],
    )
