"""The alerts of causes: one a cause, held for five minutes by the monitor's clock, whoever restarts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from promtool import MINUTES, Course, annotations, check, check_silent, monitor

from dashboards.causes import ROWS, Row
from monitor.core.diagnosis.cause import Kind

UPLINK = next(row for row in ROWS if row.kind is Kind.UPLINK)
SILENT: list[Mapping[str, str]] = []
SCOPE = 'SW-1/"3"'
FIRES = [{"scope": SCOPE}]


def cause(
    row: Row,
    values: str,
    opened: str = f"60+0x{MINUTES}",
    instance: str = "a",
    id_: str = "c-1",
    scope: str = SCOPE,
    layer: str = "",
) -> dict[str, str]:
    """Return the series of a cause that was opened at minute 1."""
    layer = layer or ("device" if row.shared is False else "uplink")
    name = scope.replace('"', '\\"')
    of = f'instance="{instance}",cause="{id_}"'
    labels = f'{of},kind="{row.kind}",layer="{layer}",scope="{name}",site="",owner="City Fibre"'
    return {
        f"camera_cause_open{{{labels}}}": values,
        f"camera_cause_opened_timestamp_seconds{{{of}}}": opened,
    }


def quiet(values: str, instance: str = "a", id_: str = "c-1") -> dict[str, str]:
    """Return the series of a cause that is not to alert."""
    return {f'camera_cause_quiet{{instance="{instance}",cause="{id_}",why="acknowledged"}}': values}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_each_kind_fires_after_five_minutes_and_resolves_after_its_end(row: Row, tmp_path: Path) -> None:
    """Silent for less, firing while it is open, and gone ten minutes after it closed; the words are whole."""
    course = Course(monitor() | cause(row, "_ 3x30 stale"), {5: SILENT, 8: FIRES, 32: FIRES, 44: SILENT})
    check(course, tmp_path, row.name)
    told = annotations(course, tmp_path, row.name)
    assert SCOPE in told["summary"]
    assert told["summary"].endswith(": 3 cameras")
    assert told["description"].endswith("Whose it is: City Fibre.")
    assert told["page_url"] == "http://127.0.0.1:8480/causes/c-1"
    assert told["runbook_url"].endswith(f"#{row.name.lower()}")
    assert "SW-1%2F%223%22" in told["dashboard_url"]


def test_the_words_are_those_of_the_pages(tmp_path: Path) -> None:
    """A headline, and one camera is one camera."""
    course = Course(monitor() | cause(UPLINK, "_ 1x30"), {8: FIRES})
    assert annotations(course, tmp_path, UPLINK.name)["summary"] == 'Uplink SW-1/"3" is cut off: 1 camera'


@pytest.mark.parametrize(("layer", "shared"), [("credential", True), ("device", False)])
def test_a_login_refused_by_all_is_another_alert_than_one_device(layer: str, shared: bool, tmp_path: Path) -> None:
    """One is everybody's, the other one a visit."""
    for row in (row for row in ROWS if row.kind is Kind.CREDENTIALS):
        course = cause(row, "_ 3x30", layer=layer)
        check(Course(monitor() | course, {8: FIRES if row.shared is shared else SILENT}), tmp_path, row.name)


def test_a_cause_of_less_than_five_minutes_never_fires(tmp_path: Path) -> None:
    """What heals by itself wakes nobody, and neither does another one of the same scope after it."""
    twice = cause(UPLINK, "_ 3x3 stale") | cause(UPLINK, "_x5 3x3 stale", "360+0x9", id_="c-2")
    check_silent(Course(monitor() | twice, {}), tmp_path, 30)


def test_what_a_person_or_the_calendar_covers_does_not_fire(tmp_path: Path) -> None:
    """Acknowledged in time it never fires; five minutes after the word ends, it does."""
    series = monitor() | cause(UPLINK, "_ 3x60") | quiet("_x3 1x30 stale")
    check(Course(series, {8: SILENT, 33: SILENT, 37: SILENT, 42: FIRES}), tmp_path, UPLINK.name)


def test_only_the_cause_that_is_covered_is_quiet(tmp_path: Path) -> None:
    """A word about one of two cuts says nothing about the other."""
    series = monitor() | cause(UPLINK, "_ 3x60") | quiet("_x3 1x30") | cause(UPLINK, "_ 4x60", id_="c-2", scope="SW-2")
    check(Course(series, {8: [{"scope": "SW-2"}], 30: [{"scope": "SW-2"}]}), tmp_path, UPLINK.name)


