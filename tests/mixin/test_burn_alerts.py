"""The budget: it burns where both windows do, for a zone or for all; what can never fire is refused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from promtool import Course, annotations, check, check_silent

from dashboards import mixin
from dashboards.config import FILE, ConfigError, load

SILENT: list[Mapping[str, str]] = []
HOUR = 60


def fleet(instance: str = "a", **zones: tuple[int, str]) -> dict[str, str]:
    """Return zones of so many cameras, of which this course is down."""
    made = {}
    for zone, (cameras, down) in zones.items():
        course = " ".join(f"{share}x{length}" for share, length in (one.split("x") for one in down.split()))
        up = " ".join(f"{cameras - int(share)}x{length}" for share, length in (one.split("x") for one in down.split()))
        for state, values in {"up": up, "down": course, "unreachable": "0x9999", "unknown": "0x9999"}.items():
            made[f'camera_fleet_cameras{{instance="{instance}",zone="{zone}",state="{state}"}}'] = values
    return made


def burns(*windows: str, zone: str = "") -> list[Mapping[str, str]]:
    """Return the instances of an alert with these long windows."""
    return [{"long": window, **({"zone": zone} if zone else {})} for window in windows]


def test_a_blackout_of_the_fleet_pages_fast_and_ends_with_its_repair(tmp_path: Path) -> None:
    """90% down: an hour's average passes 72% within an hour, six hours' passes 30% later; over soon after the repair."""
    series = fleet(z1=(100, "0x119 90x119 0x200"), z2=(100, "0x119 90x119 0x200"))
    fires = {120: SILENT, 165: SILENT, 175: burns("1h"), 239: burns("1h", "6h"), 245: burns("6h"), 275: SILENT}
    course = Course(series, fires)
    check(course, tmp_path, "CameraFleetBudgetBurn")
    summary = annotations(course, tmp_path, "CameraFleetBudgetBurn")["summary"]
    assert summary.endswith("% of the fleet did not work over 1h")


def test_a_zone_burns_by_itself_and_not_where_the_fleet_does(tmp_path: Path) -> None:
    """A dark zone of many is told of the zone; a dark city is told once."""
    dark, well = "0x11 100x60", "0x80"
    alone, both = fleet(z1=(100, dark), z2=(900, well)), fleet(z1=(100, dark), z2=(100, dark))
    fires = {60: SILENT, 300: burns("1h", "6h", zone="z1")}
    check(Course(alone, fires, step="5m"), tmp_path, "CameraZoneBudgetBurn")
    check_silent(Course(alone, {}, step="5m"), tmp_path, 300, "CameraFleetBudgetBurn")
    check_silent(Course(both, {}, step="5m"), tmp_path, 300, "CameraZoneBudgetBurn")
    check(Course(both, {300: burns("1h", "6h")}, step="5m"), tmp_path, "CameraFleetBudgetBurn")


def test_a_zones_alert_ends_with_its_repair_and_its_leak_is_a_ticket(tmp_path: Path) -> None:
    """As the fleet's do: two hours of darkness page while they last; a fifth down for days is a ticket, and no page."""
    dark = fleet(z1=(100, "0x23 90x23 0x60"), z2=(900, "0x110"))
    fires = {110: SILENT, 230: burns("1h", "6h", zone="z1"), 300: SILENT, 340: SILENT}
    check(Course(dark, fires, step="5m"), tmp_path, "CameraZoneBudgetBurn")
    leak = fleet(z1=(100, "20x150"), z2=(900, "0x150"))
    fires = {300: SILENT, 390: burns("3d", zone="z1"), 3900: burns("3d", zone="z1")}
    check(Course(leak, fires, step="30m"), tmp_path, "CameraZoneBudgetBurn")


def test_a_small_leak_is_a_ticket_after_hours(tmp_path: Path) -> None:
    """7% down against a budget of 5%: three days at a factor of one, after six hours of looking, and nothing else."""
    fires = {300: SILENT, 390: burns("3d"), 3900: burns("3d")}
    check(Course(fleet(z1=(100, "7x150")), fires, step="30m"), tmp_path, "CameraFleetBudgetBurn")
    check_silent(Course(fleet(z1=(100, "4x150")), {}, step="30m"), tmp_path, 3900, "Camera.+BudgetBurn")


def test_a_zone_of_a_few_cameras_does_not_burn(tmp_path: Path) -> None:
    """One camera of three is no share to page for."""
    series = fleet(z1=(3, "3x400"), z2=(900, "0x400"))
    check_silent(Course(series, {}, step="5m"), tmp_path, 300, "CameraZoneBudgetBurn")


