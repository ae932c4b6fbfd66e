"""The calendar of a running monitor: in force at start and reload, each change of it in the ledger."""

from __future__ import annotations

from pathlib import Path

import pytest
from plans import at

from monitor.app import Monitor
from monitor.core.event import CalendarEvent
from monitor.core.schedule import Rates
from monitor.inventory import load
from monitor.inventory.calendar_file import calendar_of
from monitor.ledger.calendars import PREFIX
from monitor.ledger.ledger import Ledger
from monitor.ledger.reader import Reader
from monitor.probes.base import Clocks

FLEET = "zones: {z: {}}\ncameras: [{id: x, zone: z, address: 127.0.0.1}]\n"
SAID = 'time_zone: Europe/Berlin, approver: Duty officer, approved_at: 2026-11-01, reason: "works"'
EVENING = f"  evening: {{kind: works, zone: z, start: 2026-12-01 18:00, end: 2026-12-01 20:00, {SAID}}}\n"
MORNING = f"  morning: {{kind: works, camera: x, start: 2026-12-01 08:00, end: 2026-12-01 10:00, {SAID}}}\n"


class House:
    """A folder with inventory and calendar, a ledger, and a clock that stands at noon until it is moved."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = at("2026-12-01 12:00")
        (folder / "inventory.yaml").write_text(FLEET)

    def plan(self, text: str) -> None:
        (self.folder / "calendar.yaml").write_text(text)

    def monitor(self) -> Monitor:
        inventory = load(self.folder / "inventory.yaml", {})
        calendar = calendar_of(self.folder / "inventory.yaml", inventory)
        clocks = Clocks(lambda: self.now, lambda: self.now)
        return Monitor(inventory, Rates(), Ledger.open(self.folder / "ledger.sqlite"), clocks, calendar)

    async def live(self, monitor: Monitor) -> list[tuple[str, str, bool]]:
        """Let a monitor begin and end; return what the ledger has of the calendar."""
        monitor.stop.set()
        await monitor.run()
        with Reader.open(self.folder / "ledger.sqlite") as reader:
            events = [event for _, event in reader.events(kind="calendar")]
        assert all(isinstance(event, CalendarEvent) and len(event.digest) == 64 for event in events)
        return [(event.entry, event.what, event.backdated) for event in events]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


async def test_each_start_records_what_changed_since_the_run_before(house: House) -> None:
    """A morning that is over is back-dated; the same calendar again is no event; one that is gone is removed."""
    house.plan("planned:\n" + EVENING + MORNING)
    first = [("evening", "added", False), ("morning", "added", True)]
    assert await house.live(house.monitor()) == first
    house.now += 60.0
    assert await house.live(house.monitor()) == first
    house.plan("planned:\n" + EVENING.replace("20:00", "21:00"))
    house.now += 60.0
    assert await house.live(house.monitor()) == [*first, ("evening", "changed", False), ("morning", "removed", False)]
    (house.folder / "calendar.yaml").unlink()
    assert (await house.live(house.monitor()))[-1] == ("evening", "removed", False)
    with Reader.open(house.folder / "ledger.sqlite") as reader:
        assert [key for key in reader.restore().memory if key.startswith(PREFIX)] == []


async def test_a_reload_puts_another_calendar_into_force(house: House) -> None:
    """From the second of the reload on; the snapshot says what is planned now."""
    monitor = house.monitor()
    house.plan("planned:\n" + EVENING)
    await monitor.reload(house.folder / "inventory.yaml", {})
    assert list(monitor.calendar.entries) == ["evening"]
    house.now = at("2026-12-01 19:00")
    assert await house.live(monitor) == [("evening", "added", False)]
    assert monitor.snapshot is not None
    assert [active.entry.id for active in monitor.snapshot.planned.of("x")] == ["evening"]


async def test_a_wrong_calendar_changes_nothing(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """Nor does the inventory beside it: both or neither; the page says so until it is mended."""
    house.plan("planned:\n" + EVENING)
    monitor = house.monitor()
    (house.folder / "inventory.yaml").write_text(FLEET.replace("id: x", "id: new"))
    await monitor.reload(house.folder / "inventory.yaml", {})
    assert list(monitor.inventory.cameras) == ["new"]
    house.plan("planned:\n" + MORNING)
    (house.folder / "inventory.yaml").write_text(FLEET.replace("id: x", "id: newer"))
    await monitor.reload(house.folder / "inventory.yaml", {})
    assert list(monitor.inventory.cameras) == ["new"]
    assert list(monitor.calendar.entries) == ["evening"]
    assert "planned.morning.camera: no camera x is in the inventory" in caplog.text
    assert (monitor.trouble() or "").startswith(
        "Inventory, calendar, contracts or orders on disk have been wrong since 11:00:00 UTC"
    )
    await house.live(monitor)


async def test_a_plan_changes_no_state_and_no_check(house: House) -> None:
    """The camera is judged as ever while something is planned for it."""
    house.plan("planned:\n" + EVENING)
    house.now = at("2026-12-01 19:00")
    monitor = house.monitor()
    await house.live(monitor)
    bare = House(house.folder)
    (house.folder / "calendar.yaml").unlink()
    (house.folder / "ledger.sqlite").unlink()
    bare.now = house.now
    other = bare.monitor()
    await bare.live(other)
    assert monitor.snapshot is not None
    assert other.snapshot is not None
    assert monitor.snapshot.planned.cameras
    assert monitor.snapshot.views == other.snapshot.views
    assert monitor.snapshot.fleet.cameras == other.snapshot.fleet.cameras
