"""An inventory that was wrong when it was loaded anew is told above every page, until a good one is loaded."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from browsing import feed_of
from paper_city import NOON, City, served

from monitor.app import Monitor
from monitor.core.schedule import Rates
from monitor.inventory import load
from monitor.ledger.ledger import Ledger
from monitor.probes.base import Clocks

NOTICE = (
    "Inventory, calendar, contracts or orders on disk have been wrong since 12:00:00 UTC: the fleet of before is still watched;"
    " the log names every mistake."
)
GOOD = "zones: {z: {}}\ncameras: [{id: x, zone: z, address: 127.0.0.1}]\n"


async def test_a_wrong_inventory_is_told_until_a_good_one_is_loaded(small_city: City, tmp_path: Path) -> None:
    """On the page and in the summary; a second wrong one does not change since when; the monitor stays ready."""
    path = tmp_path / "inventory.yaml"
    path.write_text(GOOD)
    now = [NOON]
    with closing(Ledger.open(tmp_path / "camfleet.sqlite")) as ledger:
        monitor = Monitor(load(path, {}), Rates(), ledger, Clocks(lambda: now[0], lambda: now[0]))
        options = {"health": monitor.health, "trouble": monitor.trouble, "wall": lambda: now[0]}
        async with served(feed_of(small_city), **options) as client:
            assert monitor.trouble() is None
            for _ in range(2):
                path.write_text("zones: {z: {}}\ncameras: [{id: x}]\n")
                await monitor.reload(path, {})
                now[0] += 60.0
                async with client.get("/api/v1/summary") as answer:
                    assert (await answer.json())["trouble"] == NOTICE
            async with client.get("/cameras", headers={"Accept": "text/html"}) as answer:
                assert f"data-fresh>{NOTICE}</p>" in await answer.text()
            async with client.get("/readyz") as answer:
                assert answer.status == 200
            path.write_text(GOOD)
            await monitor.reload(path, {})
            async with client.get("/api/v1/summary") as answer:
                assert (await answer.json())["trouble"] is None
