"""The past in words: how a camera stood, the life of a cause, from a ledger of all that happened in a town."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from papertown import NOON, town
from patrol import Patrol

from monitor.core.acknowledgement import acknowledged, withdrawn
from monitor.core.asset import Rows, differences
from monitor.core.calendar import Calendar, Entry, Kind, Selector
from monitor.core.calendar_json import to_json
from monitor.core.diagnosis.cause import CauseEvent, Turn, replay
from monitor.core.diagnosis.cause import Kind as CauseKind
from monitor.core.event import CalendarEvent, ConfigEvent, Gap, Heartbeat
from monitor.core.handover import Shift
from monitor.core.planned import Active, Work
from monitor.core.times import Clock
from monitor.core.topology import Layer, Scope
from monitor.ledger import assets, because, calendars, causes, history
from monitor.ledger.ledger import Ledger
from monitor.ledger.place_words import place
from monitor.ledger.reader import Reader
from monitor.ledger.shift import handed_over
from monitor.ledger.then import why_then
from monitor.web.cause_card import turns

CAMERA = "s1p0c1"
#: Planned on one of two feeders, from 12:04 on.
CABLE = Entry(
    "cable",
    Kind.WORKS,
    (Selector("feeder", "F-0"),),
    "UTC",
    datetime(2018, 11, 15, 12, 4),
    datetime(2018, 11, 15, 12, 30),
    "Grid control",
    datetime(2018, 11, 14, 9, 0),
    "New cable",
)
PLANNED = "building work until 12:30:00: New cable. Approved by Grid control at 2018-11-14 09:00:00."


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Patrol, str]:
    """Street 1 is cut a minute after noon for five minutes; somebody knows of it for a while. Then nobody looks."""
    here = Patrol(town(streets=8, poles=2))
    here.run(60)
    here.run(200, lambda id_, at: id_.startswith("s1p"))
    (cause,) = here.fleet.causes
    here.note(acknowledged(here.fleet.causes, cause, "kim", "Fibre Co", "crew there", here.now + 600, here.now))
    here.run(60, lambda id_, at: id_.startswith("s1p"))
    here.note(withdrawn(here.fleet.acknowledgements, cause, "lee", "", here.now))
    here.run(40, lambda id_, at: id_.startswith("s1p"))
    here.run(400)
    beats = [Heartbeat(NOON + minute * 60, "central", {}) for minute in range(12)]
    planned = CalendarEvent(NOON + 30, CABLE.id, "added", to_json(CABLE), "", NOON + 240, False)
    came = ConfigEvent(NOON, "a", 1, 0, 0, came=tuple(sorted(here.inventory.cameras)))
    gap = Gap(NOON + 5000, "central", NOON + 660, NOON + 5000, 0, "the monitor was not running")
    left = ConfigEvent(NOON + 6000, "b", 0, 1, 0, left=(CAMERA,))
    events = sorted([*here.events, *beats, planned, gap, left], key=lambda event: event.at)
    path = tmp_path_factory.mktemp("story") / "ledger"
    ledger = Ledger.open(path)
    listed = differences({}, Rows(here.inventory), NOON)
    memory = {causes.OWNERS: {"network": "Lines Ltd"}} | assets.changes(listed) | calendars.changes([planned])
    ledger.append([came, *events], here.fleet.cameras, memory, here.fleet.standings)
    assert ledger.close(60) == 0
    return path, here, cause


def told(story: tuple[Path, Patrol, str], seconds: float, camera: str = CAMERA) -> list[str]:
    with Reader.open(story[0]) as reader:
        text = why_then(camera, reader, NOON + seconds, NOON + 9000, UTC)
    assert text is not None
    return text.splitlines()


def test_a_moment_of_an_outage_is_told_with_its_cause_as_it_was_known_then(story: tuple[Path, Patrol, str]) -> None:
    """State, evidence, rivals, whose it is and who knew of it at that moment; later words are not."""
    lines = told(story, 290)
    assert lines[0] == f"{CAMERA} at 2018-11-15 12:04:50 UTC (2 h 25 min ago), as the ledger tells it:"
    assert lines[2].startswith(f"{CAMERA} does not work: it is cut off, since between 12:0")
    (head,) = [line for line in lines if line.endswith(f"[{story[2]}]") and line.startswith("  uplink")]
    assert head.startswith("  uplink, uplink SW-1/1: 4 cameras, since between 12:0")
    assert "    Who repairs it: Lines Ltd. Acknowledged by kim, for Fibre Co until 12:14:20: crew there" in lines
    assert any(line.startswith("    Confidence: likely (") for line in lines)
    assert any(line.startswith("    Not power, ") for line in lines)
    assert "    Who repairs it: Lines Ltd. Not acknowledged." in told(story, 350)


def test_what_was_planned_then_is_told(story: tuple[Path, Patrol, str]) -> None:
    """With until when, why, and who approved it; before it began there is nothing to tell, nor elsewhere."""
    assert f"  Planned: {PLANNED}" in told(story, 290)
    assert not any("Planned" in line for line in [*told(story, 200), *told(story, 290, "s1p1c1")])


def test_the_sheet_says_what_is_planned_until_the_end_of_the_next_shift(story: tuple[Path, Patrol, str]) -> None:
    """From the calendar and the places that the ledger keeps, with for how many cameras it is."""
    with Reader.open(story[0]) as reader:
        found = handed_over(reader, Shift(NOON, NOON + 100, NOON + 300)).planned
        assert found == (Work(Active(CABLE, NOON + 240, NOON + 1800), 16),)
        assert handed_over(reader, Shift(NOON, NOON + 1800, NOON + 3600)).planned == ()


def test_a_place_says_how_its_cameras_fare_and_what_is_open_there(story: tuple[Path, Patrol, str]) -> None:
    """An uplink, a site, a feeder, a zone, a switch: by its name, at a moment and now."""
    with Reader.open(story[0]) as reader:
        site = place("s1p0", reader, NOON + 9000, NOON + 290, UTC)
        feeder = place("F-0", reader, NOON + 9000, NOON + 290, UTC)
        assert site is not None
        assert feeder is not None
        head, _, *lines = site.splitlines()
        assert head == "At 2018-11-15 12:04:50 UTC, as the ledger tells it:"
        assert lines[:3] == [
            "site s1p0: 0 of 2 cameras work.",
            "  Not working: 2 (s1p0c1, s1p0c2)",
            f"  Planned: {PLANNED}",
        ]
        assert lines[4].startswith("  uplink, uplink SW-1/1: 2 of its 4 cameras, since between 12:0")
        assert lines[4].endswith(f"[{story[2]}]")
        assert feeder.splitlines()[2:4] == [
            "feeder F-0: 14 of 16 cameras work.",
            "  Not working: 2 (s1p0c1, s1p0c2)",
        ]
        for name, what in (("SW-1/1", "uplink"), ("SW-1", "switch"), ("z", "zone"), ("Z", "zone")):
            now = place(name, reader, NOON + 9000, None, UTC)
            assert now is not None
            assert now.startswith(f"{what} {name}: ")
            assert now.endswith("  No cause is open there.")
        assert place("", reader, NOON + 9000) is place("nowhere", reader, NOON + 9000) is None


def test_what_was_confirmed_only_later_is_told_apart(story: tuple[Path, Patrol, str]) -> None:
    """Half a minute into the outage the camera still stands as up; that it had failed was known later."""
    lines = told(story, 90)
    assert lines[2].startswith(f"{CAMERA} works, since before ")
    later = lines[lines.index("What had happened by then and was confirmed later (times in UTC):") + 1 :]
    assert any("reachable fails: no answer" in line for line in later)
    assert any(f"cause: uplink, uplink SW-1/1 [{story[2]}]" in line for line in later)
    assert not any("was confirmed later" in line for line in told(story, 30))


@pytest.mark.parametrize(
    ("seconds", "sentence"),
    [
        (3000, "Nobody saw it then: the monitor was not running, between 12:11:00 and 13:23:20."),
        (5500, "Nobody was looking then: no monitor had noted that it was since 12:11:00 UTC."),
    ],
)
def test_a_moment_that_nobody_saw_is_said_to_be_one(
    story: tuple[Path, Patrol, str], seconds: float, sentence: str
) -> None:
    """In a gap that a later start noted, and where no heartbeat was for long."""
    assert told(story, seconds)[1] == f"{sentence} What follows was known before."


def test_a_camera_that_was_not_there_is_said_not_to_have_been(story: tuple[Path, Patrol, str]) -> None:
    """Before the ledger, after it left; one that never was is none."""
    assert told(story, -60)[0].endswith("(2 h 31 min ago): the ledger begins later, at 12:00:00 UTC.")
    assert told(story, 7000)[0].endswith("it was not in the inventory, which it had left at 13:40:00 UTC.")
    with Reader.open(story[0]) as reader:
        assert why_then("nobody", reader, NOON + 100, NOON + 9000, UTC) is None


def test_the_life_of_a_cause_is_told_in_order(story: tuple[Path, Patrol, str]) -> None:
    """Opened with whom, acknowledged and withdrawn by whom, over when; the last members are named."""
    with Reader.open(story[0]) as reader:
        text = because.life(
            story[2], history.of_cause(reader, story[2]), {}, Clock(NOON + 9000, UTC), Calendar(), town()
        )
        assert (
            because.life("nothing", history.of_cause(reader, "nothing"), {}, Clock(NOON, UTC), Calendar(), town()) == ""
        )
    lines = text.splitlines()
    assert lines[0].startswith(f"{story[2]} is over since 12:0")
    happened = [line[23:] for line in lines[lines.index("What happened (times in UTC):") + 1 :]]
    assert happened[0].startswith("opened with ")
    words = [line for line in happened if "acknowledge" in line]
    assert words == [
        "acknowledged by kim, for Fibre Co until 12:14:20: crew there",
        "the acknowledgement was withdrawn by lee",
    ]
    assert any(line.startswith(("closed; its last", "merged into")) for line in happened)


def test_a_row_that_evidence_contradicts_is_told_when_it_comes_and_when_it_goes() -> None:
    """A reload can make a row wrong under an open cause, and right again; nothing else of the cause changed then."""
    row = "site s1p2 is listed on SW-1/3, and fails with SW-1/1"
    scope, evidence = Scope(Layer.UPLINK, "SW-1/1"), ("2 of 2 fell silent.",)
    opened = CauseEvent(
        NOON, "u-1", Turn.OPENED, CauseKind.UPLINK, scope, NOON - 9, NOON, ("a", "b"), evidence=evidence
    )
    wrong = opened._replace(at=NOON + 60, turn=Turn.CHANGED, joined=(), contradicted=(row,))
    right = opened._replace(at=NOON + 120, turn=Turn.CHANGED, joined=())
    events = (opened, wrong, right)
    text = because.life("u-1", events, {}, Clock(NOON + 900, UTC), Calendar(), town())
    said = [f"the inventory seems wrong: {row}", f"no longer so: {row}"]
    assert [line[23:] for line in text.splitlines()[-2:]] == said
    (cause,) = replay([opened]).values()
    assert [turn["said"] for turn in turns(cause, events)] == [*said[::-1], "with a, b"]


def test_of_many_cameras_the_first_are_named() -> None:
    """And how many more there are."""
    assert because.named(["b", "a"]) == "a, b"
    assert because.named([f"c{n}" for n in range(5)], most=3) == "c0, c1, c2 and 2 more"
