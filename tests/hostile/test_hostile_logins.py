"""Logins: no device, whatever it answers, gets more of them than would lock an account, and none in the clear."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from peers.hostile import (
    SDP,
    SYS_UPTIME,
    agent,
    answering,
    attacking,
    envelope,
    http,
    onvif,
    rtsp,
    ticks,
    vitals,
)
from talks import PASSWORD, after, camera, device, findings, probe, said

from monitor.core.model import Device, Secret, SnmpAccess
from monitor.core.verdict import Rung
from monitor.probes.base import Clocks
from monitor.probes.memory import Memory

BEGAN = 1_795_000_000.0
HOURS_2 = 7200
WINDOW_S = 1800.0
#: What an account survives on every make that is known to lock one (Hikvision's users: five wrong answers).
MOST_REFUSED = 2
STREAM = camera(stream="/stream1")
NOT_AUTHORIZED = envelope(
    b'<s:Fault xmlns:ter="http://www.onvif.org/ver10/error"><s:Code><s:Value>s:Sender</s:Value><s:Subcode>'
    b"<s:Value>ter:NotAuthorized</s:Value></s:Subcode></s:Code><s:Reason><s:Text>No</s:Text></s:Reason></s:Fault>"
)
_nonces = itertools.count()


def challenge(more: str = "", nonce: Callable[[], str] = lambda: f"n{next(_nonces)}") -> str:
    return f'WWW-Authenticate: Digest realm="r", nonce="{nonce()}", qop="auth"{more}\r\n'


@dataclass
class Watch:
    """Probes of one device, each minute by a clock of its own; when it was told a login that it then refused."""

    device: Device
    memory: Memory = field(default_factory=Memory)
    now: float = BEGAN
    refused: list[float] = field(default_factory=list)
    said: list[dict[str, str]] = field(default_factory=list)

    @property
    def clocks(self) -> Clocks:
        return Clocks(lambda: self.now, time.monotonic)

    async def look(self, *names: str) -> None:
        for name in names:
            result = await probe(name, self.device, STREAM if name == "rtsp" else None, self.memory, clocks=self.clocks)
            self.memory = after(self.memory, result)
            self.said.append(said(result))

    async def for_two_hours(self, *names: str, every_s: int = 60) -> None:
        for self.now in range(int(BEGAN), int(BEGAN) + HOURS_2, every_s):
            await self.look(*names)

    def most_in_a_window(self) -> int:
        return max((sum(at <= one < at + WINDOW_S for one in self.refused) for at in self.refused), default=0)


def logs_in(asked: bytes) -> bool:
    return bool(re.search(rb"(?im)^authorization:|<Password ", asked))


def refusing(watch: list[Watch], more: str = "", status: str = "401 Unauthorized") -> Callable[[bytes], bytes]:
    """Return an ONVIF device that tells its time and refuses every login, each time with a new nonce."""

    def refuse(asked: bytes) -> bytes:
        if logs_in(asked):
            watch[0].refused.append(watch[0].now)
        return http(b"", status, challenge(more))

    return lambda asked: onvif()(asked) if b"GetSystemDateAndTime" in asked else refuse(asked)


def refusing_rtsp(watch: list[Watch], more: str = "", *accepted: str) -> Callable[[bytes], bytes]:
    """Return an RTSP server that refuses every login but for these methods, each time with a new nonce."""

    def answer(asked: bytes) -> bytes:
        method = asked.split(b" ")[0].decode()
        if logs_in(asked) and method in accepted:
            return rtsp(body=SDP)
        if logs_in(asked):
            watch[0].refused.append(watch[0].now)
        return rtsp("401 Unauthorized", challenge(more))

    return answer


async def test_refused_over_http_for_two_hours() -> None:
    """401 for ever with new nonces: one login a probe, after ten minutes a second, half an hour later a third, and no more."""
    watch: list[Watch] = []
    async with attacking(answering(refusing(watch))) as peer:
        watch.append(Watch(device(ports={"onvif": peer.port})))
        await watch[0].for_two_hours("onvif")
    assert watch[0].refused == [BEGAN, BEGAN + 600, BEGAN + 2400]
    assert watch[0].most_in_a_window() == MOST_REFUSED
    assert watch[0].said[0]["credentials"] == "fail credentials"
    assert watch[0].said[1]["credentials"] == "unseen credentials"


async def test_refused_over_rtsp_for_two_hours() -> None:
    """The same of RTSP's digest; without a login the stream is not seen, and not failed."""
    watch: list[Watch] = []
    async with attacking(answering(refusing_rtsp(watch))) as peer:
        watch.append(Watch(device(ports={"rtsp": peer.port})))
        await watch[0].for_two_hours("rtsp")
    assert watch[0].refused == [BEGAN, BEGAN + 600, BEGAN + 2400]
    assert watch[0].most_in_a_window() == MOST_REFUSED
    assert watch[0].said[0]["stream"] == "unseen credentials"
    assert watch[0].said[1]["stream"] == "unseen locked"


