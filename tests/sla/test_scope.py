"""Periods, hours and service dates in a contract's own time zone: leap days and the clocks' changes among them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from monitor.core.calendar import Selector
from monitor.core.sla.contract import Contract, Hours
from monitor.core.sla.facts import Row
from monitor.core.sla.scope import PeriodError, counted, in_service, meant, period
from monitor.core.sla.spans import ALWAYS, Span, length

DAY = 86_400_000
HOUR = 3_600_000


def at(text: str, zone: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()) * 1000


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026", "2026-01-01", "2027-01-01"),
        ("2026-12", "2026-12-01", "2027-01-01"),
        ("2028-02", "2028-02-01", "2028-03-01"),
        ("2026-Q4", "2026-10-01", "2027-01-01"),
        ("2026-W01", "2025-12-29", "2026-01-05"),
        ("2026-10-05", "2026-10-05", "2026-10-06"),
        ("2026-10-05/2026-10-11", "2026-10-05", "2026-10-12"),
    ],
)
def test_a_period_by_its_name(text: str, start: str, end: str) -> None:
    """From midnight to midnight of the contract's own clock."""
    assert period(text, "Asia/Karachi") == Span(at(start, "Asia/Karachi"), at(end, "Asia/Karachi"))


@pytest.mark.parametrize(
    "text", ["", "2026-13", "2026-Q5", "2026-W54", "2026-02-30", "2026-10-11/2026-10-05", "october", "99999", "0"]
)
def test_what_is_no_period(text: str) -> None:
    """The message shows every form."""
    with pytest.raises(PeriodError) as caught:
        period(text, "UTC")
    wanted = "is no period: write it like 2026, 2026-10, 2026-Q4, 2026-W43, 2026-10-05 or 2026-10-05/2026-10-11"
    assert str(caught.value) == f"{text!r} {wanted}"


@pytest.mark.parametrize(("text", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
def test_a_day_on_which_the_clocks_change(text: str, hours: int) -> None:
    """Has 23 or 25 hours."""
    assert length((period(text, "Europe/Stockholm"),)) == hours * HOUR


def test_business_hours() -> None:
    """Nine to five from Monday to Friday, and a night that begins on Saturday; on the clocks' change, too."""
    week = period("2026-W13", "Europe/Stockholm")  # ends with the day on which the clocks jump from 02:00 to 03:00
    weekdays = Hours((0, 1, 2, 3, 4), 9 * 60, 17 * 60)
    contract = Contract("c", "C", (), "Europe/Stockholm", hours=(weekdays,))
    assert length(counted(contract, week)) == 5 * 8 * HOUR
    night = Contract("c", "C", (), "Europe/Stockholm", hours=(Hours((6,), 0, 6 * 60),))
    assert length(counted(night, week)) == 5 * HOUR
    always = Contract("c", "C", (), "Europe/Stockholm")
    assert counted(always, week) == (week,)


def test_hours_until_midnight_touch_those_from_midnight() -> None:
    """24:00 is the beginning of the next day."""
    contract = Contract("c", "C", (), "UTC", hours=(Hours((0,), 22 * 60, 24 * 60), Hours((1,), 0, 60)))
    assert [span.length for span in counted(contract, period("2026-W43", "UTC"))] == [3 * HOUR]


def test_service_begins_and_ends_with_its_dates() -> None:
    """A camera counts from the day of its commissioning to that of its retirement, where the inventory has them."""
    zone = ZoneInfo("Asia/Karachi")
    assert in_service({}, zone) == ALWAYS
    dates = {"commissioned": "2026-10-02", "retired": "2026-10-05"}
    assert length(in_service(dates, zone)) == 3 * DAY
    assert in_service({"commissioned": "2026-10-05", "retired": "2026-10-02"}, zone) == ()


def test_a_camera_counts_while_it_is_listed_there() -> None:
    """Moved to another zone it leaves the contract; taken off the list it counts for none."""
    rows = [Row(Span(0, 10), {"zone": "south"}), Row(Span(10, 20), {"zone": "north"}), Row(Span(20, 30), {})]
    assert meant("pier", rows, [Selector("zone", "south")]) == (Span(0, 10),)
    assert meant("pier", rows, [Selector("zone", "south"), Selector("camera", "pier")]) == (Span(0, 20),)
