"""Symptoms: what a camera's rungs say is wrong with it, each with the interval within which it began.

Rules:
1. ``silent``, ``identity`` and ``credentials`` are questions of their own. Of what is wrong with a device that answers
   (``STREAMLESS``) there is one at a time, the first in the order of ``Symptom``.
2. Unseen is neither well nor ill: a symptom ends when its rung is seen ok (or is no longer asked), never by silence.
   So whatever was wrong with a camera before its power went is still wrong with it.
3. That a service fails is its own fault only where the device answered otherwise since it was seen to. What was found
   during a silence, or is implied by it, and was not asked since, is unseen: neither well nor ill. So is what was
   first seen just before the device may have fallen silent: two of its three failures may be the silence's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from math import inf
from typing import NamedTuple

from monitor.core.health import RungHealth, Rungs
from monitor.core.verdict import Outcome, Reason, Rung

OK, FAIL, UNSEEN, NA = Outcome.OK, Outcome.FAIL, Outcome.UNSEEN, Outcome.NA


class Symptom(StrEnum):
    """What is wrong, in the order in which it keeps a camera from being up."""

    SILENT = "silent"
    IDENTITY = "another device"
    CREDENTIALS = "login refused"
    HUNG = "hung"
    STREAM = "no stream"
    NO_VIDEO = "no video"
    BUSY = "busy"
    FLAPPING = "flapping"
    CLOCK = "clock"
    STORAGE = "storage"
    SERVICE_OFF = "service off"
    VITALS = "vital sign"

    def __str__(self) -> str:
        return self.value


#: Of these there is one at a time.
STREAMLESS = (Symptom.HUNG, Symptom.STREAM, Symptom.NO_VIDEO, Symptom.BUSY)
#: Replies that mean that a device is alive and stuck.
STUCK = (Reason.NO_REPLY, Reason.CLOSED)
#: What a network that was down has left on the services of a device that hung before it.
NETWORK_DOWN = (Reason.TIMEOUT, Reason.NO_ROUTE, Reason.DNS)

#: Symptoms that are one rung's failure.
OF_RUNG: Mapping[Symptom, Rung] = {
    Symptom.SILENT: Rung.REACHABLE,
    Symptom.IDENTITY: Rung.IDENTITY,
    Symptom.CREDENTIALS: Rung.CREDENTIALS,
    Symptom.CLOCK: Rung.CLOCK,
    Symptom.STORAGE: Rung.RECORDING,
}

#: A failure is confirmed within this long after it was first seen: by two re-checks, each 10 s after the one before and
#: as long as a reply is waited for.
CONFIRMED_S = 30.0
#: Rungs that fail with a device's silence, and come back later than it.
SERVICES = (Rung.CONTROL, Rung.STREAM, Rung.MEDIA, Rung.DEVICE)


class Onset(NamedTuple):
    """Something began within (``after``, ``by``], seconds since the epoch; ``after`` is -inf before our first look."""

    after: float
    by: float


Symptoms = Mapping[Symptom, Onset]
NONE: Symptoms = {}


def symptoms(rungs: Rungs, before: Symptoms = NONE) -> Symptoms:
    """Return what is wrong with a camera; ``before`` is what was wrong until now."""
    if not before and all(health.outcome is OK or health.outcome is NA for health in rungs):
        return NONE
    if not before and rungs[Rung.REACHABLE].outcome is FAIL:
        return {Symptom.SILENT: _silent(rungs[Rung.REACHABLE], before)}
    proven = _proven(rungs)
    found = dict(_of_rungs(proven, before))
    found |= _streamless(proven, before)
    return {symptom: found[symptom] for symptom in Symptom if symptom in found}


def is_unproven(rungs: Rungs) -> bool:
    """Say whether the next look at a device may show that what fails fails by itself, or fell silent anew."""
    if rungs[Rung.REACHABLE].outcome is FAIL:
        return rungs[Rung.REACHABLE].failing_since == inf
    return any(not _is_its_own(rungs, rung) for rung in SERVICES)


def _proven(rungs: Rungs) -> Rungs:
    """Return the rungs as far as they are proven: a failure that may be a silence's is unseen."""
    proven = list(rungs)
    for rung in SERVICES:
        if not _is_its_own(rungs, rung):
            proven[rung] = rungs[rung]._replace(outcome=UNSEEN, reason=None)
    return tuple(proven)


def _is_its_own(rungs: Rungs, rung: Rung) -> bool:
    """Say whether a rung, if it fails, does so by itself: the device answered since and was not asked in vain after
    that, or nothing else is asked."""
    health, answers = rungs[rung], rungs[Rung.REACHABLE]
    if health.outcome is not FAIL or (rungs[Rung.CONTROL].outcome is NA and rungs[Rung.STREAM].outcome is NA):
        return True
    may_be_silent = answers.outcome is not FAIL and answers.failures > 0
    if may_be_silent and health.failing_since > answers.streak_from - CONFIRMED_S:
        return False
    return health.failing_since <= answers.last_ok


