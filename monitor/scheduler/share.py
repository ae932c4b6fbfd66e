"""The inside of a prober: a scheduler of its own, which does as the monitor says and tells it what it finds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from math import inf
from typing import Any

from monitor.core.diagnosis.blindness import slept, unseen
from monitor.core.model import Camera
from monitor.core.verdict import Verdict
from monitor.probes.base import Clocks
from monitor.probes.memory import Memory
from monitor.probes.transcript import Conversation
from monitor.scheduler import look as looks
from monitor.scheduler.assignment import Answer
from monitor.scheduler.line import Line
from monitor.scheduler.look import Look
from monitor.scheduler.loop import Scheduler
from monitor.scheduler.process import conversations, quick_turns, set_aside, set_aside_alone
from monitor.scheduler.words import Begin, Call, Glimpse, Remembered, Reply

#: Words are said together: a few hundred cost less than one by one, and a tenth of a second is nothing here.
TOGETHER_S = 0.1
MOST_TOGETHER = 200
TICK_S = 1.0
#: While so much is not taken, nothing new is asked: the monitor does not listen.
MOST_UNSENT_BYTES = 16 << 20
SECONDS_TO_COLLECT = 3600
GONE = looks.failed("the inventory was loaded anew meanwhile; try again")


async def serve(line: Line, clocks: Clocks) -> None:
    """Ask devices as the monitor at the other end of the line says, until it is gone."""
    begin: Begin | None = await line.hear()
    if begin is not None:
        await Share(line, begin, clocks._replace(ahead_s=begin.ahead_s)).serve()
    line.close()


class Share:
    """The devices that one prober asks."""

    def __init__(self, line: Line, begin: Begin, clocks: Clocks) -> None:
        self._line = line
        self._clocks = clocks
        scheduler = Scheduler(begin.rates, clocks, self._answered, self._remembered, conversations())
        self._scheduler = scheduler
        self._calls: Mapping[str, Callable[..., None]] = {
            "add": scheduler.add,
            "told": scheduler.told,
            "hurry": scheduler.hurry,
            "clear_lock": scheduler.clear_lock,
            "encourage": scheduler.encourage,
            "trust": scheduler.trust,
            "forget": scheduler.forget,
            "survey": scheduler.survey,
            "forget_conversations": scheduler.forget_conversations,
            "look": self._look,
        }
        self._questions: Mapping[str, Callable[..., Awaitable[Any]]] = {
            "remove": scheduler.remove,
            "close": scheduler.close,
            "recall": scheduler.recall,
        }
        self._words: list[object] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._awake_at = clocks.wall(), clocks.monotonic()
        self._slept_until = -inf

    async def serve(self) -> None:
        """Do what is said until nobody says anything any more, then end every conversation politely."""
        with set_aside_alone(), quick_turns():
            await self._serve()

    async def _serve(self) -> None:
        ticking = asyncio.create_task(self._tick())
        try:
            while (calls := await self._line.hear()) is not None:
                for call in calls:
                    self._take(call)
        finally:
            ticking.cancel()
            await self._scheduler.close()
            for task in self._tasks:
                task.cancel()

    def _take(self, call: Call) -> None:
        if call.number is None:
            self._calls[call.name](*call.arguments)
        else:
            self._begin(self._reply(call.number, self._questions[call.name](*call.arguments)))

    def _begin(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _reply(self, number: int, value: Awaitable[Any]) -> None:
        self._say(Reply(number, await value))
        self._flush()

    # Looks -----------------------------------------------------------------------------------------

    def _look(self, camera: Camera) -> None:
        if camera.device in self._scheduler.devices:
            self._begin(self._follow(self._scheduler.look(camera)))
        else:
            self._say(Glimpse(camera.id, GONE))

    async def _follow(self, look: Look) -> None:
        async for event in look.follow():
            self._say(Glimpse(look.camera, event))

    # What is told ----------------------------------------------------------------------------------

    def _answered(self, answer: Answer) -> None:
        """Tell a verdict; what was said stays here until somebody asks for it."""
        verdict = self._awake(answer.result.verdict)
        self._say(answer.result._replace(verdict=verdict, conversation=Conversation(verdict, ())))
        if answer.result.refused:
            self._flush()  # who dies before this is told shows the same login once more

    def _remembered(self, device: str, memory: Memory) -> None:
        self._say(Remembered(device, memory))

    def _say(self, word: object) -> None:
        self._words.append(word)
        if len(self._words) == 1:
            asyncio.get_running_loop().call_later(TOGETHER_S, self._flush)
        elif len(self._words) >= MOST_TOGETHER:
            self._flush()

    def _flush(self) -> None:
        if self._words:
            words, self._words = self._words, []
            self._line.say(words)

    # The second ------------------------------------------------------------------------------------

    async def _tick(self) -> None:
        """Each second: say how it goes, notice a sleep, collect garbage."""
        seconds = 0
        while True:
            self._say(self._scheduler.load())
            self._scheduler.hold(self._line.unsent_bytes > MOST_UNSENT_BYTES)
            set_aside(everything=seconds % SECONDS_TO_COLLECT == 0)
            seconds += 1
            await asyncio.sleep(TICK_S)
            self._mind_sleep()

    def _mind_sleep(self) -> None:
        """Notice that nothing ran here for a while, whichever comes first after that."""
        (wall, steady), self._awake_at = self._awake_at, (self._clocks.wall(), self._clocks.monotonic())
        asleep = slept(wall, self._awake_at[0], steady, self._awake_at[1])
        if asleep is not None:
            self._slept_until = asleep.by

    def _awake(self, verdict: Verdict) -> Verdict:
        """Return what a verdict is worth if it was asked before a sleep: it ran out while nobody listened."""
        self._mind_sleep()
        was_asleep = verdict.at - verdict.duration_s < self._slept_until
        return unseen(verdict, "the monitor slept while it asked") if was_asleep else verdict
