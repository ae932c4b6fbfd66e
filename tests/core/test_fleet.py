"""The reducer: implications, events, replay, and that the order within a step means nothing."""

from __future__ import annotations

import random
from dataclasses import replace

from fleets import histories, inventory, verdict
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core import fleet as fleets
from monitor.core.event import Event, RungEvent
from monitor.core.fleet import STALE_INTERVALS, SWEEP_S, SWEPT_A_STEP, Fleet, facts, replay, step
from monitor.core.health import lasts_until
from monitor.core.schedule import Rates
from monitor.core.state import State, view
from monitor.core.verdict import Finding, Outcome, Reason, Rung, Verdict

OK, FAIL = Outcome.OK, Outcome.FAIL


def run(fleet: Fleet, verdicts: list[Verdict]) -> tuple[Fleet, list[Event]]:
    events: list[Event] = []
    for one in verdicts:
        fleet, more = step(fleet, [one], one.at)
        events += more
    return fleet, events


def failing(rung: Rung, reason: Reason, start: float = 100.0, camera: str = "") -> list[Verdict]:
    return [verdict(start + 10.1 * n, Finding(rung, FAIL, reason, "", camera)) for n in range(3)]


WORKING = verdict(
    50.0, Finding(Rung.REACHABLE, OK), Finding(Rung.STREAM, OK, camera="d0c1"), Finding(Rung.MEDIA, OK, camera="d0c1")
)


def test_a_silent_device_fails_every_network_rung() -> None:
    """Reachable implies control, stream and media; the camera is down for that reason."""
    fleet, _ = run(fleets.start(inventory(), Rates()), [WORKING, *failing(Rung.REACHABLE, Reason.TIMEOUT)])
    rungs = fleet.cameras["d0c1"]
    assert [rungs[rung].reason for rung in (Rung.CONTROL, Rung.STREAM, Rung.MEDIA)] == [Reason.TIMEOUT] * 3
    assert (view(rungs).state, view(rungs).reason) == (State.DOWN, Reason.TIMEOUT)


def test_a_stream_that_fails_takes_media_with_it_and_nothing_else() -> None:
    """Stream implies media; control implies nothing and is implied by nothing above."""
    fleet, _ = run(
        fleets.start(inventory(), Rates()), [WORKING, *failing(Rung.STREAM, Reason.NOT_FOUND, camera="d0c1")]
    )
    rungs = fleet.cameras["d0c1"]
    assert rungs[Rung.MEDIA].reason is Reason.NOT_FOUND
    assert rungs[Rung.REACHABLE].outcome is OK


def test_onvif_switched_off_leaves_a_camera_that_streams_degraded() -> None:
    """Control implies nothing: current cameras ship with ONVIF off."""
    fleet, _ = run(fleets.start(inventory(), Rates()), [WORKING, *failing(Rung.CONTROL, Reason.UNSUPPORTED)])
    assert view(fleet.cameras["d0c1"]).state is State.DEGRADED


def test_a_dead_network_explains_what_had_failed_before() -> None:
    """A hung device whose line is cut is told by the line; each rung goes on failing since it began."""
    hung = [*failing(Rung.CONTROL, Reason.NO_REPLY), *failing(Rung.STREAM, Reason.NO_REPLY, camera="d0c1")]
    fleet, _ = run(fleets.start(inventory(), Rates()), [WORKING, *hung])
    began = {rung: fleet.cameras["d0c1"][rung].fact()[2:] for rung in (Rung.CONTROL, Rung.STREAM, Rung.MEDIA)}
    fleet, events = run(fleet, failing(Rung.REACHABLE, Reason.TIMEOUT, 250.0))
    rungs = fleet.cameras["d0c1"]
    assert {rung: rungs[rung].reason for rung in began} == dict.fromkeys(began, Reason.TIMEOUT)
    assert {rung: rungs[rung].fact()[2:] for rung in began} == began
    assert [event.rung for event in events if isinstance(event, RungEvent)] == [
        Rung.REACHABLE,
        Rung.CONTROL,
        Rung.STREAM,
        Rung.MEDIA,
    ]


