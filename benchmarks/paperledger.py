"""A ledger of a city's month, made up at the density of a real one: outages of feeders and of single cameras."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from math import inf
from pathlib import Path
from random import Random
from typing import NamedTuple

from monitor.core.diagnosis.cause import CauseEvent, Kind, Turn, cause_id
from monitor.core.event import AssetEvent, CalendarEvent, ContractEvent, Event, Gap, Heartbeat, RungEvent, ScheduleEvent
from monitor.core.schedule import Rates
from monitor.core.schedule_json import to_json
from monitor.core.topology import Layer, Scope
from monitor.core.verdict import Outcome, Reason, Rung
from monitor.ledger import file, keys
from monitor.ledger.backlog import Batch
from monitor.ledger.writer import Writer

#: 2026-10-01 00:00 in Karachi.
START = 1_790_794_800.0
DAY_S = 86_400.0
ASKED = (
    Rung.REACHABLE, Rung.CONTROL, Rung.CREDENTIALS, Rung.STREAM, Rung.MEDIA, Rung.CLOCK, Rung.IDENTITY,
)  # fmt: skip
SILENT = (Rung.REACHABLE, Rung.CONTROL, Rung.STREAM, Rung.MEDIA)
SITE_CAMERAS = 4
FEEDER_CAMERAS = 40
ZONE_CAMERAS = 600
CONTRACT = {
    "name": "Safe City", "cameras": {"contract": ["safe-city"]}, "time_zone": "Asia/Karachi", "working": "media",
    "path": True, "credentials": True, "excused": ["maintenance", "load_shedding"], "approval": "24 h",
    "target": "98", "period": "month", "weighting": "camera-hours", "pays": "seen", "currency": "PKR",
    "value": "12500000.00", "slabs": [{"below": "98", "share": "2"}, {"below": "95", "share": "5"}], "cap": "10",
    "repairs": [
        {"name": "cut off", "limit": "4 h", "causes": ["power", "uplink"]},
        {"name": "camera", "limit": "24 h", "penalty": "1000.00", "per": "24 h", "at_most": "5000.00"},
    ],
}  # fmt: skip


class Size(NamedTuple):
    """How large a city, for how long, and how often it fails."""

    cameras: int = 1_800
    days: int = 31
    own_outages: float = 0.5
    """A camera's own, in a month."""
    cuts: float = 1.0
    """A feeder's, in a month."""


def camera(number: int) -> str:
    return f"cam-{number:06d}"


def write(path: Path, size: Size, seed: int = 1) -> int:
    """Write the ledger, with its key, and return how many events it has."""
    keys.make(path)
    with closing(file.create(path)) as connection:
        writer, seq = Writer(path, connection, "local", 1, 0), 0
        events = _events(size, Random(seed))
        while part := list(islice(events, 10_000)):
            writer.write(Batch([(seq + place, event) for place, event in enumerate(part, 1)], {}, {}))
            seq += len(part)
    return seq


def _events(size: Size, chance: Random) -> Iterator[Event]:
    yield ContractEvent(START - DAY_S, "safe-city", "added", CONTRACT)
    yield ScheduleEvent(START - DAY_S, to_json(Rates()))
    yield from _calendar(size)
    for number in range(size.cameras):
        yield AssetEvent(START - DAY_S, camera(number), "added", _row(number))
    streams = [_looks(size), _beats(size), *_lives(size, chance)]
    yield from heapq.merge(*streams, key=lambda event: event.at)


