"""The table of outcomes (protocol notes, §9): what triggers each, what is said of the camera, and when it is asked again."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import NamedTuple

import pytest
from peers.hostile import Handler, answering, attacking, closing, silent
from quirks.shapes import (
    MEDIA_1,
    NOT_AUTHORIZED,
    Digest,
    Shot,
    clock,
    fault,
    frame,
    http,
    media1,
    onvif,
    rtp,
    rtsp,
    services,
    streaming,
    uri_by_token,
)
from scheduler.course import Course, failing, fine
from talks import after, camera, device, findings, probe, said

from monitor.core.limits import SECOND_LOGIN_S, Login
from monitor.core.schedule import Rates
from monitor.core.state import State, view
from monitor.core.verdict import Outcome, Reason, Rung
from monitor.probes.base import Clocks
from monitor.probes.memory import Memory

STREAM = camera(stream="/live")
HOUR = 3600.0


class Row(NamedTuple):
    """One line of the table: its trigger, which probe meets it, and what is said."""

    handler: Handler
    probe: str
    rung: Rung
    expected: str
    memory: Memory = Memory()
    proven: bool = False
    """Whether the login worked a minute ago."""


def full(status: str, *, proven: bool = False) -> Row:
    lock = Digest(once=False)

    def answer(asked: bytes) -> bytes:
        return rtsp(status) if lock.accepts(asked) else rtsp("401 Unauthorized", *lock.fields())

    return Row(answering(answer), "rtsp", Rung.STREAM, "unseen busy", proven=proven)


LATE_KEY = b"".join(frame(rtp(number, b"\x41\x9a")) for number in range(1, 60))
ONE_BAD = onvif(
    {
        "GetServices": services(MEDIA_1),
        "GetProfiles": media1(Shot("sub"), Shot("main", width=1920, height=1080)),
        "GetStreamUri": lambda asked: (
            http(fault("ter:IncompleteConfiguration"), "500 x") if b">sub<" in asked else uri_by_token(asked)
        ),
    }
)
ROWS = {
    "ok: ONVIF": Row(answering(onvif()), "onvif", Rung.CONTROL, "ok"),
    "ok: a stream": Row(answering(streaming()), "rtsp", Rung.STREAM, "ok"),
    "ok: video": Row(answering(streaming()), "rtsp", Rung.MEDIA, "ok"),
    "no_reply: silence": Row(silent, "onvif", Rung.CONTROL, "fail no_reply"),
    "no_reply: hangs up": Row(closing, "onvif", Rung.CONTROL, "fail closed"),
    "no_reply: RTSP": Row(silent, "rtsp", Rung.STREAM, "fail no_reply"),
    "protocol_error: no HTTP": Row(answering(lambda _: b"+OK\r\n"), "onvif", Rung.CONTROL, "fail protocol"),
    "protocol_error: no RTSP": Row(answering(lambda _: http("")), "rtsp", Rung.STREAM, "fail protocol"),
    "auth_failed: 401": Row(answering(lambda asked: onvif()(asked) if b"DateAndTime" in asked else http("", "401 x")), "onvif", Rung.CREDENTIALS, "fail credentials"),
    "auth_failed: a fault": Row(answering(lambda asked: onvif()(asked) if b"DateAndTime" in asked else http(NOT_AUTHORIZED)), "onvif", Rung.CREDENTIALS, "fail credentials"),
    "auth_failed: RTSP": Row(answering(lambda _: rtsp("401 x", 'WWW-Authenticate: Digest realm="r", nonce="n"')), "rtsp", Rung.CREDENTIALS, "fail credentials"),
    "busy: 453": full("453 Not Enough Bandwidth"),
    "busy: 503": full("503 Service Unavailable"),
    "busy: 429": Row(answering(lambda _: http("", "429 Too Many Requests")), "onvif", Rung.CONTROL, "unseen busy"),
    "busy: 403 of a proven login": full("403 Forbidden", proven=True),
    "busy: 401 of a proven login": full("401 Unauthorized", proven=True),
    "unsupported: 404": Row(answering(lambda _: http("", "404 x")), "onvif", Rung.CONTROL, "fail unsupported"),
    "unsupported: 405": Row(answering(lambda _: http("", "405 x")), "onvif", Rung.CONTROL, "fail unsupported"),
    "unsupported: 501": Row(answering(lambda _: http("", "501 x")), "onvif", Rung.CONTROL, "fail unsupported"),
    "unsupported: a fault is an answer": Row(answering(lambda _: http(fault("ter:ActionNotSupported"), "500 x")), "onvif", Rung.CONTROL, "ok"),
    "clock_skew": Row(answering(onvif({"GetSystemDateAndTime": lambda _: http(clock(offset_s=-86400))})), "onvif", Rung.CLOCK, "fail clock"),
    "clock_skew: a little": Row(answering(onvif({"GetSystemDateAndTime": lambda _: http(clock(offset_s=-30))})), "onvif", Rung.CLOCK, "ok"),
    "stream_no_data": Row(answering(streaming({"PLAY": rtsp()})), "rtsp", Rung.MEDIA, "fail no_video"),
    "stream_no_keyframe": Row(answering(streaming({"PLAY": rtsp() + LATE_KEY})), "rtsp", Rung.MEDIA, "ok"),
    "partial": Row(answering(ONE_BAD), "onvif", Rung.CONTROL, "ok"),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
async def test_the_outcome(name: str) -> None:
    """Each trigger of the table has the outcome that it names."""
    row = ROWS[name]
    async with attacking(row.handler) as peer:
        known = row.memory._replace(login=Login(succeeded_at=time.time() - 60)) if row.proven else row.memory
        result = await probe(row.probe, device(ports={row.probe: peer.port}), STREAM, known)
    found = findings(result)[row.rung]
    assert f"{found.outcome.label} {found.reason or ''}".strip() == row.expected
    assert said(result)["reachable"] == "ok"


async def test_partial_is_learnt_from_the_good_profile() -> None:
    """One bad profile beside a good one: the good one's stream is learnt."""
    async with attacking(answering(ONE_BAD)) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}))
    assert result.learnt["streams"] == {"1": "/main?a=1&b=2"}


