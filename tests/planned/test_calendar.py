"""When the entries of a calendar hold, and for whom."""

from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import BERLIN, at, calendar, entries, entry

from monitor.core.calendar import (
    Entry,
    Selector,
    covering,
    first_occurrence,
    holds,
    instant,
    members,
    occurrences,
    selectors_of,
    spans,
)
from monitor.core.model import Camera, Device, Inventory, Site

DAY = 86400.0
MOMENTS = st.floats(at("2025-12-01"), at("2028-03-01"))


@pytest.mark.parametrize(
    ("what", "start", "end", "expected"),
    [
        ("an ordinary night", "2026-03-28 01:00", "2026-03-28 04:00", 3.0),
        ("over the hour that is skipped", "2026-03-29 01:00", "2026-03-29 04:00", 2.0),
        ("over the hour that comes twice", "2026-10-25 01:00", "2026-10-25 04:00", 4.0),
        ("from within the skipped hour", "2026-03-29 02:30", "2026-03-29 04:00", 0.5),
        ("within the skipped hour", "2026-03-29 02:15", "2026-03-29 02:45", 0.5),
        ("within the hour that comes twice", "2026-10-25 02:15", "2026-10-25 02:45", 0.5),
        ("from within the hour that comes twice", "2026-10-25 02:30", "2026-10-25 03:30", 2.0),
    ],
)
def test_local_times_over_a_change_of_the_clocks(what: str, start: str, end: str, expected: float) -> None:
    """The clock on the wall tells, as RFC 5545 §3.3.5 reads it; so many hours pass."""
    (one,) = occurrences(entry(start=start, end=end), 0.0, at("2030-01-01"))
    assert one.end - one.start == expected * 3600


def test_a_time_that_is_skipped_is_told_by_the_clock_before() -> None:
    """02:30 on the day on which 02:00 becomes 03:00 is 03:30; of 02:30 that comes twice the first is meant."""
    assert instant(datetime(2026, 3, 29, 2, 30), BERLIN) == at("2026-03-29T03:30+02:00")
    assert instant(datetime(2026, 10, 25, 2, 30), BERLIN) == at("2026-10-25T02:30+02:00")


def test_an_occurrence_of_which_the_clocks_leave_nothing_does_not_take_place() -> None:
    """02:30 to 03:00 is no time in the night of the change; the nights beside it are as ever."""
    nightly = entry(start="2026-03-27 02:30", end="2026-03-27 03:00", rrule="FREQ=DAILY;COUNT=4")
    starts = [one.start for one in occurrences(nightly, 0.0, at("2027-01-01"))]
    assert starts == [at("2026-03-27 02:30"), at("2026-03-28 02:30"), at("2026-03-30 02:30")]


def test_each_evening_keeps_its_local_time() -> None:
    """18:00 stays 18:00 in summer and in winter: the days of the change have 23 and 25 hours between two evenings."""
    evening = entry(start="2026-03-01 18:00", end="2026-03-01 20:00", rrule="FREQ=DAILY")
    starts = [one.start for one in occurrences(evening, at("2026-03-27"), at("2026-04-01"))]
    assert [b - a for a, b in pairwise(starts)] == [DAY, 23 * 3600.0, DAY, DAY]


def test_a_day_that_a_country_left_out_is_left_out() -> None:
    """Samoa had no 30 December 2011: the evening of that day is told by the clock before, and joins the next day's."""
    apia = ZoneInfo("Pacific/Apia")
    evening = entry(start="2011-12-29 18:00", end="2011-12-29 20:00", rrule="FREQ=DAILY;COUNT=3", time_zone=apia.key)
    found = occurrences(evening, 0.0, at("2012-02-01"))
    assert [(one.start, one.end) for one in found] == [
        (at("2011-12-29 18:00", apia), at("2011-12-29 20:00", apia)),
        (at("2011-12-31 18:00", apia), at("2011-12-31 20:00", apia)),
    ]


def test_a_leap_day_recurs_in_leap_years() -> None:
    """The 29th of February, yearly."""
    leap = entry(start="2024-02-29 10:00", end="2024-02-29 11:00", rrule="FREQ=YEARLY")
    assert [one.start for one in occurrences(leap, 0.0, at("2033-01-01"))] == [
        at("2024-02-29 10:00"),
        at("2028-02-29 10:00"),
        at("2032-02-29 10:00"),
    ]


def test_a_skipped_day_has_no_occurrence() -> None:
    """Christmas, for instance; a night that began on the day before goes on into it."""
    nightly = entry(
        start="2026-12-23 22:00", end="2026-12-24 06:00", rrule="FREQ=DAILY;COUNT=3", skipped=(date(2026, 12, 25),)
    )
    assert [one.end for one in occurrences(nightly, 0.0, at("2027-01-01"))] == [
        at("2026-12-24 06:00"),
        at("2026-12-25 06:00"),
    ]