def test_a_rung_that_still_fails_when_the_network_is_back_gets_its_own_reason_again() -> None:
    """Once its own reason was seen three times in a row, and not before."""
    fleet, _ = run(fleets.start(inventory(), Rates()), [WORKING, *failing(Rung.REACHABLE, Reason.TIMEOUT)])
    back = [verdict(200.0 + 10.1 * n, Finding(Rung.REACHABLE, OK)) for n in range(2)]
    fleet, _ = run(fleet, back)
    hung = failing(Rung.CONTROL, Reason.NO_REPLY, 220.0)
    fleet, _ = run(fleet, hung[:2])
    assert fleet.cameras["d0c1"][Rung.CONTROL].outcome is Outcome.UNSEEN
    fleet, _ = run(fleet, hung[2:])
    control = fleet.cameras["d0c1"][Rung.CONTROL]
    assert (control.outcome, control.reason, control.by) == (FAIL, Reason.NO_REPLY, 220.0)


def test_a_refused_login_hides_the_stream_and_the_camera_is_down() -> None:
    """Credentials hide stream and media: unseen, not failed."""
    refused = verdict(100.0, Finding(Rung.CREDENTIALS, FAIL, Reason.CREDENTIALS))
    fleet, _ = run(fleets.start(inventory(), Rates()), [WORKING, refused])
    rungs = fleet.cameras["d0c1"]
    assert rungs[Rung.MEDIA].fact()[:2] == (Outcome.UNSEEN, Reason.CREDENTIALS)
    assert (view(rungs).state, view(rungs).reason) == (State.DOWN, Reason.CREDENTIALS)


def test_another_device_at_the_address_is_credited_to_nobody() -> None:
    """Its video is not this camera's: the camera is neither up nor down, but unknown for that reason."""
    other = verdict(100.0, Finding(Rung.IDENTITY, FAIL, Reason.IDENTITY), probe="onvif")
    playing = verdict(110.0, Finding(Rung.STREAM, OK, camera="d0c1"), Finding(Rung.MEDIA, OK, camera="d0c1"))
    fleet, _ = run(fleets.start(inventory(), Rates()), [WORKING, other, playing])
    seen = view(fleet.cameras["d0c1"])
    assert (seen.state, seen.reason) == (State.UNKNOWN, Reason.IDENTITY)


def test_a_camera_that_was_always_full_is_unknown() -> None:
    """Busy is neither up nor down."""
    busy = Finding(Rung.STREAM, Outcome.UNSEEN, Reason.BUSY, "", "d0c1")
    fleet, _ = run(fleets.start(inventory(), Rates()), [verdict(100.0, Finding(Rung.REACHABLE, OK), busy)])
    assert view(fleet.cameras["d0c1"]).state is State.UNKNOWN


def behind_a_repaired_line(*before: Verdict) -> Fleet:
    """Return a fleet whose device was silent from 100 s on and answers connections again since 200 s."""
    back = [verdict(200.0 + 10.1 * n, Finding(Rung.REACHABLE, OK)) for n in range(2)]
    return run(fleets.start(inventory(), Rates()), [*before, *failing(Rung.REACHABLE, Reason.TIMEOUT), *back])[0]


FULL = Finding(Rung.STREAM, Outcome.UNSEEN, Reason.BUSY, "RTSP 453", "d0c1")


