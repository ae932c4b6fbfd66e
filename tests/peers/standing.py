"""How contracts stand, as the monitor would have found it out: for pages, metrics and rules that show it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from monitor.core.statement.so_far import SoFar, findings
from monitor.core.statement.statement import FORMAT

#: October 2026 in Karachi, in milliseconds.
START, END = 1_790_794_800_000, 1_793_473_200_000
DAY = 86_400_000


def figure(value: str | None, low: str | None = None, high: str | None = None, coverage: str = "99.500") -> dict:
    return {"value": value, "low": low or value, "high": high or value, "coverage": coverage}


def plain(contract: str = "safe-city", **changed: Any) -> dict[str, Any]:
    """Return a heading as plain values; ``changed`` replaces keys of its first reading, or of the period."""
    reading = {
        "reading": "as written",
        "cameras": 1795,
        "cameras_without_figure": 5,
        "camera_hours": figure("97.343", "96.851", "97.465"),
        "mean": figure("97.338", "96.242", "97.587"),
        "share_at_target": {**figure("60.000", "57.272", "63.636"), "cameras": {"value": 1074, "low": 1025, "high": 1142}},
        "working_at_end": {**figure("90.000"), "cameras": {"works": 1600}},
        "target": {
            "weighting": "camera-hours", "pays": "seen", "promised": "98", "figure": "97.343",
            "met": False, "met_if_unseen_was_bad": False, "met_if_unseen_was_good": False,
        },
        "money": {"currency": "PKR", "total": {"paid": "250000.50", "least": "250000.00", "most": "625000.00"}},
    }  # fmt: skip
    period = {
        "asked": "2026-10", "time_zone": "Asia/Karachi", "start": START, "end": END, "until": START + 20 * DAY,
        "is_over": False, "settles": True,
    }  # fmt: skip
    reading |= {key: value for key, value in changed.items() if key in reading}
    period |= {key: value for key, value in changed.items() if key in period}
    return {
        "format": FORMAT,
        "contract": {"id": contract, "name": changed.get("name", "Safe City")},
        "period": period,
        "ledger": {"origin": "", "leaves": 85_869, "seq": 85_869, "root": "ncQG543ZWt7kWY0NmFHKL1Fw7CwHKZrZdHYG5+2mW0U="},
        "cameras": {"listed": 1800, "counted": 1795, "never_seen": 5},
        "readings": [reading, {**reading, "reading": "path not counted", "camera_hours": figure("98.101")}],
    }  # fmt: skip


def found(*headings: Mapping[str, Any], **more: Any) -> tuple[SoFar, ...]:
    """Return what is found of contracts with these headings."""
    told = [
        {"id": one["contract"]["id"], "state": "stated", "heading": one, "why": "", "ended": [], **more}
        for one in headings
    ]
    return findings(json.dumps({"contracts": told}).encode())


@dataclass
class Packs:
    """What is told of packs."""

    failing: Mapping[str, str | None] = field(default_factory=lambda: {"office": "the disk is full", "auditor": None})
    made: int = 3


@dataclass
class Standing:
    """What is told of the contracts' figures."""

    standings: tuple[SoFar, ...] = field(default_factory=lambda: found(plain()))
    failing: str | None = None
    computed_at: float | None = 1.79e9
    took_s: float | None = 2.5
    packing: Packs = field(default_factory=Packs)
