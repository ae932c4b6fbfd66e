"""The frame of the command line: its options, exit codes, messages, and how files are taken in.

Data goes to standard output, messages to standard error; 0 fine, 1 problems found, 2 usage.
"""

from __future__ import annotations

import getpass
import os
import shlex
import shutil
import signal
import sys
from collections.abc import Coroutine
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn
from urllib.parse import urlsplit

import typer
from rich.console import Console, RenderableType

from monitor.core.calendar import Calendar
from monitor.core.model import Inventory
from monitor.core.workorder.paging import Paging
from monitor.inventory import InventoryError, load, load_beside
from monitor.inventory.calendar_file import calendar_of
from monitor.inventory.contracts_file import Contracts
from monitor.inventory.orders_file import paging_of
from monitor.scheduler.process import run_on_loop

FINE, PROBLEMS, USAGE = 0, 1, 2
DEFAULT_LISTEN = "127.0.0.1:8480"
DEFAULT_LEDGER = Path("camfleet.sqlite")
DEFAULT_INVENTORY = Path("inventory.yaml")
NAME_INVENTORY = "Write one (docs/inventory.md), and name it: --inventory PATH"
#: How wide a table is where it goes to a file or another program.
PIPE_COLUMNS = 200
LOG_LEVELS = Literal["debug", "info", "warning", "error"]

app = typer.Typer(
    name="camfleet",
    help="Which cameras of a fleet work, since when, and why the others do not.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

messages = Console(stderr=True, highlight=False)


def _url(text: str) -> str:
    """Return the address of a monitor as it was written, or end where it is none."""
    try:
        is_url = urlsplit(text).scheme in ("http", "https") and bool(urlsplit(text).hostname)
    except ValueError:
        is_url = False
    if text and not is_url:
        fail(f"--monitor {text}: write a URL, for example http://{DEFAULT_LISTEN}")
    return text


InventoryOption = Annotated[
    Path, typer.Option("--inventory", "-i", help="Inventory: a YAML, CSV or JSONL file, or a folder of them.")
]
CalendarOption = Annotated[
    Path | None, typer.Option("--calendar", help="What is planned; else calendar.yaml beside the inventory.")
]
ContractsOption = Annotated[
    Path | None, typer.Option("--contracts", help="The terms of contracts; else contracts.yaml beside the inventory.")
]
LedgerOption = Annotated[Path, typer.Option("--ledger", help="The ledger's SQLite file.")]
MonitorOption = Annotated[
    str,
    typer.Option(metavar="URL", callback=_url, help="Where the running monitor answers, if the ledger does not tell."),
]
RemoteOption = Annotated[
    str, typer.Option("--monitor", metavar="URL", callback=_url, help="Ask this monitor instead of a ledger.")
]
TokenFileOption = Annotated[
    Path | None, typer.Option(help="An operator's token for that monitor; or set CAMFLEET_TOKEN.")
]
LogLevel = Annotated[LOG_LEVELS, typer.Option("--log-level", help="The least severe messages to log.")]
LogJson = Annotated[bool, typer.Option("--log-json", metavar="", help="Log one JSON object a line.")]


def started_as() -> str:
    """Return what to type so that this camfleet runs again: its name where a shell finds it, else its place."""
    place = Path(sys.argv[0])
    if place.name == "__main__.py":
        return f"{shlex.quote(sys.executable)} -m monitor"
    found = shutil.which(place.name)
    if found is not None and Path(found).resolve() == place.resolve():
        return place.name
    return shlex.quote(str(place))


def fail(sentence: str, code: int = USAGE) -> NoReturn:
    messages.print(sentence, style="red", markup=False, soft_wrap=True)
    raise SystemExit(code)


def print_wide(what: RenderableType) -> None:
    """Print for a person; where nobody's terminal says how wide a line may be, it is not broken."""
    console = Console(highlight=False)
    Console(highlight=False, width=None if console.is_terminal else max(console.width, PIPE_COLUMNS)).print(what)


def _version(show: bool) -> None:
    if show:
        typer.echo(f"camfleet {version('camfleet')}")
        raise typer.Exit


@app.callback()
def _common(
    _: Annotated[
        bool, typer.Option("--version", metavar="", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def inventory_at(path: Path, code: int = USAGE, advice: str = NAME_INVENTORY, secrets: bool = True) -> Inventory:
    """Load an inventory, or end: with ``code`` where it has mistakes, by ``advice`` where there is none.

    Without ``secrets`` no password is fetched: who only asks what there is needs none.
    """
    if not path.exists():
        fail(f"{path}: there is no such inventory. {advice}")
    try:
        return load(path, os.environ if secrets else None)
    except InventoryError as error:
        messages.print(str(error), markup=False, soft_wrap=True)
        raise SystemExit(code) from None


def calendar_at(inventory: Path, fleet: Inventory, named: Path | None, code: int = USAGE) -> Calendar:
    """Load the calendar of an inventory, or end with ``code`` where it has mistakes."""
    _must_be_there("calendar", named)
    try:
        return calendar_of(inventory, fleet, named)
    except InventoryError as error:
        messages.print(str(error), markup=False, soft_wrap=True)
        raise SystemExit(code) from None


def beside_at(
    inventory: Path, fleet: Inventory, calendar: Path | None, contracts: Path | None, code: int = USAGE
) -> tuple[Calendar, Contracts]:
    """Load calendar and contracts of an inventory, or end with ``code`` where they have mistakes."""
    _must_be_there("calendar", calendar)
    _must_be_there("contracts", contracts)
    try:
        return load_beside(inventory, fleet, calendar, contracts)
    except InventoryError as error:
        messages.print(str(error), markup=False, soft_wrap=True)
        raise SystemExit(code) from None


def paging_at(inventory: Path, code: int = USAGE, has_tokens: bool = True) -> Paging | None:
    """Load whom work orders are told, where that stands beside an inventory, or end with ``code``."""
    try:
        return paging_of(inventory, os.environ, has_tokens)
    except InventoryError as error:
        messages.print(str(error), markup=False, soft_wrap=True)
        raise SystemExit(code) from None


def _must_be_there(what: str, named: Path | None) -> None:
    if named is not None and not named.exists():
        fail(f"--{what} {named}: there is no such file. docs/{what}.md shows how to write one.")


def token_of(path: Path | None) -> str:
    """Return the token that is shown to a monitor; nothing where there is none."""
    if path is None:
        return os.environ.get("CAMFLEET_TOKEN", "")
    try:
        words = path.read_text().split()
    except (OSError, UnicodeDecodeError) as error:
        fail(f"--token-file {path}: {getattr(error, 'strerror', None) or 'this is no text'}")
    return words[0] if words else fail(f"--token-file {path}: no token in it")


def ledger_at(ledger: Path) -> Path:
    if ledger.is_dir():
        fail(f"{ledger}: this is a folder; a ledger is a file, for example {ledger / DEFAULT_LEDGER}")
    return ledger


def run_to_end(work: Coroutine[Any, Any, Any]) -> Any:
    """Run to the end. From here on an interrupt is a cancellation."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return run_on_loop(work)


def user() -> str:
    """Return by which name this person goes on this machine."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody on this machine"
