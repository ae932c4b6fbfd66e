"""A line that is cut, mended and cut again, or whose feeder is: what the first silence left says nothing of the second."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from papertown import NOON, town

from benchmarks.patrol import Patrol, Shown
from monitor.core.diagnosis.cause import CLOSING, OPENING, CauseEvent, Kind, replay
from monitor.core.schedule import Rates
from monitor.core.verdict import Outcome, Reason, Rung

#: What fails at one service of a device that answers otherwise.
OF_A_SERVICE = (Kind.HUNG, Kind.STREAM, Kind.NO_VIDEO, Kind.BUSY, Kind.SERVICE_OFF, Kind.VITALS)
NO_VIDEO = {Rung.MEDIA: (Outcome.FAIL, Reason.NO_VIDEO)}
NO_STREAM = dict.fromkeys((Rung.STREAM, Rung.MEDIA), (Outcome.FAIL, Reason.NOT_FOUND))
OFF = {Rung.CONTROL: (Outcome.FAIL, Reason.UNSUPPORTED)}
HOT = {Rung.DEVICE: (Outcome.FAIL, Reason.VITALS)}
HUNG = dict.fromkeys((Rung.CONTROL, Rung.STREAM, Rung.MEDIA), (Outcome.FAIL, Reason.NO_REPLY))
FAULTS: Mapping[Kind, Shown] = {
    Kind.NO_VIDEO: NO_VIDEO,
    Kind.STREAM: NO_STREAM,
    Kind.SERVICE_OFF: OFF,
    Kind.VITALS: HOT,
    Kind.HUNG: HUNG,
}
#: A street, and the poles of one feeder, of which one stands in that street.
LINE, FEEDER = "s1", "p1c"
#: Seconds in which everything has been asked, and after which nothing more is to come.
WARM_S, AFTERWARDS_S = 620.0, 200.0


class Silence(NamedTuple):
    """A part of the town is silent from a moment on, until another."""

    part: str
    since: float
    until: float


def watched(
    silences: Sequence[Silence], faults: Mapping[str, Shown], seconds: float, poles: int = 2, streets: int = 2
) -> list[CauseEvent]:
    """Watch a town some of whose devices have faults of their own; return what was told of causes."""

    def shown(device: str, at: float) -> Shown:
        silent = any(part in device and since <= at < until for part, since, until in silences)
        return None if silent else faults.get(device, {})

    here = Patrol(town(streets=streets, poles=poles), Rates(), NOON, shown)
    for device in here.inventory.devices:
        here.follow(device, NOON)
    told = []
    while here.now < NOON + seconds:
        told += [event for event in here.second() if isinstance(event, CauseEvent)]
    return told


def silenced(part: str) -> set[str]:
    """Return the cameras of a town of four streets and twelve poles that a silence of this part silences."""
    return {id_ for id_ in town(streets=4, poles=12).cameras if part in id_}


def of_a_service(told: Iterable[CauseEvent], of: Sequence[str]) -> list[tuple[str, str, float]]:
    """Return which causes of one service turned so, and when after noon."""
    return [
        (str(event.kind), event.scope.name, event.at - NOON)
        for event in told
        if event.kind in OF_A_SERVICE and event.turn in of
    ]


def later(*gaps_s: float) -> list[object]:
    """More gaps of the same kind, each of which takes a while to live through."""
    return [pytest.param(gap_s, marks=pytest.mark.soak) for gap_s in gaps_s]


@pytest.mark.parametrize("second", [LINE, FEEDER])
@pytest.mark.parametrize("gap", [10.0, 35.0, 80.0, *later(20.0, 30.0, 40.0, 50.0, 120.0)])
def test_a_second_silence_opens_no_cause_of_a_service(second: str, gap: float) -> None:
    """Between the two nothing but the line was asked for long enough: no service is off, no stream is gone."""
    for late in (0.0, 10.0):
        cut = WARM_S + late
        silences = [
            Silence(LINE, NOON + cut, NOON + cut + 75.0),
            Silence(second, NOON + cut + 75.0 + gap, NOON + 9e9),
        ]
        told = watched(silences, {}, cut + 75.0 + gap + AFTERWARDS_S, poles=12)
        assert of_a_service(told, OPENING) == []


@pytest.mark.parametrize("second", [LINE, FEEDER])
@pytest.mark.parametrize("gap", [10.0, 40.0, *later(20.0, 30.0, 50.0, 90.0)])
def test_a_second_silence_is_one_cause_with_all_that_it_silenced(second: str, gap: float) -> None:
    """Whether it was asked in between or not: the line again, or the feeder; no device, no site is told by itself."""
    scope = {LINE: "SW-1/1", FEEDER: "F-1"}[second]
    for late in (0.0, 7.0, 14.0):
        cut = WARM_S + late
        again = NOON + cut + 75.0 + gap
        silences = [Silence(LINE, NOON + cut, NOON + cut + 75.0), Silence(second, again, NOON + 9e9)]
        told = watched(silences, {}, cut + 75.0 + gap + AFTERWARDS_S, poles=12, streets=4)
        assert {event.scope.name for event in told if event.turn in OPENING} == {"SW-1/1", scope}
        (left,) = replay(told).values()
        assert (left.scope.name, left.members) == (scope, silenced(second))


@pytest.mark.parametrize("gap", [10.0, 30.0, 50.0])
def test_a_line_that_was_cut_twice_closes_once_when_it_is_repaired(gap: float) -> None:
    """What of it answers first does not tear the rest into causes of their own."""
    cut = WARM_S + 75.0 + gap
    silences = [Silence(LINE, NOON + WARM_S, NOON + WARM_S + 75.0), Silence(LINE, NOON + cut, NOON + cut + 120.0)]
    told = watched(silences, {}, cut + 120.0 + AFTERWARDS_S, poles=12)
    assert {event.scope.name for event in told} == {"SW-1/1"}
    assert replay(told) == {}


def test_one_device_that_falls_silent_after_the_repair_is_a_cause_of_its_own() -> None:
    """It answered since, and its neighbours still do."""
    back = WARM_S + 75.0
    silences = [Silence(LINE, NOON + WARM_S, NOON + back), Silence("s1p3c1", NOON + back + 30.0, NOON + 9e9)]
    (left,) = replay(watched(silences, {}, back + AFTERWARDS_S, poles=12)).values()
    assert (left.kind, left.members) == (Kind.DEAD, {"s1p3c1"})


@pytest.mark.parametrize("kind", FAULTS)
def test_what_is_wrong_with_a_service_stays_open_over_every_silence(kind: Kind) -> None:
    """It was true before and is true afterwards: one cause, that never closes."""
    silences = [Silence(LINE, NOON + WARM_S + at, NOON + WARM_S + at + 90.0) for at in (100.0, 230.0, 800.0)]
    told = watched(silences, {"s1p0c1": FAULTS[kind]}, WARM_S + 1600.0)
    opened = [(found, scope) for found, scope, _ in of_a_service(told, OPENING)]
    assert opened == [(str(kind), "s1p0c1")]
    assert of_a_service(told, CLOSING) == []


@st.composite
def courses(draw: st.DrawFn) -> list[Silence]:
    """Draw silences long enough to be confirmed, and times between them in which all is asked again."""
    silences, at = [], NOON + WARM_S
    for _ in range(draw(st.integers(1, 4))):
        at += draw(st.integers(60, 180))
        until = at + draw(st.integers(60, 200))
        silences.append(Silence(draw(st.sampled_from((LINE, FEEDER, "s1p1", "s1p0c1"))), at, until))
        at = until
    return silences


@given(courses(), st.sampled_from(sorted(FAULTS)))
@settings(max_examples=8, deadline=None)
def test_silences_neither_make_nor_end_what_is_wrong_with_a_service(silences: list[Silence], kind: Kind) -> None:
    """However often and for how long a device is cut off: its own fault is one cause, and no other device has any."""
    told = watched(silences, {"s1p0c1": FAULTS[kind]}, silences[-1].until - NOON + 900.0)
    assume(not any(event.kind is Kind.FLAPPING for event in told))  # that hides what a device fails at
    assert [(found, scope) for found, scope, _ in of_a_service(told, OPENING)] == [(str(kind), "s1p0c1")]
    assert of_a_service(told, CLOSING) == []


@pytest.mark.parametrize("gap", [15.0, 30.0, *later(10.0, 20.0)])
def test_what_is_silent_again_is_not_told_as_answering(gap: float) -> None:
    """A short repair that some noticed and others did not: once all are silent again, all are told as silent."""
    first = Silence(LINE, NOON + WARM_S, NOON + WARM_S + 75.0)
    second = Silence(LINE, first.until + gap, NOON + 9e9)
    told = watched([first, second], {}, WARM_S + 75.0 + gap + AFTERWARDS_S, poles=12, streets=4)
    (line,) = replay(told).values()
    assert line.members == silenced(LINE)
    assert line.evidence == (f"{len(line.members)} of {len(line.members)} devices behind SW-1/1 fell silent.",)
