"""What the SNMP probe makes of devices of each make, of switches and of UPSs: recordings, a real snmpd, and quirks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from peers import snmpd
from peers.hostile import GETNEXT, agent, asked, integer, object_id, octets, ticks
from peers.recordings import recorded, replaying
from talks import CLOCKS, after, device, findings, probe, said

from monitor.core.model import Secret, SnmpAccess
from monitor.core.uptime import WRAP_S
from monitor.core.verdict import Rung
from monitor.core.vitals import MOST_OBJECTS, OidTable, Row
from monitor.probes.base import Clocks, Result
from monitor.probes.memory import NOTHING_KNOWN, Memory
from monitor.probes.oid_tables import ours

ACCESS = SnmpAccess("test", "v2c", Secret("env:TEST", "look-only"))
FINE = {"reachable": "ok", "device": "ok", "recording": "n/a"}
DESCR, OBJECT_ID, UPTIME = "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.2.0", "1.3.6.1.2.1.1.3.0"
IF_UP = "1.3.6.1.2.1.2.2.1.8.2"
AXIS = "1.3.6.1.4.1.368.4.1"
VOLUME = "1.3.6.1.4.1.1004849.2.4.1.1.5.1"


async def look(
    values: Mapping[str, bytes],
    memory: Memory | None = None,
    make: str = "",
    at: float | None = None,
    access: SnmpAccess = ACCESS,
) -> Result:
    """Probe an agent that has these objects, at this wall time."""
    clocks = CLOCKS if at is None else Clocks(lambda: at, CLOCKS.monotonic)
    async with agent(replaying(values)) as peer:
        target = device(ports={"snmp": peer.port}, snmp=access, make=make)
        return await probe("snmp", target, memory=memory, clocks=clocks)


#: file: (the inventory's make, what is said, figures)
RECORDINGS: dict[str, tuple[str, dict[str, str], dict[str, float | str]]] = {
    "axiscam_box": ("", FINE, {"temperature_celsius": 55.0, "temperature_sensor": "ok", "interface_up": 1.0, "interface_bits_per_second": 1e8, "storage_disruption": None, "uptime_s": pytest.approx(13545.29, abs=5)}),
    "axiscam_nve": ("", FINE, {}),
    "axiscam_p1375": ("", FINE, {"temperature_celsius": 39.0}),
    "axiscam_p5676-le": ("axis", FINE, {"temperature_celsius": 22.0, "storage_disruption": None}),
    "axiscam_q6074": ("", FINE, {"memory_percent": 43.0, "cpu_percent": 28.0, "temperature_celsius": 43.0}),
    "dahua-nvr": ("", FINE, {"cpu_percent": 6.0, "device_status": "good", "interface_up": 1.0}),
    "hikvision-cam": ("", FINE, {"cpu_percent": 15.0, "memory_percent": 83.0, "disk_gigabytes": 0.0, "disk_percent": 0.0}),
    "hikvision-nvr": ("hikvision", FINE, {"memory_percent": 5.0, "disk_free_megabytes": 2_715_648.0}),
    "vivotek": ("", FINE, {"interface_bits_per_second": 1e7, "uptime_s": pytest.approx(1395461.47, abs=5)}),
}  # fmt: skip


@pytest.mark.parametrize("name", RECORDINGS)
async def test_a_real_device_over_snmp(name: str, captures: Path) -> None:
    """What real devices answered gives their vitals; a storage disruption without a card is none."""
    make, expected, figures = RECORDINGS[name]
    values = recorded(captures / "snmp" / f"{name}.snmprec")
    first = await look(values, make=make)
    second = await look(values, after(Memory(), first), make)
    assert said(first) == said(second) == expected
    assert {key: second.verdict.measurements.get(key) for key in figures} == figures
    assert second.verdict.requests == 1
    assert ("uptime_s" in first.verdict.measurements) == (UPTIME in values)


def axis(**more: bytes) -> dict[str, bytes]:
    """A camera of this make, with a fan and a slot whose card was never there."""
    return {
        DESCR: octets(b"; AXIS X"), OBJECT_ID: object_id("1.3.6.1.4.1.368.1.1"), UPTIME: ticks(360_000),
        f"{AXIS}.2.1.3.1.1": integer(1), f"{AXIS}.8.1.3.1": integer(2), f"{AXIS}.8.1.3.2": integer(2),
    }  # fmt: skip


async def test_line_19_a_disruption_counts_only_after_it_was_seen_not_to_be() -> None:
    """A slot that always said "disrupted" is no failure; one that had a card that worked, and then says so, is."""
    values = axis()
    first = await look(values)
    memory = after(Memory(), first)
    values[f"{AXIS}.8.1.3.1"] = integer(1)
    worked = await look(values, memory)
    memory = after(memory, worked)
    values[f"{AXIS}.8.1.3.1"] = integer(2)
    failed = await look(values, memory)
    assert [said(one)["recording"] for one in (first, worked, failed)] == ["n/a", "ok", "fail storage"]
    assert findings(failed)[Rung.RECORDING].detail == "storage disruption is yes"


async def test_a_failed_fan_fails_the_device() -> None:
    """One bad state among good ones is what is said."""
    result = await look(axis() | {f"{AXIS}.2.1.3.1.2": integer(2)})
    assert said(result) == {**FINE, "device": "fail vitals"}
    assert findings(result)[Rung.DEVICE].detail == "fan is failed"


async def test_line_20_a_device_without_the_usual_objects_is_no_failure() -> None:
    """No sysDescr, no sysObjectID, no sysUpTime, no table: the agent answers, and that is all that is asked of it."""
    assert said(await look({"1.3.6.1.2.1.1.6.0": octets(b"here")})) == FINE


async def test_line_20_the_engine_tells_the_uptime_where_the_system_does_not() -> None:
    """snmpEngineTime stands in for a sysUpTime that is not there."""
    result = await look({DESCR: octets(b"x"), "1.3.6.1.6.3.10.2.1.3.0": integer(7_200)})
    assert result.verdict.measurements["uptime_s"] == pytest.approx(7_200, abs=5)


async def test_an_agent_with_room_for_few_objects() -> None:
    """An agent whose replies are small says "too big", and is asked for half of the objects each time."""
    values = {DESCR: octets(b"x"), UPTIME: ticks(360_000), "1.3.6.1.2.1.2.2.1.3.2": integer(6), IF_UP: integer(1)}
    whole = replaying(values)

    def answer(raw: bytes) -> Iterable[bytes]:
        request = asked(raw)
        return [request.failure(1, 0)] if len(request.oids) > 2 else whole(raw)

    async with agent(answer) as peer:
        result = await probe("snmp", device(ports={"snmp": peer.port}, snmp=ACCESS))
    assert said(result) == FINE
    assert result.verdict.measurements["interface_up"] == 1.0
    assert result.verdict.measurements["uptime_s"] == pytest.approx(3_600, abs=5)


async def test_line_21_an_index_that_ends_in_zero_is_found_by_walking() -> None:
    """Disks whose index ends in one more 0 are judged by their walked names."""
    disk = "1.3.6.1.4.1.50001.1.241.1.3"
    values = {OBJECT_ID: object_id("1.3.6.1.4.1.50001"), f"{disk}.1.0": integer(0), f"{disk}.2.0": integer(3)}
    result = await look(values)
    assert said(result)["recording"] == "fail storage"
    assert findings(result)[Rung.RECORDING].detail == "storage status is SMART failed"


async def test_line_22_texts_with_units_are_figures() -> None:
    """What a Hikvision camera says in words is read as figures, its disk in the unit that we keep."""
    hik = "1.3.6.1.4.1.39165.1"
    values = {f"{hik}.1.0": octets(b"DS-2CD"), f"{hik}.7.0": octets(b"15 PERCENT"), f"{hik}.8.0": octets(b"512 MB")}
    result = await look(values)
    assert result.verdict.measurements["cpu_percent"] == 15.0
    assert result.verdict.measurements["disk_gigabytes"] == 0.512


NOW = 1_800_000_000.0


async def test_an_uptime_that_wraps_is_no_reboot() -> None:
    """After 497 days the timer begins anew; uptime goes on, no reboot is counted, and the boot stays what it was (S5)."""
    before = await look(axis() | {UPTIME: ticks(2**32 - 1_000)}, at=NOW)
    memory = after(Memory(), before)
    wrapped = await look(axis() | {UPTIME: ticks(5_000)}, memory, at=NOW + 60.0)
    assert after(memory, wrapped).boots == 0
    assert wrapped.verdict.measurements["uptime_s"] == pytest.approx(WRAP_S + 50.0, abs=0.1)
    assert wrapped.verdict.measurements["boot_at"] == before.verdict.measurements["boot_at"]


async def test_a_reboot_is_one() -> None:
    """An uptime that begins anew at any other time is a reboot, and the objects are looked for again."""
    memory = after(Memory(), await look(axis() | {UPTIME: ticks(100_000_000)}, at=NOW))
    later = await look(axis() | {UPTIME: ticks(3_000)}, memory, at=NOW + 7_200.0)
    memory = after(memory, later)
    assert memory.boots == 1
    assert memory.oids.endswith("@0")


async def test_a_card_that_is_put_in_is_found() -> None:
    """Objects that were not there at the first walk are found within a day."""
    values = {OBJECT_ID: object_id("1.3.6.1.4.1.1004849.3.2.10"), UPTIME: ticks(1_000)}
    first = await look(values, at=NOW)
    memory = after(Memory(), first)
    values |= {VOLUME: octets(b"Error")}
    soon = await look(values, memory, at=NOW + 60)
    later = await look(values, memory, at=NOW + 90_000)
    assert [said(one)["recording"] for one in (first, soon, later)] == ["n/a", "n/a", "fail storage"]


async def unwalked(
    values: dict[str, bytes], *at: float, memory: Memory = NOTHING_KNOWN, access: SnmpAccess = ACCESS
) -> tuple[list[Result], list[int]]:
    """Look at these wall times at an agent that answers no walk; return what was found, and the requests of each."""
    results, requests = [], []

    def answer(raw: bytes) -> Iterable[bytes]:
        return [] if asked(raw).pdu == GETNEXT else replaying(values)(raw)

    async with agent(answer) as peer:
        target = device(ports={"snmp": peer.port}, snmp=access)
        for wall in at:
            values[UPTIME], before = ticks(int(wall - NOW + 3600) * 100), peer.requests
            clocks = Clocks(partial(float, wall), CLOCKS.monotonic)
            results.append(await probe("snmp", target, memory=memory, clocks=clocks))
            memory = after(memory, results[-1])
            requests.append(peer.requests - before)
    return results, requests


async def test_a_device_that_answers_no_walk() -> None:
    """It is asked for what every device has, and walked again a minute later, then ever more rarely; that it has no
    storage is not said meanwhile."""
    at = [NOW + 60.0 * minute for minute in range(5)]
    results, requests = await unwalked(axis(), *at)
    assert {tuple(said(one).items()) for one in results} == {tuple({**FINE, "recording": "unseen timeout"}.items())}
    walked = [minute for minute, count in enumerate(requests) if count > 1]
    assert walked == [0, 1, 3]
    assert {count for count in requests if count > 1} == {3}


async def test_a_walk_that_ends_in_silence_is_held_again_and_nothing_is_forgotten_meanwhile() -> None:
    """A datagram was lost at the first contact, and a day later: a storage that failed is known a minute later, and
    stays known."""
    values = {OBJECT_ID: object_id("1.3.6.1.4.1.1004849.3.2.10"), UPTIME: ticks(1_000), VOLUME: octets(b"Error")}
    whole = await look(values, at=NOW)
    (first, later), _ = await unwalked(dict(values), NOW, NOW + 100.0)
    again = await look(values, after(Memory(), first), at=NOW + 60.0)
    assert said(whole)["recording"] == said(again)["recording"] == "fail storage"
    assert said(first)["recording"] == said(later)["recording"] == "unseen timeout"
    (tomorrow,), _ = await unwalked(dict(values), NOW + 90_000.0, memory=after(Memory(), whole))
    assert said(tomorrow)["recording"] == "fail storage"


async def test_what_another_table_found_is_not_judged_by_this_one() -> None:
    """A row was moved in the user's table, and the walk that is due for that falls silent."""

    def table(place: int, ok: float, bad: float) -> SnmpAccess:
        row = Row(f"1.3.6.1.4.1.99999.{place}", "disk", "status", (ok,), (bad,), Rung.RECORDING)
        return replace(ACCESS, tables=(OidTable("mine", (row,), "1.3.6.1.4.1.99999"),))

    values = {OBJECT_ID: object_id("1.3.6.1.4.1.99999.7"), UPTIME: ticks(1_000)}
    values |= {f"1.3.6.1.4.1.99999.{place}.1": integer(place) for place in (1, 2)}
    whole = await look(values, access=table(1, 1.0, 2.0), at=NOW)
    (moved,), _ = await unwalked(values, NOW + 60.0, memory=after(Memory(), whole), access=table(2, 2.0, 1.0))
    assert said(whole)["recording"] == "ok"
    assert said(moved)["recording"] == "unseen timeout"


