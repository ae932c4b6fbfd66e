"""The faults a city can have: how many cameras each hits in the default city, and the true state it leaves them in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

DEFAULT_CAMERAS = 1_800
FEWEST_CAMERAS = 30


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One row of the table. ``state`` and ``working`` are the truth about a camera that has this fault.

    ``working`` is None where nobody can know: a camera whose sessions others hold is never seen streaming.
    """

    name: str
    cameras: int
    shows: str
    state: str
    working: bool | None

    @property
    def structural(self) -> bool:
        """True where the fault is of the line or the power that many sites share."""
        return self.name in ("fibre", "feeder")


NOT_WORKING: Sequence[FaultKind] = (
    FaultKind("fibre", 236, "everything behind three uplinks is silent", "unreachable", False),
    FaultKind("feeder", 120, "all sites of one feeder are silent", "unreachable", False),
    FaultKind("dead", 64, "one device silent, its neighbours fine", "down", False),
    FaultKind("hung", 60, "TCP connects, nothing answers", "down", False),
    FaultKind("password", 40, "the login is refused", "down", False),
    FaultKind("stream_server", 30, "ONVIF fine, RTSP 404 or 500", "down", False),
    FaultKind("no_video", 50, "PLAY 200, no packet follows", "down", False),
)

ODDITIES: Sequence[FaultKind] = (
    FaultKind("clock", 45, "the clock is off by minutes to years", "degraded", True),
    FaultKind("sd_card", 30, "the SD card has failed", "degraded", True),
    FaultKind("flapping", 20, "silent for 5 to 8 s, then answering for at least 40 s", "up", True),
    FaultKind("slow", 15, "3 to 4 s an answer", "up", True),
    FaultKind("malformed", 20, "malformed HTTP or RTSP", "up", True),
    FaultKind("other_host", 10, "the addresses it gives name another host", "up", True),
    FaultKind("onvif_off", 25, "ONVIF is switched off", "degraded", True),
    FaultKind("busy", 12, "453 or 503: others hold its sessions", "unknown", None),
)

#: Faults that no city begins with: a certificate changes only where another was seen before.
LATER: Sequence[FaultKind] = (
    FaultKind("certificate_expired", 0, "its certificate has expired", "up", True),
    FaultKind("certificate_changed", 0, "it shows another certificate than before", "down", False),
)

KINDS: Mapping[str, FaultKind] = {kind.name: kind for kind in (*NOT_WORKING, *ODDITIES, *LATER)}

#: Faults that only some makes can have (see the makes' own tables for why).
ONLY_ON: Mapping[str, tuple[str, ...]] = {"sd_card": ("dahua",), "onvif_off": ("hikvision", "reolink")}


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of one device. ``variant`` counts the devices that share it, so that every kind of it occurs."""

    name: str
    variant: int = 0


@dataclass(frozen=True, slots=True)
class Truth:
    """What is so about one camera. ``working`` None: unknown to anyone outside."""

    fault: str
    state: str
    working: bool | None


HEALTHY = Truth(fault="", state="up", working=True)


def truth_of(fault: str) -> Truth:
    """The truth about a camera with this fault ("" for none)."""
    if not fault:
        return HEALTHY
    kind = KINDS[fault]
    return Truth(fault=kind.name, state=kind.state, working=kind.working)


def apportion(total: int, weights: Sequence[float], least: int = 0) -> list[int]:
    """Split ``total`` by ``weights`` (largest remainder), each part at least ``least`` where the total allows it."""
    least = least if total >= least * len(weights) else 0
    shares = [total * weight / sum(weights) for weight in weights]
    parts = [max(least, int(share)) for share in shares]
    while gap := total - sum(parts):
        step = 1 if gap > 0 else -1
        movable = [i for i in range(len(parts)) if step > 0 or parts[i] > least]
        parts[max(movable, key=lambda i: step * (shares[i] - parts[i]))] += step
    return parts


def fault_counts(cameras: int) -> dict[str, int]:
    """How many cameras each fault hits in a city of this size: the table, scaled; a third of the city does not work."""
    counts: dict[str, int] = {}
    for kinds in (NOT_WORKING, ODDITIES):
        of_default = sum(kind.cameras for kind in kinds)
        total = max(len(kinds), round(cameras * of_default / DEFAULT_CAMERAS))
        counts |= zip((kind.name for kind in kinds), apportion(total, [kind.cameras for kind in kinds], 1), strict=True)
    return counts
