"""Entries written into calendar.yaml: what stood there stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import calendar, entries, entry

from monitor.core.calendar import Entry
from monitor.core.model import Inventory, Site
from monitor.inventory.calendar_file import parse_calendar
from monitor.inventory.calendar_text import merged, news, written

TOWN = Inventory({}, {}, {"s": Site("s", "S", "z", feeder="F-1")}, {"z": "Z"})
ONE, TWO = entry("one"), entry("two", reason='a "quoted": reason # and more')
OURS = """\
# Our plans.
defaults: {time_zone: Asia/Karachi}
planned:
    # every evening
    ours: {kind: works, zone: z, start: 2026-12-01 18:00, end: 2026-12-01 20:00,
           approver: Duty officer, approved_at: 2026-11-01, reason: works}

# The end.
"""


def read(text: str) -> dict[str, Entry]:
    return dict(parse_calendar("calendar.yaml", text.encode(), TOWN).entries)


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "planned:\n", "defaults: {time_zone: UTC}\n", OURS])
def test_entries_are_added(text: str) -> None:
    """To an empty file, to one without the section, to one with comments of its own, which stay."""
    after = merged(text, {"one": ONE, "two": TWO}, ())
    assert read(after) == {**read(text), "one": ONE, "two": TWO}
    assert [line for line in after.splitlines() if "#" in line and "quoted" not in line] == [
        line for line in text.splitlines() if "#" in line
    ]


def test_an_entry_is_replaced_or_taken_out_in_its_place() -> None:
    """The others, and the comments around it, stay as they are written."""
    text = merged(OURS, {"one": ONE, "two": TWO}, ())
    later = replace(ONE, end=datetime(2026, 12, 1, 22, 0))
    after = merged(text, {"one": later}, {"two", "three"})
    assert read(after) == {**read(OURS), "one": later}
    assert merged(after, {}, {"one"}) == OURS


@settings(deadline=None)
@given(st.lists(entries(), max_size=4))
def test_what_is_written_is_read_as_it_was(drawn: list[Entry]) -> None:
    """Any entry through the file's text; writing it again changes nothing."""
    named = {f"e{n}": replace(one, id=f"e{n}") for n, one in enumerate(drawn) if one.rule is None and not one.skipped}
    text = merged("", named, ())
    assert read(text) == named
    assert merged(text, named, ()) == text == "planned:\n" + written(named)


def test_what_is_planned_as_before_keeps_its_approval() -> None:
    """An import approves what is new, not once more what was approved."""
    again = replace(ONE, approver="Another", approved_at=datetime(2026, 11, 9))
    later = replace(again, end=datetime(2026, 12, 1, 22, 0))
    assert news(calendar(ONE), {"one": again}) == {}
    assert news(calendar(ONE), {"one": later, "two": TWO}) == {"one": later, "two": TWO}
