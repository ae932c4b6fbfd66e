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
