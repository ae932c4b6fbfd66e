"""`camfleet calendar`: what is planned, and other people's calendars taken in."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from runs import camfleet

FLEET = """\
zones: {harbour: {}}
sites: [{id: pier, zone: harbour, feeder: F-3}]
cameras:
  - {id: gate, site: pier, address: 192.0.2.1}
  - {id: ferry, zone: harbour, address: 192.0.2.2}
"""
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
PLAN = f"""\
# Ours.
planned:
  evening: {{kind: load_shedding, feeder: F-3, time_zone: UTC, every: day, from: "00:00", to: "24:00", since: {TODAY:%Y-%m-%d},
            until: {TODAY + timedelta(days=3):%Y-%m-%d}, approver: Grid control, approved_at: {TODAY + timedelta(days=1):%Y-%m-%d}, reason: Winter}}
"""
SOON = TODAY + timedelta(days=2, hours=8)
WORKS = f"""\
BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:works@example
DTSTART:{SOON:%Y%m%dT%H%M%SZ}
DURATION:PT2H
SUMMARY:Fibre works
END:VEVENT
END:VCALENDAR
"""
IMPORT = ("calendar", "import", "works.ics", "--selector", "zone=harbour", "--approver", "Duty officer")


def _without_minute(text: str) -> str:
    """Return entries without the minute of their approval."""
    return re.sub('approved_at: ".*"', "approved_at: now", text)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inventory.yaml").write_text(FLEET)
    (tmp_path / "calendar.yaml").write_text(PLAN)
    (tmp_path / "works.ics").write_text(WORKS)
    return tmp_path


def test_what_is_planned_is_listed(folder: Path) -> None:
    """For a person with everything that matters; for programs in UTC; what touches is one, and late approval is said."""
    ended = camfleet("calendar", "show", "--json", folder=folder)
    (line,) = json.loads(ended.out)
    assert line == {
        "entry": "evening",
        "kind": "load_shedding",
        "start": f"{TODAY:%Y-%m-%dT%H:%M:%SZ}",
        "end": f"{TODAY + timedelta(days=4):%Y-%m-%dT%H:%M:%SZ}",
        "for": [{"by": "feeder", "name": "F-3"}],
        "cameras": 1,
        "approver": "Grid control",
        "approved_at": f"{TODAY + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}",
        "approved_late": True,
        "reason": "Winter",
    }
    told = camfleet("calendar", "show", folder=folder)
    for words in (
        "load-shedding: Winter",
        "feeder F-3",
        "Grid control",
        "after it began",
        "now",
        f"{TODAY:%a %Y-%m-%d} 00:00",
    ):
        assert words in told.out
    (folder / "calendar.yaml").unlink()
    assert camfleet("calendar", "show", folder=folder).out == "Nothing is planned for the next 7 days.\n"


def test_a_calendar_is_taken_in_once(folder: Path) -> None:
    """Printed; written into ours, whose own lines stay; again it changes nothing; later only what has changed."""
    printed = camfleet(*IMPORT, folder=folder)
    assert (printed.code, printed.err) == (0, "works.ics: 1 event, 1 new or changed, 0 cancelled, 0 left out\n")
    assert printed.out.startswith("planned:\n  ics-")
    assert (folder / "calendar.yaml").read_text() == PLAN
    assert camfleet(*IMPORT, "--write", folder=folder).code == 0
    written = (folder / "calendar.yaml").read_text()
    assert written.startswith(PLAN)
    assert _without_minute(written.removeprefix(PLAN)) == _without_minute(printed.out.removeprefix("planned:\n"))
    again = camfleet(*IMPORT[:-1], "Another", "--write", folder=folder)
    assert again.err == "works.ics: 1 event, 0 new or changed, 0 cancelled, 0 left out\n"
    assert (folder / "calendar.yaml").read_text() == written
    (folder / "works.ics").write_text(WORKS.replace("PT2H", "PT3H"))
    assert "1 new or changed" in camfleet(*IMPORT, "--write", folder=folder).err
    (folder / "works.ics").write_text(WORKS.replace("SUMMARY", "STATUS:CANCELLED\nSUMMARY"))
    assert "1 cancelled" in camfleet(*IMPORT, "--write", folder=folder).err
    assert (folder / "calendar.yaml").read_text() == PLAN


@pytest.mark.parametrize(
    ("more", "ics", "code", "said"),
    [
        (("--selector", "zone=harbor"), WORKS, 2, "--selector zone=harbor: no zone harbor is in the inventory; did you mean harbour?"),
        (("--selector", "harbour"), WORKS, 2, "--selector harbour: write one of camera, site, feeder, zone, contract, for example zone=harbour"),
        ((), "zones: {}", 2, "works.ics: no iCalendar: it does not begin and end with VCALENDAR"),
        ((), WORKS.replace("SUMMARY", "RRULE:FREQ=HOURLY\nSUMMARY"), 1, "works.ics: left out: event 1 (Fibre works): its RRULE: FREQ is DAILY, WEEKLY, MONTHLY or YEARLY"),
        (("--calendar", "other.yaml"), WORKS, 2, "--calendar other.yaml: there is no such file. docs/calendar.md shows how to write one."),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_in_is_said(folder: Path, more: tuple[str, ...], ics: str, code: int, said: str) -> None:
    """In a sentence; 2 where nothing was taken, 1 where something was left out; the calendar is as it was."""
    (folder / "works.ics").write_text(ics)
    ended = camfleet(*IMPORT, *more, "--write", folder=folder)
    assert (ended.code, ended.err.splitlines()[-1]) == (code, said)
    assert (folder / "calendar.yaml").read_text() == PLAN


def test_a_calendar_that_cannot_be_added_to_stays_as_it_is(folder: Path) -> None:
    """Written on one line, it is left to a person."""
    one_line = PLAN.splitlines()[2:]
    text = "planned: {" + " ".join(line.strip() for line in one_line) + "}\n"
    (folder / "calendar.yaml").write_text(text)
    ended = camfleet(*IMPORT, "--write", folder=folder)
    assert (ended.code, ended.traceback, "calendar.yaml:" in ended.err) == (2, False, True)
    assert (folder / "calendar.yaml").read_text() == text


def test_check_config_reads_the_calendar_too(folder: Path) -> None:
    """It counts what is planned, and names each mistake with its place."""
    assert camfleet("check-config", "inventory.yaml", folder=folder).out == (
        "inventory.yaml: 2 cameras, 2 devices, 1 site, 1 zone, 1 planned in calendar.yaml: no mistake\n"
    )
    (folder / "calendar.yaml").write_text(PLAN.replace("F-3", "F-4"))
    ended = camfleet("check-config", "inventory.yaml", folder=folder)
    assert (ended.code, ended.out) == (1, "")
    assert (
        ended.err
        == "calendar.yaml:3:42: planned.evening.feeder: no feeder F-4 is in the inventory; did you mean F-3?\n"
    )


def test_a_calendar_needs_no_passwords(folder: Path) -> None:
    """What is planned is shown, and another's is taken in, where no password is; other mistakes still count."""
    logins = "credentials: {city: {username: u, password: env:NOWHERE}}\nsnmp: {v3: {version: v3, username: u, auth: sha256, auth_password: file:none}}\n"
    known = FLEET.replace("address: 192.0.2.1}", "address: 192.0.2.1, credential: city, snmp: v3}")
    (folder / "inventory.yaml").write_text(logins + known)
    assert camfleet("check-config", "inventory.yaml", folder=folder).code == 1
    shown = camfleet("calendar", "show", folder=folder)
    assert (shown.code, "Winter" in shown.out) == (0, True)
    assert camfleet(*IMPORT, folder=folder).code == 0
    (folder / "inventory.yaml").write_text(logins + known.replace("zone: harbour", "zone: harbor"))
    wrong = camfleet("calendar", "show", folder=folder)
    assert (wrong.code, "NOWHERE" in wrong.err, "harbor" in wrong.err) == (2, False, True)
