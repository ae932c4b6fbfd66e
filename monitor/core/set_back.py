"""A fleet after the clock was set back: what was known of it lies in no future. Pure.

What was seen in the time that comes a second time stays known, as if it had been seen just now. Otherwise every look
would be too old to count until the clock has caught up, and no outage be noticed as long as that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import inf

from monitor.core.diagnosis.cause import Cause, CauseEvent, Turn, retold
from monitor.core.fleet import NO_SWEEP, DeviceRecord, Fleet
from monitor.core.health import RungHealth
from monitor.core.state import Standing

#: A clock that creeps back by less than this, as one that is being corrected does, was not set.
CREEP_S = 1.0
#: What lies in the future was so many seconds ago; what had come before it, twice as many: an interval stays one.
AGO_S = 1.0
BEFORE_S = 2.0


def brought_back(fleet: Fleet, now: float) -> Fleet:
    """Return the fleet without a moment later than ``now``; the fleet itself where it has none."""
    moments = (moment for rungs in fleet.cameras.values() for one in rungs for moment in _moments(one))
    if max(moments, default=-inf) <= now and fleet.at <= now:
        return fleet
    moved = replace(
        fleet,
        cameras={id_: tuple(_health(one, now) for one in rungs) for id_, rungs in fleet.cameras.items()},
        standings={id_: _standing(one, now) for id_, one in fleet.standings.items()},
        devices={id_: _record(one, now) for id_, one in fleet.devices.items()},
    )
    return replace(moved, at=min(fleet.at, now), sweep_at=-inf, sweep=NO_SWEEP)


def recalled(causes: Iterable[Cause], now: float) -> list[CauseEvent]:
    """Return the events by which no open cause began, or was found, later than ``now``: what began in the time that
    comes again began just now."""
    return [
        retold(cause)._replace(
            at=now,
            turn=Turn.CHANGED,
            after=min(cause.after, now - BEFORE_S),
            by=min(cause.by, now - AGO_S),
            joined=(),
            left=(),
            other="",
        )
        for cause in causes
        if max(cause.by, cause.opened) > now
    ]


def _moments(one: RungHealth) -> tuple[float, ...]:
    return (one.by, one.last_ok, one.last_fail, one.streak_from, one.counted_at)


def _health(one: RungHealth, now: float) -> RungHealth:
    if max(_moments(one)) <= now - BEFORE_S:
        return one
    return one._replace(
        after=min(one.after, now - BEFORE_S),
        by=min(one.by, now - AGO_S),
        last_ok=min(one.last_ok, now - BEFORE_S),
        last_fail=min(one.last_fail, now - BEFORE_S),
        streak_from=min(one.streak_from, now - AGO_S),
        counted_at=min(one.counted_at, now - AGO_S),
        again=one.again if one.again == inf else min(one.again, now - BEFORE_S),
    )


def _standing(one: Standing, now: float) -> Standing:
    return one._replace(after=min(one.after, now - BEFORE_S), by=min(one.by, now - AGO_S))


def _record(one: DeviceRecord, now: float) -> DeviceRecord:
    return one._replace(last_probe={probe: min(at, now) for probe, at in one.last_probe.items()})
