"""One camera's period under a contract: its time under each reading and by rung, its outages. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from monitor.core.diagnosis.cause import NATURES, Kind
from monitor.core.event import RungEvent
from monitor.core.sla.chronic import Again, chronic
from monitor.core.sla.contract import Contract
from monitor.core.sla.excuses import Excuses
from monitor.core.sla.facts import Facts, Row
from monitor.core.sla.measures import End
from monitor.core.sla.outage import Membership, Outage, Run, Share, blamed, longest, outage, runs
from monitor.core.sla.reading import Exclusions, Reading, readings
from monitor.core.sla.record import NOTHING, Record, record
from monitor.core.sla.repairs import Repair, Workshop
from monitor.core.sla.scope import counted, in_service, meant
from monitor.core.sla.spans import FIRST_MS, NONE, Span, Spans, both, either, length, ms, spans, without
from monitor.core.sla.tally import Tally
from monitor.core.state import State
from monitor.core.verdict import Rung


class Score(NamedTuple):
    """What a period was for a camera under one reading."""

    tally: Tally
    end: End
    repairs: tuple[Repair, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """What a period was for one camera. ``scores`` are by the readings of the contract, in their order."""

    camera: str
    listed: Mapping[str, Any]
    """Its row as it was last within the period."""
    scope: Spans
    """The time of the period that counts for it."""
    scores: tuple[Score, ...]
    rungs: Mapping[Rung, Tally]
    outages: tuple[Outage, ...]
    shares: Mapping[tuple[str, Kind], int]
    """How long it did not work, as the contract reads, by what that is laid to: cause ("" for none) and kind."""
    again: Sequence[Again]
    excused: Mapping[str, int]
    """How long each entry of the calendar excuses it, as the contract reads; where two do at once, both."""

    @property
    def tallies(self) -> tuple[Tally, ...]:
        return tuple(score.tally for score in self.scores)


class Judged(NamedTuple):
    """When a camera worked and when not, and what each bad time is laid to."""

    record: Record
    runs: Sequence[Run]
    blame: Sequence[Sequence[Share]]

    @property
    def above(self) -> Spans:
        """When something above the camera was out, in the time that nobody saw around a bad one, too."""
        found: list[tuple[int, int]] = []
        for run, shares in zip(self.runs, self.blame, strict=True):
            turns = [run.after, *(share.span.start for share in shares[1:]), run.by]
            found += [
                turn
                for turn, share in zip(pairwise(turns), shares, strict=True)
                if NATURES[share.kind].effect is State.UNREACHABLE
            ]
        return spans(found)


class Settlement:
    """A contract and a period, held against a ledger's facts, camera by camera."""

    def __init__(self, contract: Contract, within: Span, facts: Facts) -> None:
        self.contract = contract
        self.within = within
        self.facts = facts
        self.readings: tuple[Reading, ...] = readings(contract)
        self.excuses = Excuses(facts.versions, contract, within)
        self.counted = counted(contract, within)
        self._begin = facts.begin
        self._before = Span(min(self._begin, within.start), within.start)
        self._earlier: Excuses | None = None
        self._workshop = Workshop(contract, within, self._begin)
        self._blind = facts.blind()
        self._zone = ZoneInfo(contract.time_zone)
        self._moment = self.counted[-1].end - 1 if self.counted else within.end - 1

    def service(self, camera: str) -> Spans:
        """Return when a camera is listed, in service and meant by the contract, whatever the period."""
        rows = self.facts.rows.get(camera, [])
        listed = meant(camera, rows, self.contract.selectors)
        if not listed:
            return NONE
        return both(
            listed, either(*(both((row.span,), in_service(row.listed, self._zone)) for row in rows if row.listed))
        )

    def scope(self, camera: str) -> Spans:
        """Return the time of the period that counts for a camera; none where the contract does not count it."""
        return both(self.service(camera), self.counted)

    def account(self, camera: str, events: Iterable[RungEvent]) -> Account | None:
        """Return a camera's account, by its rungs' events in the order of their writing; None: not counted."""
        service = self.service(camera)
        scope = both(service, self.counted)
        if not scope:
            return None
        rows = [row for row in self.facts.rows[camera] if row.listed]
        memberships = self.facts.memberships.get(camera, [])
        records = self.records(rows, events, memberships)
        working, login = records.get(self.contract.working, NOTHING), records.get(Rung.CREDENTIALS, NOTHING)
        judged = _judged(working, login, memberships)
        asked = judged[self.contract.credentials]
        listed = next(row.listed for row in reversed(rows) if row.span.start < self.within.end)
        books = _Books(self, camera, listed, rows, service, scope)
        scores = tuple(books.score(judged[reading.credentials], reading) for reading in self.readings)
        counts = books.counts(asked, self.readings[0])
        planned = without(scope, books.planned(self.readings[0]))
        return Account(
            camera,
            listed,
            scope,
            scores,
            {rung: _tally(one, scope, planned) for rung, one in records.items()},
            tuple(self._outages(asked, scope, counts)),
            _shares(both(asked.record.down, counts), asked.blame),
            chronic([(run, longest(shares).kind) for run, shares in zip(*asked[1:], strict=True)], self.within)
            if len(asked.runs) > 1
            else (),
            self.excuses.by_entry(camera, rows, scope),
        )

    def _outages(self, asked: Judged, scope: Spans, counts: Spans) -> Iterable[Outage]:
        """Yield the outages that have a part in the time that counts, cut to when the camera counted."""
        hull = Span(scope[0].start, scope[-1].end)
        stays = hull.end == self.counted[-1].end
        for run, shares in zip(asked.runs, asked.blame, strict=True):
            if both((Span(run.after, run.by),), scope):
                found = outage(run, shares, hull)
                down = both((Span(run.start, run.end),), both(asked.record.down, counts))
                yield found._replace(counted=length(down), ongoing=stays and run.by > self.within.end)

    def earlier(self) -> Excuses:
        """Return what excused before the period."""
        if self._earlier is None:
            self._earlier = Excuses(self.facts.versions, self.contract, self._before)
        return self._earlier

    def repairs(
        self, camera: str, listed: Mapping[str, Any], judged: Judged, service: Spans, excused: Spans
    ) -> tuple[Repair, ...]:
        """Return the outages of a camera that have a part in the period and a class, held against it."""
        found: list[Repair] = []
        if not self.contract.repairs:
            return ()
        for run, shares in zip(judged.runs, judged.blame, strict=True):
            if run.start >= self.within.end or run.by <= self.within.start:
                continue
            _, cause, kind = longest(shares)
            of = self._workshop.class_of(camera, listed, kind)
            if of is not None and both((Span(run.after, run.by),), service):
                found.append(self._workshop.repair(of, run, kind, cause, service, excused))
        return tuple(found)

    def end(self, record: Record, scope: Spans, excused: Spans) -> End:
        """Return how a camera stood in the last moment that counts."""
        moment = (Span(self._moment, self._moment + 1),)
        if not both(scope, moment):
            return End.ABSENT
        for when, end in ((excused, End.EXCUSED), (record.up, End.WORKS), (record.down, End.DOWN)):
            if both(when, moment):
                return end
        return End.UNSEEN

    def records(
        self, rows: list[Row], events: Iterable[RungEvent], memberships: Iterable[Membership]
    ) -> dict[Rung, Record]:
        """Return the record of each rung; what was known before a camera left the list says nothing of its return.

        One that was listed when the ledger began to keep rows had been so before: older ledgers kept none.
        """
        blind = either(*((one.span,) for one in memberships if one.kind is Kind.BLIND and one.span.length))
        stints = either(*((row.span,) for row in rows))
        if stints[0].start == self._begin:
            stints = (Span(FIRST_MS, stints[0].end), *stints[1:])
        by_rung: dict[Rung, list[RungEvent]] = {}
        for event in events:
            by_rung.setdefault(event.rung, []).append(event)
        return {rung: self._record(of_one, stints, blind) for rung, of_one in sorted(by_rung.items())}

    def _record(self, events: list[RungEvent], stints: Spans, blind: Spans) -> Record:
        if len(stints) == 1 and ms(min(event.at for event in events)) >= stints[0].start:
            up, down = record(events, self._blind)
            return Record(without(both(up, stints), blind), without(both(down, stints), blind))
        up, down = NONE, NONE
        for stint, of_one in groupby(events, lambda event: _stint(stints, event)):
            if stint is not None:
                one = record(of_one, self._blind)
                up, down = either(up, both(one.up, (stint,))), either(down, both(one.down, (stint,)))
        return Record(without(up, blind), without(down, blind))


