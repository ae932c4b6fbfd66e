"""How deep the tests go that only repeat themselves: as deep as they can by `make soak`, less where time is short."""

from __future__ import annotations

import os

#: The share of its years, cameras, kills and edits that such a test goes through, by the environment.
SHARE = float(os.environ.get("SOAK_SHARE", "1"))


def part(whole: int, least: int = 1) -> int:
    """Return how many of so many to go through; ``least`` are needed for the test to say anything."""
    return max(least, round(whole * SHARE))
