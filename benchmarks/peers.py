"""The other side: Debian's blackbox and snmp exporters with modules that come closest to a full check.

What they cannot do: answer a digest, in RTSP or in HTTP, or date a WS-UsernameToken. So their GetDeviceInformation ends
at the device's refusal and their DESCRIBE at 401; our check goes on behind both.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import yaml

from benchmarks.checks import Order, Round, shared
from benchmarks.modules import blackbox_modules, snmp_modules
from benchmarks.parallel import by_shares
from benchmarks.processes import cpu_s, free_port, until_ready
from benchmarks.targets import OBJECTS
from monitor.core.model import Device
from monitor.wire import soap

BLACKBOX, SNMP = "prometheus-blackbox-exporter", "prometheus-snmp-exporter"


class PeerFailed(Exception):
    """A peer's probe of a healthy camera did not end as it must: the round says nothing."""


def missing() -> list[str]:
    """Return the Debian packages that are not installed."""
    return [program for program in (BLACKBOX, SNMP) if shutil.which(program) is None]


class Peers(NamedTuple):
    """Both exporters, running."""

    blackbox: Process
    blackbox_url: str
    snmp: Process
    snmp_url: str

    def cpu_s(self) -> float:
        """Return the seconds of CPU, user and system, that all threads of both have used."""
        return sum(cpu_s(process.pid) for process in (self.blackbox, self.snmp))

    async def check(self, order: Order, devices: Sequence[Device]) -> Round:
        """Hold a round. Raises PeerFailed at the first check that does not end as it must, aiohttp.ClientError."""
        known = {device.id: device for device in devices}
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

            async def full_check(id_: str, living: bool) -> None:
                for name in order.row.probes:
                    await self._ask(session, name, known[id_], living)

            began, used = time.monotonic(), self.cpu_s()
            await by_shares(order, shared(order, list(known)), full_check)
            return Round(order.checks, self.cpu_s() - used, time.monotonic() - began)

    async def _ask(self, session: aiohttp.ClientSession, name: str, device: Device, living: bool) -> None:
        """Put one probe to the exporters as Prometheus would."""
        for url, parameters, expected in self._questions(name, device):
            async with session.get(url, params=parameters) as answer:
                body = await answer.text()
            good = answer.status == 200 and all(f"\n{line}" in body for line in expected)
            if good is not living:
                raise PeerFailed(f"{url} {parameters}: {answer.status}\n{body}")

    def _questions(self, name: str, device: Device) -> list[tuple[str, Mapping[str, str], Sequence[str]]]:
        """Return the addresses to ask, with their parameters, and the beginnings of lines that must be answered."""
        target = f"{device.host}:{device.port(name)}"
        if name == "snmp":
            assert device.snmp is not None
            module = {"target": target, "module": device.snmp.version}
            return [(f"{self.snmp_url}/snmp", module, ALL_OBJECTS)]
        url = f"{self.blackbox_url}/probe"
        if name == "rtsp":
            return [(url, {"target": target, "module": "rtsp"}, SUCCESS)]
        service = f"{'https' if device.encrypts('onvif') else 'http'}://{target}{soap.DEVICE_PATH}"
        return [(url, {"target": service, "module": key}, SUCCESS) for key in ("time", "information")]


SUCCESS = ("probe_success 1",)
ALL_OBJECTS = [f"{name} " for name in OBJECTS.values()]


@asynccontextmanager
async def running_peers(folder: Path) -> AsyncIterator[Peers]:
    """Run both on loopback."""
    async with AsyncExitStack() as stack:
        blackbox, blackbox_url = await stack.enter_async_context(_daemon(folder, BLACKBOX, blackbox_modules()))
        snmp, snmp_url = await stack.enter_async_context(_daemon(folder, SNMP, snmp_modules()))
        yield Peers(blackbox, blackbox_url, snmp, snmp_url)


@asynccontextmanager
async def _daemon(folder: Path, program: str, config: Mapping[str, Any]) -> AsyncIterator[tuple[Process, str]]:
    file = folder / f"{program}.yml"
    file.write_text(yaml.safe_dump(config, sort_keys=False))
    address = f"127.0.0.1:{free_port()}"
    with (folder / f"{program}.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            program, f"--config.file={file}", f"--web.listen-address={address}", stdout=log, stderr=log
        )
    try:
        await until_ready(f"http://{address}/metrics", process)
        yield process, f"http://{address}"
    finally:
        process.terminate()
        await process.wait()
