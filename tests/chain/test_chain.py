"""The whole chain: what is cut is paged once, to the right place, and closed by evidence, whatever is restarted meanwhile."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from chain import Chain, chain
from peers.cities import started_city

#: Until 700 cameras are judged for the first time, on a busy machine.
FIRST_S = 420.0
#: Until a cut is confirmed, explained, held and told.
TOLD_S = 240.0


async def _all_work(chain: Chain) -> None:
    """Wait until all is judged but some channels of recorders, which are asked in turn, and nothing fails."""
    most = f"sum(camera_working) > bool {0.85 * len(chain.city.truth())}"
    await chain.prometheus.until(f"({most}) * (1 - max(camera_working == bool 0))", 1, FIRST_S)


async def _told(chain: Chain, number: int) -> None:
    for _ in range(int(TOLD_S)):
        if len(chain.receiver.bodies) >= number:
            return
        await asyncio.sleep(1)
    raise AssertionError(f"{len(chain.receiver.bodies)} messages, not {number}")


def _acts(order: dict[str, Any]) -> list[str]:
    return [event["act"] for event in order["events"]]


@pytest.mark.soak
async def test_a_cut_uplink_is_one_page_whatever_is_restarted_meanwhile(tmp_path: Path) -> None:
    """Three Alertmanagers, one of them restarted; camfleet killed; 98 cameras: one order, one message, closed by evidence."""
    with started_city(700, seed=2) as city:
        city.heal()
        async with chain(city, tmp_path, alertmanagers=3) as running:
            await _all_work(running)
            assert running.receiver.bodies == []
            cut = {name: set(cameras) for name, cameras in city.structure["uplinks"].items()}
            uplink = max(cut, key=lambda name: len(cut[name]))
            assert len(cut[uplink]) > 90
            city.switch_on("fibre", uplink=uplink)
            await _told(running, 1)
            await running.camfleet.until_orders(lambda found: any(_acts(one)[-1:] == ["told"] for one in found), 30)
            await running.alertmanagers[0].stop()
            await running.camfleet.kill()
            await asyncio.sleep(5)
            await running.alertmanagers[0].start()
            await running.camfleet.start()
            await asyncio.sleep(60)  # each Alertmanager repeats itself each ten seconds
            (page,) = running.receiver.told
            assert (page["severity"], page["role"], page["cameras"]) == ("page", "network", len(cut[uplink]))
            assert [(one["kind"], one["scope"]) for one in page["causes"]] == [("uplink", uplink)]
            assert set(page["members"]) <= cut[uplink]
            (order,) = await running.camfleet.orders()
            assert (order["id"], order["closed"]) == (page["order"], None)
            assert await running.prometheus.value('sum(camfleet_orders{state="open"})') == 1
            city.switch_off("fibre", uplink=uplink)
            (order,) = await running.camfleet.until_orders(lambda found: all(one["closed"] for one in found), 300)
            assert _acts(order) == ["opened", "called", "told", "cleared", "closed"]
            assert len(running.receiver.bodies) == 1
