"""The whole chain on loopback: a city, camfleet, Prometheus, Alertmanagers, and a receiver in place of people's phones.

Shortened by configuration: a cause alerts after 20 s (in a storm: 60 s) instead of five minutes, its alert outlives it by 1 min instead of
ten, groups wait 1 s and are told again each 5 s, an order is closed after 1 min of evidence instead of ten, tickets know
no working hours. All else is as shipped.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from peers.alertmanager import Alertmanager, running_alertmanagers
from peers.cities import RunningCity
from peers.prometheus import Prometheus, running_prometheus
from peers.receiving import Receiver, receiving
from peers.servers import free_port, stop

from dashboards import mixin
from dashboards.alertmanager import alertmanager
from dashboards.config import Config, Hours, load
from monitor.ledger.reader import Reader

TOKEN = "a token of alerts that is long enough"
ORDERS = """\
settings: {{public_url: "http://{address}", alerts: file:secrets/alerts, links: file:secrets/alerts, green: 1 min}}
channels:
  everybody: {{url: "{receiver}/page", secret: file:secrets/alerts}}
"""
CAMFLEET = Path(sys.executable).with_name("camfleet")


@dataclass
class Camfleet:
    """A monitor that can be killed and started again over the same ledger."""

    city: RunningCity
    folder: Path
    address: str = field(default_factory=lambda: f"127.0.0.1:{free_port()}")
    process: Process | None = None

    async def start(self) -> None:
        arguments = ["run", "-i", str(self.city.inventory), "--ledger", str(self.ledger), "--listen", self.address]
        with (self.folder / "camfleet.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                CAMFLEET, *arguments, stdout=log, stderr=log, cwd=self.folder
            )

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger.sqlite"

    async def kill(self) -> None:
        """End it as a power cut does."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def orders(self) -> list[dict[str, Any]]:
        """Return all work orders, as ``camfleet orders`` tells them."""
        arguments = ["orders", "--all", "--json", "--ledger", str(self.ledger)]
        process = await asyncio.create_subprocess_exec(CAMFLEET, *arguments, stdout=asyncio.subprocess.PIPE)
        told, _ = await process.communicate()
        found: list[dict[str, Any]] = json.loads(told)["orders"]
        return found

    def events(self, kind: str) -> list[Any]:
        """Return the events of a kind, as the ledger has them."""
        with Reader.open(self.ledger) as reader:
            return [event for _, event in reader.events(kind=kind)]

    async def until_orders(
        self, holds: Callable[[list[dict[str, Any]]], bool], patience_s: float
    ) -> list[dict[str, Any]]:
        """Wait until something holds of all orders, and return them."""
        for _ in range(int(patience_s / 6)):
            found = await self.orders() if self.ledger.exists() else []
            if holds(found):
                return found
            await asyncio.sleep(5)  # and a second is what the command takes
        raise AssertionError(json.dumps(await self.orders(), indent=1)[:20_000])


@dataclass
class Chain:
    """All of it, running."""

    city: RunningCity
    camfleet: Camfleet
    prometheus: Prometheus
    alertmanagers: list[Alertmanager]
    receiver: Receiver

    @property
    def pages(self) -> Counter[tuple[str, int]]:
        """How often each message came: by order and occasion."""
        return Counter((one["order"], one["occasion"]) for one in self.receiver.told)

    @property
    def first(self) -> dict[tuple[str, int], float]:
        """When each message came for the first time."""
        told = zip(self.receiver.told, self.receiver.moments, strict=True)
        return {(one["order"], one["occasion"]): at for one, at in reversed([*told])}

    async def answer(self, url: str, do: str) -> int:
        """Press a button of an order's page, and return the status."""
        form = {"do": do, "who": "Team 3"}
        async with aiohttp.ClientSession() as session, session.post(url, data=form, allow_redirects=False) as answer:
            return answer.status

    async def test(self, url: str) -> str:
        """Have the cameras of an order asked from its page, and return all that is told."""
        async with aiohttp.ClientSession() as session, session.post(f"{url}/test") as answer:
            return await answer.text()


@asynccontextmanager
async def chain(city: RunningCity, folder: Path, alertmanagers: int = 1, hold: str = "20s") -> AsyncIterator[Chain]:
    """Start everything, and end it with the block. ``hold``: how long a cause is open before it alerts."""
    camfleet = Camfleet(city, folder)
    secret = city.inventory / "secrets" / "alerts"
    secret.write_text(TOKEN)
    secret.chmod(0o600)
    config = _hurried(load(), camfleet.address, secret, hold)
    configured = folder / "alertmanager.yml"
    configured.write_text(alertmanager(config))
    async with receiving() as receiver, running_alertmanagers(configured, folder, alertmanagers) as running:
        text = ORDERS.format(address=camfleet.address, receiver=receiver.url)
        (city.inventory / "orders.yaml").write_text(text)
        await camfleet.start()
        try:
            rules, told = list(_rules(config, folder)), [one.address for one in running]
            async with running_prometheus([camfleet.address], folder, rules=rules, alertmanagers=told) as prometheus:
                yield Chain(city, camfleet, prometheus, running, receiver)
        finally:
            if camfleet.process is not None:
                await stop(camfleet.process)


def _hurried(config: Config, address: str, secret: Path, hold: str) -> Config:
    hours = Hours(time_zone="UTC", days=("sunday:saturday",), start="00:00", end="24:00")
    paging = config.paging.model_copy(
        update={
            "orders": f"http://{address}/api/v1/alerts",
            "credentials": str(secret),
            "wait": "1s",
            "interval": "5s",
            "repeat": "10s",
            "remind": "10s",
            "also": (),
            "working_hours": hours,
        }
    )
    causes = config.causes.model_copy(update={"hold": hold, "quiet": "10s", "keep": "1m"})
    return config.model_copy(update={"paging": paging, "causes": causes})


def _rules(config: Config, folder: Path) -> list[Path]:
    found = []
    for name, text in mixin.files(config).items():
        if name.endswith(".yaml"):
            found.append(folder / name.replace("/", "-"))
            groups = yaml.safe_load(text)
            found[-1].write_text(yaml.safe_dump(groups), encoding="utf-8")
    return found
