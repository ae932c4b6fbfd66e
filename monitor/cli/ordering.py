"""The command about work orders."""

from __future__ import annotations

import json
import time
from typing import Annotated

import typer

from monitor.cli.asking import reading
from monitor.cli.frame import DEFAULT_LEDGER, LedgerOption, app, ledger_at, print_wide
from monitor.core.times import Clock
from monitor.inspection import order_sheet
from monitor.ledger import orders as kept
from monitor.ledger.reader import Reader


@app.command(
    epilog="[bold]Examples[/bold]\n\n camfleet orders\n\n camfleet orders --all"
    "\n\n camfleet orders --json | jq '.orders[] | select(.answered == null)'"
)
def orders(
    ledger: LedgerOption = DEFAULT_LEDGER,
    everything: Annotated[
        bool, typer.Option("--all", metavar="", help="Those that were closed in the last week, too.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help="Print them as JSON.")] = False,
) -> None:
    """List the work orders: what is wrong, since when, who was told, who is on it.

    It reads the ledger, also while a monitor writes it; run it where the ledger is.
    """
    with reading(), Reader.open(ledger_at(ledger)) as reader:
        found = kept.restored(reader.restore().memory)
    shown = sorted((one for one in found.values() if everything or one.is_open), key=lambda one: (one.opened, one.id))
    if as_json:
        typer.echo(json.dumps({"orders": [order_sheet.to_json(one) for one in shown]}, ensure_ascii=False))
    else:
        now = time.time()
        print_wide(order_sheet.table(shown, Clock(now, None)))
