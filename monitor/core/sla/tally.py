"""Where the time of a period went, and the figures that follow from it. Pure; integer milliseconds and exact fractions.

``total = up + down + excused + unobserved``. A figure that nothing supports is None: neither 0 nor 100 per cent.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

#: Decimal places of a percentage that is shown.
PLACES = 3


class Tally(NamedTuple):
    """The time of one camera, or the sum of several, in milliseconds."""

    up: int = 0
    down: int = 0
    excused: int = 0
    unobserved: int = 0

    @property
    def total(self) -> int:
        return self.up + self.down + self.excused + self.unobserved

    def plus(self, other: Tally) -> Tally:
        up, down, excused, unobserved = self
        return Tally(up + other[0], down + other[1], excused + other[2], unobserved + other[3])

    @property
    def availability(self) -> Fraction | None:
        """Of the time that was seen and counts, the share that was good."""
        return share(self.up, self.up + self.down)

    @property
    def coverage(self) -> Fraction | None:
        """Of the time that counts, the share that was seen."""
        return share(self.up + self.down, self.total - self.excused)

    @property
    def low(self) -> Fraction | None:
        """The availability if all that nobody saw was bad."""
        return share(self.up, self.total - self.excused)

    @property
    def high(self) -> Fraction | None:
        """The availability if all that nobody saw was good."""
        return share(self.up + self.unobserved, self.total - self.excused)


def percentages(tally: Tally) -> tuple[str, str, str, str]:
    """Return availability, low, high and coverage as percentages, cut; without a fraction's cost: a table has many."""
    up, down, _, unobserved = tally
    seen, counts = up + down, up + down + unobserved
    return _cut(up, seen), _cut(up, counts), _cut(up + unobserved, counts), _cut(seen, counts)


def availability(tally: Tally) -> str:
    """Return the first of its percentages alone."""
    return _cut(tally.up, tally.up + tally.down)


def width(billionths: int, places: int = PLACES) -> str:
    """Return a width in parts per billion as a percentage, rounded up: it is never told narrower than it is."""
    scale = 10**places
    whole, rest = divmod(-(-billionths * 100 * scale // 10**9), scale)
    return f"{whole}.{rest:0{places}d}"


def share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def percent(figure: Fraction | None, places: int = PLACES) -> str:
    """Return a share as a percentage, cut and never rounded up: 0.999999 is "99.999"; "" where there is none."""
    if figure is None:
        return ""
    return _cut(figure.numerator, figure.denominator, places)


def _cut(part: int, whole_: int, places: int = PLACES) -> str:
    if not whole_:
        return ""
    scale = 10**places
    whole, rest = divmod(part * 100 * scale // whole_, scale)
    return f"{whole}.{rest:0{places}d}"
