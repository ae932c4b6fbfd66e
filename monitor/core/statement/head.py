"""The first page: the four figures of a fleet under each reading, the target, and the money. Pure."""

from __future__ import annotations

from fractions import Fraction

from monitor.core.sla.account import Account, Score, Settlement
from monitor.core.sla.contract import Contract, Weighting
from monitor.core.sla.measures import Measure, Measures, of_tally
from monitor.core.sla.money import money, percentage
from monitor.core.sla.penalty import Account as Bills
from monitor.core.sla.penalty import Bill, slab_of
from monitor.core.sla.reading import Reading
from monitor.core.sla.tally import percent, width
from monitor.core.statement.plain import Plain, cost, figure, time


class Head:
    """The figures of a fleet under each reading of a contract, added up camera by camera."""

    def __init__(self, settled: Settlement, whole: bool) -> None:
        """``whole``: the period is one that the contract settles, so that slabs and cap hold for it."""
        terms = settled.contract
        self._terms = terms
        self._whole = whole
        self._sums = [_Sum(terms, reading, whole) for reading in settled.readings]

    def take(self, account: Account) -> None:
        """Add a camera."""
        for one, score in zip(self._sums, account.scores, strict=True):
            one.take(score)

    def add(self, other: Head) -> None:
        """Add the cameras of another of the same contract."""
        for one, more in zip(self._sums, other._sums, strict=True):
            one.add(more)

    def plain(self) -> list[Plain]:
        """Return the figures by reading; the first is as the contract is written."""
        return [one.plain() for one in self._sums]


class _Sum:
    """The figures under one reading."""

    def __init__(self, terms: Contract, reading: Reading, whole: bool) -> None:
        self._terms = terms
        self._reading = reading
        self._whole = whole
        self._each = terms.weighting is Weighting.EACH
        self._measures = Measures(terms.target)
        self._bills = Bills(terms)

    def take(self, score: Score) -> None:
        self._measures.take(score.tally, score.end)
        for repair in score.repairs:
            self._bills.repair(repair.cost)
        if self._each:
            self._bills.camera(of_tally(score.tally))

    def add(self, other: _Sum) -> None:
        self._measures.add(other._measures)
        self._bills.add(other._bills)

    def plain(self) -> Plain:
        measures = self._measures
        share = measures.by(Weighting.SHARE)
        return {
            "reading": self._reading.name,
            "path_counts": self._reading.path,
            "lost_passwords_count": self._reading.credentials,
            "exclusions": self._reading.exclusions.value,
            "cameras": measures.cameras,
            "cameras_without_figure": measures.unseen,
            "time": time(measures.total),
            "camera_hours": figure(of_tally(measures.total)),
            "median_width": None if measures.median_width is None else width(measures.median_width),
            "mean": _figure(measures.by(Weighting.MEAN)),
            "share_at_target": None if share is None else {**figure(share), **self._reached()},
            "working_at_end": {
                **_figure(measures.by(Weighting.WORKING)),
                "cameras": {end.value: number for end, number in sorted(measures.ends.items())},
            },
            "target": self._target(),
            "money": self._money() if self._terms.money else None,
        }

    def _reached(self) -> Plain:
        seen, low, high = self._measures.reached
        return {"cameras": {"value": seen, "low": low, "high": high}}

    def _target(self) -> Plain | None:
        """Say whether what is promised is kept: by the figure that pays, and if all unseen time was bad, or good."""
        promised, each = self._terms.promised, self._terms.weighting is Weighting.EACH
        if promised is None or self._terms.target is None:
            return None
        measure = self._measures.by(Weighting.SHARE if each else self._terms.weighting)
        bound = Fraction(1) if each else promised
        assert measure is not None  # only ``each`` has none
        paid = measure.paid(self._terms.pays)
        return {
            "weighting": self._terms.weighting.value,
            "pays": self._terms.pays.value,
            "promised": percentage(promised),
            "figure": percent(paid) or None,
            "met": _met(paid, bound),
            "met_if_unseen_was_bad": _met(measure.low, bound),
            "met_if_unseen_was_good": _met(measure.high, bound),
        }

    def _money(self) -> Plain:
        terms, measures = self._terms, self._measures
        fleet = measures.by(terms.weighting)
        bill = self._bills.bill(fleet, measures.cameras)
        if not self._whole:
            bill = Bill(None, bill.repairs, None, bill.repairs)
        slab = slab_of(terms.slabs, fleet.paid(terms.pays)) if fleet is not None and bill.slabs is not None else None
        return {
            "currency": terms.currency,
            "slab_below": percentage(slab.below) if slab else None,
            "slabs": None if bill.slabs is None else cost(bill.slabs),
            "repairs": cost(bill.repairs),
            "cap": None if bill.cap is None else money(bill.cap),
            "total": cost(bill.total),
        }


def _figure(measure: Measure | None) -> Plain:
    return figure(measure) if measure is not None else {}


def _met(value: Fraction | None, promised: Fraction) -> bool | None:
    return None if value is None else value >= promised
