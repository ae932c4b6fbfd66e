"""What several rounds gave: the median and how far they lie apart."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from typing import NamedTuple


class Spread(NamedTuple):
    """A median with the least and the most of so many values."""

    median: float
    least: float
    most: float
    values: int

    def text(self, digits: int = 0) -> str:
        """Return "123 [110–140]"; a single value stands alone."""
        median, least, most = (f"{value:,.{digits}f}" for value in self[:3])
        return median if self.values == 1 else f"{median} [{least}–{most}]"


def spread(values: Iterable[float]) -> Spread:
    """Return the spread of at least one value."""
    found = sorted(values)
    return Spread(statistics.median(found), found[0], found[-1], len(found))


def share(values: Iterable[float], part: float) -> float:
    """Return the value that this share of all values does not exceed."""
    found = sorted(values)
    return found[max(0, math.ceil(part * len(found)) - 1)]
