"""A year of 1,800 cameras: the report says what counting each moment by itself says, and all that shows it says the same.

The storm, load-shedding, maintenance, blind hours and reloads are in it (``whole_city``). Forty days of 360 go first.
"""

from __future__ import annotations

import asyncio
import csv
import json
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import whole_city
from aiohttp.test_utils import TestClient, TestServer
from bystander import Bystander
from depth import part
from metrics.test_selfmetrics import values
from misfortunes import DAY_S, START_S
from peers.servers import require

from exporters.selfmetrics import SelfMetrics
from monitor.app.reckoning import Reckoning
from monitor.core.sla.reading import readings
from monitor.core.sla.tally import percent
from monitor.core.sla.terms import from_json
from monitor.ledger.reader import Reader
from monitor.probes.base import Clocks
from monitor.probes.journal import Journal
from monitor.sheet.oversight import Known
from monitor.web import oversight
from monitor.web.feed import Feed
from monitor.web.server import create_app

PERIOD = "2026"
FIGURES = ("camera_hours", "mean", "share_at_target", "working_at_end")


class Year(NamedTuple):
    """A ledger, and its pack."""

    ledger: Path
    pack: Path
    days: int

    @property
    def statement(self) -> dict[str, Any]:
        plain: dict[str, Any] = json.loads((self.pack / "statement.json").read_bytes())
        return plain


