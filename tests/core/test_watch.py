"""The whole of a step, told as stories: outages, blindness, sleep, flapping, restarts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import inf
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from papertown import NOON, equipped, tells, town, ups
from patrol import ANSWERING, Patrol

from monitor.core.canary import OWN_MODEL, Canaries, Silence
from monitor.core.diagnosis.batteries import lasted
from monitor.core.diagnosis.blindness import Asleep
from monitor.core.diagnosis.cause import CauseEvent, Kind, Turn
from monitor.core.diagnosis.updates import Update
from monitor.core.diagnosis.vantages import Vantages
from monitor.core.event import BatteryEvent, Gap, RungEvent
from monitor.core.fleet import facts, reload, replay, start
from monitor.core.schedule import Rates
from monitor.core.state import State, view
from monitor.core.topology import Layer, Scope
from monitor.core.verdict import Finding, Outcome, Reason, Rung, Verdict

WELL = {"central": {OWN_MODEL: None, "gateway": None}}


def cut(at: float) -> Canaries:
    """The gateway beside us fell silent within the last seconds."""
    return {"central": {OWN_MODEL: None, "gateway": Silence((at - 5, at), "gateway 10.0.0.1 does not answer")}}


def street(number: int) -> Callable[[str, float], bool]:
    return lambda id_, at: id_.startswith(f"s{number}p")


def test_a_cut_street_is_unreachable_and_up_again_when_it_answers() -> None:
    """One cause above ten cameras; their outage began when they fell silent, not when the cause was found."""
    here = Patrol()
    here.run(120)
    assert here.states() == {State.UP: set(here.inventory.cameras)}
    cut_at = here.now
    here.run(180, street(1))
    assert list(here.causes) == [("uplink", "SW-1/1")]
    members = here.causes["uplink", "SW-1/1"].members
    assert here.states()[State.UNREACHABLE] == members
    assert len(members) == 10
    for id_ in members:
        seen = view(here.fleet.cameras[id_], here.fleet.standings[id_])
        assert seen.after <= cut_at + 1 <= seen.by <= cut_at + 21
        assert seen.reason is Reason.TIMEOUT
    here.run(120)
    assert here.states() == {State.UP: set(here.inventory.cameras)}
    assert here.causes == {}


class InParts(Patrol):
    """A patrol that is told of three devices at a time, and judges as few, as a monitor of a large fleet does."""

    def step(self, verdicts: list[Verdict], asleep: Asleep | None = None) -> None:
        for first in range(0, max(1, len(verdicts)), 3):
            self.fleet, events = self.watch.hear(
                self.fleet, verdicts[first : first + 3], self.now, self.canaries, asleep
            )
            self.events += events
            asleep = None
        while True:
            self.fleet, events = self.watch.judge(self.fleet, self.now, most=3)
            self.events += events
            if not self.watch.waits(self.now):
                return


def test_a_second_that_is_taken_in_in_parts_ends_as_one_that_is_not() -> None:
    """Two streets are cut, one by one, and come back: the same states, causes and events, in parts and at once."""
    whole, parts = Patrol(), InParts()
    for here in (whole, parts):
        here.run(120)
        here.run(180, street(1))
        here.run(150, lambda id_, at: street(1)(id_, at) or street(3)(id_, at))
    assert len(whole.causes) == 2
    assert parts.fleet == whole.fleet
    for here in (whole, parts):
        here.run(120)
    assert parts.states() == whole.states() == {State.UP: set(whole.inventory.cameras)}
    assert sorted(map(repr, parts.events)) == sorted(map(repr, whole.events))


def test_of_those_who_wait_a_part_looks_at_no_more_than_it_judges(monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole town is heard of at once: what waits behind a part is left alone, however much that is."""
    here, looked_at = InParts(), []
    sees = Vantages.sees
    monkeypatch.setattr(Vantages, "sees", lambda self, device: looked_at.append(device) or sees(self, device))
    devices = here.inventory.devices.values()
    here.step([Verdict(one.id, one.vantage, "onvif", here.now, 0.1, ANSWERING) for one in devices])
    assert len(devices) > 30
    assert len(devices) <= len(looked_at) <= 1.5 * len(devices)


