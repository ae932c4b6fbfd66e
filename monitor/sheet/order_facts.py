"""What is known of a work order now: its causes, what hangs on them, and where that is. Nothing is worded here."""

from __future__ import annotations

from typing import NamedTuple

from monitor.core.diagnosis.cause import Cause
from monitor.core.diagnosis.naming import headline, ordered, thing
from monitor.core.fleet import Fleet
from monitor.core.model import Inventory, Position, Site
from monitor.core.topology import Layer, Scope, switch_of
from monitor.core.workorder.order import WorkOrder


class OrderFacts(NamedTuple):
    """An order and what stands behind it."""

    order: WorkOrder
    causes: tuple[Cause, ...]
    """Its open causes, the largest first."""
    headline: str
    """In English; as it was when it was opened where nothing is open any more."""
    what: str
    """What failed, by its name."""
    owner: str
    """Whose it is: the party that the inventory names for the role."""
    cameras: tuple[str, ...]
    """The cameras of its open causes; those that it had where none is open."""
    sites: tuple[Site, ...]
    """Where they are."""
    place: str
    """Where to go, by its name; "" where that is not one place."""
    position: Position | None
    """Of that place."""
    after: float
    by: float
    """It began within this interval."""


def facts(order: WorkOrder, fleet: Fleet) -> OrderFacts:
    """Return what is known of an order."""
    inventory = fleet.inventory
    causes = tuple(ordered({id_: fleet.causes[id_] for id_ in order.causes if id_ in fleet.causes}))
    first = causes[0] if causes else None
    cameras = sorted({camera for cause in causes for camera in cause.members} or order.cameras)
    sites = {inventory.cameras[id_].site for id_ in cameras if id_ in inventory.cameras} & inventory.sites.keys()
    site = _site(order, first.scope if first else None, inventory, sites)
    return OrderFacts(
        order,
        causes,
        headline(first.kind, first.scope, inventory) if first else order.events[0].why,
        thing(first.scope, inventory) if first else order.events[0].why,
        inventory.owners.get(order.owner, order.owner),
        tuple(cameras),
        tuple(inventory.sites[id_] for id_ in sorted(sites)),
        (site.name or site.id) if site else "",
        site.position if site else _own(cameras, inventory),
        min((cause.onset[0] for cause in causes), default=order.opened),
        min((cause.onset[1] for cause in causes), default=order.opened),
    )


def _site(order: WorkOrder, scope: Scope | None, inventory: Inventory, sites: set[str]) -> Site | None:
    """Return where to go: the order's own site, that of the switch that carries a line, or the only one."""
    if order.site in inventory.sites:
        return inventory.sites[order.site]
    if scope is not None and scope.layer in (Layer.UPLINK, Layer.SWITCH):
        switch = switch_of(scope.name) if scope.layer is Layer.UPLINK else scope.name
        equipment = inventory.devices.get(switch)
        if equipment is not None and equipment.site in inventory.sites:
            return inventory.sites[equipment.site]
    return inventory.sites[next(iter(sites))] if len(sites) == 1 else None


def _own(cameras: list[str], inventory: Inventory) -> Position | None:
    """Return the position of the one camera of an order without a site."""
    if len(cameras) != 1 or cameras[0] not in inventory.cameras:
        return None
    return inventory.cameras[cameras[0]].position
