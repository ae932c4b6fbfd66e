"""Devices with several cameras: heads, encoders and recorders have one budget, one login, and a verdict for each channel."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from peers.hostile import answering, attacking
from quirks.shapes import (
    MEDIA_1,
    MEDIA_2,
    Digest,
    Shot,
    fault,
    http,
    media1,
    media2,
    methods,
    onvif,
    operations,
    rtsp,
    services,
    streaming,
    uri,
    uri_by_token,
    urls,
)
from scheduler.course import Course, Reply, fine
from talks import CLOCKS, LOGIN, QUICK, after, device

from monitor.core.limits import SECOND_LOGIN_S, Login
from monitor.core.model import Camera, Device, Secret
from monitor.core.verdict import Rung
from monitor.probes.base import Ask, Result, Talk, run_probe
from monitor.probes.memory import Memory
from monitor.probes.registry import PROBES, RUNGS
from monitor.scheduler.station import Job

WRONG = replace(LOGIN, password=Secret("env:TEST", "some-other-1"))


def channels(*numbers: int, stream: str = "", serial: str = "") -> tuple[Camera, ...]:
    """Return cameras of one device; ``{n}`` in the stream's path is the channel."""
    return tuple(
        Camera(f"cam{n}", f"Camera {n}", "device", n, "zone", stream=stream.replace("{n}", str(n)), serial=serial)
        for n in numbers
    )


async def ask(
    name: str,
    target: Device,
    cameras: tuple[Camera, ...],
    memory: Memory | None = None,
    requests: int = 40,
    rungs: frozenset[Rung] | None = None,
) -> Result:
    question = Ask(rungs or RUNGS[name], cameras, requests)
    return await run_probe(name, PROBES[name], target, question, memory or Memory(), CLOCKS, QUICK)


def told(result: Result, rung: Rung) -> dict[str, str]:
    """Return a rung's outcome of each camera: ``{"cam1": "ok", "cam2": "fail not_found"}``."""
    return {
        finding.camera: f"{finding.outcome.label} {finding.reason or ''}".strip()
        for finding in result.verdict.findings
        if finding.rung is rung
    }


def sources(*names: str) -> list[Shot]:
    """Return a main and a sub profile of each video source, all the mains first, as recorders list them."""
    mains = [Shot(f"{name}_main", name, width=1920, height=1080) for name in names]
    return mains + [Shot(f"{name}_sub", name) for name in names]


@pytest.mark.parametrize("number", [1, 2, 4, 16])
@pytest.mark.parametrize(("service", "profiles"), [(MEDIA_1, media1), (MEDIA_2, media2)])
async def test_each_channel_has_its_own_stream(
    number: int, service: tuple[str, str], profiles: Callable[..., str]
) -> None:
    """The channels of a head, an encoder or a recorder are its video sources in their order, through either service."""
    names = [f"VideoSource_{n}" for n in range(1, number + 1)]
    key = "GetProfiles" if service is MEDIA_1 else "GetProfiles2"
    answers = onvif({"GetServices": services(service), key: profiles(*sources(*names))})
    async with attacking(answering(answers)) as peer:
        result = await ask("onvif", device(ports={"onvif": peer.port}), channels(*range(1, number + 1)))
    assert result.learnt["streams"] == {str(n): f"/VideoSource_{n}_sub?a=1&b=2" for n in range(1, number + 1)}


async def test_a_recorder_that_leaves_a_channel_out() -> None:
    """A recorder lists no profiles for a channel without a camera: that stays unknown, and no other is taken for it."""
    answers = onvif(
        {"GetProfiles": media1(*sources("VideoSourceToken001", "VideoSourceToken002", "VideoSourceToken004"))}
    )
    async with attacking(answering(answers)) as peer:
        result = await ask("onvif", device(ports={"onvif": peer.port}), channels(1, 2, 3, 4))
    assert {number: path.split("_")[0] for number, path in result.learnt["streams"].items()} == {
        "1": "/VideoSourceToken001",
        "2": "/VideoSourceToken002",
        "4": "/VideoSourceToken004",
    }


