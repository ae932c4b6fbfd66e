"""The whole chain: what fails is paged once, to the right place, and closed by evidence, whatever is restarted meanwhile."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from chain import Chain, chain
from ledgered import cause_of, repaired, silent_since
from mixin.board_files import shown
from peers.cities import RunningCity, started_city
from storm import storm_of

from monitor.core.diagnosis.cause import Kind
from monitor.inventory import load

#: Until all cameras have answered for the first time, on a busy machine.
FIRST_S = 480.0
#: Until a cut is confirmed, explained, held and told.
TOLD_S = 480.0


async def _all_answer(chain: Chain, cameras: int) -> None:
    """Wait until all have answered, and nothing fails; for all to have shown video, many devices' budgets take minutes."""
    seen = f'sum(camera_rung_ok{{rung="reachable"}}) == bool {cameras}'
    await chain.prometheus.until(f"({seen}) * (1 - max(camera_working == bool 0))", 1, FIRST_S)


async def _shows(chain: Chain, uid: str, title: str, *labels: str, **chosen: str) -> dict[tuple[str, ...], float]:
    """Return what a panel of a dashboard shows, by labels."""
    return await chain.prometheus.by(shown(uid, title, **chosen), *labels)


def _acts(order: dict[str, Any]) -> list[str]:
    return [event["act"] for event in order["events"]]


@pytest.mark.soak
async def test_a_cut_uplink_is_one_page_whatever_is_restarted_meanwhile(tmp_path: Path) -> None:
    """Three Alertmanagers, one of them restarted; camfleet killed; 98 cameras: one order, one message, closed by evidence.

    The ledger has the outage of each of them, with its cause; the dashboards show it, and that it is over.
    """
    with started_city(700, seed=2) as city:
        city.heal()
        async with chain(city, tmp_path, alertmanagers=3) as running:
            cut = {name: set(cameras) for name, cameras in city.structure["uplinks"].items()}
            uplink = max(cut, key=lambda name: len(cut[name]))
            assert len(cut[uplink]) > 90
            await _all_answer(running, 700)
            assert running.receiver.bodies == []
            begun = time.time()
            city.switch_on("fibre", uplink=uplink)
            moments = begun, time.time()
            await running.receiver.until(1, TOLD_S)
            await running.camfleet.until_orders(lambda found: any(_acts(one)[-1:] == ["told"] for one in found), 90)
            await running.alertmanagers[0].stop()
            await running.camfleet.kill()
            await asyncio.sleep(5)  # it is away for a while, as a machine that starts anew is
            await running.alertmanagers[0].start()
            await running.camfleet.start()
            await asyncio.sleep(30)  # each Alertmanager repeats itself each ten seconds
            (page,) = running.receiver.told
            assert (page["severity"], page["role"], page["cameras"]) == ("page", "network", len(cut[uplink]))
            assert [(one["kind"], one["scope"]) for one in page["causes"]] == [("uplink", uplink)]
            assert set(page["members"]) <= cut[uplink]
            (order,) = await running.camfleet.orders()
            assert (order["id"], order["closed"]) == (page["order"], None)
            cause, members = cause_of(running.camfleet, uplink)
            assert (cause.kind, members) == (Kind.UPLINK, cut[uplink])
            assert cause.after <= moments[1]
            assert moments[0] <= cause.by
            assert silent_since(running.camfleet, moments) == cut[uplink]
            await _dashboards_show(running, city, uplink, cause.cause, order["id"])
            assert await running.answer(page["url"], "on my way") == 303
            tested = await running.test(page["url"])
            assert ("✗ <bdi>reachable</bdi>" in tested, "The test is over." in tested) == (True, True)
            await running.prometheus.until('sum(camfleet_orders{state="answered"})', 1)
            city.switch_off("fibre", uplink=uplink)
            (order,) = await running.camfleet.until_orders(lambda found: all(one["closed"] for one in found), 300)
            assert _acts(order) == ["opened", "called", "told", "on my way", "tested", "cleared", "closed"]
            assert len(running.receiver.bodies) == 1
            assert repaired(running.camfleet, uplink) == ["closed"]
            await running.prometheus.until(shown("camfleet-fleet", "Not working"), 0, 120)
            assert await _shows(running, "camfleet-fleet", "Shared causes", "scope") == {}


