"""Time that nobody waits for: an event loop over real sockets whose clock leaps to the next timer when all is quiet.

The product and the devices share the clock, so a year of both runs in minutes and the same seed gives the same year.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar

from monitor.probes.base import Clocks

T = TypeVar("T")

#: How long, in true seconds, the kernel is given to hand over what is on its way before a leap …
GRACE_S = 0.001
#: … of more than this. A shorter one (to the next frame of a video) can leap over nothing that matters.
SHORT_S = 0.25
#: What a turn of the loop takes: a clock that stood would find a timer due now not yet due, for ever.
TICK_S = 1e-6
#: True seconds without a byte or a thread that ends: the course has come to a stop.
STOPPED_S = 30.0


class Time:
    """Virtual time: seconds since the course began, and the calendar's."""

    def __init__(self, epoch: float) -> None:
        self.now = 0.0
        self.talking: Callable[[], bool] = lambda: True
        """Whether any connection is open: only then is something on its way that a leap could miss."""
        self._epoch = epoch
        self.set_s = 0.0
        """By how much somebody set the wall clock."""

    def wall(self) -> float:
        return self._epoch + self.now + self.set_s

    def monotonic(self) -> float:
        return self.now

    @property
    def clocks(self) -> Clocks:
        return Clocks(self.wall, self.monotonic, lambda: "since then")


class _Selector(selectors.EpollSelector):
    """Waits for sockets and for threads, but never for time."""

    def __init__(self, time: Time) -> None:
        super().__init__()
        self.time = time
        self.threads = 0
        """Jobs of other threads under way: they take true time, so the clock stands meanwhile."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.time.now += TICK_S
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if self.threads or timeout is None:
            ready = super().select(STOPPED_S)
            assert ready, "nothing happens any more"
            return ready
        if timeout > SHORT_S and self.time.talking() and (ready := super().select(GRACE_S)):
            return ready
        self.time.now += timeout
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop that lives in virtual time."""

    def __init__(self, time: Time) -> None:
        self._time = time
        self._chooser = _Selector(time)
        super().__init__(self._chooser)

    def time(self) -> float:
        return self._time.now

    def run_in_executor(  # type: ignore[override]  # typeshed's own signature is looser than this
        self, executor: Executor | None, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        future = super().run_in_executor(executor, func, *args)
        self._chooser.threads += 1
        future.add_done_callback(self._back)
        return future

    def _back(self, future: asyncio.Future[Any]) -> None:
        self._chooser.threads -= 1


def run(time: Time, course: Coroutine[Any, Any, T]) -> T:
    """Run a course to its end in virtual time."""
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(time)) as runner:
        return runner.run(course)
