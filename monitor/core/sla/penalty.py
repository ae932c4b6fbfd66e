"""What a period costs a contractor: its slabs, its repairs, its cap. Pure; whole hundredths of the currency.

Rules:
1. Of the slabs that a figure lies below the lowest counts, alone.
2. Each penalty is cut to whole hundredths, a camera's by itself.
3. ``least`` is what it costs if all that nobody saw was good, ``most`` if it was bad, ``paid`` what the contract says.
4. The cap holds for slabs and repairs together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from monitor.core.sla.contract import Contract, Pays, Slab, Weighting
from monitor.core.sla.measures import Measure


class Cost(NamedTuple):
    """An amount, and what it can be at least and at most; in hundredths."""

    paid: int = 0
    least: int = 0
    most: int = 0

    def plus(self, other: Cost) -> Cost:
        return Cost(self.paid + other.paid, self.least + other.least, self.most + other.most)


class Bill(NamedTuple):
    """What a period costs. ``slabs`` is None where its figure is not known; ``total`` then counts the repairs alone."""

    slabs: Cost | None
    repairs: Cost
    cap: int | None
    total: Cost


def slab_of(slabs: Sequence[Slab], figure: Fraction | None) -> Slab | None:
    """Return the slab that counts for a figure; None: the target is met, or there is no figure."""
    if figure is None:
        return None
    return next((slab for slab in reversed(slabs) if figure < slab.below), None)


def price(slab: Slab | None, worth: Fraction) -> int:
    """Return what a slab costs where the period is worth so much."""
    return slab.amount + int(slab.share * worth) if slab is not None else 0


class Account:
    """The bill of one reading, added up camera by camera."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._each = contract.weighting is Weighting.EACH
        self._slabs: tuple[Counter[Slab | None], ...] = (Counter(), Counter(), Counter())
        self._repairs = Cost()

    def repair(self, cost: Cost) -> None:
        """Add what a repair costs."""
        self._repairs = self._repairs.plus(cost)

    def camera(self, measure: Measure) -> None:
        """Add a camera's own figure, where each has to reach the target."""
        for counter, figure in zip(self._slabs, _ways(measure, self._contract.pays), strict=True):
            counter[slab_of(self._contract.slabs, figure)] += 1

    def add(self, other: Account) -> None:
        """Add what another of the same contract added up."""
        self._repairs = self._repairs.plus(other._repairs)
        for counter, more in zip(self._slabs, other._slabs, strict=True):
            counter.update(more)

    def bill(self, fleet: Measure | None, cameras: int) -> Bill:
        """Return the bill of a whole period, by the figure of the fleet that pays and the number of cameras."""
        terms = self._contract
        worth = Fraction(terms.value * cameras if terms.value_each else terms.value)
        slabs: Cost | None = Cost()
        if self._each:
            one = Fraction(terms.value) if terms.value_each else worth / cameras if cameras else worth
            slabs = Cost(*(sum(price(slab, one) * n for slab, n in counter.items()) for counter in self._slabs))
        elif fleet is not None:
            slabs = Cost(*(price(slab_of(terms.slabs, figure), worth) for figure in _ways(fleet, terms.pays)))
            if terms.slabs and fleet.paid(terms.pays) is None:
                slabs = None
        cap = None if terms.cap is None else int(terms.cap * worth)
        total = self._repairs if slabs is None else slabs.plus(self._repairs)
        return Bill(slabs, self._repairs, cap, total if cap is None else Cost(*(min(cap, one) for one in total)))


def _ways(measure: Measure, pays: Pays) -> tuple[Fraction | None, Fraction | None, Fraction | None]:
    return measure.paid(pays), measure.high, measure.low
