"""The alerts of contracts: a period at risk, one out of reach, figures and packs that are missing; and what is none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from promtool import Course, annotations, check, check_silent

from dashboards import contracts
from dashboards.config import load

SILENT: list[Mapping[str, str]] = []
A = [{"contract": "a"}]
DAY = 86_400
#: A course is of hours; a month has 30 days.
HOURS = 720


def contract(
    reached: str,
    target: float = 0.98,
    figure: str = "camera_hours",
    instance: str = "m",
    until: str = f"0+3600x{HOURS}",
) -> dict[str, str]:
    """Return a contract's figures through a month, a sample an hour."""
    of = f'instance="{instance}",contract="a"'
    return {
        f'camera_sla_reached_ratio{{{of},figure="{figure}"}}': reached,
        f'camera_sla_target_ratio{{{of},figure="{figure}"}}': f"{target}x{HOURS}",
        f"camera_sla_period_start_timestamp_seconds{{{of}}}": f"0x{HOURS}",
        f"camera_sla_period_end_timestamp_seconds{{{of}}}": f"{30 * DAY}x{HOURS}",
        f"camera_sla_stated_timestamp_seconds{{{of}}}": until,
    }


def month(series: Mapping[str, str], fires: Mapping[int, list[Mapping[str, str]]]) -> Course:
    """Return a course whose minutes are given in days."""
    return Course(series, {day * 24 * 60: found for day, found in fires.items()}, step="1h")


COURSES = {
    "CameraContractMissed": Course(  # of 14.4 hours that may be lost, 14.4 are lost on day 15 at 96%
        contract(f"0.96x{HOURS}"),
        {10 * 1440: SILENT, 14 * 1440: SILENT, 15 * 1440 + 120: A, 29 * 1440: A},
        "Contract a: this period's target is out of reach",
        "1h",
    ),
    "CameraContractAtRisk": Course(  # 97.5% on day 13: 7.8 of 14.4 hours
        contract(f"0.975x{HOURS}"),
        {5 * 1440: SILENT, 11 * 1440: SILENT, 13 * 1440: A, 23 * 1440: A, 25 * 1440: SILENT},
        "Contract a is at risk: 97.5% so far, less than it promises",
        "1h",
    ),
    "CamfleetContractsNotComputed": Course(
        {'camfleet_sla_failing{instance="m"}': "0x10 1x200 0x60"},
        {60: SILENT, 120: SILENT, 140: [{"instance": "m"}], 230: SILENT},
        "m: the figures of contracts are not computed",
    ),
    "CamfleetPackMissing": Course(
        {
            'camfleet_pack_failing{instance="m",depot="office"}': "0x10 1x200 0x60",
            'camfleet_pack_failing{instance="m",depot="auditor"}': "0x270",
        },
        {60: SILENT, 120: SILENT, 140: [{"depot": "office"}], 230: SILENT},
        "m: an evidence pack is missing in office",
    ),
}


@pytest.mark.parametrize("name", COURSES)
def test_each_fires_stays_silent_and_resolves(name: str, tmp_path: Path) -> None:
    """At these minutes and no others, with these words."""
    check(COURSES[name], tmp_path, name)
    assert annotations(COURSES[name], tmp_path, name)["summary"] == COURSES[name].summary


def test_each_alert_of_contracts_has_a_course() -> None:
    """None is shipped untried."""
    assert [alert.name for alert in contracts.alerts(load())] == list(COURSES)


SILENT_MONTHS = {
    "what is kept": contract(f"0.98x{HOURS}"),
    "a bad first day of a good month": contract("0.6x12 0.93x60 0.96x72 0.972x96 0.981x480"),
    "no target": {'camera_sla_ratio{instance="m",contract="a",figure="camera_hours"}': f"0.2x{HOURS}"},
    "nothing seen": {key: value for key, value in contract("_x720").items() if "reached" not in key},
    "a promise of all, kept": contract(f"1x{HOURS}", target=1),
    "few cameras at their target while the period is young": contract(
        "0.5x300 0.97x420", target=0.95, figure="share_at_target"
    ),
}


@pytest.mark.parametrize("series", SILENT_MONTHS)
def test_what_is_no_risk_alerts_nobody(series: str, tmp_path: Path) -> None:
    """At no hour of the month."""
    check_silent(Course(SILENT_MONTHS[series], {}, step="1h"), tmp_path, HOURS * 60, "CameraContract.+")


def test_cameras_below_their_target_are_told_once_half_the_period_has_passed(tmp_path: Path) -> None:
    """What counts is how many reach it, and no time that is lost for good: it is never called out of reach."""
    series = contract(f"0.9x{HOURS}", target=0.95, figure="share_at_target")
    check(month(series, {14: SILENT, 16: A, 29: A}), tmp_path, "CameraContractAtRisk")
    check_silent(Course(series, {}, step="1h"), tmp_path, HOURS * 60, "CameraContractMissed")


def test_a_pair_of_monitors_alerts_once(tmp_path: Path) -> None:
    """Of the two the lower figure counts."""
    series = contract(f"0.975x{HOURS}") | contract(f"0.9751x{HOURS}", instance="n")
    check(month(series, {5: SILENT, 14: A}), tmp_path, "CameraContractAtRisk")


def test_a_restart_of_the_monitor_does_not_end_an_alert(tmp_path: Path) -> None:
    """Its figures are computed again a minute after its start; until then the alert goes on."""
    until = f"{20 * DAY}x1000 _x60"
    series = {name: f"{values.split('x')[0]}x1000 _x60" for name, values in contract("0.975x9", until=until).items()}
    check(Course(series, {900: A, 1001: A, 1025: A, 1040: SILENT}), tmp_path, "CameraContractAtRisk")


def test_figures_that_are_old_are_told(tmp_path: Path) -> None:
    """A process that never ends its work fails nothing, and is told by the age."""
    series = {
        'camfleet_sla_failing{instance="m"}': "0x600",
        'camfleet_sla_computed_timestamp_seconds{instance="m"}': "0x600",
    }
    check(
        Course(series, {170: SILENT, 290: SILENT, 310: [{"instance": "m"}]}), tmp_path, "CamfleetContractsNotComputed"
    )
    well = {**series, 'camfleet_sla_computed_timestamp_seconds{instance="m"}': "0x60 3600x60 7200x60 10800x60"}
    check_silent(Course(well, {}), tmp_path, 230, "CamfleetContractsNotComputed")
