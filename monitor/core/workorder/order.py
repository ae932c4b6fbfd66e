"""A work order and its events: opened by an alert, told to whom it concerns, answered by a person, closed by evidence.

Rules:
1. An order is what its events say: folding them gives the same order again, with the messages that still wait.
2. Each shared cause has one order; all other causes of one site and owner have one together (``key_of``). While an
   order is open, no other is open for the same key.
3. Its number comes from its key and its first cause, or, where a closed order has that, from this order's: the same
   wherever and however often it is computed.
4. A message is (occasion, channel): it waits from ``CALLED`` until it was taken (``TOLD``), given up (``GAVE_UP``), or
   nobody needs it any more.
"""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import blake2b
from typing import NamedTuple

from monitor.core.topology import Layer, Scope

#: Scopes of one device or one camera; all others several devices can share.
_OWN = (Layer.CAMERA, Layer.DEVICE)
_OF_A_SITE = "at "
#: Why somebody is called.
OPENING, ESCALATION, REMINDER, BACK = "opened", "nobody answered", "still open", "back again"
#: A closed order is at hand for so long; then the ledger alone knows it.
KEPT_S = 7 * 86400.0


class Act(StrEnum):
    """What an event says happened to an order."""

    OPENED = "opened"
    JOINED = "joined"
    """Another cause came to it."""
    CALLED = "called"
    """Somebody is to be told: messages wait from now on."""
    TOLD = "told"
    GAVE_UP = "gave up"
    """A channel did not take a message for as long as it is worth anything."""
    ON_MY_WAY = "on my way"
    TESTED = "tested"
    FOUND = "found"
    FALSE_ALARM = "false alarm"
    CLEARED = "cleared"
    """None of its causes is open any more and its cameras work; it is being watched whether that lasts."""
    RETURNED = "returned"
    """That did not last, or cannot be seen any more; with the cause that is open again, if it is the same."""
    MERGED = "merged"
    """Its causes went into those of another order."""
    CLOSED = "closed"

    def __str__(self) -> str:
        return self.value


#: What a person does; ``ANSWERS`` among them say that somebody has taken it on.
WORDS = (Act.ON_MY_WAY, Act.TESTED, Act.FOUND, Act.FALSE_ALARM)
ANSWERS = (Act.ON_MY_WAY, Act.FOUND, Act.FALSE_ALARM)
ENDS = (Act.CLOSED, Act.MERGED)


class OrderEvent(NamedTuple):
    """Something happened to a work order. What an event does not tell of is empty."""

    at: float
    order: str
    act: Act
    cause: str = ""
    key: str = ""
    site: str = ""
    owner: str = ""
    """Who has to do it, as a role."""
    severity: str = ""
    occasion: int = 0
    """The number of a call, from 1."""
    channels: tuple[str, ...] = ()
    channel: str = ""
    who: str = ""
    why: str = ""
    """What a cause is called; why somebody is called; what was found; why a message was given up."""
    other: str = ""
    """The order into which it merged."""
    cameras: tuple[str, ...] = ()
    """The cameras of a cause that opened it, or came to it."""


class Message(NamedTuple):
    """What waits to be told."""

    order: str
    occasion: int
    channel: str


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """One order, as its events left it."""

    id: str
    key: str
    opened: float
    severity: str
    site: str
    owner: str
    causes: tuple[str, ...]
    """All that were ever its causes, the first one first."""
    cameras: frozenset[str] = frozenset()
    """Those that its causes had when they came to it."""
    events: tuple[OrderEvent, ...] = field(default=(), repr=False)
    waiting: frozenset[tuple[int, str]] = frozenset()
    """Occasions and channels that have not been told yet."""
    calls: int = 0
    called: float = 0.0
    """When somebody was called last."""
    escalated: bool = False
    answered: OrderEvent | None = None
    """The newest answer of a person, unless the fault came back after it."""
    asked: float = 0.0
    """Since when an answer is wanted: since it was opened, or the fault came back."""
    cleared: float | None = None
    """Since when all is well."""
    mended: bool = False
    """Whether all was well at some time since the newest answer: then a cause that joins is the fault that is back."""
    closed: float | None = None

    @property
    def is_open(self) -> bool:
        return self.closed is None

    @property
    def is_false(self) -> bool:
        """Whether somebody said so, and nothing else later."""
        return self.answered is not None and self.answered.act is Act.FALSE_ALARM

    @property
    def is_shared(self) -> bool:
        return not self.key.startswith(_OF_A_SITE)

    def messages(self) -> list[Message]:
        """Return what waits to be told, the oldest first."""
        return [Message(self.id, *one) for one in sorted(self.waiting)]