@pytest.fixture(
    scope="module",
    params=[(180, 40), pytest.param((part(900, least=180), whole_city.DAYS), marks=pytest.mark.soak)],
    ids=["a month", "a year"],
)
def year(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Year:
    folder = tmp_path_factory.mktemp("city")
    poles, days = request.param
    ledger = whole_city.write(folder, poles, days)
    command = ["report", "--ledger", str(ledger), "--period", PERIOD, "--out", str(folder / "pack"), "--language", "en"]
    _said(command)
    return Year(ledger, folder / "pack", days)


def test_report_and_bystander_agree_to_the_millisecond(year: Year) -> None:
    """Under each reading, camera by camera as far as the table goes, and over all of them."""
    stated = year.statement
    contract = from_json("whole-city", stated["contract"]["terms"])
    start, end = stated["period"]["start"], stated["period"]["until"]
    with Reader.open(year.ledger) as reader:
        bystander = Bystander(event for _, event in reader.events())
    with (year.pack / "cameras.csv").open(newline="") as file:
        table = {row["camera"]: row for row in csv.DictReader(file)}
    assert len(table) == stated["cameras"]["counted"]
    for number, (reading, told) in enumerate(zip(readings(contract), stated["readings"], strict=True)):
        total: dict[str, int] = dict.fromkeys(("up", "down", "excused", "unobserved"), 0)
        ends: dict[str, int] = {}
        shares: list[tuple[int, int]] = []
        for camera in sorted(bystander.rows):
            times, last = bystander.times(contract, reading, camera, start, end)
            if not any(times.values()):
                continue
            for key, length in times.items():
                total[key] += length
            ends[last] = ends.get(last, 0) + 1
            shares.append((times["up"], times["up"] + times["down"]))
            if not number:
                row = table.pop(camera, {})
                assert {key: row[f"{key}_s"] for key in times} == {key: seconds(n) for key, n in times.items()}, camera
        assert {key: told["time"][f"{key}_ms"] for key in total} == total, reading.name
        assert told["camera_hours"]["value"] == percent(Fraction(total["up"], total["up"] + total["down"]))
        figures = [Fraction(up, whole) for up, whole in shares if whole]
        mean = sum(figure.numerator * 10**9 // figure.denominator for figure in figures) // len(figures)
        assert told["mean"]["value"] == percent(Fraction(mean, 10**9))
        assert contract.target is not None
        reached = sum(figure >= contract.target for figure in figures)
        assert told["share_at_target"]["cameras"]["value"] == reached
        assert told["working_at_end"]["cameras"].get("works", 0) == ends.get("up", 0)
    assert not table
    print(f"median width of the bounds: {stated['readings'][0]['median_width']} %")


def test_all_that_can_happen_happened(year: Year) -> None:
    """Time of all four kinds; readings that differ; exclusions that were late, and some that count for nothing."""
    stated = year.statement
    written, path, _, whenever, in_time, nothing = (one["time"]["excused_ms"] for one in stated["readings"])
    assert nothing == 0
    assert path > written >= in_time > 0
    assert all(stated["readings"][0]["time"].values())
    if year.days == whole_city.DAYS:
        assert whenever > written > in_time
        assert stated["cameras"]["not_meant"]
        assert stated["cameras"]["part_of_it"]
        assert {one["entry"] for one in stated["exclusions"]} == {
            "ended", "late", "lenses", "moved", "shed F-0", "shed F-7", "storm", "too late",
        }  # fmt: skip
        assert year.ledger.stat().st_size < 300_000_000


async def test_page_metrics_paper_and_json_show_the_same_figures(year: Year) -> None:
    """Of one ledger: the oversight page, /metrics, the report as a page and as PDF, and ``camfleet report --json``."""
    stated = year.statement
    written = stated["readings"][0]
    now = float(START_S + year.days * DAY_S - 1)
    reckoning = Reckoning(year.ledger, Clocks(lambda: now, lambda: now))
    await reckoning.reckon()
    (standing,) = reckoning.standings
    assert standing.heading is not None
    assert standing.heading.until == stated["period"]["until"]
    page = await _page(Known(reckoning.standings, (), (), "", None, now))
    paper = _text_of(year.pack / "report.en.pdf")
    html = (year.pack / "report.en.html").read_text()
    metrics = SelfMetrics("0.1.0")
    metrics.watch_contracts(reckoning)
    shown = values(metrics)
    for name in FIGURES:
        for key, metric in (("value", ""), ("low", "_low"), ("high", "_high"), ("coverage", "_coverage")):
            figure = written[name][key]
            assert shown[f"camera_sla{metric}_ratio", "whole-city", name] == float(Fraction(figure) / 100)
            assert figure in paper, (name, key)
        value, *others = (re.escape(written[name][key]) for key in ("value", "low", "high", "coverage"))
        tile = rf"{value}.{{1,60}}?" + r"\D{1,40}".join(others)
        assert re.search(tile, _words(page)), (name, "page")
        assert re.search(tile, _words(html)), (name, "report")
    for name, amount in written["money"]["total"].items():
        metric = "camera_sla_penalty" + ("" if name == "paid" else f"_{name}")
        assert shown[metric, "whole-city", "PKR"] == float(amount)
        assert all(f"{float(amount):,.2f}" in text for text in (page, paper, html))
    for reading in stated["readings"]:
        hours = reading["camera_hours"]["value"]
        assert all(hours in text for text in (page, paper, html)), reading["reading"]
    asked = ["report", "--ledger", str(year.ledger), "--period", PERIOD, "--json"]
    assert json.loads(await asyncio.to_thread(_said, asked)) == stated


def _said(asked: list[str]) -> bytes:
    return subprocess.run([sys.executable, "-P", "-m", "monitor", *asked], check=True, capture_output=True).stdout


async def _page(known: Known) -> str:
    app = create_app(Feed(), Journal(), lambda _: [], None)
    oversight.register(app, lambda: known)
    server = TestServer(app, host="127.0.0.1")
    async with server, TestClient(server) as client, client.get("/oversight") as answer:
        assert answer.status == 200
        return await answer.text()


def _words(page: str) -> str:
    return re.sub(r"<[^>]*>|\s+", " ", page)


def _text_of(pdf: Path) -> str:
    command = [require("pdftotext", "poppler-utils"), "-layout", str(pdf), "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def seconds(milliseconds: int) -> str:
    return f"{milliseconds // 1000}.{milliseconds % 1000:03d}"
