"""The course of work orders: what an alert, a person, a cause's end and the clock make of them.

Rules:
1. An alert opens an order for an open cause that has none, and that nobody has acknowledged. That it is sent again, or
   by several Alertmanagers, means nothing. That it resolves means nothing either: alerts resolve for many reasons.
2. Evidence decides: when none of an order's causes is open and each of its cameras works, or has another cause by now,
   it is cleared; when that has lasted for ``green_s``, seen all the while, it is closed. What cannot be seen is no
   evidence. A cause that merged takes its order with it.
3. Whoever is called and does not answer is reminded, with growing waits; where a person is needed now, somebody else is
   called, once. An answer, or the acknowledgement of all its causes, holds for ``answer_s``; so does an end that is
   being watched, while it lasts. A fault that is back after all seemed well ends an answer: it is told again,
   ``escalate_s`` after the last call at the earliest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from monitor.core.acknowledgement import Acknowledgements
from monitor.core.diagnosis.cause import OPENING as OPENING_TURNS
from monitor.core.diagnosis.cause import Cause, CauseEvent, Causes, Kind, Turn
from monitor.core.workorder.order import (
    BACK,
    ESCALATION,
    OPENING,
    REMINDER,
    Act,
    OrderEvent,
    Orders,
    WorkOrder,
    after,
    key_of,
    order_id,
)

PAGE = "page"
#: How long nothing of an order may be seen wrong before it is closed, in seconds.
GREEN_S = 600.0


class Policy(NamedTuple):
    """Who is called, and when again. Times are in seconds."""

    channels: Mapping[str, tuple[str, ...]]
    """By role; ``ANYBODY`` for roles that have none of their own."""
    escalation: tuple[str, ...] = ()
    escalate_s: float = 900.0
    reminders_s: tuple[float, ...] = (3600.0, 4 * 3600.0, 12 * 3600.0, 86400.0)
    """How long after each call the next; the last one holds on."""
    answer_s: float = 8 * 3600.0
    green_s: float = GREEN_S

    def called(self, role: str) -> tuple[str, ...]:
        return self.channels.get(role) or self.channels.get(ANYBODY, ())


ANYBODY = "anybody"
NOBODY = Policy({})
#: Of so many cameras of a cause at the most evidence is wanted; a blind monitor has them all.
MOST_CAMERAS = 2000


class Alert(NamedTuple):
    """What an alert says of an open cause: where it lies, how grave it is, and what people call it."""

    cause: Cause
    site: str
    severity: str
    headline: str


class Known(NamedTuple):
    """What stands beside the orders: the open causes, which of them are acknowledged, and how cameras are."""

    causes: Causes
    acknowledgements: Acknowledgements
    is_well: Callable[[str], bool] = lambda _: True
    """Says of a camera that it works, that something else is known to be wrong with it, or that it is gone."""

    def open_of(self, order: WorkOrder) -> list[Cause]:
        return [self.causes[id_] for id_ in order.causes if id_ in self.causes]

    @property
    def blind(self) -> bool:
        """Whether the monitor itself cannot see: then nothing is watched."""
        return any(cause.kind is Kind.BLIND for cause in self.causes.values())


def standing(order: WorkOrder, now: float, answer_s: float = NOBODY.answer_s) -> str:
    """Return how an order stands, in a word: open, answered, cleared or closed."""
    if order.closed is not None:
        return "closed"
    if order.cleared is not None:
        return "cleared"
    return "answered" if order.answered is not None and now - order.answered.at < answer_s else "open"


def of_cause(orders: Orders, cause: str) -> WorkOrder | None:
    """Return the open order that a cause belongs to."""
    return next((one for one in orders.values() if one.is_open and cause in one.causes), None)


def alerted(orders: Orders, known: Known, alert: Alert, policy: Policy, now: float) -> list[OrderEvent]:
    """Return what an alert of an open cause means; nothing where it is known already."""
    cause, site, severity, said = alert
    cameras = _witnesses(cause)
    if cause.id in known.acknowledgements or of_cause(orders, cause.id) is not None:
        return []
    key = key_of(cause.kind, cause.scope, site, cause.owner)
    order = next((one for one in orders.values() if one.is_open and one.key == key), None)
    if order is None:
        id_ = _number(orders, key, cause.id)
        opened = OrderEvent(now, id_, Act.OPENED, cause.id, key, site, cause.owner, severity, why=said, cameras=cameras)
        return [opened, _call(id_, 1, policy.called(cause.owner), OPENING, now)]
    joined = OrderEvent(now, order.id, Act.JOINED, cause.id, severity=severity, why=said, cameras=cameras)
    if severity == PAGE != order.severity:
        return [joined, _call(order.id, order.calls + 1, policy.called(order.owner), OPENING, now)]
    return [joined]


def _number(orders: Orders, key: str, cause: str) -> str:
    """Return the number of a new order: not that of a closed one, whose fault lasted behind another one's."""
    number = order_id(key, cause)
    while number in orders:
        number = order_id(key, number)
    return number


