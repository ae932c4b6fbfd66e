"""A real RTSP server with digest authentication: GStreamer's, run by the system's Python, the only one that has ``gi``."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from peers.servers import stop

PYTHON = "/usr/bin/python3"
PACKAGES = "python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good"


@asynccontextmanager
async def running_gst(username: str, password: str, certificate: Path | None = None) -> AsyncIterator[int]:
    """Run the server and give its port; the stream is at /live, over TLS where there is a certificate with its key."""
    process = await asyncio.create_subprocess_exec(
        PYTHON,
        str(Path(__file__).with_name("gst_rtsp_server.py")),
        username,
        password,
        *((str(certificate),) if certificate else ()),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), 90)
        if not line:
            missing = f"GStreamer's RTSP server does not run: apt install {PACKAGES}"
            pytest.fail(missing) if os.environ.get("REQUIRE_SERVERS") == "1" else pytest.skip(missing)
        yield int(line)
    finally:
        await stop(process)
