"""How long sites last without mains, by the ledger alone."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from monitor.cli import command_line
from monitor.core.event import BatteryEvent, Heartbeat
from monitor.core.times import Clock
from monitor.ledger.batteries import batteries
from monitor.ledger.ledger import Ledger
from monitor.ledger.reader import Reader

#: When the feeder was cut last, and when a site's silence was told: hours may lie between them.
CUT, TOLD = 1_791_899_000.0, 1_791_900_000.0
CUTS = [
    BatteryEvent(1_790_000_000.0, "pier", "F-1", "power-1", 700.0, 745.0),
    BatteryEvent(1_790_000_100.0, "mole", "F-1", "power-1", 0.0, 20.0),
    BatteryEvent(1_790_900_000.0, "pier", "F-1", "power-2", 300.0, 330.0),
    BatteryEvent(TOLD, "pier", "F-1", "power-3", 640.0, 660.0, after=CUT - 20.0, by=CUT),
]


def written(path: Path) -> Path:
    ledger = Ledger.open(path)
    ledger.append(CUTS, {})
    assert ledger.close(60.0) == 0
    return path


def test_each_sites_cuts_are_kept_and_the_weakest_battery_comes_first(tmp_path: Path) -> None:
    """What a site usually lasts is the median of what it certainly lasted: one bad day is no verdict."""
    with Reader.open(written(tmp_path / "ledger.sqlite")) as reader:
        found = batteries(reader)
    assert [(one.site, one.usual_s, list(one.cuts)) for one in found] == [
        ("mole", 0.0, [CUTS[1]]),
        ("pier", 640.0, [CUTS[0], CUTS[2], CUTS[3]]),
    ]


def test_what_was_no_power_cut_after_all_says_nothing_of_a_battery(tmp_path: Path) -> None:
    """A later event takes it back: that site and that cut only."""
    ledger = Ledger.open(tmp_path / "ledger.sqlite")
    ledger.append([*CUTS, CUTS[1]._replace(revised=True), CUTS[2]._replace(least_s=0.0, most_s=0.0, revised=True)], {})
    assert ledger.close(60.0) == 0
    with Reader.open(tmp_path / "ledger.sqlite") as reader:
        assert [(one.site, list(one.cuts)) for one in batteries(reader)] == [("pier", [CUTS[0], CUTS[3]])]


def test_the_command_tells_them_to_a_person_and_to_a_program(tmp_path: Path) -> None:
    """A table with the last cut in words; JSON with all of them; a sentence where nothing was seen."""
    path = str(written(tmp_path / "ledger.sqlite"))
    told = CliRunner().invoke(command_line(), ["batteries", "--ledger", path], env={"COLUMNS": "120"})
    assert told.exit_code == 0
    assert "2 sites fell silent after a cut of the feeder" in told.stdout
    pier = next(line for line in told.stdout.splitlines() if "pier" in line)
    assert [word in pier for word in ("11 min", "3", "F-1, 10 to 11 min")] == [True] * 3
    assert Clock(TOLD, None).full(CUT) in pier
    assert "no battery" in next(line for line in told.stdout.splitlines() if "mole" in line)
    as_json = CliRunner().invoke(command_line(), ["batteries", "--ledger", path, "--json"])
    mole, pier_told = json.loads(as_json.stdout)
    assert [(one["site"], len(one["cuts"])) for one in (mole, pier_told)] == [("mole", 1), ("pier", 3)]
    assert (pier_told["cuts"][-1]["after"], pier_told["cuts"][-1]["by"]) == (CUT - 20.0, CUT)
    assert mole["cuts"][0]["by"] is None, "an older ledger does not say when the feeder was cut"
    quiet = Ledger.open(tmp_path / "empty.sqlite")
    quiet.append([Heartbeat(1_790_000_000.0, "central", {})], {})
    assert quiet.close() == 0
    empty = CliRunner().invoke(command_line(), ["batteries", "--ledger", str(tmp_path / "empty.sqlite")])
    assert (empty.exit_code, empty.stderr) == (0, "No feeder was seen to be cut since this ledger began.\n")
