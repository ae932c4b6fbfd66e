"""Debian's Chromium, driven by Playwright's Python client; kept off the network but for loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from peers.servers import require
from playwright.async_api import Browser, async_playwright

CHROMIUM_ARGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP wall.test 127.0.0.1",
)


@asynccontextmanager
async def running_chromium() -> AsyncIterator[Browser]:
    """Run a browser."""
    program = require("chromium", "chromium")
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=program, args=list(CHROMIUM_ARGS))
        yield running
        await running.close()
