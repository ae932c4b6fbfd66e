"""camfleet_order_opened_timestamp_seconds: a series of a work order while it is open."""

from __future__ import annotations

from dataclasses import replace

from prometheus_client.parser import text_string_to_metric_families as parse

from exporters import catalogue, orders
from monitor.core.snapshot import Snapshot
from monitor.core.workorder.order import WorkOrder


def opened(snapshot: Snapshot, *found: WorkOrder) -> dict[str, tuple[dict[str, str], float]]:
    """Return the labels and the moment of each order that is told."""
    fleet = replace(snapshot.fleet, orders={one.id: one for one in found})
    text = "".join(orders.render(replace(snapshot, fleet=fleet)))
    (family,) = parse(text)
    assert family.name == catalogue.ORDER_OPENED.name
    return {one.labels["order"]: ({**one.labels}, one.value) for one in family.samples}


def order(number: int, site: str = "", closed: float | None = None) -> WorkOrder:
    return WorkOrder(
        f"WO-{number:04}", "at some place", 1000.0 + number, "page", site, "network", ("c",), closed=closed
    )


def test_an_open_order_is_told_with_its_place(city: Snapshot) -> None:
    """With the site and the zone where it has one; a closed one is not told."""
    site = next(iter(city.inventory.sites.values()))
    told = opened(city, order(1, site.id), order(2), order(3, closed=5000.0), order(4, "gone"))
    assert told == {
        "WO-0001": (_labels("WO-0001", site.id, site.zone), 1001.0),
        "WO-0002": (_labels("WO-0002", "", ""), 1002.0),
        "WO-0004": (_labels("WO-0004", "gone", ""), 1004.0),
    }


def _labels(id_: str, site: str, zone: str) -> dict[str, str]:
    return {"order": id_, "severity": "page", "site": site, "zone": zone, "owner": "network"}


def test_of_too_many_the_newest_are_told(city: Snapshot) -> None:
    """A storm makes no page without end."""
    told = opened(city, *(order(number) for number in range(orders.MOST_ORDERS + 7)))
    assert len(told) == orders.MOST_ORDERS
    assert "WO-0006" not in told
    assert "WO-0007" in told
