"""One timer paces all media sessions: it is divided into slots, and each session has a frame sent in its own slot."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from simulator.video import RATE

SLOTS = 5
TICK_S = 1 / RATE / SLOTS
#: After a pause of the whole process the schedule starts anew instead of catching up frame by frame.
LONGEST_LAG_S = 1.0

SendFrame = Callable[[], None]


class Pacer:
    """Calls each member ten times a second, members spread over the tenth of a second."""

    def __init__(self) -> None:
        self._slots: list[dict[int, SendFrame]] = [{} for _ in range(SLOTS)]
        self._slot = 0
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return sum(len(slot) for slot in self._slots)

    def add(self, key: int, send_frame: SendFrame) -> None:
        """Have ``send_frame`` called from now on."""
        min(self._slots, key=len)[key] = send_frame
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._due = loop.time() + TICK_S
            self._timer = loop.call_at(self._due, self._tick)

    def remove(self, key: int) -> None:
        """Stop calling; a key that is not there is none of our business."""
        for slot in self._slots:
            slot.pop(key, None)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        self._due = max(self._due + TICK_S, loop.time() - LONGEST_LAG_S)
        self._timer = loop.call_at(self._due, self._tick) if len(self) else None
        slot = self._slots[self._slot]
        self._slot = (self._slot + 1) % SLOTS
        for send_frame in tuple(slot.values()):
            send_frame()
