"""What the demo waits for before it scores: a first look that is complete, however long that takes."""

from __future__ import annotations

from fleets import inventory, verdict

from monitor.core import fleet as fleets
from monitor.core.diagnosis.rules import ALONE_SETTLES_S
from monitor.core.diagnosis.symptom import Symptom
from monitor.core.diagnosis.watch import Watch, ground_of
from monitor.core.schedule import Rates
from monitor.core.snapshot import publish
from monitor.core.state import State
from monitor.core.verdict import Finding, Outcome, Reason, Rung
from monitor.demo import undecided

OK, FAIL = Outcome.OK, Outcome.FAIL
CAMERA = "d0c1"
WELL = [
    Finding(Rung.REACHABLE, OK),
    Finding(Rung.CREDENTIALS, OK),
    Finding(Rung.STREAM, OK, camera=CAMERA),
    Finding(Rung.MEDIA, OK, camera=CAMERA),
    Finding(Rung.DEVICE, OK),
    Finding(Rung.RECORDING, OK),
]
#: Of ONVIF switched off nobody can say for a while whether it is that, or a device that hangs.
OFF = Finding(Rung.CONTROL, FAIL, Reason.UNSUPPORTED)
SETTLES_S = ALONE_SETTLES_S[Symptom.SERVICE_OFF]


def test_a_camera_that_works_with_a_fault_is_waited_for_until_the_fault_has_its_cause() -> None:
    """Its video is seen at once, its fault is confirmed twenty seconds later, and the cause follows when it has settled."""
    of = inventory()
    watch, at = Watch(), 1000.0
    fleet, _ = watch.begin(fleets.start(of, Rates()), at, ground_of(of))
    told: list[tuple[float, State, int, int]] = []
    for after in range(0, 121, 10):
        findings = [*WELL, OFF] if after <= 20 else WELL
        fleet, _ = watch.step(fleet, [verdict(at + after, *findings)], at + after)
        snapshot = publish(fleet, 0)
        told.append((after, snapshot.views[CAMERA].state, len(snapshot.causes), undecided(snapshot)))
    first = [one for one in told if one[0] < 20]
    unsettled = [one for one in told if 20 <= one[0] < SETTLES_S]
    settled = [one for one in told if one[0] >= SETTLES_S]
    assert {one[1:] for one in first} == {(State.UP, 0, 1)}
    assert {one[1:] for one in unsettled} == {(State.DEGRADED, 0, 1)}
    assert {one[1:] for one in settled} == {(State.DEGRADED, 1, 0)}
