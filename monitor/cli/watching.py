"""The commands that watch: a simulated city, one's own fleet, the simulator by itself."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from aiohttp import web
from rich.console import Console

from monitor import demo as demos
from monitor import logs
from monitor.app import Listen, Monitor, first_verdicts_s, serve
from monitor.cli.frame import (
    DEFAULT_INVENTORY,
    DEFAULT_LEDGER,
    DEFAULT_LISTEN,
    FINE,
    PROBLEMS,
    CalendarOption,
    ContractsOption,
    InventoryOption,
    LedgerOption,
    LogJson,
    LogLevel,
    app,
    beside_at,
    fail,
    inventory_at,
    ledger_at,
    messages,
    paging_at,
    run_to_end,
    started_as,
)
from monitor.core.counting import counted
from monitor.core.schedule import Rates
from monitor.inventory import calendar_file, contracts_file, load
from monitor.ledger.errors import LedgerError
from monitor.ledger.ledger import Ledger
from monitor.probes.traps import Traps
from monitor.progress import Progress, score_table
from monitor.web.tokens import Tokens, TokensError, listen_allowed

#: How often a demo looks whether somebody wrote a calendar or contracts.
LOOK_BESIDE_S = 1.0
#: So many devices one process asks in time, a storm among them (docs/benchmarks.md).
DEVICES_A_PROBER = 10_000
DEFAULT_TRAPS = "0.0.0.0:1162"  # an example in a message; nothing listens there unasked


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
        raise SystemExit(run_to_end(_demo(cameras, seed, port, once, as_json)))
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
            fail(str(error), PROBLEMS)


async def _watch_city(monitor: Monitor, city: demos.City, port: int, once: bool, as_json: bool) -> int:
    _on_signals(monitor.stop.set, *demos.ENDING)
    runner = await _serve(monitor, Listen(port=port), "--port")
    monitor.listens(f"http://{_authority(runner)}")
    monitor.reckoning.begin()
    watching = asyncio.create_task(monitor.run())
    planning = asyncio.create_task(_mind_companions(monitor, city.inventory))
    try:
        messages.print(f"\n  The wallboard: [bold]http://{_authority(runner)}/[/bold]   (Ctrl-C ends)")
        for line in _hints(monitor, city):
            messages.print(f"  {line}", style="dim", markup=False, soft_wrap=True)
        messages.print()
        with Progress(messages, len(monitor.inventory.cameras)) as progress:
            looking = demos.wait_decided(lambda: monitor.snapshot, demos.FIRST_LOOK_S, progress.show)
            judging = asyncio.create_task(looking)
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
        planning.cancel()
        monitor.stop.set()
        await watching
        await runner.cleanup()
    return FINE


async def _mind_companions(monitor: Monitor, inventory: Path) -> None:
    """Take calendar and contracts beside an inventory in, each whenever it is written; a demo has nobody who would send
    a signal.
    """
    places = calendar_file.beside(inventory), contracts_file.beside(inventory)
    known: list[int | None] = [None, None]
    while True:
        await asyncio.sleep(LOOK_BESIDE_S)
        now = [_written_at(place) for place in places]
        if now != known:
            known = now
            await monitor.reload(inventory, os.environ)
            messages.print(f"  {_in_force(monitor, *places)}", style="dim", markup=False, soft_wrap=True)


def _in_force(monitor: Monitor, calendar: Path, contracts: Path) -> str:
    """Say what is in force of the two files that may stand beside an inventory."""
    told = (
        ("Planned", len(monitor.calendar.entries), calendar),
        ("contracts", len(monitor.contracts), contracts),
    )
    return "; ".join(
        f"{what}: {number:,} by {place}" if place.exists() else f"{what}: none, there is no {place}"
        for what, number, place in told
    )


def _written_at(place: Path) -> int | None:
    """Return when a file was written last; None where there is none."""
    try:
        return place.stat().st_mtime_ns
    except OSError:
        return None


def _hints(monitor: Monitor, city: demos.City) -> Iterator[str]:
    """Yield what else there is to try in a demo, with what to type for it."""
    folder = city.inventory.parent if city.inventory.is_file() else city.inventory
    yield f"Ask it: {started_as()} causes --ledger {monitor.ledger.path}, or why NAME, or handover"
    yield f"Its inventory: {folder}"
    planned, agreed = calendar_file.beside(city.inventory), contracts_file.beside(city.inventory)
    yield f"Plan something: write {planned}, as docs/calendar.md says; it is taken in at once"
    yield f"Agree something: write {agreed}, as docs/contracts.md says; so is that"
    yield f"Break something: {city.control}/faults, as docs/simulator.md says"


@app.command(
    epilog="[bold]Examples[/bold]\n\n camfleet run --inventory inventory.yaml\n\n"
    " camfleet run -i /etc/camfleet --ledger /var/lib/camfleet/ledger.sqlite --listen 0.0.0.0:8480 --tokens tokens"
)
def run(
    inventory: InventoryOption = DEFAULT_INVENTORY,
    calendar: CalendarOption = None,
    contracts: ContractsOption = None,
    listen: Annotated[str, typer.Option(help="Where the pages and /metrics are served.")] = DEFAULT_LISTEN,
    tokens: Annotated[Path | None, typer.Option(help="Who may read: a file of tokens with roles.")] = None,
    traps: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Listen for SNMP traps there; each has its device asked soon."),
    ] = None,
    probers: Annotated[
        int, typer.Option(min=0, max=64, help="Processes that ask the devices, one for each 10,000; 0: this one asks.")
    ] = 0,
    ledger: LedgerOption = DEFAULT_LEDGER,
    log_level: LogLevel = "info",
    log_json: LogJson = False,
) -> None:
    """Watch a fleet until stopped.

    Ctrl-C and SIGTERM stop it, SIGHUP loads the inventory and what stands beside it
    anew: calendar, contracts, orders.
    """
    logs.configure(log_level, log_json)
    host, port = _host_port(listen)
    trap_place = _host_port(traps, "--traps", DEFAULT_TRAPS) if traps else None
    allowed = _tokens(tokens)
    if (refusal := listen_allowed(host, allowed)) is not None:
        fail(refusal)
    fleet = inventory_at(inventory)
    planned, terms = beside_at(inventory, fleet, calendar, contracts)
    paging = paging_at(inventory, has_tokens=allowed is not None)
    _check_place(Listen(host, port))
    try:
        book = Ledger.open(ledger_at(ledger))
        monitor = Monitor(fleet, Rates(), book, calendar=planned, terms=terms, paging=paging, probers=probers)
    except LedgerError as error:
        fail(str(error))
    reload = partial(monitor.reload, inventory, os.environ, calendar, contracts, has_tokens=allowed is not None)
    places = calendar or calendar_file.beside(inventory), contracts or contracts_file.beside(inventory)
    raise SystemExit(run_to_end(_watch(monitor, places, reload, Listen(host, port, allowed), trap_place)))


async def _watch(
    monitor: Monitor,
    companions: tuple[Path, Path],
    load_anew: Callable[[], Coroutine[Any, Any, None]],
    listen: Listen,
    traps: tuple[str, int] | None,
) -> int:
    _on_signals(monitor.stop.set)
    reloads: set[asyncio.Task[None]] = set()

    def reload() -> None:
        task = asyncio.create_task(load_anew())
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reload)
    listener = _listen_for_traps(monitor, traps) if traps else None
    runner = await _serve(monitor, listen)
    monitor.listens(f"http://{_authority(runner)}")
    for line in _banner(monitor, _authority(runner), companions):
        messages.print(line, markup=False, soft_wrap=True)
    monitor.reckoning.begin()
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
        fail(
            f"--traps {place[0]}:{place[1]}: {what}. Write the IP address and port of this host, for example"
            f" {DEFAULT_TRAPS}."
        )
    return listener


def _banner(monitor: Monitor, authority: str, companions: tuple[Path, Path]) -> Iterator[str]:
    """Yield what is watched, where it is shown, and when there is something to see."""
    inventory = monitor.inventory
    cameras, devices = counted(len(inventory.cameras), "camera"), counted(len(inventory.devices), "device")
    yield f"{cameras} on {devices}; pages and /metrics at http://{authority}/"
    first_s, all_s = first_verdicts_s(inventory.devices, monitor.rates)
    yield (
        f"Ledger: {monitor.ledger.path}. First verdicts in about {first_s:.0f} s; a fault is confirmed by three looks,"
        f" so all cameras are judged after about {all_s / 60:.0f} min."
    )
    yield f"{_in_force(monitor, *companions)}."
    yield from _whether_it_can(len(inventory.devices), monitor.probers)
    yield f"Ctrl-C stops; kill -HUP {os.getpid()} loads the inventory anew."


def _whether_it_can(devices: int, probers: int) -> Iterator[str]:
    """Yield who asks, and whether that is too much for them."""
    asking = max(1, probers)
    if probers:
        yield f"{counted(probers, 'prober')}: each asks about {counted(-(-devices // probers), 'device')}."
    if devices > asking * DEVICES_A_PROBER:
        wanted = -(-devices // DEVICES_A_PROBER)
        yield f"One process asks {DEVICES_A_PROBER:,} devices in time; more begin late. Try --probers {wanted}."


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
        fail(f"{option} {place} is taken: choose another with {option}.")
    fail(f"{option} {place}: cannot listen there: {os.strerror(error.errno or 0)}. Choose another with {option}.")


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
    epilog="[bold]Example[/bold]\n\n camfleet simulate --cameras 200 --folder ./city",
)
def simulate(context: typer.Context) -> None:
    """Run a simulated city by itself; its own --help says how."""
    sys.stdout.flush()
    program = [sys.executable, "-P", "-m", "simulator", *context.args]
    os.execv(program[0], program)  # noqa: S606 - our own module, which takes signals itself from here on


def _tokens(path: Path | None) -> Tokens | None:
    try:
        return Tokens.read(path) if path is not None else None
    except TokensError as error:
        fail(str(error))


def _host_port(text: str, option: str = "--listen", example: str = DEFAULT_LISTEN) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
        fail(f"{option} {text}: write HOST:PORT, for example {example}")
    return host.strip("[]"), int(port)


def _authority(runner: web.AppRunner) -> str:
    """Return where a server listens, as a URL has it."""
    host, port, *_ = runner.addresses[0]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - every address is this machine's too
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _on_signals(end: Callable[[], object], *more: signal.Signals) -> None:
    for name in (signal.SIGINT, signal.SIGTERM, *more):
        asyncio.get_running_loop().add_signal_handler(name, end)
