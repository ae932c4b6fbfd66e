"""What the page of a work order shows: everything worded, nothing left to the template but where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from monitor.core.fleet import Fleet
from monitor.core.model import Position, Site
from monitor.core.snapshot import Snapshot
from monitor.core.state import State
from monitor.core.workorder.course import GREEN_S, standing
from monitor.core.workorder.order import Act, WorkOrder
from monitor.core.workorder.words import FOUND
from monitor.sheet.order_facts import OrderFacts, facts
from monitor.sheet.order_telling import OrderTelling

MOST_SITES = 12
MOST_CAMERAS = 30
MOST_EVENTS = 30
MOST_TESTED = 3


def order_card(
    snapshot: Snapshot,
    order: WorkOrder,
    before: Sequence[WorkOrder],
    telling: OrderTelling,
    green_s: float = GREEN_S,
) -> dict[str, Any]:
    """Return what is shown of an order; ``before`` are earlier ones of the same spot.

    It is closed once all was well for ``green_s``.
    """
    found = facts(order, snapshot.fleet)
    say, now = telling.say, snapshot.at
    is_on = standing(order, now)
    return {
        "id": order.id,
        "headline": telling.headline(found),
        "is_open": order.is_open,
        "opened": telling.clock(order.opened),
        "owner": found.owner,
        "state": is_on,
        "state_word": say(f"order state {is_on}"),
        "note": _note(order, telling, green_s),
        "rows": telling.rows(found),
        "spot": _spot(found.position, found.place or found.what) if found.position else None,
        "sites": [_site(one) for one in found.sites[:MOST_SITES]] if not found.position else [],
        "more_sites": max(0, len(found.sites) - MOST_SITES) if not found.position else 0,
        "bring": telling.bring(found),
        "seen": [sentence for cause in found.causes[:MOST_SITES] for sentence in cause.evidence],
        "cameras": [_camera(id_, snapshot) for id_ in found.cameras[:MOST_CAMERAS]],
        "more_cameras": max(0, len(found.cameras) - MOST_CAMERAS),
        "happened": _happened(order, telling),
        "before": [_earlier(one, telling) for one in before],
        "found": [(one, say(f"found {one}")) for one in FOUND],
    }


def _note(order: WorkOrder, telling: OrderTelling, green_s: float) -> str:
    """Return what is to be said above all: it is over, or seems to be."""
    if order.events[-1].act is Act.MERGED:
        return telling.say("order merged", order=order.events[-1].other)
    if order.closed is not None:
        return telling.say("order closed")
    if order.cleared is not None:
        return telling.say("order cleared", moment=telling.clock(order.cleared), length=telling.lasting(green_s))
    return ""


def _spot(position: Position, name: str) -> dict[str, str]:
    """Return where a place is, for a map in the browser and for whatever navigates on the phone (RFC 5870)."""
    at = f"{position.latitude:.6f},{position.longitude:.6f}"
    latitude, _, longitude = at.partition(",")
    return {
        "name": name,
        "map": f"https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}#map=18/{latitude}/{longitude}",
        "geo": f"geo:{at}?q={at}({quote(name, safe='')})",
    }


def _site(site: Site) -> dict[str, str]:
    name = site.name or site.id
    return _spot(site.position, name) if site.position else {"name": name, "map": "", "geo": ""}


def _camera(id_: str, snapshot: Snapshot) -> dict[str, Any]:
    camera, view = snapshot.inventory.cameras.get(id_), snapshot.views.get(id_)
    return {"name": (camera.name or id_) if camera else id_, "works": view.state.working if view else None}


def _happened(order: WorkOrder, telling: OrderTelling) -> list[tuple[str, str]]:
    told = ((telling.clock(event.at), telling.happened(event)) for event in reversed(order.events))
    return [(at, said) for at, said in told if said][:MOST_EVENTS]


def _earlier(order: WorkOrder, telling: OrderTelling) -> tuple[str, str, str]:
    found = next((event for event in reversed(order.events) if event.act in (Act.FOUND, Act.FALSE_ALARM)), None)
    return telling.clock(order.opened), telling.apart(order.events[0].why), telling.happened(found) if found else ""


def to_test(order: WorkOrder, fleet: Fleet, snapshot: Snapshot) -> list[str]:
    """Return the cameras that tell most when they are asked now: those that do not work first, one of a device."""
    known: OrderFacts = facts(order, fleet)
    there = [id_ for id_ in known.cameras if id_ in snapshot.views]
    there.sort(key=lambda id_: (snapshot.views[id_].state in (State.UP, State.DEGRADED), id_))
    by_device = {fleet.inventory.cameras[id_].device: id_ for id_ in reversed(there)}
    return [id_ for id_ in there if by_device[fleet.inventory.cameras[id_].device] == id_][:MOST_TESTED]
