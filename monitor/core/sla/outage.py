"""Outages: each with the least and the greatest time that it can have lasted, and whom it is laid to. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from monitor.core.diagnosis.cause import Kind
from monitor.core.sla.spans import ALWAYS, FIRST_MS, LAST_MS, Span, Spans, both, length


class Run(NamedTuple):
    """A bad time that no good look parts: its first and last bad look, and the good ones before and after."""

    start: int
    end: int
    after: int
    by: int


class Outage(NamedTuple):
    """A time in which a camera did not work. It began within (``after``, ``start``] and ended within (``end``, ``by``].

    Moments are milliseconds since the epoch, cut to the period. ``end`` is the last look that found it bad; both it and
    ``by`` are those of the period's end where it goes on.
    """

    after: int
    start: int
    end: int
    by: int
    ongoing: bool
    cause: str
    kind: Kind
    whole: Run
    """The same, not cut to the period."""
    counted: int = 0
    """How much of it counts as not working."""

    @property
    def least(self) -> int:
        """How long it lasted at least, in milliseconds."""
        return self.end - self.start

    @property
    def most(self) -> int:
        """How long it can have lasted at most, in milliseconds."""
        return self.by - self.after


class Membership(NamedTuple):
    """A time in which a camera belonged to a cause, as it was judged then."""

    cause: str
    kind: Kind
    span: Span


#: What keeps a camera from working; the others say what else is wrong with one that may work.
ASIDE = frozenset({Kind.FLAPPING, Kind.CLOCK, Kind.STORAGE, Kind.SERVICE_OFF, Kind.VITALS, Kind.BUSY, Kind.BLIND})
_RANK = {kind: rank for rank, kind in enumerate(Kind)}
NO_CAUSE = ""


class Share(NamedTuple):
    """A part of a time that did not work, and the cause that it is laid to ("" where none was found)."""

    span: Span
    cause: str
    kind: Kind


def blamed(down: Span, memberships: Sequence[Membership]) -> list[Share]:
    """Return a time that did not work, parted by its causes, in order.

    A cause is known later than what it explains. So the first one that the camera belonged to within this time reaches
    back to its beginning, and what comes after the last one that ended is laid to that one. Of several at one moment
    the one highest up is blamed (``Kind`` is in this order).
    """
    near = (one for one in memberships if one.span.start < down.end and one.span.end > down.start)
    told = sorted(
        (one for one in near if one.kind not in ASIDE),
        key=lambda one: (max(one.span.start, down.start), _RANK[one.kind]),
    )
    if not told:
        return [Share(down, NO_CAUSE, Kind.UNDETERMINED)]
    edges = {edge for one in told for edge in one.span if down.start < edge < down.end}
    turns = sorted({down.start, *edges, down.end})
    shares: list[Share] = []
    for start, end in pairwise(turns):
        open_then = [one for one in told if one.span.start <= start < one.span.end]
        one = min(open_then, key=lambda each: _RANK[each.kind], default=None) or _latest(told, start)
        if shares and shares[-1].cause == one.cause:
            shares[-1] = shares[-1]._replace(span=Span(shares[-1].span.start, end))
        else:
            shares.append(Share(Span(start, end), one.cause, one.kind))
    return shares


def _latest(told: Sequence[Membership], at: int) -> Membership:
    """Return the membership that ended last before a moment; before all, the first one."""
    before = [one for one in told if one.span.start <= at]
    return max(before, key=lambda one: one.span.end, default=told[0])


def outage(run: Run, shares: Sequence[Share], within: Span) -> Outage:
    """Return the part of a bad time that lies in a period, laid to the cause that has most of it there."""
    after, by = max(run.after, within.start), min(run.by, within.end)
    start, end = min(max(run.start, after), by), max(min(run.end, by), after)
    most = longest(shares, within)
    return Outage(after, start, max(start, end), by, run.by > within.end, most.cause, most.kind, run)


def longest(shares: Sequence[Share], within: Span = ALWAYS[0]) -> Share:
    """Return the share that is longest within a time, of several the first."""
    return max(shares, key=lambda one: (length(both((one.span,), (within,))), -one.span.start))


def runs(up: Spans, down: Spans) -> list[Run]:
    """Return the bad times that no good look parts, in order."""
    found: list[Run] = []
    good, running = FIRST_MS, False
    for span, bad in sorted([(span, True) for span in down] + [(span, False) for span in up]):
        if bad and running:
            found[-1] = found[-1]._replace(end=span.end)
        elif bad:
            found.append(Run(*span, good, LAST_MS))
        elif running:
            found[-1] = found[-1]._replace(by=span.start)
        good, running = (good, True) if bad else (span.end, False)
    return found
