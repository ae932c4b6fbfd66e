"""The command line. Data goes to standard output, messages to standard error; 0 fine, 1 problems found, 2 usage."""

from __future__ import annotations

import asyncio
import errno
import getpass
import io
import json
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn
from urllib.parse import urlsplit

import typer
from aiohttp import web
from rich.console import Console, RenderableType

from monitor import demo as demos
from monitor import logs, planning
from monitor.app import Listen, Monitor, counted, first_verdicts_s, serve
from monitor.core import survey as surveys
from monitor.core import survey_words
from monitor.core.calendar import SELECTORS, Calendar, Kind, Selector
from monitor.core.diagnosis.naming import ordered
from monitor.core.handover import Shift
from monitor.core.model import Inventory
from monitor.core.schedule import Rates
from monitor.core.times import Clock
from monitor.dossier.whole import inspect as whole_dossier
from monitor.inspection import accepting, acknowledging, explanation, moments, sheets, surveying
from monitor.inspection.causes import Known, ask, read
from monitor.inspection.debug import markdown, pseudonyms
from monitor.inspection.errors import LookError
from monitor.inspection.look import Wanted, look
from monitor.inventory import InventoryError, calendar_of, calendar_text, load
from monitor.inventory.bounded import NotAFile, read_bounded, replace_file
from monitor.inventory.calendar_file import beside, parse_calendar, selectable
from monitor.inventory.icalendar_file import BYTES_MAX, Approval, NoCalendar, read_icalendar
from monitor.inventory.mistake import likely
from monitor.ledger import batteries as ups
from monitor.ledger.errors import LedgerError
from monitor.ledger.ledger import Ledger
from monitor.ledger.plain import printable
from monitor.ledger.reader import Reader
from monitor.ledger.shift import handed_over
from monitor.ledger.why import SILENT_S
from monitor.probes.traps import Traps
from monitor.progress import Looking, Progress, battery_table, score_table
from monitor.web import cause_json, handover_json
from monitor.web.acknowledging import Word
from monitor.web.tokens import Tokens, TokensError, listen_allowed

FINE, PROBLEMS, USAGE = 0, 1, 2
DEFAULT_LISTEN = "127.0.0.1:8480"
DEFAULT_TRAPS = "0.0.0.0:1162"  # an example in a message; nothing listens there unasked
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
        _fail(f"--monitor {text}: write a URL, for example http://{DEFAULT_LISTEN}")
    return text


