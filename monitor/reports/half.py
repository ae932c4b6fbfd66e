"""The later half of a fleet's cameras, taken in by a process of its own beside the one that takes in the others.

    python -m monitor.reports.half LEDGER LEAVES CONTRACT PERIOD ROOT REFUSED FOLDER

writes the rows of its cameras' tables, and what its statement took in, into a folder that nobody else can reach.
"""

from __future__ import annotations

import io
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from monitor.core.collector import collector_paused
from monitor.core.sla.account import Settlement
from monitor.core.sla.facts import Facts
from monitor.core.statement.statement import Ledger, Statement, Taken
from monitor.ledger.errors import LedgerError
from monitor.reports import making
from monitor.reports.manifest import CAMERAS, OUTAGES
from monitor.reports.source import OfLedger

#: What a statement took in, as the other process left it.
TAKEN = "taken"
#: From so many events on it is quicker by two: before that, starting another process takes longer than it saves.
MANY_EVENTS = 300_000


class UnknownEntryError(ValueError):
    """Nothing that was planned is meant; a sentence."""


class Asked(NamedTuple):
    """Of which statement."""

    ledger: Path
    leaves: int
    contract: str
    period: str
    root: str
    refused: str = ""
    """What was planned and excuses nothing, as if nobody had approved it."""

    def begun(self, source: OfLedger, origin: str) -> Statement:
        """Begin the statement."""
        facts = source.facts()
        if self.refused and facts.versions.pop(self.refused, None) is None:
            known = ", ".join(sorted(facts.versions)) or "nothing"
            raise UnknownEntryError(f"nothing called {self.refused!r} was ever planned; it has {known}")
        return Statement(facts, self.contract, self.period, Ledger(origin, self.leaves, source.seq, self.root))


def is_worth_it(leaves: int) -> bool:
    """Say whether two processes are quicker than one."""
    return leaves >= MANY_EVENTS and (os.cpu_count() or 1) > 1


def middle(statement: Statement) -> int:
    """Return how many cameras come before the later half."""
    return (len(statement.cameras) + 1) // 2


class Half:
    """The process, from its start until its cameras are wanted."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._folder = Path(tempfile.mkdtemp())
        told = [str(asked.ledger.absolute()), *map(str, asked[1:]), str(self._folder)]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CAMFLEET_")}
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-P", "-m", __name__, *told],
            env=environment,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def add_to(self, statement: Statement, folder: Path) -> None:
        """Wait for it, and add its cameras to a statement and to its tables; LedgerError where it failed."""
        _, wrong = self._process.communicate()
        if self._process.returncode:
            lines = wrong.strip().splitlines() or ["the process ended without a word"]
            raise LedgerError(f"{self._asked.ledger}: half of the cameras cannot be stated: {lines[-1]}")
        with (self._folder / TAKEN).open("rb") as file:
            statement.add(_Reading(file, statement.settled).load())
        for name in (CAMERAS, OUTAGES):
            with (self._folder / name).open("rb") as rows, (folder / name).open("ab") as table:
                rows.readline()  # the head, which the table has
                shutil.copyfileobj(rows, table)

    def __enter__(self) -> Half:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.returncode is None:  # nobody asked for its word
            self._process.kill()
            self._process.communicate()
        shutil.rmtree(self._folder, ignore_errors=True)


class _Writing(pickle.Pickler):
    """Leaves out what both processes have."""

    def persistent_id(self, obj: Any) -> str | None:
        return type(obj).__name__ if isinstance(obj, (Facts, Settlement)) else None


class _Reading(pickle.Unpickler):
    """Puts one's own in its place."""

    def __init__(self, file: io.BufferedReader, settled: Settlement) -> None:
        super().__init__(file)
        self._own = {Facts.__name__: settled.facts, Settlement.__name__: settled}

    def persistent_load(self, pid: Any) -> Any:
        return self._own[pid]

    def load(self) -> Taken:
        taken = super().load()
        assert isinstance(taken, Taken)
        return taken


def main(arguments: list[str]) -> int:
    """Do what the command line says."""
    ledger, leaves, contract, period, root, refused, place = arguments
    asked, folder = Asked(Path(ledger), int(leaves), contract, period, root, refused), Path(place)
    try:
        with OfLedger.open(asked.ledger, asked.leaves) as source, collector_paused():
            statement = asked.begun(source, "")
            later = statement.cameras[middle(statement) :]
            rungs = source.rungs(first=later[0]) if later else iter(())
            making.tables(statement, statement.accounts(rungs, later), folder)
        with (folder / TAKEN).open("wb") as file:
            _Writing(file, pickle.HIGHEST_PROTOCOL).dump(statement.taken)
    except (LedgerError, ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
