"""What waits to be told: sent once the ledger has it, tried again with growing waits, given up in the end.

Rules:
1. Which messages wait is the orders' business (``core.workorder``), and so in the ledger: a restart loses none.
2. Nothing is sent before the ledger has recorded that it waits, unless the ledger cannot be written at all: then people
   are told all the same.
3. That a message was taken is recorded with the next step. Whoever is killed in between sends it again, under the same
   number: that is the only duplicate.
4. What is urgent goes first. A channel that hangs or refuses keeps no other one waiting: it never has all the places,
   and one only while its last attempt failed.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from monitor.core.workorder.course import PAGE
from monitor.core.workorder.order import Act, Message, OrderEvent, Orders
from monitor.orders.channels import NotTaken

FIRST_RETRY_S = 5.0
LONGEST_RETRY_S = 300.0
#: After so many attempts (some three hours) a message is given up; a reminder takes its place.
MOST_ATTEMPTS = 40
#: So many are under way at once, and so many of them over one channel.
MOST_AT_ONCE, MOST_OF_ONE = 4, 3

#: Has a channel take a message; False where nobody needs it any more. Raises NotTaken.
Send = Callable[[Message], Awaitable[bool]]


@dataclass(slots=True)
class _Waiting:
    """A message that waits: from which event on, how often it was tried, and when it is due again."""

    seq: int
    urgent: bool = False
    attempts: int = 0
    due: float = 0.0
    task: asyncio.Task[bool] | None = None
    why: str = ""


class Outbox:
    """The messages of one monitor. ``monotonic`` is its clock."""

    def __init__(self, send: Send, monotonic: Callable[[], float]) -> None:
        self._send = send
        self._monotonic = monotonic
        self._waiting: dict[Message, _Waiting] = {}

    def taken(self, now: float) -> list[OrderEvent]:
        """Return what became of messages since the last call, as events."""
        events: list[OrderEvent] = []
        for message, waiting in list(self._waiting.items()):
            task = waiting.task
            if task is None or not task.done() or task.cancelled():
                continue
            waiting.task = None
            error = task.exception()
            event = OrderEvent(now, message.order, Act.TOLD, occasion=message.occasion, channel=message.channel)
            if error is None:
                events += [event] if task.result() else []
                del self._waiting[message]
                continue
            waiting.why = str(error) if isinstance(error, NotTaken) else type(error).__name__
            if waiting.attempts >= MOST_ATTEMPTS:
                events.append(event._replace(act=Act.GAVE_UP, why=waiting.why))
                del self._waiting[message]
            else:
                delay_s = min(FIRST_RETRY_S * 2 ** (waiting.attempts - 1), LONGEST_RETRY_S)
                waiting.due = self._monotonic() + delay_s
        return events

    def mind(self, orders: Orders, seq: int, recorded_seq: int, recording: bool) -> None:
        """Send what is due. ``seq`` is the newest event's number, ``recorded_seq`` the newest that the ledger has."""
        wanted = [message for order in orders.values() for message in order.messages()]
        for gone in self._waiting.keys() - set(wanted):
            task = self._waiting[gone].task
            if task is None:
                del self._waiting[gone]  # what is under way goes on: it may have been taken already
        for message in wanted:
            self._waiting.setdefault(message, _Waiting(seq, orders[message.order].severity == PAGE))
        for message in list(self._due(recorded_seq, recording)):
            waiting = self._waiting[message]
            waiting.attempts += 1
            waiting.task = asyncio.create_task(_sent(self._send(message)))

    def _due(self, recorded_seq: int, recording: bool) -> Iterator[Message]:
        """Yield what is to be sent now, the urgent first."""
        under_way = Counter(message.channel for message, one in self._waiting.items() if one.task is not None)
        now, failing = self._monotonic(), self.failing
        ready = [
            message
            for message, one in self._waiting.items()
            if one.task is None and one.due <= now and (recorded_seq >= one.seq or not recording)
        ]
        for message in sorted(ready, key=lambda one: not self._waiting[one].urgent):
            room = 1 if message.channel in failing else MOST_OF_ONE
            if under_way.total() < MOST_AT_ONCE and under_way[message.channel] < room:
                under_way[message.channel] += 1
                yield message

    @property
    def failing(self) -> dict[str, str]:
        """Why the newest attempt to tell failed, by channel; a channel that takes what it is told is not in it."""
        return {message.channel: one.why for message, one in self._waiting.items() if one.why}

    def __len__(self) -> int:
        return len(self._waiting)

    async def close(self) -> None:
        """Stop what is under way: it waits in the ledger, and is sent by the next run."""
        tasks = [one.task for one in self._waiting.values() if one.task is not None]
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError, Exception):
                await task


async def _sent(sending: Awaitable[bool]) -> bool:
    return await sending
