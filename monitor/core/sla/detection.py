"""The limit of detection: how short an outage may be so that the schedule of checks surely sees it. Pure.

Rule: in the worst case an outage begins just after a look. It is seen if it lasts until the next one, through as many
failing looks in a row as confirm it, each as long as a check may take, and the waits between them.
"""

from __future__ import annotations

from typing import NamedTuple

from monitor.core.health import Confirmation
from monitor.core.schedule import Rates
from monitor.core.verdict import Rung


class Limit(NamedTuple):
    """What is surely seen of a rung, in milliseconds: an outage so long, and a return between two so long."""

    outage: int
    working: int


def limit(rung: Rung, rates: Rates, rule: Confirmation, channels: int = 1) -> Limit:
    """Return the limit of a rung, on a device with this many channels."""
    interval, look = rates.interval_s(rung, channels), rates.deadlines.probe_s

    def surely(times: int) -> int:
        return round(1000 * (interval + times * look + (times - 1) * rule.spacing_s))

    return Limit(surely(rule.failures), surely(rule.successes))
