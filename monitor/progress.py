"""What the demo shows in a terminal: how far the first look has come, and the score."""

from __future__ import annotations

from typing import Self

from rich import progress
from rich.console import Console
from rich.table import Table

from monitor.core.snapshot import Snapshot
from monitor.demo import Score


class Progress:
    """A bar on a terminal, and nothing elsewhere."""

    def __init__(self, console: Console, cameras: int) -> None:
        self._bar = progress.Progress(
            progress.TextColumn("  {task.description}"),
            progress.BarColumn(),
            progress.MofNCompleteColumn(),
            progress.TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("cameras judged", total=cameras)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show(self, snapshot: Snapshot, left: int) -> None:
        done = len(snapshot.views) - left
        self._bar.update(self._task, completed=done, description=f"cameras judged, {snapshot.not_working} not working")


def score_table(score: Score) -> Table:
    """Return the score for a terminal."""
    table = Table(title=f"{score.not_working:,} of {score.cameras:,} cameras not working", title_justify="left")
    table.add_column("what")
    table.add_column("cameras", justify="right")
    for state, count in score.states.items():
        table.add_row(state, f"{count:,}")
    table.add_section()
    for reason, count in score.reasons.items():
        table.add_row(f"not working: {reason}", f"{count:,}")
    table.add_section()
    table.add_row("agree with the city's truth", f"{score.agreeing:,}")
    table.add_row("missed", f"{len(score.missed):,}")
    table.add_row("false alarms", f"{len(score.false_alarms):,}")
    table.add_row("judged within", f"{score.seconds:.0f} s")
    return table
