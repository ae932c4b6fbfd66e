"""Why a camera is in its state, as text for a person: what is known of each rung, since when, and what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, tzinfo
from math import inf, isfinite, nextafter
from operator import itemgetter

from monitor.core.asset import CHANGED, Listed, changes
from monitor.core.calendar import Calendar
from monitor.core.counting import are
from monitor.core.diagnosis.cause import CauseEvent
from monitor.core.event import (
    AssetEvent,
    BatteryEvent,
    CalendarEvent,
    ConfigEvent,
    ContractEvent,
    DeviceEvent,
    Event,
    Gap,
    Heartbeat,
    NoteEvent,
    RungEvent,
    ScheduleEvent,
)
from monitor.core.health import RungHealth, Rungs
from monitor.core.limits import Doubt
from monitor.core.state import Standing, State, View, view
from monitor.core.times import Clock
from monitor.core.verdict import IMPLIES, QUESTIONS, REASONS, Outcome, Reason, Rung, advise
from monitor.core.workorder.order import OrderEvent
from monitor.ledger import acknowledgements, because, calendars, causes, history, logins, places
from monitor.ledger.plain import printable
from monitor.ledger.reader import Reader

STATES = {
    State.UP: "works",
    State.DEGRADED: "works, but something else is wrong",
    State.UNREACHABLE: "does not work: it is cut off",
    State.DOWN: "does not work",
    State.UNKNOWN: "is in an unknown state",
}
ANSWERS = {Outcome.OK: "yes", Outcome.FAIL: "NO", Outcome.UNSEEN: "unseen", Outcome.NA: "not asked"}
BECAME = {Outcome.OK: "is ok", Outcome.FAIL: "fails", Outcome.UNSEEN: "is unseen", Outcome.NA: "is not asked"}
#: Two missed heartbeats: nobody is looking any more.
SILENT_S = 150.0
MOST_EVENTS = 20


def why(camera: str, reader: Reader, now: float, zone: tzinfo | None = None) -> str | None:
    """Explain a camera's state from its ledger, in the machine's own time or another; None where it is not known there.

    Raises LedgerError where the ledger cannot be read.
    """
    restored = reader.restore()
    events = recent(camera, reader, now)
    clock = Clock(now, zone)
    if camera in restored.cameras:
        rungs, standing = restored.cameras[camera], restored.standings.get(camera)
        mine = [cause for cause in causes.restored(restored.memory).values() if camera in cause.members]
        known = acknowledgements.restored(restored.memory)
        told = because.told(mine, known, causes.owners(restored.memory), clock)
        plan = Calendar(calendars.restored(restored.memory))
        plans = because.plans([camera], plan, places.restored(restored.memory), clock)
        doubt = logins.doubt(restored.memory, camera)
        return explain(
            camera, rungs, events, now, restored.last_heartbeat, zone, standing, told, plans=plans, doubt=doubt
        )
    left_at = reader.left_at(camera)
    return None if left_at is None else farewell(camera, left_at, events, clock)


def recent(camera: str, reader: Reader, at: float) -> list[Event]:
    """Return what happened last to a camera until a moment, its causes among it."""
    until = nextafter(at, inf)
    events = reader.events(camera=camera, until=until, limit=MOST_EVENTS) + history.judgements(reader, camera, at)
    return [event for _, event in sorted(events, key=itemgetter(0))[-MOST_EVENTS:]]


def explain(
    camera: str,
    rungs: Rungs,
    events: Sequence[Event],
    now: float,
    looked_at: float | None = None,
    zone: tzinfo | None = UTC,
    standing: Standing | None = None,
    reasons: Sequence[str] = (),
    then: bool = False,
    plans: Sequence[str] = (),
    doubt: Doubt | None = None,
) -> str:
    """Return the whole explanation. ``looked_at`` is the ledger's last heartbeat; moments are told in ``zone``.

    ``reasons`` are lines about its causes, ``plans`` about what is planned for it; ``then``: ``now`` is a moment of the
    past. ``doubt`` is what is open about our login.
    """
    clock = Clock(now, zone)
    silent = looked_at is not None and now - looked_at >= SILENT_S
    head = _state(camera, rungs, standing, clock, then)
    if looked_at is not None and silent:
        head = [
            f"Nobody has been looking since {clock.moment(looked_at)} ({clock.ago(looked_at)}): no monitor runs on this"
            f" ledger, and how {printable(camera)} is now is unknown.",
            "",
            f"As it stood then: {head[0]}",
            *head[1:],
        ]
    head += plans
    if reasons:
        head += ["", "Why, by all that is known:" if not then else "Why, by what was known then:", *reasons]
    known = "What was known then" if silent or then else "What is known"
    failing = {rung: rungs[rung][1:3] for rung in Rung if rungs[rung].outcome is Outcome.FAIL}
    if Rung.CREDENTIALS in failing:  # what looked full until then was the login
        rungs = tuple(health._replace(busy=0) for health in rungs)
    table = [line for rung in Rung for line in _rung(rung, rungs[rung], _root(rung, failing), clock, then, doubt)]
    return "\n".join(
        [*head, "", f"{known} (times in {clock.zone_name}):", *table, "", *happened(camera, events, clock)]
    )


def farewell(camera: str, left_at: float, events: Sequence[Event], clock: Clock) -> str:
    """Return what is left to say of a camera that the inventory has no more."""
    head = (
        f"{printable(camera)} is no longer in the inventory, since {clock.moment(left_at)} ({clock.ago(left_at)});"
        " nobody looks at it any more."
    )
    return "\n".join([head, "", *happened(camera, events, clock)])


def _root(rung: Rung, failing: Mapping[Rung, tuple[Reason | None, str]]) -> Rung | None:
    """Return the rung whose failure a rung only repeats: its reason and detail are about another port or protocol."""
    roots = (cause for cause, implied in IMPLIES.items() if rung in implied)
    return next((cause for cause in roots if cause in failing and failing[cause] == failing.get(rung)), None)


def happened(camera: str, events: Sequence[Event], clock: Clock, title: str = "What happened last") -> list[str]:
    """Return what happened to a camera, a line an event."""
    failing: dict[float, dict[Rung, tuple[Reason | None, str]]] = {}
    for event in events:
        if isinstance(event, RungEvent) and event.outcome is Outcome.FAIL:
            failing.setdefault(event.at, {})[event.rung] = event.reason, event.detail
    told = []
    row: Listed | None = None
    for event in events:
        if text := _event(camera, event, failing.get(event.at, {}), clock, row):
            told.append(f"  {clock.full(event.at)}  {text}")
        row = event.listed if isinstance(event, AssetEvent) else row
    return [f"{title} (times in {clock.zone_name}):", *told] if told else ["Nothing has happened yet."]


def _state(camera: str, rungs: Rungs, standing: Standing | None, clock: Clock, then: bool) -> list[str]:
    seen = view(rungs, standing)
    head = f"{printable(camera)} {STATES[seen.state]}"
    if isfinite(seen.by):
        head += f", {clock.since(seen.after, seen.by)} {clock.zone_name} ({clock.ago(seen.by)})"
    if seen.reason is None:
        return [head + _nothing_found(seen, then)]
    advice = advise(seen.reason, seen.rung, seen.is_back)
    detail = "" if seen.is_back else printable(rungs[seen.rung].detail)
    return [
        f"{head}: {advice.title}.",
        f"  {advice.meaning}" + (f" ({detail})" if detail else ""),
        f"  What to do: {advice.action}",
    ]


def _nothing_found(seen: View, then: bool) -> str:
    if seen.state is not State.UNKNOWN:
        return "."
    if then:
        return ": nothing was confirmed yet." if not isfinite(seen.by) else "."
    return ": its first checks are not confirmed yet." if isfinite(seen.last_probe) else ": nobody could look yet."


def _rung(
    rung: Rung, health: RungHealth, root: Rung | None, clock: Clock, then: bool, doubt: Doubt | None
) -> list[str]:
    """Return a rung's question with its answer, and a streak that may change it."""
    line = f"  {rung.label:<12}{QUESTIONS[rung]:<48}{ANSWERS[health.outcome]}"
    if root is not None:
        line += f", as {root.label} fails"
    elif health.reason is not None:
        line += ": " + _reason(health.reason, health.detail)
    if isfinite(health.by) and health.outcome is not Outcome.NA:
        line += f", {clock.since(health.after, health.by)}"
    if isfinite(health.last_seen) and not then and health.outcome is not Outcome.NA:
        line += f"; last seen {clock.time(health.last_seen)}"
    lines = [line]
    if health.pending:
        count, kind = (health.successes, "success") if health.outcome is Outcome.FAIL else (health.failures, "failure")
        plural = {"success": "successes", "failure": "failures"}[kind] if count > 1 else kind
        lines.append(f"{'':14}{count} {plural} since {clock.time(health.streak_from)}, not confirmed yet")
    if health.busy and doubt is not None:
        lines.append(f"{'':14}{doubt.told(clock)}")
    elif health.busy:
        attempts = "attempt" if health.busy == 1 else "attempts"
        lines.append(f"{'':14}{health.busy} {attempts} in a row found it full")
    return lines


