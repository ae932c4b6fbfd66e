"""A year of a city of 1,800 cameras as a ledger: what its monitor wrote, what was planned, and under which terms.

The monitor's own reducer, diagnosis and writer made all but the plans and the terms, which were written beside it.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from misfortunes import DAY_S, START_S, Blow, Fate, Misfortune, apart, fate
from passing import Course

from monitor.core.event import CalendarEvent, ContractEvent, Event, Heartbeat, ScheduleEvent
from monitor.core.model import Camera, Device, Inventory, Site
from monitor.core.schedule import Rates
from monitor.core.schedule_json import to_json
from monitor.ledger import file, keys
from monitor.ledger.backlog import Batch
from monitor.ledger.reader import Reader
from monitor.ledger.writer import Writer

SEED = 1_800
DAYS = 365
#: The contract means all zones but the last.
ZONES = 6
#: The storm: when, and for how long a third of all lines are out, in seconds.
STORM = (START_S + 200 * DAY_S + 12_345, 9 * 3_600)
#: The monitor is blind for so long now and then.
BLIND_S = 7_200
TERMS: dict[str, Any] = {
    "name": "Whole city", "cameras": {"zone": [f"z-{n}" for n in range(ZONES - 1)]}, "time_zone": "UTC",
    "excused": ["maintenance", "load_shedding"], "approval": "24 h", "target": "99.5", "period": "year",
    "weighting": "camera-hours", "currency": "PKR", "value": "1000000.00",
    "slabs": [{"below": "99.5", "share": "2"}, {"below": "95", "share": "5"}], "cap": "20",
    "repairs": [{"name": "camera", "limit": "24 h", "penalty": "100.00", "per": "24 h", "at_most": "500.00"}],
    "parties": {"field": "Lens & Co", "power": "Grid company"},
}  # fmt: skip
SHED = ("F-0", "F-7")


def city(poles: int) -> Inventory:
    """Return a city of two cameras a pole; five poles hang on a line, ten on a feeder, a sixth of them is a zone."""
    sites = {
        f"pole-{n}": Site(f"pole-{n}", "", f"z-{n * ZONES // poles}", (f"SW-1/{n // 5}",), f"F-{n % (poles // 10)}")
        for n in range(poles)
    }
    cameras = {
        f"{site.id}-{n}": Camera(f"{site.id}-{n}", "", f"{site.id}-{n}", 1, site.zone, site.id)
        for site in sites.values()
        for n in (1, 2)
    }
    devices = {id_: Device(id_, id_, {}, ("onvif", "snmp", "rtsp"), (id_,)) for id_ in cameras}
    return Inventory(devices, cameras, sites, {f"z-{n}": f"Zone {n}" for n in range(ZONES)})


def write(folder: Path, poles: int = 900, days: int = DAYS) -> Path:
    """Live through the year, and return its ledger."""
    inventory = city(poles)
    course = Course(
        folder / "course.sqlite", inventory, _fate(inventory, days), SEED, START_S + days * DAY_S, capacity=100_000
    )
    course.run()
    assert course.kills
    assert course.refusals
    assert not course.lost
    ledger = folder / "ledger"
    keys.make(ledger)
    with Reader.open(course.path) as reader, closing(file.create(ledger)) as connection:
        told = heapq.merge(
            _beside(days), (event for _, event in reader.events()), _beats(course), key=lambda event: event.at
        )
        writer, seq = Writer(ledger, connection, "local", 1, 0), 0
        while part := list(islice(told, 10_000)):
            writer.write(Batch(list(enumerate(part, seq + 1)), {}, {}))
            seq += len(part)
    return ledger


def _fate(inventory: Inventory, days: int) -> Fate:
    """Return a year with a storm, load-shedding by the plan and blind hours; no clock is ever set."""
    drawn, chance = fate(inventory, SEED, days), Random(SEED)
    spells: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    at, lasts = STORM
    lines = sorted({site.uplinks[0] for site in inventory.sites.values()})
    struck = set(chance.sample(lines, len(lines) // 3))
    for camera in inventory.cameras.values():
        site = inventory.sites[camera.site]
        if site.uplinks[0] in struck and at < START_S + days * DAY_S:
            spells[camera.device].append((at + chance.randrange(60), at + lasts + chance.randrange(3_600)))
        if site.feeder in SHED:  # the lights go two minutes after they were to, and come back one minute early
            spells[camera.device] += [
                (begins + 120 + chance.randrange(20), begins + 3_540 + chance.randrange(20))
                for begins in range(START_S + 5 * DAY_S + 18 * 3_600, START_S + days * DAY_S, 7 * DAY_S)
            ]
    silent = {
        id_: apart([(span.start // 1000, span.end // 1000) for span in of_one] + spells[id_])
        for id_, of_one in drawn.silent.items()
    }
    blows = [one for one in drawn.misfortunes if one.blow is not Blow.CLOCK]
    blows += [Misfortune(START_S + day * DAY_S + 7_777, Blow.KILLED, BLIND_S) for day in range(20, days, 60)]
    return replace(drawn, silent=silent, misfortunes=tuple(sorted(blows)))


def _beats(course: Course) -> Iterator[Event]:
    """Yield what a monitor says each minute, for the time that the course passed over."""
    for span in course.passed:
        for at in range(span.start + 60_000, span.end, 60_000):
            yield Heartbeat(at / 1000, "central", {})


def _beside(days: int) -> Iterable[Event]:
    """Return terms, rates and plans: approved before, a day late, too late, changed while it stands, and removed."""
    one, day = START_S + 30 * DAY_S, DAY_S
    told = [
        ContractEvent(float(START_S), "whole-city", "added", TERMS),
        ContractEvent(float(START_S + 90 * day), "whole-city", "changed", {**TERMS, "target": "99.7"}),
        ScheduleEvent(float(START_S), to_json(Rates())),
        *(
            _plan(f"shed {feeder}", START_S, START_S, {"feeder": [feeder]}, 3_600, rule="FREQ=WEEKLY")
            for feeder in SHED
        ),
        _plan("lenses", one, one - day, {"zone": ["z-1"]}, 5 * day),
        _plan("late", one + 40 * day, one + 41 * day, {"site": ["pole-3", "pole-7"]}, day),
        _plan("too late", one + 50 * day, one + 59 * day, {"zone": ["z-2"]}, 7 * day),
        _plan("storm", STORM[0] - 600, STORM[0] + 40_000, {"zone": ["z-0"]}, 40_000),
        _plan("moved", one + 60 * day, one + 55 * day, {"zone": ["z-3"]}, 3 * day),
        _plan("moved", one + 61 * day, one + 61 * day, {"zone": ["z-3"]}, 3 * day)._replace(what="changed"),
        _plan("ended", one + 70 * day, one + 66 * day, {"zone": ["z-4"]}, 9 * day),
        CalendarEvent(float(one + 72 * day), "ended", "removed", {}, "", 0.0, False),
    ]
    return sorted((event for event in told if event.at < START_S + days * day), key=lambda event: event.at)


def _plan(name: str, start: int, known: int, whom: dict[str, list[str]], lasts: int, rule: str = "") -> CalendarEvent:
    begins = START_S + 5 * DAY_S + 18 * 3_600 if rule else start
    planned = {
        "kind": "load_shedding" if rule else "maintenance", **whom, "time_zone": "UTC", "start": _clock(begins),
        "end": _clock(begins + lasts), "approver": "Duty officer", "approved_at": _clock(known), "reason": name,
    }  # fmt: skip
    return CalendarEvent(float(known), name, "added", planned | ({"rrule": rule} if rule else {}), "", 0.0, False)


def _clock(at: int) -> str:
    return f"{datetime.fromtimestamp(0, UTC) + timedelta(seconds=at):%Y-%m-%d %H:%M:%S}"
