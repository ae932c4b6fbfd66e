"""What every attack must leave as it was: memory, descriptors, time."""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
import talks
from effort import prompt
from peers.hostile import Bounded, descriptors, settled

#: The most that one conversation with a hostile device may hold at a time, its attacker's own buffers included.
MOST_GROWTH_BYTES = 6 << 20


@pytest.fixture
def bounded() -> Bounded:
    """``async with bounded(seconds):`` holds the block to that time, to 6 MB, and to the descriptors of before."""

    @asynccontextmanager
    async def watch(within_s: float) -> AsyncIterator[None]:
        before = descriptors()
        tracemalloc.start()
        began = time.monotonic()
        try:
            yield
            seconds = time.monotonic() - began
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        await settled(before)
        assert prompt(seconds, within_s)
        assert peak < MOST_GROWTH_BYTES

    return watch


@pytest.fixture(params=[False, True], ids=["own", "shared"])
def either_socket(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a test speak SNMP over a socket of each conversation's own, and over one that conversations share."""
    monkeypatch.setattr(talks, "SHARED", request.param)


@pytest.fixture
def visited() -> Iterator[list[tuple[str, int]]]:
    """Every address that this process connects to during the test, in order."""
    addresses: list[tuple[str, int]] = []
    watching = True

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event == "socket.connect" and isinstance(arguments[1], tuple):
            addresses.append(arguments[1][:2])

    sys.addaudithook(hook)  # there is no way to take one away again
    yield addresses
    watching = False