def test_unseen_is_not_down_and_a_blind_monitor_of_a_pair_counts_for_nothing(tmp_path: Path) -> None:
    """One is blind for all, the other sees 10 of 100 down: 10%, of 100 cameras."""
    blind = {
        f'camera_fleet_cameras{{instance="b",zone="z1",state="{state}"}}': values
        for state, values in {"up": "0x400", "down": "0x400", "unreachable": "0x400", "unknown": "100x400"}.items()
    }
    series = fleet(z1=(100, "10x400")) | blind
    course = Course(series, {370: burns("3d")}, step="5m")
    check(course, tmp_path, "CameraFleetBudgetBurn")
    told = annotations(course, tmp_path, "CameraFleetBudgetBurn")
    assert told["summary"] == "10% of the fleet did not work over 3d"
    assert told["description"] == (
        "Over the last 3d 10% of the judged cameras did not work: more than 1 times what a target of 95% leaves room"
        " for, and no better in the last 6h."
    )
    check_silent(Course(blind, {}, step="5m"), tmp_path, 300, "Camera.+BudgetBurn")


def test_a_fleet_seen_for_a_minute_does_not_burn_for_hours(tmp_path: Path) -> None:
    """A third of a city is down at the first look: six hours say nothing until half an hour was seen."""
    series = fleet(z1=(1800, "600x400"))
    check(Course(series, {5: SILENT, 25: SILENT, 35: burns("6h"), 300: burns("6h")}), tmp_path, "CameraFleetBudgetBurn")


def _written(tmp_path: Path, **parts: Any) -> Path:
    content = yaml.safe_load(FILE.read_text())
    for part, values in parts.items():
        content[part] = {**content[part], **values} if isinstance(values, dict) else values
    file = tmp_path / "config.yaml"
    file.write_text(yaml.safe_dump(content))
    return file


WINDOW = {"long": "1h", "short": "5m", "factor": 14.4, "severity": "page"}
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a factor that can never fire": (
        {"slo": {"target": 0.93}},
        "slo: windows[0]: factor 14.4 can never fire: it asks for more than 101% of the cameras to fail; with a target of"
        " 0.93 it must be below 14.29",
    ),
    "a factor that asks for exactly all": (
        {"slo": {"target": 0.5, "windows": [{**WINDOW, "factor": 2}]}},
        "slo: windows[0]: factor 2 can never fire: it asks for more than 100% of the cameras to fail; with a target of 0.5"
        " it must be below 2",
    ),
    "windows the wrong way round": (
        {"slo": {"windows": [{**WINDOW, "short": "2h"}]}},
        "slo.windows[0]: the short window, 2h, is not shorter than the long one, 1h",
    ),
    "no window": ({"slo": {"windows": []}}, "slo: windows: there is none, so that nothing would ever burn"),
    "no duration": (
        {"causes": {"hold": "five minutes"}},
        "causes.hold: 'five minutes' is no duration; write one like 90s, 5m, 6h or 30d",
    ),
    "no address": (
        {"links": {"grafana": "grafana.city"}},
        "links.grafana: 'grafana.city' is no address; it begins with http:// or https://",
    ),
    "a target of everything": ({"slo": {"target": 1}}, "slo.target: Input should be less than 1"),
    "an unknown key": ({"monitor": {"lagg": "3s"}}, "monitor.lagg: Extra inputs are not permitted"),
    "an unknown severity": (
        {"severities": {"CameraBusy": "loud"}},
        "severities.CameraBusy: Input should be 'page', 'ticket' or 'info'",
    ),
    "an unknown alert": ({"severities": {"CameraBussy": "page"}}, "severities.CameraBussy: there is no such alert"),
    "no instance": ({"replicas": ["pod"]}, "replicas: instance is missing: Prometheus gives each monitor its own"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_configuration_is_refused_with_its_place(wrong: str, tmp_path: Path) -> None:
    """The file, the key, and what is wrong with it."""
    parts, message = WRONG[wrong]
    with pytest.raises(ConfigError) as refused:
        mixin.files(load(_written(tmp_path, **parts)))
    assert str(refused.value) == f"config.yaml: {message}"


def test_a_severity_may_be_set_for_an_alert(tmp_path: Path) -> None:
    """Here a dead device pages."""
    config = load(_written(tmp_path, severities={"CameraDeviceDead": "page"}))
    rules = {
        rule["alert"]: rule
        for group in yaml.safe_load(mixin.files(config)["alerts/cameras.yaml"])["groups"]
        for rule in group["rules"]
    }
    assert rules["CameraDeviceDead"]["labels"]["severity"] == "page"
    assert rules["CameraDeviceHung"]["labels"]["severity"] == "ticket"
