"""The default city on paper, and a browser to look at it with."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from paper_city import City, inventory
from peers.chromium import running_chromium
from playwright.async_api import Browser
from watched_city import WatchedCity, storm_city, town


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


@pytest.fixture(scope="session")
def storm() -> WatchedCity:
    """The default city after its worst hour, with its causes. Read only."""
    return storm_city()


@pytest.fixture
def cut_city() -> WatchedCity:
    """Ninety cameras, those of a feeder silent; a test may do to them what it likes."""
    city = WatchedCity(town(90))
    city.work()
    city.cut(feeder="F-1")
    city.settle()
    return city


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A real Chromium."""
    async with running_chromium() as running:
        yield running
