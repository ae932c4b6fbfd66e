"""The names of one section: each used once, each reference to one that exists."""

from __future__ import annotations

from collections.abc import Set
from typing import Generic, TypeVar

from monitor.inventory.document import Origin
from monitor.inventory.findings import Findings
from monitor.inventory.mistake import shown

Value = TypeVar("Value")


class Names(Generic[Value]):
    """Values by id, and where each id is written. ``noun`` is what messages call one of them.

    ``is_shown`` is false where what is written instead of a name may be a password.
    """

    def __init__(self, noun: str, findings: Findings, broken: Set[str], is_shown: bool = True) -> None:
        self.values: dict[str, Value] = {}
        self.origins: dict[str, Origin] = {}
        self._noun = noun
        self._findings = findings
        self._broken = broken
        self._is_shown = is_shown

    def claim(self, name: str, origin: Origin) -> bool:
        """Whether this id is free; if not, that is a mistake here."""
        first = self.origins.setdefault(name, origin)
        if first is origin:
            return True
        place = origin if origin.at_key else origin.child("id")
        self._findings.add(place, f"the {self._noun} {name} is written twice: already", "", first)
        return False

    def find(self, name: str, origin: Origin) -> Value | None:
        """The value of that name; None if there is none, which is a mistake where it is written."""
        value = self.values.get(name)
        if value is None and name not in self._broken and name not in self.origins:
            which = shown(name) if self._is_shown else "of this name"
            self._findings.add(origin, f"no {self._noun} {which} is defined", self._findings.guess(name, self.origins))
        return value
