"""A word about a cause through a running monitor, and in the ledger where none runs; the causes as both tell them."""

from __future__ import annotations

import io
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from monitor.app import Listen, Monitor, serve
from monitor.core.asset import Rows
from monitor.core.asset import differences as differing
from monitor.core.calendar import Calendar, Entry, Selector
from monitor.core.calendar import Kind as PlanKind
from monitor.core.calendar_changes import differences
from monitor.core.diagnosis.cause import CauseEvent, Confidence, Kind, Turn
from monitor.core.event import NoteEvent
from monitor.core.fleet import judged
from monitor.core.handover import Shift
from monitor.core.model import Camera, Device, Inventory
from monitor.core.planned import Active, Timetable, Work
from monitor.core.schedule import Rates
from monitor.core.snapshot import publish
from monitor.core.times import Clock
from monitor.core.topology import Layer, Scope
from monitor.inspection import sheets
from monitor.inspection.acknowledging import say
from monitor.inspection.causes import Known, ask, read
from monitor.inspection.errors import LookError
from monitor.ledger import assets, calendars, causes
from monitor.ledger.ledger import Ledger
from monitor.ledger.reader import Reader
from monitor.ledger.shift import handed_over
from monitor.web.acknowledging import Word

CUT = CauseEvent(
    1000.0, "uplink-1", Turn.OPENED, Kind.UPLINK, Scope(Layer.UPLINK, "SW-1/1"), -float("inf"), 990.0, ("a", "b"), (), "",
    ("2 of 2 devices are silent.",), Confidence.WEAK, ("power: no.",), ("a is listed elsewhere",),
)  # fmt: skip
NOW = 1_542_283_200.0  # 15 November 2018, 12:00 UTC
#: For one of its two cameras, the whole day.
CABLE = Entry(
    "cable", PlanKind.WORKS, (Selector("camera", "a"),), "UTC", datetime(2018, 11, 15), datetime(2018, 11, 15, 18),
    "Grid control", datetime(2018, 11, 14, 9), "New cable",
)  # fmt: skip
WORD = Word("uplink-1", "kim", "crew at the splice", "Fibre Co", hours=8.0)


def town() -> Inventory:
    cameras = {id_: Camera(id_, "", id_, 1, "z") for id_ in "ab"}
    devices = {id_: Device(id_, id_, {}, ("rtsp",), (id_,)) for id_ in cameras}
    return Inventory(devices, cameras, {}, {"z": "Z"}, owners={"network": "Lines Ltd"})


def silent(_: Mapping[str, Any]) -> None:
    raise AssertionError("there is nothing to wait for")


@asynccontextmanager
async def served(ledger: Path) -> AsyncIterator[tuple[Monitor, str]]:
    """A monitor that knows of one cause, and its address. It turns no crank of its own."""
    monitor = Monitor(town(), Rates(), Ledger.open(ledger))
    monitor.fleet = judged(monitor.fleet, [CUT])
    monitor.feed.publish(publish(monitor.fleet, 0))
    runner = await serve(monitor, Listen(port=0))
    try:
        host, port = runner.addresses[0][:2]
        yield monitor, f"http://{host}:{port}"
    finally:
        await runner.cleanup()
        monitor.ledger.close(60.0)


async def test_a_word_through_the_monitor_holds_there_and_is_told_with_the_cause(tmp_path: Path) -> None:
    """What the API tells is the cause itself again, whose it is among it; a withdrawal ends it."""
    ledger = tmp_path / "ledger"
    async with served(ledger) as (monitor, url):
        note = await say(WORD, False, ledger, url, "", silent)
        assert (note.who, note.owner, note.why) == ("kim", "Fibre Co", "crew at the splice")
        assert abs(note.until - time.time() - 8 * 3600) < 60
        monitor.feed.publish(publish(monitor.fleet, 0))
        known = await ask(url, "")
        assert known.causes == monitor.fleet.causes
        assert known.acknowledgements["uplink-1"]._replace(at=0, until=0) == note._replace(at=0, until=0)
        await say(WORD, True, ledger, url, "", silent)
        assert monitor.fleet.acknowledgements == {}
        monitor.feed.publish(publish(monitor.fleet, 0))
        assert (await ask(url, "")).owners == {"network": "Lines Ltd"}


async def test_what_a_monitor_refuses_or_does_not_answer_is_said(tmp_path: Path) -> None:
    """Its own sentence; or that nothing answers there."""
    ledger = tmp_path / "ledger"
    async with served(ledger) as (_, url):
        with pytest.raises(LookError) as refused:
            await say(WORD._replace(cause="nothing"), False, ledger, url, "", silent)
        assert str(refused.value) == f"The monitor at {url}: No cause 'nothing' is open."
    with pytest.raises(LookError) as refused:
        await ask(url, "")
    assert str(refused.value) == f"The monitor at {url} does not answer, or not to the end. Does it run?"


def written(path: Path) -> Path:
    ledger = Ledger.open(path)
    monitor = Monitor(town(), Rates(), ledger)
    fleet = judged(monitor.fleet, [CUT])
    memory = causes.changes({}, fleet.causes) | {causes.OWNERS: {"network": "Lines Ltd"}}
    ledger.append([CUT], fleet.cameras, memory, fleet.standings)
    assert ledger.close(60.0) == 0
    return path


