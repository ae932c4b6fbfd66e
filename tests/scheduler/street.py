"""Devices that really check digests, and a whole monitor that watches them, its secret in a file."""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from peers.hostile import answering, attacking, http, onvif, soap
from talks import CLOCKS

from monitor.app import Listen, Monitor, serve
from monitor.core.schedule import Rates
from monitor.core.state import State
from monitor.inventory import load
from monitor.ledger.ledger import Ledger
from monitor.probes.machine import SYSTEM_CLOCKS
from monitor.scheduler.checks import SALT, SALT_BYTES

OLD, NEW, WRONG = "old-password-1", "new-password-2", "wrong-password-3"
DEVICES = 4


@dataclass
class Street:
    """Devices that take some passwords, and note each login: which device, which password, whether it was taken.

    ``only``: the one device that takes the old password.
    """

    taken: set[str]
    only: str = ""
    asked: Counter[str] = field(default_factory=Counter)
    """How many questions came, by device."""
    logins: list[tuple[str, str, bool]] = field(default_factory=list)

    def answer(self, device: str) -> Callable[[bytes], bytes]:
        information = soap("GetDeviceInformation", b"<Manufacturer>M</Manufacturer><SerialNumber>1</SerialNumber>")

        def reply(asked: bytes) -> bytes:
            self.asked[device] += 1
            if b"GetSystemDateAndTime" in asked:
                return onvif()(asked)
            shown = re.search(rb"(?im)^authorization: digest (.*)$", asked)
            if shown is None:
                return http(b"", "401 Unauthorized", 'WWW-Authenticate: Digest realm="r", nonce="n0", qop="auth"\r\n')
            password = proven(shown[1].decode())
            taken = password in self.taken or (device, password) == (self.only, OLD)
            self.logins.append((device, password, taken))
            if not taken:
                return http(b"", "401 Unauthorized", 'WWW-Authenticate: Digest realm="r", nonce="n0", qop="auth"\r\n')
            return http(information)

        return reply

    def shown(self, password: str) -> list[str]:
        return [device for device, one, _ in self.logins if one == password]


def proven(header: str) -> str:
    """Return the password that a digest proves (RFC 7616 §3.4.1)."""
    said = dict(re.findall(r'(\w+)="?([^",\s]+)"?', header))
    for password in (OLD, NEW, WRONG):
        first = hashlib.md5(f"camfleet:r:{password}".encode()).hexdigest()
        second = hashlib.md5(f"POST:{said['uri']}".encode()).hexdigest()
        whole = f"{first}:{said['nonce']}:{said['nc']}:{said['cnonce']}:{said['qop']}:{second}"
        if said["response"] == hashlib.md5(whole.encode()).hexdigest():
            return password
    return "?"


@dataclass
class Run:
    """A monitor that runs, the file with its secret, and where its pages are."""

    monitor: Monitor
    folder: Path
    url: str

    async def change(self, password: str) -> None:
        """Write another secret, and load the inventory anew, as SIGHUP does."""
        (self.folder / "secret").write_text(password)
        await self.monitor.reload(self.folder / "inventory.yaml", {})

    async def get(self, path: str) -> str:
        async with aiohttp.ClientSession() as session, session.get(self.url + path) as response:
            return await response.text()


@asynccontextmanager
async def running(
    street: Street, folder: Path, password: str = OLD, devices: int = DEVICES, probers: int = 0
) -> AsyncIterator[Run]:
    """Watch a street whose secret stands in a file."""
    async with AsyncExitStack() as stack:
        lines = []
        for number in range(devices):
            id_ = f"d{number}"
            peer = await stack.enter_async_context(attacking(answering(street.answer(id_))))
            lines.append(
                f"  - {{id: {id_}, zone: z, address: 127.0.0.1, probes: [onvif], ports: {{onvif: {peer.port}}}, credential: city}}"
            )
        (folder / "secret").write_text(password)
        (folder / "secret").chmod(0o600)
        (folder / "inventory.yaml").write_text(
            "credentials: {city: {username: camfleet, password: file:secret}}\nzones: {z: {}}\ncameras:\n"
            + "\n".join(lines)
            + "\n"
        )
        rates = Rates(light_s=0.5, login_s=0.5, spread_s=0.2, http_per_minute=6000.0, http_burst=60.0)
        inventory, ledger = load(folder / "inventory.yaml", {}), _ledger(folder / "ledger.sqlite")
        monitor = Monitor(inventory, rates, ledger, SYSTEM_CLOCKS if probers else CLOCKS, probers=probers)
        runner = await serve(monitor, Listen(port=0))
        watching = asyncio.create_task(monitor.run())
        try:
            yield Run(monitor, folder, f"http://127.0.0.1:{runner.addresses[0][1]}")
        finally:
            monitor.stop.set()
            await watching
            await runner.cleanup()


def _ledger(file: Path) -> Ledger:
    """Open the ledger; a new one gets a salt with which no two of the passwords have the same check."""
    if not file.exists():
        fresh = Ledger.open(file)
        fresh.append((), {}, {SALT: "00" * SALT_BYTES})
        fresh.close()
    return Ledger.open(file)


async def until(condition: Callable[[], bool], patience_s: float = 60.0) -> None:
    end = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.02)


async def settled(run: Run, street: Street, password: str = OLD) -> None:
    """Wait until every device was shown this password, and was judged."""
    await until(lambda: len(set(street.shown(password))) == DEVICES)
    await until(lambda: run.monitor.snapshot is not None and run.monitor.snapshot.count(State.UNKNOWN) == DEVICES)
