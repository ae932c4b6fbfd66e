"""One device's timetable as arithmetic: the device is never asked more, sooner or otherwise than was promised."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise

import pytest
from course import EPOCH, Course, Play, Reply, dead, failing, fine, gaps
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.limits import Login
from monitor.core.schedule import Rates, phase
from monitor.core.verdict import Finding, Outcome, Reason, Rung
from monitor.probes.memory import Memory
from monitor.scheduler.assignment import Assignment
from monitor.scheduler.station import BREATH_S, Job, make

HOUR = 3600.0
KNOWN = Memory(streams={str(number + 1): f"/{number}" for number in range(32)}, objects={})
#: The budgets of a device: protocol, burst, requests a minute.
BUDGETS = (("onvif", 8.0, 6.0), ("rtsp", 20.0, 20.0))


def within_budgets(course: Course) -> None:
    """Hold every stretch of time to its bucket: burst and rate, whichever conversations it begins and ends with."""
    for probe, burst, per_minute in BUDGETS:
        held = course.of(probe)
        for first in range(len(held)):
            spent = 0
            for one in held[first : first + 60]:
                spent += one.requests
                assert spent <= burst + per_minute / 60.0 * (one.ended - held[first].began) + 1e-6


def one_at_a_time(course: Course) -> None:
    """Hold a device to one TCP conversation at a time, and one over UDP."""
    for tcp in (True, False):
        held = [one for one in course.held if (one.probe != "snmp") is tcp]
        breath = BREATH_S if tcp else 0.0
        assert all(later.began >= earlier.ended + breath - 1e-6 for earlier, later in pairwise(held))


def chance(seed: int) -> Reply:
    """Return a play whose every answer is a throw of the dice."""
    dice = random.Random(seed)

    def play(course: Course, job: Job) -> Reply:
        found = []
        for rung in sorted(job.ask.rungs):
            outcome = dice.choice((Outcome.OK, Outcome.FAIL, Outcome.UNSEEN, Outcome.NA))
            reason = None if outcome in (Outcome.OK, Outcome.NA) else dice.choice(list(Reason))
            per_camera = rung in (Rung.STREAM, Rung.MEDIA)
            ids = [camera.id for camera in job.ask.cameras] if per_camera else [""]
            found += [Finding(rung, outcome, reason, "", id_) for id_ in ids if dice.random() < 0.9]
        learnt = {"boots": dice.randrange(3), "streams": {"1": "/"}} if dice.random() < 0.2 else {}
        requests = 1 if job.probe == "snmp" else dice.randint(0, job.ask.requests)
        return Reply(tuple(found), dice.choice((0.01, 0.2, 3.0, 30.0)), requests, learnt)

    return play  # type: ignore[return-value]  # a play, by its use


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1 << 30), st.integers(1, 9), st.permutations(("onvif", "snmp", "rtsp")), st.integers(1, 3))
def test_no_verdict_makes_a_device_be_asked_more(seed: int, channels: int, probes: list[str], count: int) -> None:
    """Whatever comes back, budgets hold, conversations do not overlap, re-checks keep their distance, and it goes on."""
    course = Course(chance(seed), channels=channels, probes=tuple(probes[:count])).run(HOUR)  # type: ignore[arg-type]
    within_budgets(course)
    one_at_a_time(course)
    for probe in probes[:count]:
        held = course.of(probe)
        assert held, "a probe of the inventory is never asked"
        assert course.now - held[-1].began < 12 * 60.0


def test_the_first_contact() -> None:
    """ONVIF comes first, with a login, and learns where the stream is; then RTSP with video, at once, within eight requests."""
    course = Course(fine).run(5.0)
    first, *rest = [one for one in course.held if one.probe != "snmp"]
    assert (first.probe, first.began) == ("onvif", 0.0)
    assert first.asks(Rung.CREDENTIALS)
    assert first.ask.first
    assert first.ask.requests == 8
    [video] = rest
    assert (video.probe, video.began) == ("rtsp", pytest.approx(first.ended + BREATH_S))
    assert video.asks(Rung.MEDIA)
    assert video.ask.first
    assert not any(one.ask.first for one in course.run(HOUR).held if one.began > 5.0)


def test_the_first_contact_without_onvif() -> None:
    """A device that is not asked over ONVIF is asked for its video at once."""
    [video] = Course(fine, probes=("rtsp",)).run(3.0).held
    assert (video.probe, video.began) == ("rtsp", 0.0)
    assert video.asks(Rung.MEDIA)


def test_something_is_asked_every_twenty_seconds() -> None:
    """The three light checks stand a third of the interval apart, each once a minute."""
    course = Course(fine, memory=KNOWN).run(HOUR)
    settled = [one for one in course.held if one.began > 120.0 and not one.asks(Rung.MEDIA)]
    places = {probe: {round(one.began % 60.0) for one in settled if one.probe == probe} for probe in course.probes}
    assert places == {"onvif": {0}, "rtsp": {20}, "snmp": {40}}
    for probe in ("onvif", "snmp"):
        assert gaps(one for one in settled if one.probe == probe) == pytest.approx([60.0] * 57)


def test_video_every_ten_minutes_and_a_login_every_hour() -> None:
    """Media comes with every tenth light check, the login with every sixtieth; a check is never asked twice for them."""
    course = Course(fine, memory=KNOWN).run(3 * HOUR)
    assert all(600.0 <= gap <= 660.0 for gap in gaps(course.of("rtsp", Rung.MEDIA)))
    assert all(3600.0 <= gap <= 3660.0 for gap in gaps(course.of("onvif", Rung.CREDENTIALS)))
    assert len(course.of("rtsp")) == pytest.approx(180, abs=2)
    assert sum(one.requests for one in course.of("onvif")) <= 3 * 60 + 8


@pytest.mark.parametrize("rung", [Rung.CONTROL, Rung.CLOCK, Rung.STREAM, Rung.MEDIA, Rung.DEVICE])
def test_a_failure_is_confirmed_by_rechecks(rung: Rung) -> None:
    """A failing rung is asked three times, ten seconds after the end of the last each, and then at its intervals."""
    course = Course(fine, memory=KNOWN).run(300.0)
    probe = {Rung.CONTROL: "onvif", Rung.CLOCK: "onvif", Rung.DEVICE: "snmp"}.get(rung, "rtsp")
    before = len(course.held)
    course.play = failing(rung, Reason.PROTOCOL)
    course.run(2000.0)
    fresh = [one for one in course.held[before:] if one.probe == probe and one.asks(rung)]
    first, second, third, fourth = fresh[:4]
    assert 10.0 <= second.began - first.ended <= 11.0
    assert 10.0 <= third.began - second.ended <= 11.0
    assert fourth.began - third.ended > 11.0
    assert course.fleet.cameras["d0c1"][rung].outcome is Outcome.FAIL
    assert course.fleet.cameras["d0c1"][rung].failures == 0


def test_a_recheck_repeats_what_failed_and_no_more() -> None:
    """After a failed light check of a stream the re-checks ask for the stream, not for video, login or vitals."""
    course = Course(fine, memory=KNOWN).run(70.0)
    before = len(course.held)
    course.play = failing(Rung.STREAM, Reason.NOT_FOUND)
    course.run(200.0)
    fresh = [one for one in course.held[before:] if one.probe == "rtsp"]
    assert all(one.ask.rungs == {Rung.REACHABLE, Rung.STREAM} for one in fresh[:3])


@pytest.mark.parametrize(
    ("rung", "reason"), [(Rung.STREAM, Reason.NO_PATH), (Rung.STREAM, Reason.LOCKED), (Rung.MEDIA, Reason.BUSY)]
)
def test_what_a_device_does_not_let_us_ask_is_asked_again_at_its_turn(rung: Rung, reason: Reason) -> None:
    """It failed once; then the device is full, or names no path: another re-check every ten seconds would find the same."""
    course = Course(fine, memory=KNOWN).run(300.0)
    course.play = failing(rung, Reason.PROTOCOL)
    while not course.fleet.cameras["d0c1"][rung].failures:
        assert course.now < 1200.0
        course.run(course.now + 1.0)
    course.play = failing(rung, reason, Outcome.UNSEEN)
    before = len(course.held)
    course.run(course.now + HOUR)
    fresh = [one for one in course.held[before:] if one.probe == "rtsp" and one.asks(rung)]
    assert min(gaps(fresh[1:])) >= 40.0
    assert len(fresh) <= 61
    course.play = failing(rung, Reason.PROTOCOL)
    course.run(course.now + HOUR)
    assert course.fleet.cameras["d0c1"][rung].outcome is Outcome.FAIL


@pytest.mark.parametrize("outage", [dead, failing(Rung.STREAM, Reason.SERVER_ERROR)])
@pytest.mark.parametrize("seconds", [120.0, 700.0, 4000.0])
def test_a_device_that_was_full_before_it_failed_is_asked_for_video_when_it_is_back(
    outage: Play, seconds: float
) -> None:
    """That it was full is of before: nobody knows whether it still is."""
    course = Course(fine, memory=KNOWN).run(700.0)
    course.play = failing(Rung.MEDIA, Reason.BUSY, Outcome.UNSEEN)
    course.run(1300.0)
    course.play = outage
    course.run(course.now + seconds)
    back = course.now
    course.play = fine
    while course.fleet.cameras["d0c1"][Rung.MEDIA].outcome is not Outcome.OK:
        course.run(course.now + 1.0)
        assert course.now - back < 330.0 if seconds > HOUR else course.now - back < 120.0


def test_a_silent_device_is_confirmed_within_forty_seconds() -> None:
    """Three connects, ten seconds after the end of the last each, whichever port they try."""
    course = Course(fine, memory=KNOWN).run(300.0)
    before = len(course.held)
    course.play = dead
    course.run(420.0)
    tcp = [one for one in course.held[before:] if one.probe != "snmp"]
    reachable = course.fleet.cameras["d0c1"][Rung.REACHABLE]
    assert (reachable.outcome, reachable.reason) == (Outcome.FAIL, Reason.TIMEOUT)
    assert tcp[2].ended - tcp[0].began < 40.0
    assert all(later.began - earlier.ended >= 9.5 for earlier, later in pairwise(tcp[:3]))
    within_budgets(course)


def test_a_long_dead_device_is_asked_every_five_minutes() -> None:
    """After an hour of silence each protocol is asked every five minutes, and still once each five minutes after days."""
    course = Course(dead, memory=KNOWN).run(30 * HOUR)
    for probe in course.probes:
        late = [one for one in course.of(probe) if one.began > 2 * HOUR]
        assert gaps(late) == pytest.approx([300.0] * (len(late) - 1), abs=1.0)


def test_a_device_that_comes_back_is_up_within_half_a_minute_of_its_first_answer() -> None:
    """The first answer brings re-checks, and video at once."""
    course = Course(dead, memory=KNOWN).run(10 * HOUR + 5.0)
    course.play = fine
    course.run(course.now + 400.0)
    answers = [one for one in course.held if one.began > 10 * HOUR + 5.0 and one.probe != "snmp"]
    media = course.fleet.cameras["d0c1"][Rung.MEDIA]
    assert media.outcome is Outcome.OK
    videos = [one for one in answers if one.asks(Rung.MEDIA)]
    assert videos[0].began - answers[0].began < 30.0


def test_video_is_asked_every_ten_minutes_however_late_each_check_begins() -> None:
    """No check begins in the very moment that it is due; if video counted from then, each would come a minute later."""
    course = Course(fine, memory=KNOWN, late_s=0.02).run(3 * HOUR)
    assert gaps(course.of("rtsp", Rung.MEDIA)[1:]) == pytest.approx([600.0] * 16, abs=0.1)


@pytest.mark.parametrize("channels", [4, 5, 9, 32])
def test_many_channels_take_turns(channels: int) -> None:
    """At most four streams are described at a time, each in its turn; each one's video in its own, one at a time.

    While the videos have their turns the descriptions wait, but none for two of its intervals.
    """
    course = Course(fine, channels=channels, memory=KNOWN).run(2 * HOUR)
    light = [one for one in course.of("rtsp") if not one.asks(Rung.MEDIA)]
    assert all(len(one.ask.cameras) <= 4 for one in light)
    for number in range(channels):
        id_ = f"d0c{number + 1}"
        seen = [one for one in course.of("rtsp", Rung.STREAM) if id_ in {camera.id for camera in one.ask.cameras}]
        assert max(gaps(seen)) < 2 * course.rates.interval_s(Rung.STREAM, channels)
        videos = [one for one in course.of("rtsp", Rung.MEDIA) if one.ask.cameras[0].id == id_]
        assert all(len(one.ask.cameras) == 1 for one in videos)
        assert max(gaps(videos)) <= max(600.0, 60.0 * channels) + 120.0
    within_budgets(course)
    one_at_a_time(course)


def test_a_full_device_is_left_alone_longer_each_time() -> None:
    """Video of a busy device is asked after 1, 2, 4, 8 … minutes, half an hour at the most, and its failure confirms nothing."""
    course = Course(failing(Rung.MEDIA, Reason.BUSY, Outcome.UNSEEN), memory=KNOWN).run(5 * HOUR)
    waits = gaps(course.of("rtsp", Rung.MEDIA))
    for wait, least in zip(waits, (60, 120, 240, 480, 960, 1800, 1800), strict=False):
        assert least <= wait <= least + 61.0
    assert course.fleet.cameras["d0c1"][Rung.MEDIA].outcome is Outcome.UNSEEN


def test_a_device_that_is_free_again_is_asked_as_before() -> None:
    """Once its video came, a device that had been full is asked every ten minutes again."""
    course = Course(failing(Rung.MEDIA, Reason.BUSY, Outcome.UNSEEN), memory=KNOWN).run(HOUR)
    course.play = fine
    course.run(4 * HOUR)
    late = [one for one in course.of("rtsp", Rung.MEDIA) if one.began > 1.6 * HOUR]
    assert all(600.0 <= gap <= 660.0 for gap in gaps(late))


def test_a_reboot_brings_a_login() -> None:
    """A reboot that SNMP tells of brings a login with the next ONVIF check, not at the next hour."""
    course = Course(fine, memory=KNOWN).run(600.0)
    course.play = lambda c, job: fine(c, job)._replace(learnt={"boots": 1} if job.probe == "snmp" else {})
    course.run(900.0)
    logins = [one for one in course.of("onvif", Rung.CREDENTIALS) if one.began > 600.0]
    assert len(logins) == 1
    assert logins[0].began < 600.0 + 120.0


def test_a_refused_login_waits_ten_minutes() -> None:
    """After a refusal a login is due again ten minutes later; whether it may be tried then is the lock's to say."""
    course = Course(failing(Rung.CREDENTIALS, Reason.CREDENTIALS), memory=KNOWN).run(2 * HOUR)
    assert all(600.0 <= gap <= 661.0 for gap in gaps(course.of("onvif", Rung.CREDENTIALS)))


