"""What the pages draw on: handed in by the composition root, read by every page, changed by none."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from monitor.core.event import Event
from monitor.core.handover import Handover, Shift
from monitor.core.snapshot import Snapshot
from monitor.probes.transcript import Conversation
from monitor.web.feed import Feed
from monitor.web.tokens import Tokens

#: Renders a snapshot as the text of ``/metrics``, in pieces; the loop gets its turn between two of them.
Metrics = Callable[[Snapshot], Iterable[bytes]]
#: Says what keeps the monitor from recording what it sees, in a sentence, or None.
Health = Callable[[], str | None]


class Recalls(Protocol):
    """Keeps the newest conversations with each device, here or in other processes."""

    async def recall(self, device: str) -> Sequence[Conversation]:
        """Return what was said with a device lately, newest first."""


@dataclass(frozen=True, slots=True)
class Archive:
    """What the ledger tells of causes. Both read the disk, and raise LedgerError where it cannot be read."""

    history: Callable[[str], Sequence[Event]] = lambda _: ()
    """All events about a cause, oldest first."""
    handed_over: Callable[[Shift], Handover] | None = None
    """The hand-over sheet of a shift; None where there is no ledger."""


#: Nothing is told of the past.
NO_ARCHIVE = Archive()


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that a page may read."""

    feed: Feed
    journal: Recalls
    metrics: Metrics
    metrics_type: str
    """The content type of what ``metrics`` renders."""
    health: Health
    tokens: Tokens | None = None
    """Who may read. None: everybody on this machine, and nobody else."""
    names: frozenset[str] = frozenset()
    """Host names under which this server may be addressed, beside the loopback's own."""
    wall: Callable[[], float] = time.time
    trouble: Health = lambda: None
    """Says what somebody has to mend at the monitor itself; it stands above every page."""
    archive: Archive = NO_ARCHIVE


SOURCES: web.AppKey[Sources] = web.AppKey("sources", Sources)
