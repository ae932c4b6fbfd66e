"""A camera's state, computed from its rungs and never stored; and since when it holds.

| state | when |
|---|---|
| up | the working rung is ok |
| degraded | up, and another rung fails, or it flaps |
| unreachable | the working rung fails and an open cause above the camera holds it |
| down | it fails otherwise, or the credentials rung fails |
| unknown | the working rung was never seen, or not for long, or the monitor was blind |

What causes make of a state (``Effects``) is handed in: that something above holds the camera, that it flaps, that the
monitor is blind.

A state began within (``after``, ``by``]; it keeps that beginning until another state follows.

| state | its beginning |
|---|---|
| unreachable | the onset (last good, first bad] of the working rung, or of the silence where that came later |
| down | that of the working rung, or of the refused login where that came first |
| degraded | the onset of what fails beside the working rung; after an outage, the recovery of the working rung |
| up | the recovery (last bad, first good] of the last rung that was in the way |
| unknown | the moment since when nobody can say: patience was over, the stream was hidden, the login works again |
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from math import inf
from typing import NamedTuple

from monitor.core.health import NEVER_SEEN, RungHealth, Rungs, is_of_before
from monitor.core.verdict import HIDES, Outcome, Reason, Rung


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

#: Each state in a few words, for those who see it for the first time.
MEANINGS: dict[State, str] = {
    State.UP: "Video arrives.",
    State.DEGRADED: "Video arrives, and something else is wrong.",
    State.UNREACHABLE: "Something above the camera holds it: its uplink, its power.",
    State.DOWN: "No video arrives, or the login is refused.",
    State.UNKNOWN: "Nobody could look yet, or not for too long.",
}

#: Where several rungs fail, the first of these is the reason that a person is told.
TELLING = (Rung.REACHABLE, Rung.CREDENTIALS, Rung.STREAM, Rung.MEDIA)
#: "Working" means that video arrives; without that probe, the strongest question that is asked.
WORKING_RUNGS = (Rung.MEDIA, Rung.STREAM, Rung.CONTROL, Rung.REACHABLE)
#: Whatever else a probe asks comes with, or after, an answer to its own question.
OWN_QUESTIONS = (Rung.CONTROL, Rung.STREAM, Rung.DEVICE)


class Standing(NamedTuple):
    """A state, and the interval (``after``, ``by``] within which it began, in seconds since the epoch."""

    state: State = State.UNKNOWN
    after: float = -inf
    by: float = -inf


class View(NamedTuple):
    """What a person is told of a camera: its state, why, within which interval that began, and who was heard when."""

    state: State
    reason: Reason | None
    rung: Rung
    after: float
    by: float
    last_probe: float = -inf
    """When a probe last came to a finding about the camera, good or bad."""
    last_answer: float = -inf
    """When the device last answered anything: a question about the camera was found ok."""
    is_back: bool = False
    """Whether the device answers again, and the reason is of before: what failed with it is being asked anew."""


#: What the open causes of a camera make of its state: the state, and the interval within which that began.
Effects = Mapping[State, tuple[float, float]]
NO_EFFECTS: Effects = {}

NOBODY_LOOKED = Standing()
NEVER = View(State.UNKNOWN, None, Rung.MEDIA, -inf, -inf)


def stand(standing: Standing, before: Rungs, rungs: Rungs, at: float, effects: Effects = NO_EFFECTS) -> Standing:
    """Return the state of a camera whose rungs, or causes, became these at ``at``, and since when it holds.

    While the state stays it is the same object: an outage that gets worse does not begin anew.
    """
    working = rungs[_working(rungs)]
    state = _state(working, rungs, effects)
    if state is standing.state:
        return standing
    if state is not State.UNREACHABLE and state in effects and _state(working, rungs, NO_EFFECTS) is not state:
        return Standing(state, *effects[state])
    decisive = _decisive(state, working, before, rungs)
    if decisive.outcome is Outcome.FAIL:
        return Standing(state, decisive.after, decisive.by)
    if decisive.by < standing.by:  # nothing that was seen brought it: another inventory or the end of a cause did
        return Standing(state, max(at, standing.by), max(at, standing.by))
    if decisive.outcome is Outcome.OK:
        return Standing(state, max(decisive.after, standing.by), decisive.by)
    return Standing(state, decisive.by, decisive.by)


def _working(rungs: Rungs) -> Rung:
    for rung in WORKING_RUNGS:
        if rungs[rung].outcome is not Outcome.NA:
            return rung
    return Rung.MEDIA


def _state(working: RungHealth, rungs: Rungs, effects: Effects) -> State:
    if State.UNKNOWN in effects:
        return State.UNKNOWN
    if working.outcome is Outcome.FAIL and State.UNREACHABLE in effects:
        return State.UNREACHABLE
    if working.outcome is Outcome.FAIL or rungs[Rung.CREDENTIALS].outcome is Outcome.FAIL:
        return State.DOWN
    if working.outcome is not Outcome.OK:
        return State.UNKNOWN
    ill = State.DEGRADED in effects or Outcome.FAIL in [health.outcome for health in rungs]
    return State.DEGRADED if ill else State.UP


def _decisive(state: State, working: RungHealth, before: Rungs, rungs: Rungs) -> RungHealth:
    """Return the rung that put a camera into a state that it was not in."""
    if state is State.UNREACHABLE:
        silent = [health for health in (rungs[Rung.REACHABLE],) if health.outcome is Outcome.FAIL]
        return max((working, *silent), key=_by_and_after)
    if state is State.DOWN:
        failing = [health for health in (working, rungs[Rung.CREDENTIALS]) if health.outcome is Outcome.FAIL]
        return min(failing, key=_by)
    turned = [
        new
        for old, new in zip(before, rungs, strict=True)
        if old.outcome is not new.outcome and Outcome.FAIL in (old.outcome, new.outcome)
    ]
    return max((working, *turned), key=_by)


def _by(health: RungHealth) -> float:
    return health.by


def _by_and_after(health: RungHealth) -> tuple[float, float]:
    return health.by, health.after


def last_good(standing: Standing, rungs: Rungs) -> float:
    """Return when a camera that does not work was last seen to work, at the earliest; -inf: nobody ever saw it work."""
    working = rungs[_working(rungs)]
    return min(standing.after, working.after) if working.outcome is Outcome.FAIL else standing.after


def view(rungs: Rungs, standing: Standing | None = None) -> View:
    """Return what is told of a camera; without its ``standing``, as if these rungs were all that ever was."""
    state, after, by = standing or stand(NOBODY_LOOKED, NEVER_SEEN, rungs, -inf)
    last_ok = max([health.last_ok for health in rungs])
    last_probe = max(last_ok, max([health.last_fail for health in rungs]))
    if state is State.UP:
        return View(state, None, _working(rungs), after, by, last_probe, last_ok)
    rung = _told(state, rungs)
    reason = _reason(state, rungs[rung])
    is_back = rung is not Rung.REACHABLE and is_of_before(rungs[rung], rungs[Rung.REACHABLE])
    return View(state, reason, rung, after, by, last_probe, last_ok, is_back)


def _reason(state: State, told: RungHealth) -> Reason | None:
    """Return why a camera is in its state, by the rung that is told; what no rung says, a cause does."""
    if state is State.DEGRADED and told.outcome is not Outcome.FAIL:
        return Reason.FLAPPING
    if state is State.UNKNOWN and told.outcome in (Outcome.OK, Outcome.FAIL):
        return Reason.ABORTED
    return told.reason


def _told(state: State, rungs: Rungs) -> Rung:
    """Return the rung whose reason is the camera's."""
    working = _working(rungs)
    if state.working is False:
        return next(rung for rung in (*TELLING, working) if rungs[rung].outcome is Outcome.FAIL)
    if state is State.DEGRADED:
        return next((rung for rung in Rung if rungs[rung].outcome is Outcome.FAIL), working)
    if state is State.UNKNOWN:
        unseen = [rung for rung in (working, Rung.STREAM, Rung.CREDENTIALS) if rungs[rung].outcome is Outcome.UNSEEN]
        full = [rung for rung in unseen if rungs[rung].reason is Reason.BUSY]
        return next((rung for rung in (*full, *unseen) if rungs[rung].reason is not None), working)
    return working


def decided(rungs: Rungs, busy_attempts: int = 3) -> bool:
    """Say whether a first look at a camera is complete: its state is confirmed, or it was found full often enough, and
    nothing else that can be seen of it is open."""
    if rungs[Rung.REACHABLE].outcome is Outcome.FAIL:
        return True
    hidden = {rung for cause, behind in HIDES.items() if rungs[cause].outcome is Outcome.FAIL for rung in behind}
    if max(rungs[Rung.STREAM].busy, rungs[Rung.MEDIA].busy) >= busy_attempts:
        hidden |= {Rung.STREAM, Rung.MEDIA}
    elif view(rungs).state is State.UNKNOWN:
        return False
    return not any(_is_open(rung, rungs[rung]) for rung in Rung if rung not in hidden)


def _is_open(rung: Rung, health: RungHealth) -> bool:
    """Say whether a probe's own question was not answered yet, or a first failure is not confirmed."""
    return health.outcome is Outcome.UNSEEN and (rung in OWN_QUESTIONS or health.failures > 0)
