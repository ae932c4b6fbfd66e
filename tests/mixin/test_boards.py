"""The dashboards as files: whole, linked, readable; the rules of Grafana's dashboard linter, and some of our own."""

from __future__ import annotations

import json
import re
import subprocess
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from board_files import BOARDS, asked, filled, panels
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard
from peers.servers import require

from dashboards import mixin
from dashboards.config import load
from exporters import catalogue

PANELS = [pytest.param(uid, panel, id=f"{uid}: {panel['title']}") for uid, panel in panels()]
UIDS = {
    "camfleet-fleet", "camfleet-zone", "camfleet-site", "camfleet-camera",
    "camfleet-causes", "camfleet-sla", "camfleet-monitor", "camfleet-politeness",
}  # fmt: skip
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
#: A screen of 1080 lines in kiosk mode holds this many lines of the grid.
MOST_LINES = 26
#: Metrics that Prometheus or the client library of the exporter adds.
GIVEN = {"up", "ALERTS", "process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds",
         "process_max_fds", "process_start_time_seconds"}  # fmt: skip


def addresses(part: object) -> list[str]:
    """Return every address that anything in a dashboard leads to."""
    if isinstance(part, dict):
        own = [part["url"]] if isinstance(part.get("url"), str) else []
        return own + [url for value in part.values() for url in addresses(value)]
    return [url for value in part for url in addresses(value)] if isinstance(part, list) else []


def test_the_provisioning_fits_what_is_shipped() -> None:
    """A folder of files; a Prometheus whose interval is that of the shipped scrape configuration."""
    deploy = mixin.FOLDER.parent / "deploy"
    files = {
        file.parent.name: yaml.safe_load(file.read_text()) for file in deploy.glob("grafana/provisioning/*/*.yaml")
    }
    (provider,) = files["dashboards"]["providers"]
    (source,) = files["datasources"]["datasources"]
    (job,) = yaml.safe_load((deploy / "prometheus.yml").read_text())["scrape_configs"]
    assert (provider["type"], provider["options"]["path"]) == ("file", "/var/lib/grafana/dashboards/camfleet")
    assert provider["options"]["path"] in (deploy.parent / "docs" / "dashboards.md").read_text()
    assert source["type"] == "prometheus"
    assert source["jsonData"]["timeInterval"] == job["scrape_interval"]
    assert job["job_name"] == load().job


def test_the_uids_never_change() -> None:
    """Bookmarks and alerts lead to them; the file of each is called like it."""
    assert set(BOARDS) == UIDS
    assert {board["uid"] for board in BOARDS.values()} == UIDS


@pytest.mark.parametrize("uid", BOARDS)
def test_a_dashboard_is_what_the_sdk_knows(uid: str) -> None:
    """Read into the SDK's own types and written again it is the same: no field is misspelt or lost.

    But for the place of links, which the SDK always puts into a menu.
    """
    again = JSONEncoder(sort_keys=True).encode(Dashboard.from_json(BOARDS[uid]))
    assert json.loads(again.replace(', "placement": "inControlsMenu"', "")) == BOARDS[uid]


@pytest.mark.parametrize("uid", BOARDS)
def test_a_dashboard_says_what_it_is_and_leads_on(uid: str) -> None:
    """A title, a description, our tag; links to the others with time and places, to our pages and the runbook."""
    board = BOARDS[uid]
    assert board["title"].startswith("Camfleet: ")
    assert board["description"].endswith((".", "wall."))
    assert (board["tags"], board["schemaVersion"], board["editable"]) == (["camfleet"], 42, False)
    others, ours, runbook = board["links"]
    assert (others["type"], others["tags"]) == ("dashboards", ["camfleet"])
    assert others["keepTime"] is others["includeVars"] is True
    assert (ours["url"], runbook["url"]) == ("${camfleet:raw}", "${runbook:raw}")
    assert not any("placement" in link for link in board["links"])


@pytest.mark.parametrize("uid", BOARDS)
def test_variables_are_chained(uid: str) -> None:
    """The data source first; each query names only variables that stand before it, and is asked anew in time."""
    variables = BOARDS[uid]["templating"]["list"]
    names = [variable["name"] for variable in variables]
    assert names[:3] == ["datasource", "camfleet", "runbook"]
    assert (variables[0]["type"], variables[0]["query"]) == ("datasource", "prometheus")
    links = load().links
    assert [variable["query"] for variable in variables[1:3]] == [links.camfleet, links.runbook]
    for number, variable in enumerate(variables[3:], start=3):
        assert variable["datasource"] == DATASOURCE
        assert variable["refresh"] == 2
        assert variable["label"]
        assert set(re.findall(r"\$(\w+)", variable["definition"])) <= set(names[:number])
    used = {name for query in asked() if query.board == uid for name in re.findall(r"\$(\w+)", query.expr)}
    assert used - {"__rate_interval"} <= set(names)


