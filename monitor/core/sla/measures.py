"""The four figures of a fleet, each with its bounds and its coverage, added up camera by camera. Pure.

Rules:
1. Camera-hours: the time of all cameras together. Mean: of the cameras' own figures, each camera the same. Share: of
   the cameras that reach the target. Working: of the cameras that worked in the last moment that counts.
2. ``value`` is of what was seen; ``low`` and ``high`` are what it would be if all that nobody saw was bad, or good.
3. How wide the bounds of a camera's own figure are is told by the median: of half of the cameras they are no wider.
4. The mean is over parts per billion, each cut: exact fractions of many cameras have denominators without end.
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from monitor.core.sla.contract import Pays, Weighting
from monitor.core.sla.tally import Tally, share

BILLION = 10**9


class End(StrEnum):
    """How a camera stood in the last moment that counts."""

    WORKS = "works"
    DOWN = "does not work"
    EXCUSED = "excused"
    UNSEEN = "not seen"
    ABSENT = "not counted then"

    def __str__(self) -> str:
        return self.value


class Measure(NamedTuple):
    """One figure; None where nothing supports it. ``coverage`` is the share of what counts that was seen."""

    value: Fraction | None
    low: Fraction | None
    high: Fraction | None
    coverage: Fraction | None

    def paid(self, pays: Pays) -> Fraction | None:
        """Return the one of its values that a contract pays by."""
        return {Pays.SEEN: self.value, Pays.LOW: self.low, Pays.HIGH: self.high}[pays]


def of_tally(tally: Tally) -> Measure:
    """Return the figure of one camera, or of a sum."""
    return Measure(tally.availability, tally.low, tally.high, tally.coverage)


class _Mean:
    """Of several shares, those that there are: how many, and the sum of their parts per billion."""

    def __init__(self) -> None:
        self.number = 0
        self.sum = 0

    def take(self, part: int, whole: int) -> None:
        if whole:
            self.number += 1
            self.sum += part * BILLION // whole

    def add(self, other: _Mean) -> None:
        self.number += other.number
        self.sum += other.sum

    @property
    def mean(self) -> Fraction | None:
        return share(self.sum // self.number, BILLION) if self.number else None


class _Reached:
    """How many of those that have a figure reach the target."""

    def __init__(self, target: Fraction) -> None:
        self.number = 0
        self.reached = 0
        self._numerator, self._denominator = target.numerator, target.denominator

    def take(self, part: int, whole: int) -> None:
        if whole:
            self.number += 1
            self.reached += part * self._denominator >= self._numerator * whole

    def add(self, other: _Reached) -> None:
        self.number += other.number
        self.reached += other.reached

    @property
    def share(self) -> Fraction | None:
        return share(self.reached, self.number)


class Measures:
    """The figures of a fleet under one reading."""

    def __init__(self, target: Fraction | None = None) -> None:
        self.cameras = 0
        self.total = Tally()
        self.ends: Counter[End] = Counter()
        self._widths: list[int] = []
        self._means = (_Mean(), _Mean(), _Mean(), _Mean())
        self._reached = () if target is None else (_Reached(target), _Reached(target), _Reached(target))

    def take(self, tally: Tally, end: End) -> None:
        """Add a camera."""
        self.cameras += 1
        self.total = self.total.plus(tally)
        self.ends[end] += 1
        up, down, _, unobserved = tally
        seen, counts = up + down, up + down + unobserved
        values = ((up, seen), (up, counts), (up + unobserved, counts), (seen, counts))
        if counts:
            self._widths.append(-(-unobserved * BILLION // counts))
        for mean, (part, whole) in zip(self._means, values, strict=True):
            mean.take(part, whole)
        for reached, (part, whole) in zip(self._reached, values, strict=False):
            reached.take(part, whole)

    def add(self, other: Measures) -> None:
        """Add the cameras of another."""
        self.cameras += other.cameras
        self.total = self.total.plus(other.total)
        self.ends.update(other.ends)
        self._widths += other._widths
        for mean, more in zip(self._means, other._means, strict=True):
            mean.add(more)
        for reached, also in zip(self._reached, other._reached, strict=True):
            reached.add(also)

    @property
    def reached(self) -> tuple[int, ...]:
        """How many cameras reach the target: as seen, at least, at most; nothing where there is no target."""
        return tuple(reached.reached for reached in self._reached)

    @property
    def median_width(self) -> int | None:
        """How wide the bounds are of half of the cameras at most, in parts per billion; None where nothing counts."""
        return sorted(self._widths)[len(self._widths) // 2] if self._widths else None

    @property
    def unseen(self) -> int:
        """How many cameras have no figure at all: nothing of the time that counts was seen."""
        return self.cameras - self._means[0].number

    def by(self, weighting: Weighting) -> Measure | None:
        """Return one of the figures; None where each camera has its own, or the contract has no target to reach."""
        match weighting:
            case Weighting.CAMERA_HOURS:
                return of_tally(self.total)
            case Weighting.MEAN:
                return Measure(*(mean.mean for mean in self._means))
            case Weighting.SHARE:
                return self._share() if self._reached else None
            case Weighting.WORKING:
                return self._working()
            case Weighting.EACH:
                return None

    def _share(self) -> Measure:
        coverage = share(self._means[0].number, self._means[1].number)
        value, low, high = (reached.share for reached in self._reached)
        return Measure(value, low, high, coverage)

    def _working(self) -> Measure:
        works, down, unseen = self.ends[End.WORKS], self.ends[End.DOWN], self.ends[End.UNSEEN]
        there = works + down + unseen
        return Measure(
            share(works, works + down), share(works, there), share(works + unseen, there), share(works + down, there)
        )