InventoryOption = Annotated[
    Path, typer.Option("--inventory", "-i", help="Inventory: a YAML, CSV or JSONL file, or a folder of them.")
]
CalendarOption = Annotated[
    Path | None, typer.Option("--calendar", help="What is planned; else calendar.yaml beside the inventory.")
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


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a letter gets its number
    _check_installation()
    app()


def _check_installation() -> None:
    """Refuse to run from packages of different places: our package names are common words."""
    import exporters
    import monitor

    places = {Path(str(package.__file__)).parent.parent for package in (monitor, exporters)}
    if len(places) > 1:
        _fail(f"camfleet's packages come from different places: {', '.join(map(str, sorted(places)))}. Reinstall it.")


def _fail(sentence: str, code: int = USAGE) -> NoReturn:
    messages.print(sentence, style="red", markup=False, soft_wrap=True)
    raise SystemExit(code)


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


@app.command(
    epilog="[bold]Examples[/bold]\n\n camfleet demo\n\n camfleet demo --cameras 200 --port 9000\n\n"
    " camfleet demo --once --json | jq .agreement"
)
def demo(
    cameras: Annotated[int, typer.Option(min=30, max=20000, help="How many cameras the city has.")] = 1800,
    seed: Annotated[int, typer.Option(help="Another seed makes another city.")] = 1,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port of the pages; 0 takes a free one.")] = 8480,
    once: Annotated[
        bool, typer.Option("--once", metavar="", help="End when every camera has its first verdict.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help="Print the score as JSON.")] = False,
    log_level: LogLevel = "warning",
) -> None:
    """Watch a simulated city of 1,800 cameras, of which 600 do not work; find out which, and why.

    The city is a process of its own on loopback; its cameras really speak
    ONVIF, SNMP and RTSP. So that all is confirmed sooner, first checks are
    spread over 20 s, light checks come every 30 s (else 60 s), media every
    2 min (else 10 min), and a device takes 60 HTTP and 120 RTSP requests a
    minute (else 6 and 20).
    """
    logs.configure(log_level, as_json=False)
    try:
        raise SystemExit(_run(_demo(cameras, seed, port, once, as_json)))
    except asyncio.CancelledError:
        raise SystemExit(FINE) from None  # it was ended before there was a monitor to end


async def _demo(cameras: int, seed: int, port: int, once: bool, as_json: bool) -> int:
    this = asyncio.current_task()
    assert this is not None
    _on_signals(this.cancel, *demos.ENDING)
    demos.remove_leftovers(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=f"{demos.FOLDER}{os.getpid()}-") as folder:
        try:
            async with demos.running_city(Path(folder) / "city", cameras, seed) as city:
                inventory = load(city.inventory, os.environ)
                ledger = Ledger.open(Path(folder) / "ledger.sqlite")
                monitor = Monitor(inventory, demos.DEMO_RATES, ledger)
                return await _watch_city(monitor, city, port, once, as_json)
        except demos.CityError as error:
            _fail(str(error), PROBLEMS)


async def _watch_city(monitor: Monitor, city: demos.City, port: int, once: bool, as_json: bool) -> int:
    _on_signals(monitor.stop.set, *demos.ENDING)
    runner = await _serve(monitor, Listen(port=port), "--port")
    monitor.listens(f"http://{_authority(runner)}")
    watching = asyncio.create_task(monitor.run())
    try:
        messages.print(f"\n  The wallboard: [bold]http://{_authority(runner)}/[/bold]   (Ctrl-C ends)")
        messages.print(f"  Break something: {city.control}/faults, as docs/simulator.md says\n", style="dim")
        with Progress(messages, len(monitor.inventory.cameras)) as progress:
            judging = asyncio.create_task(demos.wait_decided(lambda: monitor.snapshot, 170.0, progress.show))
            stopping = asyncio.create_task(monitor.stop.wait())
            await asyncio.wait({judging, stopping, watching}, return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            judging.cancel() if not judging.done() else None
        if judging.done() and not judging.cancelled() and monitor.snapshot is not None:
            score = demos.score(monitor.snapshot, await demos.truth_of(city), judging.result())
            typer.echo(json.dumps(score.to_json())) if as_json else Console(highlight=False).print(score_table(score))
        if once:
            monitor.stop.set()
        await watching
    finally:
        monitor.stop.set()
        await watching
        await runner.cleanup()
    return FINE


@app.command(
    epilog="[bold]Examples[/bold]\n\n camfleet run --inventory inventory.yaml\n\n"
    " camfleet run -i /etc/camfleet --ledger /var/lib/camfleet/ledger.sqlite --listen 0.0.0.0:8480 --tokens tokens"
)
def run(
    inventory: InventoryOption = DEFAULT_INVENTORY,
    calendar: CalendarOption = None,
    listen: Annotated[str, typer.Option(help="Where the pages and /metrics are served.")] = DEFAULT_LISTEN,
    tokens: Annotated[Path | None, typer.Option(help="Who may read: a file of tokens with roles.")] = None,
    traps: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Listen for SNMP traps there; each has its device asked soon."),
    ] = None,
    ledger: LedgerOption = DEFAULT_LEDGER,
    log_level: LogLevel = "info",
    log_json: LogJson = False,
) -> None:
    """Watch a fleet until stopped. Ctrl-C and SIGTERM stop it, SIGHUP loads inventory and calendar anew."""
    logs.configure(log_level, log_json)
    host, port = _host_port(listen)
    trap_place = _host_port(traps, "--traps", DEFAULT_TRAPS) if traps else None
    allowed = _tokens(tokens)
    if (refusal := listen_allowed(host, allowed)) is not None:
        _fail(refusal)
    fleet = _inventory(inventory)
    planned = _calendar(inventory, fleet, calendar)
    _check_place(Listen(host, port))
    try:
        book = Ledger.open(_file(ledger))
    except LedgerError as error:
        _fail(str(error))
    monitor = Monitor(fleet, Rates(), book, calendar=planned)
    raise SystemExit(_run(_watch(monitor, inventory, calendar, Listen(host, port, allowed), trap_place)))


async def _watch(
    monitor: Monitor, path: Path, calendar: Path | None, listen: Listen, traps: tuple[str, int] | None
) -> int:
    _on_signals(monitor.stop.set)
    reloads: set[asyncio.Task[None]] = set()

    def reload() -> None:
        task = asyncio.create_task(monitor.reload(path, os.environ, calendar))
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reload)
    listener = _listen_for_traps(monitor, traps) if traps else None
    runner = await _serve(monitor, listen)
    monitor.listens(f"http://{_authority(runner)}")
    for line in _banner(monitor, _authority(runner)):
        messages.print(line, markup=False, soft_wrap=True)
    try:
        await monitor.run()
    finally:
        if listener is not None:
            listener.close()
        await runner.cleanup()
    return FINE


def _listen_for_traps(monitor: Monitor, place: tuple[str, int]) -> Traps:
    listener = monitor.traps()
    try:
        listener.start(*place)
    except OSError as error:
        monitor.ledger.close()
        what = (
            "is taken" if error.errno == errno.EADDRINUSE else f"cannot listen there: {os.strerror(error.errno or 0)}"
        )
        _fail(
            f"--traps {place[0]}:{place[1]}: {what}. Write the IP address and port of this host, for example"
            f" {DEFAULT_TRAPS}."
        )
    return listener


def _banner(monitor: Monitor, authority: str) -> Iterator[str]:
    """Yield what is watched, where it is shown, and when there is something to see."""
    inventory = monitor.inventory
    cameras, devices = counted(len(inventory.cameras), "camera"), counted(len(inventory.devices), "device")
    yield f"{cameras} on {devices}; pages and /metrics at http://{authority}/"
    first_s, all_s = first_verdicts_s(inventory.devices, monitor.rates)
    yield (
        f"Ledger: {monitor.ledger.path}. First verdicts in about {first_s:.0f} s; a fault is confirmed by three looks,"
        f" so all cameras are judged after about {all_s / 60:.0f} min."
    )
    yield f"Ctrl-C stops; kill -HUP {os.getpid()} loads the inventory anew."


async def _serve(monitor: Monitor, listen: Listen, option: str = "--listen") -> web.AppRunner:
    try:
        return await serve(monitor, listen)
    except OSError as error:
        monitor.ledger.close()
        _cannot_listen(listen, option, error)


def _check_place(listen: Listen) -> None:
    """Listen for a moment, and end where that cannot be: a run that never began shall leave no ledger behind."""
    try:
        places = socket.getaddrinfo(listen.host or None, listen.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, _, _, place in places:
            with socket.socket(family, kind) as trial:
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    trial.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                trial.bind(place)
    except OSError as error:
        if error.errno != errno.EAFNOSUPPORT:  # a machine without IPv6 listens where it can
            _cannot_listen(listen, "--listen", error)


def _cannot_listen(listen: Listen, option: str, error: OSError) -> NoReturn:
    place = f"{listen.host}:{listen.port}" if option == "--listen" else str(listen.port)
    if error.errno == errno.EADDRINUSE:
        _fail(f"{option} {place} is taken: choose another with {option}.")
    _fail(f"{option} {place}: cannot listen there: {os.strerror(error.errno or 0)}. Choose another with {option}.")


@app.command(name="check-config", epilog="[bold]Example[/bold]\n\n camfleet check-config inventory.yaml")
def check_config(
    path: Annotated[Path, typer.Argument(help="The inventory to check.")], calendar: CalendarOption = None
) -> None:
    """Read an inventory and the calendar beside it, and name every mistake in them."""
    inventory = _inventory(path, PROBLEMS, "docs/inventory.md shows how to write one.")
    entries = _calendar(path, inventory, calendar, PROBLEMS).entries
    planned = f", {len(entries):,} planned in {calendar or beside(path)}" if entries else ""
    typer.echo(
        f"{path}: {counted(len(inventory.cameras), 'camera')}, {counted(len(inventory.devices), 'device')}, "
        f"{counted(len(inventory.sites), 'site')}, {counted(len(inventory.zones), 'zone')}{planned}: no mistake"
    )


calendar_app = typer.Typer(help="What is planned: maintenance, load-shedding and the like.", no_args_is_help=True)
app.add_typer(calendar_app, name="calendar")


@calendar_app.command(
    "show",
    epilog="[bold]Examples[/bold]\n\n camfleet calendar show\n\n camfleet calendar show --days 31 --json | jq .",
)
def calendar_show(
    days: Annotated[int, typer.Option(min=1, max=366, help="For how many days from now.")] = 7,
    inventory: InventoryOption = DEFAULT_INVENTORY,
    calendar: CalendarOption = None,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help="Print it as JSON.")] = False,
) -> None:
    """List what is planned: when, for how many cameras, and who approved it."""
    fleet = _inventory(inventory)
    now = time.time()
    lines = planning.agenda(_calendar(inventory, fleet, calendar), fleet, now, now + days * 86400)
    if as_json:
        typer.echo(json.dumps(planning.to_json(lines), ensure_ascii=False))
    elif lines:
        Console(highlight=False).print(planning.table(lines, now))
    else:
        typer.echo(f"Nothing is planned for the next {counted(days, 'day')}.")


@calendar_app.command(
    "import",
    epilog="[bold]Example[/bold]\n\n camfleet calendar import works.ics --selector zone=harbour"
    ' --approver "Duty officer" --write',
)
def calendar_import(
    file: Annotated[Path, typer.Argument(help="An iCalendar file (.ics).")],
    selector: Annotated[list[str], typer.Option(help="For whom: zone=harbour, site=pier-1, …; may be given again.")],
    approver: Annotated[str, typer.Option(help="Who allowed what stands there.")],
    kind: Annotated[Kind, typer.Option(help="What it is.")] = Kind.MAINTENANCE,
    time_zone: Annotated[str, typer.Option(help="Of events that name none.")] = "",
    inventory: InventoryOption = DEFAULT_INVENTORY,
    calendar: CalendarOption = None,
    write: Annotated[
        bool, typer.Option("--write", metavar="", help="Put it into the calendar; else it is printed.")
    ] = False,
) -> None:
    """Take the events of an iCalendar file into the calendar, approved now.

    Importing a file again changes what has changed in it, and nothing else. Exit
    code 1: some events could not be taken; each is named.
    """
    fleet = _inventory(inventory)
    before = _calendar(inventory, fleet, calendar)
    place = calendar or beside(inventory)
    approval = Approval(kind, _selectors(selector, fleet), approver, time.time(), time_zone)
    try:
        imported = read_icalendar(read_bounded(file, BYTES_MAX + 1), approval)
    except (OSError, NotAFile, NoCalendar) as error:
        _fail(f"{file}: {getattr(error, 'strerror', None) or str(error) or 'this is not a file'}")
    text = place.read_text(encoding="utf-8") if place.exists() else ""
    news = calendar_text.news(before, imported.entries)
    gone = imported.cancelled & before.entries.keys()
    after = calendar_text.merged(text, news, gone)
    expected = {id_: one for id_, one in {**before.entries, **news}.items() if id_ not in gone}
    try:
        read = parse_calendar(str(place), after.encode(), fleet).entries
    except InventoryError as error:
        messages.print(str(error), markup=False, soft_wrap=True)
        raise SystemExit(USAGE) from None
    if write and read != expected:
        _fail(f"{place} is written in a way that cannot be added to: put in by hand what is printed without --write.")
    if write and after != text:
        try:
            replace_file(place, after)
        except OSError as error:
            _fail(f"{place}: cannot be written: {error.strerror}")
    elif not write:
        typer.echo("planned:\n" + calendar_text.written(imported.entries), nl=False)
    _tell_import(file, len(imported.entries), len(news), len(gone), imported.left_out)


def _tell_import(file: Path, found: int, news: int, gone: int, left_out: list[str]) -> NoReturn:
    messages.print(
        f"{file}: {counted(found, 'event')}, {news:,} new or changed, {gone:,} cancelled, {len(left_out):,} left out",
        markup=False,
        soft_wrap=True,
    )
    for why in left_out:
        messages.print(f"{file}: left out: {why}", markup=False, soft_wrap=True)
    raise SystemExit(PROBLEMS if left_out else FINE)


def _selectors(given: list[str], fleet: Inventory) -> tuple[Selector, ...]:
    """Return for whom it is, or end where the inventory does not have them."""
    found = []
    known = selectable(fleet)
    for text in given:
        by, equals, name = text.partition("=")
        if by not in SELECTORS or not equals or not name:
            _fail(f"--selector {text}: write one of {', '.join(SELECTORS)}, for example zone=harbour")
        if name not in known[by]:
            near = likely(name, known[by])
            _fail(f"--selector {text}: no {by} {name} is in the inventory" + (f"; {near}" if near else ""))
        found.append(Selector(by, name))
    return tuple(sorted(set(found), key=lambda one: (SELECTORS.index(one.by), one.name)))


@app.command(
    epilog="[bold]Examples[/bold]\n\n camfleet probe pier-gate\n\n"
    " camfleet probe pier-gate --debug --redact > report.md\n\n"
    " camfleet probe pier-gate --json | jq .rungs\n\n"
    " camfleet probe pier-gate --monitor http://127.0.0.1:8480"
)
def probe(
    camera: Annotated[str, typer.Argument(help="The camera's id.")],
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
    as_json: Annotated[bool, typer.Option("--json", metavar="", help="Print what was found as JSON.")] = False,
) -> None:
    """Ask one camera now: all its rungs, each question once.

    A monitor that runs is asked to do it; where none runs, the ledger keeps the camera's login lock and budget.
    """
    logs.configure("error", as_json=False)
    wanted = Wanted(camera, ledger, lambda: _inventory(inventory), monitor, _token(token_file), clear_lock)
    with Looking(messages) as looking:
        try:
            report = _run(look(wanted, looking.show))
        except LookError as error:
            looking.end()
            _fail(str(error))
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
    camera: Annotated[str, typer.Argument(help="The camera's id.")],
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
    logs.configure("error", as_json=False)
    fleet = _inventory(inventory)
    wanted = Wanted(camera, ledger, lambda: fleet, monitor, _token(token_file))
    with Looking(messages) as looking:
        try:
            told, whole = _run(whole_dossier(wanted, fleet, limit, redact, looking.show))
        except LookError as error:
            looking.end()
            _fail(str(error))
    typer.echo(json.dumps(told, indent=1, ensure_ascii=False))
    if not whole:
        _fail(f"The device was not asked to the end: {told['unfinished'] or 'it answered nothing'}.", PROBLEMS)
    if told["look"]["login"]["refused_at"] and told["login"] != "accepted":
        _fail(
            "No login was made, because the device refuses ours: what needs one is missing. camfleet probe says when it"
            " is tried again.",
            PROBLEMS,
        )


@app.command(
    epilog="[bold]Examples[/bold]\n\n camfleet accept pier-gate\n\n"
    ' camfleet accept pier-gate --reason "hit by a lorry, work order 4711"'
)
def accept(
    camera: Annotated[str, typer.Argument(help="The camera's id.")],
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
    logs.configure("error", as_json=False)
    wanted = Wanted(camera, ledger, lambda: _inventory(inventory), monitor, _token(token_file))
    with Looking(messages) as looking:
        try:
            recorded = _run(accepting.accept(wanted, _user(), reason, looking.show))
        except LookError as error:
            looking.end()
            _fail(str(error), PROBLEMS)
    for line in recorded:
        typer.echo(line)


def _user() -> str:
    """Return by which name this person goes on this machine."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody on this machine"


@app.command(
    epilog="[bold]Examples[/bold]\n\n camfleet survey pier-gate\n\n camfleet survey pier-gate --json | jq .parts"
)
def survey(
    camera: Annotated[str, typer.Argument(help="The camera's id.")],
    inventory: InventoryOption = DEFAULT_INVENTORY,
    ledger: LedgerOption = DEFAULT_LEDGER,
    monitor: MonitorOption = "",
    token_file: TokenFileOption = None,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help="Print what was found as JSON.")] = False,
) -> None:
    """Ask a camera what it is and how it is set: firmware, network, streams, storage.

    A device is not hurried: some minutes are usual, a recorder may take longer.
    A running monitor does this daily, and records what changed.
    """
    logs.configure("error", as_json=False)
    wanted = Wanted(camera, ledger, lambda: _inventory(inventory), monitor, _token(token_file))
    with Looking(messages) as looking:
        try:
            found = _run(surveying.survey(wanted, looking.show))
        except LookError as error:
            looking.end()
            _fail(str(error))
    if as_json:
        typer.echo(json.dumps({"camera": camera, "at": found.at, "parts": surveys.to_json(found.parts)}))
    else:
        for line in survey_words.lines(found.parts, printable):
            typer.echo(line)


@app.command(
    epilog="[bold]Examples[/bold]\n\n camfleet why pier-gate --ledger /var/lib/camfleet/ledger.sqlite\n\n"
    ' camfleet why pier-gate --at "yesterday 10:31"\n\n camfleet why uplink-02adc65f5f'
)
def why(
    name: Annotated[str, typer.Argument(metavar="CAMERA|CAUSE", help="The camera's id, or a cause's.")],
    ledger: LedgerOption = DEFAULT_LEDGER,
    at: Annotated[
        str, typer.Option(metavar="TIME", help="As it stood then: 10:31, yesterday 10:31, 2026-11-22T10:31+05:00.")
    ] = "",
) -> None:
    """Say what was seen of a camera and why it is in its state, now or then, from the ledger.

    Of a cause it tells the life: when it opened, who came to it and left it, how
    it ended.
    """
    then = _moment("--at", at, ahead=False) if at else None
    if then is not None and then > time.time():
        _fail(f"--at {at}: that is still to come")
    try:
        typer.echo(explanation.why(name, _file(ledger), then))
    except LedgerError as error:
        _fail(str(error))


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
        listed = ordered(known.causes)
        notes = known.acknowledgements
        typer.echo(json.dumps([cause_json.as_json(one, notes.get(one.id), known.owners) for one in listed]))
    else:
        clock = Clock(time.time(), None)
        if known.looked_at is not None and clock.now - known.looked_at >= SILENT_S:
            messages.print(f"No monitor has been looking since {clock.moment(known.looked_at)}: as it stood then.")
        _print(sheets.causes_table(known, everything, clock))


def _known(ledger: Path, monitor: str, token_file: Path | None) -> Known:
    try:
        found: Known = _run(ask(monitor, _token(token_file))) if monitor else read(_file(ledger))
    except (LookError, LedgerError) as error:
        _fail(str(error))
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
    logs.configure("error", as_json=False)
    word = Word(cause, _user(), reason, owner)
    if withdraw:
        if span or until or owner:
            _fail("--withdraw needs no --for, --until or --owner.")
    elif bool(span) is bool(until):
        _fail("Say until when it is known: --for 8h, or --until 18:00.")
    elif not reason.strip():
        _fail("Say why: --reason TEXT.")
    else:
        end = _moment("--until", until, ahead=True) if until else time.time() + _span("--for", span)
        word = word._replace(until=end)
    with Looking(messages) as looking:
        try:
            note = _run(acknowledging.say(word, withdraw, _file(ledger), monitor, _token(token_file), looking.show))
        except LookError as error:
            looking.end()
            _fail(str(error), PROBLEMS)
    end_at = Clock(time.time(), None).moment(note.until)
    if withdraw:
        typer.echo(f"{cause}: no longer acknowledged by {printable(note.who)}. It pages as any other.")
    else:
        typer.echo(f"{cause}: acknowledged until {end_at}. It stays open and shown; until then it does not page.")


@app.command(
    epilog="[bold]Examples[/bold]\n\n camfleet handover\n\n camfleet handover --since 06:00\n\n"
    " camfleet handover --hours 12 --json"
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

    It says which cameras went down or came up, which causes opened and ended,
    which nobody has acknowledged, which acknowledgements end in the next shift,
    where the inventory seems wrong, and what is known for longest.
    """
    now = time.time()
    began = _moment("--since", since, ahead=False) if since else now - hours * 3600
    if began >= now:
        _fail(f"--since {since}: that is still to come")
    try:
        known = read(_file(ledger))
        with Reader.open(ledger) as reader:
            sheet = handed_over(reader, Shift(began, now, now + hours * 3600))
    except LedgerError as error:
        _fail(str(error))
    if as_json:
        typer.echo(json.dumps(handover_json.sheet(sheet, known.acknowledgements, known.owners)))
    else:
        _print(sheets.handover_sheet(sheet, known.owners, known.acknowledgements, Clock(now, None)))


def _print(what: RenderableType) -> None:
    """Print for a person; where nobody's terminal says how wide a line may be, it is not broken."""
    console = Console(highlight=False)
    Console(highlight=False, width=None if console.is_terminal else max(console.width, PIPE_COLUMNS)).print(what)


def _moment(option: str, text: str, ahead: bool) -> float:
    try:
        return moments.moment(text, time.time(), ahead)
    except ValueError as error:
        _fail(f"{option} {text}: {error}")


def _span(option: str, text: str) -> float:
    try:
        return moments.span(text)
    except ValueError as error:
        _fail(f"{option} {text}: {error}")


@app.command(
    epilog="[bold]Examples[/bold]\n\n camfleet batteries\n\n"
    " camfleet batteries --json | jq '.[] | select(.usual_s < 600)'"
)
def batteries(
    ledger: LedgerOption = DEFAULT_LEDGER,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help="Print all cuts as JSON.")] = False,
) -> None:
    """Say how long each site lasts without mains, by the cuts of its feeder that were seen."""
    try:
        with Reader.open(_file(ledger)) as reader:
            found = ups.batteries(reader)
    except LedgerError as error:
        _fail(str(error))
    if as_json:
        typer.echo(json.dumps([one.to_json() for one in found]))
    elif not found:
        messages.print("No feeder was seen to be cut since this ledger began.")
    else:
        Console(highlight=False).print(battery_table(found, Clock(time.time(), None)))


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
    epilog="[bold]Example[/bold]\n\n camfleet simulate --cameras 200 --folder ./city",
)
def simulate(context: typer.Context) -> None:
    """Run a simulated city by itself; its own --help says how."""
    sys.stdout.flush()
    program = [sys.executable, "-P", "-m", "simulator", *context.args]
    os.execv(program[0], program)  # noqa: S606 - our own module, which takes signals itself from here on


