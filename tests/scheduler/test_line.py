"""The line between the monitor and a prober."""

from __future__ import annotations

import asyncio
import socket
from itertools import pairwise

from monitor.scheduler.line import Line
from monitor.scheduler.process import run_on_loop


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


def test_what_is_said_at_a_closed_end_is_said_in_vain() -> None:
    """A word that was being gathered when the line was closed ends nothing, on the loop that probers run on."""

    async def said_too_late() -> None:
        ours, theirs = socket.socketpair()
        one, other = await Line.over(ours), await Line.over(theirs)
        one.close()
        assert await other.hear() is None
        one.say("too late")
        other.close()

    run_on_loop(said_too_late())
