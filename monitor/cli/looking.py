"""The commands that ask one camera now: probe, inspect, survey; and accept what answers for it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Annotated

import typer

from monitor.cli.asking import CameraArgument, FoundAsJson, asked, wanted
from monitor.cli.frame import (
    DEFAULT_INVENTORY,
    DEFAULT_LEDGER,
    FINE,
    PROBLEMS,
    InventoryOption,
    LedgerOption,
    MonitorOption,
    TokenFileOption,
    app,
    fail,
    inventory_at,
    user,
)
from monitor.core import survey as surveys
from monitor.core import survey_words
from monitor.dossier.whole import inspect as whole_dossier
from monitor.inspection import accepting, surveying
from monitor.inspection.debug import markdown, pseudonyms
from monitor.inspection.look import look
from monitor.ledger.plain import printable


@app.command(
    epilog="[bold]Examples[/bold]\n\n camfleet probe pier-gate\n\n"
    " camfleet probe pier-gate --debug --redact > report.md\n\n"
    " camfleet probe pier-gate --json | jq .rungs\n\n"
    " camfleet probe pier-gate --monitor http://127.0.0.1:8480"
)
def probe(
    camera: CameraArgument,
    inventory: InventoryOption = DEFAULT_INVENTORY,
    ledger: LedgerOption = DEFAULT_LEDGER,
    monitor: MonitorOption = "",
    token_file: TokenFileOption = None,
    clear_lock: Annotated[
        bool,
        typer.Option(
            "--clear-lock", metavar="", help="Forget the refused logins first: the password has been set right."
        ),
    ] = False,
    debug: Annotated[
        bool,
        typer.Option(
            "--debug", metavar="", help="Print all that was asked and answered, without secrets, as a bug report."
        ),
    ] = False,
    redact: Annotated[
        bool, typer.Option("--redact", metavar="", help="Take out addresses, serial numbers, names and places, too.")
    ] = False,
    as_json: FoundAsJson = False,
) -> None:
    """Ask one camera now: all its rungs, each question once.

    A monitor that runs is asked to do it; where none runs, the ledger keeps the camera's login lock and budget.
    """
    one = wanted(camera, inventory, ledger, monitor, token_file, clear_lock)
    report = asked(lambda tell: look(one, tell))
    hiding = pseudonyms(report) if redact else None
    if as_json:
        told = report.to_json(debug)
        typer.echo(json.dumps(hiding.value(told) if hiding else told))
    else:
        text = markdown(report) if debug else report.text()
        typer.echo(hiding.text(text) if hiding else text)
    raise SystemExit(FINE if report.working else PROBLEMS)


@app.command(
    epilog="[bold]Examples[/bold]\n\n camfleet inspect pier-gate\n\n camfleet inspect pier-gate --redact > report.json"
)
def inspect(
    camera: CameraArgument,
    inventory: InventoryOption = DEFAULT_INVENTORY,
    ledger: LedgerOption = DEFAULT_LEDGER,
    monitor: MonitorOption = "",
    token_file: TokenFileOption = None,
    redact: Annotated[
        bool, typer.Option("--redact", metavar="", help="Take out addresses, serial numbers and names of places, too.")
    ] = False,
    limit: Annotated[
        int, typer.Option(min=5, max=1800, metavar="SECONDS", help="After so long it is left; what was told is kept.")
    ] = 180,
) -> None:
    """Print everything that a camera's ONVIF services say, as JSON: for an unknown make, or a bug report.

    It looks at the camera first, as probe does, and logs in only where that look could. Nothing is changed, no secret
    is printed.
    """
    fleet = inventory_at(inventory)
    one = replace(wanted(camera, inventory, ledger, monitor, token_file), inventory=lambda: fleet)
    told, whole = asked(lambda tell: whole_dossier(one, fleet, limit, redact, tell))
    typer.echo(json.dumps(told, indent=1, ensure_ascii=False))
    if not whole:
        fail(f"The device was not asked to the end: {told['unfinished'] or 'it answered nothing'}.", PROBLEMS)
    if told["look"]["login"]["refused_at"] and told["login"] != "accepted":
        fail(
            "No login was made, because the device refuses ours: what needs one is missing. camfleet probe says when it"
            " is tried again.",
            PROBLEMS,
        )


@app.command(
    epilog="[bold]Examples[/bold]\n\n camfleet accept pier-gate\n\n"
    ' camfleet accept pier-gate --reason "hit by a lorry, work order 4711"'
)
def accept(
    camera: CameraArgument,
    reason: Annotated[str, typer.Option(help="Why it was replaced; kept in the ledger.")] = "",
    inventory: InventoryOption = DEFAULT_INVENTORY,
    ledger: LedgerOption = DEFAULT_LEDGER,
    monitor: MonitorOption = "",
    token_file: TokenFileOption = None,
) -> None:
    """Say that a camera was replaced: the device that answers now is the right one.

    Until then nothing that another device does is credited to the camera. It is
    recorded with both serial numbers, who said it, when and why.
    """
    one = wanted(camera, inventory, ledger, monitor, token_file)
    recorded = asked(lambda tell: accepting.accept(one, user(), reason, tell), PROBLEMS)
    for line in recorded:
        typer.echo(line)


@app.command(
    epilog="[bold]Examples[/bold]\n\n camfleet survey pier-gate\n\n camfleet survey pier-gate --json | jq .parts"
)
def survey(
    camera: CameraArgument,
    inventory: InventoryOption = DEFAULT_INVENTORY,
    ledger: LedgerOption = DEFAULT_LEDGER,
    monitor: MonitorOption = "",
    token_file: TokenFileOption = None,
    as_json: FoundAsJson = False,
) -> None:
    """Ask a camera what it is and how it is set: firmware, network, streams, storage.

    A device is not hurried: some minutes are usual, a recorder may take longer.
    A running monitor does this daily, and records what changed.
    """
    one = wanted(camera, inventory, ledger, monitor, token_file)
    found = asked(lambda tell: surveying.survey(one, tell))
    if as_json:
        typer.echo(json.dumps({"camera": camera, "at": found.at, "parts": surveys.to_json(found.parts)}))
    else:
        for line in survey_words.lines(found.parts, printable):
            typer.echo(line)
