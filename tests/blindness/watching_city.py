"""A program of a test: watch the inventory in a folder, and print what everybody sees as a line of JSON a second."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from monitor.app import Monitor
from monitor.core.schedule import Rates
from monitor.core.snapshot import Snapshot
from monitor.inventory import load
from monitor.ledger.ledger import Ledger

#: As everywhere, but that a whole city is first seen within seconds.
RATES = Rates(spread_s=5.0, http_per_minute=60, http_burst=30, rtsp_per_minute=120, rtsp_burst=60)


def seen(snapshot: Snapshot) -> dict[str, object]:
    states: dict[str, list[str]] = {}
    for camera, view in snapshot.views.items():
        states.setdefault(str(view.state), []).append(camera)
    causes = [[str(one.kind), one.scope.name, sorted(one.members)] for one in snapshot.causes.values()]
    return {"at": snapshot.at, "states": states, "causes": causes}


async def main(inventory: Path, ledger: Path) -> None:
    monitor = Monitor(load(inventory, os.environ), RATES, Ledger.open(ledger))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, monitor.stop.set)
    running = asyncio.create_task(monitor.run())
    told = None
    while not running.done():
        if monitor.snapshot is not None and monitor.snapshot is not told:
            told = monitor.snapshot
            print(json.dumps(seen(told)), flush=True)
        await asyncio.sleep(0.2)
    await running


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
