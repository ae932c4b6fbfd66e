"""``make bench ARGS="--only diagnosis"``: how right causes are, and how long a change takes."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from time import perf_counter
from typing import NamedTuple

from benchmarks.diagnosis import Score, run, score
from benchmarks.papercity import Fault, PaperCity, blurred, inventory_of, random_city, storm
from benchmarks.table import Table
from monitor.core.diagnosis.cause import Kind
from monitor.core.diagnosis.engine import Diagnosis
from monitor.core.health import Rungs
from monitor.core.model import Inventory, Position, Site
from monitor.core.topology import Layer, Scope
from simulator.city import build_city

SINGLES = (Kind.DEAD, Kind.HUNG, Kind.NO_VIDEO, Kind.CLOCK, Kind.CREDENTIALS)


class Size(NamedTuple):
    """How many random cities, how many copies of the default city in a large fleet, how large a storm."""

    cities: int = 20
    copies: int = 56
    changes: int = 2_000
    storm: int = 10_000


QUICK = Size(cities=2, copies=1, changes=50, storm=200)


def rightness(size: Size) -> Iterator[tuple[str, ...]]:
    """Yield a row for each setting: cities, precision, recall."""
    yield _row("default city, its 600, seen falling", [_score(storm())])
    yield _row("default city, its 600, before the first look", [_score(storm(cold=True))])
    cities = range(1, size.cities + 1)
    yield _row("random cities, 1 to 30 faults", [_score(random_city(seed)) for seed in cities])
    yield _row("… 10 % of rows wrong, 20 % missing", [_blurred(seed) for seed in cities])


def _score(paper: PaperCity) -> Score:
    return score(paper, run(paper))


def _blurred(seed: int) -> Score:
    paper = random_city(seed)
    return score(paper, run(paper, blurred(paper.inventory, Random(f"blur {seed}"), 0.1, 0.2)))


def _row(name: str, scores: list[Score]) -> tuple[str, ...]:
    total = Score(*(sum(part) for part in zip(*scores, strict=True)))
    worst = min(min(one.precision, one.recall) for one in scores)
    return name, str(len(scores)), f"{total.precision:.4f}", f"{total.recall:.4f}", f"{worst:.3f}"


class Speed(NamedTuple):
    cameras: int
    median_s: float
    late_s: float
    changed: int
    storm_s: float


def speed(size: Size) -> Speed:
    """Measure the fold of one change, and of a storm, in a fleet of many cities."""
    paper = PaperCity(many_cities(size.copies))
    diagnosis = Diagnosis(paper.topology)
    rungs: dict[str, Rungs] = dict.fromkeys(paper.inventory.cameras, paper.sound())
    diagnosis.step(rungs, paper.topology.scopes, paper.start)
    gc.collect()
    gc.freeze()  # as the monitor does after loading
    chance, now = Random(3), paper.start + 100.0
    devices = sorted(paper.topology.scopes)
    times = []
    for _ in range(size.changes):
        device = chance.choice(devices)
        _fail(paper, rungs, device, now - 30.0, chance.choice(SINGLES))
        now += 1.0
        times.append(_timed(diagnosis, rungs, [device], now))
    times.sort()
    stormy = _storm(paper, chance, size.storm)
    for device in stormy:
        _fail(paper, rungs, device, now + 100.0, Kind.DEAD)
    took = _timed(diagnosis, rungs, stormy, now + 160.0)
    gc.unfreeze()
    late = times[len(times) * 99 // 100]
    return Speed(len(rungs), times[len(times) // 2], late, len(stormy), took)


def _timed(diagnosis: Diagnosis, rungs: dict[str, Rungs], devices: list[str], now: float) -> float:
    began = perf_counter()
    diagnosis.step(rungs, devices, now)
    return perf_counter() - began


def _fail(paper: PaperCity, rungs: dict[str, Rungs], device: str, at: float, kind: Kind) -> None:
    shown = list(paper.sound())
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


def measure(size: Size) -> Table:
    """Run all of it."""
    fast = speed(size)
    columns = ("city", "cities", "precision", "recall", "worst city")
    notes = (
        "Pairs of a camera and its cause, held against the truth of cities of paper.",
        f"In a fleet of {fast.cameras:,} cameras one change is folded in {fast.median_s * 1e3:.2f} ms (median), "
        f"99 % of them in {fast.late_s * 1e3:.1f} ms; a storm of {fast.changed:,} devices in {fast.storm_s:.2f} s.",
    )
    return Table("Causes", columns, tuple(rightness(size)), notes)
