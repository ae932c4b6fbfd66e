"""Real Alertmanagers on loopback, alone or several that know of each other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from peers.servers import free_port, require, stop


class Alertmanager:
    """One that can be stopped and started again; what it knows stays in its folder."""

    def __init__(self, config: Path, folder: Path, cluster: str, peers: Sequence[str]) -> None:
        self.address = f"127.0.0.1:{free_port()}"
        self._log = folder / f"alertmanager-{self.address.rpartition(':')[2]}.log"
        self._command = [
            require("prometheus-alertmanager", package="prometheus-alertmanager"),
            f"--config.file={config}",
            f"--storage.path={self._log.with_suffix('')}",
            f"--web.listen-address={self.address}",
            f"--cluster.listen-address={cluster}",
            *(f"--cluster.peer={peer}" for peer in peers),
        ]
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(*self._command, stdout=log, stderr=log)
        async with asyncio.timeout(90), aiohttp.ClientSession() as session:
            while self._process.returncode is None:
                try:
                    async with session.get(f"http://{self.address}/-/ready") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientConnectionError:
                    pass
                await asyncio.sleep(0.1)
        raise AssertionError(self._log.read_text())

    async def stop(self) -> None:
        if self._process is not None:
            await stop(self._process)


@asynccontextmanager
async def running_alertmanagers(config: Path, folder: Path, number: int = 1) -> AsyncIterator[list[Alertmanager]]:
    """Run so many Alertmanagers for as long as the block; several are one cluster."""
    places = [f"127.0.0.1:{free_port()}" for _ in range(number)] if number > 1 else [""]
    running = [Alertmanager(config, folder, place, [one for one in places if one != place]) for place in places]
    try:
        for one in running:
            await one.start()
        yield running
    finally:
        for one in running:
            await one.stop()
