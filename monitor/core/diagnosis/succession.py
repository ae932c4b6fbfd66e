"""What became of a cause that is not open any more: it is over, or merged into one that may have merged, too. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from monitor.core.diagnosis.cause import CLOSING, CauseEvent, Turn
from monitor.core.event import Event


def fate(cause: str, events_of: Callable[[str], Iterable[Event]]) -> str:
    """Return in a sentence which cause took the place of one, or that it is over; "": its events do not tell.

    ``events_of`` returns all events about a cause, oldest first.
    """
    last = _newest(cause, events_of)
    if last is None or last.turn not in CLOSING:
        return ""
    if last.turn is Turn.CLOSED:
        return "It is over."
    met = {cause}
    heir = last.other
    while heir not in met and (last := _newest(heir, events_of)) and last.turn is Turn.MERGED:
        met.add(heir)
        heir = last.other
    over = ", which is over" if last is not None and last.turn in CLOSING else ""
    return f"It merged into {heir}{over}."


def _newest(cause: str, events_of: Callable[[str], Iterable[Event]]) -> CauseEvent | None:
    newest = None
    for event in events_of(cause):
        if isinstance(event, CauseEvent) and event.cause == cause:
            newest = event
    return newest
