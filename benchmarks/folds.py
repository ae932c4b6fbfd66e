"""What a change costs in a fleet of 100,000 cameras: in the diagnosis alone, and in the whole of a monitor's step."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from random import Random
from time import process_time
from typing import NamedTuple

from benchmarks.papercity import NOON, Fault, PaperCity, inventory_of
from monitor.core import fleet as fleets
from monitor.core.diagnosis.cause import Kind
from monitor.core.diagnosis.engine import Diagnosis
from monitor.core.diagnosis.watch import Watch
from monitor.core.health import Rungs
from monitor.core.model import Inventory, Position, Site
from monitor.core.schedule import Rates
from monitor.core.topology import Layer, Scope
from monitor.core.verdict import Finding, Outcome, Reason, Rung, Verdict
from simulator.city import build_city

SINGLES = (Kind.DEAD, Kind.HUNG, Kind.NO_VIDEO, Kind.CLOCK, Kind.CREDENTIALS)
WELL = tuple(Finding(rung, Outcome.OK) for rung in Rung)
SILENT = (Finding(Rung.REACHABLE, Outcome.FAIL, Reason.TIMEOUT),)
#: Three failures in a row confirm.
CONFIRM = 3
SPACING_S = 11.0
SETTLED_S = 80.0


class Times(NamedTuple):
    """Seconds of CPU: the median of many, and what 99 of 100 stay below."""

    median_s: float
    late_s: float


class Folds(NamedTuple):
    """The diagnosis alone."""

    cameras: int
    one: Times
    changed: int
    storm_s: float


class Steps(NamedTuple):
    """The whole step: nothing heard; one device fails for the third time; so do a storm's, and its causes open."""

    nothing: Times
    one: Times
    storm_s: float
    causes_s: float


def folds(paper: PaperCity, changes: int, storm: int) -> Folds:
    """Measure the fold of one change, and of a storm."""
    diagnosis = Diagnosis(paper.topology)
    rungs: dict[str, Rungs] = dict.fromkeys(paper.inventory.cameras, _asked_lately(paper))
    diagnosis.step(rungs, paper.topology.scopes, paper.start)
    chance, now = Random(3), paper.start + 100.0
    devices = sorted(paper.topology.scopes)
    times = []
    with _Still():
        for _ in range(changes):
            device = chance.choice(devices)
            _fail(paper, rungs, device, now - 30.0, chance.choice(SINGLES))
            now += 1.0
            times.append(_cost(partial(diagnosis.step, rungs, [device], now)))
        stormy = _storm(paper, chance, storm)
        for device in stormy:
            _fail(paper, rungs, device, now + 100.0, Kind.DEAD)
        took = _cost(partial(diagnosis.step, rungs, stormy, now + 160.0))
    return Folds(len(rungs), _times(times), len(stormy), took)


def steps(paper: PaperCity, changes: int, storm: int) -> Steps:
    """Measure the whole of a step. Each device has been seen well just before."""
    watch = Watch()
    fleet, _ = watch.begin(fleets.start(paper.inventory, Rates()), NOON)
    now = NOON

    def step(devices: Iterable[str], findings: tuple[Finding, ...], later_s: float) -> float:
        nonlocal now
        now += later_s
        verdicts = [Verdict(id_, "central", "rtsp", now, 0.1, findings) for id_ in devices]

        def run() -> None:
            nonlocal fleet
            fleet, _ = watch.step(fleet, verdicts, now)

        return _cost(run)

    step(paper.inventory.devices, WELL, 1.0)
    chance = Random(5)
    with _Still():
        nothing = [step((), (), 1.0) for _ in range(changes)]
        devices = chance.sample(sorted(paper.inventory.devices), min(changes, 20))
        one = [[step([id_], SILENT, SPACING_S) for _ in range(CONFIRM)][-1] for id_ in devices]
        stormy = sorted(set(_storm(paper, chance, storm)) - set(devices))
        confirmed = [step(stormy, SILENT, SPACING_S) for _ in range(CONFIRM)][-1]
        causes = step((), (), SETTLED_S)
    return Steps(_times(nothing), _times(one), confirmed, causes)


class _Still:
    """No collection of garbage goes over what was there before: as in the monitor after loading."""

    def __enter__(self) -> None:
        gc.collect()
        gc.freeze()

    def __exit__(self, *_: object) -> None:
        gc.unfreeze()


def _cost(work: Callable[[], object]) -> float:
    began = process_time()
    work()
    return process_time() - began


def _times(times: list[float]) -> Times:
    ordered = sorted(times)
    return Times(ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100])


def _asked_lately(paper: PaperCity) -> Rungs:
    """Return sound rungs whose login works whenever that is looked at: no set of logins was rotated."""
    rungs = paper.sound()
    login = rungs[Rung.CREDENTIALS]._replace(last_ok=paper.start + 86_400.0)
    return tuple(login if rung is Rung.CREDENTIALS else health for rung, health in zip(Rung, rungs, strict=True))


def _fail(paper: PaperCity, rungs: dict[str, Rungs], device: str, at: float, kind: Kind) -> None:
    shown = list(_asked_lately(paper))
    for rung, health in paper.shows(device, at, Fault(kind, Scope(Layer.DEVICE, device), at, {}))[1].items():
        shown[rung] = health
    rungs |= dict.fromkeys(paper.topology.cameras[device], tuple(shown))


def _storm(paper: PaperCity, chance: Random, size: int) -> list[str]:
    """Choose devices for a storm: four fifths behind cut uplinks, the others anywhere."""
    uplinks = sorted(scope for scope in paper.topology.members if scope.layer is Layer.UPLINK)
    chance.shuffle(uplinks)
    chosen: dict[str, None] = {}
    while len(chosen) < size * 4 // 5:
        chosen |= dict.fromkeys(paper.topology.members[uplinks.pop()])
    others = chance.sample(sorted(paper.topology.scopes), size // 4)
    return list(chosen | dict.fromkeys(others))[:size]


def many_cities(copies: int) -> Inventory:
    """Return a fleet of copies of the default city, apart from each other on the map."""
    city = build_city(1, 1_800)
    fleet = Inventory({}, {}, {}, {})
    for number in range(copies):
        one = inventory_of(city, f"c{number}.")
        sites = {id_: _moved(site, number) for id_, site in one.sites.items()}
        fleet = replace(
            fleet,
            devices={**fleet.devices, **one.devices},
            cameras={**fleet.cameras, **one.cameras},
            sites={**fleet.sites, **sites},
        )
    return fleet


def _moved(site: Site, number: int) -> Site:
    if site.position is None:
        return site
    north, east = site.position.latitude + 0.3 * (number % 8), site.position.longitude + 0.5 * (number // 8)
    return replace(site, position=Position(north, east))
