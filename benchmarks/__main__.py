"""``python -m benchmarks``: run the benchmarks, print their tables, and with ``--write`` put them into the page."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence

import uvloop
from rich.console import Console

from benchmarks import capacity, causes, cost, detection, growth, limits, machine, page, reporting, scrape, storm
from benchmarks.capacity import Fleet
from benchmarks.cost import Size
from benchmarks.live import Live
from benchmarks.storm import Storm
from benchmarks.table import Table
from monitor.core.schedule import Rates
from monitor.demo import DEMO_RATES

QUICK_SIZE = Size(cameras=60, checks=60, rounds=1, concurrency=10, waits=False)
QUICK_PHASES = 5
QUICK_FLEET = Fleet(devices=60, minutes=0.5, start_s=5.0)


def parse_options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; exits with 2 where it is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="CPU of a full check beside Debian's exporters, the time from a fault to its confirmed state,"
        " and how right causes are.",
        epilog='example: make bench ARGS="--only cost --rounds 3"',
    )
    usual = Size()
    parser.add_argument("--only", choices=list(BENCHMARKS), help="one of the benchmarks (all of them, about an hour)")
    parser.add_argument("--rounds", type=int, default=usual.rounds, metavar="N", help="rounds by turns (%(default)s)")
    parser.add_argument("--checks", type=int, default=usual.checks, metavar="N", help="checks a round (%(default)s)")
    parser.add_argument(
        "--devices", type=int, nargs="+", default=[10_000, 100_000], metavar="N", help="sizes of fleets under watch"
    )
    parser.add_argument("--minutes", type=float, default=10.0, metavar="N", help="for so long, each (%(default)g)")
    parser.add_argument("--probers", type=int, default=0, metavar="N", help="processes that ask the fleet under watch")
    parser.add_argument("--paper", action="store_true", help="devices of paper: the probers only know what they say")
    parser.add_argument("--quick", action="store_true", help="tiny sizes: that it runs, not how fast")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/benchmarks.md")
    options = parser.parse_args(arguments)
    if not (1 <= options.rounds <= 50 and 1 <= options.checks <= 100_000):
        parser.error("--rounds must be from 1 to 50, --checks from 1 to 100000")
    if not (all(10 <= devices <= 200_000 for devices in options.devices) and 0.5 <= options.minutes <= 60):
        parser.error("--devices must be from 10 to 200000, --minutes from 0.5 to 60")
    if not 0 <= options.probers <= 64:
        parser.error("--probers must be from 0 to 64")
    if options.paper and not options.probers:
        parser.error("--paper needs --probers: these know what devices of paper say")
    return options


async def _capacity(options: argparse.Namespace) -> Table:
    how = {"probers": options.probers, "paper": options.paper}
    fleets = [QUICK_FLEET] if options.quick else [Fleet(devices, options.minutes) for devices in options.devices]
    return await capacity.measure([fleet._replace(**how) for fleet in fleets])


async def _cost(options: argparse.Namespace) -> Table:
    size = QUICK_SIZE if options.quick else Size(rounds=options.rounds, checks=options.checks)
    return await cost.measure(size)


async def _detection(options: argparse.Namespace) -> Table:
    if options.quick:
        return await detection.measure(QUICK_PHASES, None, Rates())
    return await detection.measure(detection.PHASES, Live(), Rates())


async def _limits(options: argparse.Namespace) -> Table:
    return await limits.measure(QUICK_PHASES if options.quick else limits.MOMENTS, Rates())


async def _diagnosis(options: argparse.Namespace) -> Table:
    return causes.measure(causes.QUICK if options.quick else causes.Size())


async def _storm(options: argparse.Namespace) -> Table:
    if options.quick:
        return await storm.measure(Storm(cameras=60, patience_s=90.0), DEMO_RATES)
    return await storm.measure(Storm(), Rates())


async def _growth(options: argparse.Namespace) -> Table:
    return growth.measure(growth.QUICK_FLEETS if options.quick else growth.FLEETS)


async def _reports(options: argparse.Namespace) -> Table:
    return reporting.measure(reporting.QUICK_FLEETS if options.quick else reporting.FLEETS)


async def _scrape(options: argparse.Namespace) -> Table:
    return await scrape.measure(scrape.QUICK if options.quick else scrape.Size())


BENCHMARKS: Mapping[str, Callable[[argparse.Namespace], Awaitable[Table]]] = {
    "capacity": _capacity,
    "cost": _cost,
    "detection": _detection,
    "diagnosis": _diagnosis,
    "growth": _growth,
    "limits": _limits,
    "reports": _reports,
    "scrape": _scrape,
    "storm": _storm,
}


async def run(options: argparse.Namespace, console: Console) -> None:
    """Run what was asked for, one after the other."""
    command = 'make bench ARGS="--only {}"'
    for name, benchmark in BENCHMARKS.items():
        if options.only in (None, name):
            measured_on = page.machine_table(machine.describe(), command.format(name))
            table = await benchmark(options)
            table.print(console)
            console.print(measured_on)
            if options.write:
                page.write(name, f"{table.markdown()}\n{measured_on}")
                if table.drawing:
                    page.draw(name, table.drawing)


def main() -> None:
    """Run the command line."""
    options = parse_options()
    console = Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 150)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(options, console))


if __name__ == "__main__":
    main()