def test_our_own_line_cut_blinds_and_nothing_has_to_be_retracted() -> None:
    """All of a fleet falls silent at once: no camera fails, one cause, and a gap where nobody could look."""
    here = Patrol(canaries=WELL)
    here.run(120)
    before = len(here.events)
    here.canaries = cut(here.now)
    here.run(900, lambda id_, at: True)
    assert list(here.causes) == [("monitor blind", "central")]
    assert here.states() == {State.UNKNOWN: set(here.inventory.cameras)}
    assert here.causes["monitor blind", "central"].evidence == ("gateway 10.0.0.1 does not answer.",)
    here.canaries = WELL
    here.run(60)
    assert here.states() == {State.UP: set(here.inventory.cameras)}
    told = here.events[before:]
    assert [event for event in told if isinstance(event, RungEvent) and event.outcome is Outcome.FAIL] == []
    assert [event.turn for event in told if isinstance(event, CauseEvent)] == [Turn.OPENED, Turn.CLOSED]
    (gap,) = [event for event in told if isinstance(event, Gap)]
    assert (gap.after, 900 <= gap.by - gap.after <= 975) == (NOON + 115, True)


def test_without_a_canary_the_mass_that_fails_blinds_before_a_failure_is_confirmed() -> None:
    """Nothing above them all is believed without a canary beside us."""
    here = Patrol()
    here.run(120)
    here.run(300, lambda id_, at: True)
    assert list(here.causes) == [("monitor blind", "central")]
    evidence = here.causes["monitor blind", "central"].evidence
    assert evidence == ("40 of 80 devices stopped answering within one cycle.",)
    assert not any(isinstance(one, RungEvent) and one.outcome is Outcome.FAIL for one in here.events)


def test_a_mass_that_takes_connections_and_says_nothing_is_our_end_too() -> None:
    """An overloaded monitor, a box between: whole fleets do not hang at once. What hung before still does."""
    here = Patrol()
    here.run(120)
    mute = [Finding(rung, Outcome.FAIL, Reason.NO_REPLY) for rung in (Rung.CONTROL, Rung.STREAM)]
    hung = (Finding(Rung.REACHABLE, Outcome.OK), *mute)
    for round_ in range(6):
        for number, id_ in enumerate(here.inventory.devices):
            here.now += 0.2
            if number % 8 == 0 or round_ > 2:
                here.step([Verdict(id_, "central", "onvif", here.now, 5.0, hung)])
    assert [kind for kind, _ in here.causes if kind != "device hung"] == ["monitor blind"]
    assert len([kind for kind, _ in here.causes if kind == "device hung"]) == 10
    assert here.states() == {State.UNKNOWN: set(here.inventory.cameras)}


def test_a_withdrawn_corridor_is_an_outage_where_a_canary_answers() -> None:
    """All cameras hang on one switch, which fails; the gateway beside it answers."""
    here = Patrol(canaries=WELL)
    here.run(120)
    here.run(300, lambda id_, at: True)
    assert list(here.causes) == [("uplink", "SW-1")]
    assert here.states() == {State.UNREACHABLE: set(here.inventory.cameras)}


def test_whoever_was_blind_at_a_restart_is_so_until_it_proves_otherwise() -> None:
    """The rungs are stale by then; the silence of a fleet is still our line's."""
    here = Patrol()
    here.run(120)
    here.run(1200, lambda id_, at: True)
    here.restart()
    here.run(300, lambda id_, at: True)
    assert list(here.causes) == [("monitor blind", "central")]
    assert here.states() == {State.UNKNOWN: set(here.inventory.cameras)}
    here.run(90)
    assert here.states() == {State.UP: set(here.inventory.cameras)}
    assert not any(isinstance(one, RungEvent) and one.outcome is Outcome.FAIL for one in here.events)


