"""The diagnosis on the default city, as the benchmark measures it: four shared causes, and each other by itself."""

from __future__ import annotations

from itertools import islice

import pytest

from benchmarks import bursts, cuts, folds, lines, outages, relapses
from benchmarks.diagnosis import run, score
from benchmarks.papercity import SILENCING, PaperCity, storm
from monitor.core.diagnosis.cause import Kind
from monitor.core.topology import Layer, Scope

SOAK = pytest.mark.soak
ALONE = (Layer.DEVICE, Layer.CAMERA)


@pytest.mark.parametrize("cold", [False, True], ids=["seen falling", "before the first look"])
def test_the_three_corridors_and_the_feeder_are_four_causes_with_exactly_their_members(cold: bool) -> None:
    """Of the 600, 356 have one of four causes; the others have their own; none that is not there."""
    paper = storm(cold=cold)
    outcome = run(paper)
    shared = {
        cause.scope: cause.members for cause in outcome.diagnosis.causes.values() if cause.scope.layer not in ALONE
    }
    true = {
        fault.scope: {camera for device in fault.devices for camera in paper.topology.cameras[device]}
        for fault in paper.faults
        if fault.scope.layer not in ALONE
    }
    assert shared == true
    assert sum(map(len, shared.values())) == 356
    measured = score(paper, outcome)
    assert (measured.precision, measured.recall) == (1.0, 1.0)


def test_shared_causes_stand_two_minutes_after_the_storm() -> None:
    """They open within a minute here, with all their members; none opens that is closed again."""
    paper = storm()
    outcome = run(paper, until=paper.start + 100.0 + 120.0)
    shared = [event for event in outcome.events if event.scope.layer not in ALONE]
    assert sorted(str(event.turn) for event in shared) == ["opened"] * 4


@pytest.mark.soak
def test_a_fresh_cut_beside_an_older_silence_is_told_apart_from_it() -> None:
    """In small cities, where a port and a feeder have nearly the same devices: at least 99 of 100 cuts are right."""
    told = [cuts.told(trial) for trial in cuts.trials((1, 2))]
    assert len(told) > 200
    assert sum(one.fresh and one.old for one in told) >= 0.99 * len(told)


@pytest.mark.parametrize("cold", [False, True], ids=["seen falling", "before the first look"])
@pytest.mark.parametrize("uplink", ["SW-03/1", "SW-05/1", "SW-08/2", "SW-15/1"])
def test_a_port_cut_minutes_after_a_storm_is_no_power_cut(uplink: str, cold: bool) -> None:
    """Neither dead cameras behind it, nor a corridor or a feeder beside it that fell before, make a feeder of it."""
    paper = storm(cameras=300, cold=cold)
    scope = Scope(Layer.UPLINK, uplink)
    earlier = {device for fault in paper.faults if fault.kind in SILENCING for device in fault.devices}
    paper.add(Kind.UPLINK, scope, paper.start + 1000.0)
    left = set(paper.topology.members[scope]) - earlier
    causes = run(paper).diagnosis.causes.values()
    found = {cause.scope: cause.members for cause in causes if cause.scope.layer is Layer.UPLINK}
    assert found[scope] == {camera for device in left for camera in paper.topology.cameras[device]}


@pytest.mark.parametrize("every", [4, pytest.param(1, marks=SOAK)])
def test_lines_and_feeders_that_fail_under_watch_are_told_as_what_they_are(every: int) -> None:
    """Failures arrive over half a minute, some devices are in the middle of an answer: no cut line is told as power, not
    even for a second, and no power cut as a line."""
    told = [lines.told(trial) for trial in islice(lines.trials((2,)), 0, None, every)]
    assert len(told) >= 8 // every
    assert [one for one in told if not one.right or one.strangers] == []


@pytest.mark.parametrize(
    ("gap_s", "every"), [(10.0, 3), *(pytest.param(gap_s, 1, marks=SOAK) for gap_s in (10.0, 30.0))]
)
def test_a_line_that_is_repaired_and_fails_once_more_is_told_as_what_fails(gap_s: float, every: int) -> None:
    """Some of it was not asked in between, some not confirmed to be back: still one cause, and none that is not there."""
    told = [relapses.told(trial) for trial in islice(relapses.trials((1,), (gap_s,)), 0, None, every)]
    assert [(one.right, one.strangers) for one in told] == [(True, ())] * (6 // every)


def test_the_storm_is_found_by_the_whole_step_within_two_minutes() -> None:
    """Four shared causes with exactly their members, and no cause opens that is not there."""
    found = outages.the_storm(600)
    assert (found.shared, found.wrong) == (4, 0)
    assert found.open_s <= found.exact_s <= 120.0


@pytest.mark.parametrize("canary", [False, True], ids=["without a canary", "with one"])
def test_the_monitors_own_line_is_no_outage(canary: bool) -> None:
    """One cause, *monitor blind*, none other, and no camera is called down."""
    assert outages.own_line(300, canary) == outages.Cut(blind=1, others=0, down=0)


def test_bursts_of_loss_page_nobody() -> None:
    """Bursts are confirmed as failures, and no cause stands for five minutes; without patience flapping would."""
    found = bursts.pages(300, 0.25)
    assert found.confirmed > 100
    assert found.paged == {}


def test_a_fold_costs_what_it_changes() -> None:
    """One change costs the diagnosis of a fleet ten times larger no more than a few times as much."""
    small, large = (folds.folds(PaperCity(folds.many_cities(copies)), 100, 50) for copies in (1, 10))
    assert large.cameras == 10 * small.cameras
    assert large.one.median_s < 4 * small.one.median_s
