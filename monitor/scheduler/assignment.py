"""What whoever asks a device is given to begin with, and what comes back of each conversation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from monitor.core.model import Camera, Device, Inventory
from monitor.probes.base import Result
from monitor.probes.memory import Memory
from monitor.scheduler.budget import Buckets


class Assignment(NamedTuple):
    """A device that is to be asked from now on."""

    device: Device
    cameras: tuple[Camera, ...] = ()
    """Its cameras, by rising channel."""
    memory: Memory = Memory()
    """What earlier conversations learnt."""
    buckets: Buckets | None = None
    """What is left of its budgets, where it was asked before."""
    surveyed_s: float | None = None
    """When it was surveyed last, in seconds from now; None: never."""


class Answer(NamedTuple):
    """What came of a conversation, and what is known of the device since."""

    result: Result
    memory: Memory


def assignments(
    inventory: Inventory,
    devices: Iterable[Device],
    memories: Mapping[str, Memory] = {},
    buckets: Mapping[str, Buckets] = {},
    surveyed_s: Mapping[str, float] = {},
) -> Iterator[Assignment]:
    """Yield the assignments of these devices of an inventory."""
    for device in devices:
        yield Assignment(
            device,
            tuple([inventory.cameras[id_] for id_ in device.cameras]),
            memories.get(device.id, Memory()),
            buckets.get(device.id),
            surveyed_s.get(device.id),
        )
