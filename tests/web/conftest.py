"""The default city on paper, and a browser to look at it with."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from paper_city import City, inventory
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


@pytest.fixture(scope="session")
def ill_city() -> City:
    """The default city: 1,800 cameras, 600 of them not working. Read only."""
    city = City(inventory())
    city.fall_ill()
    return city


@pytest.fixture
def small_city() -> City:
    """Sixty cameras, all seen working; a test may do to them what it likes."""
    city = City(inventory(60))
    city.work()
    return city


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A real Chromium."""
    program = require("chromium", "chromium")
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=program, args=list(CHROMIUM_ARGS))
        yield running
        await running.close()
