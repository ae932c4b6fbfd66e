"""The benchmarks run: at a size that measures nothing, as a program of their own, as ``make bench`` starts them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.chart import chart
from benchmarks.checks import ROWS
from benchmarks.course import share_of

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "benchmarks", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, timeout=900, env=environment, check=False)


@pytest.mark.soak
def test_a_full_check_is_measured_without_one_failure() -> None:
    """Every check of every side must find a healthy camera healthy, or the run fails."""
    done = bench("--quick", "--only", "cost")
    assert (done.returncode, done.stderr) == (0, "")
    rows = re.findall(
        r"^│ (\S[^│]+?) +│ +[\d,]+ │ +([\d,]+|–) │ +([\d,]+|–) │ +([\d,]+|–) │", done.stdout, re.MULTILINE
    )
    assert [name for name, *_ in rows] == [row.name for row in ROWS], done.stdout
    assert "–" not in rows[0], done.stdout
    assert len(re.findall(r"Measured: \d+\.\d times\. (?:Met|Missed)\.", done.stdout)) == 2, done.stdout


def test_every_fault_of_the_model_is_confirmed_and_so_is_its_repair() -> None:
    """On the simulated clock each fault leads to its own state and each repair back to `up`, or the run fails."""
    done = bench("--quick", "--only", "detection")
    assert (done.returncode, done.stderr) == (0, "")
    rows = re.findall(
        r"^│ [\w :,]+ │ +(?:down|degraded|unknown) │ +[\d,]+ \[[\d,]+–[\d,]+\] │", done.stdout, re.MULTILINE
    )
    assert len(rows) == 12, done.stdout


def test_the_limit_of_detection_is_what_the_schedule_does() -> None:
    """No simulated outage and no return goes unseen for longer than reports print, or the run fails."""
    done = bench("--quick", "--only", "limits")
    assert (done.returncode, done.stderr) == (0, "")
    rows = re.findall(r"^│ (\w+) +│(?: +[\d.]+ │){4}$", done.stdout, re.MULTILINE)
    assert rows == ["reachable", "control", "stream", "media", "device", "clock"], done.stdout


@pytest.mark.soak
def test_causes_are_measured() -> None:
    """Rightness, the storm, the cut line, bursts and folds, at a size that says nothing but that they run."""
    done = bench("--quick", "--only", "diagnosis")
    assert (done.returncode, done.stderr) == (0, "")
    for said in ("4 shared causes", "1 cause *monitor blind*", "0.00 per 1,000 cameras a day", "A whole step: "):
        assert said in done.stdout, done.stdout


@pytest.mark.soak
def test_a_real_prometheus_scrapes_fleets_of_several_sizes() -> None:
    """Each fleet's page is fetched as often as it is to be, or the run fails."""
    done = bench("--quick", "--only", "scrape")
    assert (done.returncode, done.stderr) == (0, "")
    rows = re.findall(r"^│ (60|120) +│ +([\d,]+) │ +[\d.]+ │ +[\d.]+ │ +[\d.]+ \[", done.stdout, re.MULTILINE)
    assert [cameras for cameras, _ in rows] == ["60", "120"], done.stdout
    assert int(rows[0][1].replace(",", "")) > 60 * 9, done.stdout


@pytest.mark.soak
def test_what_grows_with_the_fleet_is_measured() -> None:
    """Two small fleets, each in a process of its own, or the run fails."""
    done = bench("--quick", "--only", "growth")
    assert (done.returncode, done.stderr) == (0, "")
    rows = re.findall(r"^│ (200|400) +│(?: +[\d.,]+ │){7}$", done.stdout, re.MULTILINE)
    assert rows == ["200", "400"], done.stdout


@pytest.mark.soak
def test_a_report_is_measured() -> None:
    """A month of a small fleet, made and verified, or the run fails."""
    done = bench("--quick", "--only", "reports")
    assert (done.returncode, done.stderr) == (0, "")
    took = r"[\d.]+ s \([\d.]+ s CPU\), \d+ MB"
    assert re.search(rf"│ 200 +│ [\d,]+ │ +\d+ MB │ +\d+ MB │ +{took} │ +{took} │", done.stdout), done.stdout


