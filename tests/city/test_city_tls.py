"""A city some of whose devices speak https and rtsps: what the product's own probes say of them, by its inventory."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Iterator
from dataclasses import replace

import pytest
from peers.cities import CityDevice, RunningCity, started_city
from talks import after, findings, probe, said

from monitor.core.model import Camera, Device, Tls
from monitor.core.schedule import Deadlines
from monitor.core.verdict import Rung
from monitor.inventory import load
from monitor.probes.memory import Memory
from simulator.certificates import CHANGED, EXPIRED, EXPIRY, pem
from simulator.city import build_city

SEED, CAMERAS, TLS = 1, 60, 40
WORKS_ONVIF = {"reachable": "ok", "control": "ok", "credentials": "ok", "clock": "ok"}
WORKS_RTSP = {"reachable": "ok", "credentials": "ok", "stream": "ok", "media": "ok"}


@pytest.fixture(scope="module")
def city() -> Iterator[RunningCity]:
    with started_city(CAMERAS, SEED, TLS) as running:
        yield running


@pytest.fixture(scope="module")
def encrypted(city: RunningCity) -> Iterator[CityDevice]:
    """Sound devices that speak TLS, of one camera."""
    return (one for one in city.all_of() if one.encrypted)


def owned(city: RunningCity, one: CityDevice) -> tuple[Device, Camera]:
    """What the city's inventory says of a device and its first camera."""
    inventory = load(city.inventory, os.environ)
    return inventory.devices[one.id], inventory.cameras[one.cameras[0]]


async def looked(device: Device, camera: Camera, memory: Memory) -> tuple[dict[str, str], dict[str, str], Memory]:
    """Ask over https, then over rtsps; what both said, and what is known then."""
    control = await probe("onvif", device, camera, memory, Deadlines())
    memory = after(memory, control)
    stream = await probe("rtsp", device, camera, memory, Deadlines())
    return said(control), said(stream), after(memory, stream)


def is_part(part: dict[str, str], whole: dict[str, str]) -> bool:
    return part.items() <= whole.items()


def test_a_city_is_the_same_with_tls_but_for_it() -> None:
    """So many devices speak TLS, the same ones each time; nothing else is another city's."""
    plain, some = build_city(SEED, CAMERAS), build_city(SEED, CAMERAS, TLS)
    assert sum(device.encrypted for device in some.devices.values()) == TLS
    assert {id_: replace(device, encrypted=False) for id_, device in some.devices.items()} == plain.devices
    assert some == build_city(SEED, CAMERAS, TLS)
    assert (some.faults, some.cameras) == (plain.faults, plain.cameras)


def test_certificates_are_the_seeds() -> None:
    """A device has one certificate of its own over all starts, and another key with the fault that changes it."""
    device, other = list(build_city(SEED, CAMERAS, TLS).devices.values())[:2]
    assert pem(SEED, device) == pem(SEED, device)
    assert len({pem(SEED, device), pem(SEED, device, EXPIRED), pem(SEED, device, CHANGED), pem(SEED, other)}) == 4
    assert pem(SEED, device).split(b"-----END PRIVATE")[0] == pem(SEED, device, EXPIRED).split(b"-----END PRIVATE")[0]


def test_the_inventory_says_which_speak_tls(city: RunningCity) -> None:
    """``tls: first-use`` for those, nothing for the others."""
    devices = load(city.inventory, os.environ).devices
    for one in city.devices:
        assert devices[one.id].tls == (Tls(trust="first-use") if one.encrypted else None)


@pytest.mark.parametrize("make", ["axis", "hikvision", "dahua", "bosch", "reolink", "noname"])
async def test_every_make_over_tls(city: RunningCity, make: str) -> None:
    """The product's probes log in, find the stream's path and see video over https and rtsps."""
    one = next(one for one in city.all_of(make=make) if one.encrypted)
    device, camera = owned(city, one)
    control, stream, memory = await looked(device, camera, Memory())
    assert is_part(WORKS_ONVIF, control), control
    assert is_part(WORKS_RTSP, stream), stream
    assert set(memory.certificates) == {"onvif", "rtsp"}
    assert len(set(memory.certificates.values())) == 1


