"""A program of a test: watch canaries that are fine while no descriptor is left, and print what is said of them."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import uvloop
from fleets import inventory
from heard import answers, silences
from talks import CLOCKS

from monitor.core.model import Canary
from monitor.scheduler.canaries import Canaries, Pace

MOST_DESCRIPTORS = 64
PACE = Pace(every_s=0.1, connect_s=0.5)


async def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.02)


async def main(port: int) -> dict[str, Any]:
    watch = Canaries(replace(inventory(1), canaries=(Canary("gateway", "127.0.0.1", port=port),)), CLOCKS, PACE)
    await watch.start()
    await until(lambda: len(answers(watch)["central"]) == 2)
    held: list[int] = []
    while True:
        try:
            held.append(os.open(os.devnull, os.O_RDONLY))
        except OSError:
            if len(silences(watch)["central"]) == 2:
                break
            await asyncio.sleep(0.02)  # a question under way still holds its own
    said = {"without": {name: one.words for name, one in silences(watch)["central"].items()}}
    for number in held:
        os.close(number)
    await until(lambda: not silences(watch)["central"])
    await watch.close()
    return {**said, "afterwards": answers(watch)["central"]}


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (MOST_DESCRIPTORS, MOST_DESCRIPTORS))
    factory = uvloop.new_event_loop if sys.argv[1] == "uvloop" else asyncio.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        json.dump(runner.run(main(int(sys.argv[2]))), sys.stdout)
