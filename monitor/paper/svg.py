"""Drawings in black and white, as SVG that a browser and a PDF show alike. Every text is escaped here, once."""

from __future__ import annotations

import re
from enum import StrEnum
from xml.sax.saxutils import escape

INK, QUIET, HAIR, PAPER = "#111", "#4a4f54", "#b9bec3", "#fff"
_RIGHT_TO_LEFT_ISOLATE, _POP_ISOLATE = "\u2067", "\u2069"
_FONTS = "Libertinus Serif, Georgia, serif"
#: No XML holds these, in whatever way they are written.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class End(StrEnum):
    """Which end of a text stands at its place, as it is read."""

    START = "start"
    MIDDLE = "middle"
    END = "end"

    def __str__(self) -> str:
        return self.value


class Canvas:
    """A drawing. Places are counted from the side where reading begins, and from above; lengths are points."""

    def __init__(self, width: float, height: float, right_to_left: bool = False, font: str = "") -> None:
        self.width = width
        self.height = height
        self._mirrored = right_to_left
        self._fonts = f"{_FONTS}, {font}" if font else _FONTS
        self._parts: list[str] = []

    def box(self, x: float, y: float, width: float, height: float, fill: str = INK, stroke: str = "none") -> None:
        left = self.width - x - width if self._mirrored else x
        self._parts.append(
            f'<rect x="{_n(left)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" fill="{fill}"'
            f' stroke="{stroke}"/>'
        )

    def line(
        self, x: float, y: float, to_x: float, to_y: float, stroke: str = INK, width: float = 1, dashed: bool = False
    ) -> None:
        dash = ' stroke-dasharray="3 2"' if dashed else ""
        self._parts.append(
            f'<line x1="{_n(self._x(x))}" y1="{_n(y)}" x2="{_n(self._x(to_x))}" y2="{_n(to_y)}" stroke="{stroke}"'
            f' stroke-width="{_n(width)}"{dash}/>'
        )

    def dot(self, x: float, y: float, radius: float, fill: str = INK, stroke: str = INK) -> None:
        """A dot; a place of a map, which is not mirrored, is given with ``Canvas.map_x``."""
        self._parts.append(
            f'<circle cx="{_n(self._x(x))}" cy="{_n(y)}" r="{_n(radius)}" fill="{fill}" stroke="{stroke}"/>'
        )

    def text(
        self, x: float, y: float, text: str, end: End = End.START, size: float = 9, bold: bool = False, fill: str = INK
    ) -> None:
        swapped = {End.START: End.END, End.END: End.START}.get(end, end) if self._mirrored else end
        weight = ' font-weight="700"' if bold else ""
        told = f"{_RIGHT_TO_LEFT_ISOLATE}{text}{_POP_ISOLATE}" if self._mirrored else text
        self._parts.append(
            f'<text x="{_n(self._x(x))}" y="{_n(y)}" text-anchor="{swapped}" font-size="{_n(size)}" fill="{fill}"'
            f"{weight}>{escape(_UNFIT.sub('', told))}</text>"
        )

    def map_x(self, x: float) -> float:
        """Return the place for something whose left is left in every language."""
        return self.width - x if self._mirrored else x

    def svg(self) -> str:
        """Return the drawing."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(self.width)} {_n(self.height)}"'
            f' width="{_n(self.width)}" height="{_n(self.height)}" direction="ltr" font-family="{self._fonts}"'
            f' aria-hidden="true">{"".join(self._parts)}</svg>'
        )

    def _x(self, x: float) -> float:
        return self.width - x if self._mirrored else x


def _n(number: float) -> str:
    """Return a number in as few letters as a tenth of a point needs."""
    return f"{number:.1f}".removesuffix(".0")