async def test_nothing_is_spoken_in_the_clear(city: RunningCity) -> None:
    """Who speaks plainly to such a device is hung up on; a device without TLS shows no certificate."""
    encrypted = next(one for one in city.all_of() if one.encrypted)
    plain = next(one for one in city.all_of() if not one.encrypted)
    for port in (encrypted.onvif_port, encrypted.rtsp_port):
        reader, writer = await asyncio.open_connection(encrypted.address, port)
        writer.write(b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n")
        assert b"RTSP/1.0" not in await asyncio.wait_for(_rest(reader), 60)
        writer.close()
    trusting = ssl._create_unverified_context()
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await asyncio.open_connection(plain.address, plain.onvif_port, ssl=trusting, ssl_handshake_timeout=1.0)


async def _rest(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except ConnectionError:
        return b""


async def test_an_expired_certificate(city: RunningCity, encrypted: Iterator[CityDevice]) -> None:
    """The truth is that the camera works, and so it does under ``first-use``; that it has expired is measured."""
    one = next(encrypted)
    device, camera = owned(city, one)
    city.switch_on(EXPIRED, cameras=one.cameras)
    result = await probe("onvif", device, camera, Memory(), Deadlines())
    strict = await probe("onvif", replace(device, tls=Tls()), camera, Memory(), Deadlines())
    truth = city.truth()[one.cameras[0]]
    city.switch_off(EXPIRED, cameras=one.cameras)
    assert (truth["fault"], truth["state"], truth["working"]) == (EXPIRED, "up", True)
    assert is_part(WORKS_ONVIF, said(result))
    assert result.verdict.measurements["https_certificate_expires_at"] == EXPIRY.timestamp()
    assert said(strict)["control"] == "fail tls"


async def test_a_changed_certificate(city: RunningCity, encrypted: Iterator[CityDevice]) -> None:
    """The truth is that the camera is down: it is asked nothing until it shows its own certificate again."""
    one = next(encrypted)
    device, camera = owned(city, one)
    _, _, memory = await looked(device, camera, Memory())
    requests = city.counters(one.id)
    city.switch_on(CHANGED, cameras=one.cameras)
    control, stream, memory = await looked(device, camera, memory)
    truth, after_it = city.truth()[one.cameras[0]], city.counters(one.id)
    city.switch_off(CHANGED, cameras=one.cameras)
    assert (truth["fault"], truth["state"], truth["working"]) == (CHANGED, "down", False)
    assert (control, stream["stream"]) == ({"reachable": "ok", "control": "fail tls"}, "fail tls")
    assert all(after_it[name] == requests[name] for name in ("http_requests", "rtsp_requests"))
    control, stream, _ = await looked(device, camera, memory)
    assert (control["control"], stream["media"]) == ("ok", "ok")


async def test_a_changed_certificate_is_named(city: RunningCity, encrypted: Iterator[CityDevice]) -> None:
    """The finding says which certificate it is and which was seen first."""
    device, camera = owned(city, next(encrypted))
    memory = Memory(certificates={"onvif": "ab" * 32})
    result = await probe("onvif", device, camera, memory, Deadlines())
    assert "not the one seen first, sha256:abababababababab…" in findings(result)[Rung.CONTROL].detail


def test_a_certificate_fault_is_only_for_those_who_have_one(city: RunningCity) -> None:
    """A device without TLS cannot have it: one sentence, status 400."""
    plain = next(one for one in city.all_of() if not one.encrypted)
    with pytest.raises(Exception, match="400"):
        city.switch_on(EXPIRED, cameras=plain.cameras)
