"""A dossier over https: nothing is asked of whoever shows a certificate that the inventory does not trust."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from peers.certificates import Identity, identity, old, rsa_key
from peers.hostile import TIME, Attacker, Handler, answering, attacking, http, onvif, saying_and_closing
from talks import PASSWORD, camera, device

from monitor.core.model import Device, Inventory, Tls
from monitor.dossier.process import Untrusted, ask, order
from monitor.dossier.report import Dossier
from monitor.dossier.whole import inspect
from monitor.inspection.whom import Wanted

FIRST_USE = Tls(trust="first-use")
DIGEST = 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"\r\n'
BASIC = 'WWW-Authenticate: Basic realm="r"\r\n'


@pytest.fixture(scope="module")
def authority() -> Identity:
    return identity("Our CA", authority=True)


def locked(challenge: str = DIGEST, headers: str = "") -> Handler:
    """Return a device that tells its time to everybody and the rest to our login."""
    answers = onvif()

    def answer(asked: bytes) -> bytes:
        if b"GetSystemDateAndTime" in asked or b"Authorization:" in asked:
            return answers(asked).replace(b"\r\n", b"\r\n" + headers.encode(), 1)
        return http(b"", "401 Unauthorized", challenge + headers)

    return answering(answer)


def target(peer: Attacker, tls: Tls) -> Device:
    return replace(device(ports={"onvif": peer.port}), tls=tls)


async def told(one: Device, known: Mapping[str, Any] | None = None) -> Dossier:
    dossier = Dossier()
    async for event in ask(order(one, 30, True, known or {})):
        dossier.take(event)
    return dossier


def model(dossier: Dossier) -> str:
    said = {one["operation"]: one["answer"] for one in dossier.services["devicemgmt"]["answers"]}
    return str(said["GetDeviceInformation"]["Model"])


async def test_every_kind_of_trust(tmp_path: Path, authority: Identity) -> None:
    """Signed by our authority for this address, pinned in the inventory, or the one seen first: it is told everything."""
    signed, own = identity(issuer=authority), identity(hosts=["192.0.2.1"], days=(-400, -35))
    seen = {"certificates": {"onvif": own.fingerprint}}
    for shown, tls, known in (
        (signed, Tls(authorities=authority.pem), {}),
        (own, Tls(trust="pinned", fingerprint=own.fingerprint), {}),
        (own, FIRST_USE, seen),
    ):
        async with attacking(locked(), tls=shown.context(tmp_path)) as peer:
            dossier = await told(target(peer, tls), known)
        assert (dossier.unfinished, dossier.login, model(dossier)) == (None, "accepted", "N"), tls
        assert PASSWORD not in json.dumps(dossier.to_json())


async def test_whoever_is_not_trusted_is_asked_nothing(tmp_path: Path, authority: Identity) -> None:
    """Not a word is said, a login least of all; the report says why."""
    expected, shown = identity(), identity()
    wrong = f"its certificate is sha256:{shown.fingerprint[:16]}…, not {{}}, sha256:{expected.fingerprint[:16]}…: nothing was asked"
    for tls, known, why in (
        (Tls(authorities=authority.pem), {}, "its certificate is not trusted: self-signed certificate"),
        (Tls(trust="pinned", fingerprint=expected.fingerprint), {}, wrong.format("the pinned one")),
        (FIRST_USE, {"certificates": {"onvif": expected.fingerprint}}, wrong.format("the one seen first")),
    ):
        async with attacking(locked(), tls=shown.context(tmp_path)) as peer:
            dossier = await told(target(peer, tls), known)
        assert (dossier.unfinished, dossier.answered) == (why, 0)
        assert peer.heard == b""


async def test_a_signed_certificate_of_another_host(tmp_path: Path, authority: Identity) -> None:
    """An authority's word holds for the address in the inventory alone."""
    shown = identity(hosts=["192.0.2.1"], issuer=authority)
    async with attacking(locked(), tls=shown.context(tmp_path)) as peer:
        dossier = await told(target(peer, Tls(authorities=authority.pem)))
    assert str(dossier.unfinished).startswith("its certificate is not trusted: IP address mismatch")
    assert peer.heard == b""


