"""The command that puts our dashboards into a running Grafana."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from monitor.cli.frame import PROBLEMS, app, fail, messages
from monitor.inventory.bounded import NotAFile, read_bounded
from monitor.inventory.schema import REFERENCE
from monitor.inventory.secret import SecretError, Vault
from monitor.inventory.web_address import unfit
from monitor.ledger.plain import printable
from monitor.progress import Counting

if TYPE_CHECKING:
    from exporters.grafana import Dashboard, Grafana

DEFAULT_DASHBOARDS = Path("dashboards/generated")
DASHBOARD_BYTES_MAX = 4 * 2**20
TITLE_COLUMNS = 28

dashboards_app = typer.Typer(help="Our dashboards in a running Grafana.", no_args_is_help=True)
app.add_typer(dashboards_app, name="dashboards")


@dashboards_app.callback()
def _dashboards() -> None:
    pass


@dashboards_app.command(
    epilog="[bold]Examples[/bold]\n\n camfleet dashboards push https://grafana.example --token file:secrets/grafana"
    "\n\n camfleet dashboards push http://127.0.0.1:3000 --token env:GRAFANA_TOKEN --folder Cameras --dry-run"
)
def push(
    url: Annotated[str, typer.Argument(metavar="URL", help="Where Grafana answers; nothing else is asked.")],
    token: Annotated[
        str,
        typer.Option(
            metavar="REFERENCE", help="A service account's token, role Editor: file:PATH, env:NAME, cred:NAME."
        ),
    ],
    folder: Annotated[
        str, typer.Option(metavar="TITLE", help="The folder there; made where there is none.")
    ] = "Camfleet",
    source: Annotated[
        Path, typer.Option("--from", metavar="FOLDER", help="The dashboards, as make dashboards writes them.")
    ] = DEFAULT_DASHBOARDS,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", metavar="", help="Say what would be done, and do nothing.")
    ] = False,
) -> None:
    """Put the dashboards into a running Grafana, 12 or newer; those that are there as they are stay untouched.

    A dashboard is known by its uid, so links and bookmarks go on working. What was
    changed there by hand is put back; Grafana keeps it in the dashboard's history.
    """
    _check(url)
    from exporters.grafana import Grafana, GrafanaError  # its library takes a while, and no other command needs it

    found, secret = _dashboards_in(source), _secret(token)
    try:
        _push(Grafana(url, secret), url, found, folder, dry_run)
    except GrafanaError as error:
        fail(printable(f"{url}: Grafana {error}"), PROBLEMS)


def _check(url: str) -> None:
    """End where a token would not be safe there; a URL with a login in it is not repeated."""
    flaw = unfit(url, "https://grafana.example")
    if flaw is None and urlsplit(url).query:
        flaw = "must have no query", "leave it out"
    if flaw is not None:
        fail(f"{'the URL' if '@' in url else printable(url)}: {'; '.join(flaw)}")


def _push(grafana: Grafana, url: str, found: list[Dashboard], folder: str, dry_run: bool) -> None:
    grafana.check()
    place = grafana.folder(folder)
    if place is None and not dry_run:
        place = grafana.make_folder(folder)
    done: list[str] = []
    try:
        with Counting(messages, "dashboards", len(found)) as counting:
            for dashboard in found:
                outcome = (
                    grafana.outcome(dashboard, place) if dry_run or place is None else grafana.put(dashboard, place)
                )
                done.append(f"{outcome:<9}  {dashboard.title:<{TITLE_COLUMNS}}  {url.rstrip('/')}/d/{dashboard.uid}")
                counting.show(len(done))
    finally:
        for line in done:
            typer.echo(printable(line))
    if dry_run:
        messages.print("Nothing was written: this says what would become of them.")


def _dashboards_in(folder: Path) -> list[Dashboard]:
    from exporters.grafana import Dashboard

    found = []
    for file in sorted(folder.glob("*.json")):
        try:
            model = json.loads(read_bounded(file, DASHBOARD_BYTES_MAX))
            found.append(Dashboard(model["uid"], model["title"], model))
        except (NotAFile, OSError) as error:
            fail(f"{file}: cannot be read: {getattr(error, 'strerror', None) or 'this is no file'}")
        except (ValueError, KeyError, TypeError, RecursionError):
            fail(f"{file}: this is no dashboard")
    return found or fail(f"{folder}: no dashboard is there; make dashboards writes them, and --from says where")


def _secret(reference: str) -> str:
    if not REFERENCE.fullmatch(reference):
        fail(
            "--token: the token itself does not stand in a command; write a reference, file:PATH, env:NAME or cred:NAME"
        )
    try:
        return Vault(os.environ).secret(reference, ".").reveal()
    except SecretError as error:
        fail(f"--token {reference}: {error.message}{f'; {error.hint}' if error.hint else ''}")