def _of_rungs(rungs: Rungs, before: Symptoms) -> Iterator[tuple[Symptom, Onset]]:
    for symptom, rung in OF_RUNG.items():
        if onset := _lasting(symptom, rungs[rung], before):
            yield symptom, onset
    control, device = rungs[Rung.CONTROL], rungs[Rung.DEVICE]
    bad = device.outcome is FAIL and Reason.VITALS in (device.reason, device.rival)
    if bad or (Symptom.VITALS in before and device.outcome is UNSEEN):
        yield Symptom.VITALS, before.get(Symptom.VITALS, _seen(device))
    service = control if control.outcome is FAIL else device
    off = not _hung(rungs, before) and service.outcome is FAIL and not (service is device and bad)
    if off or (Symptom.SERVICE_OFF in before and (_failed_last(control) or _failed_last(device))):
        yield Symptom.SERVICE_OFF, before.get(Symptom.SERVICE_OFF, _seen(service))
    if Symptom.FLAPPING in before:
        yield Symptom.FLAPPING, before[Symptom.FLAPPING]


def _failed_last(health: RungHealth) -> bool:
    """Say whether a rung that nobody sees now failed when it was last seen."""
    return health.outcome is UNSEEN and health.last_fail > -inf and health.last_fail >= health.last_ok


def _lasting(symptom: Symptom, health: RungHealth, before: Symptoms) -> Onset | None:
    if health.outcome is FAIL:
        return _silent(health, before) if symptom is Symptom.SILENT else _onset(health)
    return before.get(symptom) if health.outcome is UNSEEN else None


def _streamless(rungs: Rungs, before: Symptoms) -> dict[Symptom, Onset]:
    """Return the one symptom of a device that answers and gives no video."""
    old = {symptom: before[symptom] for symptom in STREAMLESS if symptom in before}
    now = _what_fails(rungs, before)
    if now is None:
        working = rungs[Rung.MEDIA] if rungs[Rung.MEDIA].outcome is not NA else rungs[Rung.STREAM]
        return old if working.outcome is UNSEEN else {}
    symptom, health = now
    return {symptom: min([_seen(health), *old.values()])}


def _what_fails(rungs: Rungs, before: Symptoms) -> tuple[Symptom, RungHealth] | None:
    stream, media = rungs[Rung.STREAM], rungs[Rung.MEDIA]
    if _hung(rungs, before):
        failing = [health for health in (rungs[Rung.CONTROL], stream) if health.outcome is FAIL]
        return Symptom.HUNG, min(failing, key=lambda health: health.by)
    if stream.outcome is FAIL:
        return Symptom.STREAM, stream
    if media.outcome is FAIL:
        return Symptom.NO_VIDEO, media
    for health in (media, stream):
        if health.outcome is UNSEEN and health.reason is Reason.BUSY:
            return Symptom.BUSY, health
    return None


def _hung(rungs: Rungs, before: Symptoms) -> bool:
    """Say whether a device takes connections and says nothing, whatever it is asked; one that did, until it speaks."""
    did = Symptom.HUNG in before
    stuck = (*STUCK, *NETWORK_DOWN) if did else STUCK
    hidden = did or rungs[Rung.CREDENTIALS].outcome is FAIL or rungs[Rung.IDENTITY].outcome is FAIL
    both = (rungs[Rung.CONTROL], rungs[Rung.STREAM])
    asked = [health for health in both if health.outcome is not NA and not (hidden and health.outcome is UNSEEN)]
    return (
        rungs[Rung.REACHABLE].outcome is not FAIL
        and bool(asked)
        and all(health.outcome is FAIL and health.reason in stuck for health in asked)
    )


def _onset(health: RungHealth) -> Onset:
    return Onset(health.after, health.by)


def _silent(health: RungHealth, before: Symptoms) -> Onset:
    """Return since when a device is silent: since it answered last, once three failures have confirmed that anew, and
    until then since before."""
    known = max(_onset(health), before.get(Symptom.SILENT, _onset(health)), key=lambda onset: onset.by)
    anew = known.by < health.last_ok < health.failing_since < inf
    return Onset(health.last_ok, health.failing_since) if anew else known


def _seen(health: RungHealth) -> Onset:
    """Return since when a service fails, by what was seen of itself."""
    return Onset(health.after, health.failing_since)


def common(of_cameras: list[Symptoms]) -> Symptoms:
    """Return the symptoms that all cameras of a device share, with the earliest onset of each."""
    first = of_cameras[0]
    if len(of_cameras) == 1:
        return first
    return {
        symptom: min(each[symptom] for each in of_cameras)
        for symptom in first
        if all(symptom in each for each in of_cameras)
    }
