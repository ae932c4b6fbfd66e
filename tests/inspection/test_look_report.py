"""What a look's report shows: every rung, and measurements in one order, without those of what is not there."""

from __future__ import annotations

import re
from typing import Any

from monitor.inspection.debug import markdown
from monitor.inspection.report import Report


def look(*answers: dict[str, Any], probes: tuple[str, ...] = ("onvif", "rtsp", "snmp")) -> Report:
    """Return the report of a look that had these answers."""
    subject = {"camera": "c", "device": "d", "name": "c", "address": "192.0.2.1", "probes": probes}
    return Report(subject, [{"findings": [], "measurements": {}} | answer for answer in answers], unfinished=False)


def finding(rung: str, outcome: str, reason: str | None = None) -> dict[str, Any]:
    return {"rung": rung, "outcome": outcome, "reason": reason, "detail": ""}


def measuring(**values: float | str) -> dict[str, Any]:
    return {"measurements": values}


def test_rungs_that_nobody_saw_are_told() -> None:
    """A dead camera's other rungs are not seen; those of a protocol that it is not asked over are not asked."""
    report = look({"findings": [finding("reachable", "fail", "timeout")]}, probes=("rtsp",))
    told = re.findall(r"^  (\w+) +(FAILS|ok|not seen|-)", report.text(), re.MULTILINE)
    assert told == [
        ("reachable", "FAILS"), ("control", "-"), ("credentials", "not seen"), ("stream", "not seen"),
        ("media", "not seen"), ("recording", "-"), ("clock", "-"), ("device", "-"), ("identity", "-"),
    ]  # fmt: skip
    rungs = report.to_json(debug=False)["rungs"]
    assert rungs["media"] == {"outcome": "unseen", "reason": None, "detail": ""}
    assert rungs["clock"]["outcome"] == "n/a"


def test_measurements_stand_in_one_order() -> None:
    """Whichever protocol answered first, the order is that of the names; those without one follow by the alphabet."""
    one, other = measuring(zoom=1.0, video="H264", fan=2.0), measuring(cpu_percent=5.0, model="M1")
    expected = ["model", "video", "cpu_percent", "fan", "zoom"]
    assert [list(look(*answers).measurements) for answers in ((one, other), (other, one))] == [expected, expected]


def test_a_storage_that_is_not_there_is_not_measured() -> None:
    """A camera without a card has no storage of 0 GB, 0 % of it used; an empty card is one."""
    assert look(measuring(disk_gigabytes=0.0, disk_percent=0.0, model="M1")).measurements == {"model": "M1"}
    card = {"disk_percent": 0.0, "disk_gigabytes": 32.0}
    assert look(measuring(**card)).measurements == card


def test_a_long_name_is_apart_from_its_value() -> None:
    """A value never touches its name."""
    assert "  temperature sensor ok" in look(measuring(temperature_sensor="ok")).text().splitlines()


def test_one_request_is_one() -> None:
    """A conversation of one request, and one of more, are counted as a person would."""
    said = {"probe": "snmp", "at": 0.0, "duration_s": 0.5, "messages": []}
    report = look(said | {"requests": 1}, said | {"requests": 2})
    report.subject = {**report.subject, "make": "", "credential": ""}
    assert [line for line in markdown(report).splitlines() if "request" in line] == [
        "## SNMP: 0.50 s, 1 request",
        "## SNMP: 0.50 s, 2 requests",
    ]
