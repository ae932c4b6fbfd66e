"""Where each camera stands, as the ledger's memory keeps it: what is planned for a place is for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from monitor.core.model import Camera, Inventory, Site
from monitor.core.topology import path_of, switch_of

KEY = "places"


def to_json(inventory: Inventory) -> dict[str, Any]:
    """Return what the memory keeps of an inventory."""
    return {
        "cameras": {one.id: [one.site, one.zone, one.contract] for one in inventory.cameras.values()},
        "sites": {one.id: [one.name, one.feeder, *one.uplinks] for one in inventory.sites.values()},
        "zones": dict(inventory.zones),
    }


def restored(memory: Mapping[str, Any]) -> Inventory:
    """Return the cameras and sites of the newest inventory, without devices; nothing where no run said so."""
    try:
        kept = memory[KEY]
        cameras = {
            id_: Camera(id_, id_, "", 1, zone, site, contract=contract)
            for id_, (site, zone, contract) in kept["cameras"].items()
        }
        sites = {
            id_: Site(id_, name, "", tuple(uplinks), feeder) for id_, (name, feeder, *uplinks) in kept["sites"].items()
        }
        return Inventory({}, cameras, sites, dict(kept["zones"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        return Inventory({}, {}, {}, {})


def names(inventory: Inventory, camera: Camera) -> Iterator[tuple[str, str]]:
    """Yield every place that a camera has: what it is, and a name that it goes by."""
    site = inventory.sites.get(camera.site)
    yield "zone", camera.zone
    yield "zone", inventory.zones.get(camera.zone, "")
    yield "contract", camera.contract
    yield "site", camera.site
    if site is not None:
        yield "site", site.name
        yield "feeder", site.feeder
        yield "uplink", path_of(site.uplinks)
        for uplink in site.uplinks:
            yield "uplink", uplink
            yield "switch", switch_of(uplink)


def called(inventory: Inventory, name: str) -> dict[str, list[str]]:
    """Return what goes by a name, site or uplink or whatever it is, each with its cameras."""
    found: dict[str, list[str]] = {}
    for camera in inventory.cameras.values():
        for what in sorted({what for what, other in names(inventory, camera) if name and other == name}):
            found.setdefault(what, []).append(camera.id)
    return found