class _Books:
    """One camera's scores: readings that come to the same are counted once."""

    def __init__(
        self, settled: Settlement, camera: str, listed: Mapping[str, Any], rows: list[Row], service: Spans, scope: Spans
    ) -> None:
        self._settled = settled
        self._camera = camera
        self._listed = listed
        self._rows = rows
        self._service = service
        self._scope = scope
        self._planned: dict[Exclusions, Spans] = {}
        self._known: dict[tuple[int, Spans], Score] = {}

    def planned(self, reading: Reading) -> Spans:
        """Return when the calendar excuses within the period."""
        if reading.exclusions not in self._planned:
            excuses = self._settled.excuses
            self._planned[reading.exclusions] = excuses.of(self._camera, self._rows, reading.exclusions)
        return self._planned[reading.exclusions]

    def excused(self, judged: Judged, reading: Reading) -> Spans:
        planned = self.planned(reading)
        return planned if reading.path else either(planned, both(judged.record.down, judged.above))

    def counts(self, judged: Judged, reading: Reading) -> Spans:
        """Return the time that counts and is not excused."""
        return without(self._scope, self.excused(judged, reading))

    def score(self, judged: Judged, reading: Reading) -> Score:
        excused = self.excused(judged, reading)
        key = id(judged), excused
        if key not in self._known:
            tally = _tally(judged.record, self._scope, without(self._scope, excused))
            end = self._settled.end(judged.record, self._scope, excused)
            self._known[key] = Score(tally, end, self._repairs(judged, reading))
        return self._known[key]

    def _repairs(self, judged: Judged, reading: Reading) -> tuple[Repair, ...]:
        if not judged.runs or not self._settled.contract.repairs:
            return ()
        excused = self.planned(reading)
        if any(run.after < self._settled.within.start < run.by for run in judged.runs):
            excused = either(excused, self._settled.earlier().of(self._camera, self._rows, reading.exclusions))
        if not reading.path:
            excused = either(excused, judged.above)
        return self._settled.repairs(self._camera, self._listed, judged, self._service, excused)


