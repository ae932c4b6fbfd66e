"""One process that asks a share of the devices, as the monitor meets it: started, spoken to, and started again.

Rules:
1. A prober that ends, or says nothing for a while, is started again, each time later; its devices are asked with what
   is known of them, and with empty budgets: nobody knows what it asked last.
2. It gets no environment that may hold a secret; what it needs it is told.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import socket
from asyncio.subprocess import Process
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from monitor.core.counting import counted
from monitor.core.limits import Bucket
from monitor.core.schedule import Rates
from monitor.probes.base import Clocks
from monitor.probes.memory import Memory
from monitor.scheduler.assignment import Assignment
from monitor.scheduler.budget import Buckets
from monitor.scheduler.line import Line
from monitor.scheduler.words import Begin, Call, Reply

log = logging.getLogger("camfleet.probers")

#: How long to wait before it is started again, by how often it ended in a row.
WAITS_S = (1.0, 10.0, 60.0, 600.0)
#: One that ran for so long begins that row anew.
STEADY_S = 3600.0
#: Each says something every second; one that is silent for so many seconds of ours is ended.
MOST_SILENT = 30
#: How long an answer to a question is waited for.
REPLY_S = 5.0
#: Devices and calls that are handed over at a time: some ten milliseconds.
ASSIGNED, CALLED = 200, 200
ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "VIRTUAL_ENV")


class Prober:
    """One prober process. ``hear`` takes each word that it says; ``lost`` is called when it is gone."""

    def __init__(
        self,
        name: str,
        program: Sequence[str],
        rates: Rates,
        clocks: Clocks,
        memories: Mapping[str, Memory],
        hear: Callable[[Any], None],
        lost: Callable[[], None],
    ) -> None:
        self._name = name
        self._program = program
        self._rates = rates
        self._clocks = clocks
        self._memories = memories
        self._hear = hear
        self._lost = lost
        self._assigned: dict[str, Assignment] = {}
        self._calls: asyncio.Queue[Call] = asyncio.Queue()
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._numbers = itertools.count()
        self._task: asyncio.Task[None] | None = None
        self._silent = 0
        self.missing_since: float | None = None
        """When it ended, by the monotonic clock, if it has said nothing since."""

    # What it is told -------------------------------------------------------------------------------

    def add(self, assigned: Iterable[Assignment]) -> None:
        """Have it ask these devices from now on; the first time that starts it."""
        fresh = list(assigned)
        self._assigned |= {one.device.id: one for one in fresh}
        if self._task is None:
            self._task = asyncio.create_task(self._live())
        else:
            self._assign(fresh)

    async def remove(self, devices: Sequence[str]) -> dict[str, Buckets]:
        """Have it ask these no more; return what is left of their budgets, nothing where that is not known."""
        for id_ in devices:
            self._assigned.pop(id_, None)
        left = await self.ask("remove", devices) or {}
        return {id_: left.get(id_, self._empty()) for id_ in devices}

    def call(self, name: str, *arguments: Any) -> None:
        """Have its scheduler do something."""
        self._calls.put_nowait(Call(name, arguments))

    async def ask(self, name: str, *arguments: Any) -> Any | None:
        """Return its scheduler's answer; None where it gives none in time, or is not there."""
        number = next(self._numbers)
        self._calls.put_nowait(Call(name, arguments, number))
        if self._task is None or self.missing_since is not None:
            return None  # it hears this once it runs again
        answer = self._asked[number] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(REPLY_S):
                return await answer
        except TimeoutError:
            return None
        finally:
            del self._asked[number]

    async def close(self) -> dict[str, Buckets]:
        """End it politely; return what is left of its devices' budgets."""
        left = await self.ask("close") or {}
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        return left if left else {id_: self._empty() for id_ in self._assigned}

    def _assign(self, assigned: Sequence[Assignment]) -> None:
        for start in range(0, len(assigned), ASSIGNED):
            self.call("add", assigned[start : start + ASSIGNED])

    def _empty(self) -> Buckets:
        now = self._clocks.monotonic()
        return Buckets(Bucket(0.0, now), Bucket(0.0, now))

    # Its life --------------------------------------------------------------------------------------

    async def _live(self) -> None:
        """Start it, and again whenever it ends."""
        ended = 0
        self._assign(tuple(self._assigned.values()))
        while True:
            began = self._clocks.monotonic()
            try:
                how = await self._once()
            except OSError as error:
                self._miss()
                how = error.strerror or str(error)
            ended = 1 if self._clocks.monotonic() - began > STEADY_S else ended + 1
            wait_s = WAITS_S[min(ended, len(WAITS_S)) - 1]
            whom = counted(len(self._assigned), "device")
            log.error("%s ended (%s); in %.0f s it is started again for its %s", self._name, how, wait_s, whom)
            await asyncio.sleep(wait_s)
            self._calls = asyncio.Queue()
            empty = self._empty()
            again = [
                one._replace(memory=self._memories.get(id_, Memory()), buckets=empty)
                for id_, one in self._assigned.items()
            ]
            self._assign(again)

    async def _once(self) -> str:
        """Run one process until it ends, and return how that came. Raises OSError where none can be started."""
        process, line = await self._start()
        line.say(Begin(self._rates, self._clocks.ahead))
        self._silent = 0
        talking = [asyncio.create_task(one) for one in (self._listen(line), self._speak(line), self._mind_silence())]
        try:
            await asyncio.wait(talking, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._miss()
            for task in talking:
                task.cancel()
            line.close()
            code = await _ended(process)
            ends = await asyncio.gather(*talking, return_exceptions=True)
        for error in ends:
            if isinstance(error, Exception) and not isinstance(error, OSError):
                log.error("what was said to or by %s", self._name, exc_info=error)
        return f"signal {-code}" if code < 0 else f"exit code {code}"

    async def _start(self) -> tuple[Process, Line]:
        """Start a process, and return it with the line to it. Raises OSError."""
        ours, theirs = socket.socketpair()
        environment = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
        with theirs:
            line = await Line.over(ours)
            try:
                process = await asyncio.create_subprocess_exec(
                    *self._program, stdin=theirs.fileno(), env=environment, start_new_session=True
                )
            except BaseException:
                line.close()
                raise
        return process, line

    def _miss(self) -> None:
        """Take in that it does not run: nobody waits for its answers any more."""
        self.missing_since = self.missing_since or self._clocks.monotonic()
        for answer in self._asked.values():
            if not answer.done():
                answer.set_result(None)
        self._lost()

    async def _listen(self, line: Line) -> None:
        """Take what it says until it is gone."""
        while (words := await line.hear()) is not None:
            self.missing_since, self._silent = None, 0
            for word in words:
                if isinstance(word, Reply):
                    answer = self._asked.get(word.number)
                    if answer is not None and not answer.done():
                        answer.set_result(word.value)
                else:
                    self._take(word)

    def _take(self, word: object) -> None:
        """Hand a word on; a fault of our own in what follows costs this one, not all that come after it."""
        try:
            self._hear(word)
        except Exception:
            log.exception("what %s told could not be taken in", self._name)

    async def _speak(self, line: Line) -> None:
        """Say what is to be said, some of it at a time, as fast as it is taken."""
        while True:
            calls = [await self._calls.get()]
            while len(calls) < CALLED and not self._calls.empty() and calls[-1].name != "add":
                calls.append(self._calls.get_nowait())
            line.say(calls)
            await line.drained()

    async def _mind_silence(self) -> None:
        """Return where it says nothing, though we listen: it hangs."""
        while self._silent < MOST_SILENT:
            await asyncio.sleep(1.0)
            self._silent += 1
        log.error("%s has said nothing for %d s, and is ended", self._name, MOST_SILENT)


async def _ended(process: Process) -> int:
    """Wait for a process that was left alone; one that does not end by itself, or for which nobody waits, is ended."""
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(REPLY_S):
                return await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return await process.wait()
