"""A small city's October in a ledger: outages of every kind, plans in time and late, terms that change, odd names."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import datetime
from functools import cache
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from monitor.core.diagnosis.cause import CauseEvent, Kind, Turn
from monitor.core.event import (
    AssetEvent,
    CalendarEvent,
    ContractEvent,
    Event,
    Gap,
    Heartbeat,
    Note,
    NoteEvent,
    RungEvent,
    ScheduleEvent,
)
from monitor.core.schedule import Rates
from monitor.core.schedule_json import to_json
from monitor.core.topology import Layer, Scope
from monitor.core.verdict import Outcome, Reason, Rung
from monitor.ledger import file, keys
from monitor.ledger.backlog import Batch
from monitor.ledger.writer import Writer

TERMS: dict[str, Any] = {
    "name": "Safe City", "cameras": {"contract": ["safe-city"]}, "time_zone": "Asia/Karachi",
    "excused": ["maintenance", "load_shedding"], "approval": "24 h", "target": "99", "period": "month",
    "weighting": "camera-hours", "currency": "PKR", "value": "1000000.00",
    "slabs": [{"below": "99", "share": "2"}, {"below": "95", "share": "5"}], "cap": "20",
    "repairs": [
        {"name": "cut off", "limit": "4 h", "causes": ["power", "uplink"], "penalty": "500.00", "per": "1 h"},
        {"name": "camera", "limit": "24 h", "penalty": "1000.00", "per": "24 h", "at_most": "5000.00"},
    ],
    "parties": {"field": "Lens & Co", "power": "Grid company"},
}  # fmt: skip
CAMERAS = 12
#: A name that a spreadsheet would take for a formula, and one that no CSV may break on.
NAMES = {2: '=HYPERLINK("http://x")', 3: 'Gate, "north"\nside', 4: "بازار"}


def at(text: str) -> float:
    """Return a moment of Karachi's clock."""
    return datetime.fromisoformat(f"2026-{text}+05:00").timestamp()


def camera(number: int) -> str:
    return f"cam-{number:02d}"


def events() -> list[Event]:
    """Return all that the ledger has, in its order."""
    told: list[Event] = [
        ContractEvent(at("09-20 09:00"), "safe-city", "added", {**TERMS, "target": "98", "slabs": []}),
        ScheduleEvent(at("09-20 09:00"), to_json(Rates())),
        *map(_row, range(CAMERAS)),
        AssetEvent(at("10-15 00:00"), camera(11), "removed", {}),
        ContractEvent(at("10-12 10:00"), "safe-city", "changed", TERMS),
        ContractEvent(at("11-02 10:00"), "safe-city", "changed", {**TERMS, "path": False}),
        plan("before", "maintenance", ["S-1"], "09-29 08:00", "09-29 18:00", "09-28 12:00"),
        plan("lenses", "maintenance", ["S-0"], "10-06 10:00", "10-06 12:00", "10-05 12:00"),
        plan("late", "maintenance", ["S-1"], "10-08 10:00", "10-08 20:00", "10-09 08:00"),
        plan("too-late", "maintenance", ["S-2"], "10-08 10:00", "10-08 20:00", "10-12 08:00"),
        CalendarEvent(at("10-30 10:00"), "odd", "added", {"kind": "sworn"}, "", 0.0, False),
        Gap(at("10-20 04:00"), "central", at("10-20 02:00"), at("10-20 04:00"), 0, "the monitor was not running"),
        *_beats(),
        *_outage(Kind.DEAD, [1], "10-03 08:00", "10-05 12:00"),
        *_outage(Kind.DEAD, [1], "10-20 08:00", "10-20 20:00"),
        *_outage(Kind.POWER, [0, 1, 2, 3], "10-10 18:00", "10-11 01:00"),
        *_outage(Kind.NO_VIDEO, [5], "09-28 08:00", "10-02 12:00", (Rung.MEDIA,)),
        *_outage(Kind.DEAD, [6], "10-30 08:00", "11-03 12:00"),
        *_outage(Kind.CREDENTIALS, [7], "10-14 08:00", "10-15 08:00", (Rung.CREDENTIALS,)),
        *_outage(Kind.DEAD, [8], "10-08 11:00", "10-08 15:00"),
        NoteEvent(at("10-30 09:00"), "device dead-6-10-30", Note.ACKNOWLEDGED, "M", "Port authority", "ours", 0.0),
    ]
    for number in range(CAMERAS - 1):  # nobody ever looked at the last one
        for rung in (Rung.REACHABLE, Rung.CREDENTIALS, Rung.MEDIA):
            first = at("09-20 10:00") + number
            told.append(RungEvent(first, camera(number), "central", rung, Outcome.OK, None, "", -inf, first))
    return sorted(told, key=lambda event: event.at)