def _judged(working: Record, login: Record, memberships: list[Membership]) -> dict[bool, Judged]:
    """Return how a camera is judged where a refused login counts as not working, and where it does not."""
    plain = _blamed(working, memberships)
    if not login.down:
        return {True: plain, False: plain}
    down = either(working.down, login.down)
    return {True: _blamed(Record(without(working.up, down), down), memberships), False: plain}


def _blamed(one: Record, memberships: list[Membership]) -> Judged:
    """Lay each bad time to its causes as a whole, whatever period is asked for."""
    bad = runs(one.up, one.down) if one.down else []
    return Judged(one, bad, [blamed(Span(run.start, run.end), memberships) for run in bad])


def _tally(one: Record, scope: Spans, counts: Spans) -> Tally:
    up, down = length(both(one.up, counts)), length(both(one.down, counts))
    whole, seen = length(scope), length(counts)
    return Tally(up, down, whole - seen, seen - up - down)


def _stint(stints: Spans, event: RungEvent) -> Span | None:
    at = ms(event.at)
    return next((span for span in reversed(stints) if span.start <= at), None)


def _shares(down: Spans, blame: Iterable[Iterable[Share]]) -> dict[tuple[str, Kind], int]:
    shares: dict[tuple[str, Kind], int] = {}
    for of_run in blame if down else ():
        for one in of_run:
            if long := length(both(down, (one.span,))):
                shares[one.cause, one.kind] = shares.get((one.cause, one.kind), 0) + long
    return shares