@pytest.mark.parametrize(("uid", "panel"), PANELS)
def test_a_panel_says_what_it_shows(uid: str, panel: dict[str, Any]) -> None:
    """A title of its own, a sentence, a word for nothing, and a unit wherever a number stands."""
    assert [other["title"] for _, other in panels() if _ == uid].count(panel["title"]) == 1
    assert panel["description"][0].isupper()
    assert panel["description"].endswith((".", "?"))
    assert panel["fieldConfig"]["defaults"]["noValue"]
    if panel["type"] != "table":
        assert panel["fieldConfig"]["defaults"]["unit"]


@pytest.mark.parametrize(("uid", "panel"), PANELS)
def test_a_panel_asks_the_chosen_data_source(uid: str, panel: dict[str, Any]) -> None:
    """Every query names it by the variable, under a letter of its own; lines over time have names."""
    assert panel["datasource"] == DATASOURCE
    refs = [target["refId"] for target in panel["targets"]]
    assert refs == sorted(set(refs))
    for target in panel["targets"]:
        assert target["datasource"] == DATASOURCE
        assert target["instant"] is not target["range"]
        assert target["range"] is (panel["type"] in ("timeseries", "state-timeline"))
        if target["range"]:
            assert target["legendFormat"] not in ("", "__auto")


@pytest.mark.parametrize(("uid", "panel"), [one for one in PANELS if one.values[1]["type"] in ("table", "geomap")])
def test_the_columns_of_a_table_are_what_its_queries_give(uid: str, panel: dict[str, Any]) -> None:
    """Merged into one, filtered, ordered and named: each column that is styled is one that is kept."""
    merge, chosen, order = panel["transformations"]
    assert (merge["id"], chosen["id"], order["id"]) == ("merge", "filterFieldsByName", "organize")
    kept = chosen["options"]["include"]["names"]
    values = {"Value"} if len(panel["targets"]) == 1 else {f"Value #{target['refId']}" for target in panel["targets"]}
    assert set(order["options"]["renameByName"]) == values
    assert set(order["options"]["indexByName"]) == set(kept)
    shown = {order["options"]["renameByName"].get(name, name) for name in kept}
    styled = {
        one["matcher"]["options"] for one in panel["fieldConfig"]["overrides"] if one["matcher"]["id"] == "byName"
    }
    assert styled <= shown
    fields = set(re.findall(r"__data\.fields\.(\w+)", " ".join(addresses(panel))))
    assert fields <= shown
    assert all(target["format"] == "table" for target in panel["targets"])


@pytest.mark.parametrize("uid", BOARDS)
def test_a_mark_says_what_it_is_and_when(uid: str) -> None:
    """Asked of the chosen data source; its title is made of labels; it stands at a moment, or as long as its series."""
    for note in BOARDS[uid]["annotations"].get("list", []):
        assert note["datasource"] == DATASOURCE
        assert "{{" in note["titleFormat"]
        assert note["iconColor"].startswith("#")
        assert note["useValueForTime"] is note["expr"].startswith("1000 * ")
        assert note["useValueForTime"] or note["step"] == "60s"


def test_a_map_has_a_ground_and_knows_where() -> None:
    """The map under it is the one that Grafana is set to; the marks stand at the columns of the queries."""
    for _, panel in panels():
        if panel["type"] == "geomap":
            options = panel["options"]
            assert options["basemap"] == {"type": "default", "name": "Map", "config": {}}
            assert options["view"]["id"] == "fit"
            (layer,) = options["layers"]
            assert layer["location"] == {"mode": "coords", "latitude": "latitude", "longitude": "longitude"}
            names = set(panel["transformations"][2]["options"]["renameByName"].values())
            assert {"latitude", "longitude", layer["config"]["style"]["size"]["field"]} <= names


@pytest.mark.parametrize("uid", BOARDS)
def test_panels_lie_side_by_side(uid: str) -> None:
    """None over another, none beyond the edge, each with a number of its own."""
    places = [panel["gridPos"] for panel in BOARDS[uid]["panels"]]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    for one, other in combinations(places, 2):
        assert (
            one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
            or one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        )  # fmt: skip
    numbers = [panel["id"] for panel in BOARDS[uid]["panels"]]
    assert all(number + 1 == after for number, after in pairwise(numbers))