def _reason(reason: Reason, detail: str) -> str:
    detail = printable(detail)
    return REASONS[reason].title + (f" ({detail})" if detail else "")


def _event(
    camera: str,
    event: Event,
    failing: Mapping[Rung, tuple[Reason | None, str]],
    clock: Clock,
    row: Listed | None,
) -> str:
    """Return an event as a sentence; ``failing`` is what began to fail just then, ``row`` how the camera was listed."""
    match event:
        case RungEvent():
            why = f": {_reason(event.reason, event.detail)}" if event.reason is not None else ""
            if event.outcome is Outcome.FAIL and (root := _root(event.rung, failing)) is not None:
                why = f", as {root.label} does"
            since = f", {clock.since(event.after, event.by)}" if isfinite(event.by) else ""
            return f"{event.rung.label} {BECAME[event.outcome]}{why}{since}"
        case CauseEvent():
            return because.turn_of(camera, event)
        case NoteEvent():
            return f"{event.cause}: {event.note} by {printable(event.who)}: {printable(event.why)}"
        case BatteryEvent(revised=True):
            return f"site {event.site} says nothing of its battery: its line was cut, not {event.feeder}"
        case BatteryEvent():
            return f"site {event.site} lasted {minutes(event)} after {event.feeder} was cut"
        case Gap():
            lost = f"; {are(event.lost, 'event')} missing" if event.lost else ""
            return f"unseen {clock.within(event.after, event.by)}: {printable(event.why)}{lost}"
        case DeviceEvent():
            return f"device {printable(event.device)}: {printable(event.what)} {printable(event.detail)}".rstrip()
        case ConfigEvent():
            return f"another inventory: {event.started} started, {event.stopped} stopped, {event.changed} changed"
        case CalendarEvent():
            late = f", back to {clock.time(event.effective)}" if event.backdated else ""
            return f"calendar: {event.entry} {event.what}{late}"
        case AssetEvent():
            return f"inventory: {_listed(event, row)}"
        case ContractEvent():
            return f"contract: {printable(event.contract)} {event.what}"
        case ScheduleEvent():
            return "schedule: other rates"
        case OrderEvent():
            by = f" by {printable(event.who)}" if event.who else ""
            return f"order {event.order} {event.act}{by}" + (f": {printable(event.why)}" if event.why else "")
        case Heartbeat():
            return ""


def _listed(event: AssetEvent, before: Listed | None) -> str:
    if event.what != CHANGED or not before:
        return f"{printable(event.camera)} {event.what}"
    return "; ".join(printable(change) for change in changes(before, event.listed))


def minutes(battery: BatteryEvent) -> str:
    """Return how long a site lasted without mains: "12 to 13 min"."""
    least, most = int(battery.least_s // 60), int(-(-battery.most_s // 60))
    return f"{least} to {most} min"