@pytest.mark.parametrize("tokens", [("VideoSourceToken006",), ("00001", "00005")], ids=["one is left", "from 0"])
async def test_a_recorder_that_has_lost_its_first_channels(tokens: tuple[str, ...]) -> None:
    """Where tokens alone would mislead, the channel in a stream's path keeps one camera from being taken for another."""

    def answer(asked: bytes) -> bytes:
        channel = 6 if b"6_sub" in asked or b"5_sub" in asked else 2
        return http(uri(f"rtsp://192.0.2.7/cam/realmonitor?channel={channel}&subtype=1"))

    answers = onvif({"GetProfiles": media1(*sources(*tokens)), "GetStreamUri": answer})
    async with attacking(answering(answers)) as peer:
        result = await ask("onvif", device(ports={"onvif": peer.port}), channels(*range(1, 9)))
    learnt = {int(channel): path for channel, path in result.learnt.get("streams", {}).items()}
    assert all(f"channel={channel}&" in path for channel, path in learnt.items())


async def test_one_bad_channel_leaves_the_others_alone() -> None:
    """A channel whose stream has no address does not keep the next ones from being learnt."""

    def answer(asked: bytes) -> bytes:
        return http(fault("ter:NoProfile"), "500 x") if b"src1" in asked else uri_by_token(asked)

    answers = onvif({"GetProfiles": media1(*sources("src0", "src1", "src2")), "GetStreamUri": answer})
    async with attacking(answering(answers)) as peer:
        result = await ask("onvif", device(ports={"onvif": peer.port}), channels(1, 2, 3))
    assert set(result.learnt["streams"]) == {"1", "3"}


async def test_what_is_learnt_before_the_budget_ends_is_kept() -> None:
    """A recorder's sixteen channels are learnt in several conversations, each of which asks only for what is unknown."""
    lock = Digest()
    names = [f"{n:05}" for n in range(16)]
    answers = lock.guard(onvif({"GetProfiles": media1(*sources(*names))}), lambda fields: http("", "401 x", *fields))
    cameras, memory, contacts = channels(*range(1, 17)), Memory(), 0
    async with attacking(answering(answers)) as peer:
        while len(memory.streams) < 16 and contacts < 20:
            result = await ask("onvif", device(ports={"onvif": peer.port}), cameras, memory, requests=8)
            assert result.verdict.requests <= 8
            memory = after(memory, result)
            contacts += 1
    assert memory.streams["16"] == "/00015_sub?a=1&b=2"
    assert operations(peer.heard).count("GetServices") == 1
    assert lock.refused == 0


@pytest.mark.parametrize(("each", "minutes"), [(1, 8), (2, 20)], ids=["token", "digest"])
def test_a_recorders_channels_are_known_soon(each: int, minutes: int) -> None:
    """Sixteen channels are learnt within its budget in minutes: a login that teaches something is followed by the next."""

    def play(course: Course, job: Job) -> Reply:
        reply = fine(course, job)
        if Rung.CREDENTIALS not in job.ask.rungs:
            return reply._replace(learnt={})
        known = course.station.memory.streams
        before = 2 + each * (1 if known else 2)  # the time, services, information and profiles
        room = max(0, job.ask.requests - before) // each
        learnt = min(course.channels, len(known) + room)
        streams = {str(channel): f"/{channel}" for channel in range(1, learnt + 1)}
        cost = min(job.ask.requests, before + each * (learnt - len(known)))
        return reply._replace(requests=cost, learnt={"streams": streams} if learnt > len(known) else {})

    course = Course(play, channels=16).run(minutes * 60.0)
    assert len(course.station.memory.streams) == 16


async def test_a_verdict_for_each_channel() -> None:
    """A channel that is not there, one that is full, one that says nothing and one without video: each has its own word."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers = {
            "1": rtsp("404 Not Found"),
            "2": rtsp("453 Not Enough Bandwidth"),
            "3": b"",
            "4": rtsp(body="v=0\r\n"),
        }
        usual = streaming()
        while True:
            asked = await reader.readuntil(b"\r\n\r\n")
            channel = re.search(rb"/ch(\d)", asked)
            assert channel is not None
            writer.write(
                answers.get(channel[1].decode(), usual(asked)).replace(
                    b"{cseq}", asked.split(b"CSeq: ")[1].split(b"\r\n")[0]
                )
            )

    cameras = channels(1, 2, 3, 4, 5, stream="/ch{n}")
    async with attacking(handle) as peer:
        result = await ask("rtsp", device(ports={"rtsp": peer.port}), cameras)
    assert told(result, Rung.STREAM) == {
        "cam1": "fail not_found",
        "cam2": "unseen busy",
        "cam3": "fail no_reply",
        "cam4": "fail no_video_track",
        "cam5": "ok",
    }
    assert told(result, Rung.MEDIA) == {"cam5": "ok"}
    assert told(result, Rung.REACHABLE) == {"": "ok"}


async def test_one_connection_at_a_time_and_one_session() -> None:
    """Eight channels' videos are watched one after the other: never two connections, never two sessions."""
    open_now, most, sessions, most_sessions = 0, 0, 0, 0

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal open_now, most, sessions, most_sessions
        open_now += 1
        most = max(most, open_now)
        answer = streaming()
        try:
            while True:
                asked = await reader.readuntil(b"\r\n\r\n")
                sessions += {b"SETUP": 1, b"TEARDOWN": -1}.get(asked.split(b" ")[0], 0)
                most_sessions = max(most_sessions, sessions)
                writer.write(answer(asked).replace(b"{cseq}", asked.split(b"CSeq: ")[1].split(b"\r\n")[0]))
                await writer.drain()
                if asked.startswith(b"TEARDOWN") and sessions % 2:
                    return
        finally:
            open_now -= 1

    async with attacking(handle) as peer:
        result = await ask(
            "rtsp", device(ports={"rtsp": peer.port}), channels(*range(1, 9), stream="/ch{n}"), requests=99
        )
    assert set(told(result, Rung.MEDIA).values()) == {"ok"}
    assert (most, most_sessions, sessions) == (1, 1, 0)
    assert methods(peer.heard).count("TEARDOWN") == 8


