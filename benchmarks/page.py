"""docs/benchmarks.md: its tables stand between markers and are written by a run; the words around them by people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
PICTURES = PAGE.parent / "pictures"


class NoPlace(Exception):
    """The page has no place for these figures."""


def machine_table(machine: Mapping[str, str], command: str) -> str:
    """Return what the figures were measured on, as a list in Markdown."""
    lines = {"command": f"`{command}`", **machine}
    return "".join(f"- {name}: {value}\n" for name, value in lines.items())


def placed(page: str, name: str, figures: str) -> str:
    """Return the page with these figures between the markers of this name. Raises NoPlace."""
    marked = re.compile(rf"(<!-- figures: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not marked.search(page):
        raise NoPlace(f"{PAGE.name} has no <!-- figures: {name} --> … <!-- end -->")
    return marked.sub(lambda found: f"{found[1]}\n{figures}\n{found[2]}", page, count=1)


def write(name: str, figures: str) -> None:
    """Put figures into the page. Raises NoPlace, OSError."""
    PAGE.write_text(placed(PAGE.read_text(encoding="utf-8"), name, figures), encoding="utf-8")


def draw(name: str, drawing: str) -> None:
    """Put a drawing beside the page, which shows it. Raises OSError."""
    (PICTURES / f"{name}.svg").write_text(f"{drawing}\n", encoding="utf-8")
