"""The lines of open work orders: when each was opened, so that a dashboard can mark it."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import nlargest

from exporters import catalogue
from exporters.text import head, labels
from monitor.core.snapshot import Snapshot

#: So many orders are told one by one: the newest.
MOST_ORDERS = 500


def render(snapshot: Snapshot) -> Iterator[str]:
    """Yield the family of a snapshot."""
    yield head(catalogue.ORDER_OPENED)
    sites = snapshot.inventory.sites
    still = (order for order in snapshot.fleet.orders.values() if order.is_open)
    for order in nlargest(MOST_ORDERS, still, key=lambda one: (one.opened, one.id)):
        site = sites.get(order.site)
        said = (order.id, order.severity, order.site, site.zone if site is not None else "", order.owner)
        yield (
            f"{catalogue.ORDER_OPENED.name}{{{labels(zip(catalogue.ORDER_OPENED.labels, said, strict=True))}}}"
            f" {order.opened:.3f}\n"
        )
