"""Which onsets can have been one moment: intervals on a line."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from math import inf
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
    edges = sorted(
        edge
        for onset in onsets.values()
        for edge in ((onset.after - window_s, 1), (onset.by, 0))  # at one time an interval ends before another begins
    )
    best = Moment(-inf, inf, 0)
    count = 0
    for index, (at, begins) in enumerate(edges):
        count += 1 if begins else -1
        if begins and count >= best.size:
            best = Moment(at, edges[index + 1][0], count)
    return best


def fits(onset: Onset, found: Moment, window_s: float = 0.0) -> bool:
    """Say whether an onset can have been within the window of that moment."""
    return onset.after - window_s < found.by and onset.by > found.after


def intersect(one: Onset, other: Onset) -> bool:
    """Say whether two things can have begun at the same moment."""
    return one.after < other.by and other.after < one.by
