"""Which questions cannot wait for their interval: a streak that runs, a stream that came back, a silent agent."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.core.health import CONFIRMATIONS, RungHealth, Rungs, is_awaited
from monitor.core.model import Device
from monitor.core.schedule import PROBE_OF
from monitor.core.verdict import HIDES, IMPLIES, Outcome, Rung

#: (probe, rung, camera) to the earliest moment; the camera is "" for a rung of the whole device.
Wishes = dict[tuple[str, Rung, str], float]
OF_A_CHANNEL = (Rung.STREAM, Rung.MEDIA)
#: What is asked at once of a device that is back; who asks for video asks for the stream, too.
ASKED_AT_A_RETURN = (Rung.CONTROL, Rung.MEDIA)


def wishes(device: Device, cameras: Mapping[str, Rungs]) -> Wishes:
    """Return what is to be asked again of a device, and when."""
    wanted: Wishes = {}
    for id_ in device.cameras:
        rungs = cameras[id_]
        for rung in () if is_settled(rungs) else _due(rungs):
            probe = _probe(device, rung, rungs[rung])
            if probe in device.probes:
                key = (probe, rung, id_ if rung in OF_A_CHANNEL else "")
                wanted[key] = rungs[rung].counted_at + CONFIRMATIONS[rung].spacing_s
    return wanted


def is_settled(rungs: Rungs) -> bool:
    """Say whether nothing fails, nothing is about to, and nothing of what is asked at a return is open."""
    for health in rungs:
        if health.outcome is Outcome.FAIL or health.failures or health.rival_count:
            return False
    return Outcome.UNSEEN not in (rungs[Rung.CONTROL].outcome, rungs[Rung.MEDIA].outcome)


def _due(rungs: Rungs) -> list[Rung]:
    """Return the rungs to re-check, without those that a rung below them decides."""
    pending = [rung for rung in Rung if rungs[rung].unsettled]
    decided = {implied for rung in pending for implied in _depending(rung) if not _back(rungs, rung)}
    due = [rung for rung in pending if rung not in decided]
    network = rungs[Rung.REACHABLE]
    due += [rung for rung in ASKED_AT_A_RETURN if rung not in decided and is_awaited(rungs[rung], network)]
    if _came_back(rungs) and Rung.MEDIA not in due:
        due.append(Rung.MEDIA)
    if _in_doubt(rungs) and Rung.REACHABLE not in due:
        due.append(Rung.REACHABLE)
    return due


def _depending(rung: Rung) -> tuple[Rung, ...]:
    return IMPLIES.get(rung, ()) + HIDES.get(rung, ())


def _back(rungs: Rungs, rung: Rung) -> bool:
    """Whether the rung is on its way up: then what depends on it may be asked beside it."""
    return rungs[rung].outcome is Outcome.FAIL and rungs[rung].successes > 0


def _came_back(rungs: Rungs) -> bool:
    """Whether the stream works and media still stands as failed or hidden by what failed below it."""
    media = rungs[Rung.MEDIA]
    return (
        rungs[Rung.STREAM].outcome is Outcome.OK
        and media.outcome in (Outcome.FAIL, Outcome.UNSEEN)
        and not media.busy
        and media.counted_at < rungs[Rung.STREAM].by
        and media.last_seen < rungs[Rung.STREAM].by
    )


def _in_doubt(rungs: Rungs) -> bool:
    """Whether an agent that used to answer fell silent since anybody reached the device: a lost datagram, or all of it.

    A connection tells which, and costs the device no request.
    """
    agent, network = rungs[Rung.DEVICE], rungs[Rung.REACHABLE]
    return (
        agent.outcome is Outcome.OK
        and agent.failures > 0
        and network.outcome is Outcome.OK
        and network.last_seen < agent.last_fail
    )


def _probe(device: Device, rung: Rung, health: RungHealth) -> str:
    """Return the probe that asks again; ``reachable`` alternates, so that one filtered port does not decide it."""
    if rung is Rung.IDENTITY and "onvif" not in device.probes:
        return "snmp"
    if rung in PROBE_OF:
        return PROBE_OF[rung]
    openers = [probe for probe in ("rtsp", "onvif") if probe in device.probes]
    if not openers:
        return "snmp"
    if rung is Rung.REACHABLE:
        return openers[(health.failures + health.successes) % len(openers)]
    return openers[-1]
