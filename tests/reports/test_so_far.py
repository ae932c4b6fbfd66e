"""How contracts stand so far: the figures of their report at that moment, and which periods are over."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from month import TERMS, at, events, write

from monitor.core.event import AssetEvent, ContractEvent, Heartbeat
from monitor.core.statement.heading import HeadingError, kept, read
from monitor.core.statement.so_far import Ended, SoFarError, State, findings
from monitor.reports.pack import Asked, statement


def told(ledger: Path, moment: str) -> bytes:
    command = [sys.executable, "-P", "-m", "monitor.reports.so_far", str(ledger), str(int(at(moment) * 1000))]
    done = subprocess.run(command, capture_output=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("month") / "ledger"
    write(path)
    return path


@pytest.fixture(scope="module")
def plain(ledger: Path) -> dict[str, Any]:
    return kept(statement(Asked(ledger, "", "2026-10")))


def test_the_figures_are_those_of_the_report(ledger: Path) -> None:
    """To the digit, with bounds, target and money; of a period that goes on, as far as it is sure."""
    (one,) = findings(told(ledger, "11-03 12:00"))
    stated = statement(Asked(ledger, "", "2026-11"))
    assert (one.contract, one.state, one.why) == ("safe-city", State.STATED, "")
    assert one.heading is not None
    assert not one.heading.is_over
    assert one.heading.until == stated["period"]["until"] < stated["period"]["end"]
    first, written = one.heading.as_written, stated["readings"][0]
    for name, figure in first.figures.items():
        assert figure._asdict() == {key: written[name][key] for key in figure._fields}
    assert first.target is not None
    assert (first.target.figure, first.target.reached) == ("camera_hours", written["target"]["figure"])
    assert first.bill is not None
    assert first.bill.paid == written["money"]["total"]["paid"]
    assert first.below == 10 - 9
    assert [one.name for one in one.heading.readings] == [reading["reading"] for reading in stated["readings"]]


def test_periods_are_over_once_they_can_be_stated_to_their_end(ledger: Path) -> None:
    """Of the months in which the contract stood; a month is not over while what failed in it may not be confirmed yet."""
    ends = [Ended(name, int(at(f"{end} 00:00") * 1000)) for name, end in (("2026-10", "11-01"), ("2026-09", "10-01"))]
    (one,) = findings(told(ledger, "11-03 12:00"))
    assert list(one.ended) == ends
    (one,) = findings(told(ledger, "10-31 23:59"))
    assert list(one.ended) == ends[1:]


def test_a_month_that_ended_minutes_ago_is_not_over_yet(tmp_path: Path) -> None:
    """The newest heartbeat has to be later than its end by the limit of detection."""
    write(tmp_path / "ledger", [event for event in events() if event.at < at("11-01 00:05")])
    (one,) = findings(told(tmp_path / "ledger", "11-01 00:05"))
    assert [ended.name for ended in one.ended] == ["2026-09"]


def test_a_contract_that_was_removed_has_no_figures_and_keeps_its_months(tmp_path: Path) -> None:
    """Those in which it stood; another one beside it is told by itself, and terms that nobody can read fail alone."""
    more = [
        ContractEvent(at("09-25 10:00"), "older", "added", {**TERMS, "period": "week"}),
        ContractEvent(at("10-09 10:00"), "older", "removed", {}),
        ContractEvent(at("10-01 10:00"), "odd", "added", {**TERMS, "target": "many"}),
    ]
    write(tmp_path / "ledger", sorted([*events(), *more], key=lambda event: event.at))
    odd, older, safe = findings(told(tmp_path / "ledger", "11-03 12:00"))
    assert (odd.state, odd.heading) == (State.FAILED, None)
    assert odd.why == "contract odd: 'many' is no number: digits, and a point with up to six places"
    assert (older.state, older.why) == (State.REMOVED, "it was removed")
    assert [ended.name for ended in older.ended] == ["2026-W41", "2026-W40", "2026-W39"]
    assert safe.state is State.STATED


def test_a_young_ledger_waits(tmp_path: Path) -> None:
    """A ledger without cameras, and one without a contract, are no faults; the second counts all cameras."""
    beats = [Heartbeat(at("10-05 10:00") + 60.0 * n, "central", {}) for n in range(60)]
    write(tmp_path / "empty", beats[:1])
    (one,) = findings(told(tmp_path / "empty", "11-01 10:00"))
    assert (one.contract, one.state, one.ended) == ("all-cameras", State.WAITING, ())
    assert one.why == "the ledger has nothing of 2026-11 yet"
    later = [AssetEvent(at("10-05 12:00"), "cam", "added", {"zone": "z"})]
    write(tmp_path / "new", [*beats, *later])
    (one,) = findings(told(tmp_path / "new", "10-05 12:01"))
    assert (one.state, one.why) == (State.WAITING, "the ledger has nothing of 2026-10 yet")
    write(tmp_path / "young", [AssetEvent(at("10-05 09:00"), "cam", "added", {"zone": "z"}), *beats])
    (one,) = findings(told(tmp_path / "young", "10-05 11:00"))
    assert one.state is State.STATED
    assert one.heading is not None
    assert (one.heading.counted, one.heading.as_written.target, one.heading.as_written.below) == (1, None, None)


def test_a_ledger_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    """Exit code 1, and why."""
    (tmp_path / "none").write_bytes(b"nothing of the kind" * 100)
    command = [sys.executable, "-P", "-m", "monitor.reports.so_far", str(tmp_path / "none"), "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"{tmp_path}/none: ")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("format",), "camfleet statement 1"),
        (("contract", "id"), "x" * 301),
        (("contract",), []),
        (("period", "until"), 0),
        (("period", "end"), True),
        (("period", "time_zone"), "../../etc/passwd"),
        (("readings",), []),
        (("readings", 0, "camera_hours", "value"), "97.3434"),
        (("readings", 0, "camera_hours", "value"), "100.001"),
        (("readings", 0, "camera_hours", "low"), 97.3),
        (("readings", 0, "camera_hours", "low"), "-1.000"),
        (("readings", 0, "money", "total", "paid"), "1e9"),
        (("readings", 0, "money", "currency"), "<b>"),
        (("readings", 0, "target", "weighting"), "whatever"),
        (("readings", 0, "target", "met"), "yes"),
        (("readings", 0, "cameras"), -1),
        (("readings", 0, "cameras"), 0),
        (("cameras", "counted"), 2**60),
    ],
    ids=str,
)
def test_what_is_no_first_page_is_refused(plain: dict[str, Any], path: tuple[str | int, ...], value: object) -> None:
    """Whatever of it is not as a statement has it."""
    changed: Any = copy.deepcopy(plain)
    read(changed)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    with pytest.raises(HeadingError):
        read(changed)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["contracts", "id", "state", "heading", "why", "ended", "format"]), inner)
    ),
    max_leaves=12,
)


@given(JSON | st.builds(lambda one: {"contracts": [one]}, JSON))
def test_whatever_a_process_says_is_a_finding_or_refused(value: Any) -> None:
    """It never raises anything else."""
    with suppress(SoFarError):
        findings(json.dumps(value).encode())
    with pytest.raises(SoFarError):
        findings(json.dumps(value).encode()[:-1])
