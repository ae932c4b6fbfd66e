"""What is wrong with a camera, by its rungs, as they come back one after the other."""

from __future__ import annotations

from fleets import inventory, verdict

from monitor.core.diagnosis.symptom import NONE, Symptom, Symptoms, symptoms
from monitor.core.fleet import Fleet, start, step
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

    def __init__(self) -> None:
        self.fleet: Fleet = start(inventory(1), Rates())
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
    assert course.fleet.cameras["d0c1"][Rung.MEDIA].outcome is Outcome.FAIL
    assert course.hear(CONTROL, STREAM, times=2) == set()
    assert course.hear(MEDIA, times=2) == set()


def test_what_fails_after_the_device_came_back_is_told_at_once() -> None:
    """Asked again, its stream is gone and its service off: by then it is seen."""
    course = Course()
    course.hear(ANSWERS, CONTROL, STREAM, MEDIA)
    course.hear(SILENT, times=3)
    course.hear(ANSWERS, times=2)
    assert course.hear(OFF, GONE) == {Symptom.STREAM, Symptom.SERVICE_OFF}


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
    assert course.hear(SILENT, agent, times=2) == {Symptom.SERVICE_OFF}
    assert course.hear(SILENT, agent) == {Symptom.SILENT}
    old = Course()
    old.hear(ANSWERS, CONTROL, STREAM, MEDIA, Finding(Rung.DEVICE, Outcome.OK))
    assert old.hear(ANSWERS, agent, times=3) == {Symptom.SERVICE_OFF}
    assert old.hear(SILENT, agent, times=3) == {Symptom.SILENT, Symptom.SERVICE_OFF}
