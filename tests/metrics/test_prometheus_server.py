"""A real Prometheus scrapes the page of 1,800 cameras, and PromQL gives the snapshot's figures."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

from aiohttp import web
from peers.fleets import faulty_city, looked_at
from peers.prometheus import running_prometheus

from exporters.prometheus import CONTENT_TYPE, Page
from exporters.selfmetrics import SelfMetrics
from monitor.core.snapshot import Snapshot
from monitor.core.state import State

#: The query that docs/metrics.md recommends.
BEHIND_UPLINKS = "count by (uplink) ((camera_working == 0) * on (camera) group_left (uplink) camera_info)"


def _behind_uplinks(snapshot: Snapshot) -> dict[tuple[str, ...], int]:
    dead = [id_ for id_, view in snapshot.views.items() if view.state.working is False]
    sites = [snapshot.inventory.sites[snapshot.inventory.cameras[id_].site] for id_ in dead]
    return dict(Counter(site.uplinks for site in sites))


async def _serve(page: Page, snapshot: Snapshot) -> web.AppRunner:
    async def metrics(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": CONTENT_TYPE})
        await response.prepare(request)
        for piece in page.render(snapshot):
            await response.write(piece)
            await asyncio.sleep(0)
        await response.write_eof()
        return response

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner


async def test_a_real_prometheus_counts_what_the_snapshot_counts(tmp_path: Path) -> None:
    """1,800 cameras, 600 not working, and the same figures by zone, state and reason in PromQL as in the snapshot."""
    assert BEHIND_UPLINKS in (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")
    inventory, faults, unseen = faulty_city()
    _, snapshot = looked_at(inventory, faults, unseen=unseen)
    runner = await _serve(Page(SelfMetrics("0.1.0").collector), snapshot)
    try:
        host, port = runner.addresses[0]
        async with running_prometheus([f"{host}:{port}"], tmp_path) as prometheus:
            await prometheus.until_scraped()
            by = prometheus.by
            assert await prometheus.value("count(camera_info)") == 1800
            assert await prometheus.value("count(camera_state)") == 1800
            assert await prometheus.value("count(camera_working == 0)") == snapshot.not_working == 600
            unknown = snapshot.count(State.UNKNOWN)
            assert await prometheus.value("count(camera_working)") == 1800 - unknown
            states = {(zone, str(state)): count for (zone, state), count in snapshot.states.items()}
            assert await by("camera_fleet_cameras", "zone", "state") == states
            counted = {key: count for key, count in states.items() if count}
            assert await by("count by (zone, state) (camera_state)", "zone", "state") == counted
            reasons = {(zone, str(reason)): count for (zone, reason), count in snapshot.reasons.items()}
            assert await by("camera_fleet_reasons", "zone", "reason") == reasons
            assert await prometheus.value("sum(camera_fleet_reasons)") == 600
            assert await by(BEHIND_UPLINKS, "uplink") == _behind_uplinks(snapshot)
    finally:
        await runner.cleanup()
