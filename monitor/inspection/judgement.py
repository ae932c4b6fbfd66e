"""A camera's state as one look judges it: the rungs that it found, what they imply, what state follows. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from monitor.core.health import RungHealth
from monitor.core.schedule import PROBE_OF
from monitor.core.state import View, view
from monitor.core.verdict import HIDES, IMPLIES, Finding, Outcome, Reason, Rung

#: Where two protocols judge one rung, a failure goes before a success.
WORST_FIRST = (Outcome.FAIL, Outcome.OK, Outcome.UNSEEN, Outcome.NA)

#: The probes that may show a login.
LOGGING_IN = ("onvif", "rtsp")


def rungs(findings: Sequence[Finding]) -> dict[Rung, Finding]:
    """Return what was found of each rung. One connection that came about proves that the device is reachable."""
    found: dict[Rung, Finding] = {}
    for finding in findings:
        rivals = [one for one in (found.get(finding.rung), finding) if one is not None]
        found[finding.rung] = min(rivals, key=lambda one: WORST_FIRST.index(one.outcome))
    if any(one.rung is Rung.REACHABLE and one.outcome is Outcome.OK for one in findings):
        found[Rung.REACHABLE] = Finding(Rung.REACHABLE, Outcome.OK)
    return {rung: found[rung] for rung in Rung if rung in found}


def every(found: Mapping[Rung, Finding], probes: Sequence[str]) -> dict[Rung, Finding]:
    """Return all rungs: one that was not found is unseen, or not asked where no probe of the camera judges it."""
    return {rung: found.get(rung) or Finding(rung, _unfound(rung, probes)) for rung in Rung}


def judge(found: Mapping[Rung, Finding], probes: Sequence[str], refused: bool) -> View:
    """Return the state that follows. ``refused``: our last login was refused, so that now none was tried."""
    healths = {rung: _health(rung, found, probes) for rung in Rung}
    if refused and found.get(Rung.CREDENTIALS, _UNSEEN).outcome is Outcome.UNSEEN:
        healths[Rung.CREDENTIALS] = RungHealth(Outcome.FAIL, Reason.CREDENTIALS)
    for rung, implied in IMPLIES.items():
        if healths[rung].outcome is Outcome.FAIL:
            healths |= {one: healths[rung] for one in implied if healths[one].outcome is not Outcome.NA}
    for rung, hidden in HIDES.items():
        if healths[rung].outcome is Outcome.FAIL:
            healths |= {one: RungHealth(reason=healths[rung].reason) for one in hidden if _seen(healths[one])}
    return view(tuple(healths[rung] for rung in Rung))


def _unfound(rung: Rung, probes: Sequence[str]) -> Outcome:
    judging = {Rung.REACHABLE: probes, Rung.CREDENTIALS: LOGGING_IN}.get(rung, (PROBE_OF.get(rung, ""),))
    return Outcome.NA if set(probes).isdisjoint(judging) else Outcome.UNSEEN


_UNSEEN = Finding(Rung.CREDENTIALS, Outcome.UNSEEN)


def _health(rung: Rung, found: Mapping[Rung, Finding], probes: Sequence[str]) -> RungHealth:
    if rung in found:
        return RungHealth(found[rung].outcome, found[rung].reason, found[rung].detail)
    asked = rung in PROBE_OF and PROBE_OF[rung] in probes
    return RungHealth(Outcome.UNSEEN if asked else Outcome.NA)


def _seen(health: RungHealth) -> bool:
    return health.outcome not in (Outcome.NA, Outcome.FAIL)
