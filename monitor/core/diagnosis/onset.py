"""Which onsets can have been one moment: intervals on a line."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from math import inf, nextafter
from typing import NamedTuple, TypeVar

from monitor.core.diagnosis.symptom import Onset

Name = TypeVar("Name", bound=Hashable)


class Moment(NamedTuple):
    """The interval (``after``, ``by``] that the largest number of onsets have in common, widened by a window."""

    after: float
    by: float
    size: int


def moment(onsets: Mapping[Name, Onset], window_s: float = 0.0) -> Moment:
    """Return when most of these began together: at one moment, or within ``window_s`` of it.

    Of several moments with as many, the last one. An onset (after, by] fits the window [t, t + window] where
    after - window < t <= by.
    """
    edges = sorted(  # at one time an interval ends before another begins
        edge for onset in onsets.values() for edge in _edges(onset, window_s)
    )
    best = Moment(-inf, inf, 0)
    count = 0
    for index, (at, begins) in enumerate(edges):
        count += 1 if begins else -1
        if begins and count >= best.size:
            best = Moment(at, edges[index + 1][0], count)
    return best


def _edges(onset: Onset, window_s: float) -> tuple[tuple[float, int], tuple[float, int]]:
    """Return where an onset begins and ends; one that holds no time, or ends before it begins, is a moment."""
    start = onset.after - window_s
    return (start, 1), (max(onset.by, nextafter(start, inf)), 0)


def fits(onset: Onset, found: Moment, window_s: float = 0.0) -> bool:
    """Say whether an onset can have been within the window of that moment."""
    return onset.after - window_s < found.by and onset.by > found.after


def intersect(one: Onset, other: Onset) -> bool:
    """Say whether two things can have begun at the same moment."""
    return one.after < other.by and other.after < one.by
