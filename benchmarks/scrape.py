"""``make bench ARGS="--only scrape"``: a real Prometheus that fetches ``/metrics`` of fleets of several sizes.

The server is the product's, in a process of its own, before a fleet that is heard without a socket.
"""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import aiohttp

from benchmarks.processes import START_S, NotReady, cpu_s, resident_bytes
from benchmarks.prometheus import SCRAPE_S, Prometheus, running_prometheus
from benchmarks.spread import Spread, spread
from benchmarks.table import Table

HEAD = (
    "cameras",
    "samples",
    "text, MB",
    "sent, MB",
    "a scrape, ms",
    "Prometheus: CPU a scrape, ms",
    "its memory, MB",
)
NOTE = (
    "*A scrape*: as Prometheus measures it, median [least–most]: our text made, compressed and sent, read and kept"
    " there. The first one, in which every series is new, is left out. Between two scrapes three quarters of the"
    " cameras were heard."
)


class Size(NamedTuple):
    """Which fleets, how often each is scraped, and how many seconds lie between."""

    fleets: tuple[int, ...] = (1_800, 10_000, 100_000)
    scrapes: int = 6
    interval_s: int = SCRAPE_S


QUICK = Size((60, 120), 3, 1)


class Scraped(NamedTuple):
    """What the scrapes of one fleet took."""

    samples: int
    text_bytes: int
    sent_bytes: int
    took_s: Spread
    cpu_s: float
    """Of Prometheus, for each scrape."""
    resident_bytes: int
    """Of Prometheus, at the end."""


async def measure(size: Size) -> Table:
    """Have each fleet scraped in turn. Raises NotReady."""
    lines = [_line(cameras, await _scraped(cameras, size)) for cameras in size.fleets]
    return Table("A real Prometheus", HEAD, tuple(lines), (NOTE,))


async def _scraped(cameras: int, size: Size) -> Scraped:
    with TemporaryDirectory(prefix="camfleet-bench-") as named:
        folder = Path(named)
        async with (
            _exposed(folder / "inventory", cameras) as port,
            running_prometheus(folder, f"127.0.0.1:{port}", size.interval_s) as prometheus,
        ):
            pid = prometheus.process.pid
            first = len(await _took_s(prometheus, size, 1))
            began_s = cpu_s(pid)
            took_s = await _took_s(prometheus, size, first + size.scrapes)
            used_s = cpu_s(pid) - began_s
            samples = await prometheus.values("scrape_samples_scraped", size.interval_s)
            url = f"http://127.0.0.1:{port}/metrics"
            text, sent = await _bytes(url, "identity"), await _bytes(url, "gzip")
            later = took_s[first:]
            return Scraped(int(samples[-1]), text, sent, spread(later), used_s / len(later), resident_bytes(pid))


async def _took_s(prometheus: Prometheus, size: Size, count: int) -> Sequence[float]:
    """Wait for so many scrapes, and return what each took. Raises NotReady where they do not come."""
    waits_s = START_S + (count + 1) * size.interval_s
    with suppress(TimeoutError):
        async with asyncio.timeout(waits_s):
            while True:
                took = await prometheus.values("scrape_duration_seconds", 2 * waits_s)
                if len(took) >= count:
                    return took
                await asyncio.sleep(size.interval_s / 5)  # to be asked costs Prometheus something, too
    raise NotReady(f"Prometheus has not scraped {count} times within {waits_s:g} s")


async def _bytes(url: str, encoding: str) -> int:
    """Return how many bytes a page is as it is sent in this encoding."""
    headers = {"Accept-Encoding": encoding}
    async with (
        aiohttp.ClientSession(auto_decompress=False) as session,
        session.get(url, headers=headers, raise_for_status=True) as answer,
    ):
        return len(await answer.read())


@asynccontextmanager
async def _exposed(folder: Path, cameras: int) -> AsyncIterator[int]:
    """Run the server of so many cameras, and give its port. Raises NotReady."""
    program = (sys.executable, "-P", "-m", "benchmarks.exposed", str(folder), str(cameras))
    process = await asyncio.create_subprocess_exec(*program, stdout=PIPE)
    try:
        assert process.stdout is not None
        line = await process.stdout.readline()
        if not line:
            raise NotReady(f"the server of {cameras:,} cameras ended with {await process.wait()}")
        yield json.loads(line)["port"]
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def _line(cameras: int, scraped: Scraped) -> tuple[str, ...]:
    took = scraped.took_s
    return (
        f"{cameras:,}",
        f"{scraped.samples:,}",
        f"{scraped.text_bytes / 1e6:.1f}",
        f"{scraped.sent_bytes / 1e6:.2f}",
        Spread(took.median * 1e3, took.least * 1e3, took.most * 1e3, took.values).text(),
        f"{scraped.cpu_s * 1e3:,.0f}",
        f"{scraped.resident_bytes / 1e6:,.0f}",
    )
