"""``python -m benchmarks.exposed FOLDER CAMERAS``: the product's web server over a fleet without sockets.

Every camera is heard three times a minute, as in ``growth``. A line of JSON says where it serves; SIGTERM ends it.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import sys
from pathlib import Path

from aiohttp import web

from benchmarks import rows
from benchmarks.growth import NOW, SECRETS, STEPS, heard
from exporters.prometheus import CONTENT_TYPE, Page
from exporters.selfmetrics import SelfMetrics
from monitor.cli.frame import run_to_end
from monitor.core import fleet as fleets
from monitor.core.diagnosis.watch import Watch
from monitor.core.schedule import Rates
from monitor.core.snapshot import Snapshot, publish
from monitor.inventory import load
from monitor.probes.journal import Journal
from monitor.scheduler.process import quick_turns, set_aside
from monitor.web.feed import Feed
from monitor.web.server import create_app
from simulator.ports import Ports


class Heard:
    """A fleet that is well, second by second."""

    def __init__(self, folder: Path, cameras: int) -> None:
        rows.write_csv(folder, cameras, Ports(), SECRETS)
        self._inventory = load(folder, os.environ)
        self._watch = Watch()
        self._fleet, _ = self._watch.begin(fleets.start(self._inventory, Rates()), NOW)
        self._second = 0
        self._snapshot = publish(self._fleet, 0)

    def step(self) -> Snapshot:
        """Hear a second, and return what is published of it."""
        verdicts = list(heard(self._inventory, self._second))
        self._second += 1
        self._fleet, _ = self._watch.step(self._fleet, verdicts, NOW + self._second)
        self._snapshot = publish(self._fleet, self._fleet.seq, self._snapshot)
        return self._snapshot


async def expose(folder: Path, cameras: int) -> None:
    """Hear a minute, then serve and hear a second each second until SIGTERM."""
    fleet, feed, metrics = Heard(folder, cameras), Feed(), SelfMetrics("benchmark")
    for _ in range(STEPS):
        feed.publish(fleet.step())
    gc.disable()  # this and the setting aside as the monitor does it
    set_aside(everything=True)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    page = Page(metrics.collector)
    runner = web.AppRunner(create_app(feed, Journal(), page.render, metrics_type=CONTENT_TYPE), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(json.dumps({"port": runner.addresses[0][1]}), flush=True)
    try:
        with quick_turns():
            while not stop.is_set():
                feed.publish(fleet.step())
                set_aside(everything=False)
                await asyncio.sleep(1.0)  # a second is heard each second
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    run_to_end(expose(Path(sys.argv[1]), int(sys.argv[2])))
