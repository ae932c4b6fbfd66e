"""Write the inventory that matches a city: what its owner knows, and nothing about its faults.

A folder with ``fleet.yaml`` (credentials, defaults, makes, zones), ``sites.csv``, ``devices.csv``, ``cameras.csv`` and
``secrets/``. A CSV file's name is its section, its first line the keys, an empty cell a key that is not given; a list
in a cell is separated by spaces.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from simulator.model import City, Device
from simulator.ports import Ports

FLEET = """\
# A simulated city. Every device has a loopback address of its own; the faults are not written here.
credentials:
  city: {{username: {username}, password: file:secrets/city}}

snmp:
  city: {{version: v2c, community: file:secrets/community}}

defaults:
  credential: city
  snmp: city
  probes: [onvif, snmp, rtsp]
  ports: {{onvif: {onvif}, rtsp: {rtsp}, snmp: {snmp}}}

makes:
  reolink:
    ports: {{onvif: {second_onvif}}}

zones:
"""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What opens the city's devices."""

    username: str
    password: str
    community: str


def write_inventory(folder: Path, city: City, ports: Ports, secrets: Secrets) -> None:
    """Write the whole folder, making it where it is missing; only the owner can read the secrets."""
    write_fleet(folder, city.zones, ports, secrets)
    write_table(folder / "sites.csv", ("id", "name", "zone", "uplinks", "feeder", "position"), site_rows(city))
    write_table(folder / "devices.csv", ("id", "address", "make", "tls.trust"), device_rows(city))
    columns = ("id", "name", "site", "address", "make", "device", "channel", "stream", "serial", "tls.trust")
    write_table(folder / "cameras.csv", columns, camera_rows(city))


def write_fleet(folder: Path, zones: Mapping[str, str], ports: Ports, secrets: Secrets) -> None:
    """Write what all devices have in common, and the zones by their names; the folder is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    write_secret(folder / "secrets" / "city", secrets.password)
    write_secret(folder / "secrets" / "community", secrets.community)
    fleet = FLEET.format(
        username=secrets.username, onvif=ports.onvif, rtsp=ports.rtsp, snmp=ports.snmp, second_onvif=ports.second_onvif
    )
    named = "".join(f"  {zone}: {{name: {name}}}\n" for zone, name in zones.items())
    (folder / "fleet.yaml").write_text(fleet + named, encoding="utf-8")


def write_secret(path: Path, value: str) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(value + "\n")


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(columns)
        table.writerows(rows)


def site_rows(city: City) -> Iterable[Sequence[str]]:
    for site in city.sites.values():
        position = f"{site.latitude:.6f} {site.longitude:.6f}"
        yield site.id, site.name, site.zone, " ".join(site.uplinks), site.feeder, position


def device_rows(city: City) -> Iterable[Sequence[str]]:
    """Only devices with several cameras; a camera with an address makes its own."""
    for device in city.devices.values():
        if device.channels > 1:
            yield device.id, device.address, device.make.name, trust_of(device)


def camera_rows(city: City) -> Iterable[Sequence[str]]:
    for camera in city.cameras.values():
        device = city.devices[camera.device]
        if device.channels > 1:
            yield camera.id, camera.name, camera.site, "", "", device.id, str(camera.channel), "", "", ""
        else:
            stream = stream_known(city, device)
            own = (device.address, device.make.name, "", "", stream, device.serial, trust_of(device))
            yield camera.id, camera.name, camera.site, *own


def trust_of(device: Device) -> str:
    """Certificates are self-signed: the first one that a device shows is trusted."""
    return "first-use" if device.encrypted else ""


def stream_known(city: City, device: Device) -> str:
    """The sub-stream's path, where the owner had to write it down because ONVIF is switched off."""
    fault = city.faults.get(device.id)
    return device.make.streams[1].format(c=1, z=0) if fault and fault.name == "onvif_off" else ""
