"""ONVIF over https: which certificate is trusted, and that nothing is said to whoever shows another one (T1)."""

from __future__ import annotations

import asyncio
import ssl
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from effort import prompt
from peers.certificates import Identity, identity, old, rsa_key
from peers.hostile import Attacker, answering, attacking, http, onvif, settled, silent
from peers.hostile import descriptors as open_descriptors
from talks import PASSWORD, after, device, findings, probe, said

from monitor.core.model import Device, Tls
from monitor.core.verdict import Rung
from monitor.probes.memory import Memory

GOOD = {"reachable": "ok", "control": "ok", "clock": "fail clock", "credentials": "ok", "identity": "n/a"}
UNTOLD = {"reachable": "ok", "control": "ok", "clock": "fail clock", "credentials": "unseen tls"}
REFUSED = {"reachable": "ok", "control": "fail tls"}
FIRST_USE = Tls(trust="first-use")


@pytest.fixture(scope="module")
def authority() -> Identity:
    return identity("Our CA", authority=True)


def target(peer: Attacker, tls: Tls, **more: Any) -> Device:
    return replace(device(ports={"onvif": peer.port}), tls=tls, **more)


def locked(peer_answers: Any = None) -> Any:
    """Return an ONVIF device that wants a digest."""
    answers = peer_answers or onvif()
    challenge = 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"\r\n'

    def answer(asked: bytes) -> bytes:
        if b"GetSystemDateAndTime" in asked or b"Authorization: Digest" in asked:
            return answers(asked)
        return http(b"", "401 Unauthorized", challenge)

    return answering(answer)


async def test_signed_by_our_authority(tmp_path: Path, authority: Identity) -> None:
    """A certificate of our own CA for this address is trusted, and what was agreed on is measured."""
    shown = identity(issuer=authority, days=(-1, 99.5))
    async with attacking(locked(), tls=shown.context(tmp_path)) as peer:
        result = await probe("onvif", target(peer, Tls(authorities=authority.pem)))
    assert said(result) == GOOD
    assert result.verdict.measurements["https_version"] == "TLS 1.3"
    assert result.verdict.measurements["https_certificate"] == f"sha256:{shown.fingerprint}"
    assert result.verdict.measurements["https_certificate_expires_at"] == shown.ends
    assert peer.logins >= 1
    assert shown.fingerprint in result.conversation.messages[0].text()


