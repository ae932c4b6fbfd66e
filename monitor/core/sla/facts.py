"""What a ledger says beside the rungs of each camera: what was listed, who looked when, whose fault, what was planned.

Pure. Taken in event by event, in the order in which they were written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from monitor.core.calendar import Entry
from monitor.core.calendar_json import from_json
from monitor.core.diagnosis.cause import CLOSING, CauseEvent, Kind, Turn
from monitor.core.event import (
    AssetEvent,
    CalendarEvent,
    ContractEvent,
    Event,
    Gap,
    Heartbeat,
    Note,
    NoteEvent,
    ScheduleEvent,
)
from monitor.core.sla.outage import Membership
from monitor.core.sla.spans import FIRST_MS, LAST_MS, Span, Spans, ms, spans
from monitor.core.topology import Scope

#: A heartbeat comes every minute; one that is this late was missed, and the time since the one before is unseen.
LATE_MS = 150_000


class Row(NamedTuple):
    """How a camera was listed within a time: its row of the inventory as plain values."""

    span: Span
    listed: Mapping[str, Any]


class Version(NamedTuple):
    """An entry of the calendar as it stood within a time; None after it was removed."""

    span: Span
    entry: Entry | None


class Terms(NamedTuple):
    """The terms of a contract as they stood within a time, as plain values; nothing after they were removed."""

    span: Span
    plain: Mapping[str, Any]


@dataclass
class Facts:
    """What the events so far say."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    versions: dict[str, list[Version]] = field(default_factory=lambda: defaultdict(list))
    contracts: dict[str, list[Terms]] = field(default_factory=lambda: defaultdict(list))
    memberships: dict[str, list[Membership]] = field(default_factory=lambda: defaultdict(list))
    gaps: list[Gap] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    """Events that say nothing to this camfleet, as words: what is missing in what follows."""
    scopes: dict[str, Scope] = field(default_factory=dict)
    """What each cause is about."""
    owners: dict[str, str] = field(default_factory=dict)
    """To whom a person gave a cause, by the cause."""
    schedules: list[tuple[int, Mapping[str, Any]]] = field(default_factory=list)
    """By which rates everything was asked, as plain values, and since when."""
    last: int = FIRST_MS
    """The newest moment of all events."""
    beats: dict[str, list[Span]] = field(default_factory=lambda: defaultdict(list))
    """When heartbeats came in time, by vantage."""

    members: dict[str, dict[str, int]] = field(default_factory=dict)
    """The cameras of each cause that is open, with the moment since when."""
    kinds: dict[str, Kind] = field(default_factory=dict)
    became: dict[str, str] = field(default_factory=dict)
    """What each cause that merged turned out to be."""

    @property
    def begin(self) -> int:
        """When the first camera was listed."""
        return min((rows[0].span.start for rows in self.rows.values()), default=FIRST_MS)

    def take(self, event: Event) -> None:
        self.last = max(self.last, ms(event.at))
        take = _TAKE.get(type(event))
        if take is not None:
            take(self, event)

    def blind(self) -> dict[str, Spans]:
        """Return when nobody looked, by vantage."""
        known = set(self.beats) | {gap.vantage for gap in self.gaps} - {""}
        return {vantage: self._blind(vantage) for vantage in known}

    def _blind(self, vantage: str) -> Spans:
        seen = self.beats.get(vantage, [])
        edges = [FIRST_MS, *(edge for span in seen for edge in span), LAST_MS]
        unseen = list(zip(edges[::2], edges[1::2], strict=True))
        unseen += [(ms(gap.after), ms(gap.by)) for gap in self.gaps if gap.vantage in ("", vantage)]
        return spans(unseen)


def _asset(facts: Facts, event: AssetEvent) -> None:
    _supersede(facts.rows[event.camera], Row(Span(ms(event.at), LAST_MS), event.listed))


def _calendar(facts: Facts, event: CalendarEvent) -> None:
    entry = from_json(event.entry, event.planned) if event.planned else None
    if event.planned and entry is None:
        facts.unread.append(f"calendar {event.entry}")
    _supersede(facts.versions[event.entry], Version(Span(ms(event.at), LAST_MS), entry))


def _contract(facts: Facts, event: ContractEvent) -> None:
    _supersede(facts.contracts[event.contract], Terms(Span(ms(event.at), LAST_MS), event.terms))


def _schedule(facts: Facts, event: ScheduleEvent) -> None:
    facts.schedules.append((ms(event.at), event.rates))


def _supersede(versions: list[Any], newest: Any) -> None:
    """Let what stood last end where the newest begins."""
    if versions:
        versions[-1] = versions[-1]._replace(span=Span(versions[-1].span.start, newest.span.start))
    versions.append(newest)


def _gap(facts: Facts, event: Gap) -> None:
    facts.gaps.append(event)


def _heartbeat(facts: Facts, event: Heartbeat) -> None:
    at, beats = ms(event.at), facts.beats[event.vantage]
    if beats and at - beats[-1].end <= LATE_MS:
        if at > beats[-1].end:
            beats[-1] = Span(beats[-1].start, at)
    else:
        beats.append(Span(at, at))


def _cause(facts: Facts, event: CauseEvent) -> None:
    if event.turn is Turn.MERGED and event.other:
        facts.became[event.cause] = event.other
    at, members = ms(event.at), facts.members.setdefault(event.cause, {})
    since = ms(event.after) if event.kind is Kind.BLIND else at
    members |= {camera: since for camera in event.joined if camera not in members}
    for camera in list(members) if event.turn in CLOSING else event.left:
        if camera in members:
            span = Span(members.pop(camera), at)
            facts.memberships[camera].append(Membership(event.cause, event.kind, span))
    facts.kinds[event.cause] = event.kind
    facts.scopes[event.cause] = event.scope


def _note(facts: Facts, event: NoteEvent) -> None:
    if event.note is Note.ACKNOWLEDGED and event.owner:
        facts.owners[event.cause] = event.owner


_TAKE: Mapping[type[Event], Callable[[Facts, Any], None]] = {
    AssetEvent: _asset,
    CalendarEvent: _calendar,
    CauseEvent: _cause,
    ContractEvent: _contract,
    Gap: _gap,
    Heartbeat: _heartbeat,
    NoteEvent: _note,
    ScheduleEvent: _schedule,
}


def gathered(events: Iterable[Event]) -> Facts:
    """Return what these events say, given in the order in which they were written."""
    facts = Facts()
    for event in events:
        facts.take(event)
    for cause, members in facts.members.items():
        for camera, since in members.items():
            facts.memberships[camera].append(Membership(cause, facts.kinds[cause], Span(since, LAST_MS)))
    if facts.became:
        for camera, memberships in facts.memberships.items():
            facts.memberships[camera] = [_revised(facts, one) for one in memberships]
    return facts


def _revised(facts: Facts, one: Membership) -> Membership:
    """Return a membership in what its cause turned out to be, over all merges: the newest judgement counts."""
    cause, met = one.cause, {one.cause}
    while facts.became.get(cause, cause) not in met:
        cause = facts.became[cause]
        met.add(cause)
    return Membership(cause, facts.kinds.get(cause, one.kind), one.span) if cause in facts.kinds else one
