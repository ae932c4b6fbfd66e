"""What the ledger's memory keeps of a value that changes as a whole: what differs is written, by step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from monitor.ledger.codec import Json

T = TypeVar("T")


class Kept(Generic[T]):
    """A value and what of it was written. ``changes(before, now)`` is what to write where it is another object."""

    def __init__(self, value: Callable[[], T], changes: Callable[[T, T], dict[str, Json]], before: T) -> None:
        self._value = value
        self._changes = changes
        self._written = before

    def due(self) -> dict[str, Json]:
        """Return what is to be written now."""
        before, self._written = self._written, self._value()
        return {} if self._written is before else self._changes(before, self._written)
