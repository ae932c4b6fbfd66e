"""What is wrong with a camera, by its rungs, as they come back one after the other."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fleets import inventory, verdict

from monitor.core.diagnosis.symptom import NONE, Symptom, Symptoms, symptoms
from monitor.core.fleet import Fleet, start, step
from monitor.core.model import PROBE_NAMES
from monitor.core.schedule import Rates
from monitor.core.verdict import Finding, Outcome, Reason, Rung

SILENT = Finding(Rung.REACHABLE, Outcome.FAIL, Reason.NO_ROUTE)
ANSWERS = Finding(Rung.REACHABLE, Outcome.OK)
CONTROL = Finding(Rung.CONTROL, Outcome.OK)
OFF = Finding(Rung.CONTROL, Outcome.FAIL, Reason.UNSUPPORTED)
STREAM = Finding(Rung.STREAM, Outcome.OK, camera="d0c1")
GONE = Finding(Rung.STREAM, Outcome.FAIL, Reason.NOT_FOUND, camera="d0c1")
MEDIA = Finding(Rung.MEDIA, Outcome.OK, camera="d0c1")


class Course:
    """One camera: what was asked of it, ten seconds apart, and what is wrong with it after each answer."""

    def __init__(self, probes: tuple[str, ...] = PROBE_NAMES) -> None:
        self.fleet: Fleet = start(inventory(1, probes=probes), Rates())
        self.wrong: Symptoms = NONE
        self.now = 1000.0

    def hear(self, *findings: Finding, times: int = 1) -> set[Symptom]:
        for _ in range(times):
            self.now += 15.0
            self.fleet, _ = step(self.fleet, [verdict(self.now, *findings)], self.now)
            self.wrong = symptoms(self.fleet.cameras["d0c1"], self.wrong)
        return set(self.wrong)


def test_what_failed_with_the_silence_alone_is_no_symptom_when_the_device_answers_again() -> None:
    """Its services and its video have not been asked yet: nobody says that they are off."""
    course = Course()
    assert course.hear(ANSWERS, CONTROL, STREAM, MEDIA) == set()
    assert course.hear(SILENT, times=3) == {Symptom.SILENT}
    assert course.hear(ANSWERS, times=2) == set()
    assert course.fleet.cameras["d0c1"][Rung.MEDIA].outcome is Outcome.UNSEEN
    assert course.hear(CONTROL, STREAM, times=2) == set()
    assert course.hear(MEDIA, times=2) == set()


def test_what_a_silence_has_left_is_no_symptom_of_the_next_one() -> None:
    """Back for half a minute, asked for its connection alone: what fails then fails with the second silence."""
    agent = Finding(Rung.DEVICE, Outcome.FAIL, Reason.TIMEOUT)
    dead = Finding(Rung.STREAM, Outcome.FAIL, Reason.TIMEOUT, camera="d0c1")
    course = Course()
    course.hear(ANSWERS, CONTROL, STREAM, MEDIA, Finding(Rung.DEVICE, Outcome.OK))
    assert course.hear(SILENT, agent, times=3) == {Symptom.SILENT}
    assert course.hear(ANSWERS, times=2) == set()
    assert course.hear(agent, dead) == set()
    assert course.hear(SILENT, agent, times=3) == {Symptom.SILENT}
    assert course.hear(ANSWERS, times=2) == set()
    assert course.hear(ANSWERS, agent, dead, times=2) == set()
    assert course.hear(ANSWERS, agent, dead) == {Symptom.STREAM, Symptom.SERVICE_OFF}
    assert course.wrong[Symptom.STREAM].by == course.now - 30.0


def test_what_was_not_looked_at_since_a_silence_is_not_repaired() -> None:
    """Its video was gone before; connection and stream come back first, and only then is video asked for."""
    dark = Finding(Rung.MEDIA, Outcome.FAIL, Reason.NO_VIDEO, camera="d0c1")
    course = Course()
    course.hear(ANSWERS, CONTROL, STREAM, MEDIA)
    assert course.hear(ANSWERS, STREAM, dark, times=3) == {Symptom.NO_VIDEO}
    since = course.wrong[Symptom.NO_VIDEO]
    assert course.hear(SILENT, times=3) == {Symptom.SILENT, Symptom.NO_VIDEO}
    for findings in [(ANSWERS,)] * 2 + [(ANSWERS, CONTROL, STREAM)] * 3 + [(ANSWERS, STREAM, dark)] * 3:
        assert Symptom.NO_VIDEO in course.hear(*findings)
    assert course.wrong == {Symptom.NO_VIDEO: since}
    assert course.hear(ANSWERS, STREAM, MEDIA, times=2) == set()


def test_a_vital_sign_that_cannot_be_read_in_a_silence_stays_bad() -> None:
    """Its fan has failed; that its agent is silent with all else is no service that is off."""
    hot = Finding(Rung.DEVICE, Outcome.FAIL, Reason.VITALS)
    mute = Finding(Rung.DEVICE, Outcome.FAIL, Reason.TIMEOUT)
    course = Course()
    course.hear(ANSWERS, CONTROL, STREAM, MEDIA, Finding(Rung.DEVICE, Outcome.OK))
    assert course.hear(ANSWERS, hot, times=3) == {Symptom.VITALS}
    assert course.hear(mute, times=3) == {Symptom.VITALS}
    assert course.hear(SILENT, mute, times=3) == {Symptom.SILENT, Symptom.VITALS}
    assert course.hear(ANSWERS, times=2) == {Symptom.VITALS}
    assert course.hear(ANSWERS, hot) == {Symptom.VITALS}
    assert course.hear(ANSWERS, mute, times=3) == {Symptom.SERVICE_OFF}


def test_what_fails_after_the_device_came_back_is_told_when_it_is_confirmed() -> None:
    """Asked again three times, its stream is gone and its service off: by then it is seen."""
    course = Course()
    course.hear(ANSWERS, CONTROL, STREAM, MEDIA)
    course.hear(SILENT, times=3)
    course.hear(ANSWERS, times=2)
    assert course.hear(ANSWERS, OFF, GONE, times=2) == set()
    assert course.hear(ANSWERS, OFF, GONE) == {Symptom.STREAM, Symptom.SERVICE_OFF}


def test_what_was_wrong_before_the_silence_is_wrong_after_it() -> None:
    """A stream that was gone before the power went is still gone, asked or not."""
    course = Course()
    course.hear(ANSWERS, CONTROL, STREAM, MEDIA)
    assert course.hear(ANSWERS, CONTROL, GONE, times=3) == {Symptom.STREAM}
    assert course.hear(SILENT, times=3) == {Symptom.SILENT, Symptom.STREAM}
    assert course.hear(ANSWERS, times=2) == {Symptom.STREAM}


def test_an_agent_whose_silence_is_confirmed_first_is_no_fault_of_its_own() -> None:
    """Its datagrams and its connections failed in the same minute; one older than the last connection stays."""
    agent = Finding(Rung.DEVICE, Outcome.FAIL, Reason.TIMEOUT)
    course = Course()
    course.hear(ANSWERS, CONTROL, STREAM, MEDIA, Finding(Rung.DEVICE, Outcome.OK))
    assert course.hear(agent) == set()
    assert course.hear(SILENT, agent, times=2) == set()
    assert course.hear(SILENT, agent) == {Symptom.SILENT}
    old = Course()
    old.hear(ANSWERS, CONTROL, STREAM, MEDIA, Finding(Rung.DEVICE, Outcome.OK))
    assert old.hear(ANSWERS, agent, times=3) == {Symptom.SERVICE_OFF}
    assert old.hear(SILENT, agent, times=3) == {Symptom.SILENT, Symptom.SERVICE_OFF}


def test_a_failure_that_a_silence_confirms_is_no_fault_of_its_own() -> None:
    """Its stream failed once, then its line was cut: that it failed twice more says nothing of the stream."""
    late = Finding(Rung.STREAM, Outcome.FAIL, Reason.TIMEOUT, camera="d0c1")
    course = Course()
    course.hear(ANSWERS, CONTROL)
    course.hear(ANSWERS, late)
    assert course.hear(SILENT, late, times=2) == set()
    assert course.fleet.cameras["d0c1"][Rung.STREAM].outcome is Outcome.FAIL
    assert course.hear(SILENT, late) == {Symptom.SILENT}
    assert course.hear(ANSWERS, times=2) == set()


def test_a_failure_that_no_silence_follows_is_its_own() -> None:
    """A port that nothing answers, of a device that answers at another: it is seen failing since it first did."""
    filtered = Finding(Rung.STREAM, Outcome.FAIL, Reason.TIMEOUT, camera="d0c1")
    course = Course()
    course.hear(ANSWERS, CONTROL)
    since = course.now + 15.0
    course.hear(ANSWERS, filtered)
    assert course.hear(SILENT, filtered, times=2) == set()
    assert course.hear(ANSWERS, CONTROL) == {Symptom.STREAM}
    assert course.wrong[Symptom.STREAM].by == since


@pytest.mark.parametrize(
    ("probes", "asked"),
    [
        (("onvif", "rtsp"), (Finding(Rung.STREAM, Outcome.FAIL, Reason.NO_REPLY, camera="d0c1"),)),
        (("onvif", "rtsp"), (Finding(Rung.STREAM, Outcome.FAIL, Reason.NOT_FOUND, camera="d0c1"),)),
        (("onvif",), (Finding(Rung.CONTROL, Outcome.FAIL, Reason.NO_REPLY),)),
        (("onvif", "rtsp"), (OFF, STREAM)),
    ],
)
def test_what_failed_for_long_is_its_own_whoever_asks_in_vain_now(
    probes: tuple[str, ...], asked: tuple[Finding, ...]
) -> None:
    """One connection is lost just when the monitor is started anew, and remembers the rungs alone."""
    course = Course(probes)
    course.hear(ANSWERS, CONTROL)
    wrong = course.hear(ANSWERS, *asked, times=6)
    assert len(wrong) == 1
    assert course.hear(SILENT) == wrong
    assert set(symptoms(course.fleet.cameras["d0c1"], NONE)) == wrong


def test_a_device_that_waited_for_video_when_its_line_was_cut_has_no_service_off() -> None:
    """The wait for a packet ends after its agent has fallen silent; the connection was made before."""
    agent = Finding(Rung.DEVICE, Outcome.FAIL, Reason.TIMEOUT)
    dark = Finding(Rung.MEDIA, Outcome.FAIL, Reason.NO_VIDEO, camera="d0c1")
    course = Course()
    course.hear(ANSWERS, CONTROL, STREAM, Finding(Rung.DEVICE, Outcome.OK))
    assert course.hear(ANSWERS, STREAM, dark, times=3) == {Symptom.NO_VIDEO}
    at = course.now + 30.0
    waited = replace(verdict(at + 10.5, ANSWERS, STREAM, dark, duration_s=11.0), silent_s=10.8)
    asked = [verdict(at + 6.0, agent, probe="snmp"), waited]
    asked += [verdict(at + 16.0 + 10.5 * n, agent, probe="snmp", duration_s=0.1) for n in (1, 2, 3)]
    asked += [verdict(at + 20.0 + 11.0 * n, SILENT) for n in (1, 2, 3)]
    for one in sorted(asked, key=lambda one: one.at):
        course.fleet, _ = step(course.fleet, [one], one.at)
        course.wrong = symptoms(course.fleet.cameras["d0c1"], course.wrong)
    assert set(course.wrong) == {Symptom.SILENT, Symptom.NO_VIDEO}
    silent = course.wrong[Symptom.SILENT]
    assert silent.after == at + 10.5 - 10.8


def test_a_device_that_hung_before_its_line_was_cut_hangs_after_it() -> None:
    """Until it has answered, what the cut has left on its services is no fault of each of them."""
    control = Finding(Rung.CONTROL, Outcome.FAIL, Reason.NO_REPLY)
    stream = Finding(Rung.STREAM, Outcome.FAIL, Reason.NO_REPLY, camera="d0c1")
    course = Course()
    course.hear(ANSWERS, CONTROL, STREAM, MEDIA)
    assert course.hear(ANSWERS, control, stream, times=3) == {Symptom.HUNG}
    assert course.hear(SILENT, times=3) == {Symptom.SILENT, Symptom.HUNG}
    for _ in range(5):
        assert Symptom.HUNG in course.hear(ANSWERS, control, stream) <= {Symptom.SILENT, Symptom.HUNG}
    assert course.hear(ANSWERS, CONTROL, STREAM, MEDIA, times=2) == set()


def test_a_question_that_was_put_before_a_device_came_back_says_nothing_of_it() -> None:
    """The wait for its agent runs out after it has answered again elsewhere."""
    agent = Finding(Rung.DEVICE, Outcome.FAIL, Reason.TIMEOUT)
    course = Course()
    course.hear(ANSWERS, CONTROL, STREAM, MEDIA, Finding(Rung.DEVICE, Outcome.OK))
    assert course.hear(SILENT, agent, times=3) == {Symptom.SILENT}
    course.now += 15.0
    late = verdict(course.now + 4.0, agent, probe="snmp", duration_s=5.0)
    course.fleet, _ = step(course.fleet, [verdict(course.now, ANSWERS), late], course.now + 5.0)
    assert course.hear(ANSWERS) == set()
    assert course.hear(ANSWERS, agent, times=3) == {Symptom.SERVICE_OFF}


def test_a_device_that_answered_once_and_is_silent_again_is_silent_since_that_answer() -> None:
    """Once three failures have confirmed it, and since before until then. Its outage goes on unbroken."""
    course = Course()
    course.hear(ANSWERS)
    course.hear(SILENT, times=3)
    first = course.wrong[Symptom.SILENT]
    course.hear(ANSWERS)
    answered = course.now
    course.hear(SILENT, times=2)
    assert course.wrong[Symptom.SILENT] == first
    course.hear(SILENT, times=10)
    assert course.wrong[Symptom.SILENT] == (answered, answered + 15.0)
    network = course.fleet.cameras["d0c1"][Rung.REACHABLE]
    assert (network.outcome, network.after, network.by) == (Outcome.FAIL, *first)
