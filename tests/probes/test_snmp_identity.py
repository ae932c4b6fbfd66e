"""What a device says over SNMP of who it is: recordings, a real agent over v3, and agents that tell it elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from peers import snmpd
from peers.hostile import agent, integer, object_id, octets, ticks
from peers.recordings import recorded, replaying
from talks import CLOCKS, QUICK, after, camera, device, findings, probe

from monitor.core.model import Camera, Secret, SnmpAccess
from monitor.core.verdict import Rung
from monitor.core.vitals import hardware_address
from monitor.probes.base import Ask, Result, run_probe
from monitor.probes.memory import Memory
from monitor.probes.registry import PROBES
from monitor.scheduler.want import LIGHT

ACCESS = SnmpAccess("test", "v2c", Secret("env:TEST", "look-only"))
UPTIME, NAME, OBJECT_ID = "1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.1.2.0"
IF = "1.3.6.1.2.1.2.2.1"
NOTHING_TOLD = {"snmp_serial": ""}


async def look(
    values: Mapping[str, bytes],
    memory: Memory | None = None,
    one: Camera | None = None,
    light: bool = False,
    probes: tuple[str, ...] = ("snmp", "rtsp"),
) -> Result:
    """Ask a device, without ONVIF as a rule, for all or for what a light check asks."""
    async with agent(replaying(values)) as peer:
        target = replace(device(ports={"snmp": peer.port}, snmp=ACCESS), probes=probes)
        if not light:
            return await probe("snmp", target, one, memory)
        ask = Ask(LIGHT["snmp"], (one or camera(),))
        return await run_probe("snmp", PROBES["snmp"], target, ask, memory or Memory(), CLOCKS, QUICK)


#: file: what it says of who it is, beside its name
RECORDINGS = {
    "axiscam_box": {"snmp_mac": "b8:a4:4f:96:fa:a4", "snmp_told": "hardware address"},
    "axiscam_nve": NOTHING_TOLD,
    "axiscam_p1375": {"snmp_mac": "b8:a4:4f:02:fe:01", "snmp_told": "hardware address"},
    "axiscam_p5676-le": {"snmp_mac": "b8:a4:4f:c0:ff:ee", "snmp_told": "hardware address"},
    "axiscam_q6074": {"snmp_serial": "B8A44F000000", "snmp_mac": "b8:a4:4f:00:00:00", "snmp_told": "serial number, hardware address"},
    "dahua-nvr": {"snmp_serial": "2M00D2APAZTL62J", "snmp_mac": "3c:ef:8c:08:4e:1e", "snmp_told": "serial number, hardware address"},
    "hikvision-cam": NOTHING_TOLD,
    "hikvision-nvr": {"snmp_serial": "0820160719AARR624053979WCVU", "snmp_told": "serial number"},
    "vivotek": {"snmp_mac": "00:02:d1:43:a5:26", "snmp_engine": "80005ba9017f000001", "snmp_told": "hardware address"},
}  # fmt: skip


@pytest.mark.parametrize("name", RECORDINGS)
async def test_who_a_real_device_says_it_is(name: str, captures: Path) -> None:
    """Serial number, the Ethernet port's address and the engine are in the one GET of a light check."""
    values = recorded(captures / "snmp" / f"{name}.snmprec")
    first = await look(values)
    light = await look(values, after(Memory(), first), light=True)
    said = {mark: value for mark, value in light.verdict.marks.items() if mark != "snmp_name"}
    assert said == {mark: value for mark, value in first.verdict.marks.items() if mark != "snmp_name"}
    assert said == RECORDINGS[name]
    assert light.verdict.requests == 1


def plain(address: bytes = b"\x02\xa4\x4f\0\0\1", index: int = 2, **more: bytes) -> dict[str, bytes]:
    """A camera of no known make, with a loopback and an Ethernet port."""
    return {
        UPTIME: ticks(100), NAME: octets(b"camera"), OBJECT_ID: object_id("1.3.6.1.4.1.99999"),
        f"{IF}.3.1": integer(24), f"{IF}.6.1": octets(b""), f"{IF}.8.1": integer(1), f"{IF}.5.1": integer(0),
        f"{IF}.3.{index}": integer(6), f"{IF}.6.{index}": octets(address),
        f"{IF}.8.{index}": integer(1), f"{IF}.5.{index}": integer(100_000_000), **more,
    }  # fmt: skip