#: What is wrong with it: the certificate that is shown, and what is said of it.
WRONG = {
    "self-signed": (lambda ca: identity(), "self-signed certificate"),
    "expired": (lambda ca: identity(issuer=ca, days=(-30, -2)), "certificate has expired"),
    "not yet valid": (lambda ca: identity(issuer=ca, days=(2, 30)), "certificate is not yet valid"),
    "another host": (lambda ca: identity(hosts=["192.0.2.1"], issuer=ca), "IP address mismatch, certificate is not valid for '127.0.0.1'"),
    "another authority": (lambda ca: identity(issuer=identity("Our CA", authority=True)), "unable to get local issuer certificate|certificate signature failure"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
async def test_t1_a_certificate_that_no_authority_vouches_for(tmp_path: Path, authority: Identity, wrong: str) -> None:
    """The device is alive and not trusted: reason tls, in plain words, and nothing was asked."""
    make, words = WRONG[wrong]
    async with attacking(locked(), tls=make(authority).context(tmp_path)) as peer:
        result = await probe("onvif", target(peer, Tls(authorities=authority.pem)))
    assert said(result) == REFUSED
    detail = findings(result)[Rung.CONTROL].detail
    assert detail in {f"its certificate is not trusted: {one}" for one in words.split("|")}
    assert peer.heard == b""


async def test_pinned_by_its_fingerprint(tmp_path: Path) -> None:
    """The pinned certificate is trusted though nobody signed it, it expired and it is of another host."""
    shown = identity(hosts=["192.0.2.1"], days=(-400, -35))
    async with attacking(locked(), tls=shown.context(tmp_path)) as peer:
        result = await probe("onvif", target(peer, Tls(trust="pinned", fingerprint=shown.fingerprint)))
    assert said(result) == GOOD
    assert result.verdict.measurements["https_certificate_expires_at"] == shown.ends
    assert "expired 35 days ago" in result.conversation.messages[0].text()


async def test_t1_another_certificate_than_the_pinned_one(tmp_path: Path) -> None:
    """Nothing is said to it, not even the question for the time."""
    expected, shown = identity(), identity()
    async with attacking(locked(), tls=shown.context(tmp_path)) as peer:
        result = await probe("onvif", target(peer, Tls(trust="pinned", fingerprint=expected.fingerprint)))
    assert said(result) == REFUSED
    assert findings(result)[Rung.CONTROL].detail == (
        f"its certificate is sha256:{shown.fingerprint[:16]}…, not the pinned one,"
        f" sha256:{expected.fingerprint[:16]}…: nothing was asked"
    )
    assert peer.heard == b""
    assert result.learnt["strange_certificates"] == {"onvif": shown.fingerprint}


async def test_first_use(tmp_path: Path) -> None:
    """The first certificate is trusted and remembered; another one is refused, and the first one is good again."""
    first, second = identity(), identity()
    memory = Memory()
    outcomes = []
    heard = []
    for shown in (first, first, second, second, first):
        async with attacking(locked(), tls=shown.context(tmp_path)) as peer:
            result = await probe("onvif", target(peer, FIRST_USE), memory=memory)
        memory = after(memory, result)
        outcomes.append((said(result), memory.certificates, memory.strange_certificates))
        heard.append(bool(peer.heard))
    pinned, strange = {"onvif": first.fingerprint}, {"onvif": second.fingerprint}
    assert outcomes == [
        (GOOD, pinned, {}),
        (GOOD, pinned, {}),
        (REFUSED, pinned, strange),
        (REFUSED, pinned, strange),
        (GOOD, pinned, {}),
    ]
    assert heard == [True, True, False, False, True]


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
@pytest.mark.parametrize("allowed", [False, True])
async def test_t1_old_tls_is_measured_and_carries_no_login(
    tmp_path: Path, newest: ssl.TLSVersion, allowed: bool
) -> None:
    """The first look finds that it is old; the next ones measure it, and log in only where that is allowed."""
    shown = identity(key=rsa_key())
    async with attacking(locked(), tls=old(shown.context(tmp_path), newest)) as peer:
        one = target(peer, replace(FIRST_USE, old=allowed))
        first = await probe("onvif", one)
        memory = after(Memory(), first)
        second = await probe("onvif", one, memory=memory)
    assert said(first) == {"reachable": "ok", "control": "fail closed"}
    version = {ssl.TLSVersion.TLSv1: "TLS 1.0", ssl.TLSVersion.TLSv1_1: "TLS 1.1"}[newest]
    assert second.verdict.measurements["https_version"] == version
    assert said(second) == (GOOD if allowed else UNTOLD)
    assert (peer.logins > 0) == allowed


async def test_a_device_that_learnt_a_better_tls(tmp_path: Path) -> None:
    """A day later the better TLS is tried again, and that it was old is forgotten."""
    shown = identity()
    async with attacking(locked(), tls=shown.context(tmp_path)) as peer:
        hour_ago, week_ago = (Memory(weak_tls={"onvif": time.time() - age}) for age in (3600, 7 * 86400))
        early = await probe("onvif", target(peer, FIRST_USE), memory=hour_ago)
        late = await probe("onvif", target(peer, FIRST_USE), memory=week_ago)
    assert said(early) == UNTOLD
    assert findings(early)[Rung.CREDENTIALS].detail == "TLS 1.3 as the device speaks it is too weak for a login"
    assert said(late) == GOOD
    assert late.learnt["weak_tls"] == {}


async def test_a_device_that_hung_up_once(tmp_path: Path) -> None:
    """It is asked in the old way next, shows that it knows better, and is logged in to from then on."""

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)

    memory = Memory()
    outcomes = []
    async with attacking(hang_up) as rude, attacking(locked(), tls=identity().context(tmp_path)) as good:
        for peer in (rude, good, good):
            result = await probe("onvif", target(peer, FIRST_USE), memory=memory)
            memory = after(memory, result)
            outcomes.append(said(result))
    assert outcomes == [{"reachable": "ok", "control": "fail closed"}, UNTOLD, GOOD]
    assert memory.weak_tls == {}


async def test_t1_a_chain_of_64_kb(tmp_path: Path, authority: Identity) -> None:
    """A handshake has 64 KB: what is longer is cut off, whoever signed it."""
    chain = [identity(f"ballast {number}", issuer=authority, ballast=20_000) for number in range(4)]
    shown = identity(issuer=authority)
    async with attacking(locked(), tls=shown.context(tmp_path, chain)) as peer:
        result = await probe("onvif", target(peer, Tls(authorities=authority.pem)))
    assert said(result) == {"reachable": "ok", "control": "fail too_large"}
    assert findings(result)[Rung.CONTROL].detail == "a TLS handshake of over 65536 bytes"
    assert peer.heard == b""


async def test_t1_a_long_chain_that_is_within_the_bound(tmp_path: Path, authority: Identity) -> None:
    """40 KB of certificates are read."""
    chain = [identity(f"ballast {number}", issuer=authority, ballast=20_000) for number in range(2)]
    async with attacking(locked(), tls=identity(issuer=authority).context(tmp_path, chain)) as peer:
        result = await probe("onvif", target(peer, Tls(authorities=authority.pem)))
    assert said(result) == GOOD


async def test_t1_a_stall_within_the_handshake() -> None:
    """A device that accepts and says nothing is hung, within the deadline of a reply."""
    before = open_descriptors()
    async with attacking(silent) as peer:
        began = time.monotonic()
        result = await probe("onvif", target(peer, FIRST_USE))
        took = time.monotonic() - began
    assert said(result) == {"reachable": "ok", "control": "fail no_reply"}
    assert findings(result)[Rung.CONTROL].detail == "the TLS handshake was not finished in time"
    assert prompt(took, 1.5)
    await settled(before)


async def test_t1_a_handshake_byte_by_byte() -> None:
    """Bytes that drip do not make the deadline longer."""

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        for byte in b"\x16\x03\x03\x20\x00\x02\x00\x1f\xfc" + b"\0" * 1000:
            writer.write(bytes((byte,)))
            await asyncio.sleep(0.05)

    async with attacking(drip) as peer:
        began = time.monotonic()
        result = await probe("onvif", target(peer, FIRST_USE))
    assert said(result) == {"reachable": "ok", "control": "fail no_reply"}
    assert prompt(time.monotonic() - began, 1.5)


@pytest.mark.parametrize(
    ("answer", "outcome", "detail"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "fail tls", "what answers on this port speaks no TLS"),
        (b"\x15\x03\x03\x00\x02\x02\x28", "fail tls", "it speaks no TLS that is good enough for a login (sslv3 alert handshake failure)"),
        (b"\x16\x03\x03\x00\x05junk!", "fail tls", ""),
        (b"", "fail closed", "the connection ended within the TLS handshake"),
    ],
)  # fmt: skip
async def test_what_is_no_tls(answer: bytes, outcome: str, detail: str) -> None:
    """Plain HTTP, an alert, garbage, nothing: each has its words, and none is our own fault."""

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with attacking(once) as peer:
        result = await probe("onvif", target(peer, FIRST_USE))
    assert said(result) == {"reachable": "ok", "control": outcome}
    assert detail in findings(result)[Rung.CONTROL].detail


