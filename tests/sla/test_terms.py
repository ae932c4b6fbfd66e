"""Terms of a contract: what they may say, and how they travel as plain values."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.calendar import SELECTORS, Selector
from monitor.core.calendar import Kind as Planned
from monitor.core.diagnosis.cause import ROLES, Kind
from monitor.core.event import ContractEvent
from monitor.core.sla.contract import Contract, Hours, Pays, Period, RepairClass, Slab, TermsError, Weighting
from monitor.core.sla.facts import gathered
from monitor.core.sla.money import hundredths, limit, minutes, money, percentage, share
from monitor.core.sla.reading import Exclusions, readings
from monitor.core.sla.spans import LAST_MS, Span
from monitor.core.sla.terms import from_json, to_json
from monitor.core.verdict import Rung

NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=8)
SHARES = st.integers(0, 10**8).map(lambda millionths: Fraction(millionths, 10**8))
MONEY = st.integers(1, 10**12)
SELECTED = st.lists(st.builds(Selector, st.sampled_from(SELECTORS), NAMES), max_size=4, unique=True).map(
    lambda several: tuple(sorted(several, key=lambda one: SELECTORS.index(one.by)))
)
HOURS = st.lists(
    st.builds(
        lambda days, start, long: Hours(tuple(sorted(days)), start, min(start + long, 1440)),
        st.sets(st.integers(0, 6), min_size=1),
        st.integers(0, 1439),
        st.integers(1, 1440),
    ),
    min_size=1,
    max_size=2,
).map(tuple)
#: The clauses of a smart city: slabs a month, three repair classes, business hours, a cap.
CITY = Contract(
    "safe-city",
    "Safe City, phase one",
    (Selector("contract", "safe-city"),),
    "Asia/Karachi",
    excused=(Planned.MAINTENANCE, Planned.LOAD_SHEDDING),
    approval_min=24 * 60,
    target=Fraction(98, 100),
    currency="PKR",
    value=1_250_000_00,
    slabs=(Slab(Fraction(98, 100), share=Fraction(5, 100)), Slab(Fraction(95, 100), amount=100_000_00)),
    cap=Fraction(10, 100),
    repairs=(
        RepairClass("cut off", 4 * 60, kinds=(Kind.UPLINK, Kind.POWER)),
        RepairClass("other", 5 * 8 * 60, business=True, penalty=1000_00, unit_min=8 * 60, most=5000_00),
    ),
    business=(Hours((0, 1, 2, 3, 4), 9 * 60, 17 * 60),),
    holidays=(date(2026, 12, 25),),
    parties={"power": "Grid company"},
)


@st.composite
def contracts(draw: st.DrawFn) -> Contract:
    """Any terms that do not contradict themselves."""
    target, weighting = draw(SHARES), draw(st.sampled_from(Weighting))
    quorum = draw(SHARES) if weighting is Weighting.SHARE else None
    promised = target if quorum is None else quorum
    below = draw(st.sets(SHARES.filter(lambda one: one <= promised), max_size=3)) | {promised}
    cost = st.one_of(
        st.builds(lambda one: (one, 0), SHARES.filter(bool)), st.builds(lambda one: (Fraction(0), one), MONEY)
    )
    repair = st.builds(
        RepairClass,
        NAMES,
        st.integers(0, 10**6),
        SELECTED,
        st.lists(st.sampled_from(Kind), max_size=2).map(tuple),
        st.booleans(),
        MONEY,
        st.integers(1, 10**5),
        st.none() | MONEY,
    )
    return Contract(
        draw(NAMES),
        draw(NAMES),
        draw(SELECTED),
        draw(st.sampled_from(["UTC", "Asia/Karachi"])),
        draw(st.sampled_from(Rung)),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.lists(st.sampled_from(Planned), unique=True).map(tuple)),
        draw(st.just(()) | HOURS),
        draw(st.none() | st.integers(0, 10**5)),
        target,
        quorum,
        draw(st.sampled_from(Period)),
        weighting,
        draw(st.sampled_from(Pays)),
        "INR",
        draw(MONEY),
        draw(st.booleans()),
        tuple(Slab(bound, *draw(cost)) for bound in sorted(below, reverse=True)),
        draw(st.none() | SHARES),
        tuple(draw(st.lists(repair, max_size=2, unique_by=lambda one: one.name))),
        draw(HOURS),
        tuple(draw(st.lists(st.dates(), max_size=2))),
        draw(st.dictionaries(st.sampled_from(ROLES), NAMES, max_size=2)),
    )


@given(contracts())
def test_terms_come_back_as_they_went(terms: Contract) -> None:
    """Through the ledger's JSON, too; and what is read again is written the same."""
    plain = json.loads(json.dumps(to_json(terms)))
    assert from_json(terms.id, plain) == terms
    assert to_json(from_json(terms.id, plain)) == plain


