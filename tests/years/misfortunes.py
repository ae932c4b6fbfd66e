"""What befalls a small city and its monitor in a year, from a seed: the truth that a ledger is held against."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import NamedTuple

from monitor.core.model import Camera, Device, Inventory, Site
from monitor.core.sla.spans import Spans, spans

DAY_S = 86_400
#: 2026-01-01 00:00 UTC.
START_S = 1_767_225_600
#: No outage and no time between two is shorter: what is, a schedule need not see.
SHORTEST_S = 600


class Blow(StrEnum):
    """What befalls the monitor."""

    KILLED = "killed"
    FULL_DISK = "full disk"
    CLOCK = "clock"
    RELOAD = "reload"

    def __str__(self) -> str:
        return self.value


class Misfortune(NamedTuple):
    """A blow: when it comes and how long it lasts, in seconds of true time.

    ``by`` is by how much a clock is set, or what the disk does (``watchman.Disk``).
    """

    at: int
    blow: Blow
    lasts: int = 0
    by: int = 0


@dataclass(frozen=True)
class Fate:
    """A year: when each device was silent in truth (milliseconds), and what befell the monitor."""

    silent: Mapping[str, Spans]
    misfortunes: tuple[Misfortune, ...]


def city() -> Inventory:
    """Return a city of a hundred cameras: fifty poles of two, on ten lines and five feeders."""
    sites = {
        f"pole-{number}": Site(f"pole-{number}", "", "z", (f"SW-1/{number // 5}",), f"F-{number % 5}")
        for number in range(50)
    }
    cameras = {f"{site}-{n}": Camera(f"{site}-{n}", "", f"{site}-{n}", 1, "z", site) for site in sites for n in (1, 2)}
    devices = {id_: Device(id_, id_, {}, ("onvif", "snmp", "rtsp"), (id_,)) for id_ in cameras}
    return Inventory(devices, cameras, sites, {"z": "Z"})


def fate(inventory: Inventory, seed: int, days: int) -> Fate:
    """Return a year of a city."""
    chance = Random(seed)
    spells: dict[str, list[tuple[int, int]]] = {id_: [] for id_ in inventory.devices}
    for id_ in inventory.devices:
        for at in _moments(chance, 0.25, days):
            spells[id_].append((at, at + round(SHORTEST_S + chance.expovariate(1 / 40_000))))
    for members, a_year in (*((one, 1.0) for one in _feeders(inventory)), *((one, 0.5) for one in _lines(inventory))):
        for at in _moments(chance, a_year, days):
            lasts = SHORTEST_S + chance.expovariate(1 / 8_000)
            for id_ in members:
                begins = at + chance.randrange(30)
                spells[id_].append((begins, round(begins + lasts + chance.randrange(60))))
    falls = sorted(start for of_one in spells.values() for start, _ in of_one)
    return Fate(
        {id_: apart(of_one) for id_, of_one in spells.items()},
        tuple(sorted(_misfortunes(chance, days, falls))),
    )


def _misfortunes(chance: Random, days: int, falls: list[int]) -> Iterator[Misfortune]:
    for at in _moments(chance, 6.0, days):
        yield Misfortune(at, Blow.KILLED, round(60 + chance.expovariate(1 / 3_000)))
    for _ in range(3):  # when there is something to write
        yield Misfortune(chance.choice(falls) - 5, Blow.FULL_DISK, chance.randrange(30, 400), chance.choice((1, 2)))
    for at in _moments(chance, 2.0, days):
        yield Misfortune(at, Blow.CLOCK, by=chance.choice((-1, 1)) * chance.randrange(40, 5_000))
    for at in _moments(chance, 2.0, days):
        yield Misfortune(at, Blow.RELOAD)


def _moments(chance: Random, a_year: float, days: int) -> Iterator[int]:
    at = float(START_S + 3600)
    while (at := at + chance.expovariate(a_year / (365 * DAY_S))) < START_S + days * DAY_S - 3600:
        yield round(at)


def apart(several: list[tuple[int, int]]) -> Spans:
    """Join what lies too near to be told apart."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(several):
        if joined and start - joined[-1][1] < SHORTEST_S:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return spans((start * 1000, end * 1000) for start, end in joined)


def _feeders(inventory: Inventory) -> list[list[str]]:
    return _by(inventory, lambda site: site.feeder)


def _lines(inventory: Inventory) -> list[list[str]]:
    return _by(inventory, lambda site: site.uplinks[0])


def _by(inventory: Inventory, key: Callable[[Site], str]) -> list[list[str]]:
    found: dict[str, list[str]] = {}
    for camera in inventory.cameras.values():
        found.setdefault(key(inventory.sites[camera.site]), []).append(camera.device)
    return [found[name] for name in sorted(found)]
