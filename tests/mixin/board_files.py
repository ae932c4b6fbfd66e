"""The generated dashboards as they are committed, taken apart: panels, queries, variables."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from dashboards import mixin

BOARDS: dict[str, dict[str, Any]] = {
    file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted((mixin.FOLDER / "generated").iterdir())
}


class Asked(NamedTuple):
    """A query of a panel."""

    board: str
    panel: str
    ref: str
    expr: str
    instant: bool

    def __str__(self) -> str:
        return f"{self.board}: {self.panel} {self.ref}"


def panels() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every panel with its dashboard's uid."""
    for uid, board in BOARDS.items():
        for panel in board["panels"]:
            yield uid, panel


def asked() -> list[Asked]:
    """Return every query of every panel."""
    return [
        Asked(uid, panel["title"], target["refId"], target["expr"], target["instant"])
        for uid, panel in panels()
        for target in panel["targets"]
    ]


def filled(expr: str, **variables: str) -> str:
    """Return an expression with its variables replaced, as Grafana does before it asks."""
    known = {"__rate_interval": "10s", **variables}
    return re.sub(r"\$(\w+)", lambda found: known[found[1]], expr)