@pytest.mark.soak
def test_a_fault_is_confirmed_for_real() -> None:
    """The whole live run takes some six minutes at the default intervals; every camera that fails is confirmed."""
    command = (
        "import asyncio; from benchmarks import live; from monitor.core.schedule import Rates;"
        "found = asyncio.run(live.measure(live.Live(cameras=60, each=2), Rates()));"
        "print(found.unconfirmed, sorted(found.seconds))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-P", "-c", command], capture_output=True, text=True, timeout=600, env=environment, check=False
    )
    assert done.stdout == "0 ['clock', 'dead', 'hung', 'onvif_off', 'stream_server']\n", done.stderr


def test_a_wrong_number_of_rounds_is_refused() -> None:
    """The load is bounded: exit 2 and one sentence."""
    done = bench("--rounds", "0")
    assert done.returncode == 2
    assert done.stderr.endswith("error: --rounds must be from 1 to 50, --checks from 1 to 100000\n")


def test_a_share_of_counted_values() -> None:
    """Half of ten checks began within 3 ms, all but one within 8, the last one after 90."""
    late = Counter({3: 5, 8: 4, 90: 1})
    assert [share_of(late, share) for share in (0.5, 0.51, 0.9, 0.99)] == [3, 8, 8, 90]


@pytest.mark.soak
def test_a_fleet_under_watch_is_measured() -> None:
    """Sixty devices, half a minute: a monitor, a Prometheus and devices, each a process, and a row for each phase."""
    done = bench("--quick", "--only", "capacity")
    assert (done.returncode, done.stderr) == (0, "")
    rows = re.findall(r"^│ 60 (\w+) +│ +(\d+) │", done.stdout, re.MULTILINE)
    assert rows == [("start", "5"), ("calm", "12"), ("storm", "9"), ("repair", "9")], done.stdout
    assert "Devices told as failing that were well: 0." in " ".join(done.stdout.split()), done.stdout


@pytest.mark.soak
def test_a_fleet_of_paper_is_measured() -> None:
    """The same with probers that know what their devices say: these are asked, and fall silent when they are told."""
    done = bench("--quick", "--only", "capacity", "--probers", "2", "--paper")
    assert (done.returncode, done.stderr) == (0, "")
    said = " ".join(done.stdout.split())
    assert "60 devices of paper by 2: 18 fell silent;" in said, done.stdout
    silent_ones_wait = int(re.findall(r"60 devices of paper by 2: at most (\d+) conversations at a time", said)[0])
    assert 1 < silent_ones_wait <= 18, done.stdout


def test_paper_is_for_probers() -> None:
    """The monitor's own process asks devices that are there: exit 2 and one sentence."""
    done = bench("--only", "capacity", "--paper")
    assert done.returncode == 2
    assert done.stderr.endswith("error: --paper needs --probers: these know what devices of paper say\n")


def test_a_cost_that_grows_with_the_fleet_is_a_level_line() -> None:
    """Twice the cost a camera stands twice as high; the same cost stays level."""
    drawn = chart("Costs", (10, 1000), {"level": [3.0, 3.0], "twice": [1.0, 2.0]})
    places = [float(y) for y in re.findall(r'<circle cx="[\d.]+" cy="([\d.]+)"', drawn)]
    twice, level = places[:2], places[2:]
    assert level[0] == level[1] == twice[0]
    assert twice[1] < twice[0]


@pytest.mark.parametrize("name", ["capacity", "cost", "detection", "diagnosis", "growth", "limits", "reports"])
def test_the_page_has_a_place_for_the_figures(name: str) -> None:
    """``--write`` puts each benchmark's figures between its markers, and figures stand there."""
    found = re.search(rf"<!-- figures: {name} -->\n(.*?)<!-- end -->", PAGE.read_text(), re.DOTALL)
    assert found is not None
    assert f'make bench ARGS="--only {name}"' in found[1]