async def test_the_inventorys_address_is_compared_where_onvif_is_not_asked() -> None:
    """Its own device is told from another one, and where ONVIF is asked, that judges."""
    own = replace(camera(), mac="02-A4-4F-00-00-01")
    assert findings(await look(plain(), one=own))[Rung.IDENTITY].outcome.label == "ok"
    other = findings(await look(plain(b"\x02\xa4\x4f\0\0\2"), one=own))[Rung.IDENTITY]
    assert (other.outcome.label, other.reason) == ("fail", "identity")
    assert other.detail == "hardware address over SNMP 02:a4:4f:00:00:02 answers; the inventory says 02-A4-4F-00-00-01"
    assert Rung.IDENTITY not in findings(await look(plain(), one=own, probes=("onvif", "snmp")))


async def test_a_light_check_finds_that_another_device_tells_no_proof_where_it_was_told() -> None:
    """It says so and walks no more; asked who it is, it is walked, and its own proof is found."""
    memory = after(Memory(), await look(plain()))
    another = plain(b"\x02\xa4\x4f\0\0\2", index=7)
    light = await look(another, memory, light=True)
    assert (light.verdict.marks["snmp_told"], light.verdict.marks["snmp_serial"]) == ("none", "")
    assert (light.verdict.requests, light.learnt.get("objects")) == (1, None)
    asked = await look(another, memory)
    assert asked.verdict.marks["snmp_mac"] == "02:a4:4f:00:00:02"
    assert f"{IF}.6.7" in asked.learnt["objects"]


async def test_what_is_asked_for_stays_where_a_walk_finds_no_proof() -> None:
    """Nothing is learnt of an agent that does not say who it is."""
    memory = after(Memory(), await look(plain()))
    asked = await look({UPTIME: ticks(100)}, memory)
    assert "objects" not in asked.learnt
    assert findings(asked)[Rung.IDENTITY].outcome.label == "n/a"
    assert findings(asked)[Rung.IDENTITY].detail == "it tells no serial number"


async def test_silence_leaves_open_who_answers() -> None:
    """An agent that is asked who it is and says nothing is unseen, not another one."""
    target = replace(device(ports={"snmp": snmpd.free_udp_port()}, snmp=ACCESS), probes=("snmp", "rtsp"))
    result = await probe("snmp", target)
    assert findings(result)[Rung.IDENTITY].outcome.label == "unseen"


async def test_a_name_with_control_characters_cannot_be_shown_as_such() -> None:
    """What a person reads of a mark holds no escape sequence."""
    result = await look(plain(**{NAME: octets(b"\x1b[31mred\x07")}))
    assert result.verdict.marks["snmp_name"] == "[31mred"


async def test_a_user_is_told_the_engine_by_every_answer(tmp_path: Path) -> None:
    """Over v3 the engine costs no object: it stands in each message."""
    access = SnmpAccess(
        "read",
        "v3",
        None,
        snmpd.USERNAME,
        "sha256",
        Secret("env:A", snmpd.AUTH),
        "aes128",
        Secret("env:P", snmpd.PRIVACY),
    )
    async with snmpd.running_snmpd(tmp_path, "engineID camera-one") as port:
        result = await probe("snmp", device(ports={"snmp": port}, snmp=access))
    assert result.verdict.marks["snmp_engine"] == "80001f8804" + b"camera-one".hex()
    assert "1.3.6.1.6.3.10.2.1.1.0" not in result.learnt["objects"]


@pytest.mark.parametrize(
    ("value", "address"),
    [
        (b"\x00\x02\xd1\x43\xa5\x26", "00:02:d1:43:a5:26"),
        (b"c0:56:E3:01:02:03", "c0:56:e3:01:02:03"),
        ("C056E3010203", "c0:56:e3:01:02:03"),
        (b"c:c4:7a:43:21:32", "0c:c4:7a:43:21:32"),
        (b"", ""),
        (b"no address", ""),
        (b"\x00" * 8, ""),
        (7, ""),
        (None, ""),
    ],
)
def test_a_hardware_address_is_read_from_bytes_and_from_digits(value: bytes | str | int | None, address: str) -> None:
    """Agents send either; anything else is none."""
    assert hardware_address(value) == address
