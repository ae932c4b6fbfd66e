"""The line between the monitor and a prober."""

from __future__ import annotations

import asyncio
import socket
from itertools import pairwise

from monitor.scheduler.line import Line


async def test_others_have_their_turn_between_two_words_that_have_come_already() -> None:
    """A prober that tells more than can be heard holds nothing up: pages and steps go on meanwhile."""
    ours, theirs = socket.socketpair()
    one, other = await Line.over(ours), await Line.over(theirs)
    course: list[str] = []

    async def turns() -> None:
        while True:
            course.append("turn")
            await asyncio.sleep(0)

    for number in range(5):
        one.say(str(number))
    course.append(await other.hear())
    others = asyncio.create_task(turns())
    for _ in range(4):
        course.append(await other.hear())
    others.cancel()
    heard = [place for place, word in enumerate(course) if word != "turn"]
    assert [course[place] for place in heard] == ["0", "1", "2", "3", "4"]
    assert all("turn" in course[place:after] for place, after in pairwise(heard))
    one.close()
    assert await other.hear() is None
    other.close()
