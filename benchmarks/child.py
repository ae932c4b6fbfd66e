"""A side in a process of its own, so that the kernel accounts for it and for nothing else."""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple, Protocol

from benchmarks.checks import Order, Round, Row


class Side(Protocol):
    """What runs in the process."""

    async def prepare(self, row: Row, inventory: Path) -> None:
        """Learn what a row's devices are like; nothing of it is counted."""

    async def check(self, order: Order) -> None:
        """Hold a round of checks. Raises whatever a check of a healthy camera that fails raises."""

    async def close(self) -> None:
        """Let go of everything."""


#: How a side is made within its process, and the loop that it runs on.
Making = Callable[[], tuple[Side, Callable[[], asyncio.AbstractEventLoop] | None]]


class Child(NamedTuple):
    """The running process."""

    pipe: Connection

    async def prepare(self, row: Row, inventory: Path) -> None:
        """Have it learn a row's devices. Raises EOFError where the process ended, having said why."""
        await self._ask("prepare", row, inventory)

    async def check(self, order: Order) -> Round:
        """Have it hold a round. Raises EOFError where the process ended, having said why."""
        return await self._ask("check", order)

    async def _ask(self, name: str, *arguments: object) -> Round:
        self.pipe.send((name, arguments))
        answer: Round = await asyncio.to_thread(self.pipe.recv)
        return answer


@asynccontextmanager
async def running_child(making: Making) -> AsyncIterator[Child]:
    """Start the process."""
    context = multiprocessing.get_context("spawn")
    ours, its = context.Pipe()
    process = context.Process(target=_serve, args=(its, making), daemon=True)
    process.start()
    its.close()
    try:
        yield Child(ours)
    finally:
        ours.close()
        await asyncio.to_thread(process.join, 5.0)
        process.kill()


def _serve(pipe: Connection, making: Making) -> None:
    """Do what the other end of the pipe asks for until it closes."""
    side, loop = making()
    with asyncio.Runner(loop_factory=loop) as runner:
        while True:
            try:
                name, arguments = pipe.recv()
            except EOFError:
                runner.run(side.close())
                return
            began, used = time.monotonic(), _cpu_s()
            runner.run(getattr(side, name)(*arguments))
            checks = arguments[0].checks if name == "check" else 0
            pipe.send(Round(checks, _cpu_s() - used, time.monotonic() - began))


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
