"""The monitor's own record: when nobody looked, from which vantage and why; and what its schedule surely sees. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from monitor.core.sla.facts import Facts
from monitor.core.sla.spans import Span, both, length, ms
from monitor.core.sla.tally import Tally, percent
from monitor.core.statement.most import Most
from monitor.core.statement.plain import Plain

MOST_SPELLS = 20


def watching(facts: Facts, within: Span) -> Plain:
    """Return how much of a period each vantage was looked from, and the longest times in which it was not."""
    blind = {vantage: both(spans, (within,)) for vantage, spans in sorted(facts.blind().items())}
    most: Most[Plain] = Most(MOST_SPELLS)
    for vantage, spells in blind.items():
        for span in spells:
            most.take((span.length, -span.start, vantage), partial(_spell, facts, vantage, span))
    return {
        "vantages": [
            {
                "vantage": vantage,
                "blind_ms": length(spells),
                "coverage": percent(Tally(within.length - length(spells), 0, 0, length(spells)).low) or None,
                "spells": len(spells),
            }
            for vantage, spells in blind.items()
        ],
        "longest": most.items(),
        "events_lost": sum(gap.lost for gap in facts.gaps if within.start < ms(gap.by) and ms(gap.after) < within.end),
    }


def _spell(facts: Facts, vantage: str, span: Span) -> Plain:
    why = next(_reasons(facts, vantage, span), "no heartbeat came")
    return {"vantage": vantage, "start": span.start, "end": span.end, "why": why}


def _reasons(facts: Facts, vantage: str, span: Span) -> Iterator[str]:
    for gap in facts.gaps:
        if gap.vantage in ("", vantage) and ms(gap.after) < span.end and span.start < ms(gap.by):
            yield gap.why
