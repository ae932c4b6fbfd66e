"""The scheduler: begins each conversation when it is due, so many at a time and no more, and collects the results."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import inf

from monitor.core.limits import ClearedAlready
from monitor.core.model import Camera
from monitor.core.schedule import Rates
from monitor.probes.base import Clocks, Result, run_probe
from monitor.probes.journal import Journal
from monitor.probes.memory import Memory
from monitor.probes.registry import conversation
from monitor.probes.snmp_shared import Sockets
from monitor.probes.transcript import Conversation
from monitor.scheduler import look as looks
from monitor.scheduler.assignment import Answer, Assignment
from monitor.scheduler.budget import Buckets
from monitor.scheduler.look import Look
from monitor.scheduler.process import MOST_IN_FLIGHT
from monitor.scheduler.station import Job, Station, make
from monitor.scheduler.told import Told

log = logging.getLogger("camfleet.scheduler")

#: Devices begun with before the loop turns. Where more is due than can be done, what is under way goes on first: the
#: others grow late in the order in which they were due, and no answer waits here until it counts as none.
BEGUN_AT_ONCE = 5
#: How long a conversation that is ended may wait for the answer to its TEARDOWN.
LEAVE_S = 1.0
#: Looks of people at a time.
MOST_LOOKS = 16


class TooManyLooks(Exception):
    """As many people look at a camera as can be served at once."""


@dataclass(slots=True)
class Load:
    """How the scheduler keeps up since the figures were last taken."""

    in_flight: int = 0
    waiting: int = 0
    lag_s: float = 0.0
    """The most that a start was late, or is by now."""
    late_s: Sequence[float] = ()
    """How late each conversation began that began meanwhile."""


class Scheduler:
    """Asks devices until it is closed.

    ``on_answer`` takes what came of each conversation; ``on_memory``, what is known of a device where that changes
    without one. What was said is kept in ``journal``.
    """

    def __init__(
        self,
        rates: Rates,
        clocks: Clocks,
        on_answer: Callable[[Answer], None],
        on_memory: Callable[[str, Memory], None],
        most_in_flight: int = MOST_IN_FLIGHT,
    ) -> None:
        self.journal = Journal()
        self._sockets = Sockets()
        self._rates = rates
        self._clocks = clocks
        self._on_answer = on_answer
        self._on_memory = on_memory
        self._most_in_flight = most_in_flight
        self._stations: dict[str, Station] = {}
        self._heap: list[tuple[float, int, str]] = []
        self._planned: dict[str, float] = {}
        self._count = itertools.count()
        self._tasks: dict[asyncio.Task[None], str] = {}
        self._waiting: dict[str, float] = {}
        """Devices for which something is due and no place is free, and since when; the longest waiting first."""
        self._timer: asyncio.TimerHandle | None = None
        self._rings_at = inf
        """The moment that the timer is set to."""
        self._late_s: list[float] = []
        self._closing = False
        self._held = False
        self._looks: dict[str, Look] = {}

    @property
    def devices(self) -> Collection[str]:
        """The devices that it asks."""
        return self._stations.keys()

    @property
    def missing(self) -> int:
        """How many of those that ask do not run: this one does."""
        return 0

    # Devices come and go -------------------------------------------------------------------------

    def add(self, assigned: Iterable[Assignment]) -> None:
        """Begin to ask these devices, their first contacts spread over the rates' ``spread_s``."""
        now = self._clocks.monotonic()
        for one in assigned:
            station = self._stations[one.device.id] = make(one, self._rates, now, self._clocks.ahead)
            station.plan_survey(-inf if one.surveyed_s is None else now + one.surveyed_s)
            self._plan(one.device.id)
        self._arm()

    async def remove(self, devices: Iterable[str]) -> dict[str, Buckets]:
        """Stop asking these devices; conversations under way are ended politely first. Return what is left of the
        devices' budgets.
        """
        gone = {id_: self._stations.pop(id_) for id_ in devices if id_ in self._stations}
        for id_, station in gone.items():
            for camera in station.cameras:
                self._end_look(camera.id, looks.failed("the inventory was loaded anew meanwhile; try again"))
            self._planned.pop(id_, None)
            self._waiting.pop(id_, None)
        await _cancelled([task for task, id_ in self._tasks.items() if id_ in gone])
        return {id_: station.buckets for id_, station in gone.items()}

    async def close(self) -> dict[str, Buckets]:
        """End every conversation; sessions are torn down. Return what is left of each device's budgets."""
        self._closing = True
        for camera in tuple(self._looks):
            self._end_look(camera, looks.failed("the monitor was stopped"))
        if self._timer is not None:
            self._timer.cancel()
        await _cancelled(list(self._tasks))
        self._sockets.close()
        return {id_: station.buckets for id_, station in self._stations.items()}

    # The loop ------------------------------------------------------------------------------------

    def _plan(self, id_: str) -> None:
        """Put a device's next moment onto the heap, unless an earlier or equal one stands there already.

        What should have been asked before, as is known only now, is not late yet.
        """
        self._plan_at(id_, max(self._stations[id_].next_at(), self._clocks.monotonic()))

    def _plan_at(self, id_: str, at: float) -> None:
        if at < self._planned.get(id_, inf):
            self._planned[id_] = at
            heapq.heappush(self._heap, (at, next(self._count), id_))

    def _arm(self) -> None:
        """Set the timer to the earliest moment on the heap, unless it rings by then."""
        if self._heap and not (self._closing or self._held) and self._heap[0][0] < self._rings_at:
            if self._timer is not None:
                self._timer.cancel()
            self._rings_at = self._heap[0][0]
            delay = max(0.0, self._rings_at - self._clocks.monotonic())
            self._timer = asyncio.get_running_loop().call_later(delay, self._turn)

    def _turn(self) -> None:
        """Begin what is due: the longest due first, a few, and the others once the loop has turned."""
        self._timer, self._rings_at = None, inf
        if self._held:
            return
        now = self._clocks.monotonic()
        for _ in range(BEGUN_AT_ONCE):
            if not self._heap or self._heap[0][0] > now:
                break
            at, _, id_ = heapq.heappop(self._heap)
            if self._planned.get(id_) == at:
                del self._planned[id_]
                self._begin(id_, now, at)
        self._arm()

    def _begin(self, id_: str, now: float, due: float) -> None:
        """Begin what is due of a device since a moment, or let it wait for a place."""
        station = self._stations[id_]
        while len(self._tasks) < self._most_in_flight and (job := station.take(now)) is not None:
            self._late_s.append(now - due)
            if job.look in self._looks:
                self._looks[job.look].tell(looks.asking(job.probe))
            task = asyncio.get_running_loop().create_task(self._run(station, job))
            self._tasks[task] = id_
            task.add_done_callback(self._done)
            if (at := station.next_at()) > now:
                break
        else:
            at = station.next_at()
        if at <= now:
            self._waiting.setdefault(id_, due)
        else:
            self._plan_at(id_, at)

    def _done(self, task: asyncio.Task[None]) -> None:
        del self._tasks[task]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a conversation failed in the scheduler", exc_info=error)
        now = self._clocks.monotonic()
        while self._waiting and len(self._tasks) < self._most_in_flight and not (self._closing or self._held):
            id_ = next(iter(self._waiting))
            self._begin(id_, now, self._waiting.pop(id_))

    async def _run(self, station: Station, job: Job) -> None:
        device = station.device
        try:
            result = await run_probe(
                job.probe,
                conversation(job.probe),
                device,
                job.ask,
                station.memory,
                self._clocks,
                self._rates.deadlines,
                self._sockets,
            )
        except BaseException:
            station.lost(job, self._clocks.monotonic())
            self._end_look(job.look, looks.failed("the look was cut short; try again"))
            self._plan_again(station)
            raise
        station.ended(job, result.verdict, result.learnt, self._clocks.monotonic())
        station.surveyed(result.survey, self._clocks.monotonic())
        if self._plan_again(station):
            self.journal.add(result.conversation)
            self._on_answer(Answer(result, station.memory))
            self._tell_look(station, job, result)

    def _plan_again(self, station: Station) -> bool:
        """Plan a device's next conversation; False where it is no longer ours to ask."""
        if self._stations.get(station.device.id) is not station:
            return False
        self._plan(station.device.id)
        self._arm()
        return True

    # What people ask -----------------------------------------------------------------------------

    def look(self, camera: Camera) -> Look:
        """Ask everything about a camera now, within its device's budgets; one that is under way is joined.

        Raises TooManyLooks.
        """
        station = self._stations[camera.device]
        if camera.id in self._looks:
            return self._looks[camera.id]
        if len(self._looks) >= MOST_LOOKS:
            raise TooManyLooks
        look = self._looks[camera.id] = Look(camera.id)
        station.look(camera.id, self._clocks.monotonic())
        self._tell_waiting(station, look)
        self._plan_again(station)
        return look

    def _tell_look(self, station: Station, job: Job, result: Result) -> None:
        look = self._looks.get(job.look)
        if look is None:
            return
        camera = next(one for one in station.cameras if one.id == job.look)
        look.tell(looks.answered(result, camera))
        if station.looking(camera.id):
            self._tell_waiting(station, look)
        else:
            self._end_look(camera.id, looks.ended(station.memory, self._clocks.set_s))

    def _tell_waiting(self, station: Station, look: Look) -> None:
        probe, seconds = station.look_waits(look.camera, self._clocks.monotonic())
        if seconds > 1.0:
            look.tell(looks.waiting(probe, seconds))

    def _end_look(self, camera: str, event: looks.Event) -> None:
        look = self._looks.pop(camera, None)
        if look is not None:
            look.tell(event)

    # What is decided elsewhere -------------------------------------------------------------------

    def hurry(self, device: str) -> None:
        """Have a device asked soon: there is a hint that something happened to it."""
        self._change(device, Station.hurry)

    def clear_lock(self, device: str) -> None:
        """Let a refused login be tried at once, by a person's word."""
        with suppress(ClearedAlready):
            self._change(device, Station.clear_lock)

    def encourage(self, device: str) -> None:
        """Let a refused login be tried once more: the same one works again elsewhere."""
        self._change(device, Station.encourage)

    def trust(self, device: str, by: str) -> None:
        """Take the certificate and the login that a device shows now as right, by a person's word."""
        self._change(device, lambda station, _: station.trust(by, self._clocks.wall()))

    def forget(self, device: str) -> None:
        """Forget what was learnt of a device that another one has replaced, and have that asked soon."""
        self._change(device, Station.accept)

    def survey(self, device: str) -> None:
        """Survey a device from now on."""
        self._change(device, Station.begin_survey)

    def told(self, told: Iterable[tuple[str, Told]], wall_now: float) -> None:
        """Take in what verdicts meant for their devices: what is to be asked again, and when."""
        now = self._clocks.monotonic()
        for id_, one in told:
            station = self._stations.get(id_)
            if station is not None:
                before = station.memory
                station.told(one, wall_now, now)
                self._tell_memory(station, before)
                if station.wishes:  # nothing else that a verdict changes makes a device's next moment an earlier one
                    self._plan(id_)
        self._arm()

    async def recall(self, device: str) -> Sequence[Conversation]:
        """Return what was said with a device lately, newest first."""
        return await self.journal.recall(device)

    def forget_conversations(self, devices: Iterable[str]) -> None:
        """Keep nothing of what was said with these devices."""
        self.journal.forget(devices)

    def hold(self, held: bool) -> None:
        """Begin nothing new while held: nobody takes what is found."""
        self._held = held
        self._arm()

    def _change(self, device: str, change: Callable[[Station, float], object]) -> None:
        """Change what is planned or known of a device, where it is ours to ask."""
        station = self._stations.get(device)
        if station is not None:
            before = station.memory
            change(station, self._clocks.monotonic())
            self._tell_memory(station, before)
            self._plan(device)
            self._arm()

    def _tell_memory(self, station: Station, before: Memory) -> None:
        if station.memory is not before:
            self._on_memory(station.device.id, station.memory)

    def load(self) -> Load:
        """Return how the scheduler keeps up; starts are counted anew from here, and what is overdue counts in."""
        late_s, self._late_s = self._late_s, []
        overdue = self._clocks.monotonic() - self._heap[0][0] if self._heap else 0.0
        return Load(len(self._tasks), len(self._waiting), max(0.0, overdue, *late_s), late_s)


async def _cancelled(tasks: list[asyncio.Task[None]]) -> None:
    """End these conversations: they may take leave of their devices, but not wait for one that says nothing."""
    for _ in range(2):
        for task in tasks:
            task.cancel()
        if tasks:
            _, pending = await asyncio.wait(tasks, timeout=LEAVE_S)
            tasks = list(pending)
    await asyncio.gather(*tasks, return_exceptions=True)
