"""The city's words: zones, sites, devices, cameras. Frozen; what runs on top of them lives elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simulator.faults import Fault
from simulator.makes import Make, Model


@dataclass(frozen=True, slots=True)
class Site:
    """A pole or a room. ``uplinks`` are alternates: it is cut off only when all of them are. Position in degrees."""

    id: str
    name: str
    zone: str
    uplinks: tuple[str, ...]
    feeder: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Camera:
    """One view: a device and a channel, counted from 1."""

    id: str
    name: str
    site: str
    device: str
    channel: int


@dataclass(frozen=True, slots=True)
class Device:
    """A network endpoint with a loopback address of its own. ``cameras`` are in the order of their channels."""

    id: str
    address: str
    make: Make
    model: Model
    firmware: str
    serial: str
    mac: str
    site: str
    cameras: tuple[str, ...]
    encrypted: bool = False
    """Whether its ONVIF and RTSP are spoken over TLS, and not otherwise."""

    @property
    def channels(self) -> int:
        return len(self.cameras)


@dataclass(frozen=True, slots=True)
class City:
    """A whole city, a pure function of its seed and its number of cameras."""

    seed: int
    zones: Mapping[str, str]
    """Zone id to its name."""
    sites: Mapping[str, Site]
    devices: Mapping[str, Device]
    cameras: Mapping[str, Camera]
    cut_uplinks: frozenset[str]
    dark_feeders: frozenset[str]
    faults: Mapping[str, Fault]
    """Device id to the fault it has on its own."""

    @property
    def uplinks(self) -> tuple[str, ...]:
        return tuple(sorted({uplink for site in self.sites.values() for uplink in site.uplinks}))

    @property
    def feeders(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(site.feeder for site in self.sites.values()))
