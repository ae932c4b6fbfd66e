"""Acknowledgements: what holds, until when, and what a cause's end, merging and splitting make of it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from papertown import NOON, town
from patrol import Patrol

from monitor.core.acknowledgement import (
    LONGEST_S,
    Acknowledgement,
    NotAcknowledged,
    acknowledged,
    after,
    of_event,
    withdrawn,
)
from monitor.core.diagnosis.cause import CauseEvent, Kind, Turn
from monitor.core.event import Note, NoteEvent
from monitor.core.fleet import replay
from monitor.core.topology import Layer, Scope


def ill() -> tuple[Patrol, str]:
    """A town whose street 1 is cut, and the id of that cause."""
    here = Patrol(town(streets=4, poles=2))
    here.run(60)
    here.run(180, lambda id_, at: id_.startswith("s1p"))
    (cause,) = here.fleet.causes
    return here, cause


def take(here: Patrol, cause: str, hours: float = 1.0, why: str = "cable crew is there") -> NoteEvent:
    event = acknowledged(here.fleet.causes, cause, "kim", "network", why, here.now + hours * 3600, here.now)
    here.note(event)
    return event


def test_an_acknowledged_cause_stays_open_and_its_cameras_unreachable() -> None:
    """It is noted beside the cause and changes nothing else."""
    here, cause = ill()
    before = here.fleet
    event = take(here, cause)
    assert here.fleet.acknowledgements == {
        cause: Acknowledgement(cause, here.now, "kim", "network", event.why, event.until)
    }
    assert (here.fleet.causes, here.fleet.standings) == (before.causes, before.standings)
    assert here.fleet.seq == before.seq + 1


def test_it_ends_when_its_time_is_over_and_that_is_an_event() -> None:
    """The step at its end says so, once; nothing is muted for ever."""
    here, cause = ill()
    event = take(here, cause, hours=60 / 3600)
    here.run(59, lambda id_, at: id_.startswith("s1p"))
    assert cause in here.fleet.acknowledgements
    here.run(5, lambda id_, at: id_.startswith("s1p"))
    assert here.fleet.acknowledgements == {}
    told = [one for one in here.events if isinstance(one, NoteEvent)]
    assert told == [event, event._replace(at=event.until, note=Note.EXPIRED)]
    assert cause in here.fleet.causes


def test_it_ends_with_its_cause() -> None:
    """What fails at the same place again is another cause, of which nobody has said a word."""
    here, cause = ill()
    take(here, cause, hours=1000)
    here.run(120)
    assert (here.fleet.causes, here.fleet.acknowledgements) == ({}, {})
    here.run(180, lambda id_, at: id_.startswith("s1p"))
    assert len(here.fleet.causes) == 1
    assert here.fleet.acknowledgements == {}


def test_what_an_acknowledged_cause_merges_into_or_splits_off_is_not_acknowledged() -> None:
    """Only a person's word about a cause itself keeps it from paging."""
    scope = Scope(Layer.UPLINK, "SW-1/1")
    one = NoteEvent(10.0, "a", Note.ACKNOWLEDGED, "kim", "", "known", 99.0)
    split = CauseEvent(20.0, "b", Turn.SPLIT, Kind.UPLINK, scope, 1.0, 2.0, ("x",), other="a")
    merged = CauseEvent(30.0, "a", Turn.MERGED, Kind.UPLINK, scope, 1.0, 2.0, left=("x",), other="b")
    assert after({}, [one, split]) == {"a": of_event(one)}
    assert after({}, [one, split, merged]) == {}


def test_a_later_word_takes_the_place_of_the_one_before() -> None:
    """One acknowledgement a cause; withdrawn, it is gone."""
    here, cause = ill()
    take(here, cause)
    take(here, cause, why="waiting for a part")
    assert here.fleet.acknowledgements[cause].why == "waiting for a part"
    here.note(withdrawn(here.fleet.acknowledgements, cause, "lee", "", here.now))
    assert here.fleet.acknowledgements == {}


def test_an_acknowledgement_outlives_a_restart() -> None:
    """It is restored from the ledger's memory, and expires as it would have."""
    here, cause = ill()
    take(here, cause)
    before = here.fleet.acknowledgements
    here.restart()
    assert here.fleet.acknowledgements == before
    here.now += 3600
    here.run(1, lambda id_, at: id_.startswith("s1p"))
    assert here.fleet.acknowledgements == {}


@pytest.mark.parametrize(
    ("cause", "why", "until", "message"),
    [
        ("nothing", "x", 60.0, "No cause 'nothing' is open."),
        ("", " \n", 60.0, "An acknowledgement needs a reason."),
        ("", "x", 0.0, "An acknowledgement has to end later than now."),
        ("", "x", float("nan"), "An acknowledgement has to end later than now."),
        ("", "x", LONGEST_S + 1, "An acknowledgement ends after 90 days at the latest."),
    ],
)
def test_a_word_that_cannot_be_taken_is_refused(cause: str, why: str, until: float, message: str) -> None:
    """Each refusal says why."""
    here, open_one = ill()
    with pytest.raises(NotAcknowledged) as refused:
        acknowledged(here.fleet.causes, cause or open_one, "kim", "", why, here.now + until, here.now)
    assert str(refused.value) == message


def test_what_is_not_acknowledged_cannot_be_withdrawn() -> None:
    """The refusal names the cause."""
    with pytest.raises(NotAcknowledged) as refused:
        withdrawn({}, "uplink-1", "kim", "", NOON)
    assert str(refused.value) == "No acknowledgement of 'uplink-1' holds."


@st.composite
def courses(draw: st.DrawFn) -> list[tuple[int, frozenset[str], float | None]]:
    """Draw what happens: for how long, which parts are silent, and for how long all causes are acknowledged after."""
    parts = st.frozensets(st.sampled_from(["s0", "s1", "s2p1", "s3p0c1", "s1p1c2"]), max_size=3)
    word = st.none() | st.sampled_from([-1.0, 30.0, 120.0, 3600.0])
    return [(draw(st.integers(15, 200)), draw(parts), draw(word)) for _ in range(draw(st.integers(1, 6)))]


@given(courses())
@settings(max_examples=25, deadline=None)
def test_the_events_alone_give_the_same_acknowledgements(
    course: list[tuple[int, frozenset[str], float | None]],
) -> None:
    """Whatever opens, closes, merges, is acknowledged, withdrawn (-1) or runs out: replay ends with what holds."""
    here = Patrol(town(streets=4, poles=2))
    here.run(45)
    for seconds, silent, word in course:
        here.run(seconds, lambda id_, at, silent=silent: id_.startswith(tuple(silent)) if silent else False)  # type: ignore[misc]
        for cause in list(here.fleet.causes):
            if word is not None and word > 0:
                take(here, cause, word / 3600)
            elif word is not None and cause in here.fleet.acknowledgements:
                here.note(withdrawn(here.fleet.acknowledgements, cause, "lee", "", here.now))
    assert replay(here.events, here.inventory, here.fleet.rates).acknowledgements == here.fleet.acknowledgements
    assert here.fleet.acknowledgements.keys() <= here.fleet.causes.keys()


def test_a_line_holds_no_control_and_no_direction_character() -> None:
    """What would make a terminal or a page show something else is taken out; without a word left it is no reason."""
    here, cause = ill()
    assert take(here, cause, why="a\x00b\x1b[1m \u202ec\u2066\u200f").why == "a b [1m c"
    with pytest.raises(NotAcknowledged, match="needs a reason"):
        take(here, cause, why="\x00\u202e\u200e")
