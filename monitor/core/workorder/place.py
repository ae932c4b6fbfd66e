"""Where a technician goes for a cause: the site of what failed, where that is one."""

from __future__ import annotations

from monitor.core.model import Inventory
from monitor.core.topology import Layer, Scope


def site_of(scope: Scope, inventory: Inventory) -> str:
    """Return the one site at which a device, a camera or a site stands; "" where there are several, or none."""
    layer, name = scope
    if layer is Layer.SITE:
        return name
    if layer not in (Layer.CAMERA, Layer.DEVICE):
        return ""
    device = inventory.devices.get(name) if layer is Layer.DEVICE else None
    ids = device.cameras if device is not None else (name,)
    sites = {inventory.cameras[id_].site for id_ in ids if id_ in inventory.cameras}
    return sites.pop() if len(sites) == 1 else ""
