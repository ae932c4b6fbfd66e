"""What a process itself is given and gives back: its loop, descriptors, garbage."""

from __future__ import annotations

import asyncio
import gc
import resource
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

#: Conversations at a time; each holds one descriptor. Whoever is silent holds one for seconds, again and again until
#: that is confirmed: of 30,000 that fall silent at once some 10,000 are being asked at any moment.
MOST_IN_FLIGHT = 20_000
#: Descriptors that are not for conversations: the web server's connections, the ledger, the rest of the process.
KEPT_DESCRIPTORS = 300
#: How long a thread that computes (the ledger's, a page's) may keep the interpreter from the loop. The loop asks for it
#: with each event: at Python's own 5 ms it does 4,000 things a second beside such a thread, at this 18,000.
TURN_S = 0.0005


@contextmanager
def quick_turns() -> Iterator[None]:
    """Let the loop have the interpreter soon, whatever other threads compute."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(TURN_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def set_aside(everything: bool) -> None:
    """Collect garbage among what is new, or everywhere, and exempt what is left from the next collections.

    Nearly all of it goes by its reference count; walking through a minute's worth of it stops the loop for a fifth of a
    second, through a second's worth for some milliseconds. The collector's own thresholds count what came less what
    went, which says nothing about how much is new where everything is replaced all the time.
    """
    if everything:
        gc.unfreeze()
        gc.collect()
    else:
        gc.collect(0)
    exempt()


@contextmanager
def set_aside_alone() -> Iterator[None]:
    """Have ``set_aside`` alone collect garbage meanwhile, however this ends."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def exempt() -> None:
    """Exempt all that there is from the next collections, unseen.

    A step of the crank makes the fleet anew, in mappings as large as the fleet: walking through them takes the
    collector longer than through all the rest of a second, and no cycle begins there.
    """
    gc.freeze()


@contextmanager
def apart() -> Iterator[None]:
    """Exempt what is made within; garbage among what came before is collected first, so that none hides behind it."""
    set_aside(everything=False)
    try:
        yield
    finally:
        exempt()


def conversations() -> int:
    """Raise the soft limit of descriptors to the hard one, and return how many conversations fit it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return max(16, min(MOST_IN_FLIGHT, hard - KEPT_DESCRIPTORS))


def run_on_loop(work: Coroutine[Any, Any, Any]) -> Any:
    """Run on uvloop where there is one: it halves the cost of a check."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(work)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)
