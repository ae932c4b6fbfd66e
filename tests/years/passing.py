"""The course of a year: a monitor over a city whose fate is known, from one thing that happens to the next.

Uneventful time is passed over: the monitor looked all the while, and every look found what the one before had found.
So the last look before something happens is made, and heartbeats stand for the others.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from misfortunes import START_S, Blow, Fate, Misfortune
from watchman import CAPACITY, Disk, Watchman, without

from monitor.core.model import Inventory
from monitor.core.sla.spans import Span, Spans, both, either, spans

#: A device that something happens to is asked so often, and again so soon after an answer that is not confirmed …
LOOK_S, AGAIN_S = 20, 10
#: … and one that nothing happens to so often: nothing is unseen yet by then.
QUIET_LOOK_S = 120
#: Time is passed over once all has been settled for so long.
REST_S = 25


@dataclass
class Course:
    """A year as it passes. All moments are seconds of true time unless their names say ``wall``."""

    path: Path
    inventory: Inventory
    fate: Fate
    seed: int
    end: int
    capacity: int = CAPACITY
    """How many events may wait for its disk."""
    now: int = START_S
    ahead: int = 0
    """By how much the wall clock is ahead of the truth."""
    passed: list[Span] = field(default_factory=list)
    """What was passed over, in milliseconds by the wall clock."""
    clocks: list[tuple[int, int]] = field(default_factory=list)
    """From when on the wall clock was ahead by how much."""
    kills: int = 0
    refusals: int = 0
    lost: int = 0

    def __post_init__(self) -> None:
        self._chance = Random(self.seed)
        edges = {(edge // 1000, id_) for id_, one in self.fate.silent.items() for span in one for edge in span}
        self._edges = sorted(edges)
        self._doubtful: set[str] = set()
        """Devices whose last answer was not what is known of them."""
        self._blows = list(self.fate.misfortunes)
        self._gone = ""
        self.clocks.append((self.now, 0))

    @property
    def wall(self) -> float:
        return float(self.now + self.ahead)

    def run(self) -> Watchman:
        """Live through the year; return the last watchman."""
        watchman = self._started()
        while self.now < self.end:
            watchman = self._eventful(watchman)
            watchman = self._passed_over(watchman)
        watchman.beat()
        watchman.step([], self.wall, float(self.now))
        self._bury(watchman)
        return watchman

    def _started(self) -> Watchman:
        watched = without(self.inventory, self._gone) if self._gone else self.inventory
        watchman = Watchman(self.path, watched, self.wall, float(self.now), self.capacity)
        self._ask_everyone(watchman)
        return watchman

    def _ask_everyone(self, watchman: Watchman) -> None:
        self._next = {id_: self.now + number % LOOK_S for number, id_ in enumerate(watchman.inventory.devices)}
        self._doubtful = set(self._next)

    def _eventful(self, watchman: Watchman) -> Watchman:
        """Watch second by second until all is settled."""
        calm, full_until, disk = 0, 0, Disk.WELL
        while self.now < self.end and (calm < REST_S or full_until > self.now):
            while self._blows and self._blows[0].at <= self.now:
                blow = self._blows.pop(0)
                if blow.blow is Blow.FULL_DISK:
                    full_until, disk = self.now + blow.lasts, Disk(blow.by)
                else:
                    watchman = self._struck(watchman, blow)
            watchman.disk = disk if full_until > self.now else Disk.WELL
            self._look(watchman)
            self.now += 1
            calm = calm + 1 if not self._doubtful and not self._stirred() and self._next_at() > self.now + LOOK_S else 0
        watchman.disk = Disk.WELL
        watchman.write()
        return watchman

    def _stirred(self) -> set[str]:
        """Return the devices to which something happened that they may not have been asked about."""
        first = bisect_left(self._edges, (self.now - LOOK_S, ""))
        return {id_ for _, id_ in self._edges[first : bisect_left(self._edges, (self.now + 1, ""))]}

    def _next_at(self) -> int:
        """Return when the next thing happens."""
        place = bisect_left(self._edges, (self.now, ""))
        soon = [at for at, _ in self._edges[place : place + 1]] + [one.at for one in self._blows[:1]]
        return min(soon, default=self.end)

    def _look(self, watchman: Watchman) -> None:
        for id_ in self._stirred() & self._next.keys():
            self._next[id_] = min(self._next[id_], self.now + self._chance.randrange(LOOK_S))
        due = [id_ for id_, at in self._next.items() if at <= self.now]
        asked = [(id_, self._silent(id_)) for id_ in due]
        for id_, silent in asked:
            if watchman.agrees(id_, silent):
                self._doubtful.discard(id_)
                self._next[id_] = self.now + QUIET_LOOK_S
            else:
                self._doubtful.add(id_)
                self._next[id_] = self.now + AGAIN_S
        if asked:
            watchman.step(asked, self.wall, float(self.now))

    def _passed_over(self, watchman: Watchman) -> Watchman:
        """Go to just before the next thing that happens."""
        to = min(self.end, self._next_at() - AGAIN_S)
        if to > self.now:
            watchman.write()
            self.now = to
            self.passed.append(Span(round(watchman.beat_wall * 1000), round(self.wall * 1000)))
            watchman.beat()
            everyone = [(id_, self._silent(id_)) for id_ in watchman.inventory.devices]
            watchman.step(everyone, self.wall, float(self.now))
            self._next = dict.fromkeys(watchman.inventory.devices, self.now + QUIET_LOOK_S)
        return watchman

    def _struck(self, watchman: Watchman, blow: Misfortune) -> Watchman:
        match blow.blow:
            case Blow.KILLED:
                self.kills += 1
                self._bury(watchman)
                self.now += blow.lasts
                return self._started()
            case Blow.CLOCK:
                watchman.step([], self.wall, float(self.now))  # a monitor steps each second
                self.ahead += blow.by
                self.clocks.append((self.now, self.ahead))
                watchman.step([], self.wall, float(self.now), awake=False)
                self._ask_everyone(watchman)
            case Blow.RELOAD:
                cameras = sorted(self.inventory.cameras)
                self._gone = "" if self._gone else self._chance.choice(cameras)
                watched = without(self.inventory, self._gone) if self._gone else self.inventory
                watchman.reload(watched, self.wall)
                self._ask_everyone(watchman)
        return watchman

    def _bury(self, watchman: Watchman) -> None:
        self.refusals += watchman.refusals
        self.lost += watchman.backlog.lost
        watchman.kill()

    def _silent(self, device: str) -> bool:
        return holds(self.fate.silent[device], self.now * 1000)

    def told(self, device: str) -> tuple[Spans, Spans]:
        """Return when a device was silent and when not, in milliseconds by the wall clock; where it ran twice, both."""
        silent = self.fate.silent[device]
        return spans(self._by_wall(silent)), spans(self._by_wall(_between(silent)))

    def twice(self) -> Spans:
        """Return the time by the wall clock that came a second time, because it was set back."""
        ends = [at for at, _ in self.clocks[1:]] + [self.end]
        ran = [
            Span((start + ahead) * 1000, (end + ahead) * 1000)
            for (start, ahead), end in zip(self.clocks, ends, strict=True)
        ]
        return either(*(both((one,), (other,)) for place, one in enumerate(ran) for other in ran[:place]))

    def _by_wall(self, several: Spans) -> Iterator[tuple[int, int]]:
        ends = [at for at, _ in self.clocks[1:]] + [self.end + 1]
        for (start, ahead), end in zip(self.clocks, ends, strict=True):
            for span in several:
                first, last = max(span.start, start * 1000), min(span.end, end * 1000)
                if first < last:
                    yield first + ahead * 1000, last + ahead * 1000


def holds(several: Spans, moment: int) -> bool:
    place = bisect_right(several, moment, key=lambda span: span.start)
    return bool(place) and moment < several[place - 1].end


def _between(several: Spans) -> Spans:
    edges = [START_S * 1000 - 1, *(edge for span in several for edge in span), 2**53]
    return spans(zip(edges[::2], edges[1::2], strict=True))
