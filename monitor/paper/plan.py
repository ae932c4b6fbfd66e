"""A plan of the city: where its cameras stand and how they did, in marks that black and white tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from math import cos, radians
from typing import NamedTuple

from monitor.paper.svg import HAIR, INK, PAPER, Canvas
from monitor.paper.words import Words

WIDTH, HEIGHT, EDGE = 480.0, 300.0, 10.0


class Mark(Enum):
    """How a place is drawn, from quiet to loud."""

    GOOD = 1
    UNSEEN = 2
    POOR = 3
    BAD = 4


class Spot(NamedTuple):
    """A place of a map in degrees, and how it is drawn."""

    latitude: float
    longitude: float
    mark: Mark


def plan(spots: Sequence[Spot], words: Words) -> str:
    """Return the plan, north above, the loud marks over the quiet ones; "" where nothing has a place."""
    if not spots:
        return ""
    middle = sum(spot.latitude for spot in spots) / len(spots)
    flat = [(spot.longitude * cos(radians(middle)), spot.latitude, spot.mark) for spot in spots]
    left, right = min(x for x, _, _ in flat), max(x for x, _, _ in flat)
    low, high = min(y for _, y, _ in flat), max(y for _, y, _ in flat)
    scale = min((WIDTH - 2 * EDGE) / max(right - left, 1e-6), (HEIGHT - 2 * EDGE) / max(high - low, 1e-6))
    canvas = Canvas(WIDTH, (high - low) * scale + 2 * EDGE, words.right_to_left)
    margin = (WIDTH - (right - left) * scale) / 2
    canvas.box(0, 0, canvas.width, canvas.height, PAPER, HAIR)
    size = min(1.0, max(0.35, 20 / len(spots) ** 0.5))
    for x, y, mark in sorted(flat, key=lambda one: one[2].value):
        drawn(canvas, canvas.map_x(margin + (x - left) * scale), EDGE + (high - y) * scale, mark, size)
    return canvas.svg()


def legend(entries: Sequence[tuple[Mark, str]], words: Words) -> str:
    """Return what the marks mean, one beside the other."""
    canvas = Canvas(WIDTH, 16, words.right_to_left, words.font)
    for place, (mark, text) in enumerate(entries):
        x = WIDTH * place / len(entries)
        drawn(canvas, x + 6, 8, mark)
        canvas.text(x + 14, 11, text, size=8)
    return canvas.svg()


def drawn(canvas: Canvas, x: float, y: float, mark: Mark, size: float = 1.0) -> None:
    """Draw one mark: a pale dot, a hollow ring, a hollow square, a black square."""
    half = 3 * size
    match mark:
        case Mark.GOOD:
            canvas.dot(x, y, 2 * size, HAIR, HAIR)
        case Mark.UNSEEN:
            canvas.dot(x, y, half, PAPER, INK)
        case Mark.POOR:
            canvas.box(x - half, y - half, 2 * half, 2 * half, PAPER, INK)
        case Mark.BAD:
            canvas.box(x - half, y - half, 2 * half, 2 * half, INK, INK)
