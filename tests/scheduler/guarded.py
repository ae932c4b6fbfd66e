"""A device that asks for logins, and a monitor that watches it, both in virtual time."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from peers.hostile import http, onvif
from polite.virtual import Time
from talks import device

from monitor.app import Monitor
from monitor.core.model import Camera, Inventory
from monitor.core.schedule import Rates
from monitor.ledger.ledger import Ledger
from monitor.web.probing import Unavailable

_nonces = itertools.count()


class Guarded:
    """A device that takes every login or none, with a new nonce each time, and notes when it refused one."""

    def __init__(self, time: Time, taken: bool = False) -> None:
        self._time = time
        self.taken = taken
        self.logins: list[float] = []

    def answer(self, asked: bytes) -> bytes:
        if b"GetSystemDateAndTime" in asked:
            return onvif()(asked)
        if b"authorization:" in asked.lower() or b"<Password " in asked:
            if self.taken:
                return onvif()(asked)
            self.logins.append(self._time.now)
        wanted = f'WWW-Authenticate: Digest realm="r", nonce="{next(_nonces)}", qop="auth"\r\n'
        return http(b"", "401 Unauthorized", wanted)


async def look(monitor: Monitor, clear_lock: bool = False) -> str:
    """Have the camera asked; what a person is told who may not."""
    try:
        async for _ in monitor.look("camera", clear_lock):
            pass
    except Unavailable as why:
        return str(why)
    return ""


@asynccontextmanager
async def watching(time: Time, port: int, ledger: Path) -> AsyncIterator[Monitor]:
    one = replace(device(ports={"onvif": port}), probes=("onvif",))
    fleet = Inventory({one.id: one}, {"camera": Camera("camera", "Camera", one.id, 1, "z")}, {}, {"z": "Z"})
    monitor = Monitor(fleet, Rates(), Ledger.open(ledger), time.clocks)
    task = asyncio.create_task(monitor.run())
    await asyncio.sleep(1.0)
    try:
        yield monitor
    finally:
        monitor.stop.set()
        await task
