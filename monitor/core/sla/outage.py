"""Outages: each with the least and the greatest time that it can have lasted, and whom it is laid to. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from monitor.core.diagnosis.cause import Kind
from monitor.core.sla.spans import FIRST_MS, LAST_MS, Span, Spans, both, length


class Outage(NamedTuple):
    """A time in which a camera did not work. It began within (``after``, ``start``] and ended within (``end``, ``by``].

    Moments are milliseconds since the epoch. ``end`` is the last look that found it bad; both it and ``by`` are those
    of the period's end where it goes on.
    """

    camera: str
    after: int
    start: int
    end: int
    by: int
    ongoing: bool
    cause: str
    kind: Kind

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


def outages(camera: str, up: Spans, down: Spans, within: Span, memberships: Sequence[Membership]) -> list[Outage]:
    """Return the outages of a camera that have a part in a period, cut to it.

    Two bad times without a good look between them are one outage: nobody saw that it worked.
    """
    found: list[Outage] = []
    for run in runs(up, down):
        shares = [share for share in blamed(Span(run.start, run.end), memberships) if both((share.span,), (within,))]
        if not shares:
            continue
        longest = max(shares, key=lambda one: (length(both((one.span,), (within,))), -one.span.start))
        after, start = max(run.after, within.start), max(run.start, within.start)
        end, by = min(run.end, within.end), min(run.by, within.end)
        found.append(Outage(camera, after, start, end, by, run.by > within.end, longest.cause, longest.kind))
    return found


class Run(NamedTuple):
    """A bad time that no good look parts: its first and last bad look, and the good ones before and after."""

    start: int
    end: int
    after: int
    by: int


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
