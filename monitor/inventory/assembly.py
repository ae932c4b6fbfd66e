"""From entries to the fleet: names looked up, defaults filled in, cameras put on their devices."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

from monitor.core.model import Camera, Device, Inventory, Site
from monitor.inventory.access import credentials, snmp_accesses
from monitor.inventory.document import Origin
from monitor.inventory.entries import Entries
from monitor.inventory.findings import Findings
from monitor.inventory.makes import check_makes
from monitor.inventory.names import Names
from monitor.inventory.schema import CameraEntry, DeviceEntry
from monitor.inventory.secret import Vault
from monitor.inventory.settings import KEYS, Layers, Resolved

#: What a camera may say of its device only where the device is not written down for itself.
DEVICE_KEYS = (*sorted(KEYS), "address", "make")


@dataclass(slots=True)
class Draft:
    """A device while its cameras are being found. ``own`` is its entry, or that of the camera that made it."""

    id: str
    host: str
    origin: Origin
    own: DeviceEntry | CameraEntry
    resolved: Resolved | None = None
    cameras: dict[int, tuple[str, Origin]] = field(default_factory=dict)
    zones: dict[str, None] = field(default_factory=dict)


class Short(NamedTuple):
    """A camera that is written with its address."""

    origin: Origin
    written: CameraEntry
    camera: Camera


Endpoint = tuple[str, str, tuple[int, ...]]


def assemble(entries: Entries, vault: Vault, findings: Findings, digest: str) -> Inventory:
    """The fleet that these entries describe; with mistakes in ``findings`` it is not to be used."""
    layers = Layers(entries, credentials(entries, vault, findings), snmp_accesses(entries, vault, findings), findings)
    zones = _zones(entries, findings)
    sites = _sites(entries, zones, findings)
    check_makes(entries, findings)
    fleet = _Fleet(entries, layers, findings)
    fleet.place(entries, zones, sites)
    return Inventory(fleet.devices(), fleet.cameras, sites.values, zones.values, digest)


def _zones(entries: Entries, findings: Findings) -> Names[str]:
    zones: Names[str] = Names("zone", findings, entries.broken["zones"])
    for origin, written in entries.zones:
        if zones.claim(written.id, origin):
            zones.values[written.id] = written.name or written.id
    return zones


def _sites(entries: Entries, zones: Names[str], findings: Findings) -> Names[Site]:
    sites: Names[Site] = Names("site", findings, entries.broken["sites"])
    for origin, written in entries.sites:
        if sites.claim(written.id, origin):
            zones.find(written.zone, origin.child("zone"))
            sites.values[written.id] = Site(
                id=written.id,
                name=written.name or written.id,
                zone=written.zone,
                uplinks=tuple(written.uplinks or ()),
                feeder=written.feeder or "",
                position=written.position,
            )
    return sites


class _Fleet:
    """Devices and cameras as they come together."""

    def __init__(self, entries: Entries, layers: Layers, findings: Findings) -> None:
        self.cameras: dict[str, Camera] = {}
        self._layers = layers
        self._findings = findings
        self._drafts: Names[Draft] = Names("device", findings, entries.broken["devices"])
        self._by_endpoint: dict[Endpoint, Draft] = {}
        self._cameras_are_missing = bool(entries.broken["cameras"])
        for origin, written in entries.devices:
            layers.check(written, origin)
            if self._drafts.claim(written.id, origin):
                self._drafts.values[written.id] = Draft(written.id, written.address, origin, written)

    def place(self, entries: Entries, zones: Names[str], sites: Names[Site]) -> None:
        """Put every camera on its device, those that name one first: their zones decide what a device is like."""
        names: Names[None] = Names("camera", self._findings, entries.broken["cameras"])
        short: list[Short] = []
        for origin, written in entries.cameras:
            if not names.claim(written.id, origin):
                continue
            site = sites.find(written.site, origin.child("site")) if written.site else None
            camera = _camera(written, site)
            self._check_zone(camera, written, site, zones, origin)
            if written.device is not None:
                self._put_on_named(camera, written, origin)
            elif written.address is not None:
                short.append(Short(origin, written, camera))
            else:
                self._findings.add(origin, "has neither an address nor a device", "write one of them")
        for draft in self._drafts.values.values():
            self._resolve(draft)
        for one in short:
            self._put_on_address(one)

    def _check_zone(
        self, camera: Camera, written: CameraEntry, site: Site | None, zones: Names[str], origin: Origin
    ) -> None:
        if written.zone is None:
            if written.site is None:
                self._findings.add(origin, "has neither a site nor a zone", "write one of them")
        elif zones.find(written.zone, origin.child("zone")) and site and site.zone != written.zone:
            message = f"its site {site.id} lies in the zone {site.zone}"
            self._findings.add(origin.child("zone"), message, "leave the zone out where there is a site")

    def _put_on_named(self, camera: Camera, written: CameraEntry, origin: Origin) -> None:
        for key in DEVICE_KEYS:
            if getattr(written, key) is not None:
                place = origin.child(key)._replace(at_key=True)
                self._findings.add(place, "belongs to the device that this camera names", "write it there")
        draft = self._drafts.find(camera.device, origin.child("device"))
        if draft:
            self._put(camera, draft, origin)

    def _put(self, camera: Camera, draft: Draft, origin: Origin) -> None:
        draft.zones.setdefault(camera.zone)
        taken = draft.cameras.setdefault(camera.channel, (camera.id, origin))
        if taken[1] is not origin:
            message = f"channel {camera.channel} of this device is the camera {taken[0]} already"
            self._findings.add(origin, message, "give each camera of a device its channel", taken[1])
        self.cameras[camera.id] = camera

    def _resolve(self, draft: Draft) -> None:
        """Find the settings of a device that is written for itself; its cameras' zones must agree about them."""
        make = draft.own.make or ""
        zones = list(draft.zones) or [""]
        found = {zone: self._layers.resolve(draft.own, make, zone, draft.origin) for zone in zones}
        draft.resolved = found[zones[0]]
        for zone, resolved in found.items():
            if resolved != draft.resolved:
                keys = ", ".join(_differences(resolved, draft.resolved))
                message = f"its cameras lie in the zones {zones[0]} and {zone}, whose defaults differ ({keys})"
                self._findings.add(draft.origin, message, "write at the device which is meant")
        if not draft.cameras and not self._cameras_are_missing:
            self._findings.add(draft.origin, "no camera names this device", "take it out, or give it a camera")
        endpoint = (draft.resolved.vantage, draft.host, draft.resolved.all_ports)
        first = self._by_endpoint.setdefault(endpoint, draft)
        if first is not draft:
            self._findings.add(draft.origin, f"has the address and ports of the device {first.id}", "", first.origin)

    def _put_on_address(self, short: Short) -> None:
        origin, written, camera = short
        self._layers.check(written, origin)
        resolved = self._layers.resolve(written, written.make or "", camera.zone, origin)
        host = written.address or ""
        endpoint = (resolved.vantage, host, resolved.all_ports)
        draft = self._by_endpoint.get(endpoint)
        if draft is None:
            if not self._drafts.claim(camera.id, origin):
                return
            draft = Draft(camera.id, host, origin, written, resolved)
            self._drafts.values[camera.id] = self._by_endpoint[endpoint] = draft
        else:
            camera = replace(camera, device=draft.id)
            self._check_joining(written, resolved, draft, origin)
        self._put(camera, draft, origin)

    def _check_joining(self, written: CameraEntry, resolved: Resolved, draft: Draft, origin: Origin) -> None:
        """A camera that joins a device by its address must not say anything else of it."""
        keys = _differences(resolved, draft.resolved or resolved)
        if (written.make or "") != (draft.own.make or ""):
            keys.append("make")
        if isinstance(draft.own, DeviceEntry):
            keys = [key for key in keys if getattr(written, key) is not None]
        if keys:
            message = f"joins the device {draft.id} by its address, and has another {', '.join(keys)}; the device is"
            self._findings.add(origin, message, "write the same at both", draft.origin)

    def devices(self) -> dict[str, Device]:
        """All devices, each with its cameras by rising channel."""
        by_host: dict[tuple[str, str], list[Draft]] = {}
        devices: dict[str, Device] = {}
        for draft in self._drafts.values.values():
            resolved = draft.resolved
            if resolved:
                by_host.setdefault((resolved.vantage, draft.host), []).append(draft)
                devices[draft.id] = _device(draft, resolved)
        for drafts in by_host.values():
            if len(drafts) > 1:
                self._check_ports(drafts)
        return devices

    def _check_ports(self, drafts: list[Draft]) -> None:
        """Devices behind one address must not share a port that is probed."""
        taken: dict[int, Draft] = {}
        for draft in drafts:
            for port in sorted(_probed_ports(draft)):
                first = taken.setdefault(port, draft)
                if first is not draft and not _same_ports(first, draft):
                    message = f"has port {port} of this address in common with the device {first.id}"
                    hint = "their ports must all be the same, or all differ"
                    self._findings.add(draft.origin, message, hint, first.origin)


