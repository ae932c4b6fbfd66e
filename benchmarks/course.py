"""What was seen of a monitor while a run lasted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

#: A monitor that was in time for so many seconds keeps up, if no check began later than this.
LATELY, IN_TIME_S = 10, 1.0


class Second(NamedTuple):
    """What the monitor told of a second, and what the kernel says of it until then. ``at`` is of the steady clock."""

    at: float
    told: Mapping[str, Any]
    cpu_s: float
    probers_cpu_s: float
    resident_bytes: int
    responder_cpu_s: float


class Phase(NamedTuple):
    """A part of a run, by the steady clock."""

    name: str
    began: float
    ended: float


class Course:
    """What was seen while a run lasted."""

    def __init__(self) -> None:
        self.seconds: list[Second] = []
        self.reads: list[tuple[float, str, float]] = []
        """When a page was asked for, which one, and for how long it was waited for."""
        self.summaries: list[tuple[float, Mapping[str, Any]]] = []
        self.phases: list[Phase] = []
        self.scrapes: dict[str, list[float]] = {}
        self.silent_at, self.healed_at = 0.0, 0.0

    @property
    def newest(self) -> Mapping[str, Any]:
        return self.summaries[-1][1] if self.summaries else {"states": {"up": 0}, "not_working": 0}

    @property
    def keeps_up(self) -> bool:
        """Whether checks began in time lately, so that none waits from before."""
        lately = self.seconds[-LATELY:]
        return len(lately) == LATELY and max(one.told["lag_s"] for one in lately) <= IN_TIME_S

    def within(self, phase: Phase) -> list[Second]:
        """Return the seconds of a phase."""
        return [one for one in self.seconds if phase.began <= one.at < phase.ended]

    def until(self, since: float, condition: Callable[[Mapping[str, Any]], bool]) -> float | None:
        """Return the seconds from a moment until a summary met a condition; None: none did."""
        return next((at - since for at, one in self.summaries if at >= since and condition(one)), None)


def counted(seconds: Sequence[Second], name: str) -> Counter[int]:
    """Return how often each value was told in these seconds, in milliseconds."""
    found: Counter[int] = Counter()
    for second in seconds:
        found.update({int(ms): count for ms, count in second.told[name].items()})
    return found or Counter({0: 1})


def share_of(counted: Counter[int], share: float) -> int:
    """Return the value that this share of all counted values does not exceed."""
    left = share * counted.total()
    for value in sorted(counted):
        left -= counted[value]
        if left <= 0:
            return value
    return max(counted)
