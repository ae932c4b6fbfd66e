"""Rows that the inventory has wrong or not at all: whom they fail with tells where they belong.

A row (a site, or a device without one) is adopted by an open shared cause when it fell silent wholly, its onset can be
the cause's, its own row is missing or goes on otherwise, and its nearest neighbours belong to the cause.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import isfinite
from typing import NamedTuple

from monitor.core.diagnosis.hypothesis import Key
from monitor.core.diagnosis.onset import intersect
from monitor.core.diagnosis.symptom import Onset
from monitor.core.topology import Layer, Scope, Topology

#: So many of the nearest rows must belong to the cause: fewer where the onset is one moment that we saw.
LEAST_AT_ONE_MOMENT = 1
LEAST = 3
#: An onset narrower than this is a moment.
MOMENT_S = 180.0
#: An uplink's row is told by either of its layers.
LISTED: Mapping[Layer, Layer] = {Layer.UPLINK: Layer.UPLINK, Layer.SWITCH: Layer.UPLINK, Layer.FEEDER: Layer.FEEDER}


class Adoption(NamedTuple):
    """A row joins a cause; ``listed`` is what the inventory says instead, None where it says nothing."""

    row: str
    key: Key
    listed: Scope | None

    @property
    def sentence(self) -> str:
        thing = self.key.scope.name
        if self.listed is None:
            return f"{self.row} has no {LISTED[self.key.scope.layer]} in the inventory, and fails with {thing}"
        return f"{self.row} is listed on {self.listed.name}, and fails with {thing}"


def listed(topology: Topology, device: str, layer: Layer) -> Scope | None:
    """Return what the inventory's row says of a device on this layer."""
    return topology.listed(device, LISTED[layer])


def adopt(
    row: str,
    onset: Onset,
    topology: Topology,
    cause_of: Callable[[str], tuple[Key, Onset] | None],
    doubtful: Callable[[Scope, str], bool],
) -> Adoption | None:
    """Return the cause that a silent row belongs to, if its neighbours say so.

    ``cause_of(row)`` is the shared cause that holds a row by what the inventory says, with its onset;
    ``doubtful(scope, row)`` whether what the inventory says of the row cannot be right.
    """
    votes: dict[Key, float] = {}
    needed: dict[Key, int] = {}
    device = topology.in_row[row][0]
    for near, (key, span) in _votes(topology.neighbours(row), cause_of, onset):
        said = listed(topology, device, key.scope.layer)
        if said is None or (said != key.scope and doubtful(said, row)):
            at_once = isfinite(onset.after) and span.by - span.after <= MOMENT_S
            needed[key] = LEAST_AT_ONE_MOMENT if at_once else LEAST
            votes[key] = votes.get(key, 0.0) + (2.0 if at_once else 1.0) - 0.05 * near - (0.1 if said else 0.0)
    enough = [key for key in votes if votes[key] >= 0.7 * needed[key]]
    if not enough:
        return None
    best = max(enough, key=lambda key: (votes[key], key))
    return Adoption(row, best, listed(topology, device, best.scope.layer))


def _votes(
    rows: Iterable[str], cause_of: Callable[[str], tuple[Key, Onset] | None], onset: Onset
) -> Iterable[tuple[int, tuple[Key, Onset]]]:
    for near, row in enumerate(rows):
        found = cause_of(row)
        if found is not None and intersect(found[1], onset):
            yield near, found