def test_terms_as_a_person_reads_them() -> None:
    """Under the keys of the file, with what is left out left out."""
    assert to_json(CITY) == {
        "name": "Safe City, phase one",
        "cameras": {"contract": ["safe-city"]},
        "time_zone": "Asia/Karachi",
        "working": "media",
        "path": True,
        "credentials": True,
        "excused": ["maintenance", "load_shedding"],
        "approval": "24 h",
        "target": "98",
        "period": "month",
        "weighting": "camera-hours",
        "pays": "seen",
        "currency": "PKR",
        "value": "1250000.00",
        "slabs": [{"below": "98", "share": "5"}, {"below": "95", "amount": "100000.00"}],
        "cap": "10",
        "repairs": [
            {"name": "cut off", "limit": "4 h", "causes": ["uplink", "power"]},
            {
                "name": "other",
                "limit": "40 h",
                "business": True,
                "penalty": "1000.00",
                "per": "8 h",
                "at_most": "5000.00",
            },
        ],
        "business": [{"days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "to": "17:00"}],
        "holidays": ["2026-12-25"],
        "parties": {"power": "Grid company"},
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": ""}, "a contract needs an id"),
        ({"time_zone": "Asia/Nowhere"}, "time_zone 'Asia/Nowhere' is not known here"),
        (
            {"hours": (Hours((7,), 0, 60),)},
            "hours need days from 0 (Monday) to 6, and a start before an end within one day",
        ),
        ({"approval_min": -1}, "approval is no time before the moment that it is for"),
        (
            {"target": Fraction(1, 3)},
            "target: a percentage is from 0 to 100, with 6 decimal places at most",
        ),
        ({"cap": Fraction(2)}, "cap: a percentage is from 0 to 100, with 6 decimal places at most"),
        ({"value": -1}, "money is from 0 to 10,000,000,000,000"),
        ({"currency": "rupees"}, "currency: where there is money it needs the three capital letters of a currency"),
        ({"target": None}, "slabs and a quorum need a target"),
        ({"target": Fraction(97, 100)}, "a slab lies above the target"),
        ({"weighting": Weighting.SHARE}, "a quorum belongs to the weighting share at target, which needs one"),
        ({"quorum": Fraction(1)}, "a quorum belongs to the weighting share at target, which needs one"),
        ({"slabs": CITY.slabs[::-1]}, "slabs go from the highest bound to the lowest, each bound once"),
        ({"slabs": (Slab(Fraction(9, 10)),)}, "a slab costs a share or an amount, one of them"),
        ({"value": 0}, "a share of the value needs a value"),
        ({"repairs": CITY.repairs * 2}, "repair classes need a name each, and no name twice"),
        (
            {"repairs": (RepairClass("a", -1),)},
            "repair class a: a limit is 0 minutes or longer, a unit one minute or longer",
        ),
        (
            {"repairs": (RepairClass("a", 1, most=1),)},
            "repair class a: what an occasion costs at most needs a penalty",
        ),
        ({"business": ()}, "repair class other: business hours are wanted, and the contract has none"),
        ({"parties": {"boss": "K"}}, f"parties: 'boss' is no role; roles are {', '.join(ROLES)}"),
    ],
)
def test_terms_that_contradict_themselves(change: dict[str, Any], message: str) -> None:
    """Are none; the message says what is wrong."""
    with pytest.raises(TermsError) as caught:
        replace(CITY, **change)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"taget": "98"}, "contract c: 'taget' is not known here"),
        ({"name": None}, "contract c: None is no str"),
        ({"working": "video"}, "contract c: 'video' is missing, or not known here"),
        ({"target": 98}, "contract c: 98 is no str"),
        ({"target": "ninety"}, "contract c: 'ninety' is no number: digits, and a point with up to six places"),
        ({"value": "1.001"}, "contract c: '1.001' is no amount: write it like 1250 or 1250.50"),
        ({"approval": "soon"}, "contract c: 'soon' is no length of time: write it like 30 min, 24 h or 3 d"),
        ({"cameras": {"district": ["a"]}}, "contract c: cameras are not selected by 'district'"),
        ({"slabs": [{}]}, "contract c: 'below' is missing, or not known here"),
        ({"path": "yes"}, "contract c: 'yes' is no bool"),
        ({"cap": "101"}, "contract c: cap: a percentage is from 0 to 100, with 6 decimal places at most"),
    ],
)
def test_plain_values_that_are_no_terms(change: dict[str, Any], message: str) -> None:
    """A ledger may hold what a newer camfleet, or somebody else, wrote."""
    with pytest.raises(TermsError) as caught:
        from_json("c", {**to_json(CITY), **change})
    assert str(caught.value) == message


