"""What is credited: the time in which a rung was ok by a ledger's events, and of the camera's own device. Pure.

A rung is ok from the first good look on, and until the last good one before it changed. An event that disowns, because
another device had answered, reaches back: from its ``after`` on nothing is credited, whatever was written in between.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from monitor.core.event import RungEvent
from monitor.core.verdict import Outcome, Rung


class Span(NamedTuple):
    """A time within (``after``, ``by``], in seconds since the epoch."""

    after: float
    by: float


def credited(events: Iterable[RungEvent], camera: str, rung: Rung, until: float) -> list[Span]:
    """Return when a camera's rung was ok, by its events in their order; one that is ok still was so ``until``."""
    spans: list[Span] = []
    since: float | None = None
    for event in events:
        if event.camera != camera or event.rung is not rung:
            continue
        if event.outcome is Outcome.OK:
            since = event.by if since is None else since
            continue
        if since is not None:
            spans.append(Span(since, event.at))
            since = None
        spans = [Span(after, min(by, event.after)) for after, by in spans if after < event.after]
    if since is not None and since < until:
        spans.append(Span(since, until))
    return spans