async def test_where_no_monitor_runs_the_ledger_takes_the_word_and_the_next_one_starts_with_it(tmp_path: Path) -> None:
    """As an event and in the memory; also the withdrawal."""
    path = written(tmp_path / "ledger")
    note = await say(WORD, False, path, "", "", silent)
    known = read(path, NOW)
    assert (known.acknowledgements, known.owners) == ({"uplink-1": note}, {"network": "Lines Ltd"})
    ledger = Ledger.open(path)
    assert Monitor(town(), Rates(), ledger).fleet.acknowledgements == {"uplink-1": note}
    ledger.close(60.0)
    with pytest.raises(LookError, match=r"^No cause 'x' is open\.$"):
        await say(WORD._replace(cause="x"), False, path, "", "", silent)
    await say(WORD, True, path, "", "", silent)
    with Reader.open(path) as reader:
        events = [event for _, event in reader.events() if isinstance(event, NoteEvent)]
    assert [str(event.note) for event in events] == ["acknowledged", "withdrawn"]
    assert read(path, NOW).acknowledgements == {}


async def test_a_word_about_a_cause_that_merged_is_told_into_which(tmp_path: Path) -> None:
    """By the monitor, and by the ledger where none runs."""
    other = CUT._replace(cause="uplink-2", joined=("a",))
    merged = other._replace(at=1001.0, turn=Turn.MERGED, joined=(), left=("a",), other="uplink-1")
    path = written(tmp_path / "ledger")
    ledger = Ledger.open(path)
    ledger.append([other, merged], {}, {})
    ledger.close(60.0)
    word = WORD._replace(cause="uplink-2")
    sentence = "No cause 'uplink-2' is open. It merged into uplink-1."
    with pytest.raises(LookError) as alone:
        await say(word, False, path, "", "", silent)
    assert str(alone.value) == sentence
    async with served(path) as (_, url):
        with pytest.raises(LookError) as through:
            await say(word, False, path, url, "", silent)
    assert str(through.value) == f"The monitor at {url}: {sentence}"


async def test_no_ledger_is_made_for_a_word_about_a_cause(tmp_path: Path) -> None:
    """No cause could be open in it."""
    path = tmp_path / "nowhere"
    with pytest.raises(LookError) as refused:
        await say(WORD, False, path, "", "", silent)
    told = f"{path}: there is no ledger here. Name it with --ledger, or a running monitor with --monitor URL."
    assert (str(refused.value), path.exists()) == (told, False)


def planned(path: Path) -> Path:
    """A ledger with one cause, and planned work for one of its cameras."""
    ledger = Ledger.open(written(path))
    events = differences({}, Calendar({CABLE.id: CABLE}), NOW - 3600)
    rows = differing({}, Rows(town()), NOW - 3600)
    ledger.append([*rows, *events], {}, calendars.changes(events) | assets.changes(rows))
    assert ledger.close(60.0) == 0
    return path


def shown(known: Known) -> str:
    """The table of causes as a wide terminal has it."""
    file = io.StringIO()
    Console(file=file, width=200).print(sheets.causes_table(known, False, Clock(NOW)))
    return file.getvalue()


MARK = "uplink SW-1/1; planned for 1 of them: building work until 18:00:00"


async def test_a_cause_in_planned_work_is_marked_by_the_ledger_and_by_a_monitor(tmp_path: Path) -> None:
    """For how many of its cameras, until when; an hour after its end no more."""
    path = planned(tmp_path / "ledger")
    assert MARK in shown(read(path, NOW))
    assert "planned" not in shown(read(path, NOW + 7 * 3600))
    async with served(tmp_path / "other") as (monitor, url):
        table = Timetable().at(Calendar({CABLE.id: CABLE}), monitor.inventory, NOW)
        monitor.feed.publish(replace(publish(monitor.fleet, 0), planned=table.planned))
        known = await ask(url, "")
    assert MARK in shown(known)
    (told,) = known.as_json(known.causes["uplink-1"])["planned"]
    assert (told["entry"], told["noun"], told["cameras"], told["plan_reason"]) == (
        "cable",
        "building work",
        1,
        "New cable",
    )
    assert known.as_json(known.causes["uplink-1"]) == read(path, NOW).as_json(known.causes["uplink-1"])


def test_the_sheet_marks_causes_in_planned_work_also_those_that_are_over(tmp_path: Path) -> None:
    """What is open by what is planned now, what is over by what was planned when it began."""
    path = planned(tmp_path / "ledger")
    cut = CUT._replace(at=NOW - 60, cause="uplink-2", after=NOW - 90, by=NOW - 80, joined=("a",))
    over = cut._replace(at=NOW, turn=Turn.CLOSED, joined=(), left=("a",))
    ledger = Ledger.open(path)
    ledger.append([cut, over], {}, {})
    assert ledger.close(60.0) == 0
    occurrence = Active(CABLE, datetime(2018, 11, 15, tzinfo=UTC).timestamp(), NOW + 6 * 3600)
    with Reader.open(path) as reader:
        found = handed_over(reader, Shift(NOW - 3600, NOW + 10, NOW + 3600))
        late = handed_over(reader, Shift(NOW - 3600, NOW + 7 * 3600, NOW + 8 * 3600))
    assert found.marks == {"uplink-1": [Work(occurrence, 1)], "uplink-2": [Work(occurrence, 1)]}
    assert late.marks == {"uplink-2": [Work(occurrence, 1)]}
    file = io.StringIO()
    Console(file=file, width=250).print(sheets.handover_sheet(found, read(path, NOW), Clock(NOW + 10)))
    assert "uplink SW-1/1; planned: building work until 18:00:00" in file.getvalue()  # the one that is over
    assert MARK in file.getvalue()
