"""Slabs, the cap, a camera's own penalty: in whole hundredths, cut."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.sla.contract import Contract, Pays, Slab, Weighting
from monitor.core.sla.measures import End, Measures, of_tally
from monitor.core.sla.penalty import Account, Bill, Cost, price, slab_of
from monitor.core.sla.tally import Tally

SLABS = (Slab(Fraction(98, 100), share=Fraction(2, 100)), Slab(Fraction(95, 100), amount=777))
NOTHING = Cost()
TERMS = Contract(
    "c", "C", (), "UTC", target=Fraction(98, 100), currency="PKR", value=1_000_01, slabs=SLABS, cap=Fraction(1, 10)
)


@pytest.mark.parametrize(
    ("figure", "cost"),
    [
        (Fraction(1), 0),
        (Fraction(98, 100), 0),
        (Fraction(979_999, 10**6), 2000),
        (Fraction(95, 100), 2000),
        (Fraction(949_999, 10**6), 777),
        (Fraction(0), 777),
        (None, 0),
    ],
)
def test_the_lowest_slab_that_a_figure_lies_below_counts_alone(figure: Fraction | None, cost: int) -> None:
    """A figure on a bound is not below it; 2 per cent of 1,000.01 are cut to 20.00."""
    assert price(slab_of(SLABS, figure), Fraction(TERMS.value)) == cost


def billed(terms: Contract, tallies: list[Tally], repairs: Cost = NOTHING) -> Bill:
    account, measures = Account(terms), Measures(terms.target)
    account.repair(repairs)
    for tally in tallies:
        account.camera(of_tally(tally))
        measures.take(tally, End.WORKS)
    return account.bill(measures.by(terms.weighting), len(tallies))


def test_a_fleet_is_billed_by_its_figure() -> None:
    """What nobody saw may make it cheaper or dearer; the contract says which of them is paid."""
    tallies = [Tally(97, 2, 0, 1)]
    assert billed(TERMS, tallies).slabs == Cost(2000, 0, 2000)
    assert billed(replace(TERMS, pays=Pays.HIGH), tallies).slabs == Cost(0, 0, 2000)
    assert billed(replace(TERMS, pays=Pays.LOW), tallies).slabs == Cost(2000, 0, 2000)


def test_a_fleet_that_nobody_saw_has_no_slab() -> None:
    """Repairs are billed all the same."""
    found = billed(TERMS, [Tally(0, 0, 0, 10)], Cost(5, 5, 9))
    assert (found.slabs, found.total) == (None, Cost(5, 5, 9))


def test_each_camera_is_billed_by_its_own() -> None:
    """A share of its part of the value; each is cut by itself."""
    each = replace(TERMS, weighting=Weighting.EACH, slabs=SLABS[:1], cap=None)
    three = [Tally(90, 10), Tally(90, 10), Tally(100, 0)]
    assert billed(each, three).slabs == Cost(2 * 666, 2 * 666, 2 * 666)
    assert billed(replace(each, value_each=True), three).slabs == Cost(4000, 4000, 4000)
    assert billed(each, []).slabs == Cost()


def test_the_cap_holds_for_slabs_and_repairs_together() -> None:
    """A share of the value of the period; of all cameras where the value is each camera's."""
    found = billed(TERMS, [Tally(90, 10)], Cost(9_990_00, 9_990_00, 9_990_00))
    assert (found.cap, found.total) == (100_00, Cost(100_00, 100_00, 100_00))
    assert billed(replace(TERMS, value_each=True), [Tally(1)] * 3).cap == 300_00


@given(
    st.lists(st.builds(Tally, *(st.integers(0, 50) for _ in Tally._fields)), max_size=5),
    st.sampled_from(Weighting),
    st.sampled_from(Pays),
    st.booleans(),
)
def test_it_costs_no_less_than_at_least_and_no_more_than_at_most(
    tallies: list[Tally], weighting: Weighting, pays: Pays, value_each: bool
) -> None:
    """Whatever pays, with slabs that cost more the lower they are."""
    quorum = TERMS.target if weighting is Weighting.SHARE else None
    slabs = (SLABS[0], SLABS[1]._replace(amount=0, share=Fraction(7, 100)))
    terms = replace(TERMS, weighting=weighting, pays=pays, value_each=value_each, quorum=quorum, slabs=slabs)
    seen = [one for one in tallies if one.up + one.down]
    paid, least, most = billed(terms, seen).total
    assert 0 <= least <= paid <= most