def _same_ports(one: Draft, other: Draft) -> bool:
    return bool(one.resolved and other.resolved and one.resolved.all_ports == other.resolved.all_ports)


def _probed_ports(draft: Draft) -> set[int]:
    device = _device(draft, draft.resolved) if draft.resolved else None
    return {device.port(probe) for probe in device.probes} if device else set()


def _device(draft: Draft, resolved: Resolved) -> Device:
    cameras = draft.cameras
    return Device(
        id=draft.id,
        host=draft.host,
        ports=resolved.ports,
        probes=resolved.probes,
        cameras=tuple(cameras[channel][0] for channel in sorted(cameras)),
        vantage=resolved.vantage,
        make=draft.own.make or "",
        credential=resolved.credential,
        snmp=resolved.snmp,
    )


def _camera(written: CameraEntry, site: Site | None) -> Camera:
    return Camera(
        id=written.id,
        name=written.name or written.id,
        device=written.device or written.id,
        channel=written.channel or 1,
        zone=written.zone or (site.zone if site else ""),
        site=written.site or "",
        position=written.position or (site.position if site else None),
        stream=written.stream or "",
        serial=written.serial or "",
    )


def _differences(one: Resolved, other: Resolved) -> list[str]:
    return [key for key in sorted(KEYS) if getattr(one, key) != getattr(other, key)]