async def test_one_refused_login_for_all_channels() -> None:
    """A wrong password is shown once to a recorder, not once for each of its channels."""
    lock = Digest(once=False)
    answer = streaming()
    guarded = lambda asked: answer(asked) if lock.accepts(asked) else rtsp("401 Unauthorized", *lock.fields())  # noqa: E731
    cameras = channels(1, 2, 3, 4, stream="/ch{n}")
    async with attacking(answering(guarded)) as peer:
        target = device(ports={"rtsp": peer.port}, credential=WRONG)
        first = await ask("rtsp", target, cameras)
        second = await ask("rtsp", target, cameras, after(Memory(), first))
    assert lock.refused == peer.logins == 1
    assert told(first, Rung.CREDENTIALS) == {"": "fail credentials"}
    assert told(first, Rung.STREAM)["cam1"] == "unseen credentials"
    assert set(told(second, Rung.STREAM).values()) == {"unseen locked"}


async def test_onvif_tries_a_refused_login_first_for_all_channels() -> None:
    """Ten minutes after a refusal ONVIF has the next try: no channel of the device shows the login over RTSP before it."""
    lock = Digest(once=False)
    answer = streaming()
    guarded = lambda asked: answer(asked) if lock.accepts(asked) else rtsp("401 Unauthorized", *lock.fields())  # noqa: E731
    async with attacking(answering(guarded)) as peer:
        target = device(ports={"rtsp": peer.port})
        memory = Memory(scheme="token", login=Login((time.time() - SECOND_LOGIN_S - 1,)))
        evidence = Talk(target, Ask(frozenset()), memory, CLOCKS, QUICK).evidence
        memory = memory._replace(login=memory.login._replace(evidence=evidence))
        result = await ask("rtsp", target, channels(1, 2, 3, stream="/ch{n}"), memory)
    assert set(told(result, Rung.STREAM).values()) == {"unseen locked"}
    assert peer.logins == 0


async def test_one_channel_that_is_not_for_our_account() -> None:
    """An account that may not see one channel is still good for those that it saw: full, not refused, and shown no oftener."""
    lock = Digest(once=False)
    answer = streaming()

    def guarded(asked: bytes) -> bytes:
        good = lock.accepts(asked) and b"/ch2" not in asked
        return answer(asked) if good else rtsp("401 Unauthorized", *lock.fields())

    cameras = channels(1, 2, stream="/ch{n}")
    async with attacking(answering(guarded)) as peer:
        result = await ask("rtsp", device(ports={"rtsp": peer.port}), cameras, rungs=frozenset({Rung.STREAM}))
    assert told(result, Rung.CREDENTIALS) == {"": "ok"}
    assert told(result, Rung.STREAM) == {"cam1": "ok", "cam2": "unseen busy"}
    assert peer.logins <= 3


async def test_a_closed_port_is_closed_for_all_channels() -> None:
    """Without a connection every channel that was asked for fails, for the same reason, and the device is alive."""
    async with attacking(answering(streaming())) as peer:
        port = peer.port
    result = await ask("rtsp", device(ports={"rtsp": port}), channels(1, 2, 3, stream="/ch{n}"))
    assert told(result, Rung.STREAM) == dict.fromkeys(("cam1", "cam2", "cam3"), "fail refused")
    assert told(result, Rung.REACHABLE) == {"": "ok"}