def _row(number: int) -> AssetEvent:
    row = {"site": f"S-{number // 4}", "zone": "north" if number < 6 else "south", "contract": "safe-city"}
    row |= {"name": NAMES.get(number, ""), "address": f"10.0.0.{number}", "position": [31.5, 74.3]}
    if number == 10:
        row["contract"] = "other"
    return AssetEvent(at("09-20 09:30"), camera(number), "added", row)


def plan(name: str, kind: str, sites: list[str], start: str, end: str, known: str) -> CalendarEvent:
    planned = {
        "kind": kind, "site": sites, "time_zone": "Asia/Karachi", "start": f"2026-{start}", "end": f"2026-{end}",
        "approver": "+92 duty officer", "approved_at": f"2026-{known}", "reason": "@lenses",
    }  # fmt: skip
    return CalendarEvent(at(known), name, "added", planned, "", 0.0, False)


def _beats() -> Iterator[Heartbeat]:
    """Yield a heartbeat a minute, without those of a morning."""
    first, last = at("09-20 09:00"), at("11-04 00:00")
    for number in range(int(last - first) // 120):
        moment = first + 120.0 * number
        if not at("10-20 02:00") <= moment < at("10-20 04:00"):
            yield Heartbeat(moment, "central", {})


def _outage(
    kind: Kind, numbers: list[int], start: str, end: str, rungs: Iterable[Rung] = (Rung.REACHABLE, Rung.MEDIA)
) -> Iterator[Event]:
    began, ended = at(start), at(end)
    joined = tuple(camera(number) for number in numbers)
    for who in joined:
        for rung in rungs:
            why = Reason.CREDENTIALS if rung is Rung.CREDENTIALS else Reason.TIMEOUT
            failed = RungEvent(began + 60, who, "central", rung, Outcome.FAIL, why, "", began - 60.0, began)
            yield failed
            yield failed._replace(at=ended + 60, outcome=Outcome.OK, reason=None, after=ended - 60.0, by=ended)
    cause, scope = f"{kind}-{numbers[0]}-{start[:5]}", Scope(Layer.DEVICE, joined[0])
    opened = CauseEvent(began + 120, cause, Turn.OPENED, kind, scope, began - 60.0, began, joined)
    yield opened
    yield opened._replace(at=ended + 120, turn=Turn.CLOSED, joined=(), left=joined)


def write(path: Path, told: Iterable[Event] | None = None) -> int:
    """Write a ledger with its key; return how many events it has. The whole month is written once, and copied."""
    if told is not None:
        return _written(path, told)
    folder, count = _whole()
    for file_ in Path(folder.name).iterdir():
        shutil.copy(file_, path.with_name(path.name + file_.name.removeprefix("ledger")))
    return count


@cache
def _whole() -> tuple[TemporaryDirectory[str], int]:
    folder = TemporaryDirectory(prefix="camfleet-month-")
    return folder, _written(Path(folder.name, "ledger"), events())


def _written(path: Path, told: Iterable[Event]) -> int:
    keys.make(path)
    numbered = list(enumerate(told, 1))
    with closing(file.create(path)) as connection:
        Writer(path, connection, "local", 1, 0).write(Batch(numbered, {}, {}))
    return len(numbered)
