"""Which terms of a contract count for a period, and what stands beside."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest

from monitor.core.event import ContractEvent
from monitor.core.sla.contract import TermsError
from monitor.core.sla.facts import Facts, gathered
from monitor.core.sla.scope import PeriodError
from monitor.core.sla.spans import Span
from monitor.core.sla.versions import ALL_CAMERAS, UnknownContractError, Which, choose


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def ms(text: str) -> int:
    return int(at(text)) * 1000


def terms(target: str, zone: str = "UTC") -> dict[str, Any]:
    return {"name": "City", "time_zone": zone, "excused": [], "target": target}


def told(*events: tuple[str, dict[str, Any]], contract: str = "city") -> Facts:
    return gathered(ContractEvent(at(when), contract, "changed", plain) for when, plain in events)


def test_the_terms_of_the_end_count() -> None:
    """Those before and after them in the period and later stand beside, the newest first."""
    facts = told(
        ("2026-01-01", terms("90")),
        ("2026-09-01", terms("95")),
        ("2026-10-15", terms("98")),
        ("2026-11-02", terms("80")),
    )
    chosen = choose(facts, "", "2026-10")
    assert (chosen.contract.target, chosen.which) == (Fraction(98, 100), Which.THEN)
    assert chosen.since == ms("2026-10-15")
    assert chosen.within == Span(ms("2026-10-01"), ms("2026-11-01"))
    assert [other.target for _, other in chosen.others] == [Fraction(80, 100), Fraction(95, 100)]
    assert [one.span.start for one in chosen.versions] == [ms("2026-09-01"), ms("2026-10-15"), ms("2026-11-02")]


def test_terms_that_were_only_written_later_count_where_there_were_none() -> None:
    """And it is said."""
    chosen = choose(told(("2026-11-20", terms("98"))), "city", "2026-10")
    assert (chosen.which, chosen.since) == (Which.LATER, ms("2026-11-20"))


def test_removed_terms_count_as_they_stood_before() -> None:
    """A removal before the end makes no figure go away; one after it changes nothing."""
    removed = told(("2026-09-01", terms("98")), ("2026-10-20", {}))
    assert choose(removed, "city", "2026-10").which is Which.REMOVED
    assert choose(removed, "city", "2026-10").contract.target == Fraction(98, 100)
    assert choose(told(("2026-09-01", terms("98")), ("2026-11-20", {})), "city", "2026-10").which is Which.THEN


def test_the_same_terms_again_are_no_other_terms() -> None:
    """Only what differs is scored beside."""
    assert choose(told(("2026-09-01", terms("98")), ("2026-10-20", terms("98"))), "city", "2026-10").others == []


def test_a_period_lies_in_the_time_zone_of_the_terms_that_count() -> None:
    """Midnight is that of the contract."""
    chosen = choose(told(("2026-01-01", terms("98", "Asia/Karachi"))), "city", "2026-10")
    assert chosen.within.start == ms("2026-09-30 19:00")


def test_a_ledger_without_contracts_is_scored_by_all_cameras() -> None:
    """By its name as well."""
    for name in ("", ALL_CAMERAS.id):
        assert choose(Facts(), name, "2026-10").contract == ALL_CAMERAS
        assert choose(Facts(), name, "2026-10").which is Which.NONE


@pytest.mark.parametrize(
    ("facts", "name", "message"),
    [
        (told(("2026-01-01", terms("98"))), "ctiy", "the ledger has no contract 'ctiy'; it has city"),
        (Facts(), "city", "the ledger has no contract 'city'; it has none"),
        (told(("2026-01-01", {})), "city", "the ledger never had terms of contract 'city'"),
        (
            gathered(ContractEvent(1.0, name, "added", terms("98")) for name in ("south", "north")),
            "",
            "the ledger has several contracts: north, south; name one",
        ),
    ],
)
def test_a_contract_that_is_not_there(facts: Facts, name: str, message: str) -> None:
    """The message says which are."""
    with pytest.raises(UnknownContractError) as caught:
        choose(facts, name, "2026-10")
    assert str(caught.value) == message


def test_terms_that_cannot_be_read() -> None:
    """Beside others they are named; where they count they are an error; what is no period is one."""
    facts = told(("2026-01-01", terms("98")), ("2026-11-05", {"name": "City", "sworn": True}))
    assert choose(facts, "city", "2026-10").unread == [ms("2026-11-05")]
    with pytest.raises(TermsError):
        choose(told(("2026-01-01", {"name": "City"})), "city", "2026-10")
    with pytest.raises(PeriodError):
        choose(facts, "city", "october")
