"""One camera's rungs after a verdict on its device: what its findings confirm, imply, hide and leave open.

Rules:
1. A confirmed failure of ``reachable`` or ``stream`` is one of every rung that needs it (``IMPLIES``); refused
   credentials hide what lies behind them, and what another device says is credited to nobody (``HIDES``): its rungs
   are unseen since it was last known who answers. While that is open, nothing that it says is taken.
2. When the device is back, what only its silence implied is unseen until it is asked; what failed before is so where
   it was asked since and nobody could look (the device is full, the login is withheld).
3. What is well was so when the question was put that had the last good answer, which may be long before the
   conversation was over: a device can die while it is being asked.
4. Where all was well and is so once more, nothing of that is to be thought of (``well_again``).
"""

from __future__ import annotations

from collections.abc import Mapping

from monitor.core.health import (
    CONFIRMATIONS,
    UNSEEN,
    RungHealth,
    Rungs,
    asked,
    disown,
    doubt,
    good_until,
    hide,
    imply_failure,
    is_awaited,
    is_doubtful,
    is_unanswered,
    observe,
    outlived,
    put_off,
    seen_well,
    silenced,
    withheld,
)
from monitor.core.identity import Recognition, Who
from monitor.core.schedule import PROBE_OF
from monitor.core.verdict import HIDES, IMPLIES, NETWORK_RUNGS, OF_THE_DEVICE, Finding, Outcome, Reason, Rung, Verdict

_ANSWERS: Mapping[Who, tuple[Outcome, Reason | None]] = {
    Who.OWN: (Outcome.OK, None),
    Who.NEW: (Outcome.OK, None),
    Who.STRANGER: (Outcome.FAIL, Reason.IDENTITY),
    Who.NAMELESS: (Outcome.NA, None),
}


OK, FAIL, NA = Outcome.OK, Outcome.FAIL, Outcome.NA
#: While one of these fails, what is found says something of other rungs, too.
_FAR_REACHING = tuple(map(int, sorted({*IMPLIES, *HIDES})))


def judge(rungs: Rungs, camera: str, verdict: Verdict, recognition: Recognition | None) -> Rungs:
    """Return a camera's rungs after a verdict on its device."""
    return well_again(rungs, camera, verdict, recognition) or judged_at_length(rungs, camera, verdict, recognition)


def well_again(rungs: Rungs, camera: str, verdict: Verdict, recognition: Recognition | None) -> Rungs | None:
    """Return what ``judged_at_length`` does where nothing but what was well before was found, and well; else None."""
    for place in _FAR_REACHING:
        if rungs[place].outcome is FAIL:
            return None
    at, good_at = verdict.at, verdict.at - verdict.silent_s
    judged = list(rungs)
    if recognition is not None:
        judged[Rung.IDENTITY] = _identity(judged[Rung.IDENTITY], recognition, verdict)
    if is_doubtful(judged[Rung.IDENTITY]):
        return None
    before, said, now = UNSEEN, "", UNSEEN
    for rung, outcome, _, detail, of_camera in verdict.findings:
        if (of_camera and of_camera != camera) or (recognition is not None and rung is Rung.IDENTITY):
            continue
        health = judged[rung]
        if outcome is OK and health.outcome is OK:
            if health != before or detail != said:  # rungs of which the same is known share it: nine are 1.5 KB
                before, said = health, detail
                now = seen_well(health, detail, at if at <= good_at else max(health.last_ok, good_at), at)
            judged[rung] = now
        elif outcome is not NA or health.outcome is not NA:
            return None
    return tuple(judged)


def judged_at_length(rungs: Rungs, camera: str, verdict: Verdict, recognition: Recognition | None) -> Rungs:
    """Return a camera's rungs after a verdict on its device, whatever it found."""
    began = verdict.at - verdict.duration_s
    good_at = verdict.at - verdict.silent_s
    judged = list(rungs)
    if recognition is not None:
        judged[Rung.IDENTITY] = _identity(judged[Rung.IDENTITY], recognition, verdict)
    doubtful = is_doubtful(judged[Rung.IDENTITY])
    for finding in verdict.findings:
        rung = finding.rung
        if doubtful and _is_no_answer(finding, verdict):
            judged[Rung.IDENTITY] = asked(judged[Rung.IDENTITY])
        if (doubtful and rung in OF_THE_DEVICE) or (recognition is not None and rung is Rung.IDENTITY):
            continue
        if finding.camera in ("", camera):
            judged[rung] = good_until(_observe(judged[rung], finding, began, verdict.at), rungs[rung], good_at)
            _leave_open(judged, finding, verdict.at)
    _propagate(judged, verdict.at)
    _put_off(judged, rungs[Rung.REACHABLE], verdict.at)
    return tuple(judged)


