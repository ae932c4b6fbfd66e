"""Alertmanager's configuration: valid for amtool, and each alert goes to whom it is meant for."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from peers.servers import require
from pydantic import ValidationError

from dashboards import mixin
from dashboards.alertmanager import FILE, alertmanager
from dashboards.config import Also, Hours, Planned, load
from monitor.core.calendar import Calendar, Entry, Kind, Selector, instant
from monitor.core.time_intervals import time_intervals

PLACE = mixin.FOLDER / FILE
UPLINK = {"alertname": "CameraUplinkDown", "severity": "page", "kind": "uplink", "layer": "uplink", "scope": "SW-1/3"}
DEAD = {"alertname": "CameraDeviceDead", "severity": "ticket", "kind": "device dead", "layer": "device", "scope": "d7"}
BURNS = {"alertname": "CameraZoneBudgetBurns", "severity": "page"}
#: An alert by its labels, and who is told of it.
TABLE: tuple[tuple[Mapping[str, str], str], ...] = (
    ({"alertname": "Watchdog", "severity": "info"}, "nobody"),
    ({"alertname": "CamfleetDown", "severity": "page"}, "noc"),
    (
        {"alertname": "CamfleetBlind", "severity": "page", "kind": "monitor blind", "layer": "vantage"},
        "noc,orders,nobody",
    ),
    ({"alertname": "CamfleetLags", "severity": "ticket"}, "noc"),
    ({"alertname": "CameraBusy", "severity": "info", "kind": "busy", "layer": "device", "scope": "d7"}, "nobody"),
    ({"alertname": "CameraCausesForgotten", "severity": "ticket", "kind": "clock", "owner": "field"}, "noc"),
    ({**UPLINK, "owner": "City Network"}, "orders,nobody"),
    ({**UPLINK, "owner": "City Network", "zone": "harbour"}, "orders,mail harbour@example.org,nobody"),
    ({**UPLINK, "owner": "Grid North"}, "orders,mail grid-control@example.org,nobody"),
    ({**UPLINK, "contract": "safe-city-2018"}, "orders,mail contracts@example.org,nobody"),
    ({**DEAD, "owner": "field", "contract": "safe-city-2018"}, "orders,nobody"),
    ({**DEAD, "owner": "field", "zone": "harbour"}, "orders,mail harbour@example.org,nobody"),
    ({**BURNS, "zone": "old-town"}, "noc"),
    ({**BURNS, "zone": "harbour"}, "mail harbour@example.org,noc"),
)


def amtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = require("amtool", package="prometheus-alertmanager")
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=60)


def test_amtool_finds_nothing_wrong_with_it() -> None:
    """Six receivers, and neither inhibitions nor templates."""
    done = amtool("check-config", str(PLACE))
    assert done.returncode == 0, done.stderr
    assert "SUCCESS" in done.stdout
    assert " - 6 receivers" in done.stdout


@pytest.mark.parametrize(
    ("labels", "receivers"), TABLE, ids=lambda row: row["alertname"] if isinstance(row, dict) else ""
)
def test_each_alert_goes_to_whom_it_is_meant_for(labels: Mapping[str, str], receivers: str) -> None:
    """`amtool config routes test` names every receiver, in order."""
    told = [f'{name}="{value}"' for name, value in labels.items()]
    done = amtool("config", "routes", "test", f"--config.file={PLACE}", *told)
    assert (done.stdout.strip(), done.returncode) == (receivers, 0), done.stderr


def test_every_alert_of_a_cause_has_the_labels_that_are_routed_by() -> None:
    """What the rules give is what the routes and groups ask for."""
    routes = yaml.safe_load(alertmanager(load()))["route"]
    asked = {re.split("[=!]", one)[0] for route in routes["routes"] for one in route.get("matchers", ())}
    given = {"alertname", "severity", "kind", "layer", "scope", "site", "zone", "contract", "owner"}
    assert asked | set(routes["group_by"]) <= given


def test_camfleet_is_sent_the_same_again_soon_and_people_are_not() -> None:
    """There it changes nothing; and a fault that came back before Alertmanager noticed its end does not wait for hours."""
    route, paging = yaml.safe_load(PLACE.read_text())["route"], load().paging
    again = {one["receiver"]: one.get("repeat_interval") for one in route["routes"]}
    assert (again.pop("orders"), route["repeat_interval"]) == (paging.remind, paging.repeat) == ("15m", "12h")
    assert set(again.values()) == {None}


def test_a_token_stands_in_a_file_and_never_in_the_configuration() -> None:
    """The monitor is shown a bearer token that Alertmanager reads where it stands."""
    (orders,) = (one for one in yaml.safe_load(PLACE.read_text())["receivers"] if one["name"] == "orders")
    (hook,) = orders["webhook_configs"]
    assert hook["http_config"] == {"authorization": {"credentials_file": load().paging.credentials}}
    assert hook["send_resolved"] is False


def test_a_heartbeat_and_odd_names_are_valid(tmp_path: Path) -> None:
    """Without holidays nothing is muted; a quoted name stays one."""
    config = load()
    hours = config.paging.working_hours.model_copy(update={"holidays": ()})
    also = (Also(owner='The "Grid" \\ North', to="grid@example.org"),)
    paging = config.paging.model_copy(
        update={"heartbeat": "https://heartbeat.example/x", "working_hours": hours, "also": also}
    )
    file = tmp_path / "alertmanager.yml"
    file.write_text(alertmanager(config.model_copy(update={"paging": paging})))
    assert amtool("check-config", str(file)).returncode == 0
    test = ("config", "routes", "test", f"--config.file={file}")
    assert amtool(*test, "alertname=Watchdog").stdout.strip() == "heartbeat"
    found = amtool(*test, r'owner="The \"Grid\" \\ North"', "layer=site", "severity=page").stdout.strip()
    assert found == "orders,mail grid@example.org,nobody"


def test_what_is_planned_for_a_zone_is_muted_there_meanwhile(tmp_path: Path) -> None:
    """`camfleet calendar intervals` prints what the configuration takes, and amtool understands."""
    zone, works = ZoneInfo("Asia/Karachi"), (Selector("zone", "harbour"), Selector("feeder", "F-3"))
    start, end = datetime(2026, 12, 1, 22), datetime(2026, 12, 3, 4, 30)
    entry = Entry("pier-works", Kind.WORKS, works, zone.key, start, end, "Duty officer", start, "new fibre")
    since = instant(start, zone) - 86400
    told = time_intervals(Calendar({"pier-works": entry}), since, since + 30 * 86400)
    days = told["time_intervals"][0]["time_intervals"]
    assert [(one["days_of_month"], one["times"]) for one in days] == [
        (["1"], [{"start_time": "22:00", "end_time": "24:00"}]),
        (["2"], [{"start_time": "00:00", "end_time": "24:00"}]),
        (["3"], [{"start_time": "00:00", "end_time": "04:30"}]),
    ]
    config = load()
    paging = config.paging.model_copy(update={"planned": Planned.model_validate(told), "also": ()})
    file = tmp_path / "alertmanager.yml"
    file.write_text(alertmanager(config.model_copy(update={"paging": paging})))
    assert amtool("check-config", str(file)).returncode == 0
    routes = yaml.safe_load(file.read_text())["route"]["routes"]
    assert routes[-2:] == [
        {"receiver": "noc", "matchers": ['zone="harbour"'], "mute_time_intervals": ["planned pier-works"]},
        {"receiver": "noc"},
    ]
    assert time_intervals(Calendar({"pier-works": entry}), since, since + 60) == {"time_intervals": [], "mutes": []}


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"time_zone": "Karachi"}, "'Karachi' is no time zone; write one like Asia/Karachi"),
        ({"days": ("friday:monday",)}, "friday:monday: to Alertmanager a week begins with sunday; write two ranges"),
        ({"start": "18:00", "end": "08:00"}, "end, 08:00, is not later than start, 18:00"),
    ],
    ids=str,
)
def test_odd_working_hours_are_refused(part: Mapping[str, str], message: str) -> None:
    """With a sentence."""
    sound = {
        "time_zone": "UTC",
        "days": ("monday",),
        "start": "08:00",
        "end": "18:00",
        "holidays": (date(2026, 12, 25),),
    }
    with pytest.raises(ValidationError, match=message):
        Hours.model_validate({**sound, **part})


def test_who_is_written_to_besides_says_of_what() -> None:
    """Or it would be everything."""
    with pytest.raises(ValidationError, match="says of what: write contract:, zone: or owner:"):
        Also(to="noc@example.org")