def test_a_restart_of_the_monitor_neither_resolves_nor_delays(tmp_path: Path) -> None:
    """Away for three minutes, the alert goes on; one that was waiting fires when its time has come."""
    away = "stale _ _"
    old = cause(UPLINK, f"_ 3x10 {away} 3x30")
    new = cause(UPLINK, f"_x9 4 4 {away} 4x30", "540+0x60", id_="c-2", scope="SW-2")
    snapshot = monitor(at=f"0+60x11 {away} 900+60x40")
    both = [{"scope": SCOPE}, {"scope": "SW-2"}]
    fires = dict.fromkeys(range(8, 15), FIRES) | {18: both, 40: both}
    check(Course(snapshot | old | new, fires), tmp_path, UPLINK.name)


def test_a_restart_of_prometheus_neither_resolves_nor_delays(tmp_path: Path) -> None:
    """Six minutes without any sample: it fires again with the first one, and waits for nothing."""
    gap = "_x6"
    series = monitor(at=f"0+60x11 {gap} 1080+60x40") | cause(UPLINK, f"_ 3x10 {gap} 3x30")
    check(Course(series, {11: FIRES, 15: FIRES, 18: FIRES, 19: FIRES, 40: FIRES}), tmp_path, UPLINK.name)


def test_a_pair_of_monitors_is_one_alert(tmp_path: Path) -> None:
    """Both see the cut, under ids of their own and with another number of cameras; one restarts, one closes it later."""
    first = cause(UPLINK, "_ 3x10 stale _ _ 3x10 stale")
    second = cause(UPLINK, "_ _ 4x30 stale", "100+0x40", instance="b", id_="c-2")
    series = monitor() | monitor("b") | first | second
    fires = dict.fromkeys(range(8, 33), FIRES) | {46: SILENT}
    check(Course(series, fires), tmp_path, UPLINK.name)


def test_a_word_at_one_of_a_pair_holds_for_both(tmp_path: Path) -> None:
    """Whoever was told, the cut is known."""
    second = cause(UPLINK, "_ 3x30", instance="b", id_="c-2")
    series = monitor() | monitor("b") | cause(UPLINK, "_ 3x30") | second | quiet("_x3 1x30", "b", "c-2")
    check(Course(series, {8: SILENT, 30: SILENT}), tmp_path, UPLINK.name)


def test_nothing_new_fires_from_stale_data_and_nothing_is_taken_back(tmp_path: Path) -> None:
    """The snapshot stands still at minute 10: a cut of minute 8 waits, that of minute 1 goes on."""
    series = monitor(at="0+60x10 600+0x60") | cause(UPLINK, "_ 3x70")
    series |= cause(UPLINK, "_x7 4x60", "480+0x70", id_="c-2", scope="SW-2")
    check(Course(series, {9: FIRES, 15: FIRES, 40: FIRES, 70: FIRES}), tmp_path, UPLINK.name)


def test_every_kind_of_cause_alerts() -> None:
    """Once, or as what is shared and what is one device's."""
    told = [(row.kind, shared) for row in ROWS for shared in ((True, False) if row.shared is None else (row.shared,))]
    assert sorted(told) == sorted((kind, shared) for kind in Kind for shared in (True, False))
    assert len({row.name for row in ROWS}) == len(ROWS)


def test_what_is_open_for_a_month_is_told_once_for_each_owner_and_kind(tmp_path: Path) -> None:
    """Also what is acknowledged; a pair of monitors counts no cause twice; a younger one is not told."""
    day = 86400
    now = f"{40 * day}+60x60"
    series = monitor(at=now) | monitor("b", now) | quiet("1x60")
    for number, opened in enumerate((1, 5, 12)):
        for instance in ("a", "b"):
            id_ = f"c-{number}" if instance == "a" else f"d-{number}"
            series |= cause(UPLINK, "3x20 stale", f"{opened * day}+0x60", instance, id_, f"SW-{number}")
    name = "CameraCausesForgotten"
    course = Course(series, {2: [{"kind": "uplink", "owner": "City Fibre"}], 40: SILENT})
    check(course, tmp_path, name)
    assert annotations(course, tmp_path, name)["summary"] == "2 of kind uplink open for more than 30d"
