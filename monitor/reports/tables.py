"""The tables of a pack as CSV (RFC 4180, UTF-8), safe to open: no cell of somebody else's begins a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import IO, Any
from zoneinfo import ZoneInfo

from monitor.core.sla.account import Account
from monitor.core.sla.money import money
from monitor.core.sla.outage import Outage
from monitor.core.sla.repairs import Repair
from monitor.core.sla.tally import availability, percentages
from monitor.core.statement.blame import Blame
from monitor.core.statement.plain import moment

#: What spreadsheets take for the beginning of a formula, in their wide forms too.
FORMULA = tuple("=+-@\t\r\n＝＋－＠")

Cell = str | int | None

CAMERAS = (
    "camera", "name", "zone", "site", "installer", "at_end", "total_s", "up_s", "down_s", "excused_s", "unobserved_s",
    "availability", "low", "high", "coverage", "outages", "longest_outage_s",
)  # fmt: skip
OUTAGES = (
    "camera", "zone", "site", "began_after", "began_by", "ended_after", "ended_by", "open_at_end",
    "least_in_period_s", "most_in_period_s", "counted_s", "kind", "cause", "role", "party",
    "repair_class", "least_of_class_s", "most_of_class_s", "standing", "penalty", "penalty_at_most",
)  # fmt: skip
EXCLUSIONS = (
    "entry", "kind", "excuses", "for", "approver", "approved_at", "recorded_at", "until", "newest", "reason", "times",
    "planned_s", "in_time_s", "counted_s", "after_the_fact", "cameras", "excused_camera_s",
)  # fmt: skip


class Table:
    """A table in the making; cells are defused as they are written."""

    def __init__(self, file: IO[str], head: Sequence[str]) -> None:
        self._writer = csv.writer(file)
        self._writer.writerow(head)

    def add(self, cells: Iterable[Cell]) -> None:
        self._writer.writerow(["" if cell is None else defused(str(cell)) for cell in cells])


def defused(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


class Rows:
    """The rows of a statement's tables. Moments are in the contract's time zone, with its offset."""

    def __init__(self, readings: Sequence[str], time_zone: str, blame: Blame, prices: bool) -> None:
        self.cameras = (*CAMERAS, *(f"availability: {name}" for name in readings[1:]))
        self._zone = ZoneInfo(time_zone)
        self._blame = blame
        self._prices = prices

    def camera(self, account: Account) -> Iterator[Cell]:
        """Yield a camera's row."""
        score = account.scores[0]
        tally = score.tally
        yield from (account.camera, *_listed(account.listed, "name", "zone", "site", "installer"), score.end.value)
        yield from map(seconds, (tally.total, *tally))
        yield from percentages(tally)
        yield len(account.outages)
        yield seconds(max((outage.least for outage in account.outages), default=0))
        yield from (availability(other.tally) for other in account.scores[1:])

    def outages(self, account: Account) -> Iterator[Iterable[Cell]]:
        """Yield the rows of a camera's outages."""
        repairs = {repair.run: repair for repair in account.scores[0].repairs}
        for outage in account.outages:
            yield self._outage(account, outage, repairs.get(outage.whole))

    def _outage(self, account: Account, one: Outage, repair: Repair | None) -> Iterator[Cell]:
        yield from (account.camera, *_listed(account.listed, "zone", "site"))
        yield from map(self.time, one.whole[2:3] + one.whole[:2] + one.whole[3:])
        yield from (_yes(one.ongoing), seconds(one.least), seconds(one.most), seconds(one.counted))
        yield from (one.kind.value, one.cause, *self._blame.owner(one.cause, one.kind))
        if repair is None:
            yield from (None,) * 6
            return
        yield from (repair.of, seconds(repair.least), seconds(repair.most), repair.late.value)
        yield from (money(one) if self._prices else None for one in (repair.cost.paid, repair.cost.most))

    def exclusion(self, one: Mapping[str, Any]) -> Iterator[Cell]:
        """Yield the row of an entry of the statement."""
        yield from (one["entry"], one["kind"], _yes(one["excuses"]), "; ".join(one["selectors"]), one["approver"])
        yield from (self.time(one[key]) for key in ("approved_at", "recorded_at", "until"))
        yield from (_yes(one["newest"]), one["reason"], one["times"])
        yield from (seconds(one[key]) for key in ("planned_ms", "in_time_ms", "counted_ms"))
        yield from (_yes(one["after_the_fact"]), one["cameras"], seconds(one["excused_ms"]))

    def time(self, at: int | None) -> str:
        """Return a moment as text; nothing for one before or after all that is known."""
        if at is None or moment(at) is None:
            return ""
        return datetime.fromtimestamp(at / 1000, UTC).astimezone(self._zone).isoformat(" ", "milliseconds")


def _listed(listed: Mapping[str, Any], *keys: str) -> Iterator[str]:
    return (value if isinstance(value := listed.get(key), str) else "" for key in keys)


def seconds(milliseconds: int) -> str:
    """Return milliseconds as seconds, exactly."""
    return f"{milliseconds // 1000}.{milliseconds % 1000:03d}"


def _yes(one: bool) -> str:
    return "yes" if one else "no"
