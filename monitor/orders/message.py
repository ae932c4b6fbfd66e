"""A message about a work order: for people as a title and a text, for programs as plain values."""

from __future__ import annotations

from datetime import UTC, datetime
from math import isfinite
from typing import Any, NamedTuple

from monitor.core.fleet import Fleet
from monitor.core.model import Position
from monitor.core.workorder import link
from monitor.core.workorder.order import Act, Message, OrderEvent, WorkOrder
from monitor.core.workorder.paging import Paging
from monitor.paper.words import words
from monitor.sheet.order_facts import OrderFacts, facts
from monitor.sheet.order_telling import OrderTelling

#: So many cameras and sites are named where there are more.
MOST_NAMED = 100


class Told(NamedTuple):
    """What a channel is given."""

    title: str
    text: str
    values: dict[str, Any]


def told(message: Message, fleet: Fleet, paging: Paging, now: float) -> Told | None:
    """Return a message as it is now; None where its order or its channel is gone."""
    order, channel = fleet.orders.get(message.order), paging.channels.get(message.channel)
    call = _call(order, message.occasion) if order is not None else None
    if order is None or channel is None or call is None:
        return None
    found = facts(order, fleet)
    telling = OrderTelling(words(channel.language), paging.time_zone)
    url = paging.public_url + link.path(paging.links.reveal(), order.id)
    if channel.language != "en":
        url += f"?lang={channel.language}"
    title, text = telling.title(found), telling.text(found, call, url, now)
    return Told(title, text, {"title": title, "text": text, "url": url, **_values(found, call)})


def _call(order: WorkOrder, occasion: int) -> OrderEvent | None:
    return next((one for one in order.events if one.act is Act.CALLED and one.occasion == occasion), None)


def _values(found: OrderFacts, call: OrderEvent) -> dict[str, Any]:
    order = found.order
    return {
        "order": order.id,
        "occasion": call.occasion,
        "why": call.why,
        "severity": order.severity,
        "opened": _moment(order.opened),
        "since": _moment(found.by) if isfinite(found.after) else None,
        "role": order.owner,
        "owner": found.owner,
        "headline": found.headline,
        "causes": [
            {
                "id": one.id,
                "kind": one.kind,
                "layer": one.scope.layer,
                "scope": one.scope.name,
                "evidence": one.evidence,
            }
            for one in found.causes[:MOST_NAMED]
        ],
        "place": found.place,
        "position": _place(found.position),
        "cameras": len(found.cameras),
        "members": list(found.cameras[:MOST_NAMED]),
        "sites": [one.id for one in found.sites[:MOST_NAMED]],
    }


def _place(position: Position | None) -> list[float] | None:
    return [position.latitude, position.longitude] if position is not None else None


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
