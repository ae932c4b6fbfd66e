"""Work orders of a running monitor: from an alert to a message, in the ledger, over restarts, and as the terminal has them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from peers.receiving import Receiver, receiving
from typer.testing import CliRunner

from monitor.app import Monitor
from monitor.cli import command_line
from monitor.core.diagnosis.cause import Cause, Kind
from monitor.core.health import RungHealth
from monitor.core.model import Secret
from monitor.core.schedule import Rates
from monitor.core.topology import Layer, Scope
from monitor.core.verdict import Outcome, Reason, Rung
from monitor.core.workorder.order import Act, OrderEvent, WorkOrder
from monitor.core.workorder.paging import Channel, Paging
from monitor.core.workorder.words import NotTaken, Said
from monitor.inventory import load
from monitor.ledger import causes, order_history, orders
from monitor.ledger.errors import LedgerError
from monitor.ledger.ledger import Ledger
from monitor.ledger.reader import Reader
from monitor.web.alerting import Fires

FLEET = """\
zones: {z: {}}
sites: [{id: s1, name: Pier 1, zone: z, uplinks: [SW-1/3], position: [24.86, 67.01]}]
owners: {network: City Fibre}
cameras: [{id: x, site: s1, address: 127.0.0.1, ports: {onvif: 9, rtsp: 9}}]
"""
SCOPE = Scope(Layer.UPLINK, "SW-1/3")
CUT = Fires(Kind.UPLINK, SCOPE, "page")
SECRET = Secret("file:x", "x" * 20)


class House:
    """A folder with an inventory, and a ledger in which a line is cut."""

    def __init__(self, folder: Path) -> None:
        self.inventory, self.ledger = folder / "inventory.yaml", folder / "ledger.sqlite"
        self.inventory.write_text(FLEET)
        cut = Cause("uplink-1", Kind.UPLINK, SCOPE, 1e9, 1e9, 1e9, frozenset({"x"}))
        ledger = Ledger.open(self.ledger)
        silent = RungHealth(Outcome.FAIL, Reason.TIMEOUT, "", 1e9 - 60, 1e9, 1e9 - 60, 1e9, counted_at=1e9)
        ledger.append((), {"x": tuple(silent for _ in Rung)}, causes.changes({}, {cut.id: cut}))
        ledger.close(60.0)

    @asynccontextmanager
    async def monitor(self, receiver: Receiver, language: str = "en") -> AsyncIterator[Monitor]:
        channel = Channel("phone", url=receiver.url, secret=SECRET, language=language)
        paging = Paging(SECRET, SECRET, "https://c.example", "UTC", {"phone": channel})
        monitor = Monitor(load(self.inventory, {}), Rates(), Ledger.open(self.ledger), paging=paging)
        running = asyncio.create_task(monitor.run())
        try:
            yield monitor
        finally:
            monitor.stop.set()
            await running

    def events(self) -> list[OrderEvent]:
        with Reader.open(self.ledger) as reader:
            return [event for _, event in reader.events(kind="order") if isinstance(event, OrderEvent)]

    def orders(self) -> list[WorkOrder]:
        with Reader.open(self.ledger) as reader:
            return list(orders.restored(reader.restore().memory).values())


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


async def told(receiver: Receiver, number: int = 1) -> None:
    await receiver.until(number, 20)
    await asyncio.sleep(1.5)  # until the next step has recorded it


async def test_an_alert_becomes_a_message_and_stays_one_over_a_restart(house: House) -> None:
    """It answers once the ledger has it; whoever sends it again, and a second run, change nothing."""
    async with receiving() as receiver:
        async with house.monitor(receiver) as monitor:
            (order,) = await monitor.take_alerts([CUT])
            assert [event.act for event in house.events()] == [Act.OPENED, Act.CALLED]
            assert await monitor.take_alerts([CUT, CUT]) == [order]
            await told(receiver)
        async with house.monitor(receiver) as monitor:
            assert await monitor.take_alerts([CUT]) == [order]
            await asyncio.sleep(1.5)
    (page,) = receiver.told
    assert [event.act for event in house.events()] == [Act.OPENED, Act.CALLED, Act.TOLD]
    assert page["order"] == order
    assert page["title"] == f"{order}: Uplink SW-1/3 is cut off"
    assert page["text"].splitlines()[:4] == [
        "Where: Pier 1",
        "Behind it: 1 camera at 1 site",
        "Since: 2001-09-09 01:46 (UTC)",
        "Whose it is: City Fibre",
    ]
    assert page["url"].startswith(f"https://c.example/o/{order}/")
    assert (page["position"], page["members"], page["owner"]) == ([24.86, 67.01], ["x"], "City Fibre")


async def test_what_a_channel_refuses_waits_over_a_restart(house: House) -> None:
    """And is told under the same number."""
    async with receiving() as receiver:
        receiver.answers = [503]
        async with house.monitor(receiver) as monitor:
            await monitor.take_alerts([CUT])
            await told(receiver)
        async with house.monitor(receiver):
            await told(receiver, 2)
    assert [(one["order"], one["occasion"]) for one in receiver.told] == [(house.orders()[0].id, 1)] * 2
    assert house.events()[-1].act is Act.TOLD


async def test_an_alert_of_what_is_not_open_opens_nothing(house: House) -> None:
    """It has ended, or is nothing of ours."""
    async with receiving() as receiver, house.monitor(receiver) as monitor:
        assert await monitor.take_alerts([CUT._replace(kind=Kind.POWER)]) == []
    assert (house.events(), receiver.bodies) == ([], [])


async def test_a_message_in_urdu_leads_to_a_page_in_urdu(house: House) -> None:
    """By its address."""
    async with receiving() as receiver, house.monitor(receiver, "ur") as monitor:
        await monitor.take_alerts([CUT])
        await told(receiver)
    (page,) = receiver.told
    assert page["url"].endswith("?lang=ur")
    assert "کہاں" in page["text"]


async def test_what_people_say_is_in_the_ledger_and_in_the_next_order_of_the_spot(house: House) -> None:
    """Who, when, what; and of an order that there is not, nothing."""
    async with receiving() as receiver, house.monitor(receiver) as monitor:
        (id_,) = await monitor.take_alerts([CUT])
        monitor.say(Said(id_, Act.FOUND, "Team 3", "fibre", "cut at the bridge"))
        with pytest.raises(NotTaken, match="There is no work order 'WO-NONE'"):
            monitor.say(Said("WO-NONE", Act.FOUND, "", "fibre"))
        await asyncio.sleep(1.5)
        (order,) = house.orders()
        later = WorkOrder("WO-LATE", order.key, 0.0, "page", "", "network", ())
        assert monitor.orders_before(order) == []
        assert [one.id for one in monitor.orders_before(later)] == [id_]
    found = [event for event in house.events() if event.act is Act.FOUND]
    assert [(event.who, event.why) for event in found] == [("Team 3", "fibre: cut at the bridge")]
    shown = CliRunner().invoke(command_line(), ["orders", "--ledger", str(house.ledger)]).output
    assert [id_ in shown, "answered" in shown, "Uplink SW-1/3 is cut off" in shown] == [True, True, True]
    assert "found by Team 3" in shown
    told = json.loads(CliRunner().invoke(command_line(), ["orders", "--json", "--ledger", str(house.ledger)]).output)
    assert [(one["id"], one["answered"], one["false_alarm"]) for one in told["orders"]] == [(id_, "found", False)]
    assert told["orders"][0]["events"][0]["why"] == "Uplink SW-1/3 is cut off"


def test_the_history_of_a_site_is_that_of_all_its_orders(tmp_path: Path) -> None:
    """Whatever they were about; another site's are not among them."""

    def opened(number: int, key: str, site: str) -> OrderEvent:
        return OrderEvent(
            1e9 + number, f"WO-{number}", Act.OPENED, f"c{number}", key, site, "field", "page", why="said"
        )

    ledger = Ledger.open(tmp_path / "ledger.sqlite")
    ledger.append(
        [
            opened(1, "at site s1 for field", "s1"),
            opened(2, "site, site s1", "s1"),
            opened(3, "at site s2 for field", "s2"),
        ],
        {},
    )
    ledger.close(60.0)
    order = WorkOrder("WO-9", "at site s1 for accounts", 2e9, "page", "s1", "accounts", ("c9",))
    with Reader.open(tmp_path / "ledger.sqlite") as reader:
        assert [one.id for one in order_history.before(reader, order)] == ["WO-2", "WO-1"]


def test_without_orders_the_command_says_so(tmp_path: Path) -> None:
    """Of a ledger of before, too."""
    Ledger.open(tmp_path / "ledger.sqlite").close()
    assert CliRunner().invoke(command_line(), ["orders", "--ledger", str(tmp_path / "ledger.sqlite")]).output == (
        "No work order is open.\n"
    )


@pytest.mark.parametrize("kept", [7, [7], [{"act": "opened"}]], ids=str)
def test_an_order_that_cannot_be_read_is_named(kept: object) -> None:
    """Nothing is guessed."""
    with pytest.raises(LedgerError, match="The ledger's memory of 'order/WO-1"):
        orders.restored({"order/WO-1": kept})
