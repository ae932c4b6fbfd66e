"""calendar.yaml: what may stand there, and every mistake with its place."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plans import at, entry

from monitor.core.calendar import Calendar, Entry, Kind, Selector, occurrences
from monitor.core.calendar_json import digest, to_json
from monitor.core.model import Camera, Inventory, Site
from monitor.inventory import InventoryError, load
from monitor.inventory.calendar_file import beside, load_calendar, parse_calendar
from monitor.inventory.calendar_schema import PlannedEntry
from monitor.inventory.companion import BYTES_MAX
from monitor.inventory.schema import names

ROOT = Path(__file__).parents[2]
INVALID = Path(__file__).parent / "invalid"
CASES = sorted(path.name for path in INVALID.glob("*.yaml"))
TOWN = Inventory(
    {},
    {"gate": Camera("gate", "Gate", "d", 1, "harbour", "pier", contract="C-1")},
    {"pier": Site("pier", "Pier", "harbour", feeder="F-1")},
    {"harbour": "Harbour", "old-town": "Old Town"},
)
SAID = 'approver: "Network control", approved_at: 2026-11-01 09:00, reason: evening peak'


def read(text: str) -> Calendar:
    return parse_calendar("calendar.yaml", text.encode(), TOWN)


def only(when: str, zone: str = "Europe/Berlin") -> Entry:
    """Return the entry of feeder F-1 that holds then."""
    text = f"planned:\n  e: {{kind: load_shedding, feeder: F-1, time_zone: {zone}, {when}, {SAID}}}"
    return read(text).entries["e"]


@pytest.mark.parametrize("name", CASES)
def test_a_wrong_calendar_is_refused_with_exactly_these_mistakes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """File, line, column, field, sentence and hint of all mistakes of a file are as written down beside it."""
    monkeypatch.chdir(INVALID)
    with pytest.raises(InventoryError) as caught:
        load_calendar(Path(name), TOWN)
    assert f"{caught.value}\n" == Path(name).with_suffix(".txt").read_text(encoding="utf-8")


def test_every_expectation_has_its_case() -> None:
    """No text file is left over from a case that is gone."""
    assert sorted(path.stem for path in INVALID.glob("*.txt")) == [Path(name).stem for name in CASES]


@pytest.mark.parametrize(
    ("when", "rrule", "start", "end"),
    [
        ("start: 2026-12-01 18:00, end: 2026-12-01 20:00", "", "2026-12-01 18:00", "2026-12-01 20:00"),
        ('start: "2026-12-01T18:00:30", end: 2026-12-01 20:00', "", "2026-12-01 18:00:30", "2026-12-01 20:00"),
        ('every: day, from: "18:00", to: "20:00"', "FREQ=DAILY", "2026-11-01 18:00", "2026-11-01 20:00"),
        ('every: day, from: "08:00", to: "09:00"', "FREQ=DAILY", "2026-11-02 08:00", "2026-11-02 09:00"),
        ('every: day, from: "22:00", to: "06:00"', "FREQ=DAILY", "2026-11-01 22:00", "2026-11-02 06:00"),
        ('every: day, from: "12:00", to: "24:00"', "FREQ=DAILY", "2026-11-01 12:00", "2026-11-02 00:00"),
        (
            'every: weekday, from: "18:00", to: "20:00", since: 2026-10-03',
            "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
            "2026-10-03 18:00",
            "2026-10-03 20:00",
        ),
        (
            'every: [sun, mon], from: "18:00", to: "20:00", until: 2026-12-31',
            "FREQ=WEEKLY;BYDAY=MO,SU;UNTIL=20261231T235959",
            "2026-11-01 18:00",
            "2026-11-01 20:00",
        ),
        (
            'every: weekend, from: "18:00", to: "20:00", until: 2026-12-31 12:00',
            "FREQ=WEEKLY;BYDAY=SA,SU;UNTIL=20261231T120000",
            "2026-11-01 18:00",
            "2026-11-01 20:00",
        ),
        (
            "start: 2026-12-01 18:00, end: 2026-12-01 20:00, rrule: FREQ=MONTHLY;COUNT=2",
            "FREQ=MONTHLY;UNTIL=20270101T235959",
            "2026-12-01 18:00",
            "2026-12-01 20:00",
        ),
    ],
)
def test_the_ways_to_say_when(when: str, rrule: str, start: str, end: str) -> None:
    """Once, by words, or by a rule; what recurs begins once it was approved, unless the file says since when."""
    assert only(when) == entry(start=start, end=end, rrule=rrule)


def test_an_entry_may_be_for_many_and_leave_days_out() -> None:
    """Lists of names of several kinds; the time zone comes from the defaults, or stands in the entry."""
    text = f"""
    defaults: {{time_zone: Asia/Karachi}}
    planned:
      a: {{kind: other, zone: [harbour, old-town], camera: gate, contract: C-1, every: fri, from: "13:00", to: "14:00",
          except: [2026-12-25, 2026-12-04], {SAID}}}
      b: {{kind: works, site: pier, time_zone: Europe/Berlin, start: 2026-12-01 18:00, end: 2026-12-01 20:00, {SAID}}}
    """
    a, b = read(text).entries.values()
    assert a.kind is Kind.OTHER
    assert a.selectors == (
        Selector("camera", "gate"),
        Selector("zone", "harbour"),
        Selector("zone", "old-town"),
        Selector("contract", "C-1"),
    )
    assert (a.time_zone, b.time_zone) == ("Asia/Karachi", "Europe/Berlin")
    assert a.skipped == (date(2026, 12, 4), date(2026, 12, 25))
    assert (a.approver, a.approved_at, a.reason) == ("Network control", datetime(2026, 11, 1, 9, 0), "evening peak")
    assert b.approved == at("2026-11-01 09:00")
    assert len(occurrences(a, at("2026-12-01"), at("2027-01-01"))) == 2


def test_a_day_of_approval_is_its_midnight() -> None:
    """Whoever does not remember the hour writes the day."""
    text = "planned: {e: {kind: works, site: pier, time_zone: UTC, start: 2026-12-01 18:00, end: 2026-12-01 20:00, approver: Duty officer, approved_at: 2026-11-01, reason: works}}"
    assert read(text).entries["e"].approved_at == datetime(2026, 11, 1)


def test_an_empty_calendar_plans_nothing() -> None:
    """Also one whose entries are all commented out."""
    assert read("").entries == read("planned:\n# nothing\n").entries == {}


def test_the_digest_is_of_what_is_planned() -> None:
    """Comments, order and the way to write it are not part of it; what is planned is."""
    one = entry("e", "2026-11-01 18:00", "2026-11-01 20:00", rrule="FREQ=DAILY")
    written = Calendar({"e": only('every: day, from: "18:00", to: "20:00"')})
    assert digest(written) == digest(Calendar({"e": one}))
    assert digest(written) != digest(Calendar({"e": replace(one, reason="another")}))
    assert digest(Calendar({"a": one, "b": one})) == digest(Calendar({"b": one, "a": one}))


def test_what_the_ledger_keeps_is_what_the_file_may_hold() -> None:
    """An entry's plain values, written into a calendar again, are the same entry."""
    nightly = entry(
        "e", "2026-11-01 22:00", "2026-11-02 06:00", rrule="FREQ=WEEKLY;BYDAY=MO", skipped=(date(2026, 12, 7),)
    )
    assert read(f"planned: {{e: {to_json(nightly)}}}").entries["e"] == nightly


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_calendar_or_mistakes(data: bytes) -> None:
    """Whatever stands in the file."""
    with suppress(InventoryError):
        assert isinstance(parse_calendar("c.yaml", data, TOWN), Calendar)