async def test_refused_over_both_for_two_hours() -> None:
    """ONVIF and RTSP share the account, so they share its two logins."""
    watch: list[Watch] = []
    async with (
        attacking(answering(refusing(watch))) as web,
        attacking(answering(refusing_rtsp(watch))) as video,
    ):
        watch.append(Watch(device(ports={"onvif": web.port, "rtsp": video.port})))
        await watch[0].for_two_hours("onvif", "rtsp")
    assert watch[0].most_in_a_window() == MOST_REFUSED


async def test_refused_by_a_fault_for_two_hours() -> None:
    """A device that answers NotAuthorized by a fault, whatever its status, sees no more tokens than others digests."""
    watch: list[Watch] = []

    def answer(asked: bytes) -> bytes:
        if b"GetSystemDateAndTime" in asked:
            return onvif()(asked)
        if logs_in(asked):
            watch[0].refused.append(watch[0].now)
        return http(NOT_AUTHORIZED, "200 OK" if len(watch[0].refused) % 2 else "400 Bad Request")

    async with attacking(answering(answer)) as peer:
        watch.append(Watch(device(ports={"onvif": peer.port})))
        await watch[0].for_two_hours("onvif")
    assert watch[0].most_in_a_window() == MOST_REFUSED


@pytest.mark.parametrize("name", ["onvif", "rtsp"])
async def test_every_nonce_is_called_stale(name: str) -> None:
    """A device that calls each nonce stale gets a second answer to it, no third, and counts as having refused."""
    watch: list[Watch] = []
    peers = {"onvif": refusing(watch, ", stale=true"), "rtsp": refusing_rtsp(watch, ", stale=true")}
    async with attacking(answering(peers[name])) as peer:
        watch.append(Watch(device(ports={name: peer.port})))
        await watch[0].for_two_hours(name)
    assert watch[0].most_in_a_window() == 2 * MOST_REFUSED


async def test_reboots_are_no_way_round_the_lock() -> None:
    """A device that claims a reboot at each look gets its second login sooner, and no third."""
    watch: list[Watch] = []
    async with (
        attacking(answering(refusing(watch))) as web,
        agent(lambda raw: vitals({SYS_UPTIME: ticks(int(watch[0].now - BEGAN) * 3 % 977)})(raw)) as vital,
    ):
        access = SnmpAccess("test", "v2c", Secret("env:TEST", "look-only"))
        watch.append(Watch(device(ports={"onvif": web.port, "snmp": vital.port}, snmp=access)))
        await watch[0].for_two_hours("snmp", "onvif")
    assert watch[0].memory.boots > 20
    assert watch[0].most_in_a_window() == MOST_REFUSED


@pytest.mark.parametrize("accepted", [("DESCRIBE",), ("DESCRIBE", "SETUP")])
async def test_a_login_that_opens_the_description_only(accepted: tuple[str, ...]) -> None:
    """A login that is good for DESCRIBE and refused for what follows is refused no oftener than a wrong one.

    The device is full, for this account at least: nothing fails.
    """
    watch: list[Watch] = []
    async with attacking(answering(refusing_rtsp(watch, "", *accepted))) as peer:
        watch.append(Watch(device(ports={"rtsp": peer.port})))
        await watch[0].for_two_hours("rtsp")
    assert watch[0].said[0] == {"reachable": "ok", "credentials": "ok", "stream": "ok", "media": "unseen busy"}
    assert watch[0].most_in_a_window() <= 2 * MOST_REFUSED
    assert not any("fail" in outcome for rungs in watch[0].said for outcome in rungs.values())


