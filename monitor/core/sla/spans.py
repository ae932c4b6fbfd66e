"""Time as half-open spans [start, end) of integer milliseconds since the epoch: disjoint, in order, none empty."""

from __future__ import annotations

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
    found: list[Span] = []
    i = j = 0
    while i < len(one) and j < len(other):
        a, b = one[i], other[j]
        start, end = max(a.start, b.start), min(a.end, b.end)
        if start < end:
            found.append(Span(start, end))
        if a.end <= b.end:
            i += 1
        else:
            j += 1
    return tuple(found)


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
    return sum(span.end - span.start for span in several)
