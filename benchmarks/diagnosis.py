"""How well and how fast causes are found: precision and recall on cities of paper, and the time of a fold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from time import perf_counter
from typing import NamedTuple

from benchmarks.papercity import SILENCING, Fault, PaperCity, Watched
from monitor.core.diagnosis.cause import Cause, CauseEvent
from monitor.core.diagnosis.engine import Diagnosis
from monitor.core.model import Inventory
from monitor.core.topology import Layer, topology_of

TICK_S = 5.0
AFTERWARDS_S = 400.0


@dataclass
class Outcome:
    diagnosis: Diagnosis
    events: list[CauseEvent] = field(default_factory=list)
    worst_step_s: float = 0.0


class Score(NamedTuple):
    """Pairs of camera and cause: found and right, found, there."""

    right: int
    found: int
    recalled: int
    there: int

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.recalled / self.there if self.there else 1.0


def run(paper: PaperCity, listed: Inventory | None = None, until: float | None = None) -> Outcome:
    """Diagnose a city second by second; ``listed`` is what the inventory says where that is not the truth."""
    diagnosis = Diagnosis(topology_of(listed or paper.inventory))
    rungs = Watched(paper)
    diagnosis.step(rungs, paper.topology.scopes, paper.start)
    outcome = Outcome(diagnosis)
    changes = paper.changes()
    index, now = 0, paper.start
    end = until or (changes[-1].at if changes else now) + AFTERWARDS_S
    while now < end:
        now += TICK_S
        rungs.now = now
        devices = []
        while index < len(changes) and changes[index].at <= now:
            change = changes[index]
            for camera in paper.topology.cameras[change.device]:
                rungs[camera] = change.rungs
            devices.append(change.device)
            index += 1
        began = perf_counter()
        outcome.events += diagnosis.step(rungs, devices, now)
        outcome.worst_step_s = max(outcome.worst_step_s, perf_counter() - began)
    return outcome


def score(paper: PaperCity, outcome: Outcome) -> Score:
    """Hold the causes against the truth."""
    truth = paper.truth()
    found = [(camera, cause) for cause in outcome.diagnosis.causes.values() for camera in cause.members]
    right = sum(any(same(paper, cause, fault) for fault in _possible(paper, camera, truth)) for camera, cause in found)
    by_camera: dict[str, list[Cause]] = {}
    for camera, cause in found:
        by_camera.setdefault(camera, []).append(cause)
    recalled = there = 0
    for camera in truth:
        for faults in _alternatives(paper, camera, truth[camera]):
            there += 1
            recalled += any(same(paper, cause, fault) for fault in faults for cause in by_camera.get(camera, ()))
    return Score(right, len(found), recalled, there)


def _possible(paper: PaperCity, camera: str, truth: dict[str, list[Fault]]) -> list[Fault]:
    return [fault for faults in _alternatives(paper, camera, truth.get(camera, [])) for fault in faults]


def _alternatives(paper: PaperCity, camera: str, visible: list[Fault]) -> Iterable[list[Fault]]:
    """Yield what is to be found of a camera; where several things silence it, any of them."""
    device = paper.inventory.cameras[camera].device
    for fault in visible:
        if fault.kind in SILENCING:
            yield [one for one in paper.faults if one.kind in SILENCING and device in one.devices]
        else:
            yield [one for one in paper.faults if one.kind is fault.kind and device in one.devices]


def same(paper: PaperCity, cause: Cause, fault: Fault) -> bool:
    """Say whether a cause is this fault: the same thing, or, among silent things, one with the same devices."""
    if cause.scope == fault.scope:
        return cause.kind is fault.kind
    if cause.kind not in SILENCING or fault.kind not in SILENCING:
        return False
    scope = cause.scope
    devices = [scope.name] if scope.layer is Layer.DEVICE else paper.topology.members.get(scope, ())
    return set(devices) == set(fault.devices)
