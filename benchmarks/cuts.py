"""A fresh cut beside an older silence, in small cities: is each told as what it is?

In a small city a port, a feeder and a district can have nearly the same devices, so that one thing explains two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from random import Random
from typing import NamedTuple

from benchmarks.diagnosis import Outcome, run, same
from benchmarks.papercity import Fault, PaperCity, inventory_of
from monitor.core.diagnosis.cause import Kind
from monitor.core.topology import Layer, Scope
from simulator.city import build_city

#: What was silent before, and what is cut now.
OLD = {Layer.DEVICE: Kind.DEAD, Layer.SITE: Kind.SITE, Layer.UPLINK: Kind.UPLINK, Layer.FEEDER: Kind.POWER}
FRESH = {Layer.SITE: Kind.SITE, Layer.UPLINK: Kind.UPLINK, Layer.SWITCH: Kind.UPLINK}
#: When the older silence began, in seconds before the cut; None: before our first look, which is nine minutes before.
AGES_S = (None, 240.0, 1200.0, 3600.0)
FIRST_LOOK_S = 540.0
#: What both have in common.
SHARED = (Layer.FEEDER, Layer.UPLINK, Layer.SWITCH, None)
CAMERAS = (200, 400)


class Trial(NamedTuple):
    """A small city, the silence that was there, and the cut."""

    paper: PaperCity
    old: Fault
    fresh: Fault


class Told(NamedTuple):
    """Whether the cut has its cause with exactly its members, and the older silence has its own."""

    fresh: bool
    old: bool


def trials(seeds: Iterable[int]) -> Iterator[Trial]:
    """Yield a trial for each combination of old, fresh, age and what they share, for each seed, where there is one."""
    for seed, old, fresh, age, shared in product(seeds, OLD, FRESH, AGES_S, SHARED):
        found = _trial(Random(f"cut {seed} {old} {fresh} {age} {shared}"), old, fresh, age, shared)
        if found is not None:
            yield found


def _trial(chance: Random, old: Layer, fresh: Layer, age: float | None, shared: Layer | None) -> Trial | None:
    paper = PaperCity(inventory_of(build_city(chance.randint(1, 10**6), chance.randint(*CAMERAS))))
    at = paper.start + (FIRST_LOOK_S if age is None else age + 60.0)
    silent, cut = _pair(chance, paper, old, fresh, shared)
    if silent is None or cut is None:
        return None
    paper.add(OLD[old], silent, paper.start - 100.0 if age is None else at - age)
    paper.add(FRESH[fresh], cut, at)
    return Trial(paper, *paper.faults)


def _pair(
    chance: Random, paper: PaperCity, old: Layer, fresh: Layer, shared: Layer | None
) -> tuple[Scope | None, Scope | None]:
    """Choose two scopes that share what is to be shared, the cut with devices and rows left to tell it by."""
    topology = paper.topology
    cut = chance.choice(sorted(scope for scope in topology.members if scope.layer is fresh))
    mine = set(topology.members[cut])
    near = {other for device in mine for other in _beside(paper, device, shared)}
    scopes = {_on(paper, device, old) for device in near} - {None, cut}
    fitting = [scope for scope in scopes if scope is not None and _tells(paper, cut, mine - _devices(paper, scope))]
    return (chance.choice(sorted(fitting)), cut) if fitting else (None, None)


def _tells(paper: PaperCity, cut: Scope, left: set[str]) -> bool:
    """Say whether what still answered can tell the cut from a site, or a site from a device: two of the smaller."""
    rows = {paper.topology.row[device] for device in left}
    return len(left if cut.layer is Layer.SITE else rows) > 1


def _beside(paper: PaperCity, device: str, shared: Layer | None) -> Iterable[str]:
    if shared is None:
        return paper.topology.scopes
    scope = paper.topology.listed(device, shared)
    return paper.topology.members[scope] if scope else ()


def _on(paper: PaperCity, device: str, layer: Layer) -> Scope | None:
    return Scope(layer, device) if layer is Layer.DEVICE else paper.topology.listed(device, layer)


def _devices(paper: PaperCity, scope: Scope) -> set[str]:
    return {scope.name} if scope.layer is Layer.DEVICE else set(paper.topology.members[scope])


def told(trial: Trial) -> Told:
    """Diagnose a trial."""
    outcome = run(trial.paper)
    earlier = set(trial.old.devices)
    return Told(
        _has(trial, outcome, trial.fresh, trial.fresh.devices.keys() - earlier),
        _has(trial, outcome, trial.old, earlier),
    )


def _has(trial: Trial, outcome: Outcome, fault: Fault, devices: Iterable[str]) -> bool:
    """Say whether there is one cause that is this fault, and has exactly the cameras of these devices."""
    cameras = {camera for device in devices for camera in trial.paper.topology.cameras[device]}
    causes = outcome.diagnosis.causes.values()
    return any(same(trial.paper, cause, fault) and cause.members == cameras for cause in causes)
