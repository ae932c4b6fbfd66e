"""What a shift has to hand over, read from its ledger."""

from __future__ import annotations

from collections.abc import Iterator

from monitor.core.calendar import Calendar, members, spans
from monitor.core.diagnosis.cause import CauseEvent
from monitor.core.event import RungEvent
from monitor.core.handover import Handover, Shift, Work, handover
from monitor.core.planned import Active
from monitor.ledger import acknowledgements, calendars, causes, history, places
from monitor.ledger.reader import Reader, Restored


def handed_over(reader: Reader, shift: Shift) -> Handover:
    """Return the hand-over sheet of a shift that ends now. Raises LedgerError.

    It reads the ledger alone, so it may run beside a monitor; some tenths of a second where much has happened.
    """
    now = reader.restore()
    events = [event for _, event in reader.events(since=shift.since)]
    edges = sorted({(event.camera, event.rung) for event in events if isinstance(event, RungEvent)})
    judged = (id_ for event in events if isinstance(event, CauseEvent) for id_ in (*event.joined, *event.left))
    touched = {*judged, *(camera for camera, _ in edges)}
    rungs = {id_: now.cameras[id_] for id_ in sorted(touched) if id_ in now.cameras}
    before = history.states(reader, rungs, edges, shift.since)
    open_now, noted = causes.restored(now.memory), acknowledgements.restored(now.memory)
    return handover(shift, events, before, now.standings, open_now, noted, _planned(now, shift))


def _planned(now: Restored, shift: Shift) -> Iterator[Work]:
    """Yield what the calendar has from the end of a shift until the end of the next one."""
    calendar = Calendar(calendars.restored(now.memory))
    concerned = members(calendar, places.restored(now.memory))
    for id_, entry in calendar.entries.items():
        for one in spans(entry, shift.at, shift.ahead):
            yield Work(Active(entry, *one), len(concerned[id_]))
