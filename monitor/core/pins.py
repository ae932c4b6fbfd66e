"""Which proofs of who a device is are pinned where, and which of them tell no two devices apart. Pure.

The work of a change is proportional to the pins that it changes: the first answers of a large fleet come by thousands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from monitor.core.identity import UNKNOWN, Identity, pinned_proofs
from monitor.core.model import Inventory
from monitor.core.revision import revised

Identities = Mapping[str, Identity]
"""By camera."""


class Pins(NamedTuple):
    """The proofs, folded, that are pinned at the cameras of an inventory."""

    at: Mapping[str, str] = {}
    """Each proof to a camera where it is pinned."""
    shared: frozenset[str] = frozenset()
    """Those that are pinned at several devices."""


NO_PINS = Pins()


def pins_of(identities: Identities, inventory: Inventory) -> Pins:
    """Return where proofs are pinned. Where another device answers, what is pinned is not there: it may have been
    carried to where it is seen now.
    """
    return _with(NO_PINS, ((id_, one) for id_, one in identities.items() if id_ in inventory.cameras), inventory)


def repinned(pins: Pins, before: Identities, now: Identities, cameras: Iterable[str], inventory: Inventory) -> Pins:
    """Return the pins where the identities of these cameras are, or are no longer, what they were ``before``."""
    gained: dict[str, Identity] = {}
    moved: dict[str, str] = {}
    gone: list[str] = []
    for camera in cameras:
        was, is_now = pinned_proofs(before.get(camera, UNKNOWN)), pinned_proofs(now.get(camera, UNKNOWN))
        lost = set(was).difference(is_now)
        if not lost.isdisjoint(pins.shared):
            return pins_of(now, inventory)
        if not set(was).issuperset(is_now):
            gained[camera] = now[camera]
        for proof in lost:
            if pins.at[proof] == camera:
                other = next(_beside(camera, proof, now, inventory), None)
                moved |= {proof: other} if other else {}
                gone += [] if other else [proof]
    return _with(Pins(revised(pins.at, moved, gone), pins.shared), gained.items(), inventory)


def _beside(camera: str, proof: str, identities: Identities, inventory: Inventory) -> Iterator[str]:
    """Yield the other cameras of a camera's device at which a proof is pinned."""
    for other in inventory.devices[inventory.cameras[camera].device].cameras:
        if other != camera and proof in pinned_proofs(identities.get(other, UNKNOWN)):
            yield other


def _with(pins: Pins, identities: Iterable[tuple[str, Identity]], inventory: Inventory) -> Pins:
    """Return the pins with those of some cameras."""
    put: dict[str, str] = {}
    shared: set[str] = set()
    for camera, identity in identities:
        for proof in pinned_proofs(identity):
            at = put.get(proof) or pins.at.get(proof)
            if at is None:
                put[proof] = camera
            elif inventory.cameras[at].device != inventory.cameras[camera].device:
                shared.add(proof)
    return Pins(revised(pins.at, put), pins.shared | shared if shared else pins.shared)
