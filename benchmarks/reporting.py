"""``make bench ARGS="--only reports"``: how long a month's report and its verification take, and how much memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks import paperledger
from benchmarks.table import Table

FLEETS = (1_800, 100_000)
QUICK_FLEETS = (200,)
#: What is promised: a month of 1,800 cameras, and of 100,000.
TARGETS = "Target: 1,800 cameras and a month in 5 s; 100,000 in 60 s and 1 GB."


class Took(NamedTuple):
    """What a command took: wall time, CPU of all its processes, and the most memory that one of them had, in MB."""

    wall_s: float
    cpu_s: float
    memory_mb: float

    def __str__(self) -> str:
        return f"{self.wall_s:.1f} s ({self.cpu_s:.1f} s CPU), {self.memory_mb:,.0f} MB"


def measure(fleets: tuple[int, ...]) -> Table:
    """Report and verify a month of each fleet."""
    columns = ("cameras", "events", "ledger", "pack", "report", "verify")
    notes = (
        "A made-up October: each camera fails by itself every second month, each feeder of 40 cameras once a month, one"
        " feeder in twenty is shed every evening, the monitor is blind for an hour. Times are of the whole command.",
        TARGETS,
    )
    return Table("A month's report", columns, tuple(_row(cameras) for cameras in fleets), notes)


def _row(cameras: int) -> tuple[str, ...]:
    with TemporaryDirectory() as folder:
        ledger, pack = Path(folder) / "ledger", Path(folder) / "pack"
        events = paperledger.write(ledger, paperledger.Size(cameras))
        size = ledger.stat().st_size
        made = _took("report", "--ledger", str(ledger), "--period", "2026-10", "--out", str(pack))
        packed = sum(place.stat().st_size for place in pack.iterdir())
        verified = _took("verify", str(pack))
        return f"{cameras:,}", f"{events:,}", _mb(size), _mb(packed), str(made), str(verified)


def _mb(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"


def _took(*arguments: str) -> Took:
    """Run a command of ours to its end; it has to end well."""
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, "-P", "-m", "monitor", *arguments], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"camfleet {' '.join(arguments)} ended with {process.returncode}")
    return Took(time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
