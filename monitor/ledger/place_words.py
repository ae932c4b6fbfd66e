"""What goes by a name that is no camera's (a site, an uplink, a zone): how many cameras work, which causes are open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo
from typing import NamedTuple

from monitor.core.calendar import Calendar
from monitor.core.counting import counted
from monitor.core.diagnosis.cause import Causes
from monitor.core.diagnosis.naming import ordered, short
from monitor.core.diagnosis.wording import many
from monitor.core.event import RungEvent
from monitor.core.health import NEVER_SEEN
from monitor.core.model import Inventory
from monitor.core.state import State
from monitor.core.times import Clock
from monitor.core.verdict import Rung
from monitor.ledger import because, calendars, causes, history, places
from monitor.ledger.plain import printable
from monitor.ledger.reader import Reader, Restored

#: Causes that are told, and cameras that are named.
MOST_CAUSES = 20
MOST_NAMED = 12


class _Told(NamedTuple):
    """How cameras stand or stood, with all causes and plans of then."""

    states: Mapping[str, State]
    causes: Causes
    calendar: Calendar
    inventory: Inventory
    clock: Clock


def place(name: str, reader: Reader, now: float, at: float | None = None, zone: tzinfo | None = None) -> str | None:
    """Tell what goes by a name, now or ``at`` a moment; None where nothing does. Raises LedgerError."""
    restored = reader.restore()
    where = places.restored(restored.memory) if at is None else places.then(reader, restored.memory, at)
    found = places.called(where, name)
    if not found:
        return None
    concerned = {id_ for cameras in found.values() for id_ in cameras}
    told = (
        _now(restored, where, Clock(now, zone))
        if at is None
        else _then(reader, restored, where, concerned, Clock(at, zone))
    )
    blocks = ["\n".join(_place(f"{what} {printable(name)}", cameras, told)) for what, cameras in found.items()]
    when = (
        f"At {told.clock.full(told.clock.now)} {told.clock.zone_name}, as the ledger tells it:\n\n"
        if at is not None
        else ""
    )
    return when + "\n\n".join(blocks)


def _now(restored: Restored, where: Inventory, clock: Clock) -> _Told:
    states = {id_: standing.state for id_, standing in restored.standings.items()}
    plan = Calendar(calendars.restored(restored.memory))
    return _Told(states, causes.restored(restored.memory), plan, where, clock)


def _then(reader: Reader, restored: Restored, where: Inventory, concerned: set[str], clock: Clock) -> _Told:
    at = clock.now
    since = [event for _, event in reader.events(kind="rung", since=at) if isinstance(event, RungEvent)]
    changed = {(event.camera, event.rung) for event in since if event.camera in concerned}
    changed |= {(id_, rung) for id_ in concerned - restored.cameras.keys() for rung in Rung}  # they have left since
    states = history.states(reader, {id_: restored.cameras.get(id_, NEVER_SEEN) for id_ in concerned}, changed, at)
    return _Told(states, history.open_causes(reader, at).causes, history.calendar(reader, at), where, clock)


def _place(title: str, cameras: Sequence[str], told: _Told) -> Iterator[str]:
    by_state: dict[bool | None, list[str]] = {}
    for id_ in cameras:
        by_state.setdefault(told.states[id_].working if id_ in told.states else None, []).append(id_)
    works = len(by_state.get(True, ()))
    yield f"{title}: {works:,} of {many(len(cameras), 'camera')} {'works' if works == 1 else 'work'}."
    for key, word in ((False, "Not working"), (None, "Unknown")):
        if key in by_state:
            yield f"  {word}: {len(by_state[key]):,} ({because.named(by_state[key], MOST_NAMED)})"
    yield from because.plans(cameras, told.calendar, told.inventory, told.clock)
    here = frozenset(cameras)
    open_there = ordered({id_: one for id_, one in told.causes.items() if one.members & here})
    yield "" if open_there else "  No cause is open there."
    for cause in open_there[:MOST_CAUSES]:
        part = len(cause.members & here)
        those = (
            f"{part:,} of its {many(len(cause.members), 'camera')}"
            if part < len(cause.members)
            else many(part, "camera")
        )
        began = told.clock.since(cause.after, cause.by)
        yield f"  {printable(short(cause.kind, cause.scope))}: {those}, {began} [{cause.id}]"
    if len(open_there) > MOST_CAUSES:
        yield f"  and {counted(len(open_there) - MOST_CAUSES, 'more cause')}"
    if open_there:
        yield "  camfleet why CAUSE tells all of one, by the id in brackets."
