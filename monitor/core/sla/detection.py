"""The limit of detection: how short an outage may be so that the schedule of checks surely sees it. Pure.

Rule: in the worst case an outage begins just after a look. It is seen if it lasts until the next one, through as many
failing looks in a row as confirm it, each as long as a check may take, and the waits between them. A device that is not
reached is known as soon as the connection is due; one that was dead for long is looked at less often, until it is back.
A login waits for the next light check when it is due, and a refused one may wait for weeks.
"""

from __future__ import annotations

from typing import NamedTuple

from monitor.core.health import Confirmation
from monitor.core.limits import WAITS_S
from monitor.core.schedule import Rates
from monitor.core.verdict import Rung


class Limit(NamedTuple):
    """What is surely seen of a rung, in milliseconds: an outage so long, and a return between two so long."""

    outage: int
    working: int


def limit(rung: Rung, rates: Rates, rule: Confirmation, channels: int = 1) -> Limit:
    """Return the limit of a rung, on a device with this many channels."""
    interval, deadlines = rates.interval_s(rung, channels), rates.deadlines
    if rung in (Rung.CREDENTIALS, Rung.IDENTITY):
        interval += rates.light_s
    away = WAITS_S[-1] if rung is Rung.CREDENTIALS else rates.dead_s

    def surely(after_s: float, times: int, look_s: float) -> int:
        return round(1000 * (after_s + times * look_s + (times - 1) * rule.spacing_s))

    failing_s = deadlines.connect_s if rung is Rung.REACHABLE else deadlines.probe_s
    return Limit(
        surely(interval, rule.failures, failing_s),
        surely(max(interval, away), rule.successes, deadlines.probe_s),
    )
