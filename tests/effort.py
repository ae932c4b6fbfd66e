"""What a piece of work costs, measured so that neither a slow machine nor a busy one changes the answer."""

from __future__ import annotations

import gc
from collections.abc import Callable
from time import process_time

#: What the yardstick takes of the processor on the machine whose seconds the tests' limits are written in.
YARDSTICK_S = 0.02
READINGS = 5


def effort_s(work: Callable[[], object], enough_s: float) -> float:
    """Return the processor's time for this, in seconds of the usual machine: the least of a few readings.

    No more readings than one that is below ``enough_s``. The collector rests meanwhile: what others left is not this work's.
    """
    least = float("inf")
    collecting = gc.isenabled()
    gc.disable()
    try:
        for _ in range(READINGS):
            least = min(least, seconds(work) / seconds(yardstick) * YARDSTICK_S)
            if least < enough_s:
                break
    finally:
        if collecting:
            gc.enable()
    return least


def seconds(work: Callable[[], object]) -> float:
    began = process_time()
    work()
    return process_time() - began


def yardstick() -> int:
    """Work like that of most code here: small texts, and a table of them."""
    return len({str(number): number for number in range(100_000)})
