"""Earlier work orders of the same thing or the same site, as the ledger has them."""

from __future__ import annotations

from monitor.core.workorder.order import OrderEvent, WorkOrder, folded
from monitor.ledger.reader import Reader

#: So many are told, the newest.
MOST = 10
_ORDER, _ACT, _KEY, _SITE = (f"json_extract(body, '$.{name}')" for name in ("order", "act", "key", "site"))
_SAME = f"{_ACT} = 'opened' AND ({_KEY} = ? OR ({_SITE} = ? AND {_SITE} <> '')) AND {_ORDER} <> ?"
_WHERE = (
    f"kind = 'order' AND {_ORDER} IN (SELECT {_ORDER} FROM events WHERE kind = 'order' AND {_SAME}"  # noqa: S608 - our own words
    f" ORDER BY seq DESC LIMIT {MOST})"
)


def before(reader: Reader, order: WorkOrder) -> list[WorkOrder]:
    """Return the orders that were opened there before, the newest first."""
    found: dict[str, WorkOrder] = {}
    for _, event in reader.select(_WHERE, (order.key, order.site, order.id)):
        if isinstance(event, OrderEvent):
            following = folded(found.get(event.order), event)
            if following is not None:
                found[event.order] = following
    return sorted(found.values(), key=lambda one: -one.opened)