def test_the_file_is_bounded_and_must_be_one(tmp_path: Path) -> None:
    """A pipe is not waited for, and no more is read than a calendar can be."""
    path = tmp_path / "calendar.yaml"
    os.mkfifo(path)
    for prepare, said in (
        (lambda: None, "is not a file"),
        (path.unlink, "cannot be read: No such file or directory"),
        (lambda: path.write_bytes(b"#" * (BYTES_MAX + 1)), "more than 4 MB"),
    ):
        prepare()
        with pytest.raises(InventoryError) as caught:
            load_calendar(path, TOWN)
        assert str(caught.value) == f"{path}: {said}"


def test_it_stands_beside_the_inventory(tmp_path: Path) -> None:
    """In the folder of the inventory's file, or in the inventory's folder, where it is no part of the inventory."""
    assert beside(tmp_path / "inventory.yaml") == beside(tmp_path) == tmp_path / "calendar.yaml"
    (tmp_path / "fleet.yaml").write_text(
        "zones: {harbour: {}}\ncameras: [{id: gate, zone: harbour, address: 192.0.2.1}]\n"
    )
    (tmp_path / "calendar.yaml").write_text(
        f"planned: {{e: {{kind: works, zone: harbour, time_zone: UTC, start: 2026-12-01 18:00, end: 2026-12-01 20:00, {SAID}}}}}\n"
    )
    inventory = load(tmp_path, {})
    assert list(load_calendar(beside(tmp_path), inventory).entries) == ["e"]


def test_the_example_of_the_documentation_is_right() -> None:
    """docs/calendar.md plans for the fleet of inventory.yaml; and each key is told there."""
    text = (ROOT / "docs" / "calendar.md").read_text(encoding="utf-8")
    sites = {id_: Site(id_, id_, "harbour", feeder="F-3") for id_ in ("market", "pier-1")}
    cameras = {"gate": Camera("gate", "Gate", "d", 1, "harbour", "pier-1", contract="safe-city-2018")}
    shown = (ROOT / "inventory.yaml").read_text(encoding="utf-8")
    assert all(name in shown for name in (*sites, "harbour", "F-3", "safe-city-2018"))
    example = text.split("```yaml\n")[1].split("```")[0]
    found = parse_calendar("docs/calendar.md", example.encode(), Inventory({}, cameras, sites, {"harbour": "Harbour"}))
    assert list(found.entries) == ["f3-evening", "pier-works", "cleaning"]
    told = set(re.findall(r"`([a-z_]+)`", text.split("| key |")[1]))
    assert {key for key in names(PlannedEntry) if key not in told} == {"id"}