def _row(number: int) -> dict[str, object]:
    site, feeder, zone = (number // each for each in (SITE_CAMERAS, FEEDER_CAMERAS, ZONE_CAMERAS))
    return {
        "name": f"Camera {number}", "site": f"S-{site}", "feeder": f"F-{feeder}", "zone": f"zone-{zone}",
        "contract": "safe-city", "address": f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}",
        "vantage": "central", "make": "generic", "probes": ["onvif", "rtsp"],
        "position": [31.5 + site % 100 / 1000, 74.3 + site // 100 / 1000],
    }  # fmt: skip


def _calendar(size: Size) -> Iterator[Event]:
    """Load-shedding every evening for one feeder of twenty."""
    for feeder in range(0, -(-size.cameras // FEEDER_CAMERAS), 20):
        planned = {
            "kind": "load_shedding", "feeder": [f"F-{feeder}"], "time_zone": "Asia/Karachi", "rrule": "FREQ=DAILY",
            "start": "2026-09-30 18:00", "end": "2026-09-30 19:00", "approver": "Grid control",
            "approved_at": "2026-09-29 12:00", "reason": "Schedule",
        }  # fmt: skip
        yield CalendarEvent(START - DAY_S, f"shed-{feeder}", "added", planned, "", START, False)


def _looks(size: Size) -> Iterator[Event]:
    """Every camera is seen well at the start."""
    for number in range(size.cameras):
        for rung in ASKED:
            yield RungEvent(START - DAY_S, camera(number), "central", rung, Outcome.OK, None, "", -inf, START - DAY_S)


def _beats(size: Size) -> Iterator[Event]:
    """A heartbeat a minute, but for an hour in which nobody looked."""
    hole = START + 12.25 * DAY_S
    for minute in range(-24 * 60, size.days * 24 * 60 + 10):
        at = START + 60.0 * minute
        if at == hole + 3600.0:
            yield Gap(at, "central", hole - 60.0, at, 0, "the monitor was not running")
        if not hole <= at < hole + 3600.0:
            yield Heartbeat(at, "central", {"onvif": size.cameras, "rtsp": size.cameras})


def _lives(size: Size, chance: Random) -> list[list[Event]]:
    outages: list[list[Event]] = []
    for feeder in range(-(-size.cameras // FEEDER_CAMERAS)):
        members = range(feeder * FEEDER_CAMERAS, min(size.cameras, (feeder + 1) * FEEDER_CAMERAS))
        for at in _moments(size.cuts, size.days, chance):
            outages.append(_outage(Kind.POWER, f"F-{feeder}", members, SILENT, at, chance))
    for number in range(size.cameras):
        for at in _moments(size.own_outages, size.days, chance):
            kind = chance.choice((Kind.DEAD, Kind.DEAD, Kind.NO_VIDEO, Kind.STREAM))
            rungs = SILENT if kind is Kind.DEAD else (Rung.MEDIA,) if kind is Kind.NO_VIDEO else SILENT[2:]
            outages.append(_outage(kind, camera(number), range(number, number + 1), rungs, at, chance))
    return [sorted((event for one in outages for event in one), key=lambda event: event.at)]


def _moments(a_month: float, days: int, chance: Random) -> list[float]:
    found, at = [], START
    while (at := at + chance.expovariate(a_month / 30 / DAY_S)) < START + days * DAY_S:
        found.append(at)
    return found


def _outage(kind: Kind, name: str, members: range, rungs: tuple[Rung, ...], at: float, chance: Random) -> list[Event]:
    lasts = chance.expovariate(1 / 10_000.0) + 120.0
    scope = Scope(Layer.FEEDER if kind is Kind.POWER else Layer.DEVICE, name)
    joined = tuple(camera(number) for number in members)
    found: list[Event] = []
    for who in joined:
        began, ended = at + chance.uniform(0.0, 60.0), at + lasts + chance.uniform(0.0, 60.0)
        for rung in rungs:
            failed = RungEvent(
                began + 30.0, who, "central", rung, Outcome.FAIL, Reason.TIMEOUT, "", began - 30.0, began
            )
            found.append(failed)
            back = failed._replace(at=ended + 10.0, outcome=Outcome.OK, reason=None, after=ended - 60.0, by=ended)
            found.append(back)
    opened = CauseEvent(
        at + 120.0, cause_id(kind, scope, at), Turn.OPENED, kind, scope, at - 30.0, at, joined, (), "",
        (f"{len(joined)} cameras failed within a minute",),
    )  # fmt: skip
    return [*found, opened, opened._replace(at=at + lasts + 130.0, turn=Turn.CLOSED, joined=(), left=joined)]
