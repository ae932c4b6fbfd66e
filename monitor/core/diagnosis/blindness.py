"""Blindness: is it the cameras or is it us? Read from failures that are not confirmed yet, so nothing is retracted.

Rules:
1. A canary is something of our own, or beside us, that must answer. One that fails means that its vantage is blind.
2. Half of a vantage's healthy devices failing within one cycle is our line, unless one or two things above them explain
   nearly all of it, and a canary answers: a withdrawn corridor is an outage.
3. A clock that jumped, or a loop that did not turn, means that nobody looked: that time is unseen.
4. What fails while its vantage is blind is unseen. What answers, answers; and a refused login is an answer, which is
   not to be had again soon. It may be our own fault only where the monitor itself stood still: a token grows old.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

from monitor.core.canary import NO_ANSWERS, OWN_MODEL, Answers
from monitor.core.topology import Layer, Scope, Topology
from monitor.core.verdict import Finding, Outcome, Reason, Verdict

#: From this share of the healthy devices of a vantage on, failing within one cycle, it is ourselves.
MASS_SHARE = 0.5
#: … of at least so many devices.
MASS_LEAST = 10
#: So many things above them may explain it instead, if they explain this share of it …
MOST_ANCESTORS = 2
EXPLAINED_SHARE = 0.8
#: … and this share of what is below them, and was asked since, fails.
ANCESTOR_SHARE = 0.8
#: A step later than this after the one before was slept through.
ASLEEP_S = 30.0

ABOVE = (Layer.UPLINK, Layer.SWITCH, Layer.FEEDER)
#: What says that a device has answered, and is told of a blind vantage, too.
ANSWERS = frozenset({Reason.CREDENTIALS})


class Look(NamedTuple):
    """What one vantage saw in the last cycle."""

    vantage: str
    healthy: int
    """Devices that were confirmed well and were asked."""
    failing: Collection[str]
    """Those of them whose last question failed, confirmed or not."""
    canaries: Answers = NO_ANSWERS
    answering: Collection[str] = ()
    """Those of the healthy that answered since the first of these failures: the others were not asked yet."""


def mute(canaries: Answers) -> str:
    """Return what is wrong with the canaries, in plain words; "" where none is known to be silent."""
    return "; ".join(silence.words for _, silence in sorted(canaries.items()) if silence)


def blind(look: Look, topology: Topology) -> str:
    """Return why a vantage cannot see, in plain words; "" where it can."""
    if silent := mute(look.canaries):
        return silent
    if not _many(look) or outage(look, topology):
        return ""
    return f"{len(look.failing)} of {look.healthy} devices stopped answering within one cycle"


def outage(look: Look, topology: Topology) -> bool:
    """Say whether so much fails for one or two things above it, while something beside us answers."""
    return _many(look) and _beside(look.canaries) and _explained(look, topology)


def _many(look: Look) -> bool:
    return look.healthy >= MASS_LEAST and len(look.failing) >= MASS_SHARE * look.healthy


def _beside(canaries: Answers) -> bool:
    """Say whether something beside us answers: our own device model says nothing about the line."""
    return any(silence is None for name, silence in canaries.items() if name != OWN_MODEL)


def _explained(look: Look, topology: Topology) -> bool:
    """Say whether one or two things above explain nearly all that fails, by those that were asked since."""
    left = set(look.failing)
    answering = _above(look.answering, topology)
    for _ in range(MOST_ANCESTORS):
        counted = _above(left, topology)
        whole = [scope for scope, count in counted.items() if count >= ANCESTOR_SHARE * (count + answering[scope])]
        if not whole:
            break
        left -= set(topology.members[max(whole, key=lambda scope: (counted[scope], scope))])
    return len(left) <= (1 - EXPLAINED_SHARE) * len(look.failing)


def _above(devices: Collection[str], topology: Topology) -> Counter[Scope]:
    return Counter(scope for device in devices for scope in topology.scopes.get(device, ()) if scope.layer in ABOVE)


def unseen(verdict: Verdict, why: str, but: Collection[Reason] = ()) -> Verdict:
    """Return what a verdict is worth where nobody could look: what failed is unseen, and says why, ``but`` for some."""
    findings = tuple(
        Finding(one.rung, Outcome.UNSEEN, Reason.ABORTED, why, one.camera)
        if one.outcome is Outcome.FAIL and one.reason not in but
        else one
        for one in verdict.findings
    )
    return replace(verdict, findings=findings)


class Asleep(NamedTuple):
    """Within (``after``, ``by``] the monitor did not run."""

    after: float
    by: float


def slept(wall_before: float, wall: float, steady_before: float, steady: float) -> Asleep | None:
    """Return the interval that nobody looked in, by two readings of the wall clock and of the monotonic one.

    A suspended machine shows by either clock; a wall clock that was set back is no sleep.
    """
    passed = max(wall - wall_before, steady - steady_before)
    return Asleep(wall - passed, wall) if passed > ASLEEP_S else None
