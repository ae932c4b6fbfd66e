"""What hangs on what: for each device the scopes that can fail with it, and for each scope its devices.

Rules:
1. A scope is a set of devices that one thing can take down together. A row that is missing gives none; a row that is
   wrong gives a wrong one: nothing here is believed without evidence.
2. An uplink's alternates are one path, which fails only as a whole; the switches of a path likewise. An uplink is
   written switch/port; what stands before the last "/" is its switch.
3. Members are devices: one device with eight channels is one witness. A device without cameras is none.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from heapq import nsmallest
from math import cos, floor, hypot, radians
from typing import NamedTuple

from monitor.core.model import Device, Inventory, Position, Site

KM_PER_DEGREE = 111.32
#: Edge of a square of the map in which neighbours are looked for.
SQUARE_KM = 0.5
#: Neighbours farther away than this many squares say nothing.
FARTHEST_SQUARES = 3
MOST_NEIGHBOURS = 8


class Layer(StrEnum):
    """What kind of thing a scope is, from the most specific."""

    CAMERA = "camera"
    DEVICE = "device"
    SITE = "site"
    UPLINK = "uplink"
    SWITCH = "switch"
    FEEDER = "feeder"
    CREDENTIAL = "credential"
    FIRMWARE = "firmware"
    CONTRACT = "contract"
    VANTAGE = "vantage"

    def __str__(self) -> str:
        return self.value


#: The layers of the inventory's rows: what a neighbour can stand in for where the row is missing or wrong.
ROW_LAYERS = (Layer.UPLINK, Layer.SWITCH, Layer.FEEDER)


class Scope(NamedTuple):
    """One thing that can fail. The name of a path with alternates holds all of them, in order: SW-1/3 + SW-4/1."""

    layer: Layer
    name: str

    def __str__(self) -> str:
        return f"{self.layer} {self.name}"


@dataclass(frozen=True, slots=True)
class Topology:
    """The scopes of an inventory. A row is a site, or a device that has none: what is moved, miswired or cut as one."""

    scopes: Mapping[str, tuple[Scope, ...]]
    """Device to its scopes, from the most specific."""
    members: Mapping[Scope, tuple[str, ...]]
    """Scope to its devices."""
    row: Mapping[str, str]
    """Device to its row."""
    in_row: Mapping[str, tuple[str, ...]]
    """Row to its devices."""
    cameras: Mapping[str, tuple[str, ...]]
    """Device to its cameras."""
    places: Mapping[str, Position]
    """Row to its position, where that is known."""
    squares: Mapping[tuple[int, int], tuple[str, ...]]
    near: dict[str, list[str]] = field(default_factory=dict, compare=False)
    """Neighbours that were looked for, kept."""

    def listed(self, device: str, layer: Layer) -> Scope | None:
        """Return the scope of a device on a layer, if its row says one."""
        return next((scope for scope in self.scopes[device] if scope.layer is layer), None)

    def neighbours(self, row: str) -> list[str]:
        """Return the nearest other rows with a position, nearest first."""
        if row not in self.near:
            self.near[row] = self._nearest(row, MOST_NEIGHBOURS)
        return self.near[row]

    def _nearest(self, row: str, most: int) -> list[str]:
        here = self.places.get(row)
        if here is None:
            return []
        for reach in (1, FARTHEST_SQUARES):
            near = [other for other in self._around(here, reach) if other != row]
            if len(near) >= most:
                break
        return nsmallest(most, near, key=lambda other: (distance_km(here, self.places[other]), other))

    def _around(self, here: Position, reach: int) -> Iterator[str]:
        x, y = _square(here)
        for column in range(x - reach, x + reach + 1):
            for line in range(y - reach, y + reach + 1):
                yield from self.squares.get((column, line), ())


def topology_of(inventory: Inventory) -> Topology:
    """Return the topology of an inventory."""
    scopes: dict[str, tuple[Scope, ...]] = {}
    members: defaultdict[Scope, list[str]] = defaultdict(list)
    row: dict[str, str] = {}
    places: dict[str, Position] = {}
    in_row: defaultdict[str, list[str]] = defaultdict(list)
    above = {site.id: tuple(_above(site)) for site in inventory.sites.values()}
    watched = [device for device in inventory.devices.values() if device.cameras]
    for device in watched:
        site = _common(inventory.cameras[camera].site for camera in device.cameras)
        scopes[device.id] = tuple(_scopes(inventory, device, site, above))
        for scope in scopes[device.id]:
            members[scope].append(device.id)
        row[device.id] = f"site {site}" if site else f"device {device.id}"
        in_row[row[device.id]].append(device.id)
        place = _place(inventory, device, site)
        if place is not None:
            places.setdefault(row[device.id], place)
    return Topology(
        scopes,
        {scope: tuple(devices) for scope, devices in members.items()},
        row,
        {name: tuple(devices) for name, devices in in_row.items()},
        {device.id: device.cameras for device in watched},
        places,
        _squares(places),
    )


def _above(site: Site) -> Iterator[Scope]:
    """Yield what every device of a site hangs on."""
    yield Scope(Layer.SITE, site.id)
    if site.uplinks:
        yield Scope(Layer.UPLINK, path_of(site.uplinks))
        switches = [switch_of(uplink) for uplink in site.uplinks]
        if all(switches):
            yield Scope(Layer.SWITCH, path_of(switches))
    if site.feeder:
        yield Scope(Layer.FEEDER, site.feeder)


def _scopes(
    inventory: Inventory, device: Device, site_id: str, above: Mapping[str, tuple[Scope, ...]]
) -> Iterator[Scope]:
    site = inventory.sites.get(site_id)
    if site is not None:
        yield from above[site.id]
    if device.credential is not None:
        yield Scope(Layer.CREDENTIAL, device.credential.name)
    if contract := _common(inventory.cameras[camera].contract for camera in device.cameras):
        yield Scope(Layer.CONTRACT, contract)


def switch_of(uplink: str) -> str:
    """Return the switch of an uplink that is written switch/port; "" where it is not."""
    return uplink.rpartition("/")[0]


def path_of(alternates: Iterable[str]) -> str:
    """Return the name of a path: all its alternates, in order."""
    return " + ".join(sorted(set(alternates)))


def _common(names: Iterable[str]) -> str:
    """Return what most of a device's cameras say; of two that are said as often, the first by name."""
    said = [name for name in names if name]
    if len(said) < 2:
        return said[0] if said else ""
    counted = Counter(said)
    return min(counted, key=lambda name: (-counted[name], name), default="")


def _place(inventory: Inventory, device: Device, site_id: str) -> Position | None:
    site = inventory.sites.get(site_id)
    if site is not None and site.position is not None:
        return site.position
    return next((place for camera in device.cameras if (place := inventory.cameras[camera].position)), None)


def distance_km(one: Position, other: Position) -> float:
    """Return the distance of two places of one city: a plane is exact enough."""
    along = (one.longitude - other.longitude) * cos(radians(one.latitude))
    return hypot(along, one.latitude - other.latitude) * KM_PER_DEGREE


def _square(place: Position) -> tuple[int, int]:
    per_degree = KM_PER_DEGREE / SQUARE_KM
    # a whole number of degrees decides how wide a degree is, so that neighbours are measured alike
    east = place.longitude * per_degree * cos(radians(round(place.latitude)))
    return floor(east), floor(place.latitude * per_degree)


def _squares(places: Mapping[str, Position]) -> Mapping[tuple[int, int], tuple[str, ...]]:
    found: defaultdict[tuple[int, int], list[str]] = defaultdict(list)
    for row, place in places.items():
        found[_square(place)].append(row)
    return {square: tuple(rows) for square, rows in found.items()}