def test_a_full_camera_whose_line_is_repaired_is_not_down() -> None:
    """That nothing answered is older than that it answers: it is full, and nobody knows more since it fell silent."""
    fleet = behind_a_repaired_line(WORKING)
    seen = view(fleet.cameras["d0c1"])
    assert (seen.state, seen.is_back) == (State.UNKNOWN, True)
    fleet, events = run(fleet, [verdict(215.0, Finding(Rung.REACHABLE, OK), FULL)])
    seen = view(fleet.cameras["d0c1"])
    assert (seen.state, seen.reason) == (State.UNKNOWN, Reason.BUSY)
    assert [event[2:] for event in told(events)] == [
        (Outcome.UNSEEN, Reason.BUSY, 120.2, 210.1),
        (Outcome.UNSEEN, Reason.BUSY, 120.2, 210.1),
    ]
    fleet, _ = run(fleet, [verdict(275.0, Finding(Rung.REACHABLE, OK), FULL)])
    assert view(fleet.cameras["d0c1"]).state is State.UNKNOWN


def test_a_camera_that_describes_its_stream_and_is_full_when_it_is_to_play_is_not_down() -> None:
    """What the stream failed with before the repair implies nothing about the video of now."""
    playing = Finding(Rung.MEDIA, Outcome.UNSEEN, Reason.BUSY, "RTSP 453", "d0c1")
    fleet = behind_a_repaired_line(WORKING)
    for at in (215.0, 225.1):
        fleet, _ = run(fleet, [verdict(at, Finding(Rung.STREAM, OK, camera="d0c1"), playing)])
        seen = view(fleet.cameras["d0c1"])
        assert (seen.state, seen.reason) == (State.UNKNOWN, Reason.BUSY)
    assert fleet.cameras["d0c1"][Rung.STREAM].outcome is OK


def test_a_full_camera_whose_stream_was_seen_to_fail_since_it_answers_stays_down() -> None:
    """Busy leaves a rung what it was, for three of its intervals."""
    fleet = behind_a_repaired_line(WORKING)
    fleet, _ = run(fleet, failing(Rung.STREAM, Reason.NOT_FOUND, 215.0, camera="d0c1"))
    fleet, events = run(fleet, [verdict(275.0, FULL)])
    assert (view(fleet.cameras["d0c1"]).state, events) == (State.DOWN, [])


def test_a_full_camera_that_answers_once_and_no_more_is_down() -> None:
    """One answer is no recovery of the network, so what the network explains stays failed."""
    fleet, _ = run(fleets.start(inventory(), Rates()), [WORKING, *failing(Rung.REACHABLE, Reason.TIMEOUT)])
    fleet, events = run(fleet, [verdict(200.0, Finding(Rung.REACHABLE, OK), FULL)])
    assert (view(fleet.cameras["d0c1"]).state, events) == (State.DOWN, [])


def told(events: list[Event]) -> list[tuple[object, ...]]:
    return [
        (one.camera, one.rung, one.outcome, one.reason, round(one.after, 1), round(one.by, 1))
        for one in events
        if isinstance(one, RungEvent)
    ]


def test_a_finding_about_a_device_is_one_about_each_of_its_cameras() -> None:
    """Four cameras of a silent head are four cameras down; one channel without video is one."""
    fleet, _ = run(fleets.start(inventory(channels=4), Rates()), failing(Rung.REACHABLE, Reason.TIMEOUT))
    assert [view(rungs).state for rungs in fleet.cameras.values()] == [State.DOWN] * 4
    fleet, _ = run(fleets.start(inventory(channels=4), Rates()), failing(Rung.MEDIA, Reason.NO_VIDEO, camera="d0c2"))
    assert [id_ for id_, rungs in fleet.cameras.items() if view(rungs).state is State.DOWN] == ["d0c2"]


def test_a_probe_that_is_not_in_the_inventory_makes_its_rungs_not_applicable() -> None:
    """Without RTSP, control is what working means."""
    fleet = fleets.start(inventory(probes=("onvif",)), Rates())
    assert fleet.cameras["d0c1"][Rung.MEDIA].outcome is Outcome.NA
    fleet, _ = run(fleet, [verdict(100.0, Finding(Rung.CONTROL, OK), probe="onvif")])
    assert view(fleet.cameras["d0c1"]).state is State.UP


