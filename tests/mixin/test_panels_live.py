"""Every panel's query against a real Prometheus that scrapes a city and evaluates the rules: it answers, and truly."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from board_files import BOARDS, Asked, asked, filled, hurried
from lit_city import CAMERA, CAMERAS, OPENED, SITE, ZONE, ZONES, lit_city, served
from peers.prometheus import Prometheus, running_prometheus

from monitor.core.snapshot import Snapshot
from monitor.core.state import State

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHOSEN = {
    "zone": ZONE,
    "site": SITE,
    "camera": CAMERA,
    "kind": ".+",
    "scope": ".+",
    "job": "camfleet",
    "instance": ".+",
}
#: The silent camera says nothing of these; its neighbour is looked at in its place.
OF_A_WORKING_ONE = {"Running for", "Clock", "Certificate ends in", "Planned", "mark: Planned"}


@pytest.fixture(scope="module")
def city() -> Snapshot:
    """The city on paper."""
    return lit_city()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def prometheus(city: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Prometheus]:
    """A Prometheus with some scrapes behind it, and rules that it need not wait five minutes for."""
    folder = tmp_path_factory.mktemp("prometheus")
    async with served(city) as target, running_prometheus([target], folder, rules=hurried(folder)) as running:
        await running.until_scraped()
        await running.until("count(fleet:camera_fleet_budget:left)", 1)
        await running.until("min(count_over_time(camfleet_probes_total[10s])) >= bool 4", 1)
        yield running


def _chosen(query: Asked) -> dict[str, str]:
    return CHOSEN | ({"camera": "c1"} if query.panel in OF_A_WORKING_ONE else {})


@pytest.mark.parametrize("query", asked(), ids=str)
async def test_every_query_of_every_panel_is_answered(query: Asked, prometheus: Prometheus) -> None:
    """Its expression is valid, and the answer holds at least one series with a number."""
    answer = await prometheus.query(filled(query.expr, **_chosen(query)))
    assert answer, query.expr
    assert any(value == value for value in answer.values()), query.expr


@pytest.mark.parametrize("uid", BOARDS)
async def test_every_variable_offers_what_there_is(uid: str, prometheus: Prometheus) -> None:
    """label_values asks for series that are there, and the chosen place is among the values."""
    for variable in BOARDS[uid]["templating"]["list"]:
        if variable["type"] != "query":
            continue
        series, label = variable["definition"].removeprefix("label_values(").removesuffix(")").rsplit(", ", 1)
        found = await prometheus.by(f"count by ({label}) ({filled(series, **CHOSEN)})", label)
        values = {value for (value,) in found}
        assert values, variable["definition"]
        assert CHOSEN[label] in values or CHOSEN[label] == ".+", variable["definition"]


async def _one(prometheus: Prometheus, uid: str, title: str) -> float:
    (query,) = (one for one in asked() if (one.board, one.panel) == (uid, title))
    return await prometheus.value(filled(query.expr, **_chosen(query)))


async def _by(prometheus: Prometheus, uid: str, title: str, ref: str, *labels: str) -> dict[tuple[str, ...], float]:
    (query,) = (one for one in asked() if (one.board, one.panel, one.ref) == (uid, title, ref))
    return await prometheus.by(filled(query.expr, **_chosen(query)), *labels)


async def test_the_wallboard_shows_the_citys_figures(city: Snapshot, prometheus: Prometheus) -> None:
    """Not working of all, each state, each zone: as the snapshot counts them."""
    assert await _one(prometheus, "camfleet-fleet", "Not working") == city.not_working > 0
    assert await _one(prometheus, "camfleet-fleet", "Of") == CAMERAS
    for state in (State.DOWN, State.UNREACHABLE, State.DEGRADED, State.UNKNOWN):
        assert await _one(prometheus, "camfleet-fleet", state.value.capitalize()) == city.count(state)
    zones = {(zone,): city.count(State.DOWN, State.UNREACHABLE, zone=zone) for zone in city.inventory.zones}
    assert await _by(prometheus, "camfleet-fleet", "Where", "A", "zone") == zones
    assert await _by(prometheus, "camfleet-fleet", "Zones", "A", "zone") == zones
    everybody = {(zone,): city.count(*State, zone=zone) for zone in city.inventory.zones}
    assert await _by(prometheus, "camfleet-fleet", "Zones", "B", "zone") == everybody


async def test_the_map_stands_where_the_sites_stand(city: Snapshot, prometheus: Prometheus) -> None:
    """A zone in the middle of its sites."""
    for ref, axis in (("B", "latitude"), ("C", "longitude")):
        shown = await _by(prometheus, "camfleet-fleet", "Where", ref, "zone")
        assert len(shown) == ZONES
        for (zone,), degrees in shown.items():
            of_zone = [getattr(site.position, axis) for site in city.inventory.sites.values() if site.zone == zone]
            assert degrees == pytest.approx(sum(of_zone) / len(of_zone))


async def test_causes_are_shown_with_what_they_hold_and_since_when(city: Snapshot, prometheus: Prometheus) -> None:
    """Each open one once; the shared ones, the newest, the ages."""
    title = "Open causes of the kinds and scopes chosen above"
    held = {(cause.id,): len(cause.members) for cause in city.causes.values()}
    assert await _by(prometheus, "camfleet-causes", title, "A", "cause") == held
    since = {(cause.id,): 1000 * cause.opened for cause in city.causes.values()}
    assert await _by(prometheus, "camfleet-causes", title, "B", "cause") == since
    assert await _by(prometheus, "camfleet-fleet", "Newest outages", "A", "cause") == since
    assert await _by(prometheus, "camfleet-fleet", "Shared causes", "A", "scope") == {("SW-1/1",): 2}
    assert await _one(prometheus, "camfleet-causes", "Shared") == 1
    assert await _one(prometheus, "camfleet-causes", "Quiet") == 1
    oldest = min(cause.opened for cause in city.causes.values())
    assert await _one(prometheus, "camfleet-causes", "Oldest") == pytest.approx(city.at - oldest)


async def test_a_work_order_is_marked_when_it_was_opened(prometheus: Prometheus) -> None:
    """On the dashboards of its site, its zone, its cameras and of causes; one that is closed is not there any more."""
    for uid in ("camfleet-causes", "camfleet-zone", "camfleet-site", "camfleet-camera"):
        marked = await _by(prometheus, uid, "mark: Work orders", "", "order", "owner", "severity")
        assert marked == {("WO-AAAA-2345", "field", "ticket"): 1000 * (OPENED + 300)}


async def test_a_zone_and_a_site_show_their_cameras(city: Snapshot, prometheus: Prometheus) -> None:
    """Each that is not up, in its state; each of the site."""
    cameras = city.inventory.cameras
    ill = {
        (id_, str(view.state))
        for id_, view in city.views.items()
        if cameras[id_].zone == ZONE and view.state is not State.UP
    }
    assert set(await _by(prometheus, "camfleet-zone", "Cameras that are not up", "A", "camera", "state")) == ill
    here = {(id_,) for id_, camera in cameras.items() if camera.site == SITE}
    for ref in "ABCD":
        assert set(await _by(prometheus, "camfleet-site", "Cameras", ref, "camera")) == here
    dead = Counter(cameras[id_].site for id_, view in city.views.items() if view.state.working is False)
    sites = {(site,): count for site, count in dead.items() if city.inventory.sites[site].zone == ZONE}
    assert await _by(prometheus, "camfleet-zone", "Sites with cameras that do not work", "A", "site") == sites


async def test_the_share_of_the_judged_is_the_budgets(city: Snapshot, prometheus: Prometheus) -> None:
    """What nobody knows counts neither way; the budget left follows from it."""
    judged = CAMERAS - city.count(State.UNKNOWN)
    lost = city.not_working / judged
    assert await _one(prometheus, "camfleet-sla", "Works now") == pytest.approx(1 - lost)
    assert await _one(prometheus, "camfleet-sla", "Budget left") == pytest.approx(1 - lost / 0.05)
    worked = await _by(prometheus, "camfleet-sla", "Share of cameras that work", "B", "zone")
    for (zone,), share in worked.items():
        known = city.count(*State, zone=zone) - city.count(State.UNKNOWN, zone=zone)
        assert share == pytest.approx(1 - city.count(State.DOWN, State.UNREACHABLE, zone=zone) / known)


async def test_our_load_is_what_we_sent(prometheus: Prometheus) -> None:
    """Two requests a probe."""
    assert await _one(prometheus, "camfleet-politeness", "Requests a probe") == pytest.approx(2)


async def test_alerts_of_causes_fire_in_a_real_prometheus(prometheus: Prometheus) -> None:
    """Each cause that is old enough and not quiet, once, with its page; the young and the acknowledged one are silent."""
    for _ in range(50):
        told = (await prometheus.get("/api/v1/alerts"))["alerts"]
        firing = {one["labels"].get("scope"): one for one in told if one["state"] == "firing"}
        if {"SW-1/1", "d0", "d9"} <= set(firing):
            break
        await asyncio.sleep(0.2)
    assert {scope for scope in firing if scope} == {"SW-1/1", "d0", "d9"}
    assert firing["SW-1/1"]["labels"]["alertname"] == "CameraUplinkDown"
    assert firing["SW-1/1"]["annotations"]["page_url"] == "http://127.0.0.1:8480/causes/uplink-sw-1-1"
    assert firing["d0"]["labels"]["site"] == SITE


#: Figures that must not double, by dashboard.
COUNTED = {
    "camfleet-fleet": ("Not working", "Of", "Down", "Unknown"),
    "camfleet-zone": ("Not working", "Of", "Share", "Degraded"),
    "camfleet-site": ("Not working", "Of"),
    "camfleet-camera": ("Working",),
    "camfleet-causes": ("Open causes", "Shared", "Quiet", "Oldest"),
    "camfleet-sla": ("Works now",),
}


async def test_a_pair_of_monitors_shows_each_figure_once(
    city: Snapshot, prometheus: Prometheus, tmp_path: Path
) -> None:
    """Two that watch the same fleet: every count, every cause in a table, every alert is what one of them alone gives."""
    queries = [one for one in asked() if one.panel in COUNTED.get(one.board, ())]
    assert len(queries) == sum(map(len, COUNTED.values()))
    tables = [
        one for one in asked() if (one.panel, one.ref) in (("Shared causes", "A"), ("Where", "A"), ("By kind", "A"))
    ]
    async with (
        served(city) as one,
        served(city) as other,
        running_prometheus([one, other], tmp_path, rules=hurried(tmp_path)) as pair,
    ):
        await pair.until_scraped(2)
        await pair.until("count(fleet:camera_fleet_not_working:ratio)", 1)
        for query in queries:
            expr = filled(query.expr, **_chosen(query))
            assert await pair.value(expr) == pytest.approx(await prometheus.value(expr)), query
        for query in tables:
            expr = filled(query.expr, **_chosen(query))
            alone = await prometheus.by(expr, "zone", "kind", "scope")
            assert await pair.by(expr, "zone", "kind", "scope") == alone
            assert len(await pair.query(expr)) == len(alone), query
        firing = 'ALERTS{alertstate="firing", scope!=""}'
        await pair.until(f"count({firing})", 3)
        assert len(await pair.by(firing, "alertname", "scope")) == 3
