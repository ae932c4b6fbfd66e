"""Flapping: a device that comes and goes, told by Icinga's ring of the last 20 answers.

A bit is set where an answer differs from the one before; the newest weighs most: 0.8 + 0.02 * i over the ring, in
percent of 20. It flaps from 30 % on, and until it is down to 20 % (Icinga 2, "Flapping detection").
"""

from __future__ import annotations

from typing import NamedTuple

SIZE = 20
START_PERCENT = 30.0
STOP_PERCENT = 20.0
_MASK = (1 << SIZE) - 1


class Ring(NamedTuple):
    """The last changes, newest at bit 0, the last answer, and whether the device flaps."""

    bits: int = 0
    answered: bool | None = None
    flapping: bool = False

    @property
    def percent(self) -> float:
        """The weighted share of answers that differed from the one before."""
        weights = sum(0.8 + 0.02 * (SIZE - 1 - age) for age in range(SIZE) if self.bits >> age & 1)
        return weights * 100.0 / SIZE

    def after(self, answered: bool) -> Ring:
        """Return the ring after one more question, answered or not."""
        changed = self.answered is not None and answered is not self.answered
        following = Ring((self.bits << 1 | changed) & _MASK, answered, self.flapping)
        if following.bits == self.bits == 0:
            return following
        percent = following.percent
        return following._replace(flapping=percent > STOP_PERCENT if self.flapping else percent >= START_PERCENT)
