"""The work orders, as the ledger's memory keeps them from one run to the next: each as its events."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from monitor.core.workorder.order import OrderEvent, Orders, after
from monitor.ledger.codec import Json, decode_kept, encode_event
from monitor.ledger.errors import LedgerError

#: What its key in the ledger's memory begins with; the order's number follows.
PREFIX = "order/"


def changes(before: Orders, now: Orders) -> dict[str, Json]:
    """Return what is to be written: those that are not as before, and None for those that are not kept any more."""
    fresh: dict[str, Json] = {
        PREFIX + id_: [json.loads(encode_event(event)) for event in one.events]
        for id_, one in now.items()
        if before.get(id_) is not one
    }
    return fresh | {PREFIX + id_: None for id_ in before if id_ not in now}


def restored(memory: Mapping[str, Any]) -> Orders:
    """Return the orders that an earlier run left; LedgerError where one of them cannot be read."""
    orders: dict[str, Any] = {}
    for key, kept in memory.items():
        if not key.startswith(PREFIX):
            continue
        if not isinstance(kept, list):
            raise LedgerError(f"The ledger's memory of {key!r} cannot be read: it is no list.")
        events = decode_kept("order", {f"{key}[{number}]": value for number, value in enumerate(kept)})
        orders |= after({}, [event for event in events if isinstance(event, OrderEvent)])
    return orders
