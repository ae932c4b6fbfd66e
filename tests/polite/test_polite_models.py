"""The devices are as strict as they are said to be: what would break a promise shows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from polite.models import KINDS
from polite.street import FIRST_PASSWORD, USER, Street
from polite.virtual import Time, run
from talks import probe, said

from monitor.core.model import Camera, Credential, Device, Secret
from monitor.core.schedule import Deadlines
from monitor.probes.memory import Memory

Visit = Callable[[Street], Awaitable[None]]


def visited(visit: Visit) -> dict[str, dict[str, int]]:
    """Let a visitor loose in a street, and return what its devices saw."""
    clock = Time(1_795_000_000.0)
    street = Street(clock)

    async def course() -> None:
        await street.open()
        try:
            await visit(street)
        finally:
            await street.close()

    run(clock, course())
    return {name: device.seen() for name, device in street.devices.items()}


def of(street: Street, name: str, password: str = FIRST_PASSWORD) -> Device:
    ports = {"onvif": street.ports.onvif, "rtsp": street.ports.rtsp}
    login = Credential("test", USER, Secret("env:TEST", password))
    return Device(name, street.devices[name].device.address, ports, ("onvif", "rtsp"), (name,), credential=login)


async def ask(
    street: Street, protocol: str, name: str, password: str = FIRST_PASSWORD, path: str = ""
) -> dict[str, str]:
    """Ask as somebody would who forgets everything at once."""
    one = Camera(name, name, name, 1, "street", stream=path)
    device = of(street, name, password)
    result = await probe(protocol, device, one, Memory(), Deadlines(), street.clock.clocks)
    return said(result)


@pytest.mark.parametrize("name", KINDS)
def test_five_wrong_logins_lock(name: str) -> None:
    """A visitor without a memory locks each account at the fifth wrong login, and the right one is refused too."""
    last: list[dict[str, str]] = []

    async def visit(street: Street) -> None:
        for password in ("wrong",) * 5 + (FIRST_PASSWORD,):
            await asyncio.sleep(30.0)
            last.append(await ask(street, "onvif", name, password))

    seen = visited(visit)[name]
    assert (seen["wrong logins"], seen["most in 30 min"], seen["locks"]) == (5, 5, 1)
    assert seen["logins while locked"] == 1
    assert last[-1]["credentials"] == "fail credentials"


@pytest.mark.parametrize("name", KINDS)
def test_a_power_cut_resets_the_clock(name: str) -> None:
    """It begins with 1970 until its time server is heard; then it is right, and so is a login."""
    answers: list[str] = []

    async def visit(street: Street) -> None:
        street.power_off(name)
        await asyncio.sleep(30.0)
        await street.power_on(name, 0.0)
        device = street.devices[name]
        assert abs(device.time) < 1.0
        await asyncio.sleep(60.0)
        assert 59.0 < device.time < 62.0
        device.set_clock()
        assert abs(device.time - street.clock.wall()) < 2.0
        answers.append((await ask(street, "onvif", name))["credentials"])

    assert visited(visit)[name]["locks"] == 0
    assert answers == ["ok"]


def test_a_session_that_is_left_stays() -> None:
    """Who goes without a TEARDOWN finds its own dead session in the way, for a minute."""

    async def visit(street: Street) -> None:
        device = street.devices["hikvision"]
        device.haunted()
        assert not device.room()
        await asyncio.sleep(61.0)
        assert device.room()

    assert visited(visit)["hikvision"]["second sessions"] == 1


@pytest.mark.parametrize(("name", "at_once"), [("noname", False), ("axis", True)])
def test_a_second_connection_is_noted(name: str, at_once: bool) -> None:
    """Each device notes a second connection beside the first; the no-name refuses it."""
    heard: list[bytes] = []

    async def visit(street: Street) -> None:
        address = street.devices[name].device.address
        _, first = await asyncio.open_connection(address, street.ports.rtsp)
        reader, second = await asyncio.open_connection(address, street.ports.rtsp)
        second.write(b"OPTIONS / RTSP/1.0\r\nCSeq: 1\r\n\r\n")
        try:
            heard.append(await reader.read(100))
        except ConnectionError:
            heard.append(b"")
        first.close()
        second.close()

    assert visited(visit)[name]["second connections"] == 1
    assert heard[0].startswith(b"RTSP/1.0 200") is at_once


def test_the_eleventh_request_in_a_minute_is_hung_up_on() -> None:
    """The no-name answers ten requests a minute over HTTP."""
    answers: list[dict[str, str]] = []

    async def visit(street: Street) -> None:
        for _ in range(4):
            answers.append(await ask(street, "onvif", "noname", path="/known"))
            await asyncio.sleep(1.0)

    seen = visited(visit)["noname"]
    assert seen["hung up"] == seen["most HTTP a minute"] - 10 > 0
    assert any("closed" in outcome for outcome in answers[-1].values())


def test_a_full_device_says_401() -> None:
    """The Dahua that is full answers its stream's description 401, to the right login too, and counts none as wrong."""
    answers: list[dict[str, str]] = []

    async def visit(street: Street) -> None:
        street.devices["dahua"].others = 1
        path = street.devices["dahua"].make.streams[1].format(c=1)
        answers.append(await ask(street, "rtsp", "dahua", path=path))
        street.devices["dahua"].others = 0
        answers.append(await ask(street, "rtsp", "dahua", path=path))

    seen = visited(visit)["dahua"]
    assert (seen["told it is full"], seen["wrong logins"]) == (1, 0)
    assert answers[0]["stream"] == "unseen credentials"
    assert answers[1]["media"] == "ok"