@pytest.mark.parametrize("value", [None, [], "terms", 3])
def test_what_is_no_table_is_no_terms(value: object) -> None:
    """Whatever stands there."""
    with pytest.raises(TermsError):
        from_json("c", value)


def test_terms_without_a_name() -> None:
    """A name and a time zone are needed."""
    with pytest.raises(TermsError) as caught:
        from_json("c", {"time_zone": "UTC"})
    assert "name" in str(caught.value)


@given(st.integers(0, 10**15), st.integers(0, 10**8))
def test_texts_are_exactly_the_figures(amount: int, millionths: int) -> None:
    """Money, percentages, and lengths of time."""
    assert hundredths(money(amount)) == amount
    assert share(percentage(Fraction(millionths, 10**8))) == Fraction(millionths, 10**8)
    assert minutes(limit(millionths)) == millionths


def test_readings_of_a_contract() -> None:
    """One thing at a time is taken the other way; how late an approval may be is a thing, too, where there is a limit."""
    assert [one.name for one in readings(CITY)] == [
        "as written",
        "path not counted",
        "lost passwords not counted",
        "whatever was approved excuses, however late",
        "only what was approved in time excuses",
        "nothing excuses",
    ]
    strict = [one.exclusions for one in readings(replace(CITY, approval_min=0))]
    assert strict == [*[Exclusions.AS_WRITTEN] * 3, Exclusions.ALL, Exclusions.NONE]


def test_the_ledger_tells_terms_by_their_versions() -> None:
    """Each holds until the next one; after a removal there are none."""
    plain = to_json(CITY)
    events = [
        ContractEvent(1.0, "safe-city", "added", plain),
        ContractEvent(2.0, "safe-city", "changed", {**plain, "target": "99"}),
        ContractEvent(3.0, "safe-city", "removed", {}),
    ]
    versions = gathered(events).contracts["safe-city"]
    assert [one.span for one in versions] == [Span(1000, 2000), Span(2000, 3000), Span(3000, LAST_MS)]
    assert [one.plain.get("target") for one in versions] == ["98", "99", None]
