"""Debian's Prometheus, which scrapes one page on loopback, and what it says of that."""

from __future__ import annotations

import asyncio
import shutil
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import aiohttp

from benchmarks.processes import free_port, until_ready

PROGRAM = "prometheus"
SCRAPE_S = 15
CONFIG = """\
global: {{scrape_interval: {interval_s}s, scrape_timeout: {interval_s}s}}
scrape_configs:
  - job_name: camfleet
    static_configs: [{{targets: ["{target}"]}}]
"""


def missing() -> bool:
    """Say whether there is none on this machine."""
    return shutil.which(PROGRAM) is None


class Prometheus(NamedTuple):
    """The running process, and where it is asked."""

    process: Process
    url: str

    async def values(self, series: str, since_s: float) -> list[float]:
        """Return the values of a series in the last so many seconds, oldest first; none where it has none."""
        asked = {"query": f"{series}[{max(1, round(since_s))}s]"}
        async with aiohttp.ClientSession() as session, session.get(f"{self.url}/api/v1/query", params=asked) as answer:
            found = (await answer.json())["data"]["result"]
        return [float(value) for one in found for _, value in one["values"]]


@asynccontextmanager
async def running_prometheus(folder: Path, target: str, interval_s: int = SCRAPE_S) -> AsyncIterator[Prometheus]:
    """Run one that scrapes a host:port every so many seconds. Raises NotReady."""
    config, address = folder / "prometheus.yml", f"127.0.0.1:{free_port()}"
    config.write_text(CONFIG.format(interval_s=interval_s, target=target))
    options = (f"--config.file={config}", f"--storage.tsdb.path={folder / 'tsdb'}", f"--web.listen-address={address}")
    with (folder / "prometheus.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(PROGRAM, *options, stdout=log, stderr=log)
    try:
        await until_ready(f"http://{address}/-/ready", process)
        yield Prometheus(process, f"http://{address}")
    finally:
        process.terminate()
        await process.wait()
