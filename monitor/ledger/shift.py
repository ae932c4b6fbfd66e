"""What a shift has to hand over, read from its ledger."""

from __future__ import annotations

from monitor.core.diagnosis.cause import CauseEvent
from monitor.core.event import RungEvent
from monitor.core.handover import Handover, Shift, handover
from monitor.ledger import acknowledgements, causes, history
from monitor.ledger.reader import Reader


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
    return handover(shift, events, before, now.standings, open_now, noted)
