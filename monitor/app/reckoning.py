"""How the contracts stand: figures so far, computed each hour, and the packs of periods that are over.

Rules:
1. The figures are those of ``camfleet report``, computed from the ledger by another process (``app.errand``): watching
   waits for nothing of it.
2. Where they cannot be computed that is said, and the ones of before stay for as long as they are not old: each says
   until when it holds, so that it is never wrong.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from pathlib import Path

from monitor.app import errand
from monitor.app.errand import Bounds, ErrandError
from monitor.app.packing import Packing, wait_s
from monitor.core.model import Depot
from monitor.core.statement.so_far import SoFar, SoFarError, State, findings
from monitor.probes.base import Clocks

log = logging.getLogger("camfleet")

EVERY_S = 3600.0
#: When it is computed first: what the start needs comes before.
FIRST_S = 60.0
#: While nothing can be stated yet, and after a failure.
SOON_S = 300.0
#: From when on figures that could not be computed anew are shown no more.
OLD_S = 3 * EVERY_S
BOUNDS = Bounds(seconds=1800.0, memory_bytes=2 << 30, said_bytes=16 << 20)


class Reckoning:
    """The standing of one ledger's contracts. ``begin`` lets it compute; until then it does nothing."""

    def __init__(self, ledger: Path, clocks: Clocks) -> None:
        self._ledger = ledger
        self._clocks = clocks
        self._due: float | None = None
        self._task: asyncio.Task[None] | None = None
        self._found: tuple[SoFar, ...] = ()
        self._found_at = 0.0
        self._failures = 0
        self.packing = Packing(ledger, clocks)
        self.failing: str | None = None
        self.computed_at: float | None = None
        """When the figures were computed last, by the wall clock."""
        self.took_s: float | None = None

    @property
    def standings(self) -> tuple[SoFar, ...]:
        """What is known of the contracts; nothing where it is too old."""
        return self._found if self._clocks.monotonic() < self._found_at + OLD_S else ()

    def use(self, depots: Iterable[Depot]) -> None:
        """Have packs kept in these from now on."""
        before, self.packing.depots = self.packing.depots, tuple(depots)
        if self._due is not None and before != self.packing.depots:
            self._due = min(self._due, self._clocks.monotonic() + FIRST_S)

    def begin(self) -> None:
        """Let it compute from now on."""
        self._due = self._clocks.monotonic() + FIRST_S

    def mind(self) -> None:
        """Begin to compute where it is time."""
        if (
            self._due is not None
            and self._clocks.monotonic() >= self._due
            and (self._task is None or self._task.done())
        ):
            self._task = asyncio.create_task(self.reckon())

    async def close(self) -> None:
        """End what is being computed."""
        self._due = None
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def trouble(self) -> str | None:
        """Say in a sentence what somebody has to mend, or None."""
        if self.failing:
            return f"The figures of the contracts cannot be computed: {self.failing}"
        return next(filter(None, self.packing.failing.values()), None)

    async def reckon(self) -> None:
        """Compute the figures, then make the packs that are due."""
        try:
            await self._compute()
            await self.packing.make(self._found)
        except Exception:  # a bug of ours, told and tried again: it must not end the figures for good
            log.exception("the figures of the contracts")
            self._failed("an internal error; the log has it")
        if self._due is not None:
            self._due = self._clocks.monotonic() + self._wait_s()

    async def _compute(self) -> None:
        began, moment = self._clocks.monotonic(), self._clocks.wall()
        asked = [str(self._ledger.absolute()), str(int(moment * 1000))]
        try:
            found = findings(await errand.run("monitor.reports.so_far", asked, BOUNDS))
        except (ErrandError, SoFarError) as error:
            self._failed(str(error))
            return
        self._found, self._found_at = found, began
        self.computed_at, self.took_s = moment, self._clocks.monotonic() - began
        wrong = [f"{one.contract}: {one.why}" for one in found if one.state is State.FAILED]
        if wrong:
            self._failed("; ".join(wrong))
            return
        if self.failing:
            log.warning("the figures of the contracts are computed again")
        self.failing, self._failures = None, 0

    def _failed(self, why: str) -> None:
        self._failures += 1
        if why != self.failing:
            log.error("the figures of the contracts cannot be computed: %s", why)
        self.failing = why

    def _wait_s(self) -> float:
        if self.failing:
            return min(wait_s(self._failures), EVERY_S)
        every = SOON_S if any(one.state is State.WAITING for one in self._found) else EVERY_S
        return max(1.0, min(every, self.packing.next_s(self._found)))
