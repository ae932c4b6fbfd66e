"""Charts that can be read in black and white: shares with their bounds, and amounts."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from monitor.paper.svg import HAIR, INK, QUIET, Canvas, End
from monitor.paper.words import Words

WIDTH = 480.0
_ROW, _BAR = 17.0, 8.0
_LABELS, _FIGURES = 130.0, 100.0
#: Where a scale of percentages may begin.
_BEGINS = (0, 50, 80, 90, 95)


class Reach(NamedTuple):
    """A row: a share of the whole, its bounds, and its figure in words. None where there is no figure."""

    label: str
    share: Fraction | None
    low: Fraction | None
    high: Fraction | None
    figure: str


def reaches(rows: Sequence[Reach], words: Words, mark: Fraction | None = None) -> str:
    """Return a chart of shares: a box from bound to bound, a bar across it at the figure; ``mark`` is a target.

    The scale begins below what is least, and says where: bars from nought would hide what is between 98 and 99.
    """
    canvas = Canvas(WIDTH, _ROW * len(rows) + 16, words.right_to_left, words.font)
    known = [share for row in rows for share in (row.share, row.low) if share is not None]
    least = min([*known, *([mark] if mark is not None else [])], default=Fraction(0))
    start = max(begin for begin in _BEGINS if Fraction(begin, 100) <= least)
    room, foot = WIDTH - _LABELS - _FIGURES, _ROW * len(rows)

    def place_of(share: Fraction) -> float:
        return _LABELS + room * float(100 * share - start) / (100 - start)

    for step in range(6):
        share = Fraction(start * (5 - step) + 100 * step, 500)
        canvas.line(place_of(share), 0, place_of(share), foot, HAIR, 0.5)
        canvas.text(place_of(share), foot + 12, words.apart(f"{float(100 * share):g} %"), End.MIDDLE, 7, fill=QUIET)
    for place, row in enumerate(rows):
        y = _ROW * place + (_ROW - _BAR) / 2
        canvas.text(_LABELS - 6, y + 7, row.label, End.END)
        canvas.text(WIDTH - _FIGURES + 6, y + 7, row.figure)
        if row.low is not None and row.high is not None:
            canvas.box(place_of(row.low), y, place_of(row.high) - place_of(row.low), _BAR, HAIR, QUIET)
        if row.share is not None:
            canvas.line(place_of(row.share), y - 2, place_of(row.share), y + _BAR + 2, INK, 2.5)
    if mark is not None:
        canvas.line(place_of(mark), 0, place_of(mark), foot, INK, 1, dashed=True)
    return canvas.svg()


class Amount(NamedTuple):
    """A row: an amount of something, in words beside it."""

    label: str
    amount: int
    figure: str


def amounts(rows: Sequence[Amount], words: Words) -> str:
    """Return a chart of amounts, the largest as long as there is room."""
    canvas = Canvas(WIDTH, _ROW * len(rows), words.right_to_left, words.font)
    room, most = WIDTH - _LABELS - _FIGURES, max((row.amount for row in rows), default=0)
    for place, row in enumerate(rows):
        y = _ROW * place + (_ROW - _BAR) / 2
        canvas.text(_LABELS - 6, y + 7, row.label, End.END)
        long = room * row.amount / most if most else 0.0
        canvas.box(_LABELS, y, long, _BAR)
        canvas.text(_LABELS + long + 6, y + 7, row.figure)
    return canvas.svg()
