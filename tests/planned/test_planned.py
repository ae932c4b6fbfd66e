"""What is planned at a moment, and how little it costs to know."""

from __future__ import annotations

import fleets
from effort import effort_s
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import at, calendar, entries, entry

from monitor.core.calendar import Entry, Selector, covering, selectors_of
from monitor.core.model import Camera, Inventory
from monitor.core.planned import Timetable

CITY = fleets.inventory(devices=3, channels=2)
WHERE = (Selector("camera", "d0c1"), Selector("zone", "zone"), Selector("site", "site"), Selector("camera", "d2c2"))


@settings(deadline=None)
@given(st.lists(entries(), max_size=4), st.lists(st.floats(0, 3e5), min_size=1, max_size=12), st.data())
def test_a_timetable_says_of_every_moment_what_the_calendar_says(
    drawn: list[Entry], steps: list[float], data: st.DataObject
) -> None:
    """However time goes on, also back, the kept answer is the one of a fresh look at each camera."""
    named = [
        Entry(**{name: getattr(one, name) for name in one.__slots__} | {"id": f"e{n}", "selectors": (WHERE[n % 4],)})
        for n, one in enumerate(drawn)
    ]
    plan = calendar(*named)
    table, moment = Timetable(), at("2026-10-23 12:00")
    for step in steps:
        moment += step - 5e4
        table = table.at(plan, CITY, moment)
        for camera in CITY.cameras.values():
            expected = [one.id for one in covering(plan, selectors_of(CITY, camera), moment)]
            assert sorted(active.entry.id for active in table.planned.of(camera.id)) == expected
        assert table.planned.since <= moment < table.planned.until


def test_the_answer_stays_the_same_object_until_something_begins_or_ends() -> None:
    """So those who draw it know that nothing is new."""
    plan = calendar(entry(selectors=(Selector("zone", "zone"),)))
    before = Timetable().at(plan, CITY, at("2026-12-01 17:00"))
    assert not Timetable().is_drawn(plan, CITY, at("2026-12-01 17:00"))
    assert before.is_drawn(plan, CITY, at("2026-12-02 16:59:59"))
    assert not before.is_drawn(plan, CITY, at("2026-12-02 17:00"))
    assert before.at(plan, CITY, at("2026-12-01 17:59:59")) is before
    during = before.at(plan, CITY, at("2026-12-01 18:00"))
    assert sorted(during.planned.cameras) == sorted(CITY.cameras)
    (active,) = during.planned.of("d0c1")
    assert (active.start, active.end) == (at("2026-12-01 18:00"), at("2026-12-01 20:00"))
    assert during.at(plan, CITY, at("2026-12-01 19:59")) is during
    assert during.at(plan, CITY, at("2026-12-01 20:00")).planned.cameras == {}


def test_another_calendar_or_inventory_is_looked_at_at_once() -> None:
    """A reload holds from its own second on."""
    now = at("2026-12-01 19:00")
    table = Timetable().at(calendar(entry(selectors=(Selector("camera", "d0c1"),))), CITY, now)
    assert list(table.planned.cameras) == ["d0c1"]
    assert list(table.at(calendar(entry(selectors=(Selector("camera", "d1c1"),))), CITY, now).planned.cameras) == [
        "d1c1"
    ]
    assert table.at(table.calendar, fleets.inventory(devices=0), now).planned.cameras == {}


def test_a_large_fleet_costs_by_what_is_planned() -> None:
    """Of 100,000 cameras under 1,000 entries a second costs microseconds, a turn what its entry covers.

    Looking at each camera in each of the thousand seconds would take minutes.
    """
    city = Inventory(
        {}, {f"c{n}": Camera(f"c{n}", "", "d", 1, f"z{n % 1000}") for n in range(100_000)}, {}, {f"z{n}": "" for n in range(1000)}
    )  # fmt: skip
    plan = calendar(
        *(
            entry(f"e{n}", f"2026-01-01 {n % 24:02}:00", f"2026-01-01 {n % 24:02}:30", selectors=(Selector("zone", f"z{n}"),), rrule="FREQ=DAILY")
            for n in range(1000)
        )
    )  # fmt: skip
    moment = at("2026-12-01 10:00:01")
    table = Timetable().at(plan, city, moment)
    assert len(table.planned.cameras) == 42 * 100

    def seconds_pass() -> None:
        following = table
        for second in range(1000):
            following = following.at(plan, city, moment + second)

    assert effort_s(seconds_pass, 1.0) < 1.0
    assert effort_s(lambda: table.at(plan, city, moment + 3600), 0.5) < 0.5
    assert len(table.at(plan, city, moment + 3600).planned.cameras) == 42 * 100