async def test_an_agent_that_shows_other_objects_with_each_walk_is_asked_for_no_more_of_them() -> None:
    """One GETNEXT is answered, with an index of its own each time, and then none: what is kept stays within one GET."""
    memory = Memory()
    told: list[str] = []

    def answer(raw: bytes) -> Iterable[bytes]:
        request = asked(raw)
        if request.pdu != GETNEXT:
            return replaying({OBJECT_ID: object_id("1.3.6.1.4.1.1004849.3.2.10"), UPTIME: ticks(1_000)})(raw)
        if request.oids[-1] in told:
            return []
        told.append(f"{request.oids[-1]}.{len(told)}")
        return [request.reply([(f"{oid}.{len(told) - 1}", integer(1)) for oid in request.oids])]

    async with agent(answer) as peer:
        target = device(ports={"snmp": peer.port}, snmp=ACCESS)
        for day in range(4):
            clocks = Clocks(partial(float, NOW + day * 90_000.0), CLOCKS.monotonic)
            memory = after(memory, await probe("snmp", target, memory=memory, clocks=clocks))
    assert len(told) == 4
    assert len(memory.objects or {}) <= MOST_OBJECTS


async def test_a_table_of_the_users_own() -> None:
    """A make that camfleet does not know is judged by the user's table, and one that it knows too."""
    table = OidTable(
        "acme",
        (
            Row("1.3.6.1.4.1.99999.1", "lens_celsius"),
            Row("1.3.6.1.4.1.99999.2", "heater", "status", (1.0,), (2.0,), Rung.DEVICE),
        ),
        "1.3.6.1.4.1.99999",
    )
    values = {
        OBJECT_ID: object_id("1.3.6.1.4.1.99999.7"),
        "1.3.6.1.4.1.99999.1.0": octets(b"45 C"),
        "1.3.6.1.4.1.99999.2.0": integer(2),
    }
    first = await look(values)
    result = await look(values, after(Memory(), first), access=replace(ACCESS, tables=(table,)))
    assert said(first) == FINE
    assert findings(result)[Rung.DEVICE].detail == "heater is 2"
    assert result.verdict.measurements["lens_celsius"] == 45.0