def test_what_failed_before_the_monitor_went_blind_stays_as_it_is() -> None:
    """Its cause is neither closed nor lost; while blind its cameras are unknown like all others."""
    here = Patrol(canaries=WELL)
    here.run(120)
    here.run(240, street(2))
    (cause,) = here.fleet.causes
    here.canaries = cut(here.now)
    here.run(120, lambda id_, at: True)
    assert cause in here.fleet.causes
    assert here.states() == {State.UNKNOWN: set(here.inventory.cameras)}
    here.canaries = WELL
    here.run(90, street(2))
    assert list(here.fleet.causes) == [cause]
    assert here.states()[State.UNREACHABLE] == here.fleet.causes[cause].members


def test_a_login_that_is_refused_while_the_monitor_is_blind_was_refused() -> None:
    """It is not tried again for ten minutes: who forgot the answer would not know for so long why no video comes."""
    here = Patrol(canaries=WELL)
    here.run(120)
    here.canaries = cut(here.now)
    here.run(60, lambda id_, at: True)
    device = next(iter(here.inventory.devices))
    refused = Finding(Rung.CREDENTIALS, Outcome.FAIL, Reason.CREDENTIALS, "HTTP 401")
    here.step([Verdict(device, "central", "onvif", here.now, 0.1, (Finding(Rung.CONTROL, Outcome.OK), refused))])
    here.leave_alone(device)
    assert here.states() == {State.UNKNOWN: set(here.inventory.cameras)}
    here.canaries = WELL
    here.run(60)
    assert list(here.causes) == [("credentials", device)]
    assert here.states()[State.DOWN] == set(here.inventory.devices[device].cameras)


def test_what_was_asked_before_a_sleep_ran_out_while_nobody_listened() -> None:
    """A machine that was suspended with a question open: its silence is nobody's, and the time is a gap."""
    here = Patrol()
    here.run(120)
    here.now += 3600
    late = [
        Verdict(id_, "central", "rtsp", here.now - 0.1, 3.0, tuple(_fail(one.rung) for one in ANSWERING))
        for id_ in here.inventory.devices
    ]
    here.step(late, Asleep(here.now - 3600, here.now))
    assert here.causes == {}
    assert all(rungs[Rung.REACHABLE].failures == 0 for rungs in here.fleet.cameras.values())
    gaps = [event for event in here.events if isinstance(event, Gap)]
    assert [(gap.after, gap.by, gap.vantage) for gap in gaps] == [(here.now - 3600, here.now, "central")]


def _fail(rung: Rung) -> Finding:
    return Finding(rung, Outcome.FAIL, Reason.TIMEOUT)


def test_a_device_that_comes_and_goes_is_degraded_with_one_cause_and_its_changes_are_kept() -> None:
    """One question answered, two not, for half an hour: it flaps; when it has been quiet for long, it does no more."""
    here = Patrol()
    here.run(120)

    def loose(id_: str, at: float) -> bool:
        return id_ == "s0p0c1" and (at - NOON) % 60 < 35

    here.run(1800, loose)
    assert list(here.causes) == [("flapping", "s0p0c1")]
    (cause,) = here.fleet.causes.values()
    assert cause.members == {"s0p0c1"}
    assert not any(isinstance(e, CauseEvent) and e.kind is Kind.DEAD and e.at > cause.opened for e in here.events)
    here.run(12)  # answered once: up, but for the flapping
    here.run(40)
    assert here.states()[State.DEGRADED] == {"s0p0c1"}
    seen = view(here.fleet.cameras["s0p0c1"], here.fleet.standings["s0p0c1"])
    assert seen.reason is Reason.FLAPPING
    here.run(900)
    assert here.states() == {State.UP: set(here.inventory.cameras)}
    assert here.causes == {}