async def _dashboards_show(running: Chain, city: RunningCity, uplink: str, cause: str, order: str) -> None:
    """The wallboard, the causes, the site and a camera behind a cut line, each as it is."""
    cut = city.structure["uplinks"][uplink]
    await running.prometheus.until(shown("camfleet-fleet", "Not working"), len(cut), 120)
    assert await _shows(running, "camfleet-fleet", "Unreachable") == {(): len(cut)}
    assert await _shows(running, "camfleet-fleet", "Shared causes", "kind", "scope") == {("uplink", uplink): len(cut)}
    assert list(await _shows(running, "camfleet-fleet", "Newest outages", "cause")) == [(cause,)]
    everything = {"kind": ".+", "scope": ".+"}
    title = "Open causes of the kinds and scopes chosen above"
    assert (uplink,) in await _shows(running, "camfleet-causes", title, "scope", **everything)
    assert list(await _shows(running, "camfleet-causes", "mark: Shared causes", "scope")) == [(uplink,)]
    assert list(await _shows(running, "camfleet-causes", "mark: Work orders", "order")) == [(order,)]
    camera = load(city.inventory, None).cameras[cut[0]]
    chosen = {"zone": camera.zone, "site": camera.site, "camera": camera.id}
    assert await _shows(running, "camfleet-camera", "Working", **chosen) == {(): 0}
    assert list(await _shows(running, "camfleet-camera", "State", "state", **chosen)) == [("unreachable",)]


@pytest.mark.soak
async def test_a_storm_of_600_of_1800_is_one_page_for_each_errand(tmp_path: Path) -> None:
    """A third of a large city fails within a second: each shared cause and each site to visit is one message.

    A camera behind a shared cause is none, and the ledger and the wallboard have the 600 with their causes. So it is with
    three Alertmanagers, one of which is restarted in the middle, and camfleet killed: only what a receiver took in the
    moment before may come twice, under its number.
    """
    with started_city(1800, seed=2) as city:
        storm = storm_of(city)
        city.heal()
        inventory = load(city.inventory, None)
        sites = {inventory.cameras[camera].site for camera in storm.alone}
        async with chain(city, tmp_path, alertmanagers=3, hold="60s") as running:
            await _all_answer(running, 1800)
            assert running.receiver.bodies == []
            begun = time.time()
            storm.break_out(city)
            moments = begun, time.time()
            await running.receiver.until(30, TOLD_S)
            killed = time.time()
            await running.camfleet.kill()
            await running.alertmanagers[0].stop()
            await asyncio.sleep(5)  # it is away for a while, as a machine that starts anew is
            await running.alertmanagers[0].start()
            await running.camfleet.start()
            await running.camfleet.until_orders(lambda found: _are_told(found, sites), 480)
            await running.prometheus.until(shown("camfleet-fleet", "Not working"), 600, 240)
            await asyncio.sleep(30)  # whatever else would be told is told by now
            orders = await running.camfleet.orders()
            first = running.first
            assert {order for order, _ in first} == {one["id"] for one in orders}
            assert len(first) == len(orders)
            assert all(killed - 3 < first[one] <= killed for one, times in running.pages.items() if times > 1)
            told = {one["order"]: one for one in running.receiver.told}.values()
            of_shared = [one for one in told if one["causes"][0]["scope"] in storm.shared]
            assert sorted(one["causes"][0]["scope"] for one in of_shared) == sorted(storm.shared)
            errands = [one for one in told if one not in of_shared]
            assert {one["sites"][0] for one in errands} == sites
            assert len({(one["sites"][0], one["role"]) for one in errands}) == len(errands)
            assert not storm.behind & {camera for one in errands for camera in one["members"]}
            for scope, cameras in storm.shared.items():
                assert cause_of(running.camfleet, scope)[1] == cameras
            assert silent_since(running.camfleet, moments) == storm.behind | storm.single["dead"]
            held = {(scope,): len(cameras) for scope, cameras in storm.shared.items()}
            assert await _shows(running, "camfleet-fleet", "Shared causes", "scope") == held
            assert await _shows(running, "camfleet-fleet", "Unreachable") == {(): len(storm.behind)}
            assert await _shows(running, "camfleet-fleet", "Firing pages") == {(): len(storm.shared)}


def _are_told(orders: list[dict[str, Any]], sites: set[str]) -> bool:
    """Say whether each of these sites has an order, and nothing waits to be told."""
    return {one["site"] for one in orders} >= sites and not any(one["waiting"] for one in orders)
