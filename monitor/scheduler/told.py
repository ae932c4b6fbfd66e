"""What the reducer makes of a device's verdicts, as far as its timetable goes by it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from monitor.core.fleet import Fleet, Rungs, tells_no_two_apart
from monitor.core.health import is_doubtful
from monitor.core.model import Device
from monitor.core.recheck import Wishes, is_settled, wishes
from monitor.core.verdict import Outcome, Rung


class Told(NamedTuple):
    """What a timetable is told after verdicts about its device."""

    wishes: Wishes
    """What is to be asked again, and from when on, by the wall clock."""
    busy: Mapping[str, int]
    """Cameras that were found full, and how often in a row."""
    is_dead: bool = False
    """Whether nothing answers at its address."""
    is_mute: bool = False
    """Whether its ONVIF service fails."""
    is_doubtful: bool = False
    """Whether it is open who answers."""
    is_stranger: bool = False
    """Whether another device answers in its place."""
    ask_mac: bool = False
    """Whether its serial number tells it from no other device."""


#: Of a device with which all is in order.
CALM = Told({}, {})


def told_of(fleet: Fleet, device: Device) -> Told:
    """Return what the timetable of a device is to be told."""
    cameras = [(id_, fleet.cameras[id_]) for id_ in device.cameras]
    if not fleet.pins.shared and all(_is_calm(rungs) for _, rungs in cameras):
        return CALM  # nearly every device, each minute
    identities = [rungs[Rung.IDENTITY] for _, rungs in cameras]
    return Told(
        wishes(device, fleet.cameras),
        _busy(cameras),
        _all_fail(cameras, Rung.REACHABLE),
        _all_fail(cameras, Rung.CONTROL),
        any(map(is_doubtful, identities)),
        any(one.outcome is Outcome.FAIL for one in identities),
        tells_no_two_apart(fleet, device),
    )


def _is_calm(rungs: Rungs) -> bool:
    """Say whether nothing of a camera fails, is open, full, or doubtful."""
    return (
        is_settled(rungs)
        and not (rungs[Rung.MEDIA].busy or rungs[Rung.STREAM].busy)
        and not is_doubtful(rungs[Rung.IDENTITY])
    )


def _busy(cameras: Iterable[tuple[str, Rungs]]) -> Mapping[str, int]:
    found = {id_: max(rungs[Rung.MEDIA].busy, rungs[Rung.STREAM].busy) for id_, rungs in cameras}
    return {id_: count for id_, count in found.items() if count}


def _all_fail(cameras: list[tuple[str, Rungs]], rung: Rung) -> bool:
    """Say whether a rung fails for all cameras of a device."""
    return bool(cameras) and all(rungs[rung].outcome is Outcome.FAIL for _, rungs in cameras)


def survey_obstacle(device: Device, told: Told) -> str:
    """Say in a sentence, of "it", why no survey of a device can go on; nothing where one can."""
    if "onvif" not in device.probes:
        return "It is not asked over ONVIF, by the inventory's word: a survey has nothing to ask."
    if told.is_dead:
        return "It does not answer: it is surveyed once it does."
    if told.is_mute:
        return "Its ONVIF service does not answer: it is surveyed once that does."
    if told.is_doubtful:
        return "Another device may be answering for it: it is surveyed once that is known."
    return ""
