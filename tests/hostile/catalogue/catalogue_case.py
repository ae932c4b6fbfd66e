"""What a row of the catalogue says: what a peer does to which probe, and what may become of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from peers.hostile import Handler
from talks import QUICK

from monitor.core.model import Camera
from monitor.core.schedule import Deadlines
from monitor.probes.base import Result
from monitor.probes.memory import Memory

#: One reply's deadline, with what a loaded machine needs.
ONE_REPLY_S = QUICK.reply_s + 2.0
#: A media check: as long as video is looked at, then the session's end.
MEDIA_S = QUICK.first_packet_s + 2.0 + 1.5

#: For what ends by itself.
PATIENT = replace(QUICK, reply_s=5.0, probe_s=20.0)

Datagrams = Callable[[bytes], Iterable[bytes]]


@dataclass(frozen=True)
class Case:
    """One hostile peer. ``said`` holds for those rungs; ``detail`` begins the first one's."""

    peer: Handler | None = None
    said: Mapping[str, str] = field(default_factory=dict)
    detail: str = ""
    named: Callable[[int], Handler] | None = None
    """For peers that name another host: makes one from the port of a listener that must never be called."""
    datagrams: Datagrams | None = None
    probe: str = "onvif"
    within_s: float = ONE_REPLY_S
    logins: int = 0
    """How often our login may be shown."""
    memory: Memory = field(default_factory=Memory)
    camera: Camera | None = None
    waits: bool = False
    """Whether a deadline ends the check; what ends by itself gets more time than it needs, also on a busy machine."""
    holds: Callable[[Result], bool] = lambda result: True
    """What else is true of the result."""

    @property
    def deadlines(self) -> Deadlines:
        return QUICK if self.waits else PATIENT

    @property
    def most_s(self) -> float:
        """How long the check may take."""
        return self.within_s + self.deadlines.reply_s - QUICK.reply_s


Rows = Mapping[str, Case]
