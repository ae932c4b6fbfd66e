"""The names of one section: each used once, each reference to one that exists."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Generic, TypeVar

from monitor.inventory.document import Origin
from monitor.inventory.entries import Entry
from monitor.inventory.findings import Findings
from monitor.inventory.mistake import shown

Value = TypeVar("Value")


class Names(Generic[Value]):
    """Values by id, and the entry that has each id. ``noun`` is what messages call one of them.

    An id of an entry with mistakes is known too: who refers to it makes no second mistake. ``is_shown`` is false where
    what is written instead of a name may be a password.
    """

    def __init__(self, noun: str, findings: Findings, maimed: Iterable[Entry[Any]], is_shown: bool = True) -> None:
        self.values: dict[str, Value] = {}
        self.entries: dict[str, Entry[Any]] = {}
        self._noun = noun
        self._findings = findings
        self._is_shown = is_shown
        for entry in maimed:
            name = entry.written.get("id")
            if isinstance(name, str):
                self.claim(name, entry)

    def claim(self, name: str, entry: Entry[Any], hint: str = "") -> bool:
        """Whether this id is free; if not, that is a mistake here."""
        first = self.entries.setdefault(name, entry)
        if first is entry:
            return True
        if _is_later(first, entry):
            first, entry = entry, first
        message = f"the {self._noun} {shown(name)} is written twice: already"
        self._findings.add(entry.at_id, message, hint, first.at_id)
        return False

    def find(self, name: str, origin: Origin) -> Value | None:
        """The value of that name; None if there is none, which is a mistake where it is written."""
        value = self.values.get(name)
        if value is None and name not in self.entries:
            which = shown(name) if self._is_shown else "of this name"
            self._findings.add(origin, f"no {self._noun} {which} is defined", self._findings.guess(name, self.entries))
        return value


def _is_later(one: Entry[Any], other: Entry[Any]) -> bool:
    is_same_file = one.document is other.document
    return is_same_file and isinstance(one.key, int) and isinstance(other.key, int) and one.key > other.key
