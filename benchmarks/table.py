"""A table of figures: on a terminal, and in Markdown."""

from __future__ import annotations

from typing import NamedTuple

from rich.console import Console
from rich.table import Table as RichTable


class Table(NamedTuple):
    """Rows under a head, and sentences that belong to them."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    drawing: str = ""
    """SVG that shows it."""

    def markdown(self) -> str:
        lines = [self.head, ("---", *("---:" for _ in self.head[1:])), *self.rows]
        table = "".join(f"| {' | '.join(line)} |\n" for line in lines)
        return f"**{self.title}**\n\n{table}" + "".join(f"\n{note}\n" for note in self.notes)

    def print(self, console: Console) -> None:
        table = RichTable(title=self.title, title_justify="left", title_style="bold")
        for number, name in enumerate(self.head):
            table.add_column(name, justify="right" if number else "left")
        for row in self.rows:
            table.add_row(*row)
        console.print(table)
        for note in self.notes:
            console.print(note)
        console.print()
