"""What is planned in the next days, for a person and for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from rich.table import Table
from rich.text import Text

from monitor.core.calendar import Calendar, Entry, first_occurrence, members, spans
from monitor.core.model import Inventory
from monitor.core.times import Clock

#: Names of a selector that are shown; of more, how many there are.
MOST_NAMES = 4


class Line(NamedTuple):
    """An occurrence, within [start, end), and for how many cameras it is."""

    entry: Entry
    start: float
    end: float
    cameras: int
    approved_late: bool
    """Whether the entry was approved after its first time had begun."""


def agenda(calendar: Calendar, inventory: Inventory, since: float, until: float) -> list[Line]:
    """Return what is planned within [since, until), in the order in which it begins."""
    counts = {id_: len(cameras) for id_, cameras in members(calendar, inventory).items()}
    lines = []
    for id_, entry in calendar.entries.items():
        first = first_occurrence(entry)
        late = first is not None and entry.approved > first.start
        lines += [Line(entry, one.start, one.end, counts[id_], late) for one in spans(entry, since, until)]
    return sorted(lines, key=lambda line: (line.start, line.end, line.entry.id))


def to_json(lines: Sequence[Line]) -> list[Mapping[str, Any]]:
    """Return them for programs; moments are RFC 3339 in UTC."""
    return [
        {
            "entry": line.entry.id,
            "kind": line.entry.kind.value,
            "start": _stamp(line.start),
            "end": _stamp(line.end),
            "for": [{"by": selector.by, "name": selector.name} for selector in line.entry.selectors],
            "cameras": line.cameras,
            "approver": line.entry.approver,
            "approved_at": _stamp(line.entry.approved),
            "approved_late": line.approved_late,
            "reason": line.entry.reason,
        }
        for line in lines
    ]


def _stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def table(lines: Sequence[Line], now: float) -> Table:
    """Return them for a person, each in the time of its own place."""
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("when", "what", "for"):
        shown.add_column(title)
    shown.add_column("cameras", justify="right")
    shown.add_column("approved")
    for line in lines:
        entry = line.entry
        clock = Clock(now, ZoneInfo(entry.time_zone))
        late = " after it began" if line.approved_late else ""
        cells = (
            _when(line, clock) + ("\nnow" if line.start <= now < line.end else ""),
            f"{entry.kind.noun}: {entry.reason}\n{entry.id}",
            _names(entry),
            f"{line.cameras:,}",
            f"{entry.approver}\n{clock.full(entry.approved)[:16]}{late}",
        )
        shown.add_row(*map(Text, cells))
    return shown


def _when(line: Line, clock: Clock) -> str:
    start, end = clock.full(line.start)[:16], clock.full(line.end)[:16]
    weekday = f"{datetime.fromtimestamp(line.start, clock.zone):%a}"
    same_day = start[:10] == end[:10]
    return f"{weekday} {start} to {end[11:] if same_day else end} {Clock(line.start, clock.zone).zone_name}"


def _names(entry: Entry) -> str:
    told = [str(selector) for selector in entry.selectors[:MOST_NAMES]]
    more = len(entry.selectors) - len(told)
    return ", ".join(told) + (f" and {more:,} more" if more else "")
