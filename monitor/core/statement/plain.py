"""Figures as plain values: shares are percentages with three places, cut; time is milliseconds; money is text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monitor.core.sla.measures import Measure
from monitor.core.sla.money import money
from monitor.core.sla.penalty import Cost
from monitor.core.sla.spans import FIRST_MS, LAST_MS
from monitor.core.sla.tally import Tally, percent

Plain = dict[str, Any]


def figure(measure: Measure) -> Plain:
    """Return a figure with its bounds and its coverage; null where there is none."""
    return {name: percent(value) or None for name, value in measure._asdict().items()}


def time(tally: Tally) -> Plain:
    """Return where the time went."""
    return {"total_ms": tally.total, **{f"{name}_ms": value for name, value in tally._asdict().items()}}


def cost(one: Cost) -> Plain:
    """Return what something costs: as the contract says, at least and at most."""
    return {name: money(value) for name, value in one._asdict().items()}


def moment(at: int) -> int | None:
    """Return a moment in milliseconds since the epoch; null for before or after all that is known."""
    return at if FIRST_MS < at < LAST_MS else None


def place(listed: Mapping[str, Any]) -> Plain:
    """Return where a camera is, by its row."""
    names = ("name", "site", "site_name", "zone", "zone_name", "address")
    return {key: text for key in names if (text := listed.get(key)) and isinstance(text, str)}
