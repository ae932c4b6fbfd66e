"""Time as half-open spans [start, end) of integer milliseconds since the epoch: disjoint, in order, none empty."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from math import floor, inf
from typing import NamedTuple

MINUTE_MS = 60_000
#: Before and after all time: no moment of a ledger lies beyond the year 9999.
FIRST_MS = -(10**15)
LAST_MS = 10**15


class Span(NamedTuple):
    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start


Spans = tuple[Span, ...]
NONE: Spans = ()
ALWAYS: Spans = (Span(FIRST_MS, LAST_MS),)


def ms(moment: float) -> int:
    """Return seconds since the epoch as the nearest millisecond; a half is rounded up, so that order is kept."""
    if moment == -inf:
        return FIRST_MS
    if moment == inf:
        return LAST_MS
    return floor(moment * 1000 + 0.5)


def spans(pairs: Iterable[tuple[int, int]]) -> Spans:
    """Return the time within any of these pairs; pairs that hold nothing count for nothing."""
    joined: list[Span] = []
    for start, end in sorted(pair for pair in pairs if pair[0] < pair[1]):
        if joined and start <= joined[-1].end:
            if end > joined[-1].end:
                joined[-1] = Span(joined[-1].start, end)
        else:
            joined.append(Span(start, end))
    return tuple(joined)


def either(*several: Spans) -> Spans:
    """Return the time within any of these."""
    filled = [one for one in several if one]
    if len(filled) < 2:
        return filled[0] if filled else NONE
    return spans(span for one in filled for span in one)


def both(one: Spans, other: Spans) -> Spans:
    """Return the time within one and the other."""
    if not one or not other:
        return NONE
    for all_, part in ((one, other), (other, one)):  # one of them is often all that is asked for
        if len(all_) == 1 and all_[0][0] <= part[0][0] and part[-1][1] <= all_[0][1]:
            return part
    found: list[Span] = []
    i, j, many, most = 0, 0, len(one), len(other)
    while i < many and j < most:
        (begin, end), (since, until) = one[i], other[j]
        start, stop = begin if begin > since else since, end if end < until else until
        if start < stop:
            found.append(Span(start, stop))
        if end <= until:
            i += 1
        else:
            j += 1
    return tuple(found)


def clipped(one: Spans, within: Span) -> Spans:
    """Return the time within a span, of many spans of which few have a part in it."""
    first = max(bisect_right(one, within.start, key=_start) - 1, 0)
    last = bisect_left(one, within.end, key=_start)
    return both(one[first:last], (within,))


def _start(span: Span) -> int:
    return span.start


def without(one: Spans, other: Spans) -> Spans:
    """Return the time within one and not within the other."""
    if not one or not other:
        return one
    found: list[Span] = []
    j = 0
    for start, end in one:
        while j < len(other) and other[j].end <= start:
            j += 1
        at, k = start, j
        while k < len(other) and other[k].start < end:
            if at < other[k].start:
                found.append(Span(at, other[k].start))
            at = max(at, other[k].end)
            k += 1
        if at < end:
            found.append(Span(at, end))
    return tuple(found)


def length(several: Sequence[Span]) -> int:
    """Return how long these are together, in milliseconds."""
    return sum([end - start for start, end in several])
