"""What an entry of the calendar excuses after it was changed."""

from __future__ import annotations

from typing import Any

from monitor.core.calendar import Kind
from monitor.core.event import CalendarEvent
from monitor.core.sla.contract import Exclusions
from monitor.core.sla.excuses import Excuses
from monitor.core.sla.facts import Row, gathered
from monitor.core.sla.spans import ALWAYS, NONE, Span

DAY = 1_790_035_200  # 2026-09-22 00:00 UTC
HOUR = 3600


def planned(start: str, end: str) -> dict[str, Any]:
    times = {"start": f"2026-09-22 {start}", "end": f"2026-09-22 {end}", "approved_at": "2026-09-21 12:00"}
    return {"kind": "maintenance", "zone": ["south"], "time_zone": "UTC", "approver": "K", "reason": "lenses", **times}


def test_a_back_dated_version_that_was_replaced_excuses_nothing_of_the_past() -> None:
    """Of it counts only what it planned for the time in which it stood on record; the last version counts as a whole."""
    noon, two = DAY + 12 * HOUR, DAY + 14 * HOUR
    events = [
        CalendarEvent(float(noon), "lenses", "added", planned("08:00", "13:00"), "", 0.0, True),
        CalendarEvent(float(two), "lenses", "changed", planned("09:00", "10:00"), "", 0.0, True),
    ]
    within = Span(DAY * 1000, (DAY + 24 * HOUR) * 1000)
    excuses = Excuses(gathered(events).versions, [Kind.MAINTENANCE], within)
    rows = [Row(ALWAYS[0], {"zone": "south"})]
    in_time = Span(noon * 1000, (noon + HOUR) * 1000)
    late = Span((DAY + 9 * HOUR) * 1000, (DAY + 10 * HOUR) * 1000)
    assert excuses.of("pier", rows, Exclusions.ALL) == (late, in_time)
    assert excuses.of("pier", rows, Exclusions.IN_TIME) == (in_time,)
    assert excuses.of("pier", rows, Exclusions.NONE) == NONE
