"""A real Prometheus that scrapes pages on loopback and answers PromQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from peers.servers import free_port, require, stop

CONFIG = """\
global: {{scrape_interval: {interval_s}s, scrape_timeout: {interval_s}s, evaluation_interval: {interval_s}s}}
rule_files: [{rules}]
alerting: {{alertmanagers: [{{static_configs: [{{targets: [{alertmanagers}]}}]}}]}}
scrape_configs:
  - job_name: camfleet
    static_configs: [{{targets: [{targets}]}}]
"""
Labels = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Prometheus:
    """One that runs: ``query`` asks it."""

    session: aiohttp.ClientSession
    url: str

    async def get(self, path: str, **parameters: str) -> Any:
        """Return the data of an API answer."""
        async with self.session.get(self.url + path, params=parameters) as answer:
            body = await answer.json()
            assert body["status"] == "success", body
            return body["data"]

    async def query(self, promql: str) -> dict[Labels, float]:
        """Return the value of each series of an instant vector (or the scalar, under no labels)."""
        data = await self.get("/api/v1/query", query=promql)
        if data["resultType"] == "scalar":
            return {frozenset(): float(data["result"][1])}
        return {frozenset(row["metric"].items()): float(row["value"][1]) for row in data["result"]}

    async def value(self, promql: str) -> float:
        """Return the one value that a query gives."""
        (value,) = (await self.query(promql)).values()
        return value

    async def by(self, promql: str, *labels: str) -> dict[tuple[str, ...], float]:
        """Return a vector's values by these of its labels."""
        return {
            tuple(dict(series).get(label, "") for label in labels): value
            for series, value in (await self.query(promql)).items()
        }

    async def until(self, promql: str, value: float, patience_s: float = 60.0) -> None:
        """Wait until a query gives one value, and it is this one."""
        seen: object = None
        for _ in range(int(patience_s / 0.2)):
            seen = list((await self.query(promql)).values())
            if seen == [value]:
                return
            await asyncio.sleep(0.2)
        raise AssertionError(f"{promql} is {seen}, not {value}, after {patience_s} s")

    async def until_scraped(self, targets: int = 1, patience_s: float = 60.0) -> None:
        """Wait until every target was scraped at least once with success."""
        await self.until("sum(up)", targets, patience_s)


@asynccontextmanager
async def running_prometheus(
    targets: Iterable[str],
    tmp_path: Path,
    interval_s: int = 1,
    rules: Iterable[Path] = (),
    alertmanagers: Iterable[str] = (),
) -> AsyncIterator[Prometheus]:
    """Run a Prometheus that scrapes these host:port targets and evaluates these files of rules; ends with the block."""
    program = require("prometheus", package="prometheus")
    config = tmp_path / "prometheus.yml"
    quoted, files, told = (", ".join(f'"{one}"' for one in listed) for listed in (targets, rules, alertmanagers))
    config.write_text(CONFIG.format(interval_s=interval_s, targets=quoted, rules=files, alertmanagers=told))
    address = f"127.0.0.1:{free_port()}"
    with (tmp_path / "prometheus.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            program,
            f"--config.file={config}",
            f"--storage.tsdb.path={tmp_path / 'prometheus'}",
            f"--web.listen-address={address}",
            stdout=log,
            stderr=log,
        )
    try:
        async with aiohttp.ClientSession() as session:
            await _ready(session, f"http://{address}", process)
            yield Prometheus(session, f"http://{address}")
    finally:
        await stop(process)


async def _ready(session: aiohttp.ClientSession, url: str, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(90):
        while process.returncode is None:
            try:
                async with session.get(f"{url}/-/ready") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientConnectionError:
                pass
            await asyncio.sleep(0.1)
    raise AssertionError(f"prometheus ended with {process.returncode}")
