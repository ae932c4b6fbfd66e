"""A camera's state, computed from its rungs and never stored; and the fleet counted by it.

| state | when |
|---|---|
| up | the working rung is ok |
| degraded | up, and another rung fails |
| unreachable | the working rung fails and an open cause above the camera holds it |
| down | it fails otherwise, or the credentials rung fails |
| unknown | the working rung was never seen, or not for long |
"""

from __future__ import annotations

from enum import StrEnum
from math import inf
from typing import NamedTuple

from monitor.core.fleet import Rungs
from monitor.core.verdict import Outcome, Reason, Rung


class State(StrEnum):
    UP = "up"
    DEGRADED = "degraded"
    UNREACHABLE = "unreachable"
    DOWN = "down"
    UNKNOWN = "unknown"

    def __str__(self) -> str:
        return self.value

    @property
    def working(self) -> bool | None:
        """True, False, or None where nobody can say."""
        return WORKING[self]


WORKING: dict[State, bool | None] = {
    State.UP: True,
    State.DEGRADED: True,
    State.UNREACHABLE: False,
    State.DOWN: False,
    State.UNKNOWN: None,
}

#: Where several rungs fail, the first of these is the reason that a person is told.
TELLING = (Rung.REACHABLE, Rung.CREDENTIALS, Rung.STREAM, Rung.MEDIA)
#: "Working" means that video arrives; without that probe, the strongest question that is asked.
WORKING_RUNGS = (Rung.MEDIA, Rung.STREAM, Rung.CONTROL, Rung.REACHABLE)


class View(NamedTuple):
    """What a person is told of a camera: its state, why, and within which interval that began."""

    state: State
    reason: Reason | None
    rung: Rung
    after: float
    by: float


def view(rungs: Rungs) -> View:
    """Return a camera's state from its rungs."""
    working = next((rung for rung in WORKING_RUNGS if rungs[rung].outcome is not Outcome.NA), Rung.MEDIA)
    if rungs[working].outcome is Outcome.FAIL or rungs[Rung.CREDENTIALS].outcome is Outcome.FAIL:
        return _failing(State.DOWN, rungs, (*TELLING, working))
    if rungs[working].outcome is Outcome.OK:
        if any(health.outcome is Outcome.FAIL for health in rungs):
            return _failing(State.DEGRADED, rungs, tuple(Rung))
        return View(State.UP, None, working, rungs[working].after, rungs[working].by)
    return View(State.UNKNOWN, rungs[working].reason, working, rungs[working].after, rungs[working].by)


def _failing(state: State, rungs: Rungs, order: tuple[Rung, ...]) -> View:
    rung = next(rung for rung in order if rungs[rung].outcome is Outcome.FAIL)
    return View(state, rungs[rung].reason, rung, rungs[rung].after, rungs[rung].by)


def decided(rungs: Rungs, busy_attempts: int = 3) -> bool:
    """Say whether a first look at a camera is complete: its state is confirmed, or it was found full often enough."""
    busy = max(rungs[Rung.STREAM].busy, rungs[Rung.MEDIA].busy)
    return view(rungs).state is not State.UNKNOWN or busy >= busy_attempts


NEVER = View(State.UNKNOWN, None, Rung.MEDIA, -inf, -inf)
