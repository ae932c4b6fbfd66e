"""One city that the tests of this folder share; a test heals what it broke."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from peers.cities import RunningCity, started_city


@pytest.fixture(scope="session")
def city() -> Iterator[RunningCity]:
    """400 cameras of every make, a third of them with faults."""
    with started_city(cameras=400, seed=1) as running:
        yield running
