"""The snapshot: counts, changes, and what it takes over from the one before."""

from __future__ import annotations

from fleets import histories, inventory, verdict
from hypothesis import given, settings

from monitor.core import fleet as fleets
from monitor.core.fleet import step
from monitor.core.schedule import Rates
from monitor.core.snapshot import publish
from monitor.core.state import State, decided
from monitor.core.verdict import Finding, Outcome, Reason, Rung, Verdict


def test_a_snapshot_counts_by_state_and_reason_and_tells_changes() -> None:
    """One of two cameras loses its login: one is down for it, and the change is told once."""
    fleet = fleets.start(inventory(2), Rates())
    first = publish(fleet, 0)
    assert first.count(State.UNKNOWN) == 2
    fleet, events = step(fleet, [verdict(100.0, Finding(Rung.CREDENTIALS, Outcome.FAIL, Reason.CREDENTIALS))], 100.0)
    second = publish(fleet, 0, first)
    assert (second.not_working, second.count(State.DOWN, zone="zone")) == (1, 1)
    assert dict(second.reasons) == {("zone", Reason.CREDENTIALS): 1}
    assert [(change.camera, change.before, change.now.state) for change in second.changes] == [
        ("d0c1", State.UNKNOWN, State.DOWN)
    ]
    assert (second.seq, second.recorded_seq) == (len(events), 0)
    assert second.views["d1c1"] is first.views["d1c1"]
    assert publish(fleet, 0, second).changes == second.changes


def test_a_first_look_is_complete_when_a_state_is_confirmed_or_the_camera_was_full_three_times() -> None:
    """Unknown is decided only by three busy answers."""
    fleet = fleets.start(inventory(), Rates())
    assert not decided(fleet.cameras["d0c1"])
    for number in range(3):
        assert not decided(fleet.cameras["d0c1"])
        busy = Finding(Rung.STREAM, Outcome.UNSEEN, Reason.BUSY, "", "d0c1")
        fleet, _ = step(fleet, [verdict(100.0 + number, busy)], 100.0 + number)
    assert decided(fleet.cameras["d0c1"])


@given(histories())
@settings(max_examples=50, deadline=None)
def test_counting_what_changed_gives_what_counting_all_gives(steps: list[list[Verdict]]) -> None:
    """A snapshot made after another equals one made alone, whatever was seen."""
    fleet, before, at = fleets.start(inventory(2, 2), Rates()), None, 1000.0
    for verdicts in steps:
        at = max([at, *(one.at for one in verdicts)]) + 0.5
        fleet, _ = step(fleet, verdicts, at)
        before = publish(fleet, 0, before)
        alone = publish(fleet, 0)
        assert (before.states, before.reasons, before.views) == (alone.states, alone.reasons, alone.views)
