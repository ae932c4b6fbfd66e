"""Devices, and which cameras are on which.

A device is written for itself, and its cameras name it; or a camera is written with an address (the short form) and
makes a device, or joins the one that has the same vantage, address and ports already.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from monitor.core.model import Camera, Device, Port, Site
from monitor.inventory.entries import Entries, Entry
from monitor.inventory.equipment import numbering
from monitor.inventory.findings import Findings
from monitor.inventory.names import Names
from monitor.inventory.schema import CameraEntry, DeviceEntry
from monitor.inventory.settings import KEYS, Layers, Place, Resolved

#: What a camera may say of its device only where the device is not written for itself.
DEVICE_KEYS = (*KEYS, "address", "make")
#: Vantage, host and all ports: what makes a device that device.
Endpoint = tuple[str, str, tuple[int, ...]]
Placed = tuple[Entry[CameraEntry], Camera]
NOT_NUMBERED: Mapping[str, Port] = {}


@dataclass(slots=True)
class Draft:
    """A device while its cameras are being found. ``entry`` is its own, or that of the camera that made it."""

    id: str
    host: str
    entry: Entry[DeviceEntry] | Entry[CameraEntry]
    resolved: Resolved
    channels: dict[int, Entry[CameraEntry]]

    @property
    def endpoint(self) -> Endpoint:
        return (self.resolved.vantage, self.host, self.resolved.all_ports)


class Drafts:
    """All devices of a fleet as they come together."""

    def __init__(self, entries: Entries, layers: Layers, sites: Names[Site], findings: Findings) -> None:
        self._layers = layers
        self._sites = sites
        self._findings = findings
        self.names: Names[Entry[DeviceEntry]] = Names("device", findings, entries.maimed["devices"])
        self._drafts: dict[str, Draft] = {}
        self._by_endpoint: dict[Endpoint, Draft] = {}
        self._cameras_are_missing = bool(entries.maimed["cameras"])
        for entry in entries.devices:
            layers.check(entry.written, entry.at())
            if self.names.claim(entry.written.id, entry):
                self.names.values[entry.written.id] = entry

    def place(self, cameras: list[Placed]) -> dict[str, Camera]:
        """Put every camera on its device; those that name one first, since their zones decide what it is like."""
        on_device: dict[str, list[Placed]] = {id: [] for id in self.names.values}
        short: list[Placed] = []
        for placed in cameras:
            written = placed[0].written
            if written.device is not None:
                on_device.setdefault(written.device, []).append(placed)
            elif written.address is not None:
                short.append(placed)
            else:
                self._findings.add(placed[0].at(), "has neither an address nor a device", "write one of them")
        for device, named in on_device.items():
            self._place_named(device, named)
        moved = {camera.id: self._place_short(entry, camera) for entry, camera in short}
        return {camera.id: moved.get(camera.id, camera) for _, camera in cameras}

    def _place_named(self, device: str, cameras: list[Placed]) -> None:
        for camera, _ in cameras:
            for key in DEVICE_KEYS:
                if getattr(camera.written, key) is not None:
                    place = camera.at(key)._replace(at_key=True)
                    self._findings.add(place, "belongs to the device that this camera names", "write it there")
        entry = self.names.values.get(device)
        if entry is None:
            for camera, _ in cameras:
                self.names.find(device, camera.at("device"))
            return
        draft = self._draft(entry, cameras)
        first = self._by_endpoint.setdefault(draft.endpoint, draft)
        if first is not draft:
            message = f"has the address and the ports of the device {first.id}"
            self._findings.add(entry.at("address"), message, "a device is written once", first.entry.at("address"))

    def _draft(self, entry: Entry[DeviceEntry], cameras: list[Placed]) -> Draft:
        """A device that is written for itself. Its cameras' places must agree about what it does not say."""
        written = entry.written
        places = list(dict.fromkeys(Place(camera.zone, camera.site) for _, camera in cameras)) or [self._place(written)]
        found = {place: self._layers.resolve(written, written.make or "", place, entry) for place in places}
        resolved = found[places[0]]
        for place, other in found.items():
            keys = _differences(other, resolved)
            if keys:
                message = f"its cameras lie {_apart(places[0], place)}, whose defaults differ ({', '.join(keys)})"
                self._findings.add(entry.at(), message, "write at the device what is meant")
        if not cameras and not self._cameras_are_missing and resolved.probes != ("snmp",):
            hint = "give it one, or take it out; a switch or a UPS has probes: [snmp]"
            self._findings.add(entry.at(), "no camera names this device", hint)
        if written.site is not None:
            self._sites.find(written.site, entry.at("site"))
            if cameras:
                self._findings.add(entry.at("site"), "its cameras say where it is", "take it out")
        draft = self._drafts[written.id] = Draft(written.id, written.address, entry, resolved, {})
        for camera, _ in cameras:
            self._put(camera, draft)
        return draft

    def _place(self, written: DeviceEntry) -> Place:
        """Where a device without cameras stands."""
        site = self._sites.values.get(written.site or "")
        return Place(site.zone, site.id) if site else Place()

    def _place_short(self, entry: Entry[CameraEntry], camera: Camera) -> Camera:
        """Put a camera that is written with its address on a device; gives back the camera as it is there."""
        written = entry.written
        if not written.is_silent:
            self._layers.check(written, entry.at())
        resolved = self._layers.resolve(written, written.make or "", Place(camera.zone, camera.site), entry)
        draft = Draft(camera.id, written.address or "", entry, resolved, {})
        first = self._by_endpoint.setdefault(draft.endpoint, draft)
        if first is draft:
            if self.names.claim(camera.id, entry, "a camera with an address makes a device of its own id"):
                self._drafts[camera.id] = draft
                draft.channels[camera.channel] = entry
            return camera
        self._check_joining(draft, first)
        self._put(entry, first)
        return replace(camera, device=first.id)

    def _put(self, entry: Entry[CameraEntry], draft: Draft) -> None:
        channel = entry.written.channel or 1
        first = draft.channels.setdefault(channel, entry)
        if first is not entry:
            message = f"channel {channel} of the device {draft.id} is the camera {first.written.id} already"
            self._findings.add(entry.at("channel"), message, "give each camera of a device its channel", first.at())

    def _check_joining(self, joining: Draft, first: Draft) -> None:
        """A camera that joins a device by its address must not say anything else of it."""
        written = joining.entry.written
        keys = _differences(joining.resolved, first.resolved)
        if (written.make or "") != (first.entry.written.make or ""):
            keys.append("make")
        if isinstance(first.entry.written, DeviceEntry):
            keys = [key for key in keys if getattr(written, key) is not None]
        if keys:
            message = f"has the address and ports of the device {first.id}, but not its {', '.join(keys)}; that is"
            self._findings.add(joining.entry.at(), message, "write the same at both", first.entry.at())

    def devices(self) -> dict[str, Device]:
        """All devices, each with its cameras by rising channel."""
        by_host: dict[tuple[str, str], list[Draft]] = {}
        for draft in self._drafts.values():
            by_host.setdefault((draft.resolved.vantage, draft.host), []).append(draft)
        for drafts in by_host.values():
            if len(drafts) > 1:
                self._check_ports(drafts)
        return {draft.id: _device(draft) for draft in self._drafts.values()}

    def _check_ports(self, drafts: Iterable[Draft]) -> None:
        """Devices behind one address must not share a port that is probed."""
        taken: dict[int, Draft] = {}
        for draft in drafts:
            device = _device(draft)
            for port in sorted({device.port(probe) for probe in device.probes}):
                first = taken.setdefault(port, draft)
                if first is not draft and first.endpoint != draft.endpoint:
                    message = f"has port {port} of this address in common with the device {first.id}"
                    hint = "their ports must all be the same, or all differ"
                    self._findings.add(draft.entry.at("address"), message, hint, first.entry.at("address"))


