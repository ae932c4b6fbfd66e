"""Where the things that can fail lie, by the inventory alone.

Never by a cause's members: an alert whose label changes while they come and go is another alert, and pages again.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from monitor.core.model import Inventory, Site
from monitor.core.topology import Layer, Scope, path_of, switch_of


class Whereabout(NamedTuple):
    """The one site, zone and contract of all that a thing takes down with it; "" where there are several, or none."""

    site: str = ""
    zone: str = ""
    contract: str = ""


class Whereabouts:
    """Those of an inventory."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        contracts: defaultdict[str, set[str]] = defaultdict(set)
        for camera in inventory.cameras.values():
            contracts[camera.site].add(camera.contract)
        found: defaultdict[Scope, set[Whereabout]] = defaultdict(set)
        for site in inventory.sites.values():
            if site.id not in contracts:
                continue  # nothing there can fail
            place = Whereabout(site.id, site.zone, _one(contracts[site.id]))
            for scope in _above(site):
                found[scope].add(place)
        self._shared = {scope: _common(places) for scope, places in found.items()}

    def of(self, scope: Scope) -> Whereabout:
        """Return where what failed lies."""
        if scope.layer is Layer.CONTRACT:
            return Whereabout(contract=scope.name)
        if scope.layer not in (Layer.DEVICE, Layer.CAMERA):
            return self._shared.get(scope, Whereabout())
        device = self.inventory.devices.get(scope.name) if scope.layer is Layer.DEVICE else None
        ids = device.cameras if device is not None else (scope.name,)
        cameras = [self.inventory.cameras[id_] for id_ in ids if id_ in self.inventory.cameras]
        return _common({Whereabout(one.site, one.zone, one.contract) for one in cameras})


def _above(site: Site) -> list[Scope]:
    """Return the site, and what can fail above it."""
    scopes = [Scope(Layer.SITE, site.id)]
    if site.uplinks:
        scopes.append(Scope(Layer.UPLINK, path_of(site.uplinks)))
        if all(switches := [switch_of(uplink) for uplink in site.uplinks]):
            scopes.append(Scope(Layer.SWITCH, path_of(switches)))
    if site.feeder:
        scopes.append(Scope(Layer.FEEDER, site.feeder))
    return scopes


def _common(places: set[Whereabout]) -> Whereabout:
    return Whereabout(*(_one(set(names)) for names in zip(*places, strict=True))) if places else Whereabout()


def _one(names: set[str]) -> str:
    return next(iter(names)) if len(names) == 1 else ""
