"""The snapshot: counts, changes, and what it takes over from the one before."""

from __future__ import annotations

import pytest
from fleets import histories, inventory, verdict
from hypothesis import given, settings

from monitor.core import fleet as fleets
from monitor.core.fleet import step
from monitor.core.schedule import Rates
from monitor.core.snapshot import publish
from monitor.core.state import State, decided
from monitor.core.verdict import Finding, Outcome, Reason, Rung, Verdict

OK, FAIL, UNSEEN = Outcome.OK, Outcome.FAIL, Outcome.UNSEEN


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


VIDEO = (Finding(Rung.REACHABLE, OK), Finding(Rung.STREAM, OK, camera="d0c1"), Finding(Rung.MEDIA, OK, camera="d0c1"))
SERVICE = (Finding(Rung.CONTROL, OK), Finding(Rung.CLOCK, OK), Finding(Rung.CREDENTIALS, OK))
VITALS = (Finding(Rung.DEVICE, OK), Finding(Rung.RECORDING, OK))
SILENT = (Finding(Rung.REACHABLE, FAIL, Reason.TIMEOUT),)
REFUSED = (Finding(Rung.REACHABLE, OK), Finding(Rung.CREDENTIALS, FAIL, Reason.CREDENTIALS))
FULL = (Finding(Rung.STREAM, UNSEEN, Reason.BUSY, "", "d0c1"),)
NO_CARD = (Finding(Rung.DEVICE, OK), Finding(Rung.RECORDING, FAIL, Reason.STORAGE))
OFF = (Finding(Rung.CONTROL, FAIL, Reason.UNSUPPORTED),)


@pytest.mark.parametrize(
    "looks",
    [
        (VIDEO, SERVICE, VITALS),
        (SERVICE, VITALS, FULL, FULL, FULL),
        (VIDEO, SERVICE, NO_CARD, NO_CARD, NO_CARD),
        (VIDEO, VITALS, OFF, OFF, OFF),
        (SERVICE, REFUSED, VITALS),
        (SERVICE, (*REFUSED, Finding(Rung.STREAM, FAIL, Reason.TIMEOUT, "", "d0c1")), VITALS),
        (SILENT, (Finding(Rung.DEVICE, FAIL, Reason.TIMEOUT),), SILENT, SILENT),
    ],
    ids=["well", "full", "card failed", "service off", "login refused", "hidden", "silent"],
)
def test_a_first_look_is_complete_when_nothing_that_a_camera_is_asked_is_open(
    looks: tuple[tuple[Finding, ...], ...],
) -> None:
    """Not before each of its probes has an answer and each first failure is confirmed; what nobody can see stays open."""
    fleet, at = fleets.start(inventory(), Rates()), 100.0
    for findings in looks:
        assert not decided(fleet.cameras["d0c1"])
        fleet, _ = step(fleet, [verdict(at, *findings)], at)
        at += 15.0
    assert decided(fleet.cameras["d0c1"])


def test_a_camera_that_is_not_asked_something_is_not_waited_for() -> None:
    """Where only its stream is asked for, that is all."""
    fleet, _ = step(fleets.start(inventory(probes=("rtsp",)), Rates()), [verdict(100.0, *VIDEO)], 100.0)
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