async def test_another_certificate_at_a_later_connection(tmp_path: Path) -> None:
    """Every connection is judged: whoever takes the device's place between two questions hears none."""
    first, second = identity(), identity()
    contexts = [first.context(tmp_path), second.context(tmp_path)]
    handshakes = []

    def chosen(connection: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> None:
        connection.context = contexts[len(handshakes) > 1]
        handshakes.append(name)

    contexts[0].sni_callback = chosen
    async with attacking(locked(headers="Connection: close\r\n"), tls=contexts[0]) as peer:
        dossier = await told(target(peer, FIRST_USE), {"certificates": {"onvif": first.fingerprint}})
    assert len(handshakes) == 3
    assert "not the one seen first" in str(dossier.unfinished)
    assert peer.heard.count(b"POST ") == 2


async def test_nothing_says_which_certificate_to_trust() -> None:
    """Where the first one seen is trusted and none was seen, nobody is called."""
    with pytest.raises(Untrusted, match="the look saw no certificate of the device"):
        order(replace(device(), tls=FIRST_USE), 30, True, {})


async def test_what_speaks_no_tls(tmp_path: Path) -> None:
    """A device that answers in the clear is told nothing in the clear."""
    async with attacking(saying_and_closing(http(TIME))) as peer:
        dossier = await told(target(peer, Tls()))
    assert dossier.unfinished == "what answers on this port speaks no TLS"
    assert peer.logins == 0
    assert b"Envelope" not in peer.heard


@pytest.mark.parametrize("allowed", [False, True])
async def test_old_tls_carries_no_login_unless_it_may(tmp_path: Path, allowed: bool) -> None:
    """What the look has found to speak TLS 1.1 at best is asked all the same, with a login only by consent."""
    shown = identity(key=rsa_key())
    tls = Tls(trust="pinned", fingerprint=shown.fingerprint, old=allowed)
    async with attacking(locked(), tls=old(shown.context(tmp_path), ssl.TLSVersion.TLSv1_1)) as peer:
        dossier = await told(target(peer, tls), {"weak_tls": ["onvif"]})
    assert (dossier.unfinished, dossier.login) == (None, "accepted" if allowed else "not shown")
    assert b"GetSystemDateAndTime" in peer.heard
    assert (peer.logins > 0) == allowed


@pytest.mark.parametrize("encrypted", [False, True])
async def test_basic_over_trusted_tls(tmp_path: Path, encrypted: bool) -> None:
    """A readable password may travel where nobody can read it, as a look's does; nobody sees it in the report."""
    shown = identity()
    one = Tls(trust="pinned", fingerprint=shown.fingerprint) if encrypted else None
    async with attacking(locked(BASIC), tls=shown.context(tmp_path) if encrypted else None) as peer:
        dossier = await told(replace(device(ports={"onvif": peer.port}), tls=one))
    assert (peer.logins > 0) == encrypted
    assert dossier.login == ("accepted" if encrypted else "not shown: the device asks for a password in the clear")


async def test_a_port_that_the_device_names_is_not_used(tmp_path: Path) -> None:
    """Over TLS a service stays at the inventory's port (or 443), whatever address the device gives."""
    wanted = order(replace(device(), tls=Tls()), 30, True, {})
    assert (wanted.port, wanted.fixed) == (443, True)


async def test_the_look_and_the_dossier_trust_the_same_certificate(tmp_path: Path) -> None:
    """The first certificate that a look sees is what the questions after it hold to."""
    async with attacking(locked(), tls=identity().context(tmp_path)) as peer:
        one = replace(target(peer, FIRST_USE), probes=("onvif",))
        fleet = Inventory({"device": one}, {"camera": camera()}, {}, {"zone": "Zone"})
        wanted = Wanted("camera", tmp_path / "ledger.sqlite", lambda: fleet)
        report, whole = await inspect(wanted, fleet, 30, False, lambda event: None)
    assert (whole, report["login"], report["unfinished"]) == (True, "accepted", None)
    assert report["look"]["rungs"]["credentials"]["outcome"] == "ok"
