"""What an entry of the calendar excuses after it was changed."""

from __future__ import annotations

from typing import Any

import pytest

from monitor.core.event import CalendarEvent
from monitor.core.sla.contract import Contract
from monitor.core.sla.excuses import Excuses
from monitor.core.sla.facts import Row, gathered
from monitor.core.sla.reading import Exclusions
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
    excuses = Excuses(gathered(events).versions, Contract("c", "C", (), "UTC"), within)
    rows = [Row(ALWAYS[0], {"zone": "south"})]
    in_time = Span(noon * 1000, (noon + HOUR) * 1000)
    late = Span((DAY + 9 * HOUR) * 1000, (DAY + 10 * HOUR) * 1000)
    assert excuses.of("pier", rows, Exclusions.ALL) == (late, in_time)
    assert excuses.of("pier", rows, Exclusions.IN_TIME) == (in_time,)
    assert excuses.of("pier", rows, Exclusions.NONE) == NONE


@pytest.mark.parametrize(
    ("approval_min", "excused"),
    [(None, ("08:00", "12:00")), (0, ("11:00", "12:00")), (120, ("09:00", "12:00"))],
)
def test_a_time_limit_for_approvals(approval_min: int | None, excused: tuple[str, str]) -> None:
    """An entry recorded at eleven excuses what it planned for the hours before as far as the limit goes back."""
    event = CalendarEvent(float(DAY + 11 * HOUR), "lenses", "added", planned("08:00", "12:00"), "", 0.0, True)
    within = Span(DAY * 1000, (DAY + 24 * HOUR) * 1000)
    contract = Contract("c", "C", (), "UTC", approval_min=approval_min)
    excuses = Excuses(gathered([event]).versions, contract, within)
    rows = [Row(ALWAYS[0], {"zone": "south"})]
    start, end = ((DAY + int(text[:2]) * HOUR) * 1000 for text in excused)
    assert excuses.of("pier", rows, Exclusions.AS_WRITTEN) == (Span(start, end),)
    assert excuses.of("pier", rows, Exclusions.ALL) == (Span((DAY + 8 * HOUR) * 1000, (DAY + 12 * HOUR) * 1000),)
