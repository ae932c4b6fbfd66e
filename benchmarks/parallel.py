"""So many at a time, never more: the same load for both sides."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


async def in_parallel(work: Callable[[Item], Awaitable[None]], items: Iterator[Item], concurrency: int) -> None:
    """Do the work for each item. The first exception ends it and is raised, in a group."""

    async def worker() -> None:
        for item in items:
            await work(item)

    async with asyncio.TaskGroup() as group:
        for _ in range(concurrency):
            group.create_task(worker())
