"""One camera's period under a contract: its time under each reading and by rung, its outages, how it stands. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from monitor.core.diagnosis.cause import NATURES, Kind
from monitor.core.event import RungEvent
from monitor.core.sla.contract import Contract
from monitor.core.sla.excuses import Excuses
from monitor.core.sla.facts import Facts, Row
from monitor.core.sla.outage import Membership, Outage, Share, blamed, outages, runs
from monitor.core.sla.reading import Reading, readings
from monitor.core.sla.record import NOTHING, Record, record
from monitor.core.sla.scope import counted, in_service, meant
from monitor.core.sla.spans import NONE, Span, Spans, both, either, length, ms, spans, without
from monitor.core.sla.tally import Tally
from monitor.core.state import State
from monitor.core.verdict import Rung


@dataclass(frozen=True, slots=True)
class Account:
    """What a period was for one camera. ``tallies`` are by the readings of the contract, in their order."""

    camera: str
    listed: Mapping[str, Any]
    """Its row as it was last within the period."""
    tallies: tuple[Tally, ...]
    rungs: Mapping[Rung, Tally]
    outages: tuple[Outage, ...]
    shares: Mapping[tuple[str, Kind], int]
    """How long it did not work, as the contract reads, by what that is laid to: cause ("" for none) and kind."""
    works: bool | None
    """Whether it worked at the end of the period; None: nobody saw."""


class Settlement:
    """A contract and a period, held against a ledger's facts, camera by camera."""

    def __init__(self, contract: Contract, within: Span, facts: Facts) -> None:
        self.contract = contract
        self.within = within
        self.facts = facts
        self.readings: tuple[Reading, ...] = readings(contract)
        self.excuses = Excuses(facts.versions, contract, within)
        self._counted = counted(contract, within)
        self._blind = facts.blind()
        self._zone = ZoneInfo(contract.time_zone)

    def scope(self, camera: str) -> Spans:
        """Return the time of the period that counts for a camera; none where the contract does not count it."""
        rows = self.facts.rows.get(camera, [])
        listed = meant(camera, rows, self.contract.selectors)
        if not listed:
            return NONE
        service = either(*(both((row.span,), in_service(row.listed, self._zone)) for row in rows if row.listed))
        return both(both(listed, service), self._counted)

    def account(self, camera: str, events: Iterable[RungEvent]) -> Account | None:
        """Return a camera's account, by its rungs' events in the order of their writing; None: not counted."""
        scope = self.scope(camera)
        if not scope:
            return None
        rows = [row for row in self.facts.rows[camera] if row.listed]
        memberships = self.facts.memberships.get(camera, [])
        blind = either(*((one.span,) for one in memberships if one.kind is Kind.BLIND and one.span.length))
        records = self._records(rows, events, blind)
        working, login = records.get(self.contract.working, NOTHING), records.get(Rung.CREDENTIALS, NOTHING)
        counts = {True: _refused(working, login), False: working}
        judged = counts[self.contract.credentials]
        found = tuple(outages(camera, judged.up, judged.down, self.within, memberships))
        blame = {key: _blame(one, memberships) for key, one in counts.items()}
        cut_off = {key: both(counts[key].down, _above(shares)) for key, shares in blame.items()}
        tallies = tuple(
            self._tally(counts[reading.credentials], scope, self._excused(camera, rows, reading, cut_off))
            for reading in self.readings
        )
        asked = self._excused(camera, rows, self.readings[0], cut_off)
        bare = self.excuses.of(camera, rows, self.readings[0].exclusions)
        return Account(
            camera,
            next(row.listed for row in reversed(rows) if row.span.start < self.within.end),
            tallies,
            {rung: self._tally(one, scope, bare) for rung, one in records.items()},
            found,
            _shares(without(both(judged.down, scope), asked), blame[self.contract.credentials]),
            _at(judged, self.within.end - 1),
        )

    def _records(self, rows: list[Row], events: Iterable[RungEvent], blind: Spans) -> dict[Rung, Record]:
        """Return the record of each rung; what was known before a camera left the list says nothing of its return."""
        stints = either(*((row.span,) for row in rows))
        by_rung: dict[Rung, list[RungEvent]] = {}
        for event in events:
            by_rung.setdefault(event.rung, []).append(event)
        return {rung: self._record(of_one, stints, blind) for rung, of_one in sorted(by_rung.items())}

    def _record(self, events: list[RungEvent], stints: Spans, blind: Spans) -> Record:
        up, down = NONE, NONE
        for stint, of_one in groupby(events, lambda event: _stint(stints, event)):
            if stint is not None:
                one = record(of_one, self._blind)
                up, down = either(up, both(one.up, (stint,))), either(down, both(one.down, (stint,)))
        return Record(without(up, blind), without(down, blind))

    def _excused(self, camera: str, rows: list[Row], reading: Reading, cut_off: Mapping[bool, Spans]) -> Spans:
        planned = self.excuses.of(camera, rows, reading.exclusions)
        return planned if reading.path else either(planned, cut_off[reading.credentials])

    def _tally(self, one: Record, scope: Spans, excused: Spans) -> Tally:
        counts = without(scope, excused)
        up, down = length(both(one.up, counts)), length(both(one.down, counts))
        whole, seen = length(scope), length(counts)
        return Tally(up, down, whole - seen, seen - up - down)


def _refused(working: Record, login: Record) -> Record:
    """Return when a camera worked and when not, where a refused login counts as not working."""
    down = either(working.down, login.down)
    return Record(without(working.up, down), down)


def _blame(one: Record, memberships: list[Membership]) -> list[Share]:
    """Return what a camera's bad times are laid to: each as a whole, whatever period is asked for."""
    return [share for run in runs(one.up, one.down) for share in blamed(Span(run.start, run.end), memberships)]


def _above(shares: list[Share]) -> Spans:
    """Return when something above the camera was out."""
    return spans(share.span for share in shares if NATURES[share.kind].effect is State.UNREACHABLE)


def _stint(stints: Spans, event: RungEvent) -> Span | None:
    at = ms(event.at)
    return next((span for span in reversed(stints) if span.start <= at), None)


def _shares(down: Spans, blame: list[Share]) -> dict[tuple[str, Kind], int]:
    shares: dict[tuple[str, Kind], int] = {}
    for one in blame:
        if long := length(both(down, (one.span,))):
            shares[one.cause, one.kind] = shares.get((one.cause, one.kind), 0) + long
    return shares


def _at(one: Record, moment: int) -> bool | None:
    for seen, works in ((one.up, True), (one.down, False)):
        if any(span.start <= moment < span.end for span in seen):
            return works
    return None
