"""What another inventory changes: devices to start, to stop and to start anew; all others go on undisturbed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from monitor.core.model import Camera, Device, Inventory, Site

T = TypeVar("T", Camera, Device, Site)


@dataclass(frozen=True, slots=True)
class Changes:
    """Device ids: new ones, ones that are gone, and ones of which anything differs, be it a camera or a secret."""

    started: frozenset[str] = frozenset()
    stopped: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.started or self.stopped or self.changed)

    @property
    def touched(self) -> frozenset[str]:
        """All devices that are not in both inventories as they were."""
        return self.started | self.stopped | self.changed


def everything(old: Inventory, new: Inventory) -> Changes:
    """Return the changes by which all that there is is looked at anew."""
    both = old.devices.keys() & new.devices.keys()
    return Changes(frozenset(new.devices.keys() - both), frozenset(old.devices.keys() - both), frozenset(both))


def diff(old: Inventory, new: Inventory) -> Changes:
    """Compare two inventories device by device."""
    return Changes(
        started=frozenset(new.devices.keys() - old.devices.keys()),
        stopped=frozenset(old.devices.keys() - new.devices.keys()),
        changed=frozenset(id for id in new.devices.keys() & old.devices.keys() if _differs(id, old, new)),
    )


def _differs(id: str, old: Inventory, new: Inventory) -> bool:
    before, after = old.devices[id], new.devices[id]
    return before != after or _cameras(before, old) != _cameras(after, new)


def _cameras(device: Device, inventory: Inventory) -> list[object]:
    return [inventory.cameras[id] for id in device.cameras]


def settled(old: Inventory, new: Inventory) -> Inventory:
    """Return the new inventory with the old one's own values wherever they are the same: nothing is held twice."""
    return replace(
        new,
        devices=_settled(old.devices, new.devices),
        cameras=_settled(old.cameras, new.cameras),
        sites=_settled(old.sites, new.sites),
    )


def _settled(old: Mapping[str, T], new: Mapping[str, T]) -> dict[str, T]:
    kept = [before if (before := old.get(id)) is not None and before == one else one for id, one in new.items()]
    return {one.id: one for one in kept}
