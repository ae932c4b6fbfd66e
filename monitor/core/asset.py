"""What the inventory lists of each camera, as plain values, and what another inventory changes of that. Pure.

Rules:
1. A row says by itself all that its camera is selected and counted by: what stands at the camera, at its device, its
   site and its zone. So whoever has the ledger needs no inventory.
2. What is not said, or follows from the camera's id, is left out; so a row that another camfleet wrote is the same row.
3. No login and no stream's path is in it: they are, or may hold, secrets.
4. Each camera whose row was added, changed or removed is one event.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from monitor.core.event import AssetEvent
from monitor.core.model import Camera, Inventory

#: A camera's row as plain values.
Listed = Mapping[str, Any]
ADDED, CHANGED, REMOVED = "added", "changed", "removed"
#: The days of a camera's life on paper.
DAYS = ("sanctioned", "installed", "commissioned", "retired")


def listed(camera: Camera, inventory: Inventory) -> dict[str, Any]:
    """Return a camera's row."""
    device, site = inventory.devices[camera.device], inventory.sites.get(camera.site)
    row: dict[str, Any] = {
        "name": camera.name if camera.name != camera.id else "",
        "site": camera.site,
        "zone": camera.zone,
        "zone_name": _other(inventory.zones[camera.zone], camera.zone),
        "device": _other(device.id, camera.id),
        "channel": camera.channel if camera.channel > 1 else 0,
        "vantage": device.vantage,
        "address": device.host,
        "make": device.make,
        "probes": list(device.probes),
        "contract": camera.contract,
        "installer": camera.installer,
        "serial": camera.serial,
        "mac": camera.mac,
    }
    if site is not None:
        row |= {"site_name": _other(site.name, site.id), "feeder": site.feeder, "uplinks": list(site.uplinks)}
    if camera.position is not None:
        row["position"] = [camera.position.latitude, camera.position.longitude]
    for key in DAYS:
        day: date | None = getattr(camera, key)
        if day is not None:
            row[key] = day.isoformat()
    return {key: value for key, value in row.items() if value}


def _other(name: str, id_: str) -> str:
    """Return a name where it is not just the id again."""
    return name if name != id_ else ""


class Rows(Mapping[str, Listed]):
    """All rows of an inventory by camera, each made when it is asked for: 100,000 of them take 100 MB."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory

    def __getitem__(self, camera: str) -> Listed:
        return listed(self._inventory.cameras[camera], self._inventory)

    def __iter__(self) -> Iterator[str]:
        return iter(self._inventory.cameras)

    def __len__(self) -> int:
        return len(self._inventory.cameras)


def differences(known: Mapping[str, Listed], rows: Mapping[str, Listed], at: float) -> list[AssetEvent]:
    """Return the events of ``rows`` that come into force at ``at`` in the place of those ``known``."""
    events = [AssetEvent(at, camera, REMOVED, {}) for camera in known if camera not in rows]
    for camera, row in rows.items():
        before = known.get(camera)
        if before is None:
            events.append(AssetEvent(at, camera, ADDED, row))
        elif before != row:
            events.append(AssetEvent(at, camera, CHANGED, row))
    return events


def changes(before: Listed, now: Listed) -> Iterator[str]:
    """Yield what differs between two rows in words, by key."""
    for key in sorted(before.keys() | now.keys()):
        old, new = before.get(key), now.get(key)
        if old != new:
            yield f"{key} {_told(old)} → {_told(new)}"


def _told(value: Any) -> str:
    return "none" if value is None else " ".join(map(str, value)) if isinstance(value, list) else str(value)
