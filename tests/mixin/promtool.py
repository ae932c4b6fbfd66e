"""Rules under `promtool test rules`: series go in, and what fires at which minute is compared."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from peers.servers import require

from dashboards import mixin

#: As long as any course lasts.
MINUTES = 4 * 24 * 60
#: What is recorded comes before what alerts on it. A server may take either first: then an alert is one step later.
GROUPS = [
    group
    for file in (*sorted(mixin.FOLDER.glob("rules/*.yaml")), *sorted(mixin.FOLDER.glob("alerts/*.yaml")))
    for group in yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)["groups"]
]
Series = Mapping[str, str]


@dataclass(frozen=True)
class Course:
    """Series by their names, and what fires: at each of these minutes, these alerts by some of their labels."""

    series: Series
    fires: Mapping[int, Sequence[Mapping[str, str]]]
    summary: str = ""
    """What people read first when it fires."""
    step: str = "1m"
    """How far a sample is from the next one."""


def monitor(instance: str = "a", at: str = "", **others: str) -> dict[str, str]:
    """Return what a monitor says of itself; ``at`` is the course of its snapshot's moment."""
    made = {f'camfleet_snapshot_timestamp_seconds{{instance="{instance}"}}': at or f"0+60x{MINUTES}"}
    return made | {f'{name}{{instance="{instance}"}}': values for name, values in others.items()}


def check(course: Course, tmp_path: Path, alert: str) -> None:
    """Run a course through promtool: at each minute exactly these instances of an alert fire, once each."""
    keys = sorted({key for found in course.fires.values() for labels in found for key in labels})
    expr = f'count by ({", ".join(keys)}) (ALERTS{{alertname="{alert}", alertstate="firing"}})'
    tests = [
        {
            "expr": expr,
            "eval_time": f"{minute}m",
            "exp_samples": [{"labels": _labels(labels), "value": 1} for labels in found],
        }
        for minute, found in course.fires.items()
    ]
    said = run(course, tmp_path, {"promql_expr_test": tests}, alert)
    assert said == "SUCCESS", said


def check_silent(course: Course, tmp_path: Path, minutes: int, alerts: str = ".+") -> None:
    """Run a course: but for Watchdog, none of these alerts (a regular expression) fires at any minute of so many."""
    expr = f'max_over_time(ALERTS{{alertname!="Watchdog", alertname=~"{alerts}", alertstate="firing"}}[{minutes}m])'
    tests = [{"expr": expr, "eval_time": f"{minutes}m", "exp_samples": []}]
    said = run(course, tmp_path, {"promql_expr_test": tests}, alerts)
    assert said == "SUCCESS", said


def annotations(course: Course, tmp_path: Path, alert: str) -> dict[str, str]:
    """Return what people are told when an alert first fires in a course: as promtool shows it."""
    minute = next(minute for minute, found in course.fires.items() if found)
    said = run(course, tmp_path, {"alert_rule_test": [{"alertname": alert, "eval_time": f"{minute}m"}]}, alert)
    (told,) = re.findall(r"Annotations:\{(.*)\}\s*\]", said)
    return {name: yaml.safe_load(text) for name, text in re.findall(r'(\w+)=("(?:[^"\\]|\\.)*")', told)}


def needed(alerts: str) -> list[dict[str, Any]]:
    """Return the groups with these alerts and, of the others, those that record what they read; all of them cost much."""
    found = [group for group in GROUPS if any(re.fullmatch(alerts, rule.get("alert", "")) for rule in group["rules"])]
    assert found, alerts
    while True:
        read = " ".join(rule["expr"] for group in found for rule in group["rules"])
        more = [
            group
            for group in GROUPS
            if group not in found and any(rule.get("record", "nothing is") in read for rule in group["rules"])
        ]
        if not more:
            return [group for group in GROUPS if group in found]
        found += more


def run(course: Course, tmp_path: Path, tests: Mapping[str, Any], alerts: str = "") -> str:
    """Return what promtool says of tests over the generated rules; over those alone that some alerts are made of."""
    promtool = require("promtool", package="prometheus")
    file, rules = tmp_path / "test.yaml", tmp_path / "rules.yaml"
    groups = needed(alerts) if alerts else GROUPS
    rules.write_text(yaml.safe_dump({"groups": groups}, width=10_000), encoding="utf-8")
    content = {
        "rule_files": [str(rules)],
        "evaluation_interval": course.step,
        "group_eval_order": [group["name"] for group in groups],
        "tests": [
            {
                "interval": course.step,
                "input_series": [{"series": name, "values": values} for name, values in course.series.items()],
                **tests,
            }
        ],
    }
    file.write_text(yaml.safe_dump(content, width=10_000), encoding="utf-8")
    done = subprocess.run([promtool, "test", "rules", str(file)], capture_output=True, text=True, timeout=120)
    return (done.stdout + done.stderr).replace(f"Unit Testing:  {file}", "").strip()


def _labels(labels: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{name}={json.dumps(value)}" for name, value in labels.items()) + "}"
