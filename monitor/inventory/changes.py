"""What a reload changes: the devices to start, to stop and to start anew; everything else goes on undisturbed."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.core.model import Device, Inventory


@dataclass(frozen=True, slots=True)
class Changes:
    """Device ids: new ones, ones that are gone, and ones of which anything differs, be it a camera or a secret."""

    started: frozenset[str] = frozenset()
    stopped: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.started or self.stopped or self.changed)


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
