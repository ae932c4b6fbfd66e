"""Which rungs are written when: what tells at once, what was merely seen again after a heartbeat, many a step."""

from __future__ import annotations

from fleets import histories, inventory
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core import fleet as fleets
from monitor.core.event import Heartbeat
from monitor.core.health import NEVER_SEEN, RungHealth, Rungs
from monitor.core.schedule import Rates
from monitor.core.verdict import Outcome, Rung, Verdict
from monitor.ledger.memory import Written
from monitor.ledger.turns import TURNS_A_STEP, Waiting

BEAT = Heartbeat(100.0, "central", {})


def well(at: float) -> Rungs:
    """Return the rungs of a camera whose video was seen at a moment."""
    rungs = list(NEVER_SEEN)
    rungs[Rung.MEDIA] = RungHealth(Outcome.OK, None, "", 1.0, 2.0, at, counted_at=at)
    return tuple(rungs)


def test_what_is_merely_seen_again_is_written_after_a_heartbeat() -> None:
    """At first, because nothing is known of it; then with the next heartbeat, and not twice."""
    written, cameras = Written(), {"pier": well(10.0), "gate": well(10.0)}
    assert written.changes([], cameras, {}).keys() == {"pier", "gate"}
    cameras = {"pier": well(20.0), "gate": cameras["gate"]}
    assert written.changes([], cameras, {}) == {}
    known = written.changes([BEAT], cameras, {})
    assert {id_: one.rungs[Rung.MEDIA].last_ok for id_, one in known.items() if one} == {"pier": 20.0}
    assert written.changes([BEAT], cameras, {}) == {}


def test_a_large_fleet_is_written_in_turns() -> None:
    """Of two and a half turns of cameras each is written once, as it is when its turn comes."""
    ids = [f"c{number}" for number in range(5 * TURNS_A_STEP // 2)]
    written = Written()
    written.changes([], dict.fromkeys(ids, well(10.0)), {})
    cameras = dict.fromkeys(ids, well(20.0))
    first = written.changes([BEAT], cameras, {})
    cameras |= dict.fromkeys(ids[-10:], well(30.0))
    second, third = written.changes([], cameras, {}), written.changes([], cameras, {})
    assert [len(first), len(second), len(third)] == [TURNS_A_STEP, TURNS_A_STEP, TURNS_A_STEP // 2]
    assert {**first, **second, **third}.keys() == cameras.keys()
    newest = third[ids[-1]]
    assert newest is not None
    assert newest.rungs[Rung.MEDIA].last_ok == 30.0
    assert written.changes([], cameras, {}) == {}


def test_what_tells_waits_for_no_turn() -> None:
    """A failure that is not confirmed yet is written with the step that saw it."""
    written = Written()
    written.changes([], {"pier": well(10.0)}, {})
    rungs = list(well(10.0))
    rungs[Rung.MEDIA] = rungs[Rung.MEDIA]._replace(failures=1, last_fail=20.0)
    assert written.changes([], {"pier": tuple(rungs)}, {}).keys() == {"pier"}


def test_with_the_last_step_all_is_written() -> None:
    """Nothing of a run is left behind, and nobody waits for a heartbeat that does not come."""
    ids = [f"c{number}" for number in range(3 * TURNS_A_STEP)]
    written = Written()
    written.changes([], dict.fromkeys(ids, well(10.0)), {})
    cameras = dict.fromkeys(ids, well(20.0))
    some = written.changes([BEAT], cameras, {})
    rest = written.changes([], cameras, {}, is_last=True)
    assert len(some) == TURNS_A_STEP
    assert some.keys() | rest.keys() == cameras.keys()
    assert not some.keys() & rest.keys()


def test_a_turn_that_takes_longer_than_a_minute_goes_on() -> None:
    """A heartbeat in the midst of it does not begin anew with those who had their turn."""
    ids = [f"c{number}" for number in range(2 * TURNS_A_STEP)]
    written = Written()
    written.changes([], dict.fromkeys(ids, well(10.0)), {})
    first = written.changes([BEAT], dict.fromkeys(ids, well(20.0)), {})
    second = written.changes([BEAT], dict.fromkeys(ids, well(30.0)), {})
    assert [list(first), list(second)] == [ids[:TURNS_A_STEP], ids[TURNS_A_STEP:]]


@given(histories(), st.lists(st.booleans(), min_size=25, max_size=25))
@settings(max_examples=40, deadline=None)
def test_what_is_written_leads_to_the_same_and_is_the_same_after_a_heartbeat(
    steps: list[list[Verdict]], beats: list[bool]
) -> None:
    """But for moments at which a rung was seen again, every step finds on the disk what is known; a heartbeat all."""
    fleet, written = fleets.start(inventory(2, 2), Rates()), Written()
    disk: dict[str, Rungs] = {}
    for said, beat in zip(steps, beats, strict=False):
        fleet, _ = fleets.step(fleet, said, max([fleet.at, *(one.at for one in said)]) + 0.5)
        known = written.changes([BEAT] if beat else [], fleet.cameras, fleet.standings)
        disk |= {id_: one.rungs for id_, one in known.items() if one is not None}
        assert {id_: telling(rungs) for id_, rungs in disk.items()} == {
            id_: telling(rungs) for id_, rungs in fleet.cameras.items()
        }
        assert not beat or disk == fleet.cameras


def telling(rungs: Rungs) -> list[tuple[object, ...]]:
    """Return what of rungs leads to their next state."""
    return [(one.fact(), one.failures, one.successes, one.streak_from, one.busy, one.rival_count) for one in rungs]


def test_a_device_waits_for_the_heartbeat_and_has_one_turn() -> None:
    """Whatever was learnt of it meanwhile: it is written once, as it is then."""
    waiting = Waiting()
    for _ in range(3):
        waiting.add("pier")
    assert waiting.take() == ()
    waiting.beat()
    waiting.add("gate")
    assert waiting.take() == ("pier",)
    assert waiting.take() == ()
    waiting.beat()
    assert waiting.take() == ("gate",)


def test_nobody_who_waits_is_left_behind() -> None:
    """At the end those whose turn is still to come are written, and those that wait for a heartbeat."""
    waiting = Waiting()
    ids = [f"d{number}" for number in range(TURNS_A_STEP + 2)]
    for id_ in ids:
        waiting.add(id_)
    waiting.beat()
    taken = waiting.take()
    waiting.beat()
    waiting.add("gate")
    assert [*taken, *waiting.rest()] == [*ids, "gate"]
