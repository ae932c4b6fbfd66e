"""The diagnosis on the default city, as the benchmark measures it: four shared causes, and each other by itself."""

from __future__ import annotations

import pytest

from benchmarks.diagnosis import run, score
from benchmarks.papercity import storm
from monitor.core.topology import Layer

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
    """They open within 40 seconds here; none opens that is closed again."""
    paper = storm()
    outcome = run(paper, until=paper.start + 100.0 + 120.0)
    shared = [event for event in outcome.events if event.scope.layer not in ALONE]
    assert sorted(str(event.turn) for event in shared) == ["changed"] * 4 + ["opened"] * 4
