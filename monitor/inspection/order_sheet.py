"""Work orders for a terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from monitor.core.times import Clock
from monitor.core.workorder.course import standing
from monitor.core.workorder.order import Act, OrderEvent, WorkOrder
from monitor.ledger.plain import printable

COLUMNS = ("order", "is", "what", "severity", "role", "since", "told", "answer")


def table(orders: Sequence[WorkOrder], clock: Clock) -> RenderableType:
    """Return a row for each order."""
    if not orders:
        return Text("No work order is open.")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in COLUMNS:
        table.add_column(column, no_wrap=column == "order")
    for order in orders:
        table.add_row(*map(Text, _row(order, clock)))
    return table


def _row(order: WorkOrder, clock: Clock) -> tuple[str, ...]:
    more = len(order.causes) - 1
    return (
        order.id,
        standing(order, clock.now),
        printable(order.events[0].why) + (f" and {more} more" if more else ""),
        order.severity,
        order.owner,
        clock.time(order.opened),
        _told(order),
        _answer(order, clock),
    )


def _told(order: WorkOrder) -> str:
    """Return over which channels people were told, and over which that waits."""
    told = dict.fromkeys(event.channel for event in order.events if event.act is Act.TOLD)
    waiting = [f"{channel} waits" for _, channel in sorted(order.waiting)]
    return ", ".join([*told, *waiting]) or "nobody"


def _answer(order: WorkOrder, clock: Clock) -> str:
    if order.answered is None:
        return "none"
    event = order.answered
    said = f"{event.act} by {event.who or 'somebody'}, {clock.time(event.at)}"
    return printable(f"{said}: {event.why}" if event.why else said)


def to_json(order: WorkOrder) -> dict[str, Any]:
    """Return an order with all that happened to it."""
    return {
        "id": order.id,
        "key": order.key,
        "severity": order.severity,
        "site": order.site,
        "role": order.owner,
        "causes": list(order.causes),
        "opened": _moment(order.opened),
        "cleared": _moment(order.cleared),
        "closed": _moment(order.closed),
        "answered": order.answered.act if order.answered else None,
        "false_alarm": order.is_false,
        "waiting": [{"occasion": occasion, "channel": channel} for occasion, channel in sorted(order.waiting)],
        "events": [_event(event) for event in order.events],
    }


def _event(event: OrderEvent) -> dict[str, Any]:
    """Return an event without what it does not tell of."""
    told = {name: value for name, value in event._asdict().items() if value and name not in ("at", "order")}
    return {"at": _moment(event.at), **told}


def _moment(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
