"""The lines that say where sites stand: they change with the inventory only."""

from __future__ import annotations

from collections.abc import Iterator

from exporters import catalogue
from exporters.text import head, labels
from monitor.core.model import Inventory

#: Lines a piece.
PIECE = 500


class Lines:
    """The text of both families, kept until the inventory is another one."""

    def __init__(self) -> None:
        self._of: Inventory | None = None
        self._pieces: list[bytes] = []

    def render(self, inventory: Inventory) -> Iterator[bytes]:
        """Yield the lines of an inventory, a piece at a time."""
        if inventory is self._of:
            yield from self._pieces
            return
        pieces = []
        for piece in _pieces(inventory):
            pieces.append(piece)
            yield piece
        self._of, self._pieces = inventory, pieces


def _pieces(inventory: Inventory) -> Iterator[bytes]:
    placed = [(site, site.position) for site in inventory.sites.values() if site.position is not None]
    for metric, axis in ((catalogue.LATITUDE, "latitude"), (catalogue.LONGITUDE, "longitude")):
        yield head(metric).encode()
        for start in range(0, len(placed), PIECE):
            lines = []
            for site, position in placed[start : start + PIECE]:
                place = labels((("zone", site.zone), ("site", site.id)))
                lines.append(f"{metric.name}{{{place}}} {getattr(position, axis)!r}\n")
            yield "".join(lines).encode()
