"""The ledger's checkpoints: signed every hour, and taken to whoever keeps them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

from monitor.core.model import Holder
from monitor.ledger.delivery import Couriers
from monitor.ledger.ledger import Ledger
from monitor.probes.base import Clocks

log = logging.getLogger("camfleet")

#: How often a checkpoint of the ledger is signed; what failed is tried again sooner.
SEAL_S = 3600.0
SEAL_AGAIN_S = 60.0
#: How long the holders of checkpoints have to take the last one.
HAND_OVER_S = 1.0


class Checkpoints:
    """The checkpoints of one ledger, and the couriers that take them away."""

    def __init__(self, ledger: Ledger, clocks: Clocks) -> None:
        self._ledger = ledger
        self._clocks = clocks
        self._couriers = Couriers()
        self._said: dict[str, str | None] = {}
        self._due = clocks.monotonic() + _seal_in_s(ledger, clocks.wall())

    def use(self, holders: Iterable[Holder]) -> None:
        """Have these get checkpoints from now on, and a file beside the ledger."""
        beside = self._ledger.path.absolute()
        self._couriers.use([Holder("beside the ledger", file=f"{beside}-checkpoints"), *holders])

    def mind(self) -> None:
        """Have a checkpoint signed when it is time, take it to who keeps it, and log what fails in that."""
        if self._clocks.monotonic() >= self._due:
            self._due = self._clocks.monotonic() + SEAL_S
            self._ledger.seal(self._clocks.wall())
        elif self._ledger.unsealed is not None:
            self._due = min(self._due, self._clocks.monotonic() + SEAL_AGAIN_S)
        self._offer()
        for holder, failing in self.undelivered().items():
            before = self._said.get(holder)
            if failing != before:
                log.log(logging.ERROR if failing else logging.WARNING, "%s", failing or f"{holder}: has got it")
            self._said[holder] = failing

    def undelivered(self) -> dict[str, str | None]:
        """Say why a checkpoint is not signed, or not where it should be, by who should have it."""
        unsealed = self._ledger.unsealed
        return {
            "the signature": f"No checkpoint can be signed: {unsealed}" if unsealed else None,
            **self._couriers.failing,
        }

    def sealed_at(self) -> float | None:
        """Return when the newest checkpoint was signed; None: none was."""
        return self._ledger.sealed.at if self._ledger.sealed is not None else None

    async def close(self) -> None:
        """Take the last checkpoint of a ledger that is closed to who keeps it, as far as that is quick."""
        self._offer()
        await asyncio.to_thread(self._couriers.close, HAND_OVER_S)

    def _offer(self) -> None:
        if self._ledger.sealed is not None:
            self._couriers.offer(self._ledger.sealed.note)


def _seal_in_s(ledger: Ledger, now: float) -> float:
    """Return in how many seconds the next checkpoint is due; a clock that was set back is no reason to wait."""
    since = now - ledger.sealed.at if ledger.sealed is not None else SEAL_S
    return SEAL_S - since if 0 <= since < SEAL_S else 0.0
