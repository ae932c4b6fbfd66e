"""One camera's rungs after a verdict: the short way for what is well once more gives what the long way gives."""

from __future__ import annotations

from dataclasses import replace

from fleets import histories, inventory, verdict
from hypothesis import given
from hypothesis import strategies as st

from monitor.core import fleet as fleets
from monitor.core import judging
from monitor.core.fleet import step
from monitor.core.health import RungHealth
from monitor.core.identity import UNKNOWN, Recognition, Who
from monitor.core.judging import judge, judged_at_length
from monitor.core.schedule import Rates
from monitor.core.verdict import Finding, Outcome, Reason, Rung, Verdict

OK = Outcome.OK
RECOGNITIONS = st.one_of(st.none(), st.builds(Recognition, st.sampled_from(Who), st.just("B8A4"), st.just(UNKNOWN)))
WELL = st.builds(
    Finding,
    st.sampled_from(Rung),
    st.sampled_from([OK, OK, OK, Outcome.NA]),
    st.none(),
    st.sampled_from(["", "off by 0.2 s"]),
    st.sampled_from(["", "d0c1", "d0c2"]),
)


@st.composite
def verdicts(draw: st.DrawFn) -> Verdict:
    """Draw a verdict that found nothing wrong, or whatever there is to be found."""
    steps = [one for step_ in draw(histories()) for one in step_]
    findings = tuple(draw(st.lists(WELL, max_size=6))) if draw(st.booleans()) or not steps else steps[-1].findings
    at = draw(st.floats(0.0, 20_000.0))
    return replace(verdict(at, *findings, duration_s=draw(st.floats(0.0, 30.0))), silent_s=draw(st.floats(0.0, 10.0)))


@given(histories(), verdicts(), RECOGNITIONS)
def test_the_short_way_gives_what_the_long_way_gives(
    steps: list[list[Verdict]], said: Verdict, recognition: Recognition | None
) -> None:
    """Whatever was seen before, whatever is found, and whoever gave the answer."""
    fleet = fleets.start(inventory(2, 2, ("onvif", "rtsp")), Rates())
    for found in steps:
        fleet, _ = step(fleet, found, max([fleet.at, *(one.at for one in found)]) + 0.5)
    for camera, rungs in fleet.cameras.items():
        assert judge(rungs, camera, said, recognition) == judged_at_length(rungs, camera, said, recognition)


def test_what_is_well_once_more_goes_the_short_way() -> None:
    """A camera whose clock alone is wrong takes it, too; one whose stream fails does not."""
    rungs = [RungHealth(OK, None, "", 1.0, 2.0, 3.0)] * len(Rung)
    rungs[Rung.CLOCK] = RungHealth(Outcome.FAIL, Reason.CLOCK, "off by 90 s", 1.0, 2.0, 1.0, 3.0)
    said = verdict(10.0, Finding(Rung.REACHABLE, OK), Finding(Rung.STREAM, OK, camera="d0c1"))
    assert judging.well_again(tuple(rungs), "d0c1", said, None) is not None
    rungs[Rung.STREAM] = RungHealth(Outcome.FAIL, Reason.NOT_FOUND, "", 1.0, 2.0, 1.0, 3.0)
    assert judging.well_again(tuple(rungs), "d0c1", said, None) is None


def test_rungs_of_which_the_same_is_known_are_one_value() -> None:
    """What one check found well, and finds well once more, is held once, not once a rung."""
    fleet = fleets.start(inventory(1), Rates())
    well = [Finding(rung, Outcome.OK) for rung in (Rung.REACHABLE, Rung.CONTROL, Rung.CLOCK)]
    for at in (1000.0, 1060.0):
        fleet, _ = step(fleet, [verdict(at, *well, probe="onvif")], at)
    rungs = fleet.cameras["d0c1"]
    assert rungs[Rung.REACHABLE] is rungs[Rung.CONTROL] is rungs[Rung.CLOCK]


def test_all_that_is_well_was_so_when_the_newest_answer_was_asked_for() -> None:
    """Who answers, too, whatever came after that in vain."""
    fleet = fleets.start(inventory(1), Rates())
    said = replace(verdict(1000.0, Finding(Rung.REACHABLE, OK), probe="onvif", duration_s=20.0), silent_s=18.0)
    own = Recognition(Who.OWN, "B8A4", UNKNOWN)
    for rungs in (fleet.cameras["d0c1"], judge(fleet.cameras["d0c1"], "d0c1", said, own)):
        judged = judge(rungs, "d0c1", said, own)
        assert (judged[Rung.REACHABLE].last_ok, judged[Rung.IDENTITY].last_ok) == (982.0, 982.0)
