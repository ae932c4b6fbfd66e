"""Cameras that fail again for the same kind of cause soon after they were repaired. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from monitor.core.diagnosis.cause import Kind
from monitor.core.sla.outage import Run
from monitor.core.sla.spans import Span

#: What fails again within so long was not repaired well.
AGAIN_WITHIN_MS = 30 * 86_400_000


class Again(NamedTuple):
    """How often a camera failed in a period for a kind of cause that it had failed for shortly before."""

    kind: Kind
    times: int
    newest: int
    """When the newest of these outages was first seen."""


def chronic(failures: Iterable[tuple[Run, Kind]], within: Span) -> list[Again]:
    """Return what came again within 30 days in a period, of a camera's outages in their order, by kind."""
    last: dict[Kind, int] = {}
    found: defaultdict[Kind, list[int]] = defaultdict(list)
    for run, kind in failures:
        begun = within.start <= run.start < within.end
        if begun and kind in last and run.start - last[kind] <= AGAIN_WITHIN_MS:
            found[kind].append(run.start)
        last[kind] = run.end
    return [Again(kind, len(starts), starts[-1]) for kind, starts in sorted(found.items())]
