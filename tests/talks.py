"""Probing one device as tests do: a device on loopback, one question, the findings by rung."""

from __future__ import annotations

import time

from effort import slowness

from monitor.core.model import Camera, Credential, Device, Secret, SnmpAccess
from monitor.core.schedule import Deadlines
from monitor.core.verdict import Finding, Rung
from monitor.probes.base import Ask, Clocks, Result, run_probe
from monitor.probes.memory import Memory
from monitor.probes.registry import PROBES, RUNGS
from monitor.probes.snmp_shared import Sockets

CLOCKS = Clocks(time.time, time.monotonic)
#: A machine that is slow, or has more to do, gets more time: not so much that nothing ends.
SLACK = min(3.0, slowness())
QUICK = Deadlines(
    connect_s=0.5 * SLACK,
    reply_s=0.5 * SLACK,
    first_packet_s=0.6 * SLACK,
    probe_s=5.0 * SLACK,
    first_contact_s=8.0 * SLACK,
)
#: Whether SNMP is spoken over a socket that others share: as the scheduler does it, and as a look by itself does not.
SHARED = False
PASSWORD = "correct-horse-9"
LOGIN = Credential("test", "camfleet", Secret("env:TEST", PASSWORD))


def device(
    host: str = "127.0.0.1",
    ports: dict[str, int] | None = None,
    credential: Credential | None = LOGIN,
    snmp: SnmpAccess | None = None,
    make: str = "",
) -> Device:
    return Device(
        "device", host, ports or {}, ("onvif", "snmp", "rtsp"), ("camera",), "central", make, credential, snmp
    )


def camera(stream: str = "", serial: str = "", channel: int = 1) -> Camera:
    return Camera("camera", "Camera", "device", channel, "zone", stream=stream, serial=serial)


async def probe(
    name: str,
    target: Device,
    one: Camera | None = None,
    memory: Memory | None = None,
    deadlines: Deadlines = QUICK,
    clocks: Clocks = CLOCKS,
    requests: int = 20,
) -> Result:
    """Ask a device everything that one protocol can tell."""
    ask = Ask(RUNGS[name], (one or camera(),), requests)
    sockets = Sockets() if SHARED else None
    try:
        return await run_probe(name, PROBES[name], target, ask, memory or Memory(), clocks, deadlines, sockets)
    finally:
        if sockets is not None:
            sockets.close()


def findings(result: Result) -> dict[Rung, Finding]:
    return {finding.rung: finding for finding in result.verdict.findings}


def said(result: Result) -> dict[str, str]:
    """Return rungs with their outcome, and the reason where there is one: ``{"stream": "fail not_found"}``."""
    return {
        rung.label: f"{finding.outcome.label} {finding.reason or ''}".strip()
        for rung, finding in findings(result).items()
    }


def after(memory: Memory, result: Result) -> Memory:
    return memory._replace(**result.learnt)
