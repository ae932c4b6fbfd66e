"""What the ledger is told when another calendar comes into force."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import at, calendar, entries, entry

from monitor.core.calendar import Entry, Selector
from monitor.core.calendar_changes import differences
from monitor.core.calendar_json import digest, from_json, to_json

NOON = at("2026-12-01 12:00")


@settings(deadline=None)
@given(entries())
def test_an_entry_that_is_kept_and_read_back_is_the_same(one: Entry) -> None:
    """Through JSON, as the ledger's memory keeps it."""
    assert from_json("e", json.loads(json.dumps(to_json(one)))) == one


@pytest.mark.parametrize("broken", [None, 7, {}, {"time_zone": "Nowhere"}, to_json(entry()) | {"start": 3}])
def test_what_is_no_entry_is_none(broken: object) -> None:
    """A memory that somebody else wrote, or a time zone that is not known here."""
    assert from_json("e", broken) is None


def test_the_events_of_a_change() -> None:
    """One an entry, by id; the same calendar again is none; each carries the digest of the whole."""
    one, two, other = entry("one"), entry("two"), replace(entry("two"), reason="another")
    told = differences({}, calendar(two, one), NOON)
    assert [(event.entry, event.what, event.planned) for event in told] == [
        ("one", "added", to_json(one)),
        ("two", "added", to_json(two)),
    ]
    assert {event.digest for event in told} == {digest(calendar(one, two))}
    assert differences({"one": one, "two": two}, calendar(one, two), NOON) == []
    (changed,) = differences({"one": one, "two": two}, calendar(one, other), NOON)
    assert (changed.entry, changed.what, changed.planned) == ("two", "changed", to_json(other))
    (removed,) = differences({"one": one, "two": two}, calendar(one), NOON)
    assert (removed.entry, removed.what, removed.planned) == ("two", "removed", {})


@pytest.mark.parametrize(
    ("what", "old", "new", "effective"),
    [
        ("planned in time", None, entry(), "2026-12-01 18:00"),
        ("added when it was over", None, entry(start="2026-11-30 08:00", end="2026-11-30 09:00"), "2026-11-30 08:00"),
        ("added while it held", None, entry(start="2026-12-01 11:59"), "2026-12-01 11:59"),
        ("its first day is not one of the rule's", None, entry(rrule="FREQ=WEEKLY;BYDAY=FR"), "2026-12-04 18:00"),
        (
            "made longer from now on",
            entry(start="2026-11-30 08:00", end="2026-12-01 13:00"),
            entry(start="2026-11-30 08:00", end="2026-12-01 14:00"),
            "2026-12-01 12:00",
        ),
        (
            "begun earlier, after the fact",
            entry(start="2026-11-30 08:00", end="2026-12-01 13:00"),
            entry(start="2026-11-30 07:00", end="2026-12-01 13:00"),
            "2026-11-30 07:00",
        ),
        (
            "one evening taken out",
            entry(start="2026-11-01 18:00", end="2026-11-01 20:00", rrule="FREQ=DAILY"),
            entry(start="2026-11-01 18:00", end="2026-11-01 20:00", rrule="FREQ=DAILY", skipped=(datetime(2026, 11, 20).date(),)),
            "2026-11-20 18:00",
        ),
        ("moved before it began", entry(start="2026-12-01 18:00"), entry(start="2026-12-01 17:00"), "2026-12-01 17:00"),
        (
            "for others, after the fact",
            entry(start="2026-11-30 08:00"),
            entry(start="2026-11-30 08:00", selectors=(Selector("zone", "z"),)),
            "2026-11-30 08:00",
        ),
        (
            "approved by another, after the fact",
            entry(start="2026-11-30 08:00"),
            entry(start="2026-11-30 08:00", approver="The mayor"),
            "2026-11-30 08:00",
        ),
        ("taken out", entry(start="2026-11-30 08:00"), None, "2026-12-01 12:00"),
    ],
)  # fmt: skip
def test_back_dating_is_visible(what: str, old: Entry | None, new: Entry | None, effective: str) -> None:
    """From when on a change plans something else; before it was known here, it is back-dated."""
    known = {"e": old} if old else {}
    (event,) = differences(known, calendar(new) if new else calendar(), NOON)
    assert event.effective == at(effective)
    assert event.backdated == (at(effective) < NOON)


@settings(deadline=None)
@given(st.lists(entries(), max_size=3), st.lists(entries(), max_size=3), st.randoms())
def test_the_order_of_entries_changes_no_event(old: list[Entry], new: list[Entry], random: object) -> None:
    """And the events lead from the one calendar to the other."""
    before = {f"e{n}": replace(one, id=f"e{n}") for n, one in enumerate(old)}
    after = [replace(one, id=f"e{n + 1}") for n, one in enumerate(new)]
    events = differences(before, calendar(*after), NOON)
    assert events == differences(dict(reversed(before.items())), calendar(*reversed(after)), NOON)
    for event in events:
        if event.what == "removed":
            del before[event.entry]
        else:
            read = from_json(event.entry, event.planned)
            assert read is not None
            before[event.entry] = read
    assert before == {one.id: one for one in after}