def test_a_login_refused_over_rtsp_is_tried_over_onvif_next() -> None:
    """ONVIF tells whether the password is wrong or the stream server full: as soon as the lock allows, not at its hour."""
    course = Course(fine, memory=KNOWN).run(600.0)
    refused = course.station.memory.login.refused(EPOCH + 620.0, "")

    def play(course: Course, job: Job) -> Reply:
        if job.probe != "rtsp":
            return fine(course, job)
        findings = (Finding(Rung.CREDENTIALS, Outcome.UNSEEN, Reason.BUSY),)
        return Reply(findings, learnt={"login": refused} if 600.0 < course.now < 660.0 else {})

    course.play = play
    course.run(2000.0)
    first, *_ = [one for one in course.of("onvif", Rung.CREDENTIALS) if one.began > 600.0]
    assert 620.0 + 600.0 <= first.began <= 620.0 + 661.0


def test_a_lock_that_still_holds_is_waited_for_and_no_longer() -> None:
    """A timetable that begins within a lock, as after a restart, logs in when that ends, not ten minutes after it looked."""
    login = Login().refused(EPOCH - 300.0, "")

    def play(course: Course, job: Job) -> Reply:
        if Rung.CREDENTIALS not in job.ask.rungs or course.now > 299.0:
            return fine(course, job)
        return Reply((Finding(Rung.CREDENTIALS, Outcome.UNSEEN, Reason.LOCKED),))

    course = Course(play, memory=KNOWN._replace(login=login)).run(500.0)
    begun = [one.began for one in course.of("onvif", Rung.CREDENTIALS)]
    assert begun[0] == 0.0
    assert 300.0 <= begun[1] <= 361.0


