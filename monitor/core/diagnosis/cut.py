"""When a feeder was cut: its rows fall silent at the cut or later, when their batteries end, but never before.

Rules:
1. A row (a site) falls silent when most of its devices do. A device that failed before its row has failed by itself,
   and says nothing about what the row hangs on.
2. A row that fell silent before the cut has a cause of its own, and that costs more than a battery. So the cut is the
   moment that leaves least to pay: one older silence does not make it older.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from math import inf

from monitor.core.diagnosis.onset import Moment, Name, moment
from monitor.core.diagnosis.rules import APART_PRICE, SITE_PRICE
from monitor.core.diagnosis.symptom import Onset


def falls(onsets: Mapping[Name, Onset], row: Callable[[Name], str]) -> dict[str, Moment]:
    """Return when each row fell silent: the moment of most of its devices."""
    by_row: dict[str, dict[Name, Onset]] = {}
    for name, onset in onsets.items():
        by_row.setdefault(row(name), {})[name] = onset
    return {name: moment(theirs) for name, theirs in by_row.items()}


def by_themselves(
    onsets: Mapping[Name, Onset], row: Callable[[Name], str], go_on: Callable[[str, float], int]
) -> set[Name]:
    """Return those that failed by themselves: before their rows fell silent, or in rows of which most go on.

    ``go_on(row, since)`` is how many devices of a row have answered since.
    """
    fell = falls(onsets, row)
    going_on = {name: go_on(name, one.by) for name, one in fell.items()}
    failing = Counter(map(row, onsets))
    return {
        name
        for name, onset in onsets.items()
        if onset.by <= fell[row(name)].after or failing[row(name)] <= going_on[row(name)]
    }


def cut(falls: Collection[Moment], window_s: float) -> Moment:
    """Return the moment after which rows that fell silent within ``window_s`` cost least; of several, the last."""
    after = sorted(one.after for one in falls)
    edges = sorted(edge for one in falls for edge in ((one.after, 1), (one.by, 0)))
    best, least = Moment(-inf, inf, 0), inf
    together = before = 0
    for index, (at, begins) in enumerate(edges):
        together += 1 if begins else -1
        before += not begins
        if not begins:
            continue
        end = edges[index + 1][0]
        beyond = len(falls) - bisect_left(after, end + window_s)
        apart = len(falls) - before - together - beyond
        price = SITE_PRICE * (before + beyond) + APART_PRICE * apart
        if price <= least:
            best, least = Moment(at, end, together), price
    return best
