"""The asking process seen from outside: its order over a pipe, its lines read within bounds, its end certain.

The pipe stays open for as long as somebody listens: once it ends, however we did, the asking process ends, too.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from monitor.core.model import Device, Tls
from monitor.dossier.hiding import hidden
from monitor.probes.transcript import Veil

Event = Mapping[str, Any]

SERVICE = "onvif"
MOST_LINE_BYTES = 4 << 20
MOST_BYTES = 64 << 20
#: What is kept of a process's complaints.
KEPT_CHARACTERS = 600
#: All of our environment that the process gets: no secret may come to it that way.
ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "VIRTUAL_ENV")


class Untrusted(Exception):
    """Nothing says which certificate is the device's own."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to ask whom (``line.Target``), for how long at the most; the login is empty where none is to be shown."""

    host: str
    port: int
    fixed: bool
    seconds: int
    username: str = ""
    password: str = field(default="", repr=False)
    tls: Tls | None = None
    weak: bool = False


def order(device: Device, seconds: int, with_login: bool, known: Event) -> Order:
    """Return the order to ask a device of the inventory, with what the look before it knows of the device.

    Raises Untrusted where nothing says which certificate is its own.
    """
    tls = _trust(device, known)
    weak = tls is not None and SERVICE in known.get("weak_tls", ())
    fixed = SERVICE in device.ports or tls is not None  # over TLS, the device's word for a port is not taken
    own = Order(device.host, device.port(SERVICE), fixed, seconds, tls=tls, weak=weak)
    if device.credential is None or not with_login or (tls is not None and weak and not tls.old):
        return own
    return replace(own, username=device.credential.username, password=device.credential.password.reveal())


def _trust(device: Device, known: Event) -> Tls | None:
    """Return how its certificate is trusted: where the first one seen is, that one."""
    if device.tls is None or not device.encrypts(SERVICE):
        return None
    if device.tls.trust != "first-use":
        return device.tls
    if not (seen := known.get("certificates", {}).get(SERVICE)):
        raise Untrusted("the look saw no certificate of the device, so that nothing tells which one to trust")
    return replace(device.tls, fingerprint=seen)


async def ask(order: Order) -> AsyncGenerator[Event, None]:
    """Have a device asked and yield what is told, secrets removed; the last event is an ``end``, whatever happens.

    The process is killed at its time, when it says too much, and when nobody listens any more.
    """
    veil = Veil([order.password])
    process = await _start(order)
    complaints = asyncio.create_task(_complaints(process))
    try:
        try:
            async with asyncio.timeout(order.seconds):
                async for event in _events(process):
                    yield hidden(event, veil)
                    if event["event"] == "end":
                        return
                code = await process.wait()
                why = f"the asking process ended early ({_ending(code)}): {veil.text(await complaints)}".rstrip(": ")
        except TimeoutError:
            why = f"not finished within {order.seconds} s, and killed"
        except ValueError:
            why = "the asking process said too much, and was killed"
        yield {"event": "end", "error": why}
    finally:
        await _kill(process, complaints)


async def _start(order: Order) -> asyncio.subprocess.Process:
    environment = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "monitor.dossier.child",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        limit=MOST_LINE_BYTES, env={**environment, "MALLOC_ARENA_MAX": "2"}, start_new_session=True,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(json.dumps(asdict(order)).encode() + b"\n")
    return process


async def _events(process: asyncio.subprocess.Process) -> AsyncGenerator[dict[str, Any], None]:
    """Yield what the process tells. Raises ValueError where it says too much, or what is no event."""
    assert process.stdout is not None
    total = 0
    async for line in process.stdout:
        total += len(line)
        event = json.loads(line)
        if total > MOST_BYTES or not isinstance(event, dict) or not isinstance(event.get("event"), str):
            raise ValueError("the asking process said too much")
        yield event


async def _complaints(process: asyncio.subprocess.Process) -> str:
    """Return the end of what the process wrote to standard error."""
    assert process.stderr is not None
    kept = b""
    while data := await process.stderr.read(4096):
        kept = (kept + data)[-KEPT_CHARACTERS:]
    return " ".join(kept.decode("utf-8", "replace").split("\n")[-2:]).strip()


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


async def _kill(process: asyncio.subprocess.Process, complaints: asyncio.Task[str]) -> None:
    with suppress(ProcessLookupError):
        process.kill()
    await process.wait()
    complaints.cancel()
    await asyncio.gather(complaints, return_exceptions=True)
