"""Which hypotheses to believe: the cheapest set that explains what fails (weighted set cover, greedy, then improved).

A hypothesis that explains more for its price comes first; of two that explain the same, the more specific one. One
that others explain more cheaply together gives way to them: two cut ports are not a dead switch whose third port works.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from heapq import heapify, heappop, heappush

from monitor.core.diagnosis.hypothesis import Hypothesis, Key, Unit, worth
from monitor.core.diagnosis.symptom import Onset
from monitor.core.topology import Layer

#: What an open cause is worth for each device that it holds, at least.
KEPT = 0.1
_DEPTH = {layer: depth for depth, layer in enumerate(Layer)}


def explain(hypotheses: Collection[Hypothesis], units: Mapping[Unit, Onset]) -> dict[Key, frozenset[Unit]]:
    """Return the hypotheses to believe, each with what it explains; each unit is explained once or not at all."""
    chosen = _cover(hypotheses, units)
    by_key = {hypothesis.key: hypothesis for hypothesis in hypotheses}
    could: dict[Unit, list[Key]] = {}
    for key, one in by_key.items():
        for unit in one.units:
            could.setdefault(unit, []).append(key)
    for key in list(chosen):
        mine = {unit: units[unit] for unit in chosen[key]}
        others = {other for unit in mine for other in could[unit]} - {key}
        if not others:
            continue
        paid = chosen.keys() - {key}
        rather = _cover([by_key[other] for other in others], mine, paid)
        if rather and _price(rather, by_key, mine, paid) < by_key[key].price:
            del chosen[key]
            for other, part in rather.items():
                chosen[other] = chosen.get(other, frozenset()) | part
    return chosen


def _cover(
    hypotheses: Iterable[Hypothesis], units: Mapping[Unit, Onset], paid: Collection[Key] = ()
) -> dict[Key, frozenset[Unit]]:
    """Return what explains these units, one after the other by what it gains; what is ``paid`` costs nothing more."""
    left = dict(units)
    queue = [(-_gain(one, left, paid), _DEPTH[one.scope.layer], one.key, one) for one in hypotheses]
    heapify(queue)
    chosen: dict[Key, frozenset[Unit]] = {}
    while queue:
        gain, depth, key, one = heappop(queue)
        now = -_gain(one, left, paid)
        if now >= 0:
            continue
        if now > gain:
            heappush(queue, (now, depth, key, one))
            continue
        chosen[key] = frozenset(unit for unit in one.units if unit in left)
        for unit in chosen[key]:
            del left[unit]
    return chosen


def _gain(one: Hypothesis, left: Mapping[Unit, Onset], paid: Collection[Key]) -> float:
    worths = [worth(onset) for unit, onset in one.units.items() if unit in left]
    gain = sum(worths) - (0.0 if one.key in paid else one.price)
    return max(gain, KEPT * len(worths)) if one.is_open else gain


def _price(
    chosen: Mapping[Key, frozenset[Unit]],
    by_key: Mapping[Key, Hypothesis],
    units: Mapping[Unit, Onset],
    paid: Collection[Key],
) -> float:
    explained = {unit for part in chosen.values() for unit in part}
    alone = sum(worth(onset) for unit, onset in units.items() if unit not in explained)
    return alone + sum(by_key[key].price for key in chosen if key not in paid)