def test_no_minute_brings_more_than_ten_requests() -> None:
    """However often an operator looks, from the first contact on: some devices hang up at the eleventh in a minute."""

    def play(course: Course, job: Job) -> Reply:
        reply = fine(course, job)
        if job.probe != "onvif" or Rung.CREDENTIALS not in job.ask.rungs:
            return reply
        return reply._replace(requests=8 if reply.learnt else 4)

    course = Course(play)
    for moment in range(0, 3600, 5):
        course.run(float(moment))
        course.station.look("d0c1", float(moment))
    sent = [(one.began, one.requests) for one in course.of("onvif")]
    assert max(sum(count for at, count in sent if begin <= at < begin + 60.0) for begin, _ in sent) <= 10


def test_a_stream_that_stays_unknown_does_not_cost_a_login_each_minute() -> None:
    """A device that tells no stream's path is asked for it after 1, 2, 4 … minutes, and hourly in the end."""

    def play(course: Course, job: Job) -> Reply:
        return fine(course, job)._replace(learnt={})

    course = Course(play).run(8 * HOUR)
    waits = gaps(course.of("onvif", Rung.CREDENTIALS))
    assert waits == sorted(waits)
    assert waits[-1] >= 3600.0
    assert len(waits) < 16


def test_one_request_is_kept_for_rechecks() -> None:
    """A light check leaves at least one request of the HTTP budget to a re-check."""
    rates = replace(Rates(), http_per_minute=1.0)
    course = Course(fine, rates=rates, memory=KNOWN, probes=("onvif",)).run(HOUR)
    for one in course.of("onvif"):
        level = course.rates.http_login if one.asks(Rung.CREDENTIALS) else course.rates.http_burst
        assert one.ask.requests <= level
    before = len(course.held)
    course.play = failing(Rung.CONTROL, Reason.PROTOCOL)
    course.run(HOUR + 400.0)
    first, second = course.held[before : before + 2]
    assert 10.0 <= second.began - first.ended <= 11.0


