"""So many at a time, never more: the same load for all sides."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

from benchmarks.checks import Order, Shares

Item = TypeVar("Item")


async def in_parallel(work: Callable[[Item], Awaitable[None]], items: Iterator[Item], concurrency: int) -> None:
    """Do the work for each item. The first exception ends it and is raised, in a group."""

    async def worker() -> None:
        for item in items:
            await work(item)

    async with asyncio.TaskGroup() as group:
        for _ in range(concurrency):
            group.create_task(worker())


async def by_shares(order: Order, shares: Shares, check: Callable[[str, bool], Awaitable[None]]) -> None:
    """Hold a round's checks. Those of the dead are all in flight at once: they wait beside the others, not in turn."""

    async def living(id_: str) -> None:
        await check(id_, True)

    async def dead(id_: str) -> None:
        await check(id_, False)

    async with asyncio.TaskGroup() as group:
        group.create_task(in_parallel(living, shares.living, order.concurrency))
        if order.dead:
            group.create_task(in_parallel(dead, shares.dead, order.dead))
