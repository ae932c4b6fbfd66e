"""The packs of periods that are over: each made once for each depot, and what fails tried again after growing waits.

Which are due is told by the depot alone: what is there is made, also after a restart, and never written again.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from monitor.app import errand
from monitor.app.errand import Bounds, ErrandError
from monitor.core.model import Depot
from monitor.core.statement.so_far import SoFar
from monitor.core.times import Clock
from monitor.probes.base import Clocks
from monitor.reports import shelf

log = logging.getLogger("camfleet")

#: A month of 100,000 cameras takes minutes on a busy machine.
BOUNDS = Bounds(seconds=7200.0, memory_bytes=3 << 30, said_bytes=1 << 20)
AGAIN_S = 300.0
MOST_AGAIN_S = 6 * 3600.0


class Due(NamedTuple):
    """A pack that is to be made."""

    depot: Depot
    contract: str
    period: str

    @property
    def place(self) -> Path:
        return shelf.place(Path(self.depot.folder), self.contract, self.period)


class Failed(NamedTuple):
    """A pack that could not be made: why, how often, and when it is tried again, by the monotonic clock."""

    why: str
    times: int
    again: float


def wait_s(times: int) -> float:
    """Return how long to wait after so many failures in a row: five minutes, then twice as long each time."""
    return float(min(AGAIN_S * 2 ** min(times - 1, 16), MOST_AGAIN_S))


class Packing:
    """The packs of one ledger's contracts."""

    def __init__(self, ledger: Path, clocks: Clocks) -> None:
        self._ledger = ledger
        self._clocks = clocks
        self._failed: dict[Due, Failed] = {}
        self.depots: tuple[Depot, ...] = ()
        self.made = 0

    @property
    def failing(self) -> dict[str, str | None]:
        """Say of each depot why a pack is not there that should be; None: none is missing."""
        failing: dict[str, str | None] = {depot.id: None for depot in self.depots}
        for due, failed in self._failed.items():
            failing[due.depot.id] = f"The pack of {due.contract}, {due.period}, cannot be made: {failed.why}"
        return failing

    async def make(self, standings: Sequence[SoFar]) -> None:
        """Make what is due, one after the other, the oldest first."""
        due = list(self._due(standings))
        self._failed = {one: failed for one, failed in self._failed.items() if one in due}
        for one in due:
            before = self._failed.get(one)
            if before is None or self._clocks.monotonic() >= before.again:
                await self._pack(one, before.times if before else 0)

    def next_s(self, standings: Sequence[SoFar]) -> float:
        """Return in how many seconds something is due again, as far as is known."""
        now, steady = self._clocks.wall(), self._clocks.monotonic()
        waits = [failed.again - steady for failed in self._failed.values()]
        for depot in self.depots:
            ends = [one.heading.end / 1000 for one in standings if one.heading is not None]
            ends += [ended.end / 1000 for one in standings for ended in one.ended[:1]]
            waits += [after for end in ends if (after := end + depot.after_min * 60 - now) > 0]
        return min(waits, default=float("inf"))

    def _due(self, standings: Sequence[SoFar]) -> Iterator[Due]:
        for depot in self.depots:
            for one in standings:
                yield from _missing(depot, one, self._clocks.wall())

    async def _pack(self, due: Due, times: int) -> None:
        asked = ["--contract", due.contract, "--period", due.period, "--out", str(due.place)]
        try:
            await errand.run("monitor", ["report", "--ledger", str(self._ledger.absolute()), *asked], BOUNDS)
        except ErrandError as error:
            failed = Failed(str(error), times + 1, self._clocks.monotonic() + wait_s(times + 1))
            self._failed[due] = failed
            again = Clock(self._clocks.wall()).moment(self._clocks.wall() + wait_s(failed.times))
            log.error("the pack of %s, %s: %s; next try %s", due.contract, due.period, failed.why, again)
        else:
            self._failed.pop(due, None)
            self.made += 1
            log.info("the pack of %s, %s: written to %s", due.contract, due.period, due.place)


def _missing(depot: Depot, one: SoFar, now: float) -> Iterator[Due]:
    """Yield what is missing since the newest pack that is there, the oldest first; where none is there, the newest."""
    over = [ended for ended in one.ended if ended.end / 1000 + depot.after_min * 60 <= now]
    missing: list[Due] = []
    for ended in over:
        due = Due(depot, one.contract, ended.name)
        if os.path.exists(due.place):  # one that cannot be asked is not there
            break
        missing.append(due)
    else:
        missing = missing[:1]
    yield from reversed(missing)
