"""The hand-over sheet, from the events of a shift and the fleet at its end."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

from papertown import NOON, town
from patrol import Patrol

from monitor.core.acknowledgement import acknowledged
from monitor.core.diagnosis.cause import Cause, CauseEvent, Kind, Turn
from monitor.core.handover import Contradiction, Handover, Shift, Story, handover
from monitor.core.health import NEVER_SEEN, RungHealth, Rungs
from monitor.core.state import Standing, State
from monitor.core.topology import Layer, Scope
from monitor.core.verdict import Outcome, Reason, Rung


def sheet(here: Patrol, since: float, before: dict[str, State], ahead_s: float = 8 * 3600) -> Handover:
    events = [event for event in here.events if event.at >= since]
    fleet = here.fleet
    shift = Shift(since, here.now, here.now + ahead_s)
    return handover(shift, events, before, fleet.cameras, fleet.standings, fleet.causes, fleet.acknowledgements)


def unseen(cameras: Iterable[str]) -> dict[str, Rungs]:
    return dict.fromkeys(cameras, NEVER_SEEN)


def states(here: Patrol) -> dict[str, State]:
    return {id_: one.state for id_, one in here.fleet.standings.items()}


def test_a_shift_sees_what_opened_what_ended_and_what_that_is_net() -> None:
    """Street 1 was cut before and is repaired; street 2 is cut; street 3 was cut and repaired within the shift."""
    here = Patrol(town(streets=8, poles=2))
    here.run(60)
    here.run(180, lambda id_, at: id_.startswith("s1p"))
    (one,) = here.fleet.causes.values()
    since, before = here.now, states(here)
    here.run(180, lambda id_, at: id_.startswith("s3p"))
    here.run(300, lambda id_, at: id_.startswith("s2p"))
    (two,) = here.fleet.causes.values()
    told = sheet(here, since, before)
    assert told.opened == (Story(two.id, two.kind, two.scope, two.after, two.by, two.opened, cameras=two.members),)
    first = next(story for story in told.ended if story.cause == one.id)
    later = next(story for story in told.ended if story.scope.name == "SW-1/3")
    assert (first.opened, first.cameras <= one.members) == (-inf, True)
    assert since < later.opened < later.ended < here.now
    assert {story.cause for story in told.ended} == {one.id, later.cause}
    assert told.merged == ()
    assert [story.into for story in told.ended] == ["", ""]
    assert (set(told.down), set(told.up), told.unknown) == (two.members, one.members, ())


def test_what_nobody_took_on_and_what_runs_out_is_told() -> None:
    """An acknowledgement that outlives the next shift needs no word; one that ends in it does."""
    here = Patrol(town(streets=8, poles=2))
    here.run(60)
    here.run(180, lambda id_, at: id_.startswith(("s1p", "s2p")))
    one, two = sorted(here.fleet.causes)
    assert {cause.id for cause in sheet(here, NOON, {}).unanswered} == {one, two}
    here.note(acknowledged(here.fleet.causes, one, "kim", "", "known", here.now + 3600, here.now))
    here.note(acknowledged(here.fleet.causes, two, "kim", "", "known", here.now + 86400, here.now))
    told = sheet(here, NOON, {})
    assert (told.unanswered, [ack.cause for ack in told.expiring]) == ((), [one])


def test_the_longest_known_fault_comes_first_and_rows_that_evidence_contradicts_are_named() -> None:
    """A fault older than our first look is known for as long as it was first seen."""
    old = Cause("a", Kind.DEAD, Scope(Layer.DEVICE, "x"), -inf, 10.0, 20.0, frozenset({"x"}))
    young = Cause(
        "b", Kind.UPLINK, Scope(Layer.UPLINK, "y"), 30.0, 40.0, 50.0, frozenset({"y"}), contradicted=("y is on z.",)
    )
    causes = {"b": young, "a": old}
    told = handover(Shift(0.0, 60.0, 99.0), [], {}, {}, {}, causes, {})
    assert told.oldest == (old, young)
    assert told.contradicted == (Contradiction("y is on z.", "b"),)


def test_who_came_to_be_unknown_is_told_apart_from_who_went_down() -> None:
    """A camera that left the inventory meanwhile is told of no more."""
    before = dict.fromkeys(("a", "b", "c", "d", "gone"), State.UP) | {"d": State.UNKNOWN}
    now = {"a": State.DOWN, "b": State.UNKNOWN, "c": State.DEGRADED, "d": State.UNREACHABLE}
    standings = {id_: Standing(state, 1.0, 2.0) for id_, state in now.items()}
    told = handover(Shift(0.0, 60.0, 99.0), [], before, unseen(standings), standings, {}, {})
    assert (told.down, told.up, told.unknown) == (("a", "d"), (), ("b",))


def test_who_was_dead_before_we_knew_is_no_news_of_the_shift() -> None:
    """Nobody knew of it when the shift began: it stopped in it only if it was seen working since."""
    before = dict.fromkeys(("found", "seen", "blind", "worked"), State.UNKNOWN) | {"worked": State.UP}
    began = {"found": -inf, "seen": 20.0, "blind": 5.0, "worked": -inf}
    standings = {id_: Standing(State.DOWN, began[id_], 30.0) for id_ in before}
    told = handover(Shift(10.0, 60.0, 99.0), [], before, unseen(standings), standings, {}, {})
    assert (told.down, told.found) == (("seen", "worked"), ("blind", "found"))


def test_who_was_found_dead_and_was_cut_off_later_did_not_stop_in_the_shift() -> None:
    """That nothing reaches it now began in the shift; its video had failed before anybody looked."""
    since = {"dead": -inf, "well": 20.0}
    rungs = {id_: _without_video(after) for id_, after in since.items()}
    standings = dict.fromkeys(since, Standing(State.UNREACHABLE, 30.0, 31.0))
    before = dict.fromkeys(since, State.UNKNOWN)
    told = handover(Shift(10.0, 60.0, 99.0), [], before, rungs, standings, {}, {})
    assert (told.down, told.found) == (("well",), ("dead",))


def _without_video(after: float) -> Rungs:
    video = RungHealth(Outcome.FAIL, Reason.NO_VIDEO, "", after, 31.0)
    return tuple(video if rung is Rung.MEDIA else health for rung, health in zip(Rung, NEVER_SEEN, strict=True))


def test_who_came_and_went_within_the_shift_is_not_counted() -> None:
    """The sheet tells what is different now, not how often anything changed."""
    here = Patrol(town(streets=8, poles=2))
    here.run(60)
    since, before = here.now, states(here)
    here.run(180, lambda id_, at: id_.startswith("s3p"))
    here.run(300)
    told = sheet(here, since, before)
    assert (told.down, told.found, told.up, told.unknown) == ((), (), (), ())
    assert told.ended


def test_what_merged_whole_is_told_as_what_it_turned_out_to_be() -> None:
    """First told as a line, then as power with the same cameras: the line was never out, and is not what is over."""
    both = ("c1", "c2")
    line = CauseEvent(NOON + 60, "l", Turn.OPENED, Kind.UPLINK, Scope(Layer.UPLINK, "SW-1/3"), NOON, NOON + 5, both)
    power = line._replace(at=NOON + 120, cause="p", kind=Kind.POWER, scope=Scope(Layer.FEEDER, "F-4"))
    merged = line._replace(at=NOON + 120, turn=Turn.MERGED, joined=(), left=both, other="p")
    closed = power._replace(at=NOON + 300, turn=Turn.CLOSED, joined=(), left=both)
    told = handover(Shift(NOON, NOON + 600, NOON + 900), [line, power, merged, closed], {}, {}, {}, {}, {})
    assert [(story.cause, story.ended) for story in told.ended] == [("p", NOON + 300)]
    assert [story.cause for story in told.merged] == ["l"]