def test_a_stream_that_is_described_and_never_plays_is_no_flapping() -> None:
    """Each question has a ring of its own: DESCRIBE is answered each minute, PLAY fails each ten."""
    here = Patrol()
    here.run(60)
    for number in range(60):
        here.now += 20
        last = Finding(Rung.MEDIA, Outcome.FAIL, Reason.NO_VIDEO)
        found = (*ANSWERING[:-1], last) if number % 2 else ANSWERING[:-1]
        here.step([Verdict("s0p0c1", "central", "rtsp", here.now, 0.5, found)])
    assert list(here.causes) == [("no video", "s0p0c1")]


def test_how_long_each_site_lasted_without_mains_is_measured_from_the_cut() -> None:
    """One feeder of eight poles: one has no battery, the others last four minutes longer each."""
    here = Patrol(town(streets=8, poles=3))
    here.run(120)
    cut = here.now
    here.run(1950, lambda id_, at: id_[2:4] == "p1" and at >= cut + 240 * int(id_[1]))
    assert [(kind, scope) for kind, scope in here.causes] == [("power", "F-1")]
    told = {event.site: event for event in here.events if isinstance(event, BatteryEvent)}
    assert sorted(told) == [f"s{street}p1" for street in range(8)]
    for street in range(8):
        one = told[f"s{street}p1"]
        assert one.least_s <= 240 * street <= one.most_s
        assert one.most_s - one.least_s <= 45
        assert (one.feeder, one.cause) == ("F-1", here.causes["power", "F-1"].id)
        assert one.after <= cut <= one.by < one.at
        assert one.by - one.after <= 21


def test_a_ups_on_its_battery_says_when_the_feeder_was_cut() -> None:
    """It noticed ten minutes before the first camera fell silent: the batteries lasted that much longer."""
    here = Patrol(equipped(town(streets=8, poles=3), U=ups("U", "s0p1")))
    here.run(100)
    here.step([tells("U", here.now - NOON, output_source="normal", battery="normal")])
    here.run(20)
    cut = here.now
    here.step([tells("U", cut - NOON, output_source="battery", battery="normal")])
    here.run(900, lambda id_, at: id_[2:4] == "p1" and at >= cut + 600)
    cause = here.causes["power", "F-1"]
    assert "U is on its battery." in cause.evidence
    told = [event for event in here.events if isinstance(event, BatteryEvent)]
    assert len(told) == 8
    assert all(one.least_s <= 600 + 20 and one.most_s >= 600 for one in told)
    assert {one.by for one in told} == {cut}


def test_minutes_of_a_cause_that_turned_out_to_be_a_line_are_taken_back() -> None:
    """Two sites were told as power; one of them goes over to the port, the other recovers."""
    fleet = start(town(), Rates())
    feeder, port = Scope(Layer.FEEDER, "F-1"), Scope(Layer.UPLINK, "SW-1/1")
    power = CauseEvent(NOON, "power-1", Turn.CLOSED, Kind.POWER, feeder, NOON - 20, NOON, left=("s1p1c1", "s2p1c1"))
    line = CauseEvent(NOON, "uplink-1", Turn.SPLIT, Kind.UPLINK, port, NOON - 20, NOON, ("s1p1c1",), other="power-1")
    told = [BatteryEvent(NOON, "s1p1", "F-1", "power-1", 0.0, 0.0, revised=True)]
    assert lasted([power, line], fleet, lambda _: None) == told
    assert lasted([power], fleet, lambda _: None) == []


def test_a_device_that_was_never_seen_otherwise_than_full_is_busy_since_we_know_it() -> None:
    """Its rungs were never confirmed; its cause has a moment all the same, which every page and program can tell."""
    here = Patrol()
    full = Finding(Rung.STREAM, Outcome.UNSEEN, Reason.BUSY)
    for _ in range(3):
        here.now += 20
        here.step([Verdict("s0p0c1", "central", "rtsp", here.now, 0.5, (ANSWERING[0], full))])
    (cause,) = here.fleet.causes.values()
    assert (str(cause.kind), cause.after, cause.by) == ("busy", -inf, NOON + 20)