async def test_a_switch_tells_its_ports(tmp_path: Path) -> None:
    """Power and link of each port are read by words from a real agent, and what its counters did since the last look."""
    async with snmpd.running_snmpd(tmp_path, snmpd.override(snmpd.SWITCH)) as port:
        target = device(ports={"snmp": port}, snmp=ACCESS, make="switch")
        first = await probe("snmp", target)
        memory = after(Memory(), first)
        second = await probe("snmp", target, memory=memory._replace(counted_at=memory.counted_at - 60.0))
    figures = second.verdict.measurements
    assert said(first) == said(second) == FINE
    assert [figures[f"port_power_1_{n}"] for n in (1, 2, 3, 4)] == ["delivering", "searching", "fault", "disabled"]
    assert (figures["power_budget_watts"], figures["power_used_watts"], figures["power_source"]) == (370.0, 118.0, "on")
    assert figures["port_link_1"] == "up"
    assert float(figures["port_in_bytes_1_per_second"]) >= 0


async def test_a_ups_on_battery(tmp_path: Path) -> None:
    """What a UPS feeds from its battery is said, with the minutes that are left."""
    async with snmpd.running_snmpd(tmp_path, snmpd.override(snmpd.UPS)) as port:
        result = await probe("snmp", device(ports={"snmp": port}, snmp=ACCESS, make="ups"))
    assert said(result) == {**FINE, "device": "fail vitals"}
    assert findings(result)[Rung.DEVICE].detail == "output source is battery"
    figures = result.verdict.measurements
    assert (figures["battery"], figures["battery_minutes_remaining"], figures["battery_charge_percent"]) == (
        "normal",
        42.0,
        88.0,
    )


def test_our_tables_are_what_they_should_be() -> None:
    """Every table has its name and rows; a make, an object and a name are there once; no table holds what restarts a camera."""
    assert {table.make for table in ours()} >= {
        "axis",
        "dahua",
        "hikvision",
        "hikvision-nvr",
        "mobotix",
        "switch",
        "ups",
    }
    for table in ours():
        assert len({row.oid for row in table.rows}) == len({row.name for row in table.rows}) == len(table.rows)
    assert not any(row.oid.startswith("1.3.6.1.4.1.39165.1.12") for table in ours() for row in table.rows)
