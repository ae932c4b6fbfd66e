"""The newest snapshot and those who wait for it."""

from __future__ import annotations

import asyncio
import json

import pytest
from paper_city import City, inventory

from monitor.core.verdict import Reason, Rung
from monitor.web.feed import Feed, TooManyReaders, dumps


class Clock:
    """A clock that a test turns."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_who_waits_gets_the_next_frame(small_city: City) -> None:
    """A waiting reader wakes when a snapshot is published, and gets nothing while none is."""
    feed = Feed()
    assert await feed.next(0, 0.01) is None
    waiting = asyncio.create_task(feed.next(0, 5))
    await asyncio.sleep(0)
    feed.publish(small_city.snapshot)
    frame = await waiting
    assert frame is not None
    assert frame.snapshot is small_city.snapshot
    assert await feed.next(frame.number, 0.01) is None


async def test_a_slow_reader_skips_to_the_newest(small_city: City) -> None:
    """Whoever was away for three snapshots gets the third, not the first."""
    feed = Feed()
    for _ in range(3):
        feed.publish(small_city.pass_time(1))
    frame = await feed.next(1, 1)
    assert frame is not None
    assert (frame.number, frame.snapshot) == (3, small_city.snapshot)


async def test_a_change_holds_only_what_is_new(small_city: City) -> None:
    """A quiet second is a few bytes; a fault tells its camera by index, and the parts that it changed."""
    feed = Feed()
    feed.publish(small_city.snapshot)
    feed.publish(small_city.pass_time(1))
    assert feed.frame is not None
    assert set(json.loads(feed.frame.change or b"")) == {"frame", "at", "seq", "recorded_seq"}
    small_city.fail(["cam-0007"], Rung.MEDIA, Reason.NO_VIDEO)
    feed.publish(small_city.snapshot)
    change = json.loads(feed.frame.change or b"")
    assert [index for index, _ in change["marks"]] == [6]
    assert change["counts"]["not_working"] == 1


async def test_another_inventory_needs_the_whole_state(small_city: City) -> None:
    """Where cameras are numbered anew, a change by number would mean others: the plan gets another version."""
    feed = Feed()
    feed.publish(small_city.snapshot)
    before = feed.frame
    feed.publish(City(inventory(30, seed=2)).snapshot)
    assert before is not None
    assert feed.frame is not None
    assert feed.frame.change is None
    assert feed.frame.plan != before.plan


async def test_the_age_is_measured_by_the_monotonic_clock(small_city: City) -> None:
    """A wall clock that jumps makes no data old or young."""
    clock = Clock()
    feed = Feed(clock)
    clock.now += 3
    assert feed.age_s() == 3
    feed.publish(small_city.snapshot)
    clock.now += 7
    assert feed.age_s() == 7


async def test_readers_are_bounded(small_city: City) -> None:
    """The place of one who left is free again."""
    feed = Feed(most_readers=1)
    with feed.reading():
        with pytest.raises(TooManyReaders), feed.reading():
            pass
        assert feed.readers == 1
    with feed.reading():
        assert feed.readers == 1
    assert feed.readers == 0


async def test_closing_wakes_everybody() -> None:
    """A reader who waits for the next snapshot does not keep the monitor from ending."""
    feed = Feed()
    waiting = asyncio.create_task(feed.next(0, 60))
    await asyncio.sleep(0)
    feed.close()
    assert await asyncio.wait_for(waiting, 30) is None


def test_what_is_written_is_always_json() -> None:
    """A text that is no valid Unicode does not end the feed."""
    assert json.loads(dumps({"name": "a\udc80b\u2028"})) == {"name": "a?b\u2028"}
