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
from monitor.core.sla.spans import LAST_MS, NONE, Spans, either, ms, spans, without
from monitor.core.verdict import Outcome, Reason


class Record(NamedTuple):
    """When a rung was surely good and surely bad."""

    up: Spans = NONE
    down: Spans = NONE


NOTHING = Record()


class _Piece:
    """What one event says: an outcome, from its first look until the last one before it changed."""

    __slots__ = ("end", "outcome", "start", "vantage")

    def __init__(self, outcome: Outcome, vantage: str, start: int) -> None:
        self.outcome = outcome
        self.vantage = vantage
        self.start = start
        self.end = LAST_MS


def record(events: Iterable[RungEvent], blind: Mapping[str, Spans]) -> Record:
    """Return what the events of one rung of one camera say, given in the order in which they were written.

    ``blind`` is when nobody looked, by vantage.
    """
    pieces: list[_Piece] = []
    newest: _Piece | None = None
    for _, _, vantage, _, outcome, reason, _, since, by in events:
        after = ms(since)
        if outcome is Outcome.UNSEEN and reason is Reason.IDENTITY:
            for piece in pieces:
                piece.end = min(piece.end, after)
        elif newest is not None:
            if newest.outcome is outcome and newest.vantage == vantage:
                continue  # for another reason, since the same moment
            newest.end = min(newest.end, after)
        newest = _Piece(outcome, vantage, ms(by))
        pieces.append(newest)
    held: dict[Outcome, dict[str, list[tuple[int, int]]]] = {Outcome.OK: {}, Outcome.FAIL: {}}
    for piece in pieces:
        if piece.outcome in held:
            held[piece.outcome].setdefault(piece.vantage, []).append((piece.start, piece.end))
    up, down = (
        either(*[without(spans(times), blind.get(vantage, NONE)) for vantage, times in of_vantage.items()])
        for of_vantage in held.values()
    )
    return Record(up, down)
