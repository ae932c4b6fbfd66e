"""/healthz, /readyz and /metrics over real HTTP."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import Iterator

from effort import READINGS, usual_s
from paper_city import City, served

from monitor.core.snapshot import Snapshot
from monitor.web import status
from monitor.web.feed import Feed


def feed_of(city: City) -> Feed:
    feed = Feed()
    feed.publish(city.snapshot)
    return feed


def slow_page(snapshot: Snapshot) -> Iterator[bytes]:
    """Render 400 ms of page in pieces of 2 ms, 4 MB in all."""
    for _ in range(200):
        until = time.perf_counter() + 0.002
        while time.perf_counter() < until:
            pass
        yield b'camera_working{camera="x"} 1\n' * 700


async def test_metrics_are_what_the_renderer_gives(small_city: City) -> None:
    """The same bytes, plain and compressed, under the given content type."""
    async with served(
        feed_of(small_city), metrics=lambda _: [b"a 1\n", b"b 2\n"], metrics_type="text/plain; version=9"
    ) as client:
        async with client.get("/metrics", headers={"Accept-Encoding": "identity"}) as answer:
            assert (await answer.read(), answer.headers["Content-Type"]) == (b"a 1\nb 2\n", "text/plain; version=9")
            assert "Content-Encoding" not in answer.headers
        async with client.get("/metrics", headers={"Accept-Encoding": "gzip"}, auto_decompress=False) as answer:
            assert answer.headers["Content-Encoding"] == "gzip"
            assert gzip.decompress(await answer.read()) == b"a 1\nb 2\n"


async def test_metrics_never_hold_the_loop(small_city: City) -> None:
    """While a large page is rendered, compressed and sent, the loop turns at least every 35 ms (of its own time)."""
    longest: list[float] = []

    async def watch() -> None:
        before = time.thread_time()
        while True:
            await asyncio.sleep(0)
            now = time.thread_time()
            longest[-1] = max(longest[-1], now - before)
            before = now

    for _ in range(READINGS):  # what others left is collected in one of them
        longest.append(0.0)
        async with served(feed_of(small_city), metrics=slow_page) as client:
            # another process asks, so that its reading does not count as ours
            url = str(client.make_url("/metrics"))
            watching = asyncio.create_task(watch())
            for extra in ([], ["--compressed"]):
                asking = await asyncio.create_subprocess_exec("curl", "-s", "-o", "/dev/null", *extra, url)
                assert await asking.wait() == 0
            watching.cancel()
        longest[-1] = usual_s(longest[-1])
        if longest[-1] < 0.035:
            break
    assert min(longest) < 0.035


async def test_a_snapshot_is_rendered_once(small_city: City) -> None:
    """However many scrape it, and anew for the next one."""
    rendered: list[Snapshot] = []

    def page(snapshot: Snapshot) -> list[bytes]:
        rendered.append(snapshot)
        return [b"a 1\n"]

    feed = feed_of(small_city)
    async with served(feed, metrics=page) as client:

        async def scrape() -> None:
            async with client.get("/metrics") as answer:
                assert await answer.read() == b"a 1\n"

        await asyncio.gather(*(scrape() for _ in range(8)))
        assert len(rendered) == 1
        feed.publish(small_city.pass_time(1))
        await scrape()
        assert len(rendered) == 2


async def test_scrapes_at_once_are_bounded(small_city: City, monkeypatch) -> None:
    """One more than that is told to come back, and the others are served."""
    monkeypatch.setattr(status, "MOST_SCRAPES", 2)
    async with served(feed_of(small_city), metrics=slow_page) as client:

        async def scrape() -> int:
            async with client.get("/metrics") as answer:
                await answer.read()
                return answer.status

        assert sorted(await asyncio.gather(*(scrape() for _ in range(4)))) == [200, 200, 503, 503]
        assert await scrape() == 200


async def test_a_scraper_who_does_not_read_is_left(small_city: City, monkeypatch) -> None:
    """Its place is free again after the time that a scrape may take."""
    monkeypatch.setattr(status, "SCRAPE_S", 0.1)
    monkeypatch.setattr(status, "MOST_SCRAPES", 1)
    async with served(feed_of(small_city), metrics=lambda _: [b"x" * 1_000_000] * 40) as client:
        _, lazy = await asyncio.open_connection("127.0.0.1", client.port, limit=1024)
        lazy.write(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
        async with asyncio.timeout(60):
            await asyncio.sleep(0.05)
            while True:
                async with client.get("/metrics", headers={"Accept-Encoding": "gzip"}) as answer:
                    if answer.status == 200:
                        break
                await asyncio.sleep(0.02)
        lazy.close()


async def test_before_the_first_snapshot_there_are_no_metrics() -> None:
    """503, so that Prometheus sees a target that is down rather than a fleet of none."""
    async with served(Feed()) as client:
        async with client.get("/metrics") as answer:
            assert answer.status == 503
        async with client.get("/readyz") as answer:
            assert (answer.status, await answer.text()) == (503, "No snapshot yet: the monitor has just started.\n")


async def test_a_monitor_that_stands_still_is_not_ready(small_city: City) -> None:
    """An old snapshot is no watching."""
    now = [0.0]
    feed = Feed(lambda: now[0])
    feed.publish(small_city.snapshot)
    async with served(feed) as client:
        async with client.get("/readyz") as answer:
            assert (answer.status, await answer.text()) == (200, "ready\n")
        now[0] = 16.0
        async with client.get("/readyz") as answer:
            assert (answer.status, await answer.text()) == (503, "The newest snapshot is 16 s old.\n")
        async with client.get("/healthz") as answer:
            assert answer.status == 200
