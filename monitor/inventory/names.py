"""The names of one section: each used once, each reference to one that exists."""

from __future__ import annotations

from collections.abc import Set
from typing import Any, Generic, TypeVar

from monitor.inventory.document import Origin
from monitor.inventory.entries import Entry
from monitor.inventory.findings import Findings
from monitor.inventory.mistake import shown

Value = TypeVar("Value")


class Names(Generic[Value]):
    """Values by id, and the entry that has each id. ``noun`` is what messages call one of them.

    ``is_shown`` is false where what is written instead of a name may be a password.
    """

    def __init__(self, noun: str, findings: Findings, broken: Set[str], is_shown: bool = True) -> None:
        self.values: dict[str, Value] = {}
        self.entries: dict[str, Entry[Any]] = {}
        self._noun = noun
        self._findings = findings
        self._broken = broken
        self._is_shown = is_shown

    def claim(self, name: str, entry: Entry[Any]) -> bool:
        """Whether this id is free; if not, that is a mistake here."""
        first = self.entries.setdefault(name, entry)
        if first is entry:
            return True
        message = f"the {self._noun} {shown(name)} is written twice: already"
        self._findings.add(entry.at_id, message, "", first.at_id)
        return False

    def find(self, name: str, origin: Origin) -> Value | None:
        """The value of that name; None if there is none, which is a mistake where it is written."""
        value = self.values.get(name)
        if value is None and name not in self._broken and name not in self.entries:
            which = shown(name) if self._is_shown else "of this name"
            self._findings.add(origin, f"no {self._noun} {which} is defined", self._findings.guess(name, self.entries))
        return value