def test_a_cancelled_conversation_frees_its_transport() -> None:
    """A conversation that was cancelled leaves the device free for the next one."""
    course = Course(fine, memory=KNOWN)
    job = course.station.take(0.0)
    assert job is not None
    course.station.lost(job, 1.0)
    assert course.station.next_at() < 60.0


@given(st.integers(2, 2000))
def test_first_contacts_are_spread(count: int) -> None:
    """Devices begin within the spread, and no tenth of it holds more than its share with what chance adds."""
    begins = [phase(f"device-{number}", 60.0) for number in range(count)]
    assert all(0.0 <= begin < 60.0 for begin in begins)
    fullest = max(sum(6.0 * tenth <= begin < 6.0 * tenth + 6.0 for begin in begins) for tenth in range(10))
    assert fullest <= count / 10 + 5 * (count / 10) ** 0.5 + 1


def test_a_person_looks() -> None:
    """A look asks every protocol at once, ONVIF before RTSP, beside the timetable, and stands for what was due anyway."""
    course = Course(fine, memory=KNOWN).run(HOUR + 25.0)
    before = len(course.held)
    course.station.look("d0c1", course.now)
    course.run(HOUR + 28.0)
    looked = course.held[before:]
    assert sorted(one.probe for one in looked) == ["onvif", "rtsp", "snmp"]
    assert [one.probe for one in looked if one.probe != "snmp"] == ["onvif", "rtsp"]
    assert all(one.began < HOUR + 26.0 for one in looked)
    assert course.of("onvif", Rung.CREDENTIALS)[-1] in looked
    assert course.of("rtsp", Rung.MEDIA)[-1] in looked
    assert not course.station.looking("d0c1")


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1 << 30), st.lists(st.floats(0.5, 60.0), min_size=3, max_size=40))
def test_people_who_look_all_the_time(seed: int, pauses: list[float]) -> None:
    """However often people look at a camera, the budgets hold, one connection is open at a time, and each look ends."""
    course = Course(chance(seed))  # type: ignore[arg-type]  # a play, by its use
    for pause in pauses:
        course.station.look("d0c1", course.now)
        course.run(course.now + pause)
    course.run(course.now + 400.0)
    assert not course.station.looking("d0c1")
    within_budgets(course)
    one_at_a_time(course)


