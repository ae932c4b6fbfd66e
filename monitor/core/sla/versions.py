"""Which terms a report scores by, and what was changed of them. Pure.

Rules:
1. The terms are those that stood when the period ended; where there were none yet, the first ones that were written
   later; where they had been removed, the last ones before that. Which of these it was is said.
2. Every version that stood in the period or later is listed; other terms among them are scored beside.
3. A ledger without any contract is scored by one that counts every camera, around the clock, in UTC, without money.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from monitor.core.sla.contract import Contract, TermsError
from monitor.core.sla.facts import Facts, Terms
from monitor.core.sla.scope import period
from monitor.core.sla.spans import Span
from monitor.core.sla.terms import from_json

#: The contract where the ledger has none.
ALL_CAMERAS = Contract("all-cameras", "All cameras", (), "UTC")
#: So many other versions are scored beside, the newest.
MOST_OTHERS = 3


class Which(StrEnum):
    """Why these terms."""

    THEN = "in force at the end"
    LATER = "written later"
    REMOVED = "in force before they were removed"
    NONE = "the ledger has no contract"

    def __str__(self) -> str:
        return self.value


class UnknownContractError(ValueError):
    """No contract of the ledger is meant; a sentence."""


class Chosen(NamedTuple):
    """The terms of a report, its period, and what else was on record."""

    contract: Contract
    which: Which
    since: int | None
    """Since when these terms stood."""
    within: Span
    versions: Sequence[Terms]
    """Those that stood in the period or later."""
    others: Sequence[tuple[int, Contract]]
    """Of these the ones with other terms, and since when they stood, the newest first."""
    unread: Sequence[int]
    """Since when versions stood that cannot be read here."""


def choose(facts: Facts, name: str, asked: str) -> Chosen:
    """Return the terms of a contract for a period by its name (``scope.period``).

    ``name`` may be empty where the ledger has one contract, or none. UnknownContractError and PeriodError say what is
    wrong, TermsError what of the terms that count cannot be read.
    """
    id_ = name or _only(facts.contracts)
    if id_ not in facts.contracts and (id_ == ALL_CAMERAS.id or not id_):
        return Chosen(ALL_CAMERAS, Which.NONE, None, period(asked, ALL_CAMERAS.time_zone), (), (), ())
    if id_ not in facts.contracts:
        known = ", ".join(sorted(facts.contracts)) or "none"
        raise UnknownContractError(f"the ledger has no contract {id_!r}; it has {known}")
    versions = facts.contracts[id_]
    standing = [one for one in versions if one.plain]
    if not standing:
        raise UnknownContractError(f"the ledger never had terms of contract {id_!r}")
    end = period(asked, _zone(id_, standing)).end
    counts, which = _at(standing, end)
    contract = _read(id_, counts)
    within = period(asked, contract.time_zone)
    listed = [one for one in versions if one.span.end > within.start]
    others, unread = _others(id_, contract, listed)
    return Chosen(contract, which, counts.span.start, within, listed, others, unread)


def _only(contracts: Mapping[str, Sequence[Terms]]) -> str:
    if len(contracts) > 1:
        raise UnknownContractError(f"the ledger has several contracts: {', '.join(sorted(contracts))}; name one")
    return next(iter(contracts), "")


def _at(standing: Sequence[Terms], end: int) -> tuple[Terms, Which]:
    before = [one for one in standing if one.span.start < end]
    if not before:
        return standing[0], Which.LATER
    return before[-1], Which.THEN if before[-1].span.end >= end else Which.REMOVED


def _zone(id_: str, standing: Sequence[Terms]) -> str:
    """Return the time zone of the newest terms that can be read."""
    for version in reversed(standing):
        try:
            return _read(id_, version).time_zone
        except TermsError as error:
            wrong = error
    raise wrong


def _read(id_: str, version: Terms) -> Contract:
    return from_json(id_, version.plain)


def _others(id_: str, contract: Contract, listed: Sequence[Terms]) -> tuple[list[tuple[int, Contract]], list[int]]:
    found: list[tuple[int, Contract]] = []
    unread: list[int] = []
    for version in reversed([one for one in listed if one.plain]):
        try:
            other = _read(id_, version)
        except TermsError:
            unread.append(version.span.start)
            continue
        if other != contract and all(other != known for _, known in found):
            found.append((version.span.start, other))
    return found[:MOST_OTHERS], unread
