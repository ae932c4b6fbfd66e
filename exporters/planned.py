"""The lines of what is planned: one a camera and kind, while it holds."""

from __future__ import annotations

from collections.abc import Iterator

from exporters import catalogue
from exporters.text import labels
from monitor.core.model import Inventory
from monitor.core.planned import Planned
from monitor.core.snapshot import Snapshot

#: Lines a piece.
PIECE = 500


class Lines:
    """The text of the family, kept until something else is planned."""

    def __init__(self) -> None:
        self._of: tuple[Planned, Inventory] | None = None
        self._pieces: list[bytes] = []

    def render(self, snapshot: Snapshot) -> Iterator[bytes]:
        """Yield the lines of a snapshot, a piece at a time."""
        of = (snapshot.planned, snapshot.inventory)
        if self._of is not None and all(old is new for old, new in zip(self._of, of, strict=True)):
            yield from self._pieces
            return
        pieces = []
        cameras = list(snapshot.planned.cameras)
        for start in range(0, len(cameras), PIECE):
            pieces.append("".join(_line(snapshot, camera) for camera in cameras[start : start + PIECE]).encode())
            yield pieces[-1]
        self._of, self._pieces = of, pieces


def _line(snapshot: Snapshot, id_: str) -> str:
    camera = snapshot.inventory.cameras[id_]
    place = labels((("camera", id_), ("zone", camera.zone), ("site", camera.site)))
    kinds = sorted({active.entry.kind for active in snapshot.planned.of(id_)})
    return "".join(f'{catalogue.PLANNED.name}{{{place},kind="{kind}"}} 1\n' for kind in kinds)
