"""What a camera's rung was good for by a ledger's events, in milliseconds."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.core.event import RungEvent
from monitor.core.sla.record import record
from monitor.core.sla.spans import FIRST_MS, Span, both, ms
from monitor.core.verdict import Rung


def credited(events: Iterable[RungEvent], camera: str, rung: Rung, until: float) -> list[Span]:
    """Return when a camera's rung was surely good until a moment, in seconds since the epoch."""
    of_rung = [event for event in events if event.camera == camera and event.rung is rung]
    return list(both(record(of_rung, {}).up, (Span(FIRST_MS, ms(until)),)))
