"""What was changed in the list of cameras within a period, as far as the contract means the camera. Pure.

Not told: how the list was when the ledger began to keep one.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from monitor.core.asset import ADDED, CHANGED, REMOVED
from monitor.core.sla.contract import Contract
from monitor.core.sla.facts import Facts, Row
from monitor.core.sla.scope import meant
from monitor.core.sla.spans import FIRST_MS, Span
from monitor.core.statement.plain import Plain

MOST_LISTED = 100
_NEVER = Row(Span(FIRST_MS, FIRST_MS), {})


def listing(facts: Facts, contract: Contract, within: Span) -> Plain:
    """Return how many changes there were, and the first of them in order: camera, moment, what, and what of its row."""
    found = sorted(_changes(facts, contract, within), key=lambda change: (change["at"], change["camera"]))
    return {"number": len(found), "first": found[:MOST_LISTED]}


def _changes(facts: Facts, contract: Contract, within: Span) -> Iterator[Plain]:
    begin = facts.begin
    for camera, rows in facts.rows.items():
        for before, now in pairwise([_NEVER, *rows]):
            at = now.span.start
            if within.start <= at < within.end and at != begin and meant(camera, (before, now), contract.selectors):
                yield {"camera": camera, "at": at, **_change(before, now)}


def _change(before: Row, now: Row) -> Plain:
    if not now.listed:
        return {"what": REMOVED, "of": []}
    if not before.listed:
        return {"what": ADDED, "of": []}
    keys = sorted({*before.listed, *now.listed})
    return {"what": CHANGED, "of": [key for key in keys if before.listed.get(key) != now.listed.get(key)]}
