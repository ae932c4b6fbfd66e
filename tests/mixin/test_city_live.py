"""The whole way, once: a simulated city, the monitor that watches it, a Prometheus with the rules, every panel's query."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from board_files import Asked, asked, filled, hurried
from peers.cities import RunningCity, started_city
from peers.prometheus import Prometheus, running_prometheus
from peers.servers import free_port, stop

from simulator.inventory import write_secret

CAMERAS = 120
#: Until the first look is over, confirmed, and what failed has a cause: a few minutes on a machine that is busy.
PATIENCE_S = 300.0
#: Each shared cause pages, once, and nothing else of a cause does. The hold is shortened to half a minute.
SHARED = 'camera_cause_open{layer!~"camera|device"}'
PAGES = 'ALERTS{alertstate="firing", severity="page", kind!=""}'
ONCE_EACH = (
    f"count({SHARED}) == count({PAGES}) and count({SHARED}) == count({PAGES} and on (kind, layer, scope) {SHARED})"
)
#: What this city has nothing of: no canary, no plan, no acknowledgement, and without an Alertmanager no work order.
NOT_HERE = {"Canaries", "Planned", "mark: Planned", "mark: Work orders", "Which are quiet"}
#: Whom orders are told; nobody listens there.
ORDERS = """\
settings: {public_url: "http://127.0.0.1", alerts: file:secrets/alerts, links: file:secrets/links}
channels:
  desk: {url: "http://127.0.0.1:9/orders", secret: file:secrets/desk}
"""
#: The figures of contracts begin a quarter of an hour after the ledger; ``test_panels_live`` asks for them.
LATER = "camera_sla_"
#: What a camera or a site may have nothing of; it is enough that the query is valid.
PERHAPS = {"Causes at this site", "Certificates", "Certificate ends in", "Running for"}


@asynccontextmanager
async def watching(city: RunningCity, folder: Path) -> AsyncIterator[str]:
    """Run a monitor over a city as anybody would; yields its host:port."""
    (city.inventory / "orders.yaml").write_text(ORDERS, encoding="utf-8")
    for name in ("alerts", "links", "desk"):
        write_secret(city.inventory / "secrets" / name, "t" * 32)
    address = f"127.0.0.1:{free_port()}"
    program = Path(sys.executable).with_name("camfleet")
    arguments = ["run", "-i", str(city.inventory), "--ledger", str(folder / "ledger"), "--listen", address]
    with (folder / "monitor.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(program, *arguments, stdout=log, stderr=log, cwd=folder)
    try:
        yield address
    finally:
        await stop(process)


async def _chosen(prometheus: Prometheus) -> dict[str, str]:
    """Choose a camera that works in the zone that has the most that do not."""
    worst = 'topk(1, sum by (zone) (camera_fleet_cameras{state="down"}))'
    found = await prometheus.query(f"topk(1, camera_working == 1 and on (zone) {worst})")
    ((labels, _),) = found.items()
    place = {name: value for name, value in labels if name in ("zone", "site", "camera")}
    return {**place, "kind": ".+", "scope": ".+", "job": "camfleet", "instance": ".+"}


async def _empty(prometheus: Prometheus, queries: list[Asked], chosen: dict[str, str]) -> list[Asked]:
    return [query for query in queries if not await prometheus.query(filled(query.expr, **chosen))]


@pytest.mark.soak
async def test_every_panel_shows_a_watched_city_as_it_is(tmp_path: Path) -> None:
    """A third of 120 cameras is ill: each panel has an answer, the figures are the truth, and four cuts are four pages."""
    with started_city(CAMERAS, seed=3, tls=10) as city:
        truth = city.truth()
        dead = sum(one["working"] is False for one in truth.values())
        async with (
            watching(city, tmp_path) as address,
            running_prometheus([address], tmp_path, rules=hurried(tmp_path, hold="30s")) as prometheus,
        ):
            not_working = next(one for one in asked() if (one.board, one.panel) == ("camfleet-fleet", "Not working"))
            await prometheus.until(not_working.expr, dead, PATIENCE_S)
            await prometheus.until(ONCE_EACH, 4, PATIENCE_S)
            states = await prometheus.by("sum by (camera) (camera_working)", "camera")
            known = {camera: bool(value) for (camera,), value in states.items() if truth[camera]["fault"] != "flapping"}
            assert known == {camera: truth[camera]["working"] for camera in known}
            assert len(known) > 0.9 * CAMERAS
            queries = [query for query in asked() if query.panel not in NOT_HERE and LATER not in query.expr]
            silent = await _empty(prometheus, queries, await _chosen(prometheus))
            assert [query for query in silent if query.panel not in PERHAPS] == []