async def test_a_server_that_closes_after_each_reply(tmp_path: Path) -> None:
    """Each connection is a handshake of its own; one at a time, and the same certificate holds."""
    answers = onvif()
    closing = locked(lambda asked: answers(asked).replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
    async with attacking(closing, tls=identity().context(tmp_path)) as peer:
        result = await probe("onvif", target(peer, FIRST_USE))
    assert said(result) == GOOD
    assert peer.connections >= 2


BASIC = 'WWW-Authenticate: Basic realm="r"\r\n'


def wants_basic(asked: bytes) -> bytes:
    if b"GetSystemDateAndTime" in asked or b"Authorization: Basic" in asked:
        return onvif()(asked)
    return http(b"", "401 Unauthorized", BASIC)


async def test_basic_over_trusted_tls(tmp_path: Path) -> None:
    """The password may travel where nobody can read it; no transcript shows it."""
    async with attacking(answering(wants_basic), tls=identity().context(tmp_path)) as peer:
        result = await probe("onvif", target(peer, FIRST_USE))
    assert said(result) == GOOD
    assert result.learnt["proven"] == {"onvif": "basic"}
    assert b"Authorization: Basic" in peer.heard
    shown = "".join(message.text() for message in result.conversation.messages)
    assert PASSWORD not in shown
    assert "Basic [removed]" in shown
    assert "Y2FtZmxlZXQ6" not in shown


async def test_basic_over_plain_http() -> None:
    """Without TLS it needs consent, by ``basic: allowed``."""
    async with attacking(answering(wants_basic)) as peer:
        refused = await probe("onvif", device(ports={"onvif": peer.port}))
        assert peer.logins == 0
        allowed = await probe("onvif", replace(device(ports={"onvif": peer.port}), basic=True))
    assert said(refused)["credentials"] == "unseen insecure"
    assert findings(refused)[Rung.CREDENTIALS].detail == "it wants the password in the clear (Basic)"
    assert said(allowed) == GOOD


@pytest.mark.parametrize("encrypted", [False, True])
async def test_h9_basic_where_a_digest_was_taken_before(tmp_path: Path, encrypted: bool) -> None:
    """A downgrade is not followed, not even over TLS; it is remembered, once, until the device wants a digest again."""
    tls = FIRST_USE if encrypted else None
    memory = Memory()
    context = identity().context(tmp_path) if encrypted else None
    said_ = []
    for answer in (locked(), answering(wants_basic), answering(wants_basic), locked()):
        async with attacking(answer, tls=context) as peer:
            result = await probe("onvif", replace(device(ports={"onvif": peer.port}), tls=tls), memory=memory)
            memory = after(memory, result)
            said_.append((said(result)["credentials"], memory.downgrades, result.learnt.get("downgrades")))
            assert b"Basic" not in peer.heard
    basic = {"onvif": "basic"}
    assert said_ == [
        ("ok", {}, None),
        ("unseen insecure", basic, basic),
        ("unseen insecure", basic, None),
        ("ok", {}, {}),
    ]
    assert memory.proven == {"onvif": "md5"}
