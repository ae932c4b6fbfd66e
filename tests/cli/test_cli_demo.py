"""`camfleet demo` as a process: one JSON object, an end at any moment, and no city that outlives it."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest
from effort import prompt
from runs import CAMFLEET, alive, camfleet, children, get, running, until

from monitor.cli.frame import started_as

#: Cameras of a small city that do not work: as many of its sixty as 600 of 1,800.
NOT_WORKING = 20
CALENDAR = Path(__file__).parents[2] / "docs" / "calendar.md"


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        ("starting", signal.SIGINT),
        ("starting", signal.SIGTERM),
        ("starting", signal.SIGHUP),
        ("watching", signal.SIGINT),
        ("watching", signal.SIGHUP),
    ],
)
def test_a_demo_that_is_interrupted(moment: str, number: int, tmp_path: Path) -> None:
    """Ctrl-C ends the demo within two seconds, whatever it was doing; the city's process goes with it, its folder too."""
    with running("demo", "--cameras", "60", "--port", "0", folder=tmp_path, TMPDIR=str(tmp_path)) as process:
        until(lambda: children(process.process.pid))
        [city] = children(process.process.pid)
        if moment == "watching":
            process.until("The wallboard: http://127.0.0.1:")
            time.sleep(3.0)
        began = time.monotonic()
        process.signal(number)
        end = process.wait()
        took = time.monotonic() - began
    assert prompt(took, 2.0)
    assert not end.traceback
    assert end.out == ""
    until(lambda: not alive(city))
    assert [path.name for path in tmp_path.iterdir()] == []


def test_a_demo_that_is_killed(tmp_path: Path) -> None:
    """A demo that is killed takes its city with it; its folder is removed by the next demo."""
    with running("demo", "--cameras", "60", "--port", "0", folder=tmp_path, TMPDIR=str(tmp_path)) as process:
        process.until("The wallboard: http://127.0.0.1:")
        [city] = children(process.process.pid)
        process.signal(signal.SIGKILL)
        process.wait()
    until(lambda: not alive(city))
    [left] = tmp_path.iterdir()
    kept = tmp_path / f"camfleet-demo-{os.getpid()}-x"
    kept.mkdir()
    with running("demo", "--cameras", "60", "--port", "0", folder=tmp_path, TMPDIR=str(tmp_path)) as process:
        process.until("The wallboard: http://127.0.0.1:")
        assert not left.exists()
        process.signal(signal.SIGINT)
        assert process.wait().code == 0
    assert list(tmp_path.iterdir()) == [kept]


@pytest.mark.soak
def test_a_demo_once_for_a_person(tmp_path: Path) -> None:
    """The score is on standard output, in the words of the pages: no code of ours is in it."""
    end = camfleet("demo", "--once", "--cameras", "60", "--port", "0", folder=tmp_path, patience_s=180.0)
    assert (end.code, end.traceback) == (0, False)
    assert end.out.startswith(f"{NOT_WORKING} of 60 cameras not working")
    for words in ("working, with a fault", "not working: no answer", "not working: login refused", "not known"):
        assert words in end.out
    assert "_" not in end.out


@pytest.mark.soak
def test_a_demo_once_as_json(tmp_path: Path) -> None:
    """One JSON object and nothing else on standard output: a third of the cameras does not work, as in the city's truth."""
    end = camfleet("demo", "--once", "--json", "--cameras", "60", "--port", "0", folder=tmp_path, patience_s=180.0)
    assert end.code == 0
    told = json.loads(end.out)
    parts = {"cameras", "not_working", "states", "reasons", "agreement", "causes", "cause_agreement", "seconds"}
    assert set(told) == parts
    assert (told["cameras"], told["not_working"]) == (60, NOT_WORKING)
    assert told["agreement"]["agreeing"] == 60
    assert "The wallboard: http://127.0.0.1:" in end.err
    assert not end.traceback


def test_a_demo_says_what_to_type_and_takes_a_calendar_in(tmp_path: Path) -> None:
    """The command as it was started, the inventory's folder, and what is planned or agreed as soon as either is written
    there, whether or not the other is."""
    with running("demo", "--cameras", "60", "--port", "0", folder=tmp_path, TMPDIR=str(tmp_path)) as process:
        process.until("Break something:")
        told = {line.strip().partition(": ")[0]: line.strip().partition(": ")[2] for line in process.err.splitlines()}
        assert told["Ask it"].startswith(f"{CAMFLEET} causes --ledger {tmp_path}/camfleet-demo-")
        folder = Path(told["Its inventory"])
        assert (folder / "secrets").is_dir()
        assert told["Plan something"].startswith(f"write {folder}/calendar.yaml, as docs/calendar.md says")
        example = next(part for part in CALENDAR.read_text().split("```")[1::2] if "To see where it shows" in part)
        (folder / "calendar.yaml").write_text(example.removeprefix("yaml\n"))
        port = int(told["The wallboard"].split("/ ")[0].rpartition(":")[2])
        until(lambda: "To see where it shows" in get(port, "/api/v1/cameras?per_page=500")[1])
        process.until(f"Planned: 1 by {folder}/calendar.yaml; contracts: none, there is no {folder}/contracts.yaml")
        (folder / "calendar.yaml").unlink()
        (folder / "contracts.yaml").write_text("contracts: {city: {time_zone: UTC, cameras: all}}\n")
        process.until(f"contracts: 1 by {folder}/contracts.yaml")
        process.until(f"Planned: none, there is no {folder}/calendar.yaml; contracts: 1 by")
        (folder / "calendar.yaml").write_text("planned: 3\n")
        process.until("planned: must be a mapping")
        process.signal(signal.SIGINT)
        assert process.wait().code == 0


@pytest.mark.parametrize(
    ("typed", "path", "said"),
    [
        (".venv/bin/camfleet", "", ".venv/bin/camfleet"),
        ("{bin}/camfleet", "{bin}", "camfleet"),
        ("{bin}/camfleet", "/nowhere", "{bin}/camfleet"),
        ("{bin}/monitor/__main__.py", "{bin}", "{python} -m monitor"),
    ],
    ids=["in a folder", "found by its name", "not found", "as a module"],
)
def test_how_it_was_started(typed: str, path: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is told to be typed is what works there."""
    (tmp_path / "camfleet").touch(0o755)
    names = {"bin": str(tmp_path), "python": sys.executable}
    monkeypatch.setenv("PATH", path.format(**names))
    monkeypatch.setattr(sys, "argv", [typed.format(**names)])
    assert started_as() == said.format(**names)
