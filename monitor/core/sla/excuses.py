"""Which planned times excuse a camera, and whether they stood on record when they came. Pure.

Rules:
1. An entry excuses as it stood last; what took place before it was removed stays.
2. A moment was excused *in time* where the entry that stood on record when it came had it, and had been approved.
   All else is after the fact: it is shown as such, and excuses as far as the contract lets approvals be late.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from monitor.core.calendar import Entry, Selector, occurrences
from monitor.core.sla.contract import Contract
from monitor.core.sla.facts import Row, Version
from monitor.core.sla.reading import Exclusions
from monitor.core.sla.scope import selectors_of
from monitor.core.sla.spans import FIRST_MS, MINUTE_MS, NONE, Span, Spans, both, either, length, ms, spans


class Excuse(NamedTuple):
    """When one version of an entry excuses those whom it is for, by what may excuse."""

    entry: Entry
    span: Span
    """When this version stood on record."""
    newest: bool
    """Whether no later version took its place."""
    when: Mapping[Exclusions, Spans]


class Excuses:
    """What excuses within a period, by whom it is for."""

    def __init__(self, versions: Mapping[str, list[Version]], contract: Contract, within: Span) -> None:
        self.planned: list[Excuse] = []
        self._by_selector: defaultdict[Selector, list[Excuse]] = defaultdict(list)
        for _, of_entry in sorted(versions.items()):
            for one in _excuses(of_entry, contract, within):
                if one.when[Exclusions.ALL]:
                    self.planned.append(one)
                if one.entry.kind in contract.excused:
                    for selector in one.entry.selectors:
                        self._by_selector[selector].append(one)

    def of(self, camera: str, rows: list[Row], exclusions: Exclusions) -> Spans:
        """Return when a camera is excused."""
        if exclusions is Exclusions.NONE or not self._by_selector:
            return NONE
        return either(*[both(one.when[exclusions], (row.span,)) for row, one in self._for(camera, rows)])

    def by_entry(self, camera: str, rows: list[Row], scope: Spans) -> dict[str, int]:
        """Return how long each entry excuses a camera, as the contract reads, in milliseconds."""
        found: defaultdict[str, Spans] = defaultdict(tuple)
        for row, one in self._for(camera, rows) if self._by_selector else ():
            when = both(both(one.when[Exclusions.AS_WRITTEN], (row.span,)), scope)
            found[one.entry.id] = either(found[one.entry.id], when)
        return {entry: length(when) for entry, when in sorted(found.items()) if when}

    def _for(self, camera: str, rows: list[Row]) -> Iterator[tuple[Row, Excuse]]:
        for row in rows:
            for selector in selectors_of(camera, row.listed):
                for one in self._by_selector.get(selector, ()):
                    yield row, one


def _excuses(versions: list[Version], contract: Contract, within: Span) -> Iterator[Excuse]:
    standing = [(version.span, version.entry) for version in versions if version.entry is not None]
    for place, (span, entry) in enumerate(standing):
        planned = _planned(entry, within)
        known = max(span.start, ms(entry.approved))
        in_time = both(planned, spans([(known, span.end)]))
        if place < len(standing) - 1:
            yield Excuse(entry, span, False, dict.fromkeys(Exclusions, in_time))
            continue
        whenever = both(planned, (Span(FIRST_MS, span.end),))
        limit = FIRST_MS if contract.approval_min is None else known - contract.approval_min * MINUTE_MS
        written = both(whenever, spans([(limit, span.end)]))
        when = {Exclusions.AS_WRITTEN: written, Exclusions.ALL: whenever, Exclusions.IN_TIME: in_time}
        yield Excuse(entry, span, True, when)


def _planned(entry: Entry, within: Span) -> Spans:
    found = occurrences(entry, within.start / 1000, within.end / 1000)
    return both(spans((ms(one.start), ms(one.end)) for one in found), (within,))
