"""The command about what is listed: the life of each camera, and what cannot be as the inventory says."""

from __future__ import annotations

import json
import time
from typing import Annotated

import typer

from monitor.cli.frame import DEFAULT_LEDGER, LedgerOption, app, fail, ledger_at, print_wide
from monitor.core.asset_findings import Moment, findings
from monitor.inspection import asset_sheet
from monitor.inspection.asset_sheet import Assets
from monitor.ledger import asset_lives, identities
from monitor.ledger.errors import LedgerError
from monitor.ledger.reader import Reader


@app.command(
    epilog="[bold]Examples[/bold]\n\n camfleet assets\n\n camfleet assets --all\n\n camfleet assets --days 7 --json"
    " | jq '.findings[] | select(.kind == \"never seen\")'"
)
def assets(
    ledger: LedgerOption = DEFAULT_LEDGER,
    days: Annotated[int, typer.Option(min=1, max=3650, help="Silent for so long, a camera has vanished.")] = 30,
    everything: Annotated[bool, typer.Option("--all", metavar="", help="Print every camera's life, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help="Print it all as JSON.")] = False,
) -> None:
    """Say how many cameras there are, by each meaning of that, and which cannot be as the inventory says.

    Never seen, never live, vanished, replaced, another device in its place, one
    device at two places: each with its date and what shows it. It reads the
    ledger, also while a monitor writes it; run it where the ledger is.
    """
    moment = Moment(time.time(), vanished_s=days * 86_400.0)
    try:
        with Reader.of_fleet(ledger_at(ledger)) as reader:
            restored = reader.restore()
            lives = asset_lives.read(reader, restored)
    except LedgerError as error:
        fail(str(error))
    known = Assets(lives, findings(lives, identities.restored(restored.memory), moment), moment)
    if as_json:
        typer.echo(json.dumps(asset_sheet.plain(known), ensure_ascii=False))
        return
    if everything:
        print_wide(asset_sheet.lives_table(known))
        typer.echo()
    print_wide(asset_sheet.sheet(known))
