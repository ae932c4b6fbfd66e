"""Blindness: is it the cameras or is it us? Read from failures that are not confirmed yet, so nothing is retracted.

Rules:
1. A canary is something of our own, or beside us, that must answer. One that fails means that its vantage is blind.
2. Half of a vantage's healthy devices failing within one cycle is our line, unless one or two things above them explain
   nearly all of it, and a canary answers: a withdrawn corridor is an outage.
3. A clock that jumped, or a loop that did not turn, means that nobody looked: that time is unseen.
4. What fails while its vantage is blind is unseen. What answers, answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import NamedTuple

from monitor.core.topology import Layer, Scope, Topology
from monitor.core.verdict import Finding, Outcome, Reason, Verdict

#: From this share of the healthy devices of a vantage on, failing within one cycle, it is ourselves.
MASS_SHARE = 0.5
#: … of at least so many devices.
MASS_LEAST = 10
#: So many things above them may explain it instead, if they explain this share of it …
MOST_ANCESTORS = 2
EXPLAINED_SHARE = 0.8
#: … and this share of what is below them fails.
ANCESTOR_SHARE = 0.8
#: A step later than this after the one before was slept through.
ASLEEP_S = 30.0

#: The canary that is always there; it answers on loopback, and so vouches for no line.
OWN_MODEL = "device model"

ABOVE = (Layer.UPLINK, Layer.SWITCH, Layer.FEEDER)


class Look(NamedTuple):
    """What one vantage saw in the last cycle. ``canaries``: name to whether it answers; one not asked is missing."""

    vantage: str
    healthy: int
    """Devices that were confirmed well and were asked."""
    failing: Collection[str]
    """Those of them whose last question failed, confirmed or not."""
    canaries: Mapping[str, bool] = {}


def blind(look: Look, topology: Topology) -> str:
    """Return why a vantage cannot see, in plain words; "" where it can."""
    silent = sorted(name for name, answers in look.canaries.items() if not answers)
    if silent:
        return f"our own {', '.join(silent)} does not answer" if len(silent) == 1 else (
            f"our own {', '.join(silent)} do not answer"
        )  # fmt: skip
    if look.healthy < MASS_LEAST or len(look.failing) < MASS_SHARE * look.healthy:
        return ""
    if _explained(look.failing, topology) and not look.canaries.keys() <= {OWN_MODEL}:
        return ""
    return f"{len(look.failing)} of {look.healthy} devices stopped answering within one cycle"


def _explained(failing: Collection[str], topology: Topology) -> bool:
    """Say whether one or two things above explain nearly all that fails."""
    left = set(failing)
    for _ in range(MOST_ANCESTORS):
        counted: Counter[Scope] = Counter(
            scope for device in left for scope in topology.scopes.get(device, ()) if scope.layer in ABOVE
        )
        whole = [scope for scope, count in counted.items() if count >= ANCESTOR_SHARE * len(topology.members[scope])]
        if not whole:
            break
        left -= set(topology.members[max(whole, key=lambda scope: (counted[scope], scope))])
    return len(left) <= (1 - EXPLAINED_SHARE) * len(failing)


def unseen(verdict: Verdict, why: str) -> Verdict:
    """Return what a verdict is worth from a blind vantage: what failed is unseen, and says why."""
    findings = tuple(
        Finding(one.rung, Outcome.UNSEEN, Reason.ABORTED, why, one.camera) if one.outcome is Outcome.FAIL else one
        for one in verdict.findings
    )
    return replace(verdict, findings=findings)


def slept(wall_before: float, wall: float, steady_before: float, steady: float) -> tuple[float, float] | None:
    """Return the interval that nobody looked in, by two readings of the wall clock and of the monotonic one.

    A suspended machine shows by either clock; a wall clock that was set back is no sleep.
    """
    passed = max(wall - wall_before, steady - steady_before)
    return (wall - passed, wall) if passed > ASLEEP_S else None