def _inventory(path: Path, code: int = USAGE, advice: str = NAME_INVENTORY) -> Inventory:
    """Load an inventory, or end: with ``code`` where it has mistakes, by ``advice`` where there is none."""
    if not path.exists():
        _fail(f"{path}: there is no such inventory. {advice}")
    try:
        return load(path, os.environ)
    except InventoryError as error:
        messages.print(str(error), markup=False, soft_wrap=True)
        raise SystemExit(code) from None


def _calendar(inventory: Path, fleet: Inventory, named: Path | None, code: int = USAGE) -> Calendar:
    """Load the calendar of an inventory, or end with ``code`` where it has mistakes."""
    if named is not None and not named.exists():
        _fail(f"--calendar {named}: there is no such file. docs/calendar.md shows how to write one.")
    try:
        return calendar_of(inventory, fleet, named)
    except InventoryError as error:
        messages.print(str(error), markup=False, soft_wrap=True)
        raise SystemExit(code) from None


def _tokens(path: Path | None) -> Tokens | None:
    try:
        return Tokens.read(path) if path is not None else None
    except TokensError as error:
        _fail(str(error))


def _token(path: Path | None) -> str:
    """Return the token that is shown to a monitor; nothing where there is none."""
    if path is None:
        return os.environ.get("CAMFLEET_TOKEN", "")
    try:
        words = path.read_text().split()
    except (OSError, UnicodeDecodeError) as error:
        _fail(f"--token-file {path}: {getattr(error, 'strerror', None) or 'this is no text'}")
    return words[0] if words else _fail(f"--token-file {path}: no token in it")


def _host_port(text: str, option: str = "--listen", example: str = DEFAULT_LISTEN) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
        _fail(f"{option} {text}: write HOST:PORT, for example {example}")
    return host.strip("[]"), int(port)


def _file(ledger: Path) -> Path:
    if ledger.is_dir():
        _fail(f"{ledger}: this is a folder; a ledger is a file, for example {ledger / DEFAULT_LEDGER}")
    return ledger


def _authority(runner: web.AppRunner) -> str:
    """Return where a server listens, as a URL has it."""
    host, port, *_ = runner.addresses[0]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - every address is this machine's too
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _on_signals(end: Callable[[], object], *more: signal.Signals) -> None:
    for name in (signal.SIGINT, signal.SIGTERM, *more):
        asyncio.get_running_loop().add_signal_handler(name, end)


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run on uvloop where there is one: it halves the cost of a check. From here on an interrupt is a cancellation."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        import uvloop
    except ImportError:
        return asyncio.run(work)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)
