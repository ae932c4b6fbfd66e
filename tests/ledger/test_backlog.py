"""What waits for the disk: in order, bounded, and honest about what it lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from peers.events import events

from monitor.core.diagnosis.cause import CauseEvent, Kind, Turn, replay
from monitor.core.event import Event, Gap, Heartbeat, RungEvent
from monitor.core.fleet import NEVER_SEEN
from monitor.core.topology import Layer, Scope
from monitor.core.verdict import Outcome, Reason, Rung
from monitor.ledger.backlog import Backlog, subject


def change(at: float, camera: str, outcome: Outcome) -> RungEvent:
    """Return a change of a camera's media rung."""
    reason = Reason.NO_VIDEO if outcome is Outcome.FAIL else None
    return RungEvent(at, camera, "central", Rung.MEDIA, outcome, reason, "", at - 60.0, at)


def test_events_are_numbered_in_their_order() -> None:
    """Numbers go on where the ledger ended, and everything that waits is taken at once."""
    backlog = Backlog(10, 41)
    backlog.put([change(1.0, "a", Outcome.FAIL), change(1.0, "b", Outcome.FAIL)], {"a": NEVER_SEEN}, {"k": 1})
    backlog.put([change(2.0, "a", Outcome.OK)], {}, {"k": 2})
    batch = backlog.take()
    assert [seq for seq, _ in batch.events] == [42, 43, 44]
    assert (batch.cameras, batch.memory) == ({"a": NEVER_SEEN}, {"k": 2})
    assert not backlog


def test_memory_alone_waits_too() -> None:
    """A step without events, whose memory changed, is something to write."""
    backlog = Backlog(10, 0)
    backlog.put([], {}, {"login": 1})
    assert backlog
    assert backlog.waiting == 0
    assert backlog.take().memory == {"login": 1}


def test_over_the_capacity_the_newest_of_each_rung_is_kept() -> None:
    """Of what overflows the newest fact of each camera stays, with its number, and a gap counts the others."""
    backlog = Backlog(2, 0)
    backlog.put([change(1.0, "a", Outcome.FAIL), change(1.0, "b", Outcome.FAIL)], {}, {})
    backlog.put([change(2.0, "a", Outcome.OK)], {}, {})
    backlog.put([change(3.0, "a", Outcome.FAIL), Heartbeat(3.0, "central", {})], {}, {})
    backlog.put([change(4.0, "a", Outcome.OK), Heartbeat(4.0, "central", {})], {}, {})
    assert (backlog.waiting, backlog.lost) == (4, 3)
    assert backlog.take().events == [
        (1, change(1.0, "a", Outcome.FAIL)),
        (2, change(1.0, "b", Outcome.FAIL)),
        (6, change(4.0, "a", Outcome.OK)),
        (7, Heartbeat(4.0, "central", {})),
        (8, Gap(4.0, "", 1.0, 4.0, 3, "the ledger could not be written")),
    ]
    assert (backlog.waiting, backlog.lost, backlog.seq) == (0, 3, 8)


def test_an_overflow_that_loses_nothing_makes_no_gap() -> None:
    """Where each event is the only one about its subject, all are kept."""
    backlog = Backlog(1, 0)
    backlog.put([change(1.0, "a", Outcome.FAIL), change(1.0, "b", Outcome.FAIL)], {}, {})
    assert [seq for seq, _ in backlog.take().events] == [1, 2]
    assert backlog.lost == 0


def test_what_is_under_way_counts_as_waiting() -> None:
    """Events taken and not yet on the disk use up the capacity too."""
    backlog = Backlog(3, 0)
    backlog.put([change(1.0, "a", Outcome.FAIL)], {}, {}, in_flight=3)
    backlog.put([change(2.0, "a", Outcome.OK)], {}, {}, in_flight=3)
    assert [type(event) for _, event in backlog.take().events] == [RungEvent, Gap]


STEPS = st.lists(st.lists(events(), max_size=5), max_size=12)


@given(STEPS, st.integers(0, 12), st.sets(st.integers(0, 12)))
def test_nothing_is_lost_in_silence(steps: list[list[Event]], capacity: int, taken_after: set[int]) -> None:
    """However much overflows: numbers rise, each lost event is counted, and the newest about each subject is there."""
    backlog = Backlog(capacity, 0)
    written: list[tuple[int, Event]] = []
    handed = 0
    for number, step in enumerate(steps):
        backlog.put(step, {}, {})
        handed += len(step)
        if number in taken_after:
            written += backlog.take().events
    written += backlog.take().events
    numbers = [seq for seq, _ in written]
    assert numbers == sorted(set(numbers))
    assert backlog.seq == (numbers[-1] if numbers else 0)
    ours = [event for _, event in written if isinstance(event, Gap) and event.why == "the ledger could not be written"]
    assert backlog.lost == sum(gap.lost for gap in ours) == handed - (len(written) - len(ours))
    handed_over = [event for step in steps for event in step]
    newest = {subject(event): event for event in handed_over if not isinstance(event, CauseEvent)}
    last = {subject(event): event for _, event in written if event not in ours and not isinstance(event, CauseEvent)}
    assert last == newest  # those about causes are added up, as the next test says


@given(st.lists(st.tuples(st.sampled_from("ab"), st.frozensets(st.sampled_from("123"), max_size=3)), max_size=12))
def test_what_overflows_of_a_cause_leaves_it_as_all_its_events_would(course: list[tuple[str, frozenset[str]]]) -> None:
    """Changes of members are added up: those before say what the newest alone does not."""
    told, open_ones = [], dict[str, frozenset[str]]()
    for at, (id_, members) in enumerate(course):
        before = open_ones.get(id_)
        if before is None and not members:
            continue
        turn = Turn.OPENED if before is None else Turn.CHANGED if members else Turn.CLOSED
        joined, left = members - (before or frozenset()), (before or frozenset()) - members
        scope = Scope(Layer.UPLINK, id_)
        told.append(
            CauseEvent(float(at), id_, turn, Kind.UPLINK, scope, 0.0, 0.0, tuple(sorted(joined)), tuple(sorted(left)))
        )
        open_ones[id_] = members
        if not members:
            del open_ones[id_]
    backlog = Backlog(0, 0)
    for event in told:
        backlog.put([event], {}, {})
    kept = [event for _, event in backlog.take().events if isinstance(event, CauseEvent)]
    assert {id_: cause.members for id_, cause in replay(kept).items()} == open_ones
    assert len(kept) <= 2