def test_what_nobody_saw_for_three_intervals_is_unseen() -> None:
    """The sweep turns a working camera that nobody looks at into an unknown one, and says so in events."""
    fleet, _ = run(fleets.start(inventory(), Rates()), [WORKING])
    fleet, events = step(fleet, [], 50.0 + 3 * 600 + 1)
    assert view(fleet.cameras["d0c1"]).state is State.UNKNOWN
    media = [event for event in events if isinstance(event, RungEvent) and event.rung is Rung.MEDIA]
    assert [(event.outcome, event.reason, event.by) for event in media] == [(Outcome.UNSEEN, Reason.STALE, 1850.0)]


def test_a_fleet_is_searched_only_when_a_rung_can_have_gone_stale() -> None:
    """All that was asked stands for at least three intervals of a dead device: fifteen minutes without a search."""
    fleet, _ = run(fleets.start(inventory(), Rates()), [WORKING])
    assert fleet.sweep_at == 50.0 + 900.0
    for now in (60.0, 949.0):
        fleet, _ = step(fleet, [], now)
        assert fleet.sweep_at == 950.0


def test_a_large_fleet_is_searched_in_several_steps() -> None:
    """Of one device more than a step searches, the last one's turn comes with the next; then all is searched again."""
    last = f"d{SWEPT_A_STEP}"
    fleet = fleets.start(inventory(SWEPT_A_STEP + 1), Rates())
    fleet, _ = step(fleet, [WORKING, replace(WORKING, device=last, findings=WORKING.findings[:1])], 50.0)
    fleet, _ = step(fleet, [], 51.0)
    fleet, first = step(fleet, [], 2000.0)
    assert {event.camera for event in first if isinstance(event, RungEvent)} == {"d0c1"}
    assert (fleet.sweep.done, fleet.sweep_at) == (SWEPT_A_STEP, 50.0 + 900.0)
    fleet, second = step(fleet, [], 2001.0)
    assert {event.camera for event in second if isinstance(event, RungEvent)} == {f"{last}c1"}
    assert (fleet.sweep.done, fleet.sweep_at) == (0, 2000.0 + 900.0)


@given(histories(), st.lists(st.floats(1.0, 2000.0), max_size=8))
@settings(deadline=None)
def test_no_rung_stands_for_longer_than_it_may(steps: list[list[Verdict]], gaps: list[float]) -> None:
    """The fleet is searched only when a rung may have gone stale; none is found later than one interval of searches."""
    fleet, _ = reduced(steps)
    limits = [STALE_INTERVALS * max(fleet.rates.interval_s(rung, 2), fleet.rates.dead_s) for rung in Rung]
    for gap in gaps:
        for now in (fleet.at + gap, fleet.at + gap + SWEEP_S):
            fleet, _ = step(fleet, [], now)
        for rungs in fleet.cameras.values():
            assert min(map(lasts_until, rungs, limits)) >= fleet.at - SWEEP_S


def test_a_verdict_on_a_device_that_left_the_inventory_is_dropped() -> None:
    """A conversation may end after its device was removed."""
    fleet, events = step(fleets.start(inventory(), Rates()), [verdict(100.0, device="gone")], 100.0)
    assert (events, "gone" in fleet.devices) == ([], False)


def test_a_reload_keeps_the_health_of_what_stays() -> None:
    """Another inventory forgets cameras that left and knows nothing of new ones."""
    fleet, _ = run(fleets.start(inventory(2), Rates()), [WORKING])
    fleet = fleets.reload(fleet, inventory(1, channels=2))
    assert {id_: view(rungs).state for id_, rungs in fleet.cameras.items()} == {
        "d0c1": State.UP,
        "d0c2": State.UNKNOWN,
    }


