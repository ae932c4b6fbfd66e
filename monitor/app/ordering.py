"""A monitor's work orders: alerts and people's words taken in, time taken into account, messages sent."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import partial

from exporters.selfmetrics import SelfMetrics
from monitor.core import fleet as fleets
from monitor.core.diagnosis.cause import Cause, CauseEvent
from monitor.core.diagnosis.naming import headline
from monitor.core.event import Event
from monitor.core.fleet import Fleet
from monitor.core.workorder import course, words
from monitor.core.workorder.course import NOBODY, Alert, Known, Policy
from monitor.core.workorder.order import Act, Message, OrderEvent
from monitor.core.workorder.paging import Paging
from monitor.core.workorder.place import site_of
from monitor.core.workorder.words import Said
from monitor.ledger.ledger import Ledger
from monitor.orders import channels, message
from monitor.orders.outbox import Outbox
from monitor.probes.base import Clocks

log = logging.getLogger("camfleet")

#: What is logged of an order.
_LOGGED: Mapping[Act, int] = {
    Act.OPENED: logging.WARNING,
    Act.GAVE_UP: logging.ERROR,
    Act.CLOSED: logging.INFO,
    Act.MERGED: logging.INFO,
}


class WorkOrders:
    """The orders of one monitor, beside its fleet, which holds them."""

    def __init__(self, clocks: Clocks, metrics: SelfMetrics) -> None:
        self.paging: Paging | None = None
        self._clocks = clocks
        self._metrics = metrics
        self._outbox = Outbox(self._send, clocks.monotonic)
        self._fleet: Fleet | None = None
        self._failing: Mapping[str, str] = {}

    def use(self, paging: Paging | None) -> None:
        """Call these people from now on."""
        self.paging = paging

    @property
    def policy(self) -> Policy:
        return self.paging.policy if self.paging is not None else NOBODY

    def begin(self, fleet: Fleet, now: float) -> tuple[Fleet, list[OrderEvent]]:
        """Take up the orders that an earlier run left."""
        events = course.resumed(fleet.orders, now)
        return fleets.ordered(fleet, events), events

    def alerted(self, fleet: Fleet, cause: Cause, severity: str, now: float) -> tuple[Fleet, list[OrderEvent]]:
        """Take in an alert of an open cause."""
        known = Known(fleet.causes, fleet.acknowledgements)
        said = headline(cause.kind, cause.scope, fleet.inventory)
        alert = Alert(cause, site_of(cause.scope, fleet.inventory), severity, said)
        events = course.alerted(fleet.orders, known, alert, self.policy, now)
        return self._after(fleet, events)

    def said(self, fleet: Fleet, said: Said, now: float) -> tuple[Fleet, list[OrderEvent]]:
        """Take in a person's word. Raises words.NotTaken."""
        return self._after(fleet, [words.said(fleet.orders, said, now)])

    def step(self, fleet: Fleet, events: Iterable[Event], now: float) -> tuple[Fleet, list[OrderEvent]]:
        """Take in what a step brought, and what became of messages."""
        judgements = [event for event in events if isinstance(event, CauseEvent)]
        known = Known(fleet.causes, fleet.acknowledgements, partial(_is_well, fleet))
        merged = course.followed(fleet.orders, known, judgements, now)
        fleet, found = self._after(fleet, [*self._outbox.taken(now), *merged])
        fleet, more = self._after(fleet, course.step(fleet.orders, known, self.policy, now))
        return fleet, [*found, *more]

    def mind(self, fleet: Fleet, ledger: Ledger, seq: int) -> None:
        """Send what is due, and log what fails in that."""
        self._fleet = fleet
        if self.paging is not None:
            self._outbox.mind(fleet.orders, seq, ledger.recorded_seq, ledger.failing is None)
        failing = self._outbox.failing
        for channel, why in failing.items():
            if self._failing.get(channel) != why:
                log.error("%s does not take what it is told of work orders: %s", channel, why)
        for channel in self._failing.keys() - failing.keys():
            log.warning("%s takes what it is told of work orders again", channel)
        self._failing = failing
        now = self._clocks.wall()
        states = Counter(course.standing(one, now) for one in fleet.orders.values())
        self._metrics.orders(states, self.paging.channels if self.paging else (), failing)

    async def close(self) -> None:
        await self._outbox.close()

    def _after(self, fleet: Fleet, events: list[OrderEvent]) -> tuple[Fleet, list[OrderEvent]]:
        for event in events:
            before = fleet.orders.get(event.order)
            self._metrics.ordered(event, is_news=before is None or not before.is_false)
            if event.act in _LOGGED:
                log.log(_LOGGED[event.act], "%s %s%s", event.order, event.act, f": {event.why}" if event.why else "")
        return fleets.ordered(fleet, events), events

    async def _send(self, waiting: Message) -> bool:
        assert self._fleet is not None, "messages are sent after a step"
        paging, now = self.paging, self._clocks.wall()
        told = message.told(waiting, self._fleet, paging, now) if paging is not None else None
        if told is None or paging is None:
            return False
        await channels.send(paging.channels[waiting.channel], waiting, told, now)
        return True


def _is_well(fleet: Fleet, camera: str) -> bool:
    """Say whether a camera works, has a cause that is open, or has left the inventory."""
    standing = fleet.standings.get(camera)
    return standing is None or standing.state.working is True or camera in fleet.causes_of
