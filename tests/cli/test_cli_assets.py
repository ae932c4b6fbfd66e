"""`camfleet assets`: how many cameras there are, and which cannot be as the inventory says."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from runs import camfleet

from monitor.core.event import AssetEvent, DeviceEvent, Event, RungEvent
from monitor.core.verdict import Outcome, Rung
from monitor.ledger import identities
from monitor.ledger.ledger import Ledger

DAY = 86_400.0
VIDEO = {"zone": "z", "probes": ["onvif", "rtsp"], "commissioned": "2018-11-01"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger of forty days: one camera is well, one vanished, twelve never answered, one was replaced."""
    path, began = tmp_path_factory.mktemp("assets"), time.time() - 40 * DAY
    names = ["well", "gone", *(f"never-{n:02}" for n in range(12))]
    events: list[Event] = [AssetEvent(began, name, "added", VIDEO) for name in names]
    for rung in (Rung.REACHABLE, Rung.MEDIA):
        for name in ("well", "gone"):
            events.append(RungEvent(began + 60, name, "central", rung, Outcome.OK, None, "", began, began + 60))
        gone = began + DAY
        events.append(RungEvent(gone, "gone", "central", rung, Outcome.FAIL, None, "", gone - 60, gone))
    detail = "serial number 2 in place of serial number 1, by kim: \x1b[31mlorry"
    events.append(DeviceEvent(began + 2 * DAY, "well", "replacement accepted", detail, "well"))
    for outcome, at in ((Outcome.FAIL, began + 3 * DAY), (Outcome.OK, began + 3 * DAY + 60)):
        events.append(RungEvent(at, "well", "central", Rung.MEDIA, outcome, None, "", at - 60, at))
    ledger = Ledger.open(path / "camfleet.sqlite")
    ledger.append(events, {}, {f"{identities.PREFIX}well": {"marks": {"serial": "S2"}, "stranger": {"serial": "S3"}}})
    assert ledger.close(60) == 0
    return path


def test_the_denominator_and_what_is_found(folder: Path) -> None:
    """In words and by kinds; of many alike the first ten; what is not looked for is said."""
    end = camfleet("assets", folder=folder)
    assert (end.code, end.err) == (0, "")
    lines = [" ".join(line.split()) for line in end.out.splitlines()]
    assert (
        lines[0]
        == "14 listed, 14 commissioned, 14 in service, 1 of them answering now, 12 never seen, 12 never with pictures."
    )
    assert "Never seen: 12 (in service, and has never answered)" in lines
    assert "and 2 more; --json prints all" in lines
    assert "Vanished: 1 (in service, has answered, and does not for long)" in lines
    assert any(line.startswith("gone 20") and line.endswith("answered last then") for line in lines)
    assert any(
        line.endswith("serial number 2 in place of serial number 1, by kim: �[31mlorry, event 21") for line in lines
    )
    assert "well now serial number S3; its own is serial number S2" in lines
    assert lines[-1] == "Addresses that answer but are not listed are not looked for."
    assert "Vanished" not in camfleet("assets", "--days", "60", folder=folder).out


def test_every_life_in_a_table_and_as_json(folder: Path) -> None:
    """A line a camera; for programs all of it, each date with the event that says it."""
    end = camfleet("assets", "--all", folder=folder)
    rows = {line.split()[0]: line.split() for line in end.out.splitlines() if "2018-11-01" in line}
    assert len(rows) == 14
    assert rows["well"][1:5] == ["-", "-", "2018-11-01", "-"]
    assert rows["well"][-2:] == ["now", "-"]
    assert rows["never-03"][-4:] == ["-", "-", "-", "-"]
    told = json.loads(camfleet("assets", "--json", folder=folder).out)
    assert told["denominator"]["never_seen"] == 12
    assert len(told["findings"]) == 15
    assert [one["camera"] for one in told["cameras"]] == sorted(one["camera"] for one in told["cameras"])
    live = {one["camera"]: one["live"]["event"] for one in told["cameras"] if "live" in one}
    assert live == {"well": 18, "gone": 19}


def test_a_ledger_that_is_not_there(tmp_path: Path) -> None:
    """A sentence, and the code of a wrong word."""
    end = camfleet("assets", "--ledger", "none.sqlite", folder=tmp_path)
    assert (end.code, end.out) == (2, "")
    assert "none.sqlite" in end.err
