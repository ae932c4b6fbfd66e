"""What events say of the past: the facts, states, causes, acknowledgements and work orders that they leave. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import NamedTuple

from monitor.core.acknowledgement import Acknowledgements, after
from monitor.core.diagnosis.cause import Cause, CauseEvent
from monitor.core.draft import Draft
from monitor.core.event import Event, NoteEvent, RungEvent
from monitor.core.health import RungHealth, Rungs
from monitor.core.state import Standing
from monitor.core.verdict import Outcome
from monitor.core.workorder import order as workorders
from monitor.core.workorder.order import OrderEvent, Orders


class Past(NamedTuple):
    """Cameras as they stood at a moment, with counters at rest, and the causes and acknowledgements of then."""

    cameras: Mapping[str, Rungs]
    standings: Mapping[str, Standing]
    causes: Mapping[str, Cause]
    causes_of: Mapping[str, tuple[str, ...]]
    acknowledgements: Acknowledgements
    orders: Orders


def past(events: Iterable[Event], cameras: Mapping[str, Rungs], standings: Mapping[str, Standing]) -> Past:
    """Return what these events leave, oldest first, of cameras that began so; what is about others is passed over."""
    draft, notes = Draft(cameras, standings, {}, {}), after({}, ())
    orders: Orders = {}
    for (type_, at, camera), group in groupby(events, _what_belongs_together):
        at_once = list(group)
        if type_ in (CauseEvent, NoteEvent):
            notes = after(notes, at_once)
        if type_ is OrderEvent:
            orders = workorders.after(orders, (event for event in at_once if isinstance(event, OrderEvent)))
        if type_ is CauseEvent:
            draft.judge([event for event in at_once if isinstance(event, CauseEvent)])
        elif camera in cameras:
            rungs = list(draft.rungs(camera))
            for event in at_once:
                if isinstance(event, RungEvent):
                    rungs[event.rung] = remembered(event)
            draft.put(camera, "", tuple(rungs), at)
    return Past(draft.cameras, draft.standings, draft.causes, draft.causes_of, notes, orders)


def _what_belongs_together(event: Event) -> tuple[type[Event], float, str]:
    return type(event), event.at, event.camera if isinstance(event, RungEvent) else ""


def remembered(event: RungEvent) -> RungHealth:
    """Return a rung as its newest event tells it, with counters at rest."""
    last_ok = event.by if event.outcome is Outcome.OK else event.after
    last_fail = event.by if event.outcome is Outcome.FAIL else event.after
    return RungHealth(
        event.outcome, event.reason, event.detail, event.after, event.by, last_ok, last_fail, counted_at=event.by
    )
