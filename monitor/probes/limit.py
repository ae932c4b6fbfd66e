"""A bound on how long something may take: what ``asyncio.timeout`` does, without the two coroutines that it costs.

Six are set up in a full check, and hardly ever does one end anything.
"""

from __future__ import annotations

import asyncio
from types import TracebackType

#: A loop that comes to an alarm this long after its time was at something else.
LATE_S = 0.05
#: So long what came in time is waited for then: it lies in the kernel, or has a turn or two to go.
GRACE_S = 0.1


class Limit:
    """``with Limit(3.0):`` cancels what takes longer, and raises TimeoutError in its place.

    What came in time is in time also where the loop was at something else until after the end. A cancellation from
    elsewhere passes through, even one that comes at the same moment; that is counted as ``asyncio.Timeout`` counts it.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.expired = False

    def __enter__(self) -> Limit:
        loop = self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task(loop)
        assert self._task is not None
        self._cancelled_before = self._task.cancelling()
        self._due = loop.time() + self.seconds
        self._timer = loop.call_at(self._due, self._ring)
        return self

    def _ring(self) -> None:
        if self._loop.time() > self._due + LATE_S:
            self._timer = self._loop.call_later(GRACE_S, self._expire)
        else:
            self._expire()

    def _expire(self) -> None:
        assert self._task is not None
        self.expired = True
        self._task.cancel()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        task, self._task = self._task, None
        if self.expired and task is not None:
            ours = task.uncancel() <= self._cancelled_before
            if ours and kind is asyncio.CancelledError:
                raise TimeoutError from error
