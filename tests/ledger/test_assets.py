"""The rows of a running monitor's inventory in its ledger: all at the first start, then what changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.app import Monitor
from monitor.core import schedule_json
from monitor.core.event import AssetEvent, ScheduleEvent
from monitor.core.health import Confirmation
from monitor.core.schedule import Rates
from monitor.core.verdict import Rung
from monitor.inspection.explanation import why
from monitor.inventory import load
from monitor.ledger import assets
from monitor.ledger.errors import LedgerError
from monitor.ledger.ledger import Ledger
from monitor.ledger.reader import Reader
from monitor.probes.base import Clocks

HEAD = (
    "zones: {harbour: {name: The Harbour}, town: {}}\n"
    "sites: [{id: pier, name: Pier 1, zone: harbour, feeder: F-3, uplinks: [SW-1/2]}]\n"
)
GATE = "  - {id: gate, site: pier, address: 127.0.0.1, contract: safe-city, commissioned: 2018-11-01}\n"
FERRY = "  - {id: ferry, zone: town, address: 127.0.0.2}\n"
GATE_ROW = {
    "site": "pier",
    "site_name": "Pier 1",
    "feeder": "F-3",
    "uplinks": ["SW-1/2"],
    "zone": "harbour",
    "zone_name": "The Harbour",
    "vantage": "central",
    "address": "127.0.0.1",
    "probes": ["onvif", "rtsp"],
    "contract": "safe-city",
    "commissioned": "2018-11-01",
}
DAILY = Rates()


class House:
    """An inventory, a ledger, and a clock that stands until it is moved."""

    def __init__(self, folder: Path) -> None:
        self.inventory, self.ledger = folder / "inventory.yaml", folder / "ledger.sqlite"
        self.now = 1_790_000_000.0
        self.write(GATE + FERRY)

    def write(self, cameras: str, head: str = HEAD) -> None:
        self.inventory.write_text(f"{head}cameras:\n{cameras}")

    def monitor(self, rates: Rates = DAILY) -> Monitor:
        clocks = Clocks(lambda: self.now, lambda: self.now)
        return Monitor(load(self.inventory, {}), rates, Ledger.open(self.ledger), clocks)

    async def live(self, monitor: Monitor) -> list[AssetEvent]:
        """Let a monitor begin and end; return what the ledger has of rows."""
        monitor.stop.set()
        await monitor.run()
        return self.events()

    def events(self) -> list[AssetEvent]:
        with Reader.open(self.ledger) as reader:
            return [event for _, event in reader.events(kind="asset") if isinstance(event, AssetEvent)]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def told(events: list[AssetEvent]) -> list[tuple[str, str]]:
    return [(event.camera, event.what) for event in events]


async def test_the_first_start_writes_every_row_and_the_next_one_none(house: House) -> None:
    """Whole, as the inventory has them; the same inventory, written otherwise, is no news."""
    events = await house.live(house.monitor())
    assert told(events) == [("gate", "added"), ("ferry", "added")]
    assert events[0].listed == GATE_ROW
    house.now += 60
    house.write("# as before\n" + FERRY + GATE)
    assert await house.live(house.monitor()) == events


async def test_a_start_with_another_inventory_writes_what_differs(house: House) -> None:
    """A camera that is gone, one that is new, one that moved to another zone: an event each, at its time."""
    before = await house.live(house.monitor())
    house.now += 60
    house.write(FERRY.replace("town", "harbour") + FERRY.replace("ferry", "quay").replace("0.2", "0.3"))
    events = (await house.live(house.monitor()))[len(before) :]
    assert told(events) == [("gate", "removed"), ("ferry", "changed"), ("quay", "added")]
    assert [event.at for event in events] == [house.now] * 3
    assert [event.listed.get("zone") for event in events] == [None, "harbour", "town"]
    with Reader.open(house.ledger) as reader:
        rows = assets.restored(reader.restore().memory)
    assert rows == {event.camera: event.listed for event in events[1:]}


async def test_a_reload_writes_what_differs_from_the_inventory_in_force(house: House) -> None:
    """Also one before the first second; a wrong inventory writes nothing."""
    monitor = house.monitor()
    house.write(GATE.replace("2018-11-01", "2018-12-01"))
    await monitor.reload(house.inventory, {})
    house.write("  - {id: gate}\n")
    await monitor.reload(house.inventory, {})
    house.write(GATE.replace("2018-11-01", "2019-01-01"))
    await monitor.reload(house.inventory, {})
    events = await house.live(monitor)
    assert told(events) == [("gate", "added"), ("gate", "changed")]
    assert [event.listed["commissioned"] for event in events] == ["2018-12-01", "2019-01-01"]


async def test_a_ledger_of_before_gets_every_row_at_the_next_start(house: House) -> None:
    """What an older camfleet kept instead is not asked."""
    await house.live(house.monitor())
    ledger = Ledger.open(house.ledger)
    ledger.append([], {}, {assets.PREFIX + "gate": None, assets.PREFIX + "ferry": ["a", "row", "of", "before"]})
    assert ledger.close(60) == 0
    house.now += 60
    assert told((await house.live(house.monitor()))[2:]) == [("gate", "added"), ("ferry", "added")]


async def test_why_tells_what_changed_in_a_row_and_knows_places_by_the_rows(house: House) -> None:
    """The old and the new word; a site, a feeder, an uplink and a zone by what the rows say of them."""
    await house.live(house.monitor())
    house.now += 60
    house.write(GATE.replace("safe-city", "safe-city-2") + FERRY)
    await house.live(house.monitor())
    lines = why("gate", house.ledger).splitlines()
    assert [line.split("  ")[-1] for line in lines if "  inventory: " in line] == [
        "inventory: gate added",
        "inventory: contract safe-city → safe-city-2",
    ]
    for name in ("pier", "Pier 1", "F-3", "SW-1/2", "SW-1", "The Harbour", "safe-city-2"):
        assert f" {name}: 0 of 1 camera work." in why(name, house.ledger)
    with pytest.raises(LedgerError, match=r"no camera, cause or place .safe-city.\. Did you mean .safe-city-2.\?"):
        why("safe-city", house.ledger)


async def test_the_rates_are_recorded_when_they_are_others(house: House) -> None:
    """From the start of a run on, with what confirms an answer; the same rates again are no news."""
    await house.live(house.monitor())
    house.now += 60
    await house.live(house.monitor())
    house.now += 60
    await house.live(house.monitor(Rates(media_s=300.0)))
    with Reader.open(house.ledger) as reader:
        events = [event for _, event in reader.events(kind="schedule") if isinstance(event, ScheduleEvent)]
    assert [event.at for event in events] == [house.now - 120, house.now]
    assert [schedule_json.rates(event.rates) for event in events] == [Rates(), Rates(media_s=300.0)]
    assert schedule_json.confirmation(events[0].rates, Rung.CREDENTIALS) == Confirmation(1, 2, 10.0)


async def test_a_place_of_the_past_is_told_by_the_rows_of_then(house: House) -> None:
    """With a camera that has left since and one that moved away, not with those that came later."""
    await house.live(house.monitor())
    then, house.now = house.now, house.now + 3600
    house.write(FERRY.replace("town", "harbour") + FERRY.replace("ferry", "quay").replace("0.2", "0.3"))
    await house.live(house.monitor())
    for name, before, after in (("town", "ferry", "quay"), ("harbour", "gate", "ferry")):
        assert f"zone {name}: 0 of 1 camera work.\n  Unknown: 1 ({before})" in why(name, house.ledger, then)
        assert f"zone {name}: 0 of 1 camera work.\n  Unknown: 1 ({after})" in why(name, house.ledger, house.now)
    with pytest.raises(LedgerError, match=r"no camera, cause or place .Pier 1.\."):
        why("Pier 1", house.ledger, house.now)
    assert "site Pier 1: 0 of 1 camera work." in why("Pier 1", house.ledger, then)
    assert "Unknown: 1 (quay)" in why("town", house.ledger, then - 3600)  # before all rows: those of today
