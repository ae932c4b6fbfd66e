"""Which equipment can be asked about which scope: the port of an uplink, the switches of a path, the UPSs of a feeder.

Rules:
1. Equipment is a device without cameras. The switch of an uplink is the one whose id stands before the last "/"; if the
   inventory has none, nobody can be asked, and nothing is known.
2. A port that is a plain number is the interface of that index and the PoE port 1.number, unless the device's numbering
   says otherwise.
3. A UPS (``make: ups``) backs the site where it stands, and speaks for that site's feeder.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from monitor.core.model import Device, Inventory, Port
from monitor.core.topology import Layer, Scope, path_of, switch_of

UPS = "ups"


class Topic(StrEnum):
    """What a figure of equipment is about."""

    LINK = "link"
    POWER = "power"
    SOURCE = "output source"
    BATTERY = "battery"

    def __str__(self) -> str:
        return self.value


class Figure(NamedTuple):
    """One figure of equipment: its topic, and the port that it is about."""

    topic: Topic
    port: str = ""

    def __str__(self) -> str:
        return f"port {self.port} {self.topic}" if self.port else str(self.topic)


class Line(NamedTuple):
    """An uplink whose switch can be asked."""

    switch: str
    port: str


OF_A_UPS: Mapping[str, Figure] = {"output_source": Figure(Topic.SOURCE), "battery": Figure(Topic.BATTERY)}


@dataclass(frozen=True, slots=True)
class Wiring:
    """The equipment of an inventory, joined to the topology's scopes."""

    figures: Mapping[str, Mapping[str, Figure]]
    """Each device without cameras, and what is kept of it: the name of a measurement to its meaning."""
    lines: Mapping[str, Line]
    """Uplink to its port."""
    paths: Mapping[Scope, tuple[str, ...]]
    """A path to its uplinks (alternates), or a path's switches to those."""
    above: Mapping[str, Scope]
    """Site to its path."""
    backing: Mapping[Scope, tuple[str, ...]]
    """A site, or a feeder, to its UPSs."""


def wiring_of(inventory: Inventory) -> Wiring:
    """Return the wiring of an inventory."""
    equipment = {id_: device for id_, device in inventory.devices.items() if not device.cameras}
    lines: dict[str, Line] = {}
    paths: dict[Scope, tuple[str, ...]] = {}
    above: dict[str, Scope] = {}
    for site in inventory.sites.values():
        if not site.uplinks:
            continue
        above[site.id] = Scope(Layer.UPLINK, path_of(site.uplinks))
        paths[above[site.id]] = tuple(sorted(set(site.uplinks)))
        switches = [switch_of(uplink) for uplink in site.uplinks]
        if all(switches):
            paths[Scope(Layer.SWITCH, path_of(switches))] = tuple(sorted(set(switches)))
        lines |= {uplink: _line(uplink) for uplink in site.uplinks if switch_of(uplink) in equipment}
    figures = {id_: dict(OF_A_UPS) if device.make.lower() == UPS else {} for id_, device in equipment.items()}
    for line in lines.values():
        figures[line.switch] |= _figures(equipment[line.switch], line.port)
    return Wiring(figures, lines, paths, above, _backing(inventory, equipment))


def _line(uplink: str) -> Line:
    switch, _, port = uplink.rpartition("/")
    return Line(switch, port)


def _figures(switch: Device, port: str) -> Mapping[str, Figure]:
    usual = Port(port, f"1.{port}") if port.isdecimal() else Port()
    said = switch.numbering.get(port, Port())
    names = {
        Topic.LINK: ("port_link_", said.interface or usual.interface),
        Topic.POWER: ("port_power_", (said.poe or usual.poe).replace(".", "_")),
    }
    return {prefix + number: Figure(topic, port) for topic, (prefix, number) in names.items() if number}


def _backing(inventory: Inventory, equipment: Mapping[str, Device]) -> Mapping[Scope, tuple[str, ...]]:
    found: defaultdict[Scope, list[str]] = defaultdict(list)
    for device in equipment.values():
        site = inventory.sites.get(device.site)
        if device.make.lower() == UPS and site is not None:
            found[Scope(Layer.SITE, site.id)].append(device.id)
            if site.feeder:
                found[Scope(Layer.FEEDER, site.feeder)].append(device.id)
    return {scope: tuple(sorted(ids)) for scope, ids in found.items()}
