"""The words between the monitor and a prober; each is said in a list of them."""

from __future__ import annotations

from typing import Any, NamedTuple

from monitor.core.schedule import Rates
from monitor.probes.memory import Memory
from monitor.scheduler.look import Event


class Begin(NamedTuple):
    """The first word of the monitor: how often to ask, and how far ahead the time of login locks is."""

    rates: Rates
    ahead_s: float


class Call(NamedTuple):
    """What a prober is to do with its scheduler; one with a ``number`` is answered by a ``Reply``."""

    name: str
    arguments: tuple[Any, ...] = ()
    number: int | None = None


class Reply(NamedTuple):
    """What came of a call."""

    number: int
    value: Any


class Remembered(NamedTuple):
    """What is known of a device changed without a conversation."""

    device: str
    memory: Memory


class Glimpse(NamedTuple):
    """What happened in a look at a camera."""

    camera: str
    event: Event