def test_an_update_that_breaks_a_model_is_one_cause() -> None:
    """A third of those that run the new version since today hang: the firmware is blamed."""
    here = Patrol()
    here.run(60)
    for id_ in here.inventory.devices:
        for version in ("1.0", "2.0") if id_.endswith("c1") else ("1.0",):
            here.now += 0.01
            said = {"model": "X", "firmware": version}
            here.step([Verdict(id_, "central", "onvif", here.now, 0.5, ANSWERING, said)])
    assert here.watch.updates.known["s0p0c1"] == Update("X 2.0", here.watch.updates.known["s0p0c1"].at)
    broken = {f"s{street}p{pole}c1" for street in range(8) for pole in range(2)}
    here.run(400, lambda id_, at: id_ in broken)
    assert list(here.causes) == [("firmware", "X 2.0")]
    assert here.causes["firmware", "X 2.0"].members == broken


@st.composite
def courses(draw: st.DrawFn) -> list[tuple[int, frozenset[str]]]:
    """Draw what happens to a town: for how long, and which of its parts are silent meanwhile."""
    parts = st.frozensets(st.sampled_from(["s0", "s1", "s2p1", "s3p0c1", "s2", "s", "s1p1c2"]), max_size=3)
    return [(draw(st.integers(15, 150)), draw(parts)) for _ in range(draw(st.integers(1, 5)))]


def patrolled(course: list[tuple[int, frozenset[str]]], dice: Random | None = None) -> Patrol:
    here = Patrol(town(streets=4, poles=2))
    if dice is not None:
        step = here.step
        here.step = lambda verdicts, asleep=None: step(dice.sample(verdicts, len(verdicts)), asleep)  # type: ignore[method-assign]
    here.run(45)
    for seconds, silent in course:
        here.run(seconds, lambda id_, at, silent=silent: id_.startswith(tuple(silent)) if silent else False)  # type: ignore[misc]
    return here


@given(courses())
@settings(max_examples=25, deadline=None)
def test_the_ledger_alone_gives_the_same_causes_and_states_again(course: list[tuple[int, frozenset[str]]]) -> None:
    """Replaying its events gives the fleet's facts, its open causes with their members, and its states."""
    here = patrolled(course)
    again = replay(here.events, here.inventory, here.fleet.rates)
    assert facts(again.cameras) == facts(here.fleet.cameras)
    assert again.causes == here.fleet.causes
    assert again.causes_of == here.fleet.causes_of
    assert again.standings == here.fleet.standings


