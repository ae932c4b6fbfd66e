"""The command that states a period: its figures, and the pack of evidence that proves them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from monitor.cli.frame import DEFAULT_LEDGER, PROBLEMS, LedgerOption, app, fail, ledger_at, messages
from monitor.core.collector import collector_paused
from monitor.core.statement.statement import text
from monitor.ledger.errors import LedgerError
from monitor.ledger.plain import printable
from monitor.progress import Counting
from monitor.reports import headline, pack
from monitor.reports.pack import Asked, PackError
from monitor.reports.so_far import so_far
from monitor.reports.source import OfLedger


@app.command(
    epilog="[bold]Examples[/bold]\n\n camfleet report\n\n camfleet report --period 2026-10 --out reports/2026-10\n\n"
    " camfleet report --contract safe-city --period 2026-W43 --json | jq '.readings[0].camera_hours'"
)
def report(
    period: Annotated[
        str,
        typer.Option(
            metavar="PERIOD",
            help="2026-10, 2026-Q4, 2026-W43, 2026, a day, two days with a slash; without it: so far.",
        ),
    ] = "",
    contract: Annotated[
        str, typer.Option(metavar="NAME", help="Whose terms count; not needed where the ledger has one, or none.")
    ] = "",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FOLDER", help="Write the evidence pack into this new folder.")
    ] = None,
    language: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="A language of the papers: en, ur; repeatable. Else all that there are."),
    ] = None,
    refuse: Annotated[
        str, typer.Option(metavar="ENTRY", help="Say beside it what it comes to if this exclusion is refused.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", metavar="", help="Print the statement as JSON.")] = False,
    ledger: LedgerOption = DEFAULT_LEDGER,
    events: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Read the first N events only: an earlier report again.")
    ] = None,
) -> None:
    """State what a period was for a contract, from the ledger alone: up, down, excused, not seen, and money.

    Without --period: how each contract stands so far, in the period that
    the ledger's newest event lies in, as the oversight page shows it.

    With --out a pack of evidence is written: the report as pages and PDF,
    its tables, all events that they are made of, a signed checkpoint.
    camfleet verify computes it all again.
    """
    asked = Asked(ledger_at(ledger), contract, period, events)
    if refuse and (out is not None or not period):
        fail("--refuse: a period is stated by it, and no pack is made of it")
    if not period:
        if out is not None:
            fail("--out: a pack is of a period: say which, by --period")
        _stand(asked, as_json)
        return
    plain = _made(asked, out, language or [])
    if refuse:
        other = _made(asked._replace(refused=refuse), None, [])["readings"][0]
        plain["readings"].append({**other, "reading": f"if {refuse} is refused"})
    if as_json:
        typer.echo(text(plain), nl=False)
        return
    for line in headline.told(plain):
        typer.echo(printable(line))
    if out is not None:
        typer.echo(f"\n{out}: the evidence pack. Whoever gets it checks it by: camfleet verify {out}")


def _stand(asked: Asked, as_json: bool) -> None:
    """Print how each contract, or the one that is named, stands so far."""
    try:
        with OfLedger.open(asked.ledger, asked.leaves) as source, collector_paused():
            told = so_far(source)["contracts"]
    except LedgerError as error:
        fail(str(error), PROBLEMS)
    found = [one for one in told if asked.contract in ("", one["id"])]
    if not found:
        fail(f"--contract {asked.contract}: the ledger has {', '.join(one['id'] for one in told)}")
    if as_json:
        typer.echo(json.dumps({"contracts": found}, indent=1))
        return
    for place, one in enumerate(found):
        heading = one["heading"]
        for line in headline.told(heading) if heading else _not_stated(one):
            typer.echo(printable(line))
        if place < len(found) - 1:
            typer.echo()


def _not_stated(one: dict[str, Any]) -> Iterator[str]:
    yield f"{one['id']}: not stated: {one['why']}"
    if one["ended"]:
        yield f"The newest period that is over: --contract {one['id']} --period {one['ended'][0][0]}"


def _made(asked: Asked, out: Path | None, languages: list[str]) -> dict[str, Any]:
    """Make the statement, or the whole pack, behind a bar on a terminal."""
    try:
        with Counting(messages, "cameras", None) as counting:
            if out is None:
                return pack.statement(asked, counting.show)
            return pack.pack(asked, out, counting.show, languages, lambda sentence: messages.print(sentence))
    except LedgerError as error:
        fail(str(error), PROBLEMS)
    except PackError as error:
        fail(str(error))
    except ValueError as error:
        named = f"--contract {asked.contract} " if asked.contract else ""
        fail(f"{named}--period {asked.period}: {error}")