def test_a_look_waits_for_the_budget_and_says_how_long() -> None:
    """A device that has just been asked all that it may be is looked at later; how much later can be told."""
    course = Course(fine, memory=KNOWN).run(HOUR)
    for _ in range(3):
        course.station.look("d0c1", course.now)
        course.run(course.now + 6.0)
    course.station.look("d0c1", course.now)
    course.station.device = replace(course.station.device, probes=("onvif", "rtsp"))
    course.station.look("d0c1", course.now)
    probe, seconds = course.station.look_waits("d0c1", course.now)
    assert probe == "onvif"
    assert 5.0 < seconds < 60.0
    within_budgets(course.run(course.now + 120.0))
    assert not course.station.looking("d0c1")


def test_budgets_outlive_a_timetable() -> None:
    """A timetable that follows another of the same device begins with what that one left of the budgets."""
    course = Course(fine).run(3.0)
    old = course.station
    fresh = make(Assignment(old.device, old.cameras, buckets=old.buckets), old.rates, course.now)
    fresh.take(course.now)  # SNMP, which has no bucket
    assert fresh.take(course.now) is None
    assert fresh.next_at() == pytest.approx(course.of("onvif")[0].ended + 20.0)


def test_a_stream_that_is_gone_brings_one_login() -> None:
    """A learnt path that the device does not know any more is asked for once soon, and then hourly as before."""

    def play(course: Course, job: Job) -> Reply:
        reply = fine(course, job)
        if job.probe != "rtsp" or Rung.STREAM not in job.ask.rungs:
            return reply
        gone = tuple(
            Finding(f.rung, Outcome.FAIL, Reason.NOT_FOUND, "", f.camera) if f.rung is Rung.STREAM else f
            for f in reply.findings
        )
        learnt = {} if course.station.memory.lost else {"lost": ("1",)}
        return reply._replace(findings=gone, learnt=learnt)

    course = Course(play, memory=KNOWN._replace(streams={"1": "/old"})).run(2 * HOUR)
    logins = course.of("onvif", Rung.CREDENTIALS)
    assert logins[1].began < 120.0
    assert len(logins) <= 4