def followed(orders: Orders, known: Known, judgements: Iterable[CauseEvent], now: float) -> list[OrderEvent]:
    """Return what causes that merge or come back mean: orders go with the first, and on with the others."""
    events: list[OrderEvent] = []
    for event in judgements:
        found = _merged(orders, known, event, now) if event.turn is Turn.MERGED else _back(orders, known, event, now)
        if found is not None:
            events.append(found)
            orders = after(orders, [found])
    return events


def _merged(orders: Orders, known: Known, event: CauseEvent, now: float) -> OrderEvent | None:
    """Return what it means to an order that one of its causes went into another."""
    order, taker = of_cause(orders, event.cause), of_cause(orders, event.other)
    if order is None:
        return None
    if taker is None:
        return _joined(order, known.causes.get(event.other), now)
    if taker.id != order.id and set(order.causes) <= {event.cause, *taker.causes}:
        return OrderEvent(now, order.id, Act.MERGED, other=taker.id)
    return None


def _back(orders: Orders, known: Known, event: CauseEvent, now: float) -> OrderEvent | None:
    """Return the event of an order that waited to be closed when the same fault came back."""
    if event.turn not in OPENING_TURNS or of_cause(orders, event.cause) is not None:
        return None
    waiting = (one for one in orders.values() if one.is_open and not known.open_of(one) and _is_its_own(one, event))
    order = next(waiting, None)
    return _joined(order, known.causes.get(event.cause), now) if order is not None else None


def _is_its_own(order: WorkOrder, event: CauseEvent) -> bool:
    """Say whether a cause is of the same shared thing, or of the same kind and of a camera of the order."""
    if order.is_shared:
        return order.key == key_of(event.kind, event.scope, "", "")
    kinds = {id_.rpartition("-")[0] for id_ in order.causes}
    return event.cause.rpartition("-")[0] in kinds and not order.cameras.isdisjoint(event.joined)


def _joined(order: WorkOrder, cause: Cause | None, now: float) -> OrderEvent | None:
    return OrderEvent(now, order.id, Act.JOINED, cause.id, cameras=_witnesses(cause)) if cause is not None else None


def step(orders: Orders, known: Known, policy: Policy, now: float) -> list[OrderEvent]:
    """Return what the time that passed means."""
    blind = known.blind
    return [event for order in orders.values() if order.is_open for event in _step(order, known, blind, policy, now)]


def resumed(orders: Orders, now: float) -> list[OrderEvent]:
    """Return what a restart means: nobody watched meanwhile whether what was well stayed so."""
    waiting = (one for one in orders.values() if one.is_open and one.cleared is not None)
    return [OrderEvent(now, one.id, Act.CLEARED) for one in waiting]


def _witnesses(cause: Cause) -> tuple[str, ...]:
    """Return the cameras that have to be seen well before an order for a cause is closed."""
    return tuple(sorted(cause.members)[:MOST_CAMERAS])


def _step(order: WorkOrder, known: Known, blind: bool, policy: Policy, now: float) -> Iterator[OrderEvent]:
    is_clear = not known.open_of(order) and not blind and all(map(known.is_well, order.cameras))
    if order.cleared is not None:
        if not is_clear:
            open_again = (cause.id for cause in known.open_of(order) if cause.id not in known.acknowledgements)
            yield OrderEvent(now, order.id, Act.RETURNED, next(open_again, ""))
        elif now - order.cleared >= policy.green_s:
            yield OrderEvent(now, order.id, Act.CLOSED)
    elif is_clear:
        yield OrderEvent(now, order.id, Act.CLEARED)
    elif not _is_answered(order, known, policy, now):
        yield from _called_again(order, policy, now)


def _is_answered(order: WorkOrder, known: Known, policy: Policy, now: float) -> bool:
    if order.answered is not None and now - order.answered.at < policy.answer_s:
        return True
    return all(cause.id in known.acknowledgements for cause in known.open_of(order))


def _called_again(order: WorkOrder, policy: Policy, now: float) -> Iterator[OrderEvent]:
    due_s = policy.reminders_s[min(order.calls, len(policy.reminders_s)) - 1]
    is_urgent = order.severity == PAGE and not order.escalated and now - order.asked >= policy.escalate_s
    if order.called < order.asked and now - order.called >= policy.escalate_s:
        yield _call(order.id, order.calls + 1, policy.called(order.owner), BACK, now)
    elif is_urgent and policy.escalation:
        yield _call(order.id, order.calls + 1, policy.escalation, ESCALATION, now)
    elif now - order.called >= due_s:
        yield _call(order.id, order.calls + 1, policy.called(order.owner), REMINDER, now)


def _call(order: str, occasion: int, channels: tuple[str, ...], why: str, now: float) -> OrderEvent:
    return OrderEvent(now, order, Act.CALLED, occasion=occasion, channels=channels, why=why)
