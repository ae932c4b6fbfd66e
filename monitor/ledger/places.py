"""Where each camera stands, by the rows that the ledger's memory keeps: what is planned for a place is for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from monitor.core.asset import Listed
from monitor.core.model import Camera, Inventory, Site
from monitor.core.topology import path_of, switch_of
from monitor.ledger import assets, history
from monitor.ledger.reader import Reader


def restored(memory: Mapping[str, Any]) -> Inventory:
    """Return the cameras and sites of the newest inventory, without devices; nothing where no run said so."""
    return placed(assets.restored(memory))


def then(reader: Reader, memory: Mapping[str, Any], at: float) -> Inventory:
    """Return the same of the inventory that was in force at a moment; of the newest where no row is of then."""
    rows = history.rows(reader, at)
    return restored(memory) if rows is None else placed(rows)


def placed(rows: Mapping[str, Listed]) -> Inventory:
    """Return the cameras of these rows and their sites, without devices. A row that cannot be read is left out."""
    cameras, sites, zones = {}, {}, {}
    for id_, row in rows.items():
        try:
            camera, site = _placed(id_, row)
        except (KeyError, TypeError):
            continue
        cameras[id_] = camera
        zones[camera.zone] = str(row.get("zone_name", camera.zone))
        if site is not None:
            sites[site.id] = site
    return Inventory({}, cameras, sites, zones)


def _placed(id_: str, row: Listed) -> tuple[Camera, Site | None]:
    zone, site = str(row["zone"]), str(row.get("site", ""))
    contract, feeder = str(row.get("contract", "")), str(row.get("feeder", ""))
    camera = Camera(id_, str(row.get("name", id_)), "", 1, zone, site, contract=contract)
    uplinks = tuple(str(uplink) for uplink in row.get("uplinks", ()))
    return camera, Site(site, str(row.get("site_name", site)), zone, uplinks, feeder) if site else None


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
