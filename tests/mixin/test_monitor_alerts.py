"""The alerts of the monitor itself: each fires, stays silent and resolves; restarts and pairs wake nobody."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from promtool import Course, annotations, check, check_silent, monitor

from dashboards import upkeep
from dashboards.config import load

SILENT: list[Mapping[str, str]] = []
ANYBODY: list[Mapping[str, str]] = [{}]
A = [{"instance": "a"}]


def zone(**states: str) -> dict[str, str]:
    """Return how many cameras of a zone are in each state."""
    return {
        f'camera_fleet_cameras{{instance="a",zone="z1",state="{state}"}}': values for state, values in states.items()
    }


COURSES: dict[str, Course] = {
    "Watchdog": Course({}, {0: ANYBODY, 60: ANYBODY}, "Alerting works"),
    "CamfleetDown": Course(
        monitor(at="0+60x10 stale _x20 1920+60x30"),
        {14: SILENT, 15: ANYBODY, 31: ANYBODY, 32: SILENT},
        "No monitor answers: nobody watches the cameras",
    ),
    "CamfleetReplicaDown": Course(
        {'up{job="camfleet",instance="a"}': "1x5 0x20 1x10", 'up{job="camfleet",instance="b"}': "1x40"},
        {5: SILENT, 9: SILENT, 12: A, 26: A, 28: SILENT},
        "a does not answer; another monitor does",
    ),
    "CamfleetStale": Course(
        monitor(at="0+60x10 600x10 1260+60x20"),
        {10: SILENT, 13: SILENT, 15: A, 20: A, 23: SILENT},
        "a stands still: its figures are 5m 0s old",
    ),
    "CamfleetLedgerNotRecording": Course(
        monitor(camfleet_ledger_failing="0x5 1x5 0x60"),
        {5: SILENT, 7: SILENT, 8: A, 11: A, 13: SILENT},
        "a sees outages and cannot record them",
    ),
    "CamfleetLedgerLostEvents": Course(
        monitor(camfleet_ledger_lost_events_total="0x10 50x100"),
        {10: SILENT, 12: A, 60: A, 75: SILENT},
        "a lost 50 events: the ledger has a gap",
    ),
    "CamfleetProbeLag": Course(
        monitor(camfleet_schedule_lag_seconds="0x5 30x15 0x10"),
        {5: SILENT, 15: SILENT, 17: A, 22: SILENT},
        "a does not keep up: checks begin 30s late",
    ),
    "CamfleetProbesAborted": Course(
        {
            'camfleet_probes_total{instance="a",probe="rtsp"}': "0+100x120",
            'camfleet_probes_aborted_total{instance="a",probe="rtsp"}': "0x30 10+10x40 400x50",
        },
        {30: SILENT, 60: [{"probe": "rtsp"}], 90: SILENT},
        "a could not carry out 10% of its rtsp probes",
    ),
    "CameraZoneUnknown": Course(
        zone(up="90x5 80x60 90x9", unknown="10x5 20x60 10x9", down="0x90"),
        {5: SILENT, 34: SILENT, 40: [{"zone": "z1"}], 70: SILENT},
        "Zone z1: nobody knows of 20% of its cameras",
    ),
    "CamfleetCannotTell": Course(
        monitor()
        | {
            'camfleet_order_channel_failing{instance="a",channel="field"}': "0x5 1x30 0x9",
            'camfleet_order_channel_failing{instance="a",channel="desk"}': "0x200",
        },
        {10: SILENT, 18: [{"instance": "a", "channel": "field"}], 37: SILENT},
        "a: field does not take what it is told of work orders",
    ),
    "CamfleetCheckpointNotDelivered": Course(
        {
            'camfleet_checkpoint_failing{instance="a",holder="auditor"}': "0x5 1x150 0x9",
            'camfleet_checkpoint_failing{instance="a",holder="beside the ledger"}': "0x200",
        },
        {5: SILENT, 120: SILENT, 130: [{"holder": "auditor"}], 160: SILENT},
        "a: the newest checkpoint is not at auditor",
    ),
    "CamfleetCheckpointOld": Course(
        monitor(camfleet_checkpoint_timestamp_seconds="0x200 12000x60"),
        {180: SILENT, 195: A, 205: SILENT},
        "a: the newest checkpoint was signed 3h 15m 0s ago",
    ),
    "CameraCertificateExpiring": Course(
        {
            f'camera_certificate_expiry_timestamp_seconds{{instance="{instance}",camera="{camera}",zone="z1",site="s"}}': at
            for instance in "ab"
            for camera, at in {"c1": "1206000x99 9000000x20", "c2": "9000000x120"}.items()
        },
        {59: SILENT, 99: [{"zone": "z1"}], 105: SILENT},
        "Zone z1: certificates that end within 14d: 1",
    ),
    "CamfleetInventoryRefused": Course(
        monitor(camfleet_inventory_last_reload_successful="1x5 0x20 1x9"),
        {5: SILENT, 15: SILENT, 17: A, 27: SILENT},
        "a: inventory, calendar, contracts or orders on disk are wrong",
    ),
    "CamfleetLoginHeld": Course(
        {
            'camfleet_credential_rotations{instance="a",state="held"}': "0x5 2x20 0x9",
            'camfleet_credential_rotations{instance="a",state="on_trial"}': "3x60",
        },
        {5: SILENT, 15: SILENT, 17: A, 27: SILENT},
        "a: 2 changed logins were refused",
    ),
    "CameraCausesOverflow": Course(
        {
            'camera_causes{instance="a",kind="uplink"}': "1x40",
            'camera_causes{instance="a",kind="device dead"}': "1x5 2x20 1x20",
            'camera_cause_open{instance="a",cause="c1",kind="uplink",layer="uplink",scope="u",site="",owner="o"}': "9x40",
            'camera_cause_open{instance="a",cause="c2",kind="device dead",layer="device",scope="d",site="",owner="o"}': "1x40",
        },
        {5: SILENT, 10: SILENT, 12: A, 27: SILENT},
        "a: 3 causes are open, more than alerts are told of",
    ),
}


@pytest.mark.parametrize("name", COURSES)
def test_each_fires_stays_silent_and_resolves(name: str, tmp_path: Path) -> None:
    """At these minutes and no others, with these words."""
    course = COURSES[name]
    check(course, tmp_path, name)
    assert annotations(course, tmp_path, name)["summary"] == course.summary


def test_each_alert_of_the_monitor_has_a_course() -> None:
    """None is shipped untried."""
    assert [alert.name for alert in upkeep.alerts(load())] == list(COURSES)


def test_what_waits_for_the_ledger_is_told_although_it_says_it_is_well(tmp_path: Path) -> None:
    """An event of five minutes ago that is not recorded; one that is only a second behind is in order."""
    newest = "100+10x60"
    behind = monitor(camfleet_event_sequence=newest, camfleet_ledger_recorded_sequence="99+10x20 299x40")
    check(Course(behind, {20: SILENT, 24: SILENT, 30: A}), tmp_path, "CamfleetLedgerNotRecording")
    well = monitor(camfleet_event_sequence=newest, camfleet_ledger_recorded_sequence="99+10x60")
    check_silent(Course(well, {}), tmp_path, 60)


def well(instance: str, away: int = 0, ended: bool = False) -> dict[str, str]:
    """Return a monitor that is well, but away for so many minutes after minute 20.

    A restart of the monitor ends its series and fails scrapes; one of Prometheus only leaves a gap in them.
    """
    gap = f"_x{away - 1}" if away else ""
    if ended:
        gap = f"stale _x{away - 2}"
    back = 21 + away
    of = f'instance="{instance}"'
    levels = {
        "camfleet_ledger_failing": 0,
        "camfleet_ledger_lost_events_total": 0,
        "camfleet_schedule_lag_seconds": 0,
        "camfleet_inventory_last_reload_successful": 1,
        "camfleet_checkpoint_timestamp_seconds": 600,
    }
    made = {f"{name}{{{of}}}": f"{value}x20 {gap} {value}x60" for name, value in levels.items()}
    made[f'up{{job="camfleet",{of}}}'] = f"1x20 {f'0x{away - 1}' if ended else gap} 1x60"
    made[f'camfleet_probes_total{{{of},probe="rtsp"}}'] = f"0+100x20 {gap} 0+100x60"
    made[f'camfleet_probes_aborted_total{{{of},probe="rtsp"}}'] = f"50x20 {gap} 0x60"
    for name in ("camfleet_event_sequence", "camfleet_ledger_recorded_sequence"):
        made[f"{name}{{{of}}}"] = f"100+10x20 {gap} 310+10x60"
    counts = {"up": f"90x20 {gap} 0x1 90x60", "unknown": f"0x20 {gap} 100x1 0x60", "down": f"10x20 {gap} 0x1 10x60"}
    for state, values in counts.items():
        made[f'camera_fleet_cameras{{{of},zone="z1",state="{state}"}}'] = values
    return made | monitor(instance, f"0+60x20 {gap} {60 * back}+60x60")


RESTARTS = {
    "the monitor restarts": well("a", 3, ended=True),
    "prometheus restarts": well("a", 5),
    "prometheus restarts between two monitors": well("a", 5) | well("b", 5),
    "one of two restarts": well("a", 4, ended=True) | well("b"),
}


@pytest.mark.parametrize("course", RESTARTS)
def test_a_restart_wakes_nobody(course: str, tmp_path: Path) -> None:
    """Of the monitor, of Prometheus, of one of a pair: no alert fires at any minute."""
    check_silent(Course(RESTARTS[course], {}), tmp_path, 80)


def test_a_prometheus_that_was_away_for_long_does_not_call_the_monitor_dead(tmp_path: Path) -> None:
    """Its first scrape comes within a minute of its start."""
    series = monitor(at="0+60x10 _x60 4260+60x30")
    fires = dict.fromkeys([*range(11), *range(72, 100)], SILENT)
    check(Course(series, fires), tmp_path, "CamfleetDown")


def test_one_of_a_pair_is_no_reason_to_say_that_nobody_watches(tmp_path: Path) -> None:
    """The other one goes on."""
    series = monitor(at="0+60x10 stale _x60") | monitor("b")
    check_silent(Course(series, {}), tmp_path, 60, "CamfleetDown")
