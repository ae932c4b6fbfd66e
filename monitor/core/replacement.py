"""A deliberate replacement: a person says that the device that answers now is the camera's own. Pure.

Without that the old pin stays, for ever. What the new device did before it was accepted stays credited to nobody.
"""

from __future__ import annotations

from monitor.core.event import Event
from monitor.core.fleet import Fleet, accept
from monitor.core.health import is_doubtful
from monitor.core.identity import ANYBODY, UNKNOWN, Identity, Who, accepted, recognise, told
from monitor.core.verdict import Rung

MOST_CHARACTERS = 200


class NothingToAccept(Exception):
    """No other device answers there, or the inventory says which one has to; the text is for a person."""


def replaced(fleet: Fleet, camera: str, by: str, why: str, at: float) -> tuple[Fleet, list[Event]]:
    """Return the fleet in which the device that answers for a camera is its own, for all its cameras; and the events.

    ``by`` and ``why`` are kept with them. Raises NothingToAccept.
    """
    device = fleet.inventory.devices[fleet.inventory.cameras[camera].device]
    _check(fleet, camera, device.id, at)
    events: list[Event] = []
    for one in device.cameras:
        if is_doubtful(fleet.cameras[one][Rung.IDENTITY]):
            known = fleet.identities.get(one, UNKNOWN)
            fleet, more = accept(fleet, one, accepted(known, at), _told(known, by, why), at)
            events += more
    return fleet, events


def _check(fleet: Fleet, camera: str, device: str, at: float) -> None:
    known = fleet.identities.get(camera, UNKNOWN)
    if not is_doubtful(fleet.cameras[camera][Rung.IDENTITY]):
        pinned = f"its own: {told(known.marks)}" if known.is_pinned else "not known by any serial number yet"
        raise NothingToAccept(f"No other device answers for {camera}; the one that does is {pinned}.")
    words = fleet.words.get(device, ANYBODY)
    if known.stranger and recognise(Identity(), known.stranger, at, words).who is Who.STRANGER:
        raise NothingToAccept(
            f"The inventory names the device that has to answer for {camera}. It was replaced by"
            f" {told(known.stranger)}: write that there, and load the inventory anew."
        )


def _told(known: Identity, by: str, why: str) -> str:
    fresh = told(known.stranger) if known.stranger else "whatever answers next"
    reason = f": {why[:MOST_CHARACTERS]}" if why else ""
    return f"{fresh} in place of {told(known.marks)}, by {by}{reason}"
