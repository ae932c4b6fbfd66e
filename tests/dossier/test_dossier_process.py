"""A whole dossier: of every make of the city, and of devices that mean harm, which are left in time."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from effort import prompt
from peers.cities import RunningCity, started_city
from peers.hostile import (
    INFORMATION,
    TIME,
    Handler,
    answering,
    attacking,
    dripping,
    endless,
    http,
    onvif,
    saying,
    silent,
    soap,
)
from talks import LOGIN, PASSWORD, device

from monitor.dossier.process import Order, ask, order
from monitor.dossier.report import Dossier

MAKES = ("axis", "hikvision", "dahua", "bosch", "reolink", "noname")
#: Models that let nobody in by a token, or have no Media1.
DIGEST_ALONE = ("DS-2CD3786G2-IZS", "FLEXIDOME IP starlight 8000i", "Q1656-LE", "DH-IPC-HFW5449T1-ZE-LED")
CHALLENGE = 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"\r\n'
MEDIA = "http://www.onvif.org/ver10/media/wsdl"


@pytest.fixture(scope="module")
def city() -> Iterator[RunningCity]:
    with started_city(120) as running:
        yield running


async def told(wanted: Order) -> Dossier:
    dossier = Dossier()
    async for event in ask(wanted):
        dossier.take(event)
    return dossier


def answers(dossier: Dossier, service: str) -> dict[str, object]:
    return {one["operation"]: one["answer"] for one in dossier.services[service]["answers"]}


def children(process: int | None = None) -> list[str]:
    """The processes that this one (or another) has started and that still run."""
    number = process or os.getpid()
    return Path(f"/proc/{number}/task/{number}/children").read_text().split()


def gone(process: str, patience_s: float = 60.0) -> None:
    """Wait until a process has ended."""
    end = time.monotonic() + patience_s
    status = Path(f"/proc/{process}/stat")
    while status.exists() and status.read_text().split()[2] != "Z":
        assert time.monotonic() < end, "it still runs"
        time.sleep(0.05)


def shown(process: str) -> list[bytes]:
    """What anybody on this machine may read of a process."""
    return [Path(f"/proc/{process}/{name}").read_bytes() for name in ("cmdline", "environ")]


@pytest.mark.parametrize("make", MAKES)
async def test_every_make_of_the_city(city: RunningCity, make: str) -> None:
    """Who it is and its profiles are told, also of models that want a digest, have Media2 alone, or several cameras."""
    found = [*city.all_of(make=make, several=False), *city.all_of(make=make, several=True)]
    for model, one in {(one.model in DIGEST_ALONE, len(one.cameras) > 1): one for one in found}.items():
        dossier = await told(Order(one.address, one.onvif_port, True, 60, "camfleet", city.password))
        assert (dossier.unfinished, dossier.login) == (None, "accepted"), model
        assert answers(dossier, "devicemgmt")["GetDeviceInformation"]["Model"] == one.model  # type: ignore[index]
        services = [name for name in dossier.services if "media" in name]
        assert services
        assert all(answers(dossier, name)["GetProfiles"] for name in services), model
        assert city.password not in json.dumps(dossier.to_json())


async def test_a_wrong_password_is_shown_once(city: RunningCity) -> None:
    """A login that the device refuses is not shown again, however many questions are left."""
    one = next(city.all_of(make="hikvision"))
    before = city.counters(one.id)
    dossier = await told(Order(one.address, one.onvif_port, True, 60, "camfleet", "not-the-password"))
    after = city.counters(one.id)
    assert dossier.login == "refused"
    assert dossier.unfinished is None
    refused = {name: after[name] - before.get(name, 0) for name in after if "refused" in name or "failed" in name}
    assert sum(refused.values()) in (1, len(refused)), (before, after)


# Devices that mean harm -----------------------------------------------------------------------------------------


def services(*addresses: str) -> bytes:
    entries = "".join(
        f"<Service><Namespace>{MEDIA if not n else f'urn:other{n}'}</Namespace><XAddr>{address}</XAddr>"
        "<Version><Major>2</Major><Minor>6</Minor></Version></Service>"
        for n, address in enumerate(addresses)
    )
    return http(
        soap("GetServices", entries.encode()).replace(
            b"<GetServicesResponse>", b'<GetServicesResponse xmlns="http://www.onvif.org/ver10/device/wsdl">'
        )
    )


def guarded(answer: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Answer those who log in by digest, and the usual open questions."""

    def guard(asked: bytes) -> bytes:
        is_open = any(name in asked for name in (b"GetSystemDateAndTime", b"GetServices", b"GetCapabilities"))
        return answer(asked) if is_open or b"Authorization:" in asked else http(b"", "401 Unauthorized", CHALLENGE)

    return guard


