"""What a shift has to hand over, read from its ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from monitor.core.calendar import Calendar, members, spans
from monitor.core.diagnosis.cause import Cause, CauseEvent
from monitor.core.event import RungEvent
from monitor.core.handover import Handover, Marks, Shift, Story, handover
from monitor.core.planned import Active, Work, for_cameras
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
    sheet = handover(shift, events, before, now.cameras, now.standings, open_now, noted, _planned(now, shift))
    return replace(sheet, marks=_marks(now, shift, open_now.values(), sheet.ended))


def _planned(now: Restored, shift: Shift) -> Iterator[Work]:
    """Yield what the calendar has from the end of a shift until the end of the next one."""
    calendar = Calendar(calendars.restored(now.memory))
    concerned = members(calendar, places.restored(now.memory))
    for id_, entry in calendar.entries.items():
        for one in spans(entry, shift.at, shift.ahead):
            yield Work(Active(entry, *one), len(concerned[id_]))


def _marks(now: Restored, shift: Shift, open_ones: Iterable[Cause], ended: Iterable[Story]) -> Marks:
    """Return what is planned now for the cameras of open causes, and was when those began that are over."""
    calendar, inventory = Calendar(calendars.restored(now.memory)), places.restored(now.memory)
    moments = {cause.id: (shift.at, cause.members) for cause in open_ones}
    moments |= {story.cause: (story.by, story.cameras) for story in ended}
    found = {id_: for_cameras(sorted(cameras), calendar, inventory, at) for id_, (at, cameras) in moments.items()}
    return {id_: works for id_, works in found.items() if works}
