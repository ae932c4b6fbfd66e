"""``make bench ARGS="--only growth"``: what fleets of several sizes cost beside their probes, each in its own process.

No socket: the inventory is read, the fleet begun, and every camera is heard three times a minute, as a monitor hears it
whose ONVIF, SNMP and RTSP checks are spread over the minute. What is timed is CPU of the process; what a page and a
reload stop is the loop, so they are given in milliseconds.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from benchmarks import rows
from benchmarks.chart import chart
from benchmarks.spread import spread
from benchmarks.table import Table
from exporters.prometheus import Page
from exporters.selfmetrics import SelfMetrics
from monitor.core import fleet as fleets
from monitor.core.diagnosis.watch import Ground, Watch, ground_of
from monitor.core.fleet import Fleet
from monitor.core.model import Inventory
from monitor.core.schedule import Rates
from monitor.core.snapshot import publish
from monitor.core.verdict import Finding, Outcome, Rung, Verdict
from monitor.inventory import Changes, diff, load, settled
from simulator.inventory import Secrets
from simulator.ports import Ports

FLEETS = (1_800, 10_000, 100_000)
QUICK_FLEETS = (200, 400)
SECRETS = Secrets("camfleet", "growth-4711", "growth-0815")
#: A minute of steps makes every camera heard; then a page every fifteen.
STEPS = 60
STEPS_A_PAGE = 15
PAGES = 5
#: A moment to begin at; no clock is read.
NOW = 1_700_000_000.0
WELL = tuple(Finding(rung, Outcome.OK) for rung in Rung)
HEARD = {"onvif": {"clock_offset_s": 0.2}, "snmp": {"boot_at": NOW - 86_400.0}, "rtsp": {}}
TARGETS = (
    "Targets: 100,000 cameras from YAML in 5 s, from CSV in 2 s; a page in 5 ms for 1,800 and in 500 ms for 100,000;"
    " 5 KB a camera; nothing that stops the loop for more than 50 ms."
)


class Growth(NamedTuple):
    """What one size costs: seconds of CPU, milliseconds, and bytes a camera."""

    yaml_s: float
    csv_s: float
    begin_s: float
    step_ms: float
    page_ms: float
    reload_ms: float
    camera_bytes: float


def measure(sizes: tuple[int, ...]) -> Table:
    """Measure each size in a process of its own."""
    context = multiprocessing.get_context("spawn")
    found: dict[int, Growth] = {}
    for cameras in sizes:
        with TemporaryDirectory() as folder, context.Pool(1) as pool:
            found[cameras] = pool.apply(measure_one, (folder, cameras))
    lines = [_line(cameras, growth) for cameras, growth in found.items()]
    head = (
        "cameras",
        "YAML, s",
        "CSV, s",
        "first state, s",
        "a step, ms",
        "a page, ms",
        "a row reloaded, ms",
        "a camera, KB",
    )
    notes = (
        "CPU of one process without probes. *First state*: from the inventory to a fleet that is judged. *A step*: the"
        " verdicts of a second, of three checks a camera and minute, and the snapshot, median of 60. *A page*: /metrics"
        " 15 s after the last one, when three quarters of the cameras were heard. *A row reloaded*: what stops the loop"
        " when one camera was added; the files are read, and what differs is looked for, beside it. *A camera*: memory"
        " of inventory, fleet, diagnosis, snapshot and page.",
        TARGETS,
    )
    return Table("What grows with the fleet", head, tuple(lines), notes, _drawn(found))


def _drawn(found: Mapping[int, Growth]) -> str:
    """Draw what a camera costs; the figures beside the lines are those of the largest fleet."""
    largest, last = list(found.items())[-1]
    costs = {
        f"CSV read: {last.csv_s / largest * 1e6:,.0f} µs": [one.csv_s / n for n, one in found.items()],
        f"first state: {last.begin_s / largest * 1e6:,.0f} µs": [one.begin_s / n for n, one in found.items()],
        f"a second's step: {last.step_ms / largest * 1e3:,.1f} µs": [one.step_ms / n for n, one in found.items()],
        f"a page: {last.page_ms / largest * 1e3:,.1f} µs": [one.page_ms / n for n, one in found.items()],
        f"a row reloaded: {last.reload_ms / largest * 1e3:,.1f} µs": [one.reload_ms / n for n, one in found.items()],
        f"memory: {last.camera_bytes / 1e3:,.1f} KB": [one.camera_bytes for one in found.values()],
    }
    return chart(f"What a camera costs, as a multiple of a fleet of {min(found):,}", tuple(found), costs)


def _line(cameras: int, growth: Growth) -> tuple[str, ...]:
    seconds = (f"{value:.2f}" for value in growth[:3])
    milliseconds = (f"{value:,.1f}" for value in growth[3:6])
    return f"{cameras:,}", *seconds, *milliseconds, f"{growth.camera_bytes / 1000:.1f}"


def measure_one(folder: str, cameras: int) -> Growth:
    """Measure one size in this process."""
    gc.set_threshold(10_000, 20, 1_000)  # as the monitor does not look for garbage in between either
    rows.write_yaml(Path(folder) / "yaml", cameras, Ports(), SECRETS)
    rows.write_csv(Path(folder) / "csv", cameras, Ports(), SECRETS)
    rows.write_csv(Path(folder) / "more", cameras + 1, Ports(), SECRETS)
    yaml_s, _ = _cpu_s(load, Path(folder) / "yaml", os.environ)
    more = load(Path(folder) / "more", os.environ)
    before = _resident()
    csv_s, inventory = _cpu_s(load, Path(folder) / "csv", os.environ)
    watch = Watch()
    begin_s, fleet = _cpu_s(_begun, watch, inventory)
    fleet, step_ms, page_ms = _minutes(watch, fleet, inventory)
    camera_bytes = (_resident() - before) / cameras
    more = settled(inventory, more)
    reload_s, _ = _cpu_s(_reloaded, watch, fleet, more, ground_of(more), diff(inventory, more))
    return Growth(yaml_s, csv_s, begin_s, step_ms, page_ms, reload_s * 1e3, camera_bytes)


def _begun(watch: Watch, inventory: Inventory) -> Fleet:
    return watch.begin(fleets.start(inventory, Rates()), NOW)[0]


def _reloaded(watch: Watch, fleet: Fleet, inventory: Inventory, ground: Ground, changes: Changes) -> Fleet:
    return watch.go_on(fleets.reload(fleet, inventory, changes), fleet.at, ground, changes)[0]


def _minutes(watch: Watch, fleet: Fleet, inventory: Inventory) -> tuple[Fleet, float, float]:
    """Hear everything for a minute, then make pages; return milliseconds of a step and of a page, medians."""
    page, snapshot = Page(SelfMetrics("benchmark").collector), publish(fleet, 0)
    steps, pages = [], []
    for second in range(STEPS + STEPS_A_PAGE * PAGES):
        verdicts = list(heard(inventory, second))
        step_s, (fleet, _) = _cpu_s(watch.step, fleet, verdicts, NOW + second + 1)
        publish_s, snapshot = _cpu_s(publish, fleet, fleet.seq, snapshot)
        if second >= STEPS:
            steps.append(step_s + publish_s)
        if second >= STEPS and second % STEPS_A_PAGE == 0:
            pages.append(_cpu_s(deque, page.render(snapshot), 0)[0])
    return fleet, spread(steps).median * 1e3, spread(pages[1:]).median * 1e3


def heard(inventory: Inventory, second: int) -> Iterator[Verdict]:
    """Yield the verdicts that end in a second: each device by each of its probes once in a minute."""
    ids = list(inventory.devices)
    for number, (probe, measured) in enumerate(HEARD.items()):
        for id_ in ids[(second + number * 20) % 60 :: 60]:
            yield Verdict(id_, inventory.devices[id_].vantage, probe, NOW + second, 0.1, WELL, measurements=measured)


def _cpu_s(call: Callable[..., Any], *arguments: object) -> tuple[float, Any]:
    """Return the seconds of CPU that a call took, and what it gave."""
    began = time.process_time()
    found = call(*arguments)
    return time.process_time() - began, found


def _resident() -> int:
    """Return the bytes of memory that this process holds."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