@contextmanager
def full_backlog() -> Iterator[int]:
    """Yield a port of loopback that answers nobody: its queue is full, and nobody takes from it."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        try:
            yield listener.getsockname()[1]
        finally:
            for one in waiting:
                one.close()


@pytest.mark.parametrize(("name", "rung"), [("onvif", "control"), ("rtsp", "stream")])
async def test_unreachable(name: str, rung: str) -> None:
    """What does not answer at all is not reachable; a port that refuses is."""
    with full_backlog() as port:
        await asyncio.sleep(0.05)
        result = await probe(name, device(ports={name: port}), STREAM)
    assert said(result) == {"reachable": "fail timeout", rung: "fail timeout"}
    result = await probe(name, device(ports={name: port}), STREAM)
    assert said(result) == {"reachable": "ok", rung: "fail refused"}


async def test_auth_failed_stops_for_ten_minutes_at_least() -> None:
    """After a refusal one more login follows when ten minutes have passed, another half an hour later, the next after a day."""
    now = [1_795_000_000.0]
    clocks = Clocks(lambda: now[0], time.monotonic)
    guarded = lambda asked: onvif()(asked) if b"DateAndTime" in asked else http(NOT_AUTHORIZED, "400 x")  # noqa: E731
    memory, shown = Memory(), []
    async with attacking(answering(guarded)) as peer:
        for minute in range(0, 27 * 60, 10):
            before = peer.logins
            now[0] = 1_795_000_000.0 + minute * 60
            result = await probe("onvif", device(ports={"onvif": peer.port}), memory=memory, clocks=clocks)
            memory = after(memory, result)
            shown += [minute] * (peer.logins - before)
    assert shown == [0, 10, 40, 40 + 24 * 60]
    assert SECOND_LOGIN_S == 600.0


def test_busy_waits_longer_each_time_and_skips_media() -> None:
    """A full device is asked for its video after 1, 2, 4, 8 … minutes, up to half an hour, while the rest goes on."""
    course = Course(failing(Rung.MEDIA, Reason.BUSY, Outcome.UNSEEN), memory=Memory(streams={"1": "/1"})).run(3 * HOUR)
    asked = [one.began for one in course.of("rtsp", Rung.MEDIA)]
    waits = [later - earlier for earlier, later in pairwise(asked)]
    assert waits[:4] == sorted(waits[:4])
    assert waits[-1] >= 1800
    assert len(course.of("onvif")) > 170
    assert view(next(iter(course.fleet.cameras.values()))).state is State.UNKNOWN


def test_unsupported_is_no_outage() -> None:
    """A camera whose ONVIF is off is up as long as its video comes; that it is off is said beside it."""
    course = Course(failing(Rung.CONTROL, Reason.UNSUPPORTED)).run(HOUR)
    seen = view(next(iter(course.fleet.cameras.values())))
    assert (seen.state, seen.reason) == (State.DEGRADED, Reason.UNSUPPORTED)
    assert seen.state.working


def test_clock_skew_is_no_outage() -> None:
    """A camera whose clock is wrong is up, and that is said beside it."""
    course = Course(failing(Rung.CLOCK, Reason.CLOCK)).run(HOUR)
    seen = view(next(iter(course.fleet.cameras.values())))
    assert (seen.state, seen.reason) == (State.DEGRADED, Reason.CLOCK)


def test_no_data_is_an_outage() -> None:
    """A camera that plays and sends nothing is down."""
    course = Course(failing(Rung.MEDIA, Reason.NO_VIDEO)).run(HOUR)
    seen = view(next(iter(course.fleet.cameras.values())))
    assert (seen.state, seen.reason) == (State.DOWN, Reason.NO_VIDEO)


def test_line_18_six_requests_a_minute() -> None:
    """Over a day no device sees more than six HTTP requests a minute, bursts of eight apart, and one connection at a time."""
    course = Course(fine).run(24 * HOUR)
    rates = Rates()
    held = course.of("onvif")
    assert sum(one.requests for one in held) / (24 * 60) <= rates.http_per_minute
    for first, one in enumerate(held):
        minute = [later for later in held[first : first + 20] if later.began < one.began + 60]
        assert sum(later.requests for later in minute) <= rates.http_burst + rates.http_per_minute
    over_tcp = [one for one in course.held if one.probe != "snmp"]
    assert all(later.began >= earlier.ended for earlier, later in pairwise(over_tcp))
