"""Outages by kind of cause, by whoever answers for it, and by the single causes that cost most. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import partial
from typing import TypeVar

from monitor.core.diagnosis.cause import NATURES, Kind
from monitor.core.sla.account import Account
from monitor.core.sla.facts import Facts
from monitor.core.sla.outage import NO_CAUSE
from monitor.core.statement.most import Most
from monitor.core.statement.plain import Plain

MOST_CAUSES = 50
Key = TypeVar("Key", Kind, tuple[str, str])


class _Part:
    """A part of the time that did not work."""

    def __init__(self) -> None:
        self.down_ms = 0
        self.cameras = 0
        self.outages = 0

    def add(self, other: _Part) -> None:
        self.down_ms += other.down_ms
        self.cameras += other.cameras
        self.outages += other.outages

    def plain(self) -> Plain:
        return {"down_ms": self.down_ms, "cameras": self.cameras, "outages": self.outages}


class Blame:
    """What the time that counts as not working is laid to, as the contract is written."""

    def __init__(self, facts: Facts, parties: Mapping[str, str]) -> None:
        self._facts = facts
        self._parties = parties
        self._kinds: defaultdict[Kind, _Part] = defaultdict(_Part)
        self._owners: defaultdict[tuple[str, str], _Part] = defaultdict(_Part)
        self._causes: defaultdict[tuple[str, Kind], _Part] = defaultdict(_Part)

    def owner(self, cause: str, kind: Kind) -> tuple[str, str]:
        """Return the role that answers for a cause, and the party: whom a person gave it, else the contract's."""
        role = NATURES[kind].owner
        return role, self._facts.owners.get(cause) or self._parties.get(role, "")

    def take(self, account: Account) -> None:
        kinds, owners = set(), set()
        for (cause, kind), down in account.shares.items():
            owner = self.owner(cause, kind)
            for part in (self._kinds[kind], self._owners[owner], self._causes[cause, kind]):
                part.down_ms += down
            kinds.add(kind)
            owners.add(owner)
            self._causes[cause, kind].cameras += 1
        for outage in account.outages:
            owner = self.owner(outage.cause, outage.kind)
            for part in (self._kinds[outage.kind], self._owners[owner], self._causes[outage.cause, outage.kind]):
                part.outages += 1
        for kind in kinds:
            self._kinds[kind].cameras += 1
        for owner in owners:
            self._owners[owner].cameras += 1

    def add(self, other: Blame) -> None:
        """Add the cameras of another of the same facts."""
        for kind, part in other._kinds.items():
            self._kinds[kind].add(part)
        for owner, part in other._owners.items():
            self._owners[owner].add(part)
        for cause, part in other._causes.items():
            self._causes[cause].add(part)

    def plain(self) -> Plain:
        most: Most[Plain] = Most(MOST_CAUSES)
        for (cause, kind), part in self._causes.items():
            if cause != NO_CAUSE and part.down_ms:
                most.take((part.down_ms, cause), partial(self._cause, cause, kind, part))
        return {
            "kinds": [
                {"kind": kind.value, "meaning": NATURES[kind].meaning, "role": NATURES[kind].owner, **part.plain()}
                for kind, part in _by_time(self._kinds)
            ],
            "parties": [
                {"role": role, "party": party, **part.plain()} for (role, party), part in _by_time(self._owners)
            ],
            "causes": {"number": most.seen, "most": most.items()},
        }

    def _cause(self, cause: str, kind: Kind, part: _Part) -> Plain:
        role, party = self.owner(cause, kind)
        scope = self._facts.scopes.get(cause)
        of = {"layer": str(scope.layer), "of": scope.name} if scope else {"layer": "", "of": ""}
        return {"cause": cause, "kind": kind.value, **of, "role": role, "party": party, **part.plain()}


def _by_time(parts: Mapping[Key, _Part]) -> list[tuple[Key, _Part]]:
    return sorted(parts.items(), key=lambda one: (-one[1].down_ms, -one[1].outages, one[0]))
