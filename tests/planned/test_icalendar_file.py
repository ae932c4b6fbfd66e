"""Events of an iCalendar file as entries, and what in such a file may not hurt."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from effort import effort_s
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import at

from monitor.core.calendar import Entry, Kind, Selector, occurrences
from monitor.core.recurrence import DAYS
from monitor.inventory.icalendar_file import (
    BYTES_MAX,
    EVENTS_MAX,
    Approval,
    Imported,
    NoCalendar,
    entry_id,
    read_icalendar,
)

WHOM = (Selector("zone", "harbour"),)
APPROVAL = Approval(Kind.MAINTENANCE, WHOM, "Duty officer", at("2026-11-20 10:00"))
WHEN = "DTSTART;TZID=Europe/Berlin:20261201T220000\r\nDTEND;TZID=Europe/Berlin:20261202T000000\r\n"


def file(*events: str, head: str = "") -> bytes:
    body = "".join(f"BEGIN:VEVENT\r\n{event}END:VEVENT\r\n" for event in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{head}{body}END:VCALENDAR\r\n".encode()


def read(*events: str, head: str = "", approval: Approval = APPROVAL) -> Imported:
    return read_icalendar(file(*events, head=head), approval)


def only(event: str, **options: str) -> Entry:
    """Return the one entry of a file."""
    imported = read("UID:a\r\n" + event, **options)
    assert imported.left_out == []
    (entry,) = imported.entries.values()
    return entry


def test_an_event_is_an_entry() -> None:
    """Its times are local to its zone; its summary is the reason; whom it is for and who allowed it come from outside."""
    assert only(WHEN + "SUMMARY:Fibre works\\, pi\r\n er 1\r\n") == Entry(
        entry_id("a"),
        Kind.MAINTENANCE,
        WHOM,
        "Europe/Berlin",
        datetime(2026, 12, 1, 22, 0),
        datetime(2026, 12, 2, 0, 0),
        "Duty officer",
        datetime(2026, 11, 20, 10, 0),
        "Fibre works, pier 1",
    )


@pytest.mark.parametrize(
    ("when", "start", "end"),
    [
        ("DTSTART:20261201T210000Z\r\nDURATION:PT2H\r\n", "2026-12-01 22:00", "2026-12-02 00:00"),
        ("DTSTART;TZID=Europe/Berlin:20261201T220000\r\nDTEND;TZID=UTC:20261201T220000\r\n", "2026-12-01 22:00", "2026-12-01 23:00"),
        ("DTSTART;TZID=W. Europe Standard Time:20261201T220000\r\nDURATION:PT1H\r\n", "2026-12-01 22:00", "2026-12-01 23:00"),
        ("DTSTART;VALUE=DATE:20261201\r\n", "2026-12-01 00:00", "2026-12-02 00:00"),
        ("DTSTART;VALUE=DATE:20261201\r\nDTEND;VALUE=DATE:20261204\r\n", "2026-12-01 00:00", "2026-12-04 00:00"),
        ("DTSTART:20261201T220000\r\nDURATION:P1W\r\n", "2026-12-01 22:00", "2026-12-08 22:00"),
    ],
)  # fmt: skip
def test_the_ways_to_say_when(when: str, start: str, end: str) -> None:
    """In UTC, in two zones, by Windows' name of a zone, by days; what names no zone is in the file's, or the one that is said."""
    for options in (
        {"head": "X-WR-TIMEZONE:Europe/Berlin\r\n"},
        {"approval": APPROVAL._replace(time_zone="Europe/Berlin")},
    ):
        (one,) = occurrences(only(when, **options), 0.0, at("2030-01-01"))
        assert (one.start, one.end) == (at(start), at(end))


def test_a_series_with_exceptions() -> None:
    """A day that is left out, one that is moved, one that is cancelled: the series has none of them, the moved one is its own."""
    series = "UID:a\r\n" + WHEN + "RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=5\r\nEXDATE;TZID=Europe/Berlin:20261208T220000\r\n"
    moved = "UID:a\r\nRECURRENCE-ID;TZID=Europe/Berlin:20261215T220000\r\nDTSTART:20261216T100000Z\r\nDTEND:20261216T110000Z\r\n"
    cancelled = "UID:a\r\nRECURRENCE-ID;TZID=Europe/Berlin:20261222T220000\r\nSTATUS:CANCELLED\r\n" + WHEN
    for order in ((series, moved, cancelled), (cancelled, moved, series)):
        imported = read(*order)
        assert imported.left_out == []
        whole, one = imported.entries[entry_id("a")], imported.entries[entry_id("a", date(2026, 12, 15))]
        assert whole.skipped == (date(2026, 12, 8), date(2026, 12, 15), date(2026, 12, 22))
        assert [f.start for f in occurrences(whole, 0.0, at("2030-01-01"))] == [
            at("2026-12-01 22:00"),
            at("2026-12-29 22:00"),
        ]
        assert [f.start for f in occurrences(one, 0.0, at("2030-01-01"))] == [at("2026-12-16 11:00")]


@pytest.mark.parametrize(
    ("written", "skipped"),
    [
        (";TZID=Europe/Berlin:20261215T003000", date(2026, 12, 15)),
        (":20261214T233000Z", date(2026, 12, 15)),
        (";TZID=America/New_York:20261214T183000", date(2026, 12, 15)),
        (";VALUE=DATE:20261215", date(2026, 12, 15)),
    ],
)
def test_a_moved_day_is_a_day_of_its_series(written: str, skipped: date) -> None:
    """Half past midnight in Berlin is the day before in UTC: the zone of the series says which day is taken out of it."""
    series = "UID:a\r\nDTSTART;TZID=Europe/Berlin:20261201T003000\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY\r\n"
    moved = f"UID:a\r\nRECURRENCE-ID{written}\r\nDTSTART:20261216T100000Z\r\nDTEND:20261216T110000Z\r\n"
    for order in ((series, moved), (moved, series)):
        imported = read(*order)
        assert imported.entries[entry_id("a")].skipped == (skipped,)
        assert len(imported.entries) == 2


@pytest.mark.parametrize(
    ("event", "cancelled"),
    [
        ("UID:a\r\nSTATUS:CANCELLED\r\n", entry_id("a")),
        ("UID:a\r\nSTATUS:CANCELLED\r\nRECURRENCE-ID:20261215T210000Z\r\n", entry_id("a", date(2026, 12, 15))),
    ],
)
def test_what_is_cancelled_needs_no_time(event: str, cancelled: str) -> None:
    """The UID says which event, RECURRENCE-ID which time of it; many programs write no DTSTART then."""
    imported = read(event)
    assert (imported.cancelled, imported.left_out) == ({cancelled}, [])


def test_an_event_has_the_same_id_each_time() -> None:
    """By its UID alone, whatever else changes; an event that was cancelled is told by the id that it had."""
    before = read("UID:a\r\n" + WHEN).entries
    after = read("UID:b\r\n" + WHEN, "UID:a\r\nSUMMARY:Later\r\n" + WHEN.replace("20261201T22", "20261201T23")).entries
    assert set(before) == {entry_id("a")} < set(after)
    assert read("UID:a\r\nSTATUS:CANCELLED\r\n" + WHEN).cancelled == {entry_id("a")}
    assert read("UID:a\r\nSTATUS:CANCELLED\r\nSTATUS:CONFIRMED\r\n" + WHEN).cancelled == {entry_id("a")}


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (WHEN, "it has no UID, by which it would be known again"),
        ("UID:a\r\n", "it has no DTSTART"),
        ("UID:a\r\nDTSTART:20261201T220000\r\nDURATION:PT1H\r\n", "it names no time zone; say which: --time-zone"),
        ("UID:a\r\nDTSTART;TZID=Nowhere/Land:20261201T220000\r\nDURATION:PT1H\r\n", "no time zone Nowhere/Land is known"),
        ("UID:a\r\nDTSTART;TZID=../../../etc/passwd:20261201T220000\r\nDURATION:PT1H\r\n", "no time zone ../../../etc/passwd is known"),
        ("UID:a\r\nDTSTART:20261201T220000Z\r\n", "it lasts no time"),
        ("UID:a\r\nDTSTART:20261201T220000Z\r\nDURATION:-PT1H\r\n", "it lasts no time"),
        ("UID:a\r\nDTSTART:19691201T220000Z\r\nDURATION:PT1H\r\n", "it is not within the years 2000 to 2199"),
        ("UID:a\r\n" + WHEN + "RDATE:20261205T220000Z\r\n", "RDATE is not supported"),
        ("UID:a\r\n" + WHEN + "RRULE:FREQ=SECONDLY\r\n", "its RRULE: FREQ is DAILY, WEEKLY, MONTHLY or YEARLY"),
        ("UID:a\r\n" + WHEN + "RRULE:FREQ=MONTHLY;BYDAY=6MO\r\n", "its RRULE: BYDAY has numbers from -5 to 5 where they count within a month"),
        ("UID:a\r\nRECURRENCE-ID:00010101T000000Z\r\n" + WHEN, "its RECURRENCE-ID is no moment within the years 2000 to 2199"),
        ("UID:a\r\n" + WHEN + "RRULE:FREQ=DAILY\r\nRRULE:FREQ=WEEKLY\r\n", "it has several RRULE"),
        ("UID:a\r\n" + WHEN + "RRULE:FREQ=DAILY;FREQ=WEEKLY\r\n", "its RRULE: it has several FREQ"),
        ("UID:a\r\n" + WHEN + "RRULE;X=1:FREQ=WEEKLY;BYDAY=MO;COUNT=2;BYDAY=\r\n TU\r\n", "its RRULE: it has several BYDAY"),
        ("UID:a\r\n" + WHEN + "RRULE:FREQ=WEEKLY;COUNT=2;UNTIL=20270101\r\n", "its RRULE: COUNT and UNTIL exclude each other"),
        ("UID:a\r\n" + WHEN + "SUMMARY:Other\r\n", "it has several SUMMARY"),
        ("UID:a\r\nUID:a\r\n" + WHEN, "it has several UID"),
        ("UID:a\r\n" + WHEN + "DTSTART:20261201T220000Z\r\n", "it has several DTSTART"),
        ("UID:a\r\n" + WHEN + "DTEND:20261205T220000Z\r\n", "it has several DTEND"),
        ("UID:a\r\n" + WHEN + "DURATION:PT1H\r\nDURATION:PT2H\r\n", "it has several DURATION"),
        ("UID:a\r\n" + WHEN + "DURATION:PT1H\r\n", "it has both DTEND and DURATION"),
        ("UID:a\r\nRECURRENCE-ID:20261201T210000Z\r\nRECURRENCE-ID:20261202T210000Z\r\n" + WHEN, "it has several RECURRENCE-ID"),
        ("UID:a\r\n" + WHEN + "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30\r\n", "it never takes place"),
        ("UID:a\r\nDTSTART:20261201T220000Z\r\nDURATION:P60D\r\nRRULE:FREQ=DAILY\r\n", "what recurs lasts 31 days at most"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_said(event: str, said: str) -> None:
    """With its number, its name and why; the other events of the file are taken."""
    imported = read("SUMMARY:Works\r\n" + event, "UID:b\r\n" + WHEN)
    assert imported.left_out == [f"event 1 (Works): {said}"]
    assert set(imported.entries) == {entry_id("b")}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no iCalendar: it does not begin and end with VCALENDAR"),
        (b"cameras: []\n", "no iCalendar: it does not begin and end with VCALENDAR"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n", "no iCalendar: what begins in it does not end"),
        (b"BEGIN:X\r\n" * 100_000, "nested deeper than iCalendar goes"),
        (b"\0" * (BYTES_MAX + 1), "more than 4 MB"),
        (file(*[f"UID:{n}\r\n" for n in range(EVENTS_MAX + 1)]), "more than 1,000 events"),
    ],
    ids=["empty", "another file", "not ended", "deep", "large", "many"],
)
def test_what_is_no_calendar_or_too_much_is_refused(data: bytes, said: str) -> None:
    """In a sentence, before anything of it is taken."""
    with pytest.raises(NoCalendar) as raised:
        read_icalendar(data, APPROVAL)
    assert str(raised.value) == said


def test_a_time_zone_that_never_ends_is_not_computed() -> None:
    """The file's own zone has a rule that never comes, and the name of a real one: it is never looked into."""
    bomb = (
        "BEGIN:VTIMEZONE\r\nTZID:{}\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
        "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    )
    event = "UID:a\r\nDTSTART;TZID={}:20261201T220000\r\nDURATION:PT1H\r\n"

    def read_both() -> None:
        assert read(event.format("Europe/Berlin"), head=bomb.format("Europe/Berlin")).entries
        assert read(event.format("Bomb"), head=bomb.format("Bomb")).left_out == [
            "event 1 (without a name): no time zone Bomb is known"
        ]

    assert effort_s(read_both, 2.0) < 2.0


def test_many_hostile_events_are_read_in_time() -> None:
    """Rules that count their times over ten years, rules of hundreds of weekdays, and one line of megabytes."""
    rare = ",".join(f"{nth}{day}" for day in DAYS for nth in range(54, 100))
    rules = ("FREQ=YEARLY;INTERVAL=9;COUNT=3", f"FREQ=YEARLY;BYDAY={rare}")
    events = [f"UID:{n}\r\n{WHEN}RRULE:{rules[n % 2]}\r\n" for n in range(EVENTS_MAX - 1)]

    def read_all() -> None:
        imported = read(*events, "UID:x\r\nSUMMARY:" + "x" * 3_000_000 + "\r\n" + WHEN)
        assert len(imported.left_out) == EVENTS_MAX
        assert imported.left_out[-1].endswith("more than 64 KB")

    assert effort_s(read_all, 20.0) < 20.0


def test_a_summary_writes_no_line_of_its_own() -> None:
    """Controls and changes of direction are taken out of what will stand in a file and on pages; it is cut."""
    assert only(WHEN + "SUMMARY:a\\nb\u202ec\x1b[31m" + "x" * 300 + "\r\n").reason == ("a b c [31m" + "x" * 300)[:200]


PARTS = st.sampled_from(
    ["UID:a", "DTSTART", ":20261201T220000Z", ";TZID=UTC", "RRULE:", "FREQ=DAILY", ";COUNT=", "EXDATE:", ",", "\r\n", "\r\n ", "BEGIN:VALARM", "END:VALARM", "DURATION:", "PT1H", "DTEND:", "2026", "RECURRENCE-ID:", "STATUS:CANCELLED", '"', ";", "\\", "\0"]
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(PARTS, max_size=30).map("".join) | st.text(max_size=80))
def test_any_event_is_taken_or_left_out(event: str) -> None:
    """Whatever stands in it, nothing else comes out."""
    try:
        imported = read(event.encode("utf-8", "replace").decode() + "\r\n")
    except NoCalendar:
        return
    assert len(imported.entries) + len(imported.cancelled) + len(imported.left_out) <= 2


@pytest.mark.parametrize(
    "odd",
    [
        "EXDATE;VALUE=PERIOD:20261201T000000Z/PT1H\r\n" + WHEN + "RRULE:FREQ=DAILY\r\n",
        "DTSTART;VALUE=PERIOD:20261201T000000Z/PT1H\r\n",
        "DTSTART;VALUE=DATE:99991231\r\n",
        WHEN + "RECURRENCE-ID:20261201T000000Z\r\nRECURRENCE-ID:20261202T000000Z\r\n",
        "DTSTART;TZID=Europe:20261201T220000\r\n",
    ],
)
def test_one_odd_event_is_left_out_and_the_others_are_taken(odd: str) -> None:
    """Values of another kind than is due, two where one is: a sentence, never a traceback, and the next event counts."""
    imported = read("UID:odd\r\n" + odd, "UID:b\r\n" + WHEN)
    assert list(imported.entries) == [entry_id("b")]
    assert len(imported.left_out) == 1
