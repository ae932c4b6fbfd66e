"""What changes when another calendar comes into force, and from which moment on. Pure.

Rules:
1. Each entry that was added, changed or removed is one event.
2. A change is back-dated where it plans something for a moment before it became known here: then nobody who looks at
   the ledger can tell that it had been planned in time. How far back is ``effective``.
3. A removal holds from now on. What took place under the entry stays as it was: an old entry may be cleared away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import zip_longest
from math import inf

from monitor.core.calendar import Calendar, Entry, first_occurrence, occurrences
from monitor.core.calendar_json import digest, to_json
from monitor.core.event import CalendarEvent


def differences(known: Mapping[str, Entry], calendar: Calendar, at: float) -> list[CalendarEvent]:
    """Return the events of a calendar that comes into force at ``at`` in the place of the entries ``known``, by id."""
    events = []
    whole = digest(calendar)
    for id_ in sorted(known.keys() | calendar.entries.keys()):
        old, new = known.get(id_), calendar.entries.get(id_)
        if old == new:
            continue
        what = "added" if old is None else "removed" if new is None else "changed"
        effective = at if new is None else _effective(old, new, at)
        planned = to_json(new) if new else {}
        events.append(CalendarEvent(at, id_, what, planned, whole, effective, effective < at))
    return events


def _effective(old: Entry | None, new: Entry, at: float) -> float:
    """Return the first moment for which ``new`` plans something, or something other than ``old`` did."""
    begins = _begins(new)
    if old is None or not _differs_in_time_alone(old, new):
        return begins
    since = min(begins, _begins(old))
    if since >= at:
        return begins
    # both are disjoint and in order: the first edge that one alone has is where they part
    edges = ([edge for one in occurrences(entry, since, at) for edge in one] for entry in (old, new))
    return next((min(pair) for pair in zip_longest(*edges, fillvalue=inf) if pair[0] != pair[1]), at)


def _differs_in_time_alone(old: Entry, new: Entry) -> bool:
    times = {name: getattr(new, name) for name in ("time_zone", "start", "end", "rule", "skipped")}
    return replace(old, **times) == new


def _begins(entry: Entry) -> float:
    first = first_occurrence(entry)
    return first.start if first else inf
