"""What every test may use."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

# A property is about what is so, never about how fast this machine is today. Each run draws other examples: what one
# run does not try the next does, and fifty of each cost half of what a hundred do.
settings.register_profile("camfleet", deadline=None, max_examples=50)
settings.load_profile("camfleet")
# A third of a second for each of the hundreds of processes that the tests start is spent where none may keep what it compiled.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


#: Begun first, in this order, so that nobody does one of them alone at the end. A worker that has two tests of a file
#: before it takes the next file, too, which waits for them: behind the longest stands a short one.
LONGEST = (
    "chain/test_chain.py",
    "benchmarks/test_bench.py",
    "polite/test_polite.py",
    "cli/test_cli_demo.py",
    "years/test_years.py",
    "years/test_whole_city.py",
    "blindness/test_own_line.py",
    "mixin/test_city_live.py",
    "identity/test_over_snmp.py",
    "identity/test_shuffle.py",
    "ledger/test_kills.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    tests = Path(__file__).parent
    ranks = {tests / name: rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path, len(ranks)))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Spare what is loaded and stays: a collection that looks through all of it takes half a second on a slow machine."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()


@pytest.fixture(scope="session")
def captures() -> Path:
    """The replies of real cameras, where they are: beside the checkout, and never a part of it."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "captures"
    if not folder.is_dir():
        pytest.skip("the replies of real cameras are not on this machine (../shared/captures)")
    return folder
