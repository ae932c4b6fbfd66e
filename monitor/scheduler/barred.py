"""Questions that it makes no sense to re-check: what keeps us from asking lasts, and their regular turn finds out."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.core.verdict import IMPLIES, Finding, Outcome, Reason, Rung

#: What keeps us from asking for a moment only; whatever else does lasts: a full device, a path that it does not name.
PASSING = (Reason.BUDGET, Reason.ABORTED, Reason.BACK, Reason.STALE)

#: Probe, rung and camera ("" for a rung of the whole device), as wishes name them.
Barred = frozenset[tuple[str, Rung, str]]


def barred(before: Barred, probe: str, findings: Sequence[Finding]) -> Barred:
    """Return what is barred after these findings of a probe.

    A question is until it is found otherwise. Where something that it depends on is not well, it is no longer: once
    that is well, it is asked at once.
    """
    now = frozenset(
        (probe, one.rung, one.camera)
        for one in findings
        if one.outcome is Outcome.UNSEEN and one.reason and one.reason not in PASSING
    )
    if not before:
        return now
    ill = [one for one in findings if one.outcome in (Outcome.FAIL, Outcome.UNSEEN)]
    freed = {(rung, one.camera) for one in ill for rung in IMPLIES.get(one.rung, ())}
    found = {(one.rung, one.camera) for one in findings}
    return now | {
        (asked, rung, camera)
        for asked, rung, camera in before
        if not (asked == probe and (rung, camera) in found) and freed.isdisjoint(((rung, ""), (rung, camera)))
    }
