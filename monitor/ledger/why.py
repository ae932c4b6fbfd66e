"""Why a camera is in its state, as text for a person: what is known of each rung, since when, and what happened."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from math import isfinite

from monitor.core.event import ConfigEvent, DeviceEvent, Event, Gap, Heartbeat, RungEvent
from monitor.core.health import RungHealth, Rungs
from monitor.core.state import State, view
from monitor.core.verdict import QUESTIONS, REASONS, Outcome, Reason, Rung

STATES = {
    State.UP: "works",
    State.DEGRADED: "works, but something else is wrong",
    State.UNREACHABLE: "does not work: it is cut off",
    State.DOWN: "does not work",
    State.UNKNOWN: "is in an unknown state: nobody could look",
}
ANSWERS = {Outcome.OK: "yes", Outcome.FAIL: "NO", Outcome.UNSEEN: "unseen", Outcome.NA: "not asked"}
BECAME = {Outcome.OK: "is ok", Outcome.FAIL: "fails", Outcome.UNSEEN: "is unseen", Outcome.NA: "is not asked"}
#: Two missed heartbeats: nobody is looking any more.
SILENT_S = 150.0
#: Text from a device is shown up to this length.
MOST_CHARACTERS = 200

_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028-\u202e\u2066-\u2069]")


def explain(
    camera: str,
    rungs: Rungs,
    events: Sequence[Event],
    now: float,
    looked_at: float | None = None,
    zone: tzinfo = UTC,
) -> str:
    """Return the whole explanation. ``looked_at`` is the ledger's last heartbeat; moments are told in ``zone``."""
    clock = _Clock(now, zone)
    lines = [*_stale(looked_at, clock), *_state(camera, rungs, clock)]
    lines += ["", f"What is known (times in {clock.zone_name}):"]
    lines += [line for rung in Rung for line in _rung(rung, rungs[rung], clock)]
    told = [f"  {clock.full(event.at)}  {text}" for event in events if (text := _event(event, clock))]
    lines += ["", "What happened last:" if told else "Nothing has happened yet.", *told]
    return "\n".join(lines)


class _Clock:
    """Moments in words, as they are told at ``now``."""

    def __init__(self, now: float, zone: tzinfo) -> None:
        self.now = now
        self._zone = zone

    @property
    def zone_name(self) -> str:
        return datetime.fromtimestamp(self.now, self._zone).tzname() or "local time"

    def full(self, at: float) -> str:
        if not isfinite(at):
            return "an unknown moment"
        return f"{datetime.fromtimestamp(at, self._zone):%Y-%m-%d %H:%M:%S}"

    def time(self, at: float) -> str:
        """Return the time of day, with the date where it is not today's."""
        told, today = self.full(at), self.full(self.now)[:11]
        return told.removeprefix(today)

    def within(self, after: float, by: float) -> str:
        """Return when something happened of which only (``after``, ``by``] is known."""
        if not isfinite(after):
            return f"before our first look at {self.time(by)}"
        if by - after < 1.0:
            return f"at {self.time(by)}"
        return f"between {self.time(after)} and {self.time(by)}"

    def since(self, after: float, by: float) -> str:
        return "since " + self.within(after, by).removeprefix("at ")

    def ago(self, at: float) -> str:
        seconds = max(0.0, self.now - at)
        for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
            if seconds >= size:
                count = int(seconds // size)
                return f"{count} {name}{'' if count == 1 else 's'} ago"
        return "just now"


def _stale(looked_at: float | None, clock: _Clock) -> list[str]:
    if looked_at is None or clock.now - looked_at < SILENT_S:
        return []
    return [
        f"No monitor has looked since {clock.time(looked_at)} ({clock.ago(looked_at)}); this is how it stood then.",
        "",
    ]


def _state(camera: str, rungs: Rungs, clock: _Clock) -> list[str]:
    seen = view(rungs)
    head = f"{printable(camera)} {STATES[seen.state]}"
    if isfinite(seen.by):
        head += f", {clock.since(seen.after, seen.by)} ({clock.ago(seen.by)})"
    if seen.reason is None:
        return [head + "."]
    advice = REASONS[seen.reason]
    detail = printable(rungs[seen.rung].detail)
    return [
        f"{head}: {advice.title}.",
        f"  {advice.meaning}" + (f" ({detail})" if detail else ""),
        f"  What to do: {advice.action}",
    ]


def _rung(rung: Rung, health: RungHealth, clock: _Clock) -> list[str]:
    """Return a rung's question with its answer, and a streak that may change it."""
    line = f"  {rung.label:<12}{QUESTIONS[rung]:<48}{ANSWERS[health.outcome]}"
    if health.reason is not None:
        line += ": " + _reason(health.reason, health.detail)
    if isfinite(health.by):
        line += f", {clock.since(health.after, health.by)}"
    if isfinite(health.last_seen) and health.outcome is not Outcome.NA:
        line += f"; last seen {clock.time(health.last_seen)}"
    lines = [line]
    if health.pending:
        count, kind = (health.successes, "success") if health.outcome is Outcome.FAIL else (health.failures, "failure")
        plural = {"success": "successes", "failure": "failures"}[kind] if count > 1 else kind
        lines.append(f"{'':14}{count} {plural} since {clock.time(health.streak_from)}, not confirmed yet")
    if health.busy:
        lines.append(f"{'':14}{health.busy} attempts in a row found it full")
    return lines


def _reason(reason: Reason, detail: str) -> str:
    detail = printable(detail)
    return REASONS[reason].title + (f" ({detail})" if detail else "")


def _event(event: Event, clock: _Clock) -> str:
    match event:
        case RungEvent():
            why = f": {_reason(event.reason, event.detail)}" if event.reason is not None else ""
            since = f", {clock.since(event.after, event.by)}" if isfinite(event.by) else ""
            return f"{event.rung.label} {BECAME[event.outcome]}{why}{since}"
        case Gap():
            lost = f"; {event.lost} events are missing" if event.lost else ""
            return f"unseen {clock.within(event.after, event.by)}: {printable(event.why)}{lost}"
        case DeviceEvent():
            return f"device {printable(event.device)}: {printable(event.what)} {printable(event.detail)}".rstrip()
        case ConfigEvent():
            return f"another inventory: {event.started} started, {event.stopped} stopped, {event.changed} changed"
        case Heartbeat():
            return ""


def printable(text: str) -> str:
    """Return text that a device may have written, harmless to a terminal and bounded."""
    clean = _UNFIT.sub("\N{REPLACEMENT CHARACTER}", text)
    return clean if len(clean) <= MOST_CHARACTERS else clean[: MOST_CHARACTERS - 1] + "…"