Orders = Mapping[str, WorkOrder]


def key_of(kind: str, scope: Scope, site: str, owner: str) -> str:
    """Return what an order for a cause is about. Where a site is not known the device itself is the place."""
    if scope.layer not in _OWN:
        return f"{kind}, {scope}"
    return f"{_OF_A_SITE}{f'site {site}' if site else scope} for {owner}"


def order_id(key: str, cause: str) -> str:
    """Return the number of an order by its cause, or the order before it.

    It is short enough to be read out on a telephone, without letters to be taken amiss.
    """
    digest = b32encode(blake2b(f"{key}|{cause}".encode(), digest_size=5).digest()).decode()
    return f"WO-{digest[:4]}-{digest[4:]}"


def folded(order: WorkOrder | None, event: OrderEvent) -> WorkOrder | None:
    """Return an order after an event; None where there is none that it could be about."""
    if event.act is Act.OPENED:
        return WorkOrder(
            event.order,
            event.key,
            event.at,
            event.severity,
            event.site,
            event.owner,
            (event.cause,),
            frozenset(event.cameras),
            (event,),
            asked=event.at,
        )
    if order is None:
        return None
    events = (*order.events, event)
    match event.act:
        case Act.JOINED if event.cause not in order.causes:
            severity = event.severity if event.severity == "page" else order.severity
            causes, cameras = (*order.causes, event.cause), order.cameras | frozenset(event.cameras)
            joined = replace(order, events=events, causes=causes, severity=severity, cameras=cameras)
            return _asked_anew(joined, event.at)
        case Act.CALLED:
            fresh = frozenset((event.occasion, channel) for channel in event.channels)
            older = frozenset(one for one in order.waiting if one[1] not in event.channels)  # one says it all
            escalated = order.escalated or event.why == ESCALATION
            return replace(
                order,
                events=events,
                waiting=older | fresh,
                calls=event.occasion,
                called=event.at,
                escalated=escalated,
            )
        case Act.TOLD | Act.GAVE_UP:
            return replace(order, events=events, waiting=order.waiting - {(event.occasion, event.channel)})
        case Act.ON_MY_WAY | Act.FOUND | Act.FALSE_ALARM:
            mended = order.cleared is not None
            return replace(order, events=events, answered=event, waiting=frozenset(), mended=mended)
        case Act.CLEARED:
            return replace(order, events=events, cleared=event.at, mended=True)
        case Act.RETURNED:
            returned = replace(order, events=events, cleared=None)
            return _asked_anew(returned, event.at) if event.cause else returned
        case Act.CLOSED | Act.MERGED:
            return replace(order, events=events, closed=event.at, waiting=frozenset())
    return replace(order, events=events)


def _asked_anew(order: WorkOrder, at: float) -> WorkOrder:
    """Return an order of which a cause is open: if all was well since somebody answered, that holds no longer."""
    if not order.mended or order.answered is None:
        return order
    return replace(order, mended=False, answered=None, asked=at, escalated=False)


def after(orders: Orders, events: Iterable[OrderEvent]) -> Orders:
    """Return the orders after these events, without those that were closed long ago."""
    following = dict(orders)
    at = 0.0
    for event in events:
        at = max(at, event.at)
        order = folded(following.get(event.order), event)
        if order is not None:
            following[event.order] = order
    if not at:
        return orders
    return {id_: one for id_, one in following.items() if one.closed is None or at - one.closed <= KEPT_S}
