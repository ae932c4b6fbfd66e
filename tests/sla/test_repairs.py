"""Repairs agree with counting every minute; what they cost adds up over periods; who is chronic; what is surely seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.calendar import Selector
from monitor.core.diagnosis.cause import Kind
from monitor.core.health import CONFIRMATIONS
from monitor.core.schedule import Rates
from monitor.core.sla.chronic import Again, chronic
from monitor.core.sla.contract import Contract, Hours, RepairClass
from monitor.core.sla.detection import limit
from monitor.core.sla.outage import Run
from monitor.core.sla.penalty import Cost
from monitor.core.sla.repairs import Late, Repair, Workshop
from monitor.core.sla.spans import ALWAYS, FIRST_MS, LAST_MS, NONE, Span, Spans, spans
from monitor.core.verdict import Rung

#: 2026-10-05 00:00 UTC, a Monday.
MONDAY = 1_791_158_400_000
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
OFFICE = (Hours((0, 1, 2, 3, 4), 9 * 60, 17 * 60),)
SLOW = RepairClass("slow", 4 * 60, penalty=100, unit_min=90)
DESK = RepairClass("desk", 8 * 60, business=True, penalty=1000, unit_min=60, most=2500)
TERMS = Contract(
    "c", "C", (), "UTC", currency="PKR", repairs=(SLOW, DESK), business=OFFICE, holidays=(date(2026, 10, 7),)
)
MONTH = Span(MONDAY, MONDAY + 14 * DAY)


def repaired(of: RepairClass, run: Run, within: Span = MONTH, service: Spans = ALWAYS, excused: Spans = NONE) -> Repair:
    return Workshop(TERMS, within, MONDAY - 30 * DAY).repair(of, run, Kind.DEAD, "dead-1", service, excused)


def test_a_repair_in_time_perhaps_late_and_late() -> None:
    """Late for sure where the least that it lasted is over the limit; perhaps where the most is."""
    start = MONDAY + DAY
    just = repaired(SLOW, Run(start, start + 4 * HOUR, start, start + 4 * HOUR))
    assert (just.late, just.cost) == (Late.NO, Cost())
    perhaps = repaired(SLOW, Run(start, start + 4 * HOUR, start - 1, start + 4 * HOUR))
    assert (perhaps.late, perhaps.cost) == (Late.PERHAPS, Cost(0, 0, 100))
    late = repaired(SLOW, Run(start, start + 6 * HOUR, start, start + 6 * HOUR))
    assert (late.late, late.cost) == (Late.YES, Cost(200, 200, 200))


def test_business_hours_run_from_nine_to_five_but_for_holidays() -> None:
    """From Tuesday at noon to Thursday at eleven with Wednesday off: five hours and two."""
    run = Run(MONDAY + DAY + 12 * HOUR, MONDAY + 3 * DAY + 11 * HOUR, 0, 0)
    run = run._replace(after=run.start, by=run.end)
    assert repaired(DESK, run).least == 7 * HOUR
    assert repaired(DESK, run).late is Late.NO


def test_an_occasion_costs_so_much_at_most() -> None:
    """However long it lasts, over however many periods."""
    for_ever = Run(MONDAY, LAST_MS, MONDAY, LAST_MS)
    assert repaired(DESK, for_ever).cost == Cost(2500, 2500, 2500)
    later = Span(MONTH.end, MONTH.end + 14 * DAY)
    assert repaired(DESK, for_ever, later).cost == Cost()
    assert repaired(DESK, for_ever).open


def test_an_outage_that_began_before_the_ledger_counts_from_when_the_camera_was_in_service() -> None:
    """At most; at least from the first look that found it."""
    run = Run(MONDAY, MONDAY + HOUR, FIRST_MS, MONDAY + HOUR)
    found = repaired(SLOW, run, service=(Span(MONDAY - 2 * HOUR, LAST_MS),))
    assert (found.least, found.most) == (HOUR, 3 * HOUR)


@pytest.mark.parametrize(
    ("listed", "kind", "name"),
    [({"zone": "pier"}, Kind.DEAD, "pier"), ({}, Kind.POWER, "power"), ({}, Kind.DEAD, "rest")],
)
def test_the_first_class_that_means_an_outage_is_its_own(listed: dict[str, str], kind: Kind, name: str) -> None:
    """By the camera's row, and by the kind of the cause."""
    classes = (
        RepairClass("pier", 1, (Selector("zone", "pier"),)),
        RepairClass("power", 1, kinds=(Kind.POWER,)),
        RepairClass("rest", 1),
    )
    found = Workshop(replace(TERMS, repairs=classes), MONTH, MONDAY).class_of("cam", listed, kind)
    assert found is not None
    assert found.name == name
    assert Workshop(replace(TERMS, repairs=classes[:2]), MONTH, MONDAY).class_of("cam", {}, Kind.DEAD) is None


MINUTES = st.integers(-3 * 24 * 60, 17 * 24 * 60)
SPELLS = st.lists(st.tuples(MINUTES, st.integers(1, 2000)), max_size=3).map(
    lambda several: spans((MONDAY + at * MINUTE, MONDAY + (at + long) * MINUTE) for at, long in several)
)


