"""A canary's standing: whether it answers, and if not, since when and why.

Two failures in a row make it silent, one answer undoes that; until one or the other nothing is known of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from types import MappingProxyType
from typing import NamedTuple

#: The canary that is always there; it answers on loopback, and so vouches for no line.
OWN_MODEL = "device model"
#: So many questions in a row without an answer are a silence.
FAILURES = 2


class Silence(NamedTuple):
    """A canary that does not answer: since when, (last good, first bad] by the wall clock, and what is wrong."""

    since: tuple[float, float]
    words: str


#: Canary to its silence, None where it answers; one of which that is not known yet is missing.
Answers = Mapping[str, Silence | None]
#: Vantage to its canaries.
Canaries = Mapping[str, Answers]
NO_ANSWERS: Answers = MappingProxyType({})
NO_CANARIES: Canaries = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one canary."""

    answers: bool | None = None
    """None: not yet known."""
    since: tuple[float, float] | None = None
    """(last good, first bad] of the failures that go on, by the wall clock; −∞ where it was never seen well."""
    why: str = ""
    """What the newest failure was, in words."""
    _failures: int = 0
    _good: float = -inf

    def answered(self, asked_at: float) -> Standing:
        """It answered what it was asked at a moment."""
        return Standing(True, _good=asked_at)

    def failed(self, at: float, why: str) -> Standing:
        """By a moment it had not answered."""
        failures = self._failures + 1
        answers = False if failures >= FAILURES else self.answers
        return Standing(answers, self.since or (self._good, at), why, min(failures, FAILURES), self._good)
