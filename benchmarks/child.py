"""The product's side in a process of its own, so that the kernel accounts for it and for nothing else."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from benchmarks.watch import Watch
from monitor.inventory import load


class Round(NamedTuple):
    """What some checks took: CPU of all threads, user and system, and wall time, in seconds."""

    checks: int
    cpu_s: float
    wall_s: float

    @property
    def us_a_check(self) -> float:
        return self.cpu_s / self.checks * 1e6


class Child(NamedTuple):
    """The running process; ``devices`` are those that it knows by now."""

    devices: tuple[str, ...]
    pipe: Connection

    async def check(self, checks: int, concurrency: int, probes: Sequence[str]) -> Round:
        """Hold so many checks. Raises EOFError where the process ended, having said why."""
        self.pipe.send((checks, concurrency, tuple(probes)))
        answer: Round = await asyncio.to_thread(self.pipe.recv)
        return answer


@asynccontextmanager
async def running_child(inventory: Path, devices: Sequence[str], concurrency: int) -> AsyncIterator[Child]:
    """Start the process, which learns the devices first."""
    context = multiprocessing.get_context("spawn")
    ours, its = context.Pipe()
    process = context.Process(target=_serve, args=(its, inventory, devices, concurrency), daemon=True)
    process.start()
    its.close()
    try:
        yield Child(await asyncio.to_thread(ours.recv), ours)
    finally:
        ours.close()
        await asyncio.to_thread(process.join, 5.0)
        process.kill()


def _serve(pipe: Connection, inventory: Path, devices: Sequence[str], concurrency: int) -> None:
    """Hold rounds of checks until the other end of the pipe closes, on uvloop as the monitor does."""
    import uvloop

    watch = Watch(load(inventory, os.environ), devices)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        pipe.send(runner.run(watch.learn(concurrency)))
        while True:
            try:
                checks, concurrency, probes = pipe.recv()
            except EOFError:
                return
            began, used = time.monotonic(), _cpu_s()
            runner.run(watch.check(checks, concurrency, probes))
            pipe.send(Round(checks, _cpu_s() - used, time.monotonic() - began))


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
