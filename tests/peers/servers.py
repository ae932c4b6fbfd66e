"""Programs that tests talk to: where one is missing, the test skips and names its package, or fails if it must run."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from asyncio.subprocess import Process
from pathlib import Path

import pytest


def require(program: str, package: str) -> str:
    """Return the path of a program of a Debian package; with REQUIRE_SERVERS=1 a missing one is a failure."""
    found = shutil.which(program, path=os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin")
    if found is None:
        missing = f"{program} is not installed: apt install {package}"
        if os.environ.get("REQUIRE_SERVERS") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    return found


def require_font(stem: str, package: str) -> None:
    """Go on where a font of a Debian package is there; "" is one that needs none."""
    if not stem or any(Path("/usr/share/fonts").rglob(f"{stem}-Regular.*")):
        return
    missing = f"the font {stem} is not installed: apt install {package}"
    if os.environ.get("REQUIRE_SERVERS") == "1":
        pytest.fail(missing)
    pytest.skip(missing)


def free_port(host: str = "127.0.0.1") -> int:
    """Return a TCP port that nothing listens on at this moment."""
    with socket.socket() as listener:
        listener.bind((host, 0))
        port: int = listener.getsockname()[1]
        return port


async def stop(process: Process, patience_s: float = 60.0) -> None:
    """End a program that a test started: politely, then surely."""
    if process.returncode is None:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), patience_s)
        except TimeoutError:
            process.kill()
    await process.wait()
