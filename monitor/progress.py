"""What is shown on a terminal while it takes its time: how far the first look has come, what is asked, the score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Self

from rich import progress
from rich.console import Console
from rich.status import Status
from rich.table import Table

from monitor.core.counting import counted
from monitor.core.snapshot import Snapshot
from monitor.core.state import State
from monitor.core.times import Clock
from monitor.core.verdict import REASONS, Reason
from monitor.demo import Score
from monitor.ledger.batteries import Battery
from monitor.ledger.why import minutes

#: Shared causes that a table names one by one.
MOST_CAUSES = 12


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


class Counting:
    """A bar on a terminal over so many things (None: nobody knows how many), and nothing elsewhere."""

    def __init__(self, console: Console, what: str, total: int | None) -> None:
        self._bar = progress.Progress(
            progress.TextColumn("  {task.description}"),
            progress.BarColumn(),
            progress.MofNCompleteColumn(),
            progress.TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task(what, total=total)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show(self, number: int) -> None:
        self._bar.update(self._task, completed=number)


#: Who is asked, by protocol.
QUESTIONED = {"onvif": "its ONVIF service", "rtsp": "its video (RTSP)", "snmp": "its SNMP agent"}


class Looking:
    """What a look does now: a line on a terminal; elsewhere only what it waits for."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status = Status("", console=console, spinner="line") if console.is_terminal else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        if self._status is not None:
            self._status.stop()

    def show(self, event: Mapping[str, Any]) -> None:
        """Tell an event of the look."""
        match event["event"]:
            case "camera":
                self._now(f"looking at {event['camera']}")
            case "asking":
                self._now(f"asking {QUESTIONED.get(event['probe'], 'it')}")
            case "question":
                self._now(f"asking {event['service'].rpartition('//')[2]}: {event['operation']}")
            case "waiting":
                self._say(f"It has been asked enough for now; the next question waits {event['seconds']:.0f} s.")
            case "surveying":
                self._say("The monitor asks it in portions, as its budget allows: some minutes are usual.")
            case "alone":
                self._say(
                    f"No monitor writes {event['ledger']}: the camera is asked directly. If one watches it elsewhere,"
                    " ask through that one: --monitor URL, or --ledger with its ledger."
                )
            case "joining":
                self._say("Another camfleet uses this ledger; waiting until it is done.")

    def _now(self, text: str) -> None:
        if self._status is not None:
            self._status.update(f"{text} …")
            self._status.start()

    def _say(self, sentence: str) -> None:
        self._console.print(sentence, markup=False, soft_wrap=True)


STATES = {
    State.UP: "working",
    State.DEGRADED: "working, with a fault",
    State.UNREACHABLE: "not working: cut off",
    State.DOWN: "not working",
    State.UNKNOWN: "not known",
}


def battery_table(found: Sequence[Battery], clock: Clock) -> Table:
    """Return how long the sites of a fleet last without mains."""
    table = Table(title_justify="left", title=f"{counted(len(found), 'site')} fell silent after a cut of the feeder")
    table.add_column("site")
    table.add_column("lasts", justify="right")
    table.add_column("cuts", justify="right")
    table.add_column("last cut")
    for one in found:
        last = one.cuts[-1]
        usual = f"{one.usual_s / 60:.0f} min" if one.usual_s >= 60 else "no battery"
        table.add_row(one.site, usual, str(len(one.cuts)), f"{clock.full(last.by)}: {last.feeder}, {minutes(last)}")
    return table


def score_table(score: Score) -> Table:
    """Return the score for a person, in the words of the pages."""
    table = Table(title=f"{score.not_working:,} of {score.cameras:,} cameras not working", title_justify="left")
    table.add_column("what was found")
    table.add_column("cameras", justify="right")
    for state, count in score.states.items():
        if count or State(state) is not State.UNREACHABLE:
            table.add_row(STATES[State(state)], f"{count:,}")
    table.add_section()
    for reason, count in score.reasons.items():
        table.add_row(f"not working: {REASONS[Reason(reason)].title}", f"{count:,}")
    table.add_section()
    for cause in [cause for cause in score.causes if cause.holds][:MOST_CAUSES]:
        table.add_row(f"{cause.kind}: {cause.scope.name}", f"{len(cause.members):,}")
    by_kind = Counter(cause.kind for cause in score.causes if not cause.holds)
    for kind, count in by_kind.most_common():
        table.add_row(f"{kind}", f"{count:,}")
    table.add_section()
    table.add_row("judged as the city's own truth has it", f"{score.agreeing:,}")
    table.add_row("faults missed", f"{len(score.missed):,}")
    table.add_row("false alarms", f"{len(score.false_alarms):,}")
    if score.pairs is not None:
        table.add_row("cameras given the cause that the city has", f"{score.pairs.right:,} of {score.pairs.found:,}")
    table.add_row("time that it took", f"{score.seconds:.0f} s")
    return table