HOSTILE: dict[str, tuple[Handler, str]] = {
    "silence": (silent, "it does not answer"),
    "drips": (dripping(http(TIME), 0.2), "it does not answer"),
    "endless body": (endless(b"A", b"HTTP/1.1 200 OK\r\n\r\n"), "a body of over 262144 bytes"),
    "endless head": (endless(b"X-A: b\r\n", b"HTTP/1.1 200 OK\r\n"), "a head of over 32768 bytes"),
    "a redirect": (saying(http(b"", "302 Found", "Location: http://127.0.0.9/\r\n")), "it redirects elsewhere: HTTP 302"),
    "an entity": (saying(http(b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>' + TIME)), "a document type"),
    "80,000 levels": (saying(http(b"<a>" * 80_000)), "not XML"),
    "another protocol": (saying(b"RTSP/1.0 400 Bad Request\r\n\r\n"), "expected HTTP"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_device_is_left_in_time(name: str) -> None:
    """Whatever a device does to its questions, the process ends within its limit, and what it did is told."""
    handler, why = HOSTILE[name]
    before = children()
    began = time.monotonic()
    async with attacking(handler) as peer:
        dossier = await told(Order("127.0.0.1", peer.port, True, 6, "camfleet", PASSWORD))
    assert prompt(time.monotonic() - began, 6 + 2)
    assert dossier.answered == 0
    assert why in json.dumps(dossier.to_json()) or dossier.unfinished == "not finished within 6 s, and killed"
    assert peer.logins == 0
    assert children() == before


async def test_a_slow_device_is_left_at_its_time() -> None:
    """What was told before the limit is kept, and that it was the limit is said."""
    quick = onvif()

    def answer(asked: bytes) -> bytes:
        return quick(asked) if b"GetSystemDateAndTime" in asked else b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"

    before = children()
    async with attacking(answering(answer)) as peer:
        dossier = await told(Order("127.0.0.1", peer.port, True, 5))
    assert dossier.unfinished == "not finished within 5 s, and killed"
    assert "GetSystemDateAndTime" in str(dossier.services)
    assert children() == before


ELSEWHERE = (
    "http://127.0.0.9:{port}/x",
    "http://[::1]:{port}/x",
    "http://localhost:{port}/x",
    "http://169.254.169.254/x",
)


@pytest.mark.parametrize("address", ELSEWHERE)
async def test_a_service_elsewhere_is_asked_at_the_device(address: str) -> None:
    """A host that the device names is replaced by the inventory's: nobody else is called, nobody else sees a login."""
    async with attacking(silent, "127.0.0.9") as elsewhere:
        answer = onvif({"GetServices": services(address.format(port=elsewhere.port))})
        async with attacking(answering(guarded(answer))) as peer:
            dossier = await told(order(device(ports={"onvif": peer.port}, credential=LOGIN), 30, True, {}))
    assert dossier.unfinished is None
    assert elsewhere.connections == 0
    assert b"POST /x HTTP/1.1" in peer.heard
    assert peer.logins > 5


async def test_a_device_that_echoes_what_it_was_sent() -> None:
    """A password, a proof or a token that comes back in an answer is not in the report."""

    def answer(asked: bytes) -> bytes:
        if b"GetSystemDateAndTime" in asked:
            return http(TIME)
        if b"Authorization:" not in asked:
            return http(b"", "401 Unauthorized", CHALLENGE)
        proof = asked.split(b'response="')[1].split(b'"')[0] + b" " + PASSWORD.encode()
        return http(INFORMATION.replace(b"<Model>N", b"<Model>" + proof))

    async with attacking(answering(answer)) as peer:
        dossier = await told(order(device(ports={"onvif": peer.port}, credential=LOGIN), 30, True, {}))
        heard = bytes(peer.heard)
    said = json.dumps(dossier.to_json())
    proofs = [part.split(b'"')[0].decode() for part in heard.split(b'response="')[1:]]
    assert proofs
    assert "[removed]" in said
    assert not [secret for secret in [PASSWORD, *proofs] if secret in said]


async def test_an_account_that_may_not_ask_everything() -> None:
    """A question refused to a login that is good is only that question: the login is shown for the others."""

    def answer(asked: bytes) -> bytes:
        if b"GetNetworkInterfaces" in asked or b"GetHostname" in asked:
            return http(b"", "401 Unauthorized", CHALLENGE)
        return onvif()(asked)

    async with attacking(answering(guarded(answer))) as peer:
        dossier = await told(order(device(ports={"onvif": peer.port}, credential=LOGIN), 30, True, {}))
    faults = {one["operation"]: one.get("refused") for one in dossier.services["devicemgmt"]["faults"]}
    assert dossier.login == "accepted"
    assert faults["GetNetworkInterfaces"] == faults["GetHostname"] == "HTTP 401 Unauthorized"
    assert faults["GetNTP"] is None


async def test_a_password_in_the_clear_is_not_shown() -> None:
    """A device that wants Basic hears no password; the report says why."""
    basic = 'WWW-Authenticate: Basic realm="r"\r\n'

    def answer(asked: bytes) -> bytes:
        return http(TIME) if b"GetSystemDateAndTime" in asked else http(b"", "401 Unauthorized", basic)

    async with attacking(answering(answer)) as peer:
        dossier = await told(order(device(ports={"onvif": peer.port}, credential=LOGIN), 30, True, {}))
    assert dossier.login == "not shown: the device asks for a password in the clear"
    assert peer.logins == 0


async def test_the_login_comes_over_the_pipe_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the arguments nor the environment of the asking process hold a secret."""
    monkeypatch.setenv("CAMFLEET_TEST_SECRET", PASSWORD)
    seen = []
    async with attacking(silent) as peer:
        asking = ask(Order("127.0.0.1", peer.port, True, 6, "camfleet", PASSWORD))
        async for _ in asking:
            for child in children():
                seen += shown(child)
            break
        await asking.aclose()
    assert any(b"monitor.dossier.child" in one for one in seen)
    assert not [one for one in seen if PASSWORD.encode() in one]
    assert PASSWORD not in repr(Order("h", 80, True, 1, "u", PASSWORD))


KILLED = """
import asyncio, sys
from monitor.dossier.process import Order, ask
async def main():
    async for event in ask(Order("127.0.0.1", int(sys.argv[1]), True, 60)):
        print(event["event"], flush=True)
asyncio.run(main())
"""


async def test_nobody_is_asked_for_somebody_who_is_gone() -> None:
    """The asking process ends with the one that ordered it, also where that was killed."""
    async with attacking(silent) as peer:
        parent = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-c", KILLED, str(peer.port), stdout=asyncio.subprocess.PIPE
        )
        assert parent.stdout is not None
        assert await parent.stdout.readline() == b"login\n"
        [child] = children(parent.pid)
        parent.kill()
        await parent.wait()
        await asyncio.to_thread(gone, child)


async def test_a_host_that_does_not_exist() -> None:
    """A name that nobody knows is said to be one, without a word to anybody."""
    dossier = await told(Order("nowhere.invalid", 80, True, 20))
    assert dossier.unfinished is not None
    assert dossier.unfinished.startswith("the host's name cannot be resolved: ")


async def test_a_closed_port() -> None:
    """Refused connections end it at once."""
    async with attacking(silent) as peer:
        port = peer.port
    dossier = await told(Order("127.0.0.1", port, True, 20))
    assert "Connect call failed" in str(dossier.unfinished)
