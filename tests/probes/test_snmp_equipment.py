"""From a real agent to a cause: what a switch and a UPS answer, heard by the probe, kept as facts, told as evidence."""

from __future__ import annotations

from pathlib import Path

from peers import snmpd
from peers.hostile import agent, integer, octets
from peers.recordings import replaying
from talks import CLOCKS, QUICK, after, probe

from monitor.core.diagnosis.engine import Diagnosis
from monitor.core.diagnosis.witnesses import Witnesses
from monitor.core.health import NEVER_SEEN, RungHealth, Rungs
from monitor.core.model import Camera, Device, Inventory, Secret, Site, SnmpAccess
from monitor.core.topology import Layer, Scope, topology_of
from monitor.core.verdict import Outcome, Reason
from monitor.core.wiring import wiring_of
from monitor.probes.base import Clocks, Result
from monitor.probes.memory import Memory

ACCESS = SnmpAccess("test", "v2c", Secret("env:TEST", "look-only"))
NOON = 1_542_283_200.0
LINK = "1.3.6.1.2.1.2.2.1.8"


def equipment(make: str, port: int) -> Device:
    return Device("SW-1" if make == "switch" else "UPS-1", "127.0.0.1", {"snmp": port}, ("snmp",), (), make=make,
                  snmp=ACCESS, site="" if make == "switch" else "pole3")  # fmt: skip


def fleet(*asked: Device) -> Inventory:
    """Return three poles of two cameras at the ports 1, 2 and 3 of a switch, all on one feeder."""
    sites = {f"pole{n}": Site(f"pole{n}", "", "z", (f"SW-1/{n}",), "F-1") for n in (1, 2, 3)}
    cameras = {f"{site}c{n}": Camera(f"{site}c{n}", "", f"{site}c{n}", 1, "z", site) for site in sites for n in (1, 2)}
    devices = {id_: Device(id_, "192.0.2.1", {}, ("onvif", "rtsp"), (id_,)) for id_ in cameras}
    return Inventory(devices | {one.id: one for one in asked}, cameras, sites, {"z": "Z"})


def silent(fresh: Diagnosis, pole: str, at: float) -> None:
    """Let the two cameras of a pole, which were well, fall silent within ten seconds before a moment."""
    fine = RungHealth(Outcome.OK, None, "", at - 3600, at - 3590, at - 10)
    gone = RungHealth(Outcome.FAIL, Reason.TIMEOUT, "", at - 10, at, at - 10, at)
    rungs: dict[str, Rungs] = dict.fromkeys(fresh.topology.scopes, (fine, *NEVER_SEEN[1:]))
    fresh.step(rungs, rungs, at - 5)
    rungs |= {id_: (gone, *NEVER_SEEN[1:]) for id_ in rungs if id_.startswith(pole)}
    fresh.step(rungs, rungs, at + 30)


def causes(of: Witnesses, pole: str, at: float) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the causes, with their evidence, when a pole falls silent while equipment says what it says."""
    fresh = Diagnosis(of.topology, remarks=of.remarks)
    silent(fresh, pole, at)
    fresh.step({}, (), at + 120, of.sightings())
    return {(str(cause.kind), cause.scope.name): cause.evidence for cause in fresh.causes.values()}


async def asked(target: Device, at: float, memory: Memory | None = None) -> Result:
    return await probe("snmp", target, memory=memory, clocks=Clocks(lambda: at, CLOCKS.monotonic))


async def test_a_port_that_a_real_agent_says_is_faulty_is_the_power_cause_of_its_pole(tmp_path: Path) -> None:
    """Port 3 reports a fault over POWER-ETHERNET-MIB: its pole is without power; port 1 delivers to a pole that died."""
    async with snmpd.running_snmpd(tmp_path, snmpd.override(snmpd.SWITCH)) as port:
        switch = equipment("switch", port)
        inventory = fleet(switch)
        told = Witnesses(wiring_of(inventory), topology_of(inventory))
        events = told.hear([(await asked(switch, NOON)).verdict])
    assert [(event.what, event.detail) for event in events if "power" in event.what] == [("port 3 power", "fault")]
    found = causes(told, "pole3", NOON - 5)
    assert list(found) == [("power", "SW-1/3")]
    assert "delivers no power (fault)." in found["power", "SW-1/3"][1]
    found = causes(told, "pole1", NOON + 60)
    assert found["site", "pole1"][1] == "SW-1 answers; its port 1 has link and delivers power."


async def test_a_real_ups_on_battery_makes_a_silent_pole_a_power_cut(tmp_path: Path) -> None:
    """What UPS-MIB says of the output's source is evidence for the feeder of its site."""
    async with snmpd.running_snmpd(tmp_path, snmpd.override(snmpd.UPS)) as port:
        ups = equipment("ups", port)
        inventory = fleet(ups)
        told = Witnesses(wiring_of(inventory), topology_of(inventory))
        events = told.hear([(await asked(ups, NOON)).verdict])
    assert [(event.device, event.what, event.detail) for event in events] == [("UPS-1", "output source", "battery")]
    assert causes(told, "pole1", NOON + 600)["power", "F-1"][1] == "UPS-1 is on its battery."


async def test_a_port_goes_down_and_then_the_switch_falls_silent() -> None:
    """One look tells the link; three in vain, a while apart, tell that the agent is gone, and its ports with it."""
    values = {"1.3.6.1.2.1.1.1.0": octets(b"a switch"), f"{LINK}.1": integer(1), f"{LINK}.2": integer(1)}
    async with agent(lambda raw: replaying(values)(raw) if values else []) as peer:
        switch = equipment("switch", peer.port)
        inventory = fleet(switch)
        told = Witnesses(wiring_of(inventory), topology_of(inventory))
        first = await asked(switch, NOON)
        assert told.hear([first.verdict]) == []
        values[f"{LINK}.2"] = integer(2)
        memory = after(Memory(), first)
        (event,) = told.hear([(await asked(switch, NOON + 60, memory)).verdict])
        assert (event.what, event.detail) == ("port 2 link", "down, was up")
        (sighting,) = told.sightings()
        assert (sighting.scope.name, sighting.by) == ("SW-1/2", NOON + 60)
        assert NOON - 5 < sighting.after < NOON  # when it was asked: the answer came later
        values.clear()
        mute = [(await asked(switch, NOON + at, memory)).verdict for at in (120, 140, 160)]
    silent = f"silent: no answer to an SNMP request within {QUICK.reply_s:g} s"
    assert [event.detail for event in told.hear(mute)] == [silent]
    (sighting,) = told.sightings()
    assert (sighting.scope, sighting.says) == (Scope(Layer.SWITCH, "SW-1"), "SW-1 does not answer.")
    assert (NOON + 55 < sighting.after < NOON + 60, sighting.by) == (True, NOON + 120)
