"""From entries to the fleet: names looked up, defaults filled in, cameras put on their devices."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from operator import attrgetter
from typing import Any

from monitor.core.model import Camera, Inventory, Site
from monitor.inventory.access import credentials, snmp_accesses
from monitor.inventory.canaries import canaries
from monitor.inventory.depots import depots
from monitor.inventory.devices import Drafts
from monitor.inventory.entries import Entries, Entry
from monitor.inventory.equipment import check_numberings
from monitor.inventory.findings import Findings
from monitor.inventory.holders import holders
from monitor.inventory.makes import check_makes
from monitor.inventory.names import Names
from monitor.inventory.schema import CameraEntry
from monitor.inventory.secret import Vault
from monitor.inventory.settings import Layers, Place

#: The days of a camera's life that follow each other.
IN_ORDER = ("installed", "commissioned", "retired")
_days = attrgetter(*IN_ORDER)
Placed = list[tuple[Entry[CameraEntry], Camera]]


def assemble(entries: Entries, vault: Vault, findings: Findings, digest: str) -> Inventory:
    """The fleet that these entries describe; with mistakes in ``findings`` it is not to be used."""
    logins, accesses = credentials(entries, vault, findings), snmp_accesses(entries, vault, findings)
    layers = Layers(entries, logins, accesses, findings)
    zones = _zones(entries, findings)
    sites = _sites(entries, zones, findings)
    check_makes(entries, findings)
    check_numberings(entries, findings)
    drafts = Drafts(entries, layers, sites, findings)
    cameras = drafts.place(_cameras(entries, layers, zones, sites, findings))
    named: dict[str, Names[Any]] = {
        "credential": logins,
        "snmp": accesses,
        "zone": zones,
        "site": sites,
        "device": drafts.names,
    }
    _check_maimed(entries, named)
    devices, owners = drafts.devices(), _owners(entries, findings)
    watching = canaries(entries, devices.values(), findings)
    keeping, packs = holders(entries, vault, findings), depots(entries, findings)
    return Inventory(devices, cameras, sites.values, zones.values, digest, owners, watching, keeping, packs)


def _owners(entries: Entries, findings: Findings) -> dict[str, str]:
    owners: Names[str] = Names("owner", findings, entries.maimed["owners"])
    for entry in entries.owners:
        if owners.claim(entry.written.id, entry):
            owners.values[entry.written.id] = entry.written.name
    return owners.values


def _zones(entries: Entries, findings: Findings) -> Names[str]:
    zones: Names[str] = Names("zone", findings, entries.maimed["zones"])
    for entry in entries.zones:
        written = entry.written
        if zones.claim(written.id, entry):
            zones.values[written.id] = written.name or written.id
    return zones


def _sites(entries: Entries, zones: Names[str], findings: Findings) -> Names[Site]:
    sites: Names[Site] = Names("site", findings, entries.maimed["sites"])
    for entry in entries.sites:
        written = entry.written
        if sites.claim(written.id, entry):
            if written.zone not in zones.values:
                zones.find(written.zone, entry.at("zone"))
            sites.values[written.id] = Site(
                id=written.id,
                name=written.name or written.id,
                zone=written.zone,
                uplinks=tuple(written.uplinks or ()),
                feeder=written.feeder or "",
                position=written.position,
            )
    return sites


def _cameras(entries: Entries, layers: Layers, zones: Names[str], sites: Names[Site], findings: Findings) -> Placed:
    """Every camera at its site and in its zone; which device it is on is seen later."""
    names: Names[None] = Names("camera", findings, entries.maimed["cameras"])
    placed: Placed = []
    for entry in entries.cameras:
        written = entry.written
        if names.claim(written.id, entry):
            site = sites.values.get(written.site or "")
            if site is None or written.zone is not None:
                _check_place(entry, site, zones, sites, findings)
            placed.append((entry, _camera(written, site, layers)))
            if any(_days(placed[-1][1])):
                _check_days(*placed[-1], findings)
    return placed


def _check_place(
    entry: Entry[CameraEntry], site: Site | None, zones: Names[str], sites: Names[Site], findings: Findings
) -> None:
    written = entry.written
    if written.site is None and written.zone is None:
        findings.add(entry.at(), "has neither a site nor a zone", "write one of them")
    if written.site is not None:
        sites.find(written.site, entry.at("site"))
    if written.zone is not None:
        zones.find(written.zone, entry.at("zone"))
    if site and written.zone != site.zone:
        message = f"its site {site.id} lies in the zone {site.zone}"
        findings.add(entry.at("zone"), message, "leave the zone out where there is a site")


def _check_days(entry: Entry[CameraEntry], camera: Camera, findings: Findings) -> None:
    """No camera works before it hangs there, or after it was taken down. Paper may well come late: a sanction can."""
    known = [(key, day) for key, day in zip(IN_ORDER, _days(camera), strict=True) if day is not None]
    for (before, first), (after, second) in pairwise(known):
        if second < first:
            message = f"lies before the day on which it was {before}, {first}"
            findings.add(entry.at(after), message, "one of the two is wrong")


def _check_maimed(entries: Entries, named: Mapping[str, Names[Any]]) -> None:
    """Look up what entries with mistakes refer to: all mistakes are told at once."""
    for maimed in entries.maimed.values():
        for entry in maimed:
            for key, names in named.items():
                name = entry.written.get(key)
                if isinstance(name, str):
                    names.find(name, entry.at(key))


def _camera(written: CameraEntry, site: Site | None, layers: Layers) -> Camera:
    zone = written.zone or (site.zone if site else "")
    place = Place(zone, written.site or "")
    return Camera(
        id=written.id,
        name=written.name or written.id,
        device=written.device or written.id,
        channel=written.channel or 1,
        zone=zone,
        site=site.id if site else written.site or "",  # one text for all cameras of a site
        position=written.position or (site.position if site else None),
        stream=written.stream or "",
        serial=written.serial or "",
        mac=written.mac or "",
        **layers.said(written, place),
    )
