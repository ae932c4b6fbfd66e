"""The generated dashboards as they are committed, taken apart: panels, queries, variables."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from dashboards import mixin
from dashboards.config import load

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
    """Return every query of every panel, and of what is marked on all of them."""
    return [
        Asked(uid, panel["title"], target["refId"], target["expr"], target["instant"])
        for uid, panel in panels()
        for target in panel["targets"]
    ] + [
        Asked(uid, f"mark: {note['name']}", "", note["expr"], False)
        for uid, board in BOARDS.items()
        for note in board["annotations"].get("list", [])
    ]


def shown(uid: str, title: str, ref: str = "A", **variables: str) -> str:
    """Return what a panel asks, or what is marked on a dashboard, with its variables replaced."""
    (query,) = (one for one in asked() if (one.board, one.panel) == (uid, title) and one.ref in (ref, ""))
    return filled(query.expr, **variables)


def filled(expr: str, **variables: str) -> str:
    """Return an expression with its variables replaced, as Grafana does before it asks."""
    known = {"__rate_interval": "10s", **variables}
    return re.sub(r"\$(\w+)", lambda found: known[found[1]], expr)


def hurried(folder: Path, hold: str = "") -> list[Path]:
    """Write the rules into a folder with groups that need not be waited five minutes for, and return their files.

    ``hold``: how long a cause is open before it alerts, if not as configured.
    """
    config = load()
    if hold:
        config = config.model_copy(update={"causes": config.causes.model_copy(update={"hold": hold})})
    found = []
    for name, text in mixin.files(config).items():
        if name.endswith(".yaml"):
            found.append(folder / name.replace("/", "-"))
            found[-1].write_text(text.replace("interval: 5m", "interval: 1s"), encoding="utf-8")
    return found
