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
ORDER = [
    group["name"]
    for file in (*mixin.FOLDER.glob("rules/*.yaml"), *mixin.FOLDER.glob("alerts/*.yaml"))
    for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]
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
    said = run(course, tmp_path, {"promql_expr_test": tests})
    assert said == "SUCCESS", said


def check_silent(course: Course, tmp_path: Path, minutes: int, alerts: str = ".+") -> None:
    """Run a course: but for Watchdog, none of these alerts (a regular expression) fires at any minute of so many."""
    expr = f'max_over_time(ALERTS{{alertname!="Watchdog", alertname=~"{alerts}", alertstate="firing"}}[{minutes}m])'
    said = run(course, tmp_path, {"promql_expr_test": [{"expr": expr, "eval_time": f"{minutes}m", "exp_samples": []}]})
    assert said == "SUCCESS", said


def annotations(course: Course, tmp_path: Path, alert: str) -> dict[str, str]:
    """Return what people are told when an alert first fires in a course: as promtool shows it."""
    minute = next(minute for minute, found in course.fires.items() if found)
    said = run(course, tmp_path, {"alert_rule_test": [{"alertname": alert, "eval_time": f"{minute}m"}]})
    (told,) = re.findall(r"Annotations:\{(.*)\}\s*\]", said)
    return {name: yaml.safe_load(text) for name, text in re.findall(r'(\w+)=("(?:[^"\\]|\\.)*")', told)}


def run(course: Course, tmp_path: Path, tests: Mapping[str, Any]) -> str:
    """Return what promtool says of tests over the generated rules."""
    promtool = require("promtool", package="prometheus")
    file = tmp_path / "test.yaml"
    content = {
        "rule_files": [str(path) for path in sorted(mixin.FOLDER.glob("*/*.yaml"))],
        "evaluation_interval": course.step,
        "group_eval_order": ORDER,
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
