"""Server-sent events over real HTTP."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import NamedTuple

from aiohttp import ClientResponse
from effort import prompt
from paper_city import City, served

from monitor.core.verdict import Reason, Rung
from monitor.web import events
from monitor.web.feed import Feed


class Event(NamedTuple):
    name: str
    data: dict


async def next_event(answer: ClientResponse) -> Event:
    """Read one event."""
    name, data = "", ""
    while True:
        line = (await asyncio.wait_for(answer.content.readline(), 60)).decode().rstrip("\n")
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            data = line.removeprefix("data: ")
        elif not line:
            return Event(name, json.loads(data))


async def test_events_begin_with_the_whole_state(small_city: City) -> None:
    """Everything that the board shows and a mark for each camera; then how old that is."""
    feed = Feed()
    feed.publish(small_city.snapshot)
    async with served(feed) as client, client.get("/events") as answer:
        assert answer.content_type == "text/event-stream"
        whole = await next_event(answer)
        assert whole.name == "whole"
        assert len(whole.data["marks"]) == 60
        assert set(whole.data) == {
            "frame",
            "at",
            "seq",
            "recorded_seq",
            "plan",
            "counts",
            "causes",
            "zones",
            "reasons",
            "faults",
            "news",
            "marks",
        }
        pulse = await next_event(answer)
        assert (pulse.name, set(pulse.data)) == ("pulse", {"age_s", "trouble"})


async def test_then_only_what_changed_is_told(small_city: City) -> None:
    """A fault is its camera's number and mark, and the parts of the board that it changed."""
    feed = Feed()
    feed.publish(small_city.snapshot)
    async with served(feed) as client, client.get("/events") as answer:
        await next_event(answer)
        await next_event(answer)
        feed.publish(small_city.pass_time(1))
        quiet = await next_event(answer)
        assert (quiet.name, set(quiet.data)) == ("change", {"frame", "at", "seq", "recorded_seq"})
        await next_event(answer)
        feed.publish(small_city.fail(["cam-0007"], Rung.MEDIA, Reason.NO_VIDEO))
        change = await next_event(answer)
        assert change.name == "change"
        assert change.data["counts"]["states"]["down"] == 1
        ((index, mark),) = change.data["marks"]
        assert (index, mark[0]) == (6, "d")


async def test_while_nothing_comes_the_age_is_told(small_city: City, monkeypatch) -> None:
    """A monitor that stands still is heard to do so."""
    monkeypatch.setattr(events, "PULSE_S", 0.05)
    now = [0.0]
    feed = Feed(lambda: now[0])
    feed.publish(small_city.snapshot)
    async with served(feed, health=lambda: "disk full") as client, client.get("/events") as answer:
        await next_event(answer)
        await next_event(answer)
        now[0] = 42.0
        while (pulse := await next_event(answer)).data["age_s"] == 0:
            pass
        assert pulse == Event("pulse", {"age_s": 42.0, "trouble": "disk full"})


async def test_one_reader_too_many_is_told_to_come_back(small_city: City) -> None:
    """503 with Retry-After; the others go on."""
    feed = Feed(most_readers=1)
    feed.publish(small_city.snapshot)
    async with served(feed) as client, client.get("/events") as first:
        await next_event(first)
        async with client.get("/events") as second:
            assert (second.status, second.headers["Retry-After"]) == (503, "30")
        feed.publish(small_city.pass_time(1))
        await next_event(first)
        assert (await next_event(first)).name == "change"


async def test_a_reader_who_leaves_frees_his_place(small_city: City) -> None:
    """A closed connection is noticed at the next event."""
    feed = Feed()
    feed.publish(small_city.snapshot)
    async with served(feed) as client:
        async with client.get("/events") as answer:
            await next_event(answer)
            assert feed.readers == 1
        async with asyncio.timeout(60):
            while feed.readers:
                feed.publish(small_city.pass_time(1))
                await asyncio.sleep(0.01)


async def test_a_reader_who_does_not_read_is_dropped(ill_city: City, monkeypatch) -> None:
    """He costs what fits the buffers of his connection, for as long as the patience lasts."""
    monkeypatch.setattr(events, "PATIENCE_S", 0.05)
    feed = Feed()
    feed.publish(ill_city.snapshot)
    async with served(feed) as client:
        lazy = socket.socket()
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        lazy.setblocking(False)
        await asyncio.get_running_loop().sock_connect(lazy, ("127.0.0.1", client.port))
        await asyncio.get_running_loop().sock_sendall(lazy, b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try:
            async with asyncio.timeout(60):
                await asyncio.get_running_loop().sock_recv(lazy, 64)
                while feed.readers:
                    feed.publish(ill_city.snapshot)
                    feed.publish(ill_city.snapshot)  # a frame skipped: the whole state follows, 13 KB
                    await asyncio.sleep(0)
        finally:
            lazy.close()


async def test_the_server_ends_although_readers_wait(small_city: City) -> None:
    """Closing takes well under a second."""
    feed = Feed()
    feed.publish(small_city.snapshot)
    loop = asyncio.get_running_loop()
    async with served(feed) as client:
        answer = await client.get("/events")
        await next_event(answer)
        began = loop.time()
    answer.close()
    assert prompt(loop.time() - began, 1.0)