def test_occurrences_that_touch_are_one() -> None:
    """Every day from 00:00 to 24:00 is always."""
    always = entry(start="2026-01-01 00:00", end="2026-01-02 00:00", rrule="FREQ=DAILY")
    since, until = at("2026-05-03 10:00"), at("2026-11-05 11:00")
    assert occurrences(always, since, until) == [(since, until)]


@settings(deadline=None)
@given(entries(), MOMENTS, st.floats(0, 60 * DAY))
def test_occurrences_are_apart_and_within_what_was_asked(one: Entry, since: float, length: float) -> None:
    """In order, none empty, none overlapping or touching another."""
    found = occurrences(one, since, since + length)
    edges = [edge for interval in found for edge in interval]
    assert edges == sorted(set(edges))
    assert all(since <= edge <= since + length for edge in edges)


@settings(deadline=None)
@given(entries(), MOMENTS, st.floats(0, 60 * DAY), st.floats(0, 1))
def test_windows_that_are_split_add_up(one: Entry, since: float, length: float, share: float) -> None:
    """As much is planned in two halves as in the whole, wherever it is cut."""
    middle, until = since + share * length, since + length

    def total(a: float, b: float) -> float:
        return sum(interval.end - interval.start for interval in occurrences(one, a, b))

    assert total(since, until) == pytest.approx(total(since, middle) + total(middle, until), abs=1e-3)


@settings(deadline=None)
@given(entries(), MOMENTS)
def test_an_entry_holds_when_the_clock_on_its_wall_says_so(one: Entry, moment: float) -> None:
    """Away from changes of the clocks: a day back and forth, minute by minute of the same wall."""
    zone = ZoneInfo(one.time_zone)
    wall = datetime.fromtimestamp(moment, zone).replace(tzinfo=None)
    length = one.end - one.start
    starts = one.starts(wall.date() - length - (date(2026, 1, 3) - date(2026, 1, 1)), wall.date())
    offsets = {datetime.fromtimestamp(moment + n * 3600, zone).utcoffset() for n in range(-6 * 24, 25)}
    if len(offsets) == 1:
        assert holds(one, moment) == any(start <= wall < start + length for start in starts)


@settings(deadline=None)
@given(entries())
def test_the_first_occurrence_is_the_first(one: Entry) -> None:
    """Nothing is planned before it, and something from it on."""
    first = first_occurrence(one)
    found = spans(one, 0.0, at("2029-01-01"))
    assert (first is None) == (not found)
    if first is not None:
        assert found[0].start == first.start
        assert holds(one, first.start)
        assert not holds(one, first.start - 1.0)


def test_the_ends_of_time_are_no_trouble() -> None:
    """A window without an end or a beginning, and a time zone at the edge of the world."""
    one = entry(start="2026-12-01 18:00", end="2026-12-01 20:00", time_zone="Pacific/Apia")
    assert len(occurrences(one, float("-inf"), float("inf"))) == 1
    assert occurrences(one, float("-inf"), 0.0) == []


TOWN = Inventory(
    {"d": Device("d", "127.1.0.1", {}, ("rtsp",), ("gate", "ferry"))},
    {
        "gate": Camera("gate", "Gate", "d", 1, "harbour", "pier", contract="C-1"),
        "ferry": Camera("ferry", "Ferry", "d", 2, "harbour"),
    },
    {"pier": Site("pier", "Pier", "harbour", feeder="F-1")},
    {"harbour": "Harbour"},
)


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        (Selector("camera", "gate"), ("gate",)),
        (Selector("site", "pier"), ("gate",)),
        (Selector("feeder", "F-1"), ("gate",)),
        (Selector("contract", "C-1"), ("gate",)),
        (Selector("zone", "harbour"), ("gate", "ferry")),
        (Selector("zone", "gate"), ()),
    ],
)
def test_whom_a_selector_means(selector: Selector, expected: tuple[str, ...]) -> None:
    """By camera, site, feeder, contract or zone; the same name of another kind means nobody."""
    one = entry(selectors=(selector,))
    assert members(calendar(one), TOWN) == {"e": expected}
    at_seven = at("2026-12-01 19:00")
    for camera in TOWN.cameras.values():
        held = covering(calendar(one), selectors_of(TOWN, camera), at_seven)
        assert held == ([one] if camera.id in expected else [])
        assert covering(calendar(one), selectors_of(TOWN, camera), at_seven + 3600) == []


@settings(deadline=None)
@given(st.permutations(["a", "b", "c"]))
def test_the_order_of_the_entries_means_nothing(order: list[str]) -> None:
    """Who is covered by what is told in the order of the ids."""
    plan = calendar(*(entry(id_, selectors=(Selector("zone", "harbour"), Selector("camera", "gate"))) for id_ in order))
    told = covering(plan, selectors_of(TOWN, TOWN.cameras["gate"]), at("2026-12-01 18:00"))
    assert [one.id for one in told] == ["a", "b", "c"]
    assert members(plan, TOWN) == dict.fromkeys("abc", ("gate", "ferry"))
