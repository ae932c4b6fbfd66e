"""Refusals that nobody can read (protocol notes, line 5): a login that may be wrong is shown seldom, whatever it is told."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from peers.hostile import answering, attacking
from quirks.shapes import (
    NOT_AUTHORIZED,
    Digest,
    envelope,
    fault,
    http,
    onvif,
    rtsp,
    shows_login,
    streaming,
    wants_token,
)
from talks import CLOCKS, LOGIN, QUICK, after, camera, device, findings, probe, said

from monitor.core.limits import Login
from monitor.core.model import Secret
from monitor.core.verdict import Rung
from monitor.probes.base import Clocks
from monitor.probes.memory import Memory

WRONG = replace(LOGIN, password=Secret("env:TEST", "some-other-1"))
STREAM = camera(stream="/live")
HTML = "<html><head><title>Document Error: Unauthorized</title></head><body>Access Error</body></html>"
#: How a device answers a question that it should have refused for want of a login.
NONSENSE = {
    "400 without a fault": http(b"", "400 Bad Request"),
    "400 with HTML": http(HTML, "400 Bad Request"),
    "500 without a fault": http(b"", "500 Internal Server Error"),
    "500 with another fault": http(fault("ter:Action", "Internal error", "s:Receiver"), "500 x"),
    "200 with nothing": http(b""),
    "200 with an empty envelope": http(envelope("")),
}


@pytest.mark.parametrize("shape", NONSENSE)
async def test_line_4_nonsense_instead_of_a_refusal(shape: str) -> None:
    """A device that answers nonsense to a question without a login is asked once with one, and then makes sense."""
    async with attacking(answering(wants_token(onvif(), NONSENSE[shape]))) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}))
        again = await probe("onvif", device(ports={"onvif": peer.port}), memory=after(Memory(), result))
    assert said(result)["credentials"] == "ok"
    assert result.learnt["scheme"] == "token"
    assert said(again)["credentials"] == "ok"


@pytest.mark.parametrize("shape", [*NONSENSE, "words of its own", "silence"])
async def test_line_5_a_refusal_that_nobody_can_read_is_not_provoked_each_minute(shape: str) -> None:
    """Where no answer tells whether our login is right it is shown as seldom as a wrong one, for it may be one."""
    refusal = NONSENSE.get(shape, http(fault("ter:InvalidArgVal", "Nope"), "400 x"))

    def answer(asked: bytes) -> bytes:
        if b"DateAndTime" in asked:
            return onvif()(asked)
        return b"" if shape == "silence" and shows_login(asked) else refusal

    now = [1_795_000_000.0]
    clocks, quick = Clocks(lambda: now[0], time.monotonic), replace(QUICK, reply_s=0.1)
    shown, memory = [], Memory()
    async with attacking(answering(answer)) as peer:
        target = device(ports={"onvif": peer.port}, credential=WRONG)
        for minute in range(60):
            before, now[0] = peer.logins, 1_795_000_000.0 + minute * 60
            result = await probe("onvif", target, memory=memory, clocks=clocks, deadlines=quick)
            memory = after(memory, result)
            shown += [minute] * (peer.logins - before)
    assert shown == [0, 1, 31]
    assert said(result)["credentials"] == "unseen locked"
    assert "no answer" in findings(result)[Rung.CREDENTIALS].detail


#: How a stream server refuses a login in a way that nobody can read.
MUTE = {"hangs up": None, "silence": b"", "400": rtsp("400 Bad Request"), "500": rtsp("500 Oops")}


@pytest.mark.parametrize("shape", MUTE)
async def test_line_5_a_refusal_over_rtsp_that_nobody_can_read_is_not_provoked_each_minute(shape: str) -> None:
    """The same over RTSP; the stream fails all the time, whether our login is wrong or its server broken."""
    lock, now = Digest(once=False), [1_795_000_000.0]
    clocks, quick = Clocks(lambda: now[0], time.monotonic), replace(QUICK, reply_s=0.1)

    async def handle(reader, writer):  # type: ignore[no-untyped-def]
        while True:
            asked = await reader.readuntil(b"\r\n\r\n")
            said_ = MUTE[shape] if shows_login(asked) else rtsp("401 Unauthorized", *lock.fields())
            if said_ is None:
                return
            writer.write(said_.replace(b"{cseq}", asked.split(b"CSeq: ")[1].split(b"\r\n")[0]))
            await writer.drain()

    shown, memory, told = [], Memory(), set()
    async with attacking(handle) as peer:
        target = device(ports={"rtsp": peer.port}, credential=WRONG)
        for minute in range(60):
            before, now[0] = peer.logins, 1_795_000_000.0 + minute * 60
            result = await probe("rtsp", target, STREAM, memory=memory, clocks=clocks, deadlines=quick)
            memory = after(memory, result)
            shown += [minute] * (peer.logins - before)
            told.add(said(result)["stream"].partition(" ")[0])
    assert shown in ([0, 1, 31], [0, 0, 30])
    assert (told, memory.login.failures) == ({"fail"}, ())


async def test_a_stream_server_that_fails_with_a_login_that_works_is_asked_as_ever() -> None:
    """A login that ONVIF accepts is not wrong: the server is broken, and its repair is noticed at once."""
    lock = Digest(once=False)
    broken = lambda asked: b"" if shows_login(asked) else rtsp("401 Unauthorized", *lock.fields())  # noqa: E731
    memory = Memory(login=Login().accepted(CLOCKS.lock_time() - 3000))
    async with attacking(answering(broken)) as peer:
        for _ in range(4):
            target = device(ports={"rtsp": peer.port})
            result = await probe("rtsp", target, STREAM, memory=memory, deadlines=replace(QUICK, reply_s=0.1))
            memory = after(memory, result)
    assert peer.logins == 4


async def test_a_stream_server_that_said_nothing_is_asked_anew_once_the_login_works() -> None:
    """What waited because it may have been wrong is known to be right: ONVIF has accepted it since."""
    lock, now, answer = Digest(once=False), CLOCKS.lock_time(), streaming()
    guarded = lambda asked: answer(asked) if lock.accepts(asked) else rtsp("401 Unauthorized", *lock.fields())  # noqa: E731
    silent = Login().refused(now - 70, "").refused(now - 10, "")
    async with attacking(answering(guarded)) as peer:
        target = device(ports={"rtsp": peer.port})
        kept = await probe("rtsp", target, STREAM, memory=Memory(unread_streams=silent))
        trusted = Memory(unread_streams=silent, login=Login().accepted(now - 5))
        asked = await probe("rtsp", target, STREAM, memory=trusted)
    assert said(kept)["stream"] == "fail no_reply"
    assert said(asked)["stream"] == "ok"


async def test_a_login_that_streams_refused_is_not_shown_to_an_onvif_that_says_nothing() -> None:
    """Its stream server says whether it is right; each showing at ONVIF would count, and tell nothing."""
    now = CLOCKS.lock_time()
    refused = Login().refused(now - 700, "")
    async with attacking(answering(wants_token(onvif(), http(b"", "400 x")))) as peer:
        target = device(ports={"onvif": peer.port})
        for memory, shown in ((Memory(login=refused), True), (Memory(login=refused, unread=refused), False)):
            before = peer.logins
            await probe("onvif", target, memory=memory._replace(scheme="token"))
            assert (peer.logins > before) is shown


async def test_line_5_an_answer_that_can_be_read_ends_the_wait_for_one() -> None:
    """A login that works after two that got no answer is shown as usual from then on."""
    broken = onvif({"GetDeviceInformation": http(b"", "500 x")})
    fine = wants_token(onvif(), http(NOT_AUTHORIZED, "400 x"))
    memory = Memory()
    async with attacking(answering(broken)) as peer:
        for _ in range(3):
            memory = after(memory, await probe("onvif", device(ports={"onvif": peer.port}), memory=memory))
    assert (peer.logins, len(memory.unread.failures)) == (2, 2)
    memory = memory._replace(unread=memory.unread.moved(-1800))
    async with attacking(answering(fine)) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}), memory=memory)
    assert said(result)["credentials"] == "ok"
    assert after(memory, result).unread == Login()
