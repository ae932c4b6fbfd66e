"""The plan of the city: where each camera stands, and its mark. Pure.

A camera's place in the plan is its index everywhere on the wire: in the plan, which changes only with the inventory,
and in the marks, which change all the time and are therefore short: a letter for the state, a number for the reason.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import cos, pi, radians

from monitor.core.model import Camera, Inventory, Position
from monitor.core.revision import put_since
from monitor.core.snapshot import Snapshot
from monitor.core.state import State, View
from monitor.core.verdict import REASONS, Reason
from monitor.web.board import Json

#: Metres in a degree of latitude, on a sphere of the earth's mean radius.
DEGREE_M = 6_371_008.8 * pi / 180

LETTERS: Mapping[State, str] = {
    State.UP: "u",
    State.DEGRADED: "g",
    State.UNREACHABLE: "r",
    State.DOWN: "d",
    State.UNKNOWN: "k",
}
MARK_REASONS: Mapping[Reason, int] = {reason: index for index, reason in enumerate(Reason)}


def plan(inventory: Inventory, version: str) -> Json:
    """Return the plan: zones, cameras with their place in metres east and south of the city's corner, and letters."""
    zone_ids = list(inventory.zones)
    places = _places(inventory)
    return {
        "version": version,
        "states": {letter: state.value for state, letter in LETTERS.items()},
        "reason_ids": [reason.value for reason in Reason],
        "reasons": [REASONS[reason].title for reason in Reason],
        "zones": [{"id": zone, "name": inventory.zones[zone]} for zone in zone_ids],
        "cameras": [
            [id_, camera.name, zone_ids.index(camera.zone) if camera.zone in inventory.zones else -1, *place]
            for (id_, camera), place in zip(inventory.cameras.items(), places, strict=True)
        ],
    }


def _places(inventory: Inventory) -> list[tuple[int | None, int | None]]:
    positions = [position_of(camera, inventory) for camera in inventory.cameras.values()]
    known = [position for position in positions if position is not None]
    if not known:
        return [(None, None)] * len(positions)
    west, north = min(p.longitude for p in known), max(p.latitude for p in known)
    middle = (north + min(p.latitude for p in known)) / 2
    narrowing = cos(radians(middle))
    return [
        (None, None)
        if p is None
        else (round((p.longitude - west) * DEGREE_M * narrowing), round((north - p.latitude) * DEGREE_M))
        for p in positions
    ]


def position_of(camera: Camera, inventory: Inventory) -> Position | None:
    """Return where a camera stands: its own position, otherwise its site's."""
    if camera.position is not None:
        return camera.position
    site = inventory.sites.get(camera.site)
    return site.position if site else None


def mark(view: View) -> str:
    """Return a camera's mark."""
    letter = LETTERS[view.state]
    return letter if view.reason is None else f"{letter}{MARK_REASONS[view.reason]}"


def marks(snapshot: Snapshot) -> list[str]:
    """Return the marks of all cameras, in the order of the plan."""
    return [mark(view) for view in snapshot.views.values()]


def places(inventory: Inventory) -> Mapping[str, int]:
    """Return each camera's place in the plan."""
    return {id_: place for place, id_ in enumerate(inventory.cameras)}


def moved(before: Snapshot, now: Snapshot, places: Mapping[str, int]) -> list[tuple[int, str]]:
    """Return which marks are not what they were; both snapshots are of one inventory, whose ``places`` these are."""
    fresh = [(id_, mark(now.views[id_])) for id_ in put_since(before.views, now.views)]
    return sorted((places[id_], new) for id_, new in fresh if mark(before.views[id_]) != new)


def marked(snapshot: Snapshot, cameras: Collection[str]) -> list[tuple[int, str]]:
    """Return the marks of some cameras, each with its camera's place in the plan."""
    views = enumerate(snapshot.views.items())
    return [(index, mark(view)) for index, (id_, view) in views if id_ in cameras]