def _open_to_logins(asked: bytes) -> bytes:
    """An ONVIF device that tells its time to everybody and the rest to any login."""
    return onvif()(asked) if b"GetSystemDateAndTime" in asked or logs_in(asked) else http(b"", "401 No", challenge())


async def _refused_by_streams(web: Callable[[bytes], bytes]) -> Watch:
    """Let a stream server refuse every login from minute 20 on; it is asked each minute, ONVIF each ten."""
    watch: list[Watch] = []

    def stream(asked: bytes) -> bytes:
        if not logs_in(asked):
            return rtsp("401 Unauthorized", challenge())
        if watch[0].now < BEGAN + 1200:
            return rtsp("453 Full") if asked.startswith(b"SETUP") else rtsp(body=SDP)
        watch[0].refused.append(watch[0].now)
        return rtsp("401 Unauthorized", challenge())

    async with attacking(answering(web)) as control, attacking(answering(stream)) as video:
        memory = Memory(streams={"1": "/stream1"})
        watch.append(Watch(device(ports={"onvif": control.port, "rtsp": video.port}), memory))
        for minute in range(HOURS_2 // 60):
            watch[0].now = BEGAN + 60.0 * minute
            await watch[0].look(*(("onvif", "rtsp") if minute % 10 == 1 else ("rtsp",)))
    return watch[0]


async def test_a_stream_server_that_is_full_for_hours() -> None:
    """A server that answers 401 while it is full is busy, for hours: ONVIF takes the same login, so it is right."""
    watch = await _refused_by_streams(_open_to_logins)
    outcomes = [rungs["credentials"] for rungs in watch.said if "credentials" in rungs]
    assert set(outcomes) == {"ok", "unseen busy", "unseen credentials"}
    assert watch.most_in_a_window() == MOST_REFUSED


async def test_a_stream_server_that_refuses_and_onvif_says_nothing() -> None:
    """Where ONVIF does not answer, the second refusal over RTSP decides all the same, and waits for nothing."""
    answers = iter([True, True])  # its time and one login; then it is broken

    def web(asked: bytes) -> bytes:
        return http(b"", "500 Broken") if watch_over(asked) else _open_to_logins(asked)

    def watch_over(asked: bytes) -> bool:
        return b"GetSystemDateAndTime" not in asked and logs_in(asked) and not next(answers, False)

    watch = await _refused_by_streams(web)
    outcomes = [rungs["credentials"] for rungs in watch.said if "credentials" in rungs]
    assert "fail credentials" in outcomes
    assert watch.refused[1] - watch.refused[0] == 600.0
    assert watch.most_in_a_window() == MOST_REFUSED


async def test_a_login_that_is_wanted_late() -> None:
    """A server that describes its stream to everybody and wants a login for SETUP gets it there."""

    def answer(asked: bytes) -> bytes:
        if asked.startswith(b"SETUP") and not logs_in(asked):
            return rtsp("401 Unauthorized", challenge())
        return rtsp("453 Full") if asked.startswith(b"SETUP") else rtsp(body=SDP)

    async with attacking(answering(answer)) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}), STREAM)
    assert said(result) == {"reachable": "ok", "stream": "ok", "media": "unseen busy"}
    assert peer.logins == 1


async def test_a_refusal_without_a_login() -> None:
    """403 to somebody who showed no login says nothing about a login: none is recorded as refused, none is judged."""
    async with attacking(answering(lambda asked: rtsp("403 Forbidden"))) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}), STREAM)
    assert said(result) == {"reachable": "ok", "stream": "unseen credentials"}
    assert "login" not in result.learnt


