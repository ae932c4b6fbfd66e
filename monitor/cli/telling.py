"""The commands that tell what is known: why, causes and their acknowledgement, a shift's hand-over, batteries."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from monitor.cli.asking import asked, reading
from monitor.cli.frame import (
    DEFAULT_LEDGER,
    PROBLEMS,
    LedgerOption,
    MonitorOption,
    RemoteOption,
    TokenFileOption,
    app,
    fail,
    ledger_at,
    messages,
    print_wide,
    run_to_end,
    token_of,
    user,
)
from monitor.core.diagnosis.naming import ordered
from monitor.core.handover import Shift
from monitor.core.times import Clock
from monitor.inspection import acknowledging, explanation, moments, sheets
from monitor.inspection.causes import Known, ask, read
from monitor.ledger import batteries as ups
from monitor.ledger.plain import printable
from monitor.ledger.reader import Reader
from monitor.ledger.shift import handed_over
from monitor.ledger.why import SILENT_S
from monitor.progress import battery_table
from monitor.web import handover_json
from monitor.web.acknowledging import Word


@app.command(
    epilog="[bold]Examples[/bold]\n\n camfleet why pier-gate --ledger /var/lib/camfleet/ledger.sqlite\n\n"
    ' camfleet why pier-gate --at "yesterday 10:31"\n\n camfleet why uplink-02adc65f5f'
    "\n\n camfleet why SW-14/3"
)
def why(
    name: Annotated[str, typer.Argument(metavar="CAMERA|CAUSE", help="The camera's id, or a cause's.")],
    ledger: LedgerOption = DEFAULT_LEDGER,
    at: Annotated[
        str, typer.Option(metavar="TIME", help="As it stood then: 10:31, 5 min ago, 2026-11-22T10:31+05:00.")
    ] = "",
) -> None:
    """Say what was seen of a camera and why it is in its state, now or then.

    Of a cause it tells the life: when it opened, who came to it and left it, how
    it ended. It reads the ledger, also while a monitor writes it; run it where
    the ledger is.
    """
    then = _moment("--at", at, ahead=False) if at else None
    if then is not None and then > time.time():
        fail(f"--at {at}: that is still to come")
    with reading():
        typer.echo(explanation.why(name, ledger_at(ledger), then))


@app.command(epilog="[bold]Examples[/bold]\n\n camfleet causes\n\n camfleet causes --json | jq '.[].members'")
def causes(
    ledger: LedgerOption = DEFAULT_LEDGER,
    monitor: RemoteOption = "",
    token_file: TokenFileOption = None,
    everything: Annotated[
        bool, typer.Option("--all", metavar="", help="Each cause by itself, also those of one device.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", metavar="", help="Print all that is known of each as JSON.")
    ] = False,
) -> None:
    """List why cameras do not work: shared causes first, the others by kind."""
    known = _known(ledger, monitor, token_file)
    if as_json:
        typer.echo(json.dumps([known.as_json(one) for one in ordered(known.causes)]))
    else:
        clock = Clock(time.time(), None)
        if known.looked_at is not None and clock.now - known.looked_at >= SILENT_S:
            messages.print(f"No monitor has been looking since {clock.moment(known.looked_at)}: as it stood then.")
        print_wide(sheets.causes_table(known, everything, clock))


def _known(ledger: Path, monitor: str, token_file: Path | None) -> Known:
    with reading():
        if not monitor:
            return read(ledger_at(ledger), time.time())
        found: Known = run_to_end(ask(monitor, token_of(token_file)))
    return found


@app.command(
    epilog="[bold]Examples[/bold]\n\n"
    ' camfleet acknowledge uplink-02adc65f5f --for 8h --reason "crew at the splice" --owner "Fibre Co"\n\n'
    " camfleet acknowledge uplink-02adc65f5f --withdraw"
)
def acknowledge(
    cause: Annotated[str, typer.Argument(help="The cause's id, as camfleet causes lists it.")],
    reason: Annotated[str, typer.Option(help="Why it needs no page now; kept in the ledger.")] = "",
    owner: Annotated[str, typer.Option(help="Whose it is, if not whose such causes are.")] = "",
    span: Annotated[str, typer.Option("--for", metavar="SPAN", help="For how long: 30min, 8h, 2d; 90d at most.")] = "",
    until: Annotated[
        str, typer.Option(metavar="TIME", help="Until when: 18:00, tomorrow 06:00, 2026-11-22T18:00+05:00.")
    ] = "",
    withdraw: Annotated[bool, typer.Option("--withdraw", metavar="", help="Take an acknowledgement back.")] = False,
    ledger: LedgerOption = DEFAULT_LEDGER,
    monitor: MonitorOption = "",
    token_file: TokenFileOption = None,
) -> None:
    """Say that a cause is known: it stays open and shown, and does not page until a moment."""
    word = Word(cause, user(), reason, owner)
    if withdraw:
        if span or until or owner:
            fail("--withdraw needs no --for, --until or --owner.")
    elif bool(span) is bool(until):
        fail("Say until when it is known: --for 8h, or --until 18:00.")
    elif not reason.strip():
        fail("Say why: --reason TEXT.")
    else:
        end = _moment("--until", until, ahead=True) if until else time.time() + _span("--for", span)
        word = word._replace(until=end)
    token = token_of(token_file)
    note = asked(lambda tell: acknowledging.say(word, withdraw, ledger_at(ledger), monitor, token, tell), PROBLEMS)
    end_at = Clock(time.time(), None).moment(note.until)
    if withdraw:
        typer.echo(f"{cause}: no longer acknowledged by {printable(note.who)}. It pages as any other.")
    else:
        typer.echo(f"{cause}: acknowledged until {end_at}. It stays open and shown; until then it does not page.")


@app.command(
    epilog="[bold]Examples[/bold]\n\n camfleet handover\n\n camfleet handover --since 06:00\n\n"
    " camfleet handover --hours 12 --json"
    "\n\n camfleet handover --ledger /var/lib/camfleet/ledger.sqlite"
)
def handover(
    since: Annotated[str, typer.Option(metavar="TIME", help="When the shift began: 06:00, yesterday 22:00.")] = "",
    hours: Annotated[
        float, typer.Option(min=0.1, max=168, help="How long the shift lasted, and the next one will.")
    ] = 8,
    ledger: LedgerOption = DEFAULT_LEDGER,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help="Print it as JSON.")] = False,
) -> None:
    """Print what the next shift has to know: what changed, what nobody took on, what runs out.

    It says which cameras stopped or work again, by how each stood at the
    beginning and stands now, which causes opened and ended, which are not
    acknowledged, which acknowledgements end in the next shift,
    where the inventory seems wrong, what is planned until the end of the next
    shift, and what is known for longest. It reads the ledger, also while a
    monitor writes it; elsewhere the page /handover of the monitor is the same
    sheet.
    """
    now = time.time()
    began = _moment("--since", since, ahead=False) if since else now - hours * 3600
    if began >= now:
        fail(f"--since {since}: that is still to come")
    with reading():
        known = read(ledger_at(ledger), now)
        with Reader.of_fleet(ledger) as reader:
            sheet = handed_over(reader, Shift(began, now, now + hours * 3600))
    if as_json:
        typer.echo(json.dumps(handover_json.sheet(sheet, known.acknowledgements, known.owners)))
    else:
        print_wide(sheets.handover_sheet(sheet, known, Clock(now, None)))


def _moment(option: str, text: str, ahead: bool) -> float:
    return _meant(option, text, lambda: moments.moment(text, time.time(), ahead))


def _span(option: str, text: str) -> float:
    return _meant(option, text, lambda: moments.span(text))


def _meant(option: str, text: str, meaning: Callable[[], float]) -> float:
    """Return what an option's text means, or end where it means nothing."""
    try:
        return meaning()
    except ValueError as error:
        fail(f"{option} {text}: {error}")


@app.command(
    epilog="[bold]Examples[/bold]\n\n camfleet batteries\n\n"
    " camfleet batteries --ledger /var/lib/camfleet/ledger.sqlite\n\n"
    " camfleet batteries --json | jq '.[] | select(.usual_s < 600)'"
)
def batteries(
    ledger: LedgerOption = DEFAULT_LEDGER,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help="Print all cuts as JSON.")] = False,
) -> None:
    """Say how long each site lasts without mains, by the cuts of its feeder that were seen.

    It reads the ledger, also while a monitor writes it; run it where the ledger
    is.
    """
    with reading(), Reader.of_fleet(ledger_at(ledger)) as reader:
        found = ups.batteries(reader)
    if as_json:
        typer.echo(json.dumps([one.to_json() for one in found]))
    elif not found:
        messages.print("No feeder was seen to be cut since this ledger began.")
    else:
        Console(highlight=False).print(battery_table(found, Clock(time.time(), None)))
