"""The past as the ledger tells it, held against what was known then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from papertown import NOON, town
from patrol import Patrol

from monitor.core.acknowledgement import acknowledged
from monitor.core.diagnosis.cause import CauseEvent
from monitor.core.event import ConfigEvent, Event, Gap, RungEvent
from monitor.core.fleet import Fleet
from monitor.core.handover import Shift
from monitor.ledger import acknowledgements, causes, history
from monitor.ledger.history import Presence
from monitor.ledger.ledger import Ledger
from monitor.ledger.reader import Reader
from monitor.ledger.shift import handed_over


@contextmanager
def written(here: Patrol, *first: Event) -> Iterator[Reader]:
    """A ledger of all that happened in a town."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.sqlite"
        ledger = Ledger.open(path)
        fleet = here.fleet
        memory = causes.changes({}, fleet.causes) | acknowledgements.changes({}, fleet.acknowledgements)
        ledger.append([*first, *here.events], fleet.cameras, memory, fleet.standings)
        assert ledger.close(60) == 0
        with Reader.open(path) as reader:
            yield reader


def states(fleet: Fleet) -> dict[str, str]:
    return {id_: str(one.state) for id_, one in fleet.standings.items()}


@given(
    st.lists(st.tuples(st.integers(20, 200), st.frozensets(st.sampled_from(["s0", "s1", "s2p1", "s1p1c2"]), max_size=2)),
             min_size=2, max_size=5),
    st.data(),
)  # fmt: skip
@settings(max_examples=15, deadline=None)
def test_any_moment_of_the_past_is_told_as_it_was(
    course: list[tuple[int, frozenset[str]]], data: st.DataObject
) -> None:
    """States, causes with evidence and rivals, acknowledgements: as they stood between two steps of then."""
    here = Patrol(town(streets=6, poles=2))
    here.run(45)
    moments: list[tuple[float, Fleet]] = []
    for seconds, silent in course:
        here.run(seconds, lambda id_, at, silent=silent: id_.startswith(tuple(silent)) if silent else False)  # type: ignore[misc]
        moments.append((here.now, here.fleet))
        for cause in list(here.fleet.causes):
            here.note(acknowledged(here.fleet.causes, cause, "kim", "", "known", here.now + 100, here.now + 0.5))
    at, then = data.draw(st.sampled_from(moments))
    camera = data.draw(st.sampled_from(sorted(here.inventory.cameras)))
    with written(here) as reader:
        edges = {(event.camera, event.rung) for event in here.events if isinstance(event, RungEvent) and event.at > at}
        assert {id_: str(one) for id_, one in history.states(reader, here.fleet.cameras, edges, at).items()} == states(
            then
        )
        told = history.open_causes(reader, at)
        assert (told.causes, told.acknowledgements) == (then.causes, then.acknowledgements)
        one = history.of_camera(reader, camera, at, here.fleet.cameras[camera])
        assert one.standings[camera] == then.standings[camera]
        assert [health.fact() for health in one.cameras[camera]] == [health.fact() for health in then.cameras[camera]]
        mine = then.causes_of.get(camera, ())
        assert one.causes_of.get(camera, ()) == mine
        assert {id_: one.causes[id_] for id_ in mine} == {id_: then.causes[id_] for id_ in mine}


def test_a_camera_that_came_back_begins_anew() -> None:
    """What was known of it in its first life is not told of its second; whether it was there at all is."""
    here = Patrol(town(streets=6, poles=2))
    here.run(240, lambda id_, at: id_.startswith("s1p"))
    config = [
        ConfigEvent(NOON, "a", 1, 0, 0, came=("s1p0c1",)),
        ConfigEvent(NOON + 500, "b", 0, 1, 0, left=("s1p0c1",)),
        ConfigEvent(NOON + 900, "c", 1, 0, 0, came=("s1p0c1",)),
    ]
    here.events += config[1:]
    with written(here, config[0]) as reader:
        assert history.presence(reader, "s1p0c1", NOON - 1) is None
        assert history.presence(reader, "s1p0c1", NOON + 100) == Presence(True, NOON)
        assert history.presence(reader, "s1p0c1", NOON + 600) == Presence(False, NOON + 500)
        assert history.presence(reader, "s1p0c1", NOON + 950) == Presence(True, NOON + 900)
        before = history.of_camera(reader, "s1p0c1", NOON + 200).standings["s1p0c1"]
        again = history.of_camera(reader, "s1p0c1", NOON + 950).standings["s1p0c1"]
    assert (str(before.state), str(again.state)) == ("unreachable", "unknown")


def test_a_moment_that_nobody_saw_lies_in_a_gap() -> None:
    """Of a vantage, or of all; the longest one is told."""
    here = Patrol(town(streets=2, poles=2))
    here.events += [Gap(30.0, "central", 10.0, 30.0, 0, "cut"), Gap(50.0, "", 40.0, 50.0, 3, "disk")]
    with written(here) as reader:
        assert history.unseen(reader, "central", 20.0) == Gap(30.0, "central", 10.0, 30.0, 0, "cut")
        assert history.unseen(reader, "east", 20.0) is None
        assert history.unseen(reader, "east", 45.0) == Gap(50.0, "", 40.0, 50.0, 3, "disk")
        assert history.unseen(reader, "central", 35.0) is None


def test_the_sheet_of_a_shift_comes_from_the_ledger_alone() -> None:
    """Who went down since, which causes opened; also what was cut before it and is repaired."""
    here = Patrol(town(streets=8, poles=2))
    here.run(60)
    here.run(180, lambda id_, at: id_.startswith("s1p"))
    since, (one,) = here.now, here.fleet.causes.values()
    here.run(300, lambda id_, at: id_.startswith("s2p"))
    (two,) = here.fleet.causes.values()
    with written(here) as reader:
        told = handed_over(reader, Shift(since, here.now, here.now + 60))
        life = history.of_cause(reader, one.id)
    assert (set(told.down), set(told.up)) == (two.members, one.members)
    assert [story.cause for story in told.opened] == [two.id]
    assert told.unanswered == (two,)
    assert {event.cause for event in life if isinstance(event, CauseEvent) and not event.other} == {one.id}
