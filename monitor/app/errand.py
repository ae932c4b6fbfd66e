"""Something long that another process does for the monitor: at the lowest priority, within bounds, its end certain.

No secret comes to it: it gets of our environment what a program needs to run. What it writes is read up to a limit and
believed by nobody before it was parsed.
"""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

#: All of our environment that the process gets.
ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "PYTHONPATH", "VIRTUAL_ENV", "TMPDIR", "TZDIR", "MALLOC_ARENA_MAX")
LEAST_PRIORITY = 19
#: What is kept of its complaints.
KEPT_BYTES = 2000


class ErrandError(Exception):
    """It was not done; a sentence."""


class Bounds(NamedTuple):
    """How long it may take, how much memory each of its processes may have, and how much it may say."""

    seconds: float
    memory_bytes: int
    said_bytes: int


async def run(module: str, arguments: Sequence[str], bounds: Bounds) -> bytes:
    """Run a module of ours to its end, and return what it said. ErrandError says why it was not done."""
    process = await _started(module, arguments, bounds)
    complaints = asyncio.create_task(_end_of(process))
    try:
        async with asyncio.timeout(bounds.seconds):
            said = await _said(process, bounds.said_bytes)
            code = await process.wait()
            last = await complaints
    except TimeoutError:
        raise ErrandError(f"not finished within {bounds.seconds:,.0f} s") from None
    finally:
        await _ended(process, complaints)
    if code:
        why = f"signal {-code}" if code < 0 else f"exit code {code}"
        raise ErrandError(last or f"it ended with {why}")
    return said


async def _started(module: str, arguments: Sequence[str], bounds: Bounds) -> Process:
    environment = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", module, *arguments,
            stdin=asyncio.subprocess.DEVNULL, stdout=PIPE, stderr=PIPE, env=environment, start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise ErrandError(f"it cannot be started: {error.strerror or error}") from error
    with suppress(OSError):  # it ended at once
        os.setpriority(os.PRIO_PROCESS, process.pid, LEAST_PRIORITY)
        resource.prlimit(process.pid, resource.RLIMIT_DATA, (bounds.memory_bytes, bounds.memory_bytes))
        resource.prlimit(process.pid, resource.RLIMIT_CORE, (0, 0))
    return process


async def _said(process: Process, most: int) -> bytes:
    assert process.stdout is not None
    said = bytearray()
    while data := await process.stdout.read(65536):
        said += data
        if len(said) > most:
            raise ErrandError(f"it said more than {most:,} bytes")
    return bytes(said)


async def _end_of(process: Process) -> str:
    """Return the last line of its complaints."""
    assert process.stderr is not None
    kept = b""
    while data := await process.stderr.read(4096):
        kept = (kept + data)[-KEPT_BYTES:]
    lines = [line for line in kept.decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""


async def _ended(process: Process, complaints: asyncio.Task[str]) -> None:
    """Kill it with all that it started, where it still runs."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    complaints.cancel()
    await asyncio.gather(complaints, return_exceptions=True)
