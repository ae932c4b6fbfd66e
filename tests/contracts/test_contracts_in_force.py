"""The terms of a running monitor: in force at start and reload, each change of them in the ledger."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from monitor.app import Monitor
from monitor.core.event import ContractEvent
from monitor.core.schedule import Rates
from monitor.core.sla.terms import from_json
from monitor.inventory import load, load_beside
from monitor.ledger import contracts
from monitor.ledger.ledger import Ledger
from monitor.ledger.reader import Reader
from monitor.probes.base import Clocks

FLEET = "zones: {z: {}}\ncameras: [{id: x, zone: z, address: 127.0.0.1, contract: C-1}]\n"
C_1 = "  C-1: {time_zone: UTC, target: 98%}\n"
C_2 = "  C-2: {time_zone: UTC, cameras: all}\n"


class House:
    """A folder with inventory and contracts, a ledger, and a clock that stands until it is moved."""

    def __init__(self, folder: Path) -> None:
        self.inventory, self.contracts = folder / "inventory.yaml", folder / "contracts.yaml"
        self.ledger = folder / "ledger.sqlite"
        self.now = 1_790_000_000.0
        self.inventory.write_text(FLEET)

    def agree(self, *terms: str) -> None:
        self.contracts.write_text("".join(["contracts:\n", *terms]))

    def monitor(self) -> Monitor:
        inventory = load(self.inventory, {})
        calendar, terms = load_beside(self.inventory, inventory)
        clocks = Clocks(lambda: self.now, lambda: self.now)
        return Monitor(inventory, Rates(), Ledger.open(self.ledger), clocks, calendar, terms)

    async def live(self, monitor: Monitor) -> list[tuple[str, str]]:
        """Let a monitor begin and end; return what the ledger has of contracts."""
        monitor.stop.set()
        await monitor.run()
        return [(event.contract, event.what) for event in self.events()]

    def events(self) -> list[ContractEvent]:
        with Reader.open(self.ledger) as reader:
            return [event for _, event in reader.events(kind="contract") if isinstance(event, ContractEvent)]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


async def test_each_start_records_what_changed_since_the_run_before(house: House) -> None:
    """With the terms as they are from then on; the same terms, written otherwise, are no event."""
    house.agree(C_1, C_2)
    first = [("C-1", "added"), ("C-2", "added")]
    assert await house.live(house.monitor()) == first
    house.agree(C_2, C_1.replace("98%", "98.0%"))
    house.now += 60
    assert await house.live(house.monitor()) == first
    house.agree(C_1.replace("98%", "97%"))
    house.now += 60
    assert await house.live(house.monitor()) == [*first, ("C-1", "changed"), ("C-2", "removed")]
    assert [event.at for event in house.events()] == [house.now - 120] * 2 + [house.now] * 2
    assert [from_json(event.contract, event.terms).target for event in house.events()[:3:2]] == [
        Fraction(98, 100),
        Fraction(97, 100),
    ]
    assert house.events()[3].terms == {}
    house.contracts.unlink()
    assert (await house.live(house.monitor()))[-1] == ("C-1", "removed")
    with Reader.open(house.ledger) as reader:
        assert contracts.restored(reader.restore().memory) == {}


async def test_a_reload_puts_other_terms_into_force_or_changes_nothing(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """All or nothing, with the inventory; the page says so until it is mended."""
    monitor = house.monitor()
    house.agree(C_1)
    await monitor.reload(house.inventory, {})
    house.agree(C_1.replace("98%", "0.98"))
    house.inventory.write_text(FLEET.replace("id: x", "id: new"))
    await monitor.reload(house.inventory, {})
    assert list(monitor.inventory.cameras) == ["x"]
    assert "contracts.C-1.target: must be a percentage" in caplog.text
    assert (monitor.trouble() or "").startswith(
        "Inventory, calendar, contracts or orders on disk have been wrong since"
    )
    other = house.contracts.with_name("others.yaml")
    other.write_text("contracts:\n" + C_2)
    await monitor.reload(house.inventory, {}, None, other)
    assert list(monitor.inventory.cameras) == ["new"]
    assert await house.live(monitor) == [("C-1", "added"), ("C-1", "removed"), ("C-2", "added")]
