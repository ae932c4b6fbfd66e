"""Traps: one from a device has it asked soon, once a minute; strangers, floods and forgeries change nothing else."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from peers.hostile import ber, integer, object_id, octets, ticks
from peers.servers import require

from monitor.probes import traps
from monitor.probes.traps import FLOOR_S, MOST_READ, Traps
from monitor.wire import snmp
from monitor.wire.errors import ProtocolError, WireError

COLD_START, LINK_DOWN = "1.3.6.1.6.3.1.1.5.1", "1.3.6.1.6.3.1.1.5.3"
AXIS_ALARM = "1.3.6.1.4.1.368.4.2.0.1"


def v2c(trap: str, pdu: int = snmp.TRAP) -> bytes:
    rows = [("1.3.6.1.2.1.1.3.0", ticks(100)), (snmp.SNMP_TRAP_OID, object_id(trap))]
    bindings = b"".join(ber(0x30, object_id(oid) + value) for oid, value in rows)
    return ber(
        0x30, integer(1) + octets(b"public") + ber(pdu, integer(7) + integer(0) + integer(0) + ber(0x30, bindings))
    )


def v1(generic: int, specific: int = 0) -> bytes:
    body = (
        object_id("1.3.6.1.4.1.368.4.2")
        + ber(0x40, b"\x7f\0\0\1")
        + integer(generic)
        + integer(specific)
        + ticks(100)
        + ber(0x30, b"")
    )
    return ber(0x30, integer(0) + octets(b"public") + ber(snmp.TRAP_V1, body))


WHICH = {
    "cold start, v2c": (v2c(COLD_START), "cold start"),
    "link down, v2c": (v2c(LINK_DOWN), "link down"),
    "an inform": (v2c(LINK_DOWN, snmp.INFORM), "link down"),
    "link up, v1": (v1(3), "link up"),
    "a vendor's, v2c": (v2c(AXIS_ALARM), AXIS_ALARM),
    "a vendor's, v1": (v1(6, 1), AXIS_ALARM),
    "a number that no trap has": (v2c("1.3.6.1.6.3.1.1.5.99"), "1.3.6.1.6.3.1.1.5.99"),
}


@pytest.mark.parametrize("name", WHICH)
def test_which_trap_it_is(name: str) -> None:
    """Generic traps are told in words, a vendor's by its object id."""
    data, expected = WHICH[name]
    assert snmp.trap(data) == expected


def test_a_reply_is_no_trap() -> None:
    """Whatever else a datagram is, it is refused."""
    with pytest.raises(ProtocolError, match="no trap"):
        snmp.trap(v2c(COLD_START, snmp.RESPONSE))


@given(
    st.binary(max_size=300)
    | st.tuples(st.just(v1(6, 1)), st.integers(0, 60), st.binary(max_size=3)).map(
        lambda t: t[0][: t[1]] + t[2] + t[0][t[1] + 1 :]
    )
)
def test_any_datagram_is_a_trap_or_refused(data: bytes) -> None:
    """No bytes raise anything but what a reader may raise."""
    with suppress(WireError):
        snmp.trap(data)


class Desk:
    """A listener without a socket, at a clock that stands still."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.wishes: list[str] = []
        known = {"192.0.2.1": ("gate",), "192.0.2.2": ("nvr", "nvr-https")}
        self.traps = Traps(lambda address: known.get(address, ()), self.wishes.append, lambda: self.now)


def test_a_trap_of_a_device_wishes_that_it_is_asked() -> None:
    """Every device at the address of a trap is asked."""
    desk = Desk()
    desk.traps.take(v2c(LINK_DOWN), "192.0.2.2")
    assert desk.wishes == ["nvr", "nvr-https"]


def test_a_stranger_wishes_nothing() -> None:
    """An address that is no device's is counted, and its datagram not even read."""
    desk = Desk()
    desk.traps.take(v2c(LINK_DOWN), "198.51.100.9")
    assert desk.wishes == []
    assert (desk.traps.counts.strangers, desk.traps.counts.unreadable) == (1, 0)


def test_s8_a_device_is_asked_once_a_minute_whatever_is_forged_in_its_name() -> None:
    """Thousands of traps with a device's address cost it one question a minute."""
    desk = Desk()
    for second in range(180):
        desk.now = 1000.0 + second
        for _ in range(50):
            desk.traps.take(v2c(LINK_DOWN), "192.0.2.1")
    assert len(desk.wishes) == 180 / FLOOR_S
    assert desk.traps.counts.too_soon == 180 * 50 - len(desk.wishes)


def test_garbage_wishes_nothing() -> None:
    """What is no trap does not spend the minute of the one that follows."""
    desk = Desk()
    desk.traps.take(b"\x30\x80" * 900, "192.0.2.1")
    desk.traps.take(v1(0), "192.0.2.1")
    assert (desk.traps.counts.unreadable, desk.wishes) == (1, ["gate"])


@contextmanager
def listening(wishes: list[str]) -> Iterator[Traps]:
    running = Traps(lambda address: ("gate",) if ip_address(address).is_loopback else (), wishes.append, time.monotonic)
    running.start("127.0.0.1", 0)
    try:
        yield running
    finally:
        running.close()


async def until(condition: object, within_s: float = 60.0) -> None:
    async with asyncio.timeout(within_s):
        while not condition():  # type: ignore[operator]  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("version", ["1", "2c"])
async def test_a_trap_that_net_snmp_sends(version: str) -> None:
    """snmptrap's own datagrams are understood, v1 and v2c."""
    program = require("snmptrap", "snmp")
    wishes: list[str] = []
    with listening(wishes) as running:
        place = f"127.0.0.1:{running.address[1]}"
        words = ["1.3.6.1.4.1.368.4.2", "127.0.0.1", "2", "0", "1"] if version == "1" else ["1", LINK_DOWN]
        await asyncio.to_thread(
            subprocess.run, [program, "-v", version, "-c", "public", place, *words], check=True, env={"MIBS": ""}
        )
        await until(lambda: wishes)
    assert wishes == ["gate"]


async def test_s8_a_flood_is_read_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of thousands of datagrams a hundred are read in a pause's length; afterwards traps are heard again."""
    monkeypatch.setattr(traps, "PAUSE_S", 2.0)
    wishes: list[str] = []
    with listening(wishes) as running, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for _ in range(5000):
            sender.sendto(b"x", running.address)
        await until(lambda: running.counts.read >= MOST_READ)
        await asyncio.sleep(0.05)
        assert running.counts.read == MOST_READ
        await until(lambda: running.counts.read > MOST_READ)
    assert wishes == []


async def test_a_port_that_is_taken() -> None:
    """An address that cannot be listened at is an error at the start, and nothing stays open."""
    with listening([]) as running:
        second = Traps(lambda _: (), lambda _: None, time.monotonic)
        with pytest.raises(OSError, match="in use"):
            second.start(*running.address)
