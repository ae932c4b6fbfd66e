"""What a piece of work costs, measured so that neither a slow machine nor a busy one changes the answer."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from time import perf_counter, process_time

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
            least = min(least, usual_s(seconds(work)))
            if least < enough_s:
                break
    finally:
        if collecting:
            gc.enable()
    return least


def usual_s(cpu_s: float) -> float:
    """Return what the processor's time that something just took here is on the usual machine."""
    return cpu_s / seconds(yardstick) * YARDSTICK_S


def prompt(took_s: float, usual_s: float) -> bool:
    """Say whether this took no longer than it may on the usual machine with a core free; longer where that is not so."""
    return took_s < usual_s or took_s < usual_s * slowness()


def slowness() -> float:
    """Return how many times longer than usual things take here and now; at least 1."""
    began = perf_counter()
    yardstick()
    slow = (perf_counter() - began) / YARDSTICK_S
    crowded = max(os.getloadavg()) / len(os.sched_getaffinity(0))
    return max(1.0, slow) * max(1.0, crowded)


def seconds(work: Callable[[], object]) -> float:
    began = process_time()
    work()
    return process_time() - began


def yardstick() -> int:
    """Work like that of most code here: small texts, and a table of them."""
    return len({str(number): number for number in range(100_000)})
