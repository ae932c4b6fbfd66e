"""The whole chain: what is cut is paged once, to the right place, and closed by evidence, whatever is restarted meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from chain import Chain, chain
from peers.cities import started_city

from dashboards.causes import ROWS
from monitor.core.model import Inventory
from monitor.core.topology import Layer, Scope
from monitor.core.workorder.order import key_of
from monitor.core.workorder.place import site_of
from monitor.inventory import load

#: Until 700 cameras are judged for the first time, on a busy machine.
FIRST_S = 420.0
#: Until a cut is confirmed, explained, held and told.
TOLD_S = 240.0


async def _most_work(chain: Chain, cameras: Iterable[str]) -> None:
    """Wait until most of these are seen to work, and nothing fails; channels of recorders are asked in turn."""
    named = "|".join(cameras)
    seen = f'count(camera_working{{camera=~"{named}"}} == 1) >= bool {len(named.split("|")) - 12}'
    await chain.prometheus.until(f"({seen}) * (1 - max(camera_working == bool 0))", 1, FIRST_S)


def _acts(order: dict[str, Any]) -> list[str]:
    return [event["act"] for event in order["events"]]


@pytest.mark.soak
async def test_a_cut_uplink_is_one_page_whatever_is_restarted_meanwhile(tmp_path: Path) -> None:
    """Three Alertmanagers, one of them restarted; camfleet killed; 98 cameras: one order, one message, closed by evidence."""
    with started_city(700, seed=2) as city:
        city.heal()
        async with chain(city, tmp_path, alertmanagers=3) as running:
            cut = {name: set(cameras) for name, cameras in city.structure["uplinks"].items()}
            uplink = max(cut, key=lambda name: len(cut[name]))
            assert len(cut[uplink]) > 90
            await _most_work(running, cut[uplink])
            assert running.receiver.bodies == []
            city.switch_on("fibre", uplink=uplink)
            await running.receiver.until(1, TOLD_S)
            await running.camfleet.until_orders(lambda found: any(_acts(one)[-1:] == ["told"] for one in found), 30)
            await running.alertmanagers[0].stop()
            await running.camfleet.kill()
            await asyncio.sleep(5)
            await running.alertmanagers[0].start()
            await running.camfleet.start()
            await asyncio.sleep(30)  # each Alertmanager repeats itself each ten seconds
            (page,) = running.receiver.told
            assert (page["severity"], page["role"], page["cameras"]) == ("page", "network", len(cut[uplink]))
            assert [(one["kind"], one["scope"]) for one in page["causes"]] == [("uplink", uplink)]
            assert set(page["members"]) <= cut[uplink]
            (order,) = await running.camfleet.orders()
            assert (order["id"], order["closed"]) == (page["order"], None)
            assert await running.prometheus.value('sum(camfleet_orders{state="open"})') == 1
            assert await running.answer(page["url"], "on my way") == 303
            tested = await running.test(page["url"])
            assert ("✗ <bdi>reachable</bdi>" in tested, "The test is over." in tested) == (True, True)
            await running.prometheus.until('sum(camfleet_orders{state="answered"})', 1)
            city.switch_off("fibre", uplink=uplink)
            (order,) = await running.camfleet.until_orders(lambda found: all(one["closed"] for one in found), 300)
            assert _acts(order) == ["opened", "called", "told", "on my way", "tested", "cleared", "closed"]
            assert len(running.receiver.bodies) == 1


#: Kinds of causes that explain what is seen, and send nobody anywhere.
QUIET = {str(row.kind) for row in ROWS if row.severity == "info"}


def _wanted(causes: list[dict[str, Any]], inventory: Inventory) -> set[str]:
    """Return what there has to be an order for: each shared cause, each site and owner of the rest."""
    scopes = [(one, Scope(Layer(one["layer"]), one["scope"])) for one in causes if one["kind"] not in QUIET]
    return {key_of(one["kind"], scope, site_of(scope, inventory), one["role"]) for one, scope in scopes}


@pytest.mark.soak
async def test_a_third_of_the_city_failing_is_one_page_for_each_errand(tmp_path: Path) -> None:
    """Each shared cause and each site to visit is one message; a camera behind a shared cause is none."""
    with started_city(700, seed=2) as city:
        inventory = load(city.inventory, None)
        async with chain(city, tmp_path) as running:
            for _ in range(900):
                await asyncio.sleep(1)
                orders = await running.camfleet.orders() if running.camfleet.ledger.exists() else []
                causes = await running.causes() if orders else []
                wanted, found = _wanted(causes, inventory), [one["key"] for one in orders if not one["closed"]]
                told = all(not one["waiting"] for one in orders)
                if sum(len(one["members"]) for one in causes) > 180 and told and wanted == set(found):
                    break
            assert wanted == set(found)
            assert len(found) == len(set(found)) > 20
            assert set(running.pages.values()) == {1}
            assert {order for order, _ in running.pages} == {one["id"] for one in orders}
            shared = [one for one in causes if one["shared"]]
            behind = {camera for one in shared for camera in one["members"]}
            alone = [
                one
                for one in running.receiver.told
                if one["causes"] and one["causes"][0]["layer"] in ("camera", "device")
            ]
            assert len(shared) >= 3
            assert not behind & {camera for one in alone for camera in one["members"]}