async def test_channels_without_a_path_cost_one_request() -> None:
    """Where no path is known one OPTIONS says whether the server lives, however many channels there are."""
    async with attacking(answering(streaming())) as peer:
        result = await ask("rtsp", device(ports={"rtsp": peer.port}), channels(1, 2, 3, 4))
    assert methods(peer.heard) == ["OPTIONS"]
    assert set(told(result, Rung.STREAM).values()) == set(told(result, Rung.MEDIA).values()) == {"unseen no_path"}


async def test_channels_whose_paths_still_wait_for_the_budget_say_so() -> None:
    """As long as the budget cuts the questions for their paths short; once all were asked, what is left has no path."""
    names = [f"{n:05}" for n in range(8)]
    answers = onvif({"GetProfiles": media1(*sources(*names))})
    cameras = channels(*range(1, 10))
    async with attacking(answering(answers)) as web, attacking(answering(streaming())) as video:
        target = device(ports={"onvif": web.port, "rtsp": video.port})
        memory = after(Memory(), await ask("onvif", target, cameras, requests=8))
        waiting = told(await ask("rtsp", target, cameras, memory), Rung.STREAM)
        memory = after(memory, await ask("onvif", target, cameras, memory))
        asked = told(await ask("rtsp", target, cameras, memory), Rung.STREAM)
    assert (waiting["cam1"], waiting["cam8"], waiting["cam9"]) == ("ok", "unseen budget", "unseen budget")
    assert (asked["cam1"], asked["cam8"], asked["cam9"]) == ("ok", "ok", "unseen no_path")


async def test_a_recorders_word_about_a_camera_is_not_the_verdict() -> None:
    """A recorder that lists no camera at a channel whose stream is there: the stream is asked for, and decides."""
    empty = onvif({"GetProfiles": media1(*sources("VideoSource_1"))})
    async with attacking(answering(empty)) as web, attacking(answering(streaming())) as video:
        target = device(ports={"onvif": web.port, "rtsp": video.port})
        cameras = (*channels(1), *channels(2, stream="/ch2"))
        learnt = after(Memory(), await ask("onvif", target, cameras))
        result = await ask("rtsp", target, cameras, learnt)
    assert told(result, Rung.MEDIA) == {"cam1": "ok", "cam2": "ok"}
    assert urls(video.heard, "DESCRIBE") == ["/VideoSource_1_sub?a=1&b=2", "/ch2"]


async def test_a_path_that_the_device_forgot_is_asked_for_again() -> None:
    """After a reset a device's streams have other names: a learnt path that is gone is learnt anew, one of ours is not."""
    gone = rtsp("404 Stream Not Found")
    answer = lambda asked: streaming()(asked) if b"/new_" in asked else gone  # noqa: E731
    cameras = (*channels(1), *channels(2, stream="/written"))
    memory = Memory(streams={"1": "/old_sub"}, login=Login(succeeded_at=time.time()))
    async with (
        attacking(answering(onvif({"GetProfiles": media1(*sources("new"))}))) as web,
        attacking(answering(answer)) as video,
    ):
        target = device(ports={"onvif": web.port, "rtsp": video.port})
        memory = after(memory, await ask("rtsp", target, cameras, memory))
        assert memory.lost == ("1",)
        memory = after(memory, await ask("onvif", target, cameras, memory))
        result = await ask("rtsp", target, cameras, memory)
    assert (memory.streams, memory.lost) == ({"1": "/new_sub?a=1&b=2"}, ())
    assert told(result, Rung.STREAM) == {"cam1": "ok", "cam2": "fail not_found"}


async def test_a_path_that_the_device_insists_on() -> None:
    """A device that names the same path again which it does not know is not believed sooner the next time."""
    memory = Memory(streams={"1": "/sub?a=1&b=2"}, lost=("1",))
    async with attacking(answering(onvif())) as web:
        memory = after(memory, await ask("onvif", device(ports={"onvif": web.port}), channels(1), memory))
    assert (memory.streams, memory.lost) == ({"1": "/sub?a=1&b=2"}, ("1",))


async def test_a_recorders_serial_is_that_of_its_channels() -> None:
    """One serial number answers for all channels of a device."""
    async with attacking(answering(onvif())) as peer:
        result = await ask("onvif", device(ports={"onvif": peer.port}), channels(1, 2, serial="a1b2c3"))
    assert told(result, Rung.IDENTITY) == {"": "ok"}
