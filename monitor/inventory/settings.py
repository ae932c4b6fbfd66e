"""What a device does not say itself it takes from its site's defaults, its zone's, its make, then the fleet's."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import Any, NamedTuple

from monitor.core.model import PROBE_NAMES, Credential, SnmpAccess, Tls, usual_port
from monitor.inventory.document import Origin
from monitor.inventory.encryption import Authorities
from monitor.inventory.entries import Entries, Entry
from monitor.inventory.findings import Findings
from monitor.inventory.names import Names
from monitor.inventory.schema import CameraEntry, Defaults, Settings, names

KEYS = tuple(names(Settings))
#: What the defaults of a place say of its cameras, not of their devices.
OF_CAMERAS = tuple(key for key in names(Defaults) if key not in KEYS)
_of_camera = attrgetter(*OF_CAMERAS)
#: What holds where nobody says anything.
PROBES = ("onvif", "rtsp")
VANTAGE = "central"
NOTHING = Defaults()


class Resolved(NamedTuple):
    """The settings that hold for a device. ``ports`` are those that the inventory says, ``all_ports`` every probe's."""

    vantage: str
    ports: Mapping[str, int]
    all_ports: tuple[int, ...]
    probes: tuple[str, ...]
    credential: Credential | None
    snmp: SnmpAccess | None
    tls: Tls | None
    basic: bool


class Place(NamedTuple):
    """Where a device stands: its zone, and its site where it has one."""

    zone: str = ""
    site: str = ""


class Layers:
    """The written settings of sites, zones, makes and the fleet, and what follows from them for a device."""

    def __init__(
        self, entries: Entries, credentials: Names[Credential], snmp: Names[SnmpAccess], findings: Findings
    ) -> None:
        self._credentials = credentials
        self._snmp = snmp
        self._findings = findings
        self._authorities = Authorities(findings)
        self._defaults = self._fleet(entries)
        self._makes = {make.written.id: make.written for make in entries.makes}
        self._zones = {zone.written.id: zone.written.defaults or NOTHING for zone in entries.zones}
        self._sites = {site.written.id: site.written.defaults for site in entries.sites if site.written.defaults}
        self._known: dict[tuple[str, str, str], Resolved] = {}
        self._said: dict[tuple[str, str], dict[str, Any]] = {}
        for make in entries.makes:
            self.check(make.written, make.at())
        for zone in entries.zones:
            self.check(zone.written.defaults or NOTHING, zone.at("defaults"))
        for site in entries.sites:
            self.check(site.written.defaults or NOTHING, site.at("defaults"))

    def _fleet(self, entries: Entries) -> Defaults:
        for fleet in entries.defaults:
            self.check(fleet.written, fleet.at())
        for fleet in entries.defaults[1:]:
            self._findings.add(fleet.at(), "written twice: already", "", entries.defaults[0].at())
        return entries.defaults[0].written if entries.defaults else NOTHING

    def check(self, written: Settings, origin: Origin) -> None:
        """Look up the names that these settings use."""
        if written.credential is not None:
            self._credentials.find(written.credential, origin.child("credential"))
        if written.snmp is not None:
            self._snmp.find(written.snmp, origin.child("snmp"))
        if written.tls is not None:
            self._authorities.check(written.tls, origin.child("tls"))
        for probe in {probe for probe in written.probes or () if (written.probes or []).count(probe) > 1}:
            self._findings.add(origin.child("probes"), f"{probe} is written twice", "keep one of them")

    def said(self, own: CameraEntry, place: Place) -> dict[str, Any]:
        """What a camera, its site, its zone or the fleet says of it: what none says anything of is left out."""
        kind = (place.zone, place.site if place.site in self._sites else "")
        known = self._said.get(kind)
        if known is None:
            layers = (self._defaults, self._zones.get(place.zone, NOTHING), self._sites.get(place.site, NOTHING))
            known = self._said[kind] = {}
            for layer in layers:
                known |= _said(layer)
        return known | said if (said := _said(own)) else known

    def resolve(self, own: Settings, make: str, place: Place, entry: Entry[Any]) -> Resolved:
        """The settings of a device of that make at that place; ``own`` is what is written at the device."""
        if not own.is_silent:
            return self._resolve(own, make, place, entry)
        kind = (make, place.zone, place.site if place.site in self._sites else "")
        known = self._known.get(kind)
        if known is None:
            known = self._known[kind] = self._resolve(NOTHING, make, place, entry)
        return known

    def _resolve(self, own: Settings, make: str, place: Place, entry: Entry[Any]) -> Resolved:
        layers = (
            own,
            self._sites.get(place.site, NOTHING),
            self._zones.get(place.zone, NOTHING),
            self._makes.get(make, NOTHING),
            self._defaults,
        )
        ports: dict[str, int] = {}
        for layer in reversed(layers):
            ports.update(layer.ports or {})
        credential = next((layer.credential for layer in layers if layer.credential is not None), None)
        snmp = next((layer.snmp for layer in layers if layer.snmp is not None), None)
        probes = next((tuple(layer.probes) for layer in layers if layer.probes is not None), PROBES)
        tls = self._authorities.resolve(layers, entry.at())
        if "snmp" in probes and snmp is None:
            hint = "name one of snmp: here, in its site's or zone's defaults, its make or in defaults"
            self._findings.add(entry.at(), "is probed over SNMP without an snmp access", hint)
        return Resolved(
            vantage=next((layer.vantage for layer in layers if layer.vantage is not None), VANTAGE),
            ports=ports,
            all_ports=tuple(ports.get(probe, usual_port(probe, tls)) for probe in PROBE_NAMES),
            probes=probes,
            credential=self._credentials.values.get(credential) if credential else None,
            snmp=self._snmp.values.get(snmp) if snmp else None,
            tls=tls,
            basic=next((layer.basic for layer in layers if layer.basic is not None), "never") == "allowed",
        )


def _said(layer: Defaults) -> dict[str, Any]:
    return {key: value for key, value in zip(OF_CAMERAS, _of_camera(layer), strict=True) if value is not None}
