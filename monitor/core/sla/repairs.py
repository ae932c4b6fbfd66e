"""Outages held against their repair classes: in time, late, perhaps late; and what that costs. Pure.

Rules:
1. The class of an outage is the first whose cameras and kinds of cause mean it.
2. Time counts from the outage's beginning, before the period too, while the camera is in service, without what is
   excused; where the class says so, only in business hours.
3. It is late for sure where the least that it can have lasted is over the limit, perhaps where the most is.
4. Each unit begun after the limit costs once. A period pays for those begun within it, so that periods add up.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from monitor.core.diagnosis.cause import Kind
from monitor.core.sla.contract import Contract, RepairClass
from monitor.core.sla.outage import Run
from monitor.core.sla.penalty import Cost
from monitor.core.sla.scope import days_of, hours_of, selectors_of
from monitor.core.sla.spans import FIRST_MS, MINUTE_MS, NONE, Span, Spans, both, clipped, length, spans, without


class Late(StrEnum):
    """Whether an outage lasted longer than it may."""

    NO = "in time"
    PERHAPS = "perhaps late"
    YES = "late"

    def __str__(self) -> str:
        return self.value


class Repair(NamedTuple):
    """An outage and its class. Times are milliseconds that count for the class, until the period's end."""

    run: Run
    kind: Kind
    cause: str
    of: str
    """The name of its class."""
    least: int
    most: int
    late: Late
    open: bool
    """Whether it was not repaired when the period ended."""
    cost: Cost


class Workshop:
    """The repair classes of a contract, for a period."""

    def __init__(self, contract: Contract, within: Span, begin: int) -> None:
        self._classes = contract.repairs
        self._within = within
        zone = ZoneInfo(contract.time_zone)
        wanted = any(one.business for one in contract.repairs)
        whole = Span(min(begin, within.start), within.end)
        found = hours_of(contract.business, zone, whole) if wanted else NONE
        self._business = without(found, days_of(contract.holidays, zone)) if found else NONE

    def class_of(self, camera: str, listed: Mapping[str, Any], kind: Kind) -> RepairClass | None:
        """Return the class of an outage; None where no class means it."""
        for one in self._classes:
            if one.kinds and kind not in one.kinds:
                continue
            if not one.selectors or frozenset(one.selectors) & selectors_of(camera, listed):
                return one
        return None

    def repair(self, of: RepairClass, run: Run, kind: Kind, cause: str, service: Spans, excused: Spans) -> Repair:
        """Hold an outage against its class, by when its camera is in service, and what is excused of that."""
        until = self._within.end
        counts = without(both(spans([(run.after, min(run.by, until))]), service), excused)
        if of.business and counts:
            counts = both(counts, clipped(self._business, Span(counts[0].start, counts[-1].end)))
        surely = both(spans([(run.start, min(run.end, until))]), counts)
        least, most = length(surely), length(counts)
        limit = of.limit_min * MINUTE_MS
        late = Late.YES if least > limit else Late.PERHAPS if most > limit else Late.NO
        before = (Span(FIRST_MS, self._within.start),)
        earlier = length(both(surely, before)), length(both(counts, before))
        sure, perhaps = (_price(of, now) - _price(of, then) for now, then in zip((least, most), earlier, strict=True))
        is_open = run.by > until and bool(service) and service[-1].end >= until  # not where it is listed no more
        return Repair(run, kind, cause, of.name, least, most, late, is_open, Cost(sure, sure, perhaps))


def _price(of: RepairClass, lasted: int) -> int:
    """Return what an outage that has lasted so long has cost."""
    over = lasted - of.limit_min * MINUTE_MS
    if over <= 0:
        return 0
    cost = of.penalty * -(-over // (of.unit_min * MINUTE_MS))
    return cost if of.most is None else min(of.most, cost)
