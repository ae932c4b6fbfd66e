"""The limit of detection that reports print, beside the longest outage and return that a simulated schedule missed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from random import Random
from typing import NamedTuple

from benchmarks.clockwork import least_outage, least_return
from benchmarks.table import Table
from monitor.core.health import CONFIRMATIONS
from monitor.core.schedule import Rates
from monitor.core.sla.detection import limit
from monitor.core.verdict import Rung

#: How many random moments each outage and each return begins at.
MOMENTS = 1000
#: The fault of the model that takes longest to fail each rung.
SLOWEST: Mapping[Rung, str] = {
    Rung.REACHABLE: "dead",
    Rung.CONTROL: "slow",
    Rung.STREAM: "slow",
    Rung.MEDIA: "slow_video",
    Rung.DEVICE: "slow",
    Rung.CLOCK: "slow_clock",
}
#: What a camera returns from, in the worst case: one that was dead for long is asked less often.
LONGEST: Mapping[Rung, str] = {rung: "slow_video" if rung is Rung.MEDIA else "dead" for rung in SLOWEST}
WORDS = {
    "dead": "silent, asked over ONVIF alone",
    "slow": "fails only when the time for a check is over",
    "slow_video": "agrees to play, and sends nothing until the time for a check is over",
    "slow_clock": "tells a wrong time, when the time for a check is over",
}
Measuring = Callable[[int, str, Rung, Rates, Random], Awaitable[float]]


class NotTheLimit(Exception):
    """What reports print is not what the schedule does."""


class Least(NamedTuple):
    """The most that the least outage and the least return come to, in seconds."""

    outage: float
    working: float


async def measure(moments: int, rates: Rates) -> Table:
    """Return the table. Raises NotTheLimit where a limit is exceeded, NeverConfirmed."""
    found = {rung: await _least(rung, moments, rates) for rung in SLOWEST}
    rows = tuple(_row(rung, least, rates) for rung, least in found.items())
    head = ("rung", "outage, printed", "outage, simulated", "return, printed", "return, simulated")
    return Table("The limit of detection, in seconds", head, rows, _notes(moments))


async def _least(rung: Rung, moments: int, rates: Rates) -> Least:
    async def longest(least: Measuring, fault: str) -> float:
        return max([await least(number, fault, rung, rates, Random(f"{fault} {number}")) for number in range(moments)])

    return Least(await longest(least_outage, SLOWEST[rung]), await longest(least_return, LONGEST[rung]))


def _row(rung: Rung, least: Least, rates: Rates) -> tuple[str, ...]:
    printed = limit(rung, rates, CONFIRMATIONS[rung])
    outage, working = printed.outage / 1000, printed.working / 1000
    if least.outage > outage or least.working > working:
        raise NotTheLimit(f"{rung.label}: {least} where reports print {printed}")
    return rung.label, f"{outage:.0f}", f"{least.outage:.1f}", f"{working:.0f}", f"{least.working:.1f}"


def _notes(moments: int) -> tuple[str, ...]:
    faults = "; ".join(f"{rung.label}: {WORDS[fault]}" for rung, fault in SLOWEST.items())
    return (
        f"Simulated: the longest that went unseen of {moments:,} outages, and of as many returns after two hours, each"
        " from a random moment on, of a camera that is asked by one probe. Whatever is asked takes as long as it may.",
        f"Faults. {faults}. Returns: from being silent, of media from sending nothing. A device that is asked over SNMP"
        " alone is never known to be dead, so it is looked at each minute.",
    )