def _apart(one: Place, other: Place) -> str:
    """Say in which zones, or at which sites of one zone, two cameras of a device lie."""
    if one.zone != other.zone:
        return f"in the zones {one.zone} and {other.zone}"
    return f"at {one.site or 'no site'} and at {other.site or 'no site'}"


def _device(draft: Draft) -> Device:
    resolved, channels, written = draft.resolved, draft.channels, draft.entry.written
    own = written if isinstance(written, DeviceEntry) else None
    return Device(
        id=draft.id,
        host=draft.host,
        ports=resolved.ports,
        probes=resolved.probes,
        cameras=tuple([channels[channel].written.id for channel in sorted(channels)]),
        vantage=resolved.vantage,
        make=written.make or "",
        credential=resolved.credential,
        snmp=resolved.snmp,
        basic=resolved.basic,
        tls=resolved.tls,
        site=(own.site or "") if own else "",
        numbering=numbering(own) if own else NOT_NUMBERED,
    )


def _differences(one: Resolved, other: Resolved) -> list[str]:
    """The keys in which two devices differ; a port that is written and a usual one are the same port."""
    pairs = ((key, "all_ports" if key == "ports" else key) for key in KEYS)
    return [key for key, attribute in pairs if getattr(one, attribute) != getattr(other, attribute)]