def reduced(steps: list[list[Verdict]], fleet: Fleet | None = None, at: float = 1000.0) -> tuple[Fleet, list[Event]]:
    fleet, events = fleet or fleets.start(inventory(2, 2), Rates()), []
    for verdicts in steps:
        at = max([at, *(one.at for one in verdicts)]) + 0.5
        fleet, more = step(fleet, verdicts, at)
        events += more
    return fleet, events


@given(histories())
def test_the_events_alone_give_the_same_fleet_again(steps: list[list[Verdict]]) -> None:
    """Replaying the ledger gives the fleet's facts and its states with their beginnings, whatever was seen."""
    fleet, events = reduced(steps)
    again = replay(events, fleet.inventory, fleet.rates)
    assert facts(again.cameras) == facts(fleet.cameras)
    assert again.standings == fleet.standings


@given(histories())
def test_no_change_came_before_what_was_seen_last_of_the_other_outcome(steps: list[list[Verdict]]) -> None:
    """The interval within which it happened does not end before it begins."""
    _, events = reduced(steps)
    seen = [event for event in events if isinstance(event, RungEvent) and event.outcome in (OK, FAIL)]
    assert [event for event in seen if event.after > event.by] == []


def test_a_silence_between_two_answers_makes_both_of_them_the_first() -> None:
    """A success, a silence, a success is no recovery of what hangs on the network either: two in a row are."""
    answers = (Finding(Rung.REACHABLE, OK), Finding(Rung.STREAM, OK, camera="d0c1"))
    silent = failing(Rung.REACHABLE, Reason.TIMEOUT)
    last = silent[-1].at
    again = Finding(Rung.REACHABLE, FAIL, Reason.TIMEOUT)
    flicker = [verdict(last + 20, *answers), verdict(last + 40, again), verdict(last + 60, *answers)]
    fleet, _ = run(fleets.start(inventory(), Rates()), [WORKING, *silent, *flicker])
    rungs = fleet.cameras["d0c1"]
    assert [rungs[rung].outcome for rung in (Rung.REACHABLE, Rung.STREAM)] == [FAIL, FAIL]
    fleet, events = run(fleet, [verdict(last + 71, *answers)])
    assert {(event.rung, event.after, event.by) for event in events if event.outcome is OK} == {
        (rung, last + 40, last + 60) for rung in (Rung.REACHABLE, Rung.STREAM)
    }


def test_what_nobody_asked_since_a_silence_is_unseen_and_no_longer_down() -> None:
    """A recorder's channels are asked one after the other: those not asked yet are neither well nor ill."""
    silent = [*failing(Rung.REACHABLE, Reason.TIMEOUT)]
    video = [Finding(Rung.STREAM, OK, camera="d0c1"), Finding(Rung.MEDIA, OK, camera="d0c1")]
    back = [verdict(200.0 + 10.1 * n, Finding(Rung.REACHABLE, OK), *video) for n in range(2)]
    fleet, events = run(fleets.start(inventory(channels=2), Rates()), [WORKING, *silent, *back])
    assert [view(fleet.cameras[id_]).state for id_ in ("d0c1", "d0c2")] == [State.UP, State.UNKNOWN]
    assert [one for one in told(events) if one[:2] == ("d0c2", Rung.MEDIA)][-1] == (
        "d0c2", Rung.MEDIA, Outcome.UNSEEN, Reason.BACK, 120.2, 210.1,
    )  # fmt: skip
    fleet, events = run(fleet, [verdict(260.0, Finding(Rung.MEDIA, OK, camera="d0c2"))])
    assert told(events) == [("d0c2", Rung.MEDIA, OK, None, 120.2, 260.0)]


