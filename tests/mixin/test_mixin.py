"""The generated files: what is committed is what is built, valid, complete, and made of metrics that there are."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from peers.servers import require
from promtool import GROUPS, Course, run

from dashboards import mixin
from dashboards.config import load
from dashboards.page import RUNBOOK, TEMPLATE, page
from dashboards.recording import FALSE_ALARMS
from exporters import catalogue

FILES = mixin.files(load())
RULES: list[dict[str, Any]] = [
    rule
    for name, text in FILES.items()
    if name.endswith(".yaml")
    for group in yaml.load(text, yaml.CSafeLoader)["groups"]
    for rule in group["rules"]
]
ALERTS = {rule["alert"]: rule for rule in RULES if "alert" in rule}
#: Metrics of Prometheus' own.
OF_PROMETHEUS = {"up", "ALERTS"}


@pytest.mark.parametrize("name", FILES)
def test_what_is_committed_is_what_is_built(name: str) -> None:
    """`make dashboards` changes nothing."""
    assert (mixin.FOLDER / name).read_text(encoding="utf-8") == FILES[name], "run: make dashboards"


def test_the_page_of_the_runbook_is_what_is_built() -> None:
    """The monitor serves the runbook as it is written."""
    assert TEMPLATE.read_text(encoding="utf-8") == page(), "run: make dashboards"


def test_nothing_else_is_committed() -> None:
    """A file that nothing builds any more is gone."""
    found = {
        str(file.relative_to(mixin.FOLDER)) for part in ("rules", "alerts") for file in (mixin.FOLDER / part).iterdir()
    }
    assert found == {name for name in FILES if name.startswith(("rules/", "alerts/"))}


def test_every_group_has_a_name_of_its_own() -> None:
    """Of all files together."""
    names = [group["name"] for group in GROUPS]
    assert len(set(names)) == len(names) == 11
    assert names.index("camfleet.burn") < names.index("camfleet.alerts.budget")


def test_promtool_finds_the_rules_in_order() -> None:
    """`promtool check rules` succeeds for each file, and warns of nothing."""
    promtool = require("promtool", package="prometheus")
    files = [str(mixin.FOLDER / name) for name in FILES if name.endswith(".yaml")]
    done = subprocess.run([promtool, "check", "rules", *files], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("SUCCESS") == len(files)
    assert sum(map(int, re.findall(r"(\d+) rules found", done.stdout))) == len(RULES)


def test_the_shipped_configuration_of_prometheus_loads_them() -> None:
    """`promtool check config` finds every file of rules from where the configuration stands."""
    promtool = require("promtool", package="prometheus")
    shipped = mixin.FOLDER.parent / "deploy" / "prometheus.yml"
    done = subprocess.run([promtool, "check", "config", str(shipped)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert sum(map(int, re.findall(r"(\d+) rules found", done.stdout))) == len(RULES)


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_says_what_it_is_and_where_to_look(name: str) -> None:
    """A severity; a summary of one line and a description of sentences; the runbook's section and a dashboard."""
    told, links = ALERTS[name]["annotations"], load().links
    assert ALERTS[name]["labels"]["severity"] in ("page", "ticket", "info")
    assert "\n" not in told["summary"]
    assert not told["summary"].endswith(".")
    assert told["description"].endswith(".")
    assert told["runbook_url"] == f"{links.runbook}#{name.lower()}"
    assert told["dashboard_url"].startswith(f"{links.grafana}/d/camfleet-")
    assert told.get("page_url", links.camfleet).startswith(links.camfleet)


def test_each_alert_has_its_section_in_the_runbook_and_each_section_its_alert() -> None:
    """With what it means, what to check first, what to do, and whom to wake when."""
    sections = dict(re.findall(r"(?ms)^### (\S+)\n(.*?)(?=^##|\Z)", RUNBOOK.read_text(encoding="utf-8")))
    assert sorted(sections) == sorted(ALERTS)
    for name, text in sections.items():
        parts = re.findall(r"(?m)^\*\*(.+?)\*\* \S", text)
        assert parts == ["Means.", "Check first.", "Do.", "Wake."], name


def test_rules_are_made_of_metrics_that_there_are() -> None:
    """A name in an expression is in the exporter's catalogue, or is recorded by another rule."""
    known = {metric.name for metric in catalogue.ALL} | {rule["record"] for rule in RULES if "record" in rule}
    for rule in RULES:
        plain = re.sub(r"\{[^}]*\}|\[[^]]*\]", "", rule["expr"])
        used = set(re.findall(r"\b(?:camera|camfleet|zone|fleet|scope|contract|up)[_:][a-z_:0-9]*\b", plain))
        assert used - OF_PROMETHEUS <= known, rule


def test_false_alarms_are_told_per_1000_cameras_and_day(tmp_path: Path) -> None:
    """Nine in a week of 1,800 cameras, over a restart of the monitor, which begins to count anew."""
    course = Course(
        {
            'camera_fleet_cameras{instance="a", zone="z", state="up"}': "1800+0x400",
            'camfleet_false_alarms_total{instance="a"}': "0+0x199 6+0x99 0 3+0x99",
        },
        {},
        step="30m",
    )
    asked = {"expr": f"round({FALSE_ALARMS}, 0.01)", "eval_time": f"{340 * 30}m"}
    said = run(course, tmp_path, {"promql_expr_test": [{**asked, "exp_samples": [{"labels": "{}", "value": 0.71}]}]})
    assert said == "SUCCESS", said


def test_a_counter_is_never_read_without_its_rate() -> None:
    """What a counter stands at says nothing: it begins anew with each start."""
    counters = [metric.name for metric in catalogue.ALL if metric.type == "counter"]
    for rule in RULES:
        for counter in counters:
            for found in re.finditer(rf"\b{counter}\b", rule["expr"]):
                assert re.search(r"(rate|increase)\($", rule["expr"][: found.start()]), rule
