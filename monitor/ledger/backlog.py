"""What waits for the disk: bounded, so that a full disk costs detail but never the monitor's memory. Pure.

Rules:
1. Every event has a number, by rising order, also one that is lost.
2. What waits is taken as a whole: a step is never split, and memory is never newer or older than its events.
3. Over the capacity, of the events about one thing only the newest is kept. The numbers missing between are counted,
   and a ``Gap`` stands for them; so the facts after the gap are right, and the time within it is unseen.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from monitor.core.diagnosis.cause import CauseEvent, combined
from monitor.core.event import (
    AssetEvent,
    BatteryEvent,
    CalendarEvent,
    ConfigEvent,
    ContractEvent,
    DeviceEvent,
    Event,
    Gap,
    Heartbeat,
    NoteEvent,
    RungEvent,
    ScheduleEvent,
)
from monitor.core.workorder.order import OrderEvent
from monitor.ledger.codec import Json, Known

Numbered = tuple[int, Event]


class Batch(NamedTuple):
    """What goes into one transaction."""

    events: Sequence[Numbered]
    cameras: Mapping[str, Known | None]
    """What is known of each camera; None for one that is to be forgotten."""
    memory: Mapping[str, Json]


@dataclass(slots=True)
class Backlog:
    """Events and memory that wait. ``seq`` is the number of the newest event."""

    capacity: int
    seq: int
    _events: list[Numbered] = field(default_factory=list)
    _newest: dict[Hashable, Numbered] = field(default_factory=dict)
    _overflowed: int = 0
    _after: float = 0.0
    _by: float = 0.0
    _cameras: dict[str, Known | None] = field(default_factory=dict)
    _memory: dict[str, Json] = field(default_factory=dict)
    _last_at: float = 0.0
    _lost_before: int = 0

    def __bool__(self) -> bool:
        return bool(self._events or self._newest or self._cameras or self._memory)

    @property
    def waiting(self) -> int:
        """How many events wait."""
        return len(self._events) + len(self._newest)

    @property
    def lost(self) -> int:
        """How many events were lost since the start."""
        return self._lost_before + self._overflowed - len(self._newest)

    def put(
        self,
        events: Sequence[Event],
        cameras: Mapping[str, Known | None],
        memory: Mapping[str, Json],
        in_flight: int = 0,
    ) -> None:
        """Add a step. ``in_flight`` events were taken and are not on the disk yet."""
        over = bool(self._newest) or len(self._events) + in_flight + len(events) > self.capacity
        for event in events:
            self.seq += 1
            if over:
                self._overflow(event)
            else:
                self._events.append((self.seq, event))
                self._last_at = event.at
        self._cameras.update(cameras)
        self._memory.update(memory)

    def _overflow(self, event: Event) -> None:
        if not self._overflowed:
            self._after = self._last_at or event.at
        self._overflowed += 1
        self._by = event.at
        about = subject(event)
        _, before = self._newest.get(about, (0, None))
        if isinstance(before, CauseEvent) and isinstance(event, CauseEvent):
            event = combined(before, event)  # a change of members says nothing without those before it
        self._newest[about] = (self.seq, event)

    def take(self) -> Batch:
        """Return all that waits and forget it."""
        events = self._events + sorted(self._newest.values(), key=lambda numbered: numbered[0])
        lost = self._overflowed - len(self._newest)
        if lost:
            self._lost_before += lost
            self.seq += 1
            events.append((self.seq, Gap(self._by, "", self._after, self._by, lost, "the ledger could not be written")))
        batch = Batch(events, self._cameras, self._memory)
        self._events, self._newest, self._overflowed, self._cameras, self._memory = [], {}, 0, {}, {}
        return batch


def subject(event: Event) -> Hashable:
    """Return what an event is about: a newer one about the same makes it dispensable."""
    match event:
        case RungEvent():
            return ("rung", event.camera, event.vantage, event.rung)
        case DeviceEvent():
            return ("device", event.device, event.what, event.camera)
        case CauseEvent():
            return ("cause", event.cause)
        case BatteryEvent():
            return ("battery", event.site, event.cause)
        case NoteEvent():
            return ("note", event.cause)
        case Heartbeat() | Gap():
            return (type(event).__name__, event.vantage)
        case CalendarEvent():
            return ("calendar", event.entry, event.at)  # each says from when on something was known
        case AssetEvent():
            return ("asset", event.camera, event.at)
        case ContractEvent():
            return ("contract", event.contract, event.at)
        case ScheduleEvent():
            return ("schedule", event.at)
        case OrderEvent():
            return event  # each was said or done once
        case ConfigEvent():
            return event  # each tells other cameras that came or left
