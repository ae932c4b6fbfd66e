"""A year's time counted by somebody who knows nothing of spans: cut at every moment at which anything can change.

Between two of these moments nothing changes, so that one look at each piece is as good as one at every millisecond.
Only who was excused by the calendar is asked of the oracle that counts seconds (``sla.oracle``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from math import floor, inf
from typing import Any, NamedTuple

from sla.oracle import excused

from monitor.core.calendar import occurrences
from monitor.core.calendar_json import from_json
from monitor.core.diagnosis.cause import NATURES, CauseEvent, Kind, Turn
from monitor.core.event import AssetEvent, CalendarEvent, Event, Gap, Heartbeat, RungEvent
from monitor.core.sla.contract import Contract
from monitor.core.sla.reading import Reading
from monitor.core.state import State
from monitor.core.verdict import Outcome, Rung

EVER = 10**15
#: What explains that a camera does not work, the one highest up first.
EXPLAINS = [
    Kind.POWER, Kind.UPLINK, Kind.SITE, Kind.PROVIDER, Kind.FIRMWARE, Kind.DEAD, Kind.IDENTITY, Kind.CREDENTIALS,
    Kind.HUNG, Kind.STREAM, Kind.NO_VIDEO, Kind.UNDETERMINED,
]  # fmt: skip


class Piece(NamedTuple):
    """Time in which nothing changes, in milliseconds. ``works``: None where nobody saw."""

    start: int
    end: int
    works: bool | None


class Belongs(NamedTuple):
    """When a camera belonged to a cause, and what that turned out to be."""

    cause: str
    kind: Kind
    since: int
    until: int


class Bystander:
    """All that was told of a city, sorted by whom it is about."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.rungs: defaultdict[str, list[RungEvent]] = defaultdict(list)
        self.rows: defaultdict[str, list[AssetEvent]] = defaultdict(list)
        self.plans: list[CalendarEvent] = []
        self.belongs: defaultdict[str, list[Belongs]] = defaultdict(list)
        beats: list[int] = []
        self.blind: list[tuple[int, int]] = []
        causes: list[CauseEvent] = []
        for event in events:
            match event:
                case RungEvent():
                    self.rungs[event.camera].append(event)
                case AssetEvent():
                    self.rows[event.camera].append(event)
                case CalendarEvent():
                    self.plans.append(event)
                case Heartbeat():
                    beats.append(_ms(event.at))
                case Gap():
                    self.blind.append((_ms(event.after), _ms(event.by)))
                case CauseEvent():
                    causes.append(event)
        self.blind += [(-EVER, beats[0]), (beats[-1], EVER)]
        self.blind += [(a, b) for a, b in pairwise(beats) if b - a > 150_000]
        self._sort(causes)

    def _sort(self, causes: Sequence[CauseEvent]) -> None:
        merged = {one.cause: one.other for one in causes if one.turn is Turn.MERGED and one.other}
        kinds = {one.cause: one.kind for one in causes}
        since: dict[tuple[str, str], int] = {}
        for one in causes:
            for camera in one.joined:
                since.setdefault((one.cause, camera), _ms(one.after if one.kind is Kind.BLIND else one.at))
            over = one.turn in (Turn.CLOSED, Turn.MERGED)
            gone = [camera for cause, camera in since if cause == one.cause] if over else one.left
            for camera in gone:
                if (one.cause, camera) in since:
                    self._belonged(one.cause, camera, since.pop((one.cause, camera)), _ms(one.at), merged, kinds)
        for (cause, camera), at in since.items():
            self._belonged(cause, camera, at, EVER, merged, kinds)

    def _belonged(
        self, cause: str, camera: str, since: int, until: int, merged: Mapping[str, str], kinds: Mapping[str, Kind]
    ) -> None:
        for _ in merged:
            cause = merged.get(cause, cause)
        self.belongs[camera].append(Belongs(cause, kinds[cause], since, until))

    def times(
        self, contract: Contract, reading: Reading, camera: str, start: int, end: int
    ) -> tuple[dict[str, int], str]:
        """Return where the time of [start, end) went, and how the camera stood at its end."""
        found: dict[str, int] = dict.fromkeys(("up", "down", "excused", "unobserved"), 0)
        last = ""
        plans = [one for one in self.plans if self._is_for(one, camera)]
        pieces = list(self._pieces(camera, plans, contract))
        for place, piece in enumerate(pieces):
            since, until = max(piece.start, start), min(piece.end, end)
            if since >= until:
                continue
            last = self._kind(contract, reading, camera, pieces, place, plans)
            if last:
                found[last] += until - since
        return found, last

    def _kind(
        self, contract: Contract, reading: Reading, camera: str, pieces: list[Piece], place: int,
        plans: list[CalendarEvent],
    ) -> str:  # fmt: skip
        at = pieces[place].start
        row = self._row(camera, at)
        if row.get("zone") not in [one.name for one in contract.selectors]:
            return ""
        if plans and excused(contract, reading, plans, row, at / 1000):
            return "excused"
        works = pieces[place].works
        if works is None:
            return "unobserved"
        if works:
            return "up"
        return "excused" if not reading.path and self._cut_off(camera, pieces, place) else "down"

    def _row(self, camera: str, at: int) -> Mapping[str, Any]:
        rows = [one.listed for one in self.rows[camera] if _ms(one.at) <= at]
        return rows[-1] if rows else {}

    def _is_for(self, plan: CalendarEvent, camera: str) -> bool:
        """Say whether an entry was ever for a camera."""
        entries = [from_json(one.entry, one.planned) for one in self.plans if one.entry == plan.entry and one.planned]
        rows = [one.listed for one in self.rows[camera]]
        return any(row.get(one.by) == one.name for entry in entries if entry for one in entry.selectors for row in rows)

    def _pieces(self, camera: str, plans: list[CalendarEvent], contract: Contract) -> Iterator[Piece]:
        said = [one for one in self.rungs[camera] if one.rung is Rung.MEDIA]
        cuts = {-EVER, EVER}
        cuts |= {_ms(moment) for one in said for moment in (one.after, one.by)}
        cuts |= {edge for times in self.blind for edge in times}
        cuts |= {edge for one in self.belongs[camera] for edge in (one.since, one.until)}
        cuts |= {_ms(one.at) for one in self.rows[camera]}
        cuts |= set(_edges(plans, contract))
        ordered = sorted(cuts)
        left = [_ms(one.at) for one in self.rows[camera] if not one.listed]
        for start, end in pairwise(ordered):
            yield Piece(start, end, self._works(said, left, start))

    def _works(self, said: list[RungEvent], left: list[int], at: int) -> bool | None:
        if any(since <= at < until for since, until in self.blind):
            return None
        holding = [place for place, one in enumerate(said) if _ms(one.by) <= at]
        if not holding or any(_may_hold(one, left, at) for one in said[holding[-1] + 1 : holding[-1] + 2]):
            return None
        return {Outcome.OK: True, Outcome.FAIL: False}.get(said[holding[-1]].outcome)

    def _cut_off(self, camera: str, pieces: list[Piece], place: int) -> bool:
        """Say whether a piece of an outage is laid to something above the camera."""
        first = last = place
        while first and pieces[first - 1].works is not True:
            first -= 1
        while last < len(pieces) - 1 and pieces[last + 1].works is not True:
            last += 1
        bad = [one for one in pieces[first : last + 1] if one.works is False]
        begin, finish, at = bad[0].start, bad[-1].end, pieces[place].start
        near = [
            one for one in self.belongs[camera] if one.kind in EXPLAINS and one.since < finish and one.until > begin
        ]
        known = [one for one in near if one.since <= at < one.until]
        before = [one for one in near if one.since <= at]
        if known:
            to = min(known, key=lambda one: EXPLAINS.index(one.kind))
        elif before:
            to = max(before, key=lambda one: one.until)
        elif near:
            to = min(near, key=lambda one: (max(one.since, begin), EXPLAINS.index(one.kind)))
        else:
            return False
        return NATURES[to.kind].effect is State.UNREACHABLE


def _may_hold(following: RungEvent, left: list[int], at: int) -> bool:
    """Say whether what was said next may have been so already; of a camera that left meanwhile it says nothing."""
    return _ms(following.after) <= at and not any(at < gone <= _ms(following.by) for gone in left)


def _edges(plans: list[CalendarEvent], contract: Contract) -> Iterator[int]:
    """Yield all moments at which what is excused may change."""
    for one in plans:
        yield _ms(one.at)
        entry = from_json(one.entry, one.planned) if one.planned else None
        if entry is not None:
            yield _ms(entry.approved)
            yield _ms(max(one.at, entry.approved)) - (contract.approval_min or 0) * 60_000
            for held in occurrences(entry, 1.7e9, 1.9e9):
                yield _ms(held.start)
                yield _ms(held.end)


def _ms(moment: float) -> int:
    return -EVER if moment == -inf else EVER if moment == inf else floor(moment * 1000 + 0.5)