def test_an_agent_that_fell_silent_with_its_device_makes_no_working_camera_degraded() -> None:
    """SNMP is asked later than video: until then nobody knows, and one that failed before still does."""
    video = [Finding(Rung.STREAM, OK, camera="d0c1"), Finding(Rung.MEDIA, OK, camera="d0c1")]
    back = [verdict(200.0 + 10.1 * n, Finding(Rung.REACHABLE, OK), *video) for n in range(2)]
    agent = verdict(40.0, Finding(Rung.DEVICE, OK))
    for since, state in ((105.0, State.UP), (20.0, State.DEGRADED)):
        dead = failing(Rung.DEVICE, Reason.TIMEOUT, since)
        story = sorted([agent, WORKING, *dead, *failing(Rung.REACHABLE, Reason.TIMEOUT), *back], key=lambda one: one.at)
        fleet, _ = run(fleets.start(inventory(), Rates()), [one for one in story if one is not agent or since > 40.0])
        assert view(fleet.cameras["d0c1"]).state is state


def test_what_was_found_well_once_while_its_device_came_back_is_well_when_that_is_back() -> None:
    """The device is heard twice, which confirms the network; one answer about a channel is as good as from unseen."""
    video = [Finding(Rung.STREAM, OK, camera="d0c1"), Finding(Rung.MEDIA, OK, camera="d0c1")]
    back = [verdict(200.0, Finding(Rung.REACHABLE, OK), *video), verdict(210.1, Finding(Rung.REACHABLE, OK))]
    course = [WORKING, *failing(Rung.REACHABLE, Reason.TIMEOUT), *back]
    fleet, events = run(fleets.start(inventory(channels=2), Rates()), course)
    assert [view(fleet.cameras[id_]).state for id_ in ("d0c1", "d0c2")] == [State.UP, State.UNKNOWN]
    assert [one for one in told(events) if one[:2] == ("d0c1", Rung.MEDIA)][-1] == (
        "d0c1", Rung.MEDIA, OK, None, 120.2, 200.0,
    )  # fmt: skip


def test_what_failed_by_itself_before_a_silence_still_does_when_that_is_over() -> None:
    """Its outage is one, however often the network fails above it."""
    video = failing(Rung.MEDIA, Reason.NO_VIDEO, 50.0, camera="d0c1")
    back = [verdict(200.0 + 10.1 * n, Finding(Rung.REACHABLE, OK)) for n in range(2)]
    course = [WORKING, *video, *failing(Rung.REACHABLE, Reason.TIMEOUT), *back]
    fleet, _ = run(fleets.start(inventory(), Rates()), course)
    assert fleet.cameras["d0c1"][Rung.MEDIA].outcome is FAIL
    assert fleet.cameras["d0c1"][Rung.MEDIA].by == 50.0


@given(histories(), st.integers(0, 25))
@settings(deadline=None)
def test_a_restart_changes_no_beginning(steps: list[list[Verdict]], when: int) -> None:
    """A fleet that was stopped and taken up again is the fleet that went on."""
    straight, _ = reduced(steps)
    before, _ = reduced(steps[:when])
    fresh = fleets.start(before.inventory, before.rates, before.cameras, before.standings)
    resumed, _ = reduced(steps[when:], replace(fresh, sweep_at=before.sweep_at), before.at or 1000.0)
    assert (resumed.cameras, resumed.standings) == (straight.cameras, straight.standings)


@given(histories(), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_verdicts_within_a_step_means_nothing(steps: list[list[Verdict]], dice: random.Random) -> None:
    """Shuffling what arrived within one second gives the same fleet and the same events."""
    shuffled = [dice.sample(verdicts, len(verdicts)) for verdicts in steps]
    assert reduced(shuffled) == reduced(steps)


@given(histories())
@settings(deadline=None)
def test_every_event_tells_a_change(steps: list[list[Verdict]]) -> None:
    """No two events in a row about one rung say the same."""
    _, events = reduced(steps)
    newest: dict[tuple[str, Rung], tuple[object, ...]] = {}
    for event in events:
        assert isinstance(event, RungEvent)
        said = (event.outcome, event.reason, event.after, event.by)
        assert newest.get((event.camera, event.rung)) != said
        newest[event.camera, event.rung] = said