def _is_no_answer(finding: Finding, verdict: Verdict) -> bool:
    """Say whether who answers was asked, or could not be asked, to no avail."""
    if finding.rung is Rung.IDENTITY:
        return True
    if verdict.probe != PROBE_OF[Rung.IDENTITY]:
        return False
    silent = finding.outcome is Outcome.FAIL and finding.rung in (Rung.REACHABLE, Rung.CONTROL)
    return silent or finding.rung is Rung.CREDENTIALS


def _identity(health: RungHealth, recognition: Recognition, verdict: Verdict) -> RungHealth:
    """Return the rung ``identity`` after an answer that says, or hints at, who gave it."""
    if recognition.who is Who.DOUBTFUL:
        return doubt(health, recognition.detail, verdict.at)
    if recognition.who not in _ANSWERS:
        return health
    outcome, reason = _ANSWERS[recognition.who]
    rule = CONFIRMATIONS[Rung.IDENTITY]
    began, good_at = verdict.at - verdict.duration_s, verdict.at - verdict.silent_s
    found = observe(health, outcome, reason, recognition.detail, began, verdict.at, rule)
    return good_until(found, health, good_at)


def _observe(health: RungHealth, finding: Finding, began: float, at: float) -> RungHealth:
    if finding.outcome is Outcome.UNSEEN and finding.rung is Rung.CREDENTIALS and finding.reason is Reason.CREDENTIALS:
        return withheld(health, finding.detail, at)
    return observe(health, finding.outcome, finding.reason, finding.detail, began, at, CONFIRMATIONS[finding.rung])


def _leave_open(rungs: list[RungHealth], finding: Finding, at: float) -> None:
    """Hide what failed before the device came back, where it was asked since and nobody could look."""
    if finding.outcome is not Outcome.UNSEEN or finding.rung not in NETWORK_RUNGS:
        return
    for rung in (finding.rung, *IMPLIES.get(finding.rung, ())):
        if is_awaited(rungs[rung], rungs[Rung.REACHABLE]):
            rungs[rung] = hide(rungs[rung], finding.reason or Reason.ABORTED, at)


def _put_off(rungs: list[RungHealth], silence: RungHealth, at: float) -> None:
    """Leave open what a silence that is over implied, or hid of the agent, and nobody has asked since."""
    if silence.outcome is Outcome.FAIL and rungs[Rung.REACHABLE].outcome is Outcome.OK:
        failed = [rung for rung in IMPLIES[Rung.REACHABLE] if rungs[rung].by == silence.by]
        if rungs[Rung.DEVICE].by > silence.after:
            failed.append(Rung.DEVICE)
        for rung in failed:
            rungs[rung] = put_off(rungs[rung], at)


def _propagate(rungs: list[RungHealth], at: float) -> None:
    """Carry confirmed failures to the rungs that depend on them; a dead network hides nothing, it explains."""
    for cause, hidden in HIDES.items():
        if rungs[cause].outcome is Outcome.FAIL:
            for rung in hidden:
                if cause is Rung.IDENTITY:
                    rungs[rung] = disown(rungs[rung], rungs[cause].last_ok, at)
                else:
                    rungs[rung] = hide(rungs[rung], rungs[cause].reason or Reason.CREDENTIALS, at)
    if is_unanswered(rungs[Rung.IDENTITY]):
        for rung in OF_THE_DEVICE:
            rungs[rung] = hide(rungs[rung], Reason.IDENTITY, at)
    for cause, implied in IMPLIES.items():
        if rungs[cause].outcome is Outcome.FAIL and not outlived(rungs[cause], rungs[Rung.REACHABLE]):
            for rung in implied:
                rungs[rung] = imply_failure(rungs[rung], rungs[cause])
    if rungs[Rung.REACHABLE].outcome is Outcome.FAIL:
        rungs[Rung.DEVICE] = silenced(rungs[Rung.DEVICE])
        if rungs[Rung.REACHABLE].successes:  # what follows an answer is another silence
            rungs[Rung.REACHABLE] = silenced(rungs[Rung.REACHABLE])
