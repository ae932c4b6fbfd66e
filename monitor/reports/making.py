"""Writing a statement and its tables: the one way for reports and for their verification."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from monitor.core.audit import Show
from monitor.core.event import RungEvent
from monitor.core.sla.account import Account
from monitor.core.sla.terms import to_json
from monitor.core.statement.statement import Statement, text
from monitor.reports.manifest import CAMERAS, EXCLUSIONS, OUTAGES, STATEMENT, TERMS
from monitor.reports.tables import EXCLUSIONS as EXCLUSION_COLUMNS
from monitor.reports.tables import OUTAGES as OUTAGE_COLUMNS
from monitor.reports.tables import Rows, Table

#: How often whoever waits is told how far it has come.
TOLD_EVERY = 256


def write(
    statement: Statement,
    rungs: Iterable[tuple[str, Iterable[RungEvent]]],
    folder: Path,
    show: Show = lambda number: None,
) -> dict[str, Any]:
    """Write a statement and its tables into a folder, and return the statement."""
    tables(statement, statement.accounts(rungs), folder, show)
    return finish(statement, folder)


def tables(statement: Statement, accounts: Iterable[Account], folder: Path, show: Show = lambda number: None) -> None:
    """Write the tables of these cameras, whose accounts the statement takes in on the way."""
    rows = _rows(statement)
    with _table(folder, CAMERAS, rows.cameras) as cameras, _table(folder, OUTAGES, OUTAGE_COLUMNS) as outages:
        for number, account in enumerate(accounts):
            cameras.add(rows.camera(account))
            for outage in rows.outages(account):
                outages.add(outage)
            if number % TOLD_EVERY == 0:
                show(number)


def finish(statement: Statement, folder: Path) -> dict[str, Any]:
    """Write what is left once all cameras were taken in, and return the statement."""
    rows, plain = _rows(statement), statement.plain()
    with _table(folder, EXCLUSIONS, EXCLUSION_COLUMNS) as exclusions:
        for one in plain["exclusions"]:
            exclusions.add(rows.exclusion(one))
    (folder / STATEMENT).write_text(text(plain), encoding="ascii")
    (folder / TERMS).write_text(json.dumps(to_json(statement.contract), indent=1) + "\n", encoding="ascii")
    return plain


def _rows(statement: Statement) -> Rows:
    return Rows(statement.readings, statement.contract.time_zone, statement.blame, statement.contract.money)


@contextmanager
def _table(folder: Path, name: str, columns: Iterable[str]) -> Iterator[Table]:
    with (folder / name).open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        yield Table(file, tuple(columns))
