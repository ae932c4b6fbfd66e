"""Canaries: what must answer where we look from, so that our own line is not taken for the city's."""

from __future__ import annotations

from collections.abc import Collection

from monitor.core.model import Canary, Device
from monitor.inventory.entries import Entries, Entry
from monitor.inventory.findings import Findings
from monitor.inventory.names import Names
from monitor.inventory.schema import CanaryEntry
from monitor.inventory.settings import VANTAGE

PORT = 80
#: All of them are asked at once, every few seconds, each by a connection of its own.
MOST_CANARIES = 32


def canaries(entries: Entries, devices: Collection[Device], findings: Findings) -> tuple[Canary, ...]:
    """Every canary, in the order of the files."""
    if not entries.canaries:
        return ()
    names: Names[Canary] = Names("canary", findings, entries.maimed["canaries"])
    for entry in entries.canaries:
        if names.claim(entry.written.id, entry):
            names.values[entry.written.id] = _canary(entry.written)
    for entry in entries.canaries[MOST_CANARIES:][:1]:
        findings.add(entry.at(), f"there are more than {MOST_CANARIES} canaries", "one or two a vantage are enough")
    if not (entries.maimed["cameras"] or entries.maimed["devices"]):
        _check_vantages(entries.canaries, devices, findings)
    _check_devices(entries.canaries, devices, findings)
    return tuple(names.values.values())


def _canary(written: CanaryEntry) -> Canary:
    return Canary(written.id, written.address, written.vantage or VANTAGE, written.port or PORT)


def _check_vantages(written: Collection[Entry[CanaryEntry]], devices: Collection[Device], findings: Findings) -> None:
    """A canary of a vantage that nothing is probed from guards nothing: its name is probably mistyped."""
    known = {device.vantage for device in devices}
    for entry in written:
        vantage = _canary(entry.written).vantage
        if vantage not in known:
            hint = findings.guess(vantage, known) or "write the vantage of the cameras that it stands beside"
            findings.add(entry.at("vantage"), f"no device is probed from the vantage {vantage}", hint)


def _check_devices(written: Collection[Entry[CanaryEntry]], devices: Collection[Device], findings: Findings) -> None:
    """A camera may die without making us blind, and is not asked every few seconds."""
    hosts = {entry.written.address for entry in written}
    ports = {
        (device.vantage, device.host, device.port(probe)): device.id
        for device in devices
        if device.host in hosts and device.cameras
        for probe in device.probes
    }
    for entry in written:
        canary = _canary(entry.written)
        device = ports.get((canary.vantage, canary.host, canary.port))
        if device is not None:
            message = f"has the address and the port of the device {device}"
            findings.add(entry.at("address"), message, "a canary is none of the cameras that it vouches for")
