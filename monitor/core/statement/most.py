"""The few of many that come first by an order, kept while they pass."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")


class Most(Generic[Item]):
    """Keeps so many of the items whose keys are greatest; ``seen`` counts all. Keys are of one shape."""

    def __init__(self, number: int) -> None:
        self.seen = 0
        self._number = number
        self._heap: list[tuple[Any, int, Item]] = []

    def take(self, key: Any, make: Callable[[], Item]) -> None:
        """Keep what is made, where its key is one of the greatest; of equal keys the first one stays."""
        self.seen += 1
        if len(self._heap) < self._number:
            heapq.heappush(self._heap, (key, -self.seen, make()))
        elif key > self._heap[0][0]:
            heapq.heapreplace(self._heap, (key, -self.seen, make()))

    def add(self, later: Most[Item]) -> None:
        """Take in what another kept of items that come after these, as if they had passed here."""
        entries = [*self._heap, *((key, passed - self.seen, item) for key, passed, item in later._heap)]
        self._heap = heapq.nlargest(self._number, entries, key=lambda entry: entry[:2])
        heapq.heapify(self._heap)
        self.seen += later.seen

    def items(self) -> list[Item]:
        """Return what was kept, the greatest key first."""
        return [item for _, _, item in sorted(self._heap, key=lambda entry: entry[:2], reverse=True)]
