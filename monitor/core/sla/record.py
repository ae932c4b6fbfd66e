"""What a ledger knows of one rung of one camera: when it was surely good, and when surely bad. Pure.

Rules:
1. An outcome holds from the first look that found it (an event's ``by``) to the last one before it changed (the next
   event's ``after``). What happened between those two looks nobody saw: it is neither good nor bad.
2. Unseen and n/a are neither good nor bad; nor is what was found while nobody looked from that vantage (``blind``).
3. What another device said is credited to nobody: an event that disowns reaches back to its ``after``, and from there
   on nothing counts that was written before it.
4. The newest outcome holds on for ever; whoever asks about a period cuts it off.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from monitor.core.event import RungEvent
from monitor.core.sla.spans import LAST_MS, NONE, Span, Spans, ms, spans, without
from monitor.core.verdict import Outcome, Reason


class Record(NamedTuple):
    """When a rung was surely good and surely bad."""

    up: Spans = NONE
    down: Spans = NONE


NOTHING = Record()


class _Piece(NamedTuple):
    outcome: Outcome
    vantage: str
    start: int
    end: int


def record(events: Iterable[RungEvent], blind: Mapping[str, Spans]) -> Record:
    """Return what the events of one rung of one camera say, given in the order in which they were written.

    ``blind`` is when nobody looked, by vantage.
    """
    pieces: list[_Piece] = []
    for event in events:
        after = ms(event.after)
        if event.outcome is Outcome.UNSEEN and event.reason is Reason.IDENTITY:
            pieces = [piece._replace(end=min(piece.end, after)) for piece in pieces]
        elif pieces and pieces[-1].outcome is event.outcome and pieces[-1].vantage == event.vantage:
            continue  # for another reason, since the same moment
        elif pieces:
            pieces[-1] = pieces[-1]._replace(end=min(pieces[-1].end, after))
        pieces.append(_Piece(event.outcome, event.vantage, ms(event.by), LAST_MS))
    return Record(_of(pieces, Outcome.OK, blind), _of(pieces, Outcome.FAIL, blind))


def _of(pieces: list[_Piece], wanted: Outcome, blind: Mapping[str, Spans]) -> Spans:
    found: list[Span] = []
    for piece in pieces:
        if piece.outcome is wanted and piece.start < piece.end:
            found += without((Span(piece.start, piece.end),), blind.get(piece.vantage, NONE))
    return spans(found)
