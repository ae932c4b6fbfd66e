"""What is told of certificates and weaker logins, and how a person takes them as right."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from peers.certificates import identity
from peers.hostile import answering, attacking, http, onvif
from talks import after, device, probe, said

from monitor.core.event import DeviceEvent, Event
from monitor.core.model import Tls
from monitor.probes.memory import Memory, from_json
from monitor.probes.trust import accepted, events

FIRST_USE = Tls(trust="first-use")


def told(found: list[Event]) -> list[tuple[str, str]]:
    return [(event.what, event.detail) for event in found if isinstance(event, DeviceEvent)]


async def test_a_changed_certificate_is_told_once_and_accepted_by_a_person(tmp_path: Path) -> None:
    """Trusted at first, told when it changes, told no more while it stays so, trusted again once a person says so."""
    first, second = identity(), identity()
    memory = Memory(certificates={"rtsp": "0" * 64})
    news = []
    for shown in (first, second, second):
        async with attacking(answering(onvif()), tls=shown.context(tmp_path)) as peer:
            target = replace(device(ports={"onvif": peer.port}), tls=FIRST_USE)
            result = await probe("onvif", target, memory=memory)
            memory = from_json(after(memory, result).to_json())
            news.append(told(events(result)))
    assert news == [
        [("certificate trusted", f"https: sha256:{first.fingerprint}, seen first")],
        [("certificate changed", f"https: sha256:{second.fingerprint}, not trusted")],
        [],
    ]
    memory, recorded = accepted(target, memory, "an operator", 1.0)
    assert told([*recorded]) == [
        ("certificate accepted", f"https: sha256:{second.fingerprint}, accepted by an operator")
    ]
    assert accepted(target, memory, "an operator", 2.0) == (memory, [])
    async with attacking(answering(onvif()), tls=second.context(tmp_path)) as peer:
        target = replace(target, ports={"onvif": peer.port})
        assert said(await probe("onvif", target, memory=memory))["control"] == "ok"


async def test_a_weaker_login_is_told_once_and_accepted_by_a_person() -> None:
    """SHA-256 before, MD5 now: not followed, told once, and followed once a person says so."""

    def answer(asked: bytes) -> bytes:
        if b"GetSystemDateAndTime" in asked or b"Authorization: Digest" in asked:
            return onvif()(asked)
        return http(b"", "401 Unauthorized", 'WWW-Authenticate: Digest realm="r", nonce="n"\r\n')

    memory = Memory(proven={"onvif": "sha-256", "rtsp": "md5"})
    news = []
    async with attacking(answering(answer)) as peer:
        target = device(ports={"onvif": peer.port})
        for _ in range(2):
            result = await probe("onvif", target, memory=memory)
            memory = after(memory, result)
            news.append(told(events(result)))
        assert peer.logins == 0
        assert said(result)["credentials"] == "unseen insecure"
        memory, recorded = accepted(target, memory, "an operator", 1.0)
        assert said(await probe("onvif", target, memory=memory))["credentials"] == "ok"
    weaker = "ONVIF wants Digest with MD5, which is weaker than before: not followed"
    assert news == [[("weaker login wanted", weaker)], []]
    assert told([*recorded]) == [
        ("weaker login accepted", "ONVIF may ask for Digest with MD5, accepted by an operator")
    ]