def test_the_wallboard_is_one_screen_that_no_fleet_makes_dearer() -> None:
    """No scrolling at 1080 lines; no family that has a series for each camera, device or site is asked."""
    board = BOARDS["camfleet-fleet"]
    assert max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in board["panels"]) <= MOST_LINES
    assert board["refresh"] == "30s"
    grows = {metric.name for metric in (*catalogue.CAMERA, catalogue.PLANNED, catalogue.LATITUDE, catalogue.LONGITUDE)}
    for query in asked():
        if query.board == "camfleet-fleet":
            assert not grows & set(re.findall(r"[a-z_:]+", query.expr)), query


@pytest.mark.parametrize("query", asked(), ids=str)
def test_counters_are_read_by_their_rate(query: Any) -> None:
    """Over the interval that Grafana computes, where a line is drawn over time; an increase says its own."""
    counters = [metric.name for metric in catalogue.ALL if metric.type == "counter"] + ["process_cpu_seconds_total"]
    counters += [f"{metric.name}_bucket" for metric in catalogue.ALL if metric.type == "histogram"]
    for counter in counters:
        for found in re.finditer(rf"\b{counter}\b", query.expr):
            assert re.search(r"(rate|increase)\($", query.expr[: found.start()]), query
    for over in re.findall(r"rate\([^[]*\[([^]]+)\]", query.expr):
        assert over == ("5m" if query.instant else "$__rate_interval"), query


@pytest.mark.parametrize("query", asked(), ids=str)
def test_a_query_is_made_of_metrics_that_there_are(query: Any) -> None:
    """In the exporter's catalogue, recorded by a rule, or Prometheus' own."""
    rules = yaml.safe_load((mixin.FOLDER / "rules" / "camfleet.yaml").read_text())
    known = {metric.name for metric in catalogue.ALL} | {
        f"{metric.name}_bucket" for metric in catalogue.ALL if metric.type == "histogram"
    }
    known |= {rule["record"] for group in rules["groups"] for rule in group["rules"]}
    plain = re.sub(r'"[^"]*"|(?:by|group_left|group_right) \([^)]*\)|without \([^)]*\)|on \([^)]*\)', "", query.expr)
    used = set(
        re.findall(
            r"\b(?:camera|camfleet|process|zone|fleet|scope|contract|up|ALERTS)[_:]?[a-z_:0-9]*\b(?!\s*=)", plain
        )
    )
    assert used - GIVEN <= known


def test_every_query_is_promql(tmp_path: Path) -> None:
    """promtool takes each as the expression of a rule."""
    values = dict.fromkeys(("zone", "site", "camera", "kind", "scope", "job", "instance"), "x") | {
        "__rate_interval": "1m"
    }
    rules = [{"record": f"q:{number}", "expr": filled(query.expr, **values)} for number, query in enumerate(asked())]
    file = tmp_path / "queries.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))
    promtool = require("promtool", package="prometheus")
    done = subprocess.run([promtool, "check", "rules", str(file)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{len(rules)} rules found" in done.stdout


def test_every_link_leads_to_a_dashboard_and_sets_its_variables() -> None:
    """Those of panels and those of alerts: the uid exists, and so does each variable that is set."""
    alerts = [alert.rule(load())["annotations"]["dashboard_url"] for alert in mixin.alerts(load())]
    found = [url for board in BOARDS.values() for url in addresses(board)] + alerts
    led = [re.search(r"/d/([\w-]+)(?:\?(.*))?$", url) for url in found]
    assert len([one for one in led if one]) > 50
    for one in filter(None, led):
        names = {variable["name"] for variable in BOARDS[one[1]]["templating"]["list"]}
        assert set(re.findall(r"var-(\w+)=", one[2] or "")) <= names, one[0]


def test_what_stands_in_an_address_is_written_as_one() -> None:
    """A line may be called SW-1/3 + SW-4/1: whatever is put into an address is percent-encoded, but for addresses."""
    for board in BOARDS.values():
        for url in addresses(board):
            for name in re.findall(r"\$\{([^}]+)\}", url):
                assert name.endswith(":percentencode") or name in (
                    "camfleet:raw", "runbook:raw", "datasource:queryparam"
                ), url  # fmt: skip


def test_links_to_the_runbook_lead_to_a_section() -> None:
    """The anchor is one of its headings."""
    anchors = {alert.name.lower() for alert in mixin.alerts(load())}
    for board in BOARDS.values():
        for url in addresses(board):
            if url.startswith("${runbook:raw}#"):
                assert url.partition("#")[2] in anchors, url