@given(courses(), st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_the_order_within_a_step_means_nothing(course: list[tuple[int, frozenset[str]]], dice: Random) -> None:
    """Shuffling what arrived within one second gives the same causes and the same events."""
    assert patrolled(course, dice).events == patrolled(course).events


@given(courses())
@settings(max_examples=25, deadline=None)
def test_all_is_well_again_some_minutes_after_everything_answers(course: list[tuple[int, frozenset[str]]]) -> None:
    """Whatever opened is closed, in this order, and every camera is up."""
    here = patrolled(course)
    here.run(500)
    assert here.states() == {State.UP: set(here.inventory.cameras)}
    assert here.fleet.causes == {}
    open_ones: set[str] = set()
    for event in here.events:
        if isinstance(event, CauseEvent):
            opens = event.turn in (Turn.OPENED, Turn.SPLIT)
            assert opens is (event.cause not in open_ones)
            over = event.turn in (Turn.CLOSED, Turn.MERGED)
            open_ones = open_ones - {event.cause} if over else open_ones | {event.cause}
    assert open_ones == set()


@pytest.mark.parametrize("back_s", [20.0, 60.0, 3600.0, 86400.0])
@pytest.mark.parametrize("restarts", [False, True])
def test_a_clock_that_is_set_back_hides_no_outage(back_s: float, restarts: bool) -> None:
    """What fails after it is told as soon as ever, of a camera alone and of a whole street; no moment is in the future."""
    here = Patrol(inventory=town(streets=4, poles=3), canaries=WELL)
    here.run(100)
    here.set_back(back_s)
    if restarts:
        here.restart()
    here.run(200, lambda id_, at: id_ == "s2p0c1" or street(1)(id_, at))
    assert here.states()[State.UNREACHABLE] == {id_ for id_ in here.inventory.cameras if id_.startswith("s1p")}
    assert here.states()[State.DOWN] == {"s2p0c1"}
    for standing in here.fleet.standings.values():
        assert standing.after <= standing.by <= here.now
    here.run(200)
    assert here.states() == {State.UP: set(here.inventory.cameras)}
    assert not here.causes
    if not restarts:
        gaps = [event for event in here.events if isinstance(event, Gap)]
        assert [(gap.by - gap.after, gap.why) for gap in gaps] == [
            (back_s - 1, "the clock was set back: this time comes a second time")  # a second later it is noticed
        ]


@pytest.mark.parametrize("cut_s", [25, 45, 150])
def test_a_clock_that_is_set_back_within_an_outage(cut_s: int) -> None:
    """Whether it is confirmed already or not: it is told, and its end, too."""
    here = Patrol(inventory=town(streets=4, poles=3), canaries=WELL)
    here.run(100)
    here.run(cut_s, street(1))
    here.set_back(3600.0)
    here.run(200, street(1))
    assert here.states()[State.UNREACHABLE] == {id_ for id_ in here.inventory.cameras if id_.startswith("s1p")}
    here.run(200)
    assert here.states() == {State.UP: set(here.inventory.cameras)}
    assert not here.causes


@pytest.mark.parametrize("restarts", [False, True], ids=["goes on", "restarts"])
def test_an_open_cause_lies_in_no_future_after_the_clock_was_set_back(restarts: bool) -> None:
    """A street, a camera by itself, and our own line: each keeps its name, and the ledger says the same."""
    for silent in (lambda id_, at: id_ == "s2p0c1" or street(1)(id_, at), lambda id_, at: True):
        here = Patrol(inventory=town(streets=4, poles=3))
        here.run(100)
        here.run(200, silent)
        before = set(here.fleet.causes)
        here.set_back(3600.0)
        if restarts:
            here.restart()
        here.run(2, silent)
        assert set(here.fleet.causes) == before
        for cause in here.fleet.causes.values():
            assert cause.after < cause.by <= here.now
            assert cause.opened <= here.now
        told = replay(here.events, here.inventory, here.fleet.rates)
        assert told.causes == here.fleet.causes
        here.run(300, silent)
        assert set(here.fleet.causes) == before
        here.run(400)
        assert here.fleet.causes == {}


def test_cameras_that_leave_the_inventory_leave_their_cause() -> None:
    """Its members, and what it says, are of the cameras that there are; the last ones that go close it."""
    here = Patrol(inventory=town(streets=4, poles=3), canaries=WELL)
    here.run(100)
    here.run(200, street(1))
    (cause,) = here.fleet.causes.values()
    assert len(cause.members) == 6
    for kept, told in ((lambda id_: not id_.startswith("s1p0"), 4), (lambda id_: not id_.startswith("s1"), 0)):
        whole = here.inventory
        cameras = {id_: camera for id_, camera in whole.cameras.items() if kept(id_)}
        devices = {id_: one for id_, one in whole.devices.items() if not one.cameras or one.cameras[0] in cameras}
        here.inventory = replace(whole, cameras=cameras, devices=devices)
        here.fleet = reload(here.fleet, here.inventory)
        here.begin()
        here._next = {id_: at for id_, at in here._next.items() if id_ in devices}
        here.run(60, street(1))
        assert [len(one.members) for one in here.fleet.causes.values()] == ([told] if told else [])
        assert set(here.fleet.causes_of) <= set(cameras)