async def test_a_device_that_changed_how_it_wants_logins() -> None:
    """A device that took tokens and now takes digests refuses once; the next login finds out what it wants."""
    watch: list[Watch] = []

    def answer(asked: bytes) -> bytes:
        if b"Digest username=" in asked or b"GetSystemDateAndTime" in asked:
            return onvif()(asked)
        if logs_in(asked):
            watch[0].refused.append(watch[0].now)
        return http(b"", "401 Unauthorized", challenge())

    async with attacking(answering(answer)) as peer:
        watch.append(Watch(device(ports={"onvif": peer.port}), Memory(scheme="token", streams={"1": "/s"})))
        await watch[0].for_two_hours("onvif", every_s=660)
    assert [rungs["credentials"] for rungs in watch[0].said[:3]] == ["fail credentials", "ok", "ok"]
    assert len(watch[0].refused) == 1


#: name: the WWW-Authenticate fields of a 401 that no password may ever answer
UNANSWERED = {
    "nothing": "",
    "Basic": 'WWW-Authenticate: Basic realm="r"\r\n',
    "Basic, named twice": 'WWW-Authenticate: Basic realm="Digest nonce=x", Basic realm="r"\r\n',
    "Bearer": 'WWW-Authenticate: Bearer realm="r"\r\n',
    "NTLM": "WWW-Authenticate: NTLM\r\nWWW-Authenticate: Negotiate\r\n",
    "digest without a nonce": 'WWW-Authenticate: Digest realm="r"\r\n',
    "digest of an unknown kind": 'WWW-Authenticate: Digest realm="r", nonce="n", algorithm=CRC32\r\n',
    "digest of the body alone": 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth-int"\r\n',
    "a realm of two lines": 'WWW-Authenticate: Digest realm="r\rX-Evil: 1", nonce="n"\r\n',
    "a nonce of 8 KB": f'WWW-Authenticate: Digest realm="r", nonce="{"n" * 8192}"\r\n',
}


@pytest.mark.parametrize("fields", UNANSWERED.values(), ids=UNANSWERED.keys())
async def test_a_challenge_that_is_never_answered(fields: str) -> None:
    """What would show the password, or cannot be answered safely, is not answered over RTSP: reason insecure."""
    async with attacking(answering(lambda asked: rtsp("401 Unauthorized", fields))) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}), STREAM)
    assert said(result) == {"reachable": "ok", "stream": "unseen insecure"}
    assert peer.logins == 0
    assert peer.connections == peer.requests("DESCRIBE") == 1


@pytest.mark.parametrize("scheme", ["", "digest"])
async def test_a_password_in_the_clear_over_http(scheme: str) -> None:
    """A device that wants Basic gets no login, whether it has always wanted that or took a digest before."""
    answers = onvif({"GetDeviceInformation": http(b"", "401 Unauthorized", UNANSWERED["Basic"])})
    async with attacking(answering(answers)) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}), memory=Memory(scheme=scheme))
    assert said(result)["credentials"] == "unseen insecure"
    assert peer.logins == 0


async def test_a_realm_over_two_lines() -> None:
    """A field folded over two lines is read as one; our answer's fields end where we end them."""
    folded = 'WWW-Authenticate: Digest realm="r\r\n X-Evil: 1", nonce="n"\r\n'
    answers = onvif({"GetDeviceInformation": http(b"", "401 Unauthorized", folded)})
    async with attacking(answering(answers)) as peer:
        await probe("onvif", device(ports={"onvif": peer.port}))
    assert peer.logins == 1
    assert not re.search(rb"(?m)^X-Evil", bytes(peer.heard))


async def test_the_password_never_travels() -> None:
    """Whatever is asked of us, neither the password nor its Base64 is ever sent."""
    import base64

    fields = [f + challenge() for f in UNANSWERED.values()]
    heard = bytearray()
    for field_ in fields:
        answers = onvif({"GetDeviceInformation": http(b"", "401 Unauthorized", field_)})
        async with attacking(answering(answers)) as peer:
            await probe("onvif", device(ports={"onvif": peer.port}))
            heard += peer.heard
        async with attacking(answering(lambda asked, f=field_: rtsp("401 Unauthorized", f))) as peer:
            result = await probe("rtsp", device(ports={"rtsp": peer.port}), STREAM)
            heard += peer.heard
    assert findings(result)[Rung.CREDENTIALS].detail
    for secret in (PASSWORD.encode(), base64.b64encode(f"camfleet:{PASSWORD}".encode())):
        assert secret not in heard
