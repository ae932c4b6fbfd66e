"""A camera without ONVIF is known by what it says over SNMP, and another in its place is credited with nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from moving import RATES, READ_S, events, monitored, sound, until, watched
from peers import snmpd
from peers.cities import RunningCity, started_city
from peers.gst import running_gst
from talks import LOGIN, PASSWORD
from uptime import credited

from monitor.app import Monitor
from monitor.core.model import Camera, Device, Inventory, Secret, SnmpAccess
from monitor.core.schedule import Rates
from monitor.core.sla.spans import Span
from monitor.core.state import State
from monitor.core.verdict import Outcome, Reason, Rung
from monitor.scheduler.station import RECHECK_SPACING_S
from simulator.makes import MAKES

COMMUNITY = SnmpAccess("read", "v2c", Secret("env:C", snmpd.COMMUNITY))
USER = SnmpAccess(
    "read", "v3", None, snmpd.USERNAME, "sha256", Secret("env:A", snmpd.AUTH), "aes128", Secret("env:P", snmpd.PRIVACY)
)
OFTEN = replace(RATES, light_s=2.0, media_s=2.0, spread_s=0.1)
IF = "1.3.6.1.2.1.2.2.1"
#: A camera whose first Ethernet port has this address, and one that has it elsewhere.
ONE = f"override {IF}.3.1 integer 6\noverride {IF}.6.1 octet_str 0x02a44f000001\nsysName one"
OTHER = f"override {IF}.3.1 integer 6\noverride {IF}.6.1 octet_str 0x02a44f000002\nsysName one"
ELSEWHERE = f"override {IF}.3.77 integer 6\noverride {IF}.6.77 octet_str 0x02a44f000003\nsysName one"


def place(rtsp: int, agent: int, access: SnmpAccess, **words: str) -> Inventory:
    """One camera without ONVIF."""
    device = Device(
        "d", "127.0.0.1", {"rtsp": rtsp, "snmp": agent}, ("snmp", "rtsp"), ("c",), credential=LOGIN, snmp=access
    )
    return Inventory({"d": device}, {"c": Camera("c", "C", "d", 1, "z", stream="/live", **words)}, {}, {"z": "Z"})


async def settled(monitor: Monitor, outcome: Outcome, reason: Reason | None, patience_s: float = 40.0) -> None:
    """Wait until the rung ``identity`` says so."""
    for _ in range(int(patience_s * 10)):
        await asyncio.sleep(0.1)
        health = monitor.fleet.cameras["c"][Rung.IDENTITY]
        if (health.outcome, health.reason) == (outcome, reason):
            return
    raise AssertionError(f"identity is {health.outcome.label} {health.reason or ''} {health.detail}")


@pytest.mark.parametrize("access", [COMMUNITY, USER], ids=["v2c", "v3"])
@pytest.mark.parametrize(
    ("stranger", "rates"),
    [
        pytest.param(OTHER, OFTEN, id="of its kind"),
        pytest.param(ELSEWHERE, RATES, id="of another kind", marks=pytest.mark.soak),
    ],
)
async def test_another_device_in_its_place_is_caught(
    access: SnmpAccess, stranger: str, rates: Rates, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A real agent with another hardware address fails the identity, wherever it tells it; its video is nobody's."""
    own, another = tmp_path_factory.mktemp("own"), tmp_path_factory.mktemp("another")  # each has its own engine
    port = snmpd.free_udp_port()
    async with AsyncExitStack() as stack:
        rtsp = await stack.enter_async_context(running_gst("camfleet", PASSWORD))
        ledger = tmp_path / "ledger.sqlite"
        async with monitored(place(rtsp, port, access), ledger, rates) as monitor:
            async with snmpd.running_snmpd(own, ONE, port):
                await settled(monitor, Outcome.OK, None)
                await until(monitor, lambda _: State.UP)
                assert monitor.fleet.identities["c"].marks["snmp_mac"] == "02:a4:4f:00:00:01"
            left_at = time.time()
            async with snmpd.running_snmpd(another, stranger, port):
                await settled(monitor, Outcome.FAIL, Reason.IDENTITY)
                caught_at = time.time()
                await asyncio.sleep(2 * rates.light_s)
                assert monitor.snapshot is not None
                assert monitor.snapshot.views["c"].state is State.UNKNOWN
    spans = credited(events(ledger), "c", Rung.MEDIA, time.time())
    assert caught_at - left_at < rates.light_s + RECHECK_SPACING_S + 5.0
    assert all(span.end <= left_at * 1000 for span in spans)
    told = [one.detail for one in events(ledger) if one.rung is Rung.IDENTITY and one.outcome is Outcome.FAIL]
    assert told[0].endswith("answers; it was 02:a4:4f:00:00:01")


