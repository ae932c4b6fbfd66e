"""What the ledger of a chain has to say of an outage."""

from __future__ import annotations

from chain import Camfleet

from monitor.core.diagnosis.cause import CLOSING, CauseEvent, replay
from monitor.core.event import RungEvent
from monitor.core.verdict import Outcome, Rung


def cause_of(camfleet: Camfleet, scope: str) -> tuple[CauseEvent, frozenset[str]]:
    """Return the newest event of the open cause with this scope, and its members."""
    events: list[CauseEvent] = camfleet.events("cause")
    (cause,) = (one for one in replay(events).values() if one.scope.name == scope)
    return next(one for one in reversed(events) if one.cause == cause.id), cause.members


def silent_since(camfleet: Camfleet, moments: tuple[float, float]) -> set[str]:
    """Return the cameras that stopped answering in an interval that holds what was done between these moments."""
    events: list[RungEvent] = camfleet.events("rung")
    failed = [one for one in events if (one.rung, one.outcome) == (Rung.REACHABLE, Outcome.FAIL)]
    return {one.camera for one in failed if one.after <= moments[1] and moments[0] <= one.by}


def repaired(camfleet: Camfleet, scope: str) -> list[str]:
    """Return how the causes with this scope ended."""
    events: list[CauseEvent] = camfleet.events("cause")
    return [str(one.turn) for one in events if one.scope.name == scope and one.turn in CLOSING]
