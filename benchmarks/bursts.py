"""Probe failures in bursts, independent of each other: does anybody get a page for them?

Each device's line loses everything for half a minute, again and again, so that a hundredth of its time is lost. No one
of these bursts is an outage that somebody could repair. Only what is asked in and around them is simulated: two light
checks before a burst, those in it, and whatever the monitor asks until all is well and nothing flaps. What a device
would have answered between two bursts is told at once before the second: a flapping ring counts answers.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from math import floor, inf
from random import Random
from typing import NamedTuple

from benchmarks.papercity import NOON, inventory_of
from benchmarks.patrol import WELL, Check, Patrol, Shown
from monitor.core.diagnosis.cause import CLOSING, OPENING, CauseEvent, Kind
from monitor.core.diagnosis.flapping import SIZE
from monitor.core.event import Event, RungEvent
from monitor.core.model import Inventory
from monitor.core.recheck import OF_A_CHANNEL
from monitor.core.schedule import Rates
from monitor.core.verdict import Finding, Outcome, Rung
from simulator.city import build_city

LOSS = 0.01
BURST_S = 30.0
DAY_S = 86_400.0
#: An alert waits this long for its cause to go away again.
HOLD_S = 300.0
#: Rungs that nobody asks between bursts, because all is well, are not to go stale for that.
RATES = Rates(dead_s=30 * DAY_S)
#: So long before a burst a device is asked, over one connection at least: that is its last good answer.
BEFORE_S = 40.0
#: How often each question is answered: of three light checks a minute two open a connection.
ANSWERS_EVERY_S: Mapping[Rung, float] = {
    Rung.REACHABLE: RATES.light_s / 2,
    Rung.CONTROL: RATES.light_s,
    Rung.STREAM: RATES.light_s,
    Rung.MEDIA: RATES.media_s,
}


class Pages(NamedTuple):
    """What came of it: causes that opened by kind, those among them that stood longer than the hold, failures seen."""

    cameras: int
    days: float
    bursts: int
    confirmed: int
    """Bursts that were confirmed as a failure of a device."""
    opened: Mapping[Kind, int]
    paged: Mapping[Kind, int]

    @property
    def per_thousand_a_day(self) -> float:
        return sum(self.paged.values()) / (self.cameras / 1000 * self.days)


def bursts(chance: Random, start: float, end: float) -> Iterator[float]:
    """Draw when the bursts of a device begin."""
    gap_s = BURST_S * (1 - LOSS) / LOSS
    at = start + chance.expovariate(1 / gap_s)
    while at < end:
        yield at
        at += BURST_S + chance.expovariate(1 / gap_s)


class Noisy(Patrol):
    """A city whose lines lose everything in bursts."""

    def __init__(self, inventory: Inventory, seed: int, days: float) -> None:
        self._bursts: dict[str, tuple[float, float]] = {}
        self._left: dict[str, float] = {}
        super().__init__(inventory, RATES, NOON, self._lost)
        start, end = NOON + DAY_S, NOON + DAY_S + days * DAY_S
        drawn = ((at, id_) for id_ in inventory.devices for at in bursts(Random(f"{seed} {id_}"), start, end))
        self._coming = deque(sorted(drawn))
        self.bursts = len(self._coming)

    def run(self) -> Iterator[Event]:
        """Yield all events until the time is over and whatever is open then has closed."""
        while self._coming or self.fleet.causes or self.idle_until < inf:
            following = min(self.idle_until, self._coming[0][0] - BEFORE_S if self._coming else inf)
            if following < inf:
                self.now = max(self.now, floor(following) - 1.0)
            while self._coming and self._coming[0][0] - BEFORE_S <= self.now + 1:
                self._begin(*self._coming.popleft())
            yield from self.second()

    def _begin(self, at: float, device: str) -> None:
        """Take a burst up, and what the device answered since it was left alone."""
        since = at - BEFORE_S
        self._bursts[device] = (self._bursts.get(device, (-inf, -inf))[1], at)
        left_s = since - self._left.pop(device, since)
        cameras = self.inventory.devices[device].cameras
        answers = [
            Finding(rung, Outcome.OK, camera=camera)
            for rung, every_s in ANSWERS_EVERY_S.items()
            for camera in (cameras if rung in OF_A_CHANNEL else ("",))
            for _ in range(int(min(left_s / every_s, SIZE)))
        ]
        if answers:
            self.tell(device, since, tuple(answers))
        self.follow(device, since)

    def _lost(self, device: str, at: float) -> Shown:
        return None if any(begin <= at < begin + BURST_S for begin in self._bursts.get(device, ())) else WELL

    def goes_on(self, check: Check) -> bool:
        """A device is asked on until its burst is over, all is well, and it does not flap."""
        device = self.inventory.devices[check.device]
        ill = any(one.unsettled or one.outcome is Outcome.FAIL for id_ in device.cameras for one in self.rungs(id_))
        if ill or device.id in self.watch.flapping or check.at < self._bursts[device.id][1] + BURST_S:
            return True
        self._left[device.id] = check.at
        return False


def pages(cameras: int, days: float, seed: int = 1) -> Pages:
    """Simulate so many days of a city of this size."""
    city = Noisy(inventory_of(build_city(seed, cameras)), seed, days)
    opened: dict[str, CauseEvent] = {}
    confirmed = 0
    paged: Counter[Kind] = Counter()
    for event in city.run():
        if isinstance(event, RungEvent):
            confirmed += event.rung is Rung.REACHABLE and event.outcome is Outcome.FAIL
        elif isinstance(event, CauseEvent) and event.turn in OPENING:
            opened[event.cause] = event
        elif isinstance(event, CauseEvent) and event.turn in CLOSING:
            paged[event.kind] += event.at - opened[event.cause].at >= HOLD_S
    kinds = Counter(event.kind for event in opened.values())
    return Pages(cameras, days, city.bursts, confirmed, kinds, +paged)