@st.composite
def bad_times(draw: st.DrawFn) -> Run:
    after, start, end, by = sorted(MONDAY + draw(MINUTES) * MINUTE for _ in range(4))
    if draw(st.booleans()):
        by = LAST_MS
    return Run(start, max(end, start + MINUTE), after, max(by, start + MINUTE, end))


def by_the_minute(of: RepairClass, first: int, last: int, until: int, service: Spans, excused: Spans) -> int:
    """Count the minutes of an outage that count, each looked at alone."""
    number = 0
    for at in range(first, min(last, until), MINUTE):
        listed = any(one.start <= at < one.end for one in service)
        forgiven = any(one.start <= at < one.end for one in excused)
        moment = datetime.fromtimestamp(at / 1000, UTC)
        open_ = moment.weekday() < 5 and 9 <= moment.hour < 17 and moment.date() != date(2026, 10, 7)
        number += listed and not forgiven and (open_ or not of.business)
    return number


@given(bad_times(), st.sampled_from([SLOW, DESK]), SPELLS, SPELLS)
def test_repairs_agree_with_counting_every_minute(run: Run, of: RepairClass, service: Spans, excused: Spans) -> None:
    """The least and the most, in business hours and around the clock, in service and not excused."""
    found = repaired(of, run, MONTH, service, excused)
    least = by_the_minute(of, run.start, run.end, MONTH.end, service, excused)
    most = by_the_minute(of, run.after, run.by, MONTH.end, service, excused)
    assert (found.least, found.most) == (least * MINUTE, most * MINUTE)
    late = [max(0, minutes - of.limit_min) for minutes in (least, most)]
    assert found.late is (Late.YES if late[0] else Late.PERHAPS if late[1] else Late.NO)


@given(bad_times(), st.sampled_from([SLOW, DESK]), SPELLS, st.integers(1, 13 * 24 * 60))
def test_what_repairs_cost_adds_up_over_periods(run: Run, of: RepairClass, excused: Spans, cut: int) -> None:
    """Wherever a period is cut in two."""
    middle = MONDAY + cut * MINUTE
    whole, first, second = (
        repaired(of, run, within, ALWAYS, excused).cost
        for within in (MONTH, Span(MONDAY, middle), Span(middle, MONTH.end))
    )
    assert first.plus(second) == whole


def test_a_camera_is_chronic_that_fails_again_for_the_same_kind_of_cause_within_thirty_days() -> None:
    """Counted where the later outage began in the period; the earlier one may lie before it."""

    def failed(day: int, kind: Kind) -> tuple[Run, Kind]:
        start = MONDAY + day * DAY
        return Run(start, start + HOUR, start, start + HOUR), kind

    told = [failed(-20, Kind.DEAD), failed(1, Kind.POWER), failed(2, Kind.DEAD), failed(9, Kind.DEAD)]
    assert chronic(told, MONTH) == [Again(Kind.DEAD, 2, MONDAY + 9 * DAY)]
    assert chronic([failed(-40, Kind.DEAD), failed(2, Kind.DEAD)], MONTH) == []
    assert chronic([failed(1, Kind.DEAD), failed(20, Kind.DEAD)], MONTH) == []


@given(
    st.sampled_from([Rung.MEDIA, Rung.STREAM, Rung.CREDENTIALS, Rung.DEVICE]),
    st.floats(0.0, 1.0),
    st.lists(st.floats(0.1, 30.0), min_size=4, max_size=4),
)
def test_an_outage_of_the_limit_is_surely_confirmed(rung: Rung, phase: float, looks: list[float]) -> None:
    """Wherever it begins between two looks, and however long each look takes within its deadline."""
    rates, rule = Rates(), CONFIRMATIONS[rung]
    long = timedelta(milliseconds=limit(rung, rates, rule).outage).total_seconds()
    at = (rates.interval_s(rung) + rates.light_s * (rung is Rung.CREDENTIALS)) * phase  # the next look
    for number in range(rule.failures):
        at += looks[number]
        if number < rule.failures - 1:
            at += rule.spacing_s
    assert at <= long


def test_the_limits_of_the_usual_schedule() -> None:
    """In seconds: media every ten minutes, three failures, 10 s apart, each within 30 s; one refused login is enough.

    What is dead is seen by its connection within 3 s, and looked at every five minutes only.
    """
    rates = Rates()
    media, credentials = CONFIRMATIONS[Rung.MEDIA], CONFIRMATIONS[Rung.CREDENTIALS]
    assert limit(Rung.MEDIA, rates, media) == (710_000, 670_000)
    assert limit(Rung.STREAM, rates, media) == (170_000, 370_000)
    assert limit(Rung.REACHABLE, rates, media) == (89_000, 370_000)
    assert limit(Rung.CREDENTIALS, rates, credentials) == (3_690_000, 30 * 86_400_000 + 70_000)
    assert limit(Rung.MEDIA, rates, media, channels=16).outage == 16 * 60_000 + 110_000
