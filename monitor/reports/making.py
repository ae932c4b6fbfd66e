"""Writing a statement and its tables: the one way for reports and for their verification."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from monitor.core.audit import Show
from monitor.core.event import RungEvent
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
    rows = Rows(statement.readings, statement.contract.time_zone, statement.blame, statement.contract.money)
    with ExitStack() as stack:

        def table(name: str, columns: Iterable[str]) -> Table:
            file = (folder / name).open("w", encoding="utf-8", errors="backslashreplace", newline="")
            return Table(stack.enter_context(file), tuple(columns))

        cameras, outages = table(CAMERAS, rows.cameras), table(OUTAGES, OUTAGE_COLUMNS)
        exclusions = table(EXCLUSIONS, EXCLUSION_COLUMNS)
        for number, account in enumerate(statement.accounts(rungs)):
            cameras.add(rows.camera(account))
            for outage in rows.outages(account):
                outages.add(outage)
            if number % TOLD_EVERY == 0:
                show(number)
        plain = statement.plain()
        for one in plain["exclusions"]:
            exclusions.add(rows.exclusion(one))
    (folder / STATEMENT).write_text(text(plain), encoding="ascii")
    (folder / TERMS).write_text(json.dumps(to_json(statement.contract), indent=1) + "\n", encoding="ascii")
    return plain
