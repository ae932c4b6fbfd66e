"""The commands about files: an inventory that is checked, a calendar that is shown or taken in."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated, NoReturn

import typer
import yaml
from rich.console import Console

from monitor import planning
from monitor.cli.frame import (
    DEFAULT_INVENTORY,
    FINE,
    PROBLEMS,
    USAGE,
    CalendarOption,
    ContractsOption,
    InventoryOption,
    app,
    beside_at,
    calendar_at,
    fail,
    inventory_at,
    messages,
    paging_at,
)
from monitor.core.calendar import SELECTORS, Kind, Selector
from monitor.core.counting import counted
from monitor.core.model import Inventory
from monitor.core.time_intervals import time_intervals
from monitor.inventory import InventoryError, calendar_text, contracts_file, orders_file
from monitor.inventory.bounded import NotAFile, read_bounded, replace_file
from monitor.inventory.calendar_file import beside, parse_calendar, selectable
from monitor.inventory.icalendar_file import BYTES_MAX, Approval, NoCalendar, read_icalendar
from monitor.inventory.mistake import likely


@app.command(name="check-config", epilog="[bold]Example[/bold]\n\n camfleet check-config inventory.yaml")
def check_config(
    path: Annotated[Path, typer.Argument(help="The inventory to check.")],
    calendar: CalendarOption = None,
    contracts: ContractsOption = None,
) -> None:
    """Read an inventory, and calendar, contracts and orders beside it, and name every mistake in them."""
    inventory = inventory_at(path, PROBLEMS, "docs/inventory.md shows how to write one.")
    planned, terms = beside_at(path, inventory, calendar, contracts, PROBLEMS)
    number = len(inventory.canaries)
    more = f", {number:,} {'canary' if number == 1 else 'canaries'}" if number else ""
    if planned.entries:
        more += f", {len(planned.entries):,} planned in {calendar or beside(path)}"
    if terms:
        more += f", {counted(len(terms), 'contract')} in {contracts or contracts_file.beside(path)}"
    if paging := paging_at(path, PROBLEMS):
        more += f", {counted(len(paging.channels), 'channel')} in {orders_file.beside(path)}"
    typer.echo(
        f"{path}: {counted(len(inventory.cameras), 'camera')}, {counted(len(inventory.devices), 'device')}, "
        f"{counted(len(inventory.sites), 'site')}, {counted(len(inventory.zones), 'zone')}{more}: no mistake"
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
    fleet = inventory_at(inventory, secrets=False)
    now = time.time()
    lines = planning.agenda(calendar_at(inventory, fleet, calendar), fleet, now, now + days * 86400)
    if as_json:
        typer.echo(json.dumps(planning.to_json(lines), ensure_ascii=False))
    elif lines:
        Console(highlight=False).print(planning.table(lines, now))
    else:
        typer.echo(f"Nothing is planned for the next {counted(days, 'day')}.")


@calendar_app.command("intervals", epilog="[bold]Example[/bold]\n\n camfleet calendar intervals --days 90")
def calendar_intervals(
    days: Annotated[int, typer.Option(min=1, max=366, help="For how many days from now.")] = 90,
    inventory: InventoryOption = DEFAULT_INVENTORY,
    calendar: CalendarOption = None,
) -> None:
    """Print what is planned for zones and contracts as Alertmanager's time intervals, and what they mute.

    It goes under paging.planned of dashboards/config.yaml. What is planned for
    sites and feeders needs none: their causes do not alert meanwhile.
    """
    planned = calendar_at(inventory, inventory_at(inventory, secrets=False), calendar)
    now = time.time()
    told = time_intervals(planned, now, now + days * 86400)
    typer.echo(yaml.safe_dump(told, sort_keys=False, allow_unicode=True), nl=False)


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
    fleet = inventory_at(inventory, secrets=False)
    before = calendar_at(inventory, fleet, calendar)
    place = calendar or beside(inventory)
    approval = Approval(kind, _selectors(selector, fleet), approver, time.time(), time_zone)
    try:
        imported = read_icalendar(read_bounded(file, BYTES_MAX + 1), approval)
    except (OSError, NotAFile, NoCalendar) as error:
        fail(f"{file}: {getattr(error, 'strerror', None) or str(error) or 'this is not a file'}")
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
        fail(f"{place} is written in a way that cannot be added to: put in by hand what is printed without --write.")
    if write and after != text:
        try:
            replace_file(place, after)
        except OSError as error:
            fail(f"{place}: cannot be written: {error.strerror}")
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
            fail(f"--selector {text}: write one of {', '.join(SELECTORS)}, for example zone=harbour")
        if name not in known[by]:
            near = likely(name, known[by])
            fail(f"--selector {text}: no {by} {name} is in the inventory" + (f"; {near}" if near else ""))
        found.append(Selector(by, name))
    return tuple(sorted(set(found), key=lambda one: (SELECTORS.index(one.by), one.name)))
