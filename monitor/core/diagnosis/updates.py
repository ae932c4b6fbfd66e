"""Which firmware each device runs, and since when: a version that came while we watched may be why it fails."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf
from typing import NamedTuple

from monitor.core.revision import revised
from monitor.core.verdict import Verdict

MOST_CHARACTERS = 80


class Update(NamedTuple):
    """A device runs this model's version since ``at``; -inf: since before our first look."""

    version: str
    at: float


class Updates:
    """Kept by what devices say of themselves. ``known`` is replaced where it changes."""

    def __init__(self, known: Mapping[str, Update] | None = None) -> None:
        self.known: Mapping[str, Update] = known or {}

    def hear(self, verdicts: Iterable[Verdict]) -> dict[str, Update]:
        """Take in what devices say; return those that run another version than until now."""
        news = {}
        for verdict in verdicts:
            model, firmware = verdict.measurements.get("model"), verdict.measurements.get("firmware")
            if not model or not firmware or not isinstance(model, str) or not isinstance(firmware, str):
                continue
            version = f"{model} {firmware}"[:MOST_CHARACTERS]
            before = self.known.get(verdict.device)
            if before is None or before.version != version:
                news[verdict.device] = Update(version, verdict.at if before else -inf)
        self.known = revised(self.known, news)
        return news