async def test_the_inventorys_hardware_address_is_the_one(tmp_path: Path) -> None:
    """What answers from the first look on is another device; the sentence says what the inventory wants."""
    port = snmpd.free_udp_port()
    async with AsyncExitStack() as stack:
        rtsp = await stack.enter_async_context(running_gst("camfleet", PASSWORD))
        await stack.enter_async_context(snmpd.running_snmpd(tmp_path, ONE, port))
        where = place(rtsp, port, COMMUNITY, mac="02-A4-4F-00-00-09")
        async with monitored(where, tmp_path / "ledger.sqlite", OFTEN) as monitor:
            await settled(monitor, Outcome.FAIL, Reason.IDENTITY)
            detail = monitor.fleet.cameras["c"][Rung.IDENTITY].detail
    assert detail == ("hardware address over SNMP 02:a4:4f:00:00:01 answers; the inventory says 02-A4-4F-00-00-09")


@pytest.fixture(scope="module")
def town() -> Iterator[RunningCity]:
    """A town with twenty sound devices that can change their address."""
    with started_city(120, seed=3) as city:
        yield city


def without_onvif(city: RunningCity, devices: list[str]) -> Inventory:
    """These devices with their streams written down, and ONVIF not asked."""
    known = watched(city, devices)
    streams = {one.cameras[0]: MAKES[one.make].streams[1].format(c=1, z=0) for one in city.devices}
    return replace(
        known,
        devices={id_: replace(device, probes=("snmp", "rtsp")) for id_, device in known.devices.items()},
        cameras={id_: replace(camera, stream=streams[id_]) for id_, camera in known.cameras.items()},
    )


@pytest.mark.soak
async def test_after_a_shuffle_none_without_onvif_earns_anothers_uptime(town: RunningCity, tmp_path: Path) -> None:
    """Twenty cameras of all makes, each at the address of another: each is caught, and well again at home."""
    devices, ledger = sound(town, 20), tmp_path / "ledger.sqlite"
    try:
        async with monitored(without_onvif(town, devices), ledger) as monitor:
            await until(monitor, lambda _: State.UP)
            shuffled_at = time.time()
            town.move(devices)
            read_by = time.time() + READ_S
            await until(monitor, lambda _: State.UNKNOWN)
            await asyncio.sleep(15.0)
            back_at = time.time()
            town.move_back()
            await until(monitor, lambda _: State.UP)
            cameras = list(monitor.inventory.cameras)
            await asyncio.sleep(2.0)
    finally:
        town.move_back()
    said = events(ledger)
    assert len(cameras) == 20
    for camera in cameras:
        spans: list[Span] = credited(said, camera, Rung.MEDIA, time.time())
        assert [span for span in spans if span.end > read_by * 1000 and span.start < back_at * 1000] == [], camera
        assert spans[-1].start >= back_at * 1000
        caught = [one for one in said if one.camera == camera and one.rung is Rung.IDENTITY and one.at > shuffled_at]
        assert (Outcome.FAIL, Reason.IDENTITY) in [(one.outcome, one.reason) for one in caught]
