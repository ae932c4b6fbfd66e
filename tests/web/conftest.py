"""The default city on paper, and a browser to look at it with."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from paper_city import City, inventory
from peers.chromium import running_chromium
from playwright.async_api import Browser


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
    async with running_chromium() as running:
        yield running
