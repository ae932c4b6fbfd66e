"""Who is written in turns: what changes with every look of a large fleet is too much to be written at once.

A turn begins with a heartbeat, and goes on step by step until everybody had it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

#: So many a step: a fleet of over 30,000 takes longer than a minute.
TURNS_A_STEP = 500


class Turns:
    """The turns that are left."""

    def __init__(self) -> None:
        self._left: Iterator[str] | None = None

    @property
    def over(self) -> bool:
        """Whether everybody had a turn."""
        return self._left is None

    def begin(self, ids: Iterable[str]) -> None:
        """Begin with these; where others still have their turns, those go on."""
        if self._left is None:
            self._left = iter(tuple(ids))

    def take(self) -> Sequence[str]:
        """Return whose turn it is in this step."""
        if self._left is None:
            return ()
        ids = tuple(islice(self._left, TURNS_A_STEP))
        if len(ids) < TURNS_A_STEP:
            self._left = None
        return ids


class Waiting:
    """Devices of which something was learnt that may wait for its turn."""

    def __init__(self) -> None:
        self._ids: dict[str, None] = {}
        self._turns = Turns()

    def add(self, device: str) -> None:
        self._ids[device] = None

    def beat(self) -> None:
        """Let those that wait have their turns, with a heartbeat; the others wait for the next one."""
        if self._turns.over:
            self._turns.begin(self._ids)
            self._ids = {}

    def take(self) -> Sequence[str]:
        """Return whose turn it is in this step."""
        return self._turns.take()

    def rest(self) -> Iterator[str]:
        """Yield all that are left: no step follows."""
        while ids := self._turns.take():
            yield from ids
        yield from self._ids
