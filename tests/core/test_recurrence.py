"""Rules of recurrence, held against python-dateutil's, which follows the same RFC by another way."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from effort import effort_s
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.recurrence import DAYS, Frequency, Rule, RuleError, Weekday, parse

FIRST = date(2026, 1, 31)


def days(text: str, first: date, number: int) -> list[date]:
    """Return the days of a rule within so many days."""
    rule = parse(text, first, UTC)
    found = [first + timedelta(days=n) for n in range(number)]
    return [day for day in found if rule.falls_on(first, day) and (rule.until is None or day <= rule.until.date())]


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    frequency = draw(st.sampled_from(Frequency))
    monthly = frequency in (Frequency.MONTHLY, Frequency.YEARLY)
    numbers = st.integers(-31, 31).filter(bool)
    month_days = () if frequency is Frequency.WEEKLY else tuple(sorted(draw(st.sets(numbers, max_size=3))))
    # of a list that holds both kinds dateutil takes the days that are in both; RFC 5545 §3.3.10 adds them up
    numbered = monthly and not month_days and draw(st.booleans())
    nth = st.integers(-5, 5).filter(bool) if numbered else st.just(0)
    weekdays = draw(st.sets(st.builds(Weekday, st.integers(0, 6), nth), max_size=3))
    return Rule(
        frequency,
        draw(st.integers(1, 4)),
        tuple(sorted(draw(st.sets(st.integers(1, 12), max_size=2)))),
        month_days,
        tuple(sorted(weekdays)),
        draw(st.integers(0, 6)),
    )


@settings(deadline=None)  # the oracle alone takes long for a rule that seldom matches
@given(rules(), st.dates(date(2023, 1, 1), date(2028, 12, 31)))
def test_a_rule_falls_on_the_days_that_dateutil_says(rule: Rule, first: date) -> None:
    """Over three years, whatever the frequency, the interval and the lists."""
    end = first + timedelta(days=1100)
    start = datetime.combine(first, datetime.min.time())
    oracle = rrulestr(f"{rule};UNTIL={end:%Y%m%d}T235959", dtstart=start)
    expected = [moment.date() for moment in oracle]
    assert [day for n in range(1101) if rule.falls_on(first, day := first + timedelta(days=n))] == expected


@given(rules(), st.none() | st.datetimes(datetime(2026, 1, 1), datetime(2099, 1, 1)))
def test_a_rule_that_is_written_and_read_is_the_same(rule: Rule, until: datetime | None) -> None:
    """What the ledger keeps of a rule is all of it."""
    written = str(Rule(**{name: getattr(rule, name) for name in rule.__slots__} | {"until": until}))
    read = parse(written, FIRST, ZoneInfo("Europe/Berlin"))
    assert str(read) == written
    assert read.until == (until.replace(microsecond=0) if until else None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FREQ=MONTHLY", [date(2026, 1, 31), date(2026, 3, 31), date(2026, 5, 31)]),
        ("FREQ=MONTHLY;BYDAY=-1FR", [date(2026, 2, 27), date(2026, 3, 27), date(2026, 4, 24), date(2026, 5, 29)]),
        ("freq=daily;interval=60", [date(2026, 1, 31), date(2026, 4, 1), date(2026, 5, 31)]),
        ("RRULE:FREQ=WEEKLY;COUNT=2", [date(2026, 1, 31), date(2026, 2, 7)]),
        ("FREQ=DAILY;UNTIL=20260202", [date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 2)]),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", []),
    ],
)
def test_a_rule_in_the_words_of_the_rfc(text: str, expected: list[date]) -> None:
    """Months without a 31st are left out; a count ends with its last time; 30 February never comes."""
    assert days(text, FIRST, 121) == expected


def test_29_february_comes_in_leap_years_only() -> None:
    """A yearly event of a leap day waits for the next one."""
    leap = date(2024, 2, 29)
    assert days("FREQ=YEARLY", leap, 3000) == [leap, date(2028, 2, 29), date(2032, 2, 29)]


def test_the_end_of_a_rule_is_told_in_the_time_of_the_place() -> None:
    """UNTIL in UTC is another local moment."""
    rule = parse("FREQ=DAILY;UNTIL=20260630T220000Z", FIRST, ZoneInfo("Europe/Berlin"))
    assert rule.until == datetime(2026, 7, 1, 0, 0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is no rule; write FREQ=WEEKLY;BYDAY=MO,WE and the like"),
        ("FREQ=DAILY;FREQ=DAILY", "it has several FREQ"),
        ("INTERVAL=2", "it has no FREQ; write FREQ=DAILY, WEEKLY, MONTHLY or YEARLY"),
        ("FREQ=SECONDLY", "FREQ is DAILY, WEEKLY, MONTHLY or YEARLY"),
        ("FREQ=DAILY;BYHOUR=1", "BYHOUR is not supported; there are FREQ, INTERVAL, BYMONTH, BYMONTHDAY, BYDAY, WKST, UNTIL, COUNT"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL is a whole number from 1 to 1000"),
        ("FREQ=DAILY;INTERVAL=99999999999999999999", "INTERVAL is a whole number from 1 to 1000"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY is a whole number from -31 to 31, but not 0"),
        ("FREQ=DAILY;BYMONTH=٣", "BYMONTH is a whole number from 1 to 12"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY has no meaning in a weekly rule"),
        ("FREQ=WEEKLY;BYDAY=2MO", "BYDAY has numbers in monthly and yearly rules only"),
        ("FREQ=MONTHLY;BYDAY=2MO;BYMONTHDAY=3", "BYDAY has no numbers beside BYMONTHDAY"),
        ("FREQ=YEARLY;BYDAY=54MO", "BYDAY has numbers from -53 to 53 where they count within a year"),
        ("FREQ=YEARLY;BYMONTH=2;BYDAY=6MO", "BYDAY has numbers from -5 to 5 where they count within a month"),
        ("FREQ=MONTHLY;BYDAY=-6FR", "BYDAY has numbers from -5 to 5 where they count within a month"),
        ("FREQ=DAILY;BYDAY=" + "MO," * 100 + "MO", "BYDAY is a list of 100 at most"),
        ("FREQ=DAILY;BYMONTH=" + "2," * 100 + "2", "BYMONTH is a list of 100 at most"),
        ("FREQ=WEEKLY;BYDAY=MON", "BYDAY is a list of MO, TU, WE, TH, FR, SA and SU, each with a number before it at most"),
        ("FREQ=WEEKLY;WKST=XX", "WKST is one of MO, TU, WE, TH, FR, SA and SU"),
        ("FREQ=DAILY;UNTIL=20261341", "UNTIL is a day or a moment, 20261231 or 20261231T180000Z"),
        ("FREQ=DAILY;UNTIL=00010101T000000Z", "UNTIL is a day or a moment, 20261231 or 20261231T180000Z"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20261231", "COUNT and UNTIL exclude each other"),
        ("FREQ=YEARLY;INTERVAL=9;COUNT=3", "its COUNT is not reached within ten years; write UNTIL instead"),
    ],
)  # fmt: skip
def test_what_is_no_rule_of_days_is_refused(text: str, said: str) -> None:
    """In a sentence, whatever stands there."""
    with pytest.raises(RuleError) as raised:
        parse(text, FIRST, ZoneInfo("America/New_York"))
    assert str(raised.value) == said


@given(st.text(alphabet="FREQ=DAILY;BYMONTHUSECVLOC0123456789,-+TZ:", max_size=60))
def test_any_text_is_a_rule_or_is_refused(text: str) -> None:
    """Nothing else comes out of it, and its name for itself is read as the same again."""
    try:
        rule = parse(text, FIRST, UTC)
    except RuleError:
        return
    assert parse(str(rule), FIRST, UTC) == rule


def test_a_rule_that_never_comes_costs_no_more_than_any_other() -> None:
    """A year of days that are no 30 February, looked at in milliseconds: no search runs to the end of all years."""
    never = "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"
    assert days(never, FIRST, 366) == []
    assert effort_s(lambda: days(never, FIRST, 366), 0.5) < 0.5


def test_the_days_have_the_names_of_the_rfc() -> None:
    """Monday is the first, as Python counts."""
    assert [str(Weekday(day)) for day in range(7)] == list(DAYS)
    assert str(Weekday(4, -1)) == "-1FR"


def test_a_list_of_weekdays_with_and_without_numbers_adds_up() -> None:
    """Every Monday, and the last Friday of the month (RFC 5545 §3.3.10)."""
    found = days("FREQ=MONTHLY;BYDAY=MO,-1FR", date(2026, 3, 1), 31)
    assert [day.day for day in found] == [2, 9, 16, 23, 27, 30]
