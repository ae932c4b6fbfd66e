"""A program of a test: watch one canary, and print a line of JSON whenever what is known of it changes."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import replace

from fleets import inventory
from talks import CLOCKS

from monitor.core.model import Canary
from monitor.scheduler.canaries import Canaries, Pace


async def main(host: str, port: int) -> None:
    watch = Canaries(
        replace(inventory(1), canaries=(Canary("gateway", host, port=port),)), CLOCKS, Pace(every_s=0.2, connect_s=0.3)
    )
    await watch.start()
    told = None
    while True:
        known = {id_: silence.words if silence else "answers" for id_, silence in watch.heard["central"].items()}
        if len(known) == 2 and known != told:
            print(json.dumps(known), flush=True)
            told = known
        await asyncio.sleep(0.05)


if __name__ == "__main__":
    asyncio.run(asyncio.wait_for(main(sys.argv[1], int(sys.argv[2])), 60.0))
