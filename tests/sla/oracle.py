"""Service levels counted second by second, as a person with much patience would: the oracle of ``monitor.core.sla``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from monitor.core.calendar import holds
from monitor.core.calendar_json import from_json
from monitor.core.diagnosis.cause import NATURES, CauseEvent, Kind, Turn
from monitor.core.event import AssetEvent, CalendarEvent, Event, Gap, Heartbeat, RungEvent
from monitor.core.sla.contract import Contract
from monitor.core.sla.reading import Exclusions, Reading
from monitor.core.sla.tally import Tally
from monitor.core.state import State
from monitor.core.verdict import Outcome, Reason, Rung

UP, DOWN, EXCUSED, UNOBSERVED = range(4)
States = Mapping[int, int | None]


def tally(contract: Contract, reading: Reading, events: Sequence[Event], camera: str, start: int, end: int) -> Tally:
    """Return where the seconds of [start, end) went, each of them looked at alone."""
    states = {at: judged(contract.working, reading.credentials, events, camera, at) for at in _told(events)}
    found = Counter(_second(contract, reading, events, camera, at, states) for at in range(start, end))
    return Tally(*(found[one] * 1000 for one in (UP, DOWN, EXCUSED, UNOBSERVED)))


def _told(events: Sequence[Event]) -> range:
    """Return all seconds that these events can tell of."""
    return range(int(min(one.at for one in events)) - 200, int(max(one.at for one in events)) + 200)


def _second(
    contract: Contract, reading: Reading, events: Sequence[Event], camera: str, at: int, states: States
) -> int | None:
    row = _row(events, camera, at)
    if row is None or row.get("zone") not in [one.name for one in contract.selectors]:
        return None
    if excused(contract, reading, events, row, at):
        return EXCUSED
    state = states[at]
    if state is DOWN and not reading.path and _cut_off(events, camera, at, states):
        return EXCUSED
    return UNOBSERVED if state is None else state


def _row(events: Sequence[Event], camera: str, at: int) -> dict[str, str] | None:
    rows = [one.listed for one in events if isinstance(one, AssetEvent) and one.camera == camera and one.at <= at]
    return dict(rows[-1]) if rows and rows[-1] else None  # type: ignore[arg-type] - rows of text


def excused(contract: Contract, reading: Reading, events: Sequence[Event], row: Mapping[str, str], at: float) -> bool:
    """Say whether the calendar excuses a row at a moment."""
    if reading.exclusions is Exclusions.NONE:
        return False
    of_entry: dict[str, list[CalendarEvent]] = {}
    for one in events:
        if isinstance(one, CalendarEvent):
            of_entry.setdefault(one.entry, []).append(one)
    for versions in of_entry.values():
        on_record = [one for one in versions if one.at <= at]
        if on_record and _has(contract, on_record[-1], row, at, in_time=True):
            return True
        if reading.exclusions is not Exclusions.IN_TIME:
            standing = [one for one in versions if one.planned]
            removed = versions[-1].at if not versions[-1].planned else None
            stands = standing and (removed is None or at < removed)
            if stands and _has(contract, standing[-1], row, at, in_time=False):
                late = reading.exclusions is Exclusions.AS_WRITTEN and not _soon_enough(contract, standing[-1], at)
                if not late:
                    return True
    return False


def _soon_enough(contract: Contract, event: CalendarEvent, at: float) -> bool:
    entry = from_json(event.entry, event.planned)
    assert entry is not None
    return contract.approval_min is None or max(event.at, entry.approved) <= at + contract.approval_min * 60


def _has(contract: Contract, event: CalendarEvent, row: Mapping[str, str], at: float, in_time: bool) -> bool:
    entry = from_json(event.entry, event.planned)
    if entry is None or entry.kind not in contract.excused:
        return False
    if not any(row.get(one.by) == one.name for one in entry.selectors) or not holds(entry, at):
        return False
    return not (in_time and at < entry.approved)


def judged(working: Rung, credentials: bool, events: Sequence[Event], camera: str, at: int) -> int | None:
    """Return whether a camera worked in a second; None where nobody saw."""
    media, login = (_seen(events, camera, rung, at) for rung in (working, Rung.CREDENTIALS))
    if media is DOWN or (credentials and login is DOWN):
        return DOWN
    return media


def _seen(events: Sequence[Event], camera: str, rung: Rung, at: int) -> int | None:
    said = [one for one in events if isinstance(one, RungEvent) and one.camera == camera and one.rung is rung]
    holding = [place for place, one in enumerate(said) if one.by <= at]
    if not holding:
        return None
    newest = said[holding[-1]]
    later = said[holding[-1] + 1 :]
    if any(one.after <= at for one in later[:1]) or any(one.after <= at for one in later if _disowns(one)):
        return None
    if _blind(events, camera, newest.vantage, at):
        return None
    return {Outcome.OK: UP, Outcome.FAIL: DOWN}.get(newest.outcome)


def _disowns(event: RungEvent) -> bool:
    return event.outcome is Outcome.UNSEEN and event.reason is Reason.IDENTITY


def _blind(events: Sequence[Event], camera: str, vantage: str, at: int) -> bool:
    if any(isinstance(one, Gap) and one.vantage in ("", vantage) and one.after <= at < one.by for one in events):
        return True
    beats = [one.at for one in events if isinstance(one, Heartbeat) and one.vantage == vantage]
    before, after = [one for one in beats if one <= at], [one for one in beats if one > at]
    if not before or not after or after[0] - before[-1] > 150:
        return True
    return any(since <= at < until for _, kind, since, until in belongs(events, camera) if kind is Kind.BLIND)


def belongs(events: Sequence[Event], camera: str) -> list[tuple[str, Kind, float, float]]:
    """Return the causes that a camera belonged to, and when."""
    found: dict[str, tuple[Kind, float]] = {}
    over: list[tuple[str, Kind, float, float]] = []
    for one in events:
        if not isinstance(one, CauseEvent):
            continue
        if camera in one.joined and one.cause not in found:
            found[one.cause] = one.kind, (one.after if one.kind is Kind.BLIND else one.at)
        if one.cause in found and (camera in one.left or one.turn in (Turn.CLOSED, Turn.MERGED)):
            over.append((one.cause, *found.pop(one.cause), one.at))
    over += [(cause, kind, since, float("inf")) for cause, (kind, since) in found.items()]
    return [(*_turned_out(events, cause), since, until) for cause, _, since, until in over]


def _turned_out(events: Sequence[Event], cause: str) -> tuple[str, Kind]:
    """Return what a cause was in the end, merge by merge."""
    told = [one for one in events if isinstance(one, CauseEvent)]
    merged = {one.cause: one.other for one in told if one.turn is Turn.MERGED and one.other}
    for _ in merged:
        cause = merged.get(cause, cause)
    return cause, next(one.kind for one in told if one.cause == cause)


def _cut_off(events: Sequence[Event], camera: str, at: int, states: States) -> bool:
    """Say whether the outage in which a second lies is laid, at that second, to something above the camera."""
    first = last = at
    while first - 1 in states and states[first - 1] is not UP:
        first -= 1
    while last + 1 in states and states[last + 1] is not UP:
        last += 1
    bad = [one for one in range(first, last + 1) if states[one] is DOWN]
    begin, finish = bad[0], bad[-1] + 1
    explains = (Kind.POWER, Kind.UPLINK, Kind.SITE, Kind.PROVIDER, Kind.FIRMWARE, Kind.DEAD, Kind.IDENTITY,
                Kind.CREDENTIALS, Kind.HUNG, Kind.STREAM, Kind.NO_VIDEO, Kind.UNDETERMINED)  # fmt: skip
    near = [one for one in belongs(events, camera) if one[1] in explains and one[2] < finish and one[3] > begin]
    if not near:
        return False
    known = [one for one in near if one[2] <= at < one[3]]
    if known:
        kind = min((one[1] for one in known), key=list(Kind).index)
        return NATURES[kind].effect is State.UNREACHABLE
    before = [one for one in near if one[2] <= at]
    if before:
        return NATURES[max(before, key=lambda one: one[3])[1]].effect is State.UNREACHABLE
    first_known = min(near, key=lambda one: (max(one[2], begin), list(Kind).index(one[1])))
    return NATURES[first_known[1]].effect is State.UNREACHABLE
