"""How short an outage the schedule of checks surely saw in a period: the limit of detection, rung by rung. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from monitor.core.schedule_json import confirmation, rates
from monitor.core.sla.detection import limit
from monitor.core.sla.facts import Facts
from monitor.core.sla.spans import Span
from monitor.core.statement.plain import Plain
from monitor.core.verdict import Rung

Plan = tuple[int, Mapping[str, Any]]


def seeing(facts: Facts, within: Span) -> list[Plain]:
    """Return the limits under each schedule that held in a period, in their order; nothing where none is on record.

    They are for a device with one camera, and for the one with the most: those of many channels are asked in turn.
    """
    most = channels(facts, within)
    return [
        {
            "since": since,
            "channels": most,
            "rungs": [row for rung in Rung if (row := _rung(rung, plain, most)) is not None],
        }
        for since, plain in standing(facts, within)
    ]


def sure_until(facts: Facts, working: Rung, within: Span) -> int:
    """Return until when what is on record is all that there will be of a period that goes on, in milliseconds.

    What fails just now is confirmed later, with a moment that lies before: until the limit of detection has passed, a
    camera that failed still counts as working. So a statement ends that much before the newest heartbeat.
    """
    beats = [spans[-1].end for spans in facts.beats.values() if spans]
    most = channels(facts, within)
    limits = (_rung(working, plain, most) for _, plain in standing(facts, within))
    late = max((row["outage_ms_of_many_channels"] for row in limits if row is not None), default=0)
    return max(beats, default=facts.last) - late


def standing(facts: Facts, within: Span) -> Iterator[Plan]:
    """Yield the schedules that held in a period."""
    ends = [since for since, _ in facts.schedules[1:]] + [within.end]
    for (since, plain), end in zip(facts.schedules, ends, strict=False):
        if since < within.end and end > within.start:
            yield since, plain


def _rung(rung: Rung, plain: Mapping[str, Any], most: int) -> Plain | None:
    found, rule = rates(plain), confirmation(plain, rung)
    if found is None or rule is None:
        return None
    alone, shared = limit(rung, found, rule), limit(rung, found, rule, most)
    return {
        "rung": rung.label,
        "outage_ms": alone.outage,
        "working_ms": alone.working,
        "outage_ms_of_many_channels": shared.outage,
    }


def channels(facts: Facts, within: Span) -> int:
    """Return how many cameras the device with the most of them has, as listed last in a period."""
    counted: Counter[tuple[str, str]] = Counter()
    for camera, rows in facts.rows.items():
        listed: Mapping[str, Any] = next((row.listed for row in reversed(rows) if row.span.start < within.end), {})
        if listed:
            counted[str(listed.get("vantage", "")), str(listed.get("device", camera))] += 1
    return max(counted.values(), default=1)
