"""What a camera costs in fleets of several sizes, drawn: a line that stays level is a cost that grows with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import log10

from monitor.paper.svg import HAIR, INK, PAPER, QUIET, Canvas, End

WIDTH, HEIGHT = 560.0, 260.0
LEFT, RIGHT, TOP, FOOT = 44.0, 190.0, 34.0, 34.0
#: Labels at the right end of lines that meet are put this far apart.
LABEL = 13.0


def chart(title: str, sizes: Sequence[int], costs: Mapping[str, Sequence[float]]) -> str:
    """Return a chart of ``costs`` a camera, by label, as multiples of what they are at the first size."""
    canvas = Canvas(WIDTH, HEIGHT)
    canvas.box(0, 0, WIDTH, HEIGHT, PAPER)
    canvas.text(LEFT, 18, title, size=11, bold=True)
    shares = {label: [value / values[0] for value in values] for label, values in costs.items()}
    top = max(2.0, *(share for values in shares.values() for share in values))
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - FOOT

    def x_of(size: float) -> float:
        return LEFT + wide * (log10(size) - log10(sizes[0])) / (log10(sizes[-1]) - log10(sizes[0]))

    def y_of(share: float) -> float:
        return TOP + high * (1 - share / top)

    for share in [step / 2 for step in range(int(2 * top) + 1)]:
        canvas.line(LEFT, y_of(share), LEFT + wide, y_of(share), INK if share == 0 else HAIR, 0.5)
        canvas.text(LEFT - 6, y_of(share) + 3, f"{share:g}", End.END, 8, fill=QUIET)
    for size in sizes:
        canvas.line(x_of(size), y_of(0), x_of(size), y_of(0) + 4, INK, 0.5)
        canvas.text(x_of(size), HEIGHT - FOOT + 16, f"{size:,}", End.MIDDLE, 8, fill=QUIET)
    canvas.text(LEFT + wide / 2, HEIGHT - 6, "cameras", End.MIDDLE, 8, fill=QUIET)
    label_y = TOP - LABEL
    for number, (label, values) in enumerate(sorted(shares.items(), key=lambda pair: -pair[1][-1])):
        points = [(x_of(size), y_of(share)) for size, share in zip(sizes, values, strict=True)]
        for (x, y), (to_x, to_y) in pairwise(points):
            canvas.line(x, y, to_x, to_y, INK, 1.2, dashed=number % 2 == 1)
        for x, y in points:
            canvas.dot(x, y, 2.2, PAPER if number % 2 else INK)
        label_y = max(points[-1][1] + 3, label_y + LABEL)
        canvas.line(points[-1][0] + 4, points[-1][1], points[-1][0] + 14, label_y - 3, HAIR, 0.7)
        canvas.text(points[-1][0] + 17, label_y, label, size=8)
    return canvas.svg()
