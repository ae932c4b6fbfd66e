"""A limit ends what takes too long, and nothing else: held against ``asyncio.timeout``, which it stands for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

import pytest

from monitor.probes.limit import Limit

Bound = Callable[[float], AbstractAsyncContextManager[object]]


@asynccontextmanager
async def ours(seconds: float) -> AsyncIterator[None]:
    with Limit(seconds):
        yield


async def in_time(bound: Bound) -> None:
    async with bound(60.0):
        await asyncio.sleep(0)


async def too_long(bound: Bound) -> None:
    async with bound(0.01):
        await asyncio.Event().wait()


async def with_an_error_of_its_own(bound: Bound) -> None:
    async with bound(60.0):
        raise LookupError("its own")


async def longer_than_the_outer_one(bound: Bound) -> None:
    async with bound(0.01), bound(60.0):
        await asyncio.Event().wait()


async def longer_than_the_inner_one(bound: Bound) -> str:
    async with bound(60.0):
        try:
            async with bound(0.01):
                await asyncio.Event().wait()
        except TimeoutError:
            await asyncio.sleep(0)
            return "went on"
    return "never"


async def with_an_answer_to_its_cancellation(bound: Bound) -> str:
    """What ends in its own way when it is cancelled has ended, and the next wait is not cancelled."""
    async with bound(0.01):
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
    await asyncio.sleep(0)
    return "went on"


COURSES = (
    in_time,
    too_long,
    with_an_error_of_its_own,
    longer_than_the_outer_one,
    longer_than_the_inner_one,
    with_an_answer_to_its_cancellation,
)


async def outcome(course: Callable[[Bound], Awaitable[object]], bound: Bound, cancel_after_s: float | None) -> object:
    """Return what a course returned or raised, and how often its task counts itself cancelled."""
    task = asyncio.ensure_future(course(bound))
    loop = asyncio.get_running_loop()
    if cancel_after_s is not None:
        loop.call_later(cancel_after_s, task.cancel)
        loop.call_soon(time.sleep, 2 * cancel_after_s)  # so that both alarms ring in one turn
    await asyncio.wait([task])
    if task.cancelled():
        return "cancelled", task.cancelling()
    return repr(task.exception() or task.result()), task.cancelling()


@pytest.mark.parametrize("cancel_after_s", [None, 0.0, 0.1])
@pytest.mark.parametrize("course", COURSES)
async def test_it_ends_what_asyncio_s_own_ends(
    course: Callable[[Bound], Awaitable[object]], cancel_after_s: float | None
) -> None:
    """Whatever comes in time, too late, of itself, or from whoever cancels, at that very moment too."""
    assert await outcome(course, ours, cancel_after_s) == await outcome(course, asyncio.timeout, cancel_after_s)


async def test_it_says_that_it_has_passed() -> None:
    limit = Limit(0.01)
    with pytest.raises(TimeoutError), limit:
        await asyncio.Event().wait()
    assert limit.expired


async def test_a_limit_that_is_over_cancels_nobody() -> None:
    """Its alarm is turned off with it."""
    with Limit(0.01) as limit:
        pass
    await asyncio.sleep(0.03)
    assert not limit.expired
