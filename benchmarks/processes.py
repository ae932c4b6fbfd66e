"""Processes that are measured from outside: what they used by the kernel's account, and when a server is ready."""

from __future__ import annotations

import asyncio
import os
import socket
from asyncio.subprocess import Process
from pathlib import Path

import aiohttp

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
START_S = 30.0


class NotReady(Exception):
    """A server ended, or did not answer in time."""


def cpu_s(pid: int) -> float:
    """Return a process's utime and stime, fields 14 and 15 of /proc/PID/stat (proc(5)), in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND


def resident_bytes(pid: int) -> int:
    """Return the bytes of memory that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def children(pid: int) -> list[int]:
    """Return the processes that a process's main thread has started and that still run (proc(5))."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


async def until_ready(url: str, process: Process) -> None:
    """Wait until a server answers with 200. Raises NotReady."""
    async with asyncio.timeout(START_S), aiohttp.ClientSession() as session:
        while process.returncode is None:
            try:
                async with session.get(url) as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientConnectionError:
                pass
            await asyncio.sleep(0.05)
    raise NotReady(f"{url}: its server ended with {process.returncode}")


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
