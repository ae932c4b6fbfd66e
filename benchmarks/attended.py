"""``python -m benchmarks.attended INVENTORY LEDGER PROBERS [SILENT]``: the product's monitor as ``run`` runs it.

A pulse feels its loop. A line of JSON says where it serves, then one each second how the second went; SIGTERM ends it.
With ``SILENT``, probers speak to devices of paper, so many of which fall silent when they are told (``paperprober``).
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from monitor import logs
from monitor.app import Listen, Monitor, parts, serve
from monitor.cli.frame import run_to_end
from monitor.core.schedule import Rates
from monitor.inventory import load
from monitor.ledger.ledger import Ledger

#: How often the loop is felt.
BEAT_S = 0.005


class Pulse:
    """Feels the loop by a timer: how much later than due it rings, and what the loop's thread worked until then."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor
        self._loop = asyncio.get_running_loop()
        self._pace = monitor.metrics.pace
        monitor.metrics.pace = self._paced  # type: ignore[method-assign] # the raw figures are told nowhere else
        gc.callbacks.append(self._collected)
        self._due = self._loop.time()
        self._worked = time.thread_time()
        self._tell_at = self._due + 1.0
        self._forget()

    def _forget(self) -> None:
        self._late: Counter[int] = Counter()
        self._blocked: Counter[int] = Counter()
        self._busy: Counter[int] = Counter()
        self._paces: list[tuple[float, int]] = []
        self._collecting_s = 0.0

    def beat(self) -> None:
        now, worked = self._loop.time(), time.thread_time()
        self._blocked[_ms(now - self._due)] += 1
        self._busy[_ms(worked - self._worked)] += 1
        if now >= self._tell_at:
            self._tell_at = max(self._tell_at + 1.0, now)
            print(json.dumps(self._second()), flush=True)
            self._forget()
        self._due = self._loop.time() + BEAT_S
        self._worked = time.thread_time()
        self._loop.call_at(self._due, self.beat)

    def _second(self) -> dict[str, Any]:
        ledger = self._monitor.ledger
        return {
            "late_ms": self._late,
            "blocked_ms": self._blocked,
            "busy_ms": self._busy,
            "lag_s": max((lag_s for lag_s, _ in self._paces), default=0.0),
            "in_flight": max((in_flight for _, in_flight in self._paces), default=0),
            "collecting_s": self._collecting_s,
            "unrecorded": ledger.seq - ledger.recorded_seq,
        }

    def _paced(self, lag_s: float, late_s: Iterable[float], in_flight: int, loop_delay_s: float) -> None:
        self._late.update(map(_ms, late_s))
        self._paces.append((lag_s, in_flight))
        self._pace(lag_s, late_s, in_flight, loop_delay_s)

    def _collected(self, phase: str, _: dict[str, int]) -> None:
        self._collecting_s += time.perf_counter() * (1 if phase == "stop" else -1)


def _ms(seconds: float) -> int:
    return max(0, round(seconds * 1e3))


async def attend(inventory: Path, ledger: Path, probers: int) -> None:
    """Watch a fleet until SIGTERM, asking it from so many processes."""
    monitor = Monitor(load(inventory, os.environ), Rates(), Ledger.open(ledger), probers=probers)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, monitor.stop.set)
    runner = await serve(monitor, Listen(port=0))
    monitor.reckoning.begin()
    print(json.dumps({"port": runner.addresses[0][1]}), flush=True)
    Pulse(monitor).beat()
    try:
        await monitor.run()
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    if len(sys.argv) > 4:
        parts.PROBER = (*parts.PROBER[:-1], "benchmarks.paperprober", sys.argv[4])
    logs.configure("info", as_json=False)
    run_to_end(attend(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))
