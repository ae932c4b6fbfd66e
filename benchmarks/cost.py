"""CPU per check: ours, the exporters', a C program's and the libraries', by turns on the same cameras in one run."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple

from benchmarks import agent, peers
from benchmarks.checks import DEAD_ROWS, ROWS, Order, Round, Row, dead_count
from benchmarks.child import Child, running_child
from benchmarks.compiling import compiled
from benchmarks.libraries import libraries
from benchmarks.limit import Limit
from benchmarks.peers import Peers, running_peers
from benchmarks.responder import Responder, running_responder, write_inventory
from benchmarks.spread import Spread, spread
from benchmarks.table import Table
from benchmarks.watch import camfleet
from monitor.core.model import Device
from monitor.inventory import load

OURS, EXPORTERS, LIMIT, LIBRARIES = "camfleet", "exporters", "C", "libraries"
#: Who takes part in which row: what a side cannot do, or what would say the same as the row above, is left out.
CAN: Mapping[str, Callable[[Row], bool]] = {
    OURS: lambda row: True,
    EXPORTERS: lambda row: row.login != "digest" and row.kept,
    LIMIT: lambda row: row.login == "token" and not row.dead,
    LIBRARIES: lambda row: row.login == "token" and not row.dead,
}
#: How many times cheaper than the exporters, and how many times dearer than C, a full check may be.
LEAST_RATIO, MOST_RATIO = 8.0, 4.0
NOTHING = "–"


class Size(NamedTuple):
    """How much is done: cameras, checks a round, rounds, checks in flight, and whether time-outs are waited for."""

    cameras: int = 1800
    checks: int = 2000
    rounds: int = 5
    concurrency: int = 50
    waits: bool = True


#: One side's way to hold a round.
Hold = Callable[[Order], Awaitable[Round]]
Rounds = dict[tuple[str, Row], list[Round]]


class Inventories(NamedTuple):
    """Where the inventory for each way to log in is; v3's is missing where snmpd is."""

    paths: Mapping[str, Path]

    def can(self, row: Row) -> bool:
        return row.login in self.paths

    def devices(self, row: Row) -> Sequence[Device]:
        return list(load(self.paths[row.login], os.environ).devices.values())


async def measure(size: Size) -> Table:
    """Run all sides by turns. Raises what a side raises at the first check that is not as it must be."""
    rounds: Rounds = {}
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="camfleet-bench-")))
        responder = await stack.enter_async_context(running_responder(folder, awake=True))
        inventories = await _inventories(stack, folder, responder, size)
        rows = [row for row in ROWS if inventories.can(row)]
        dead_rows = list(DEAD_ROWS) if size.waits else []
        sides = await _sides(stack, folder, responder, inventories, size, [*rows, *dead_rows])
        for turn in range(-1, size.rounds):  # the first turn only warms all sides up
            await _turn(rows, sides, size, rounds, counts=turn >= 0)
        for row in dead_rows:
            dead = dead_count(size.cameras, row.dead)
            await responder.silence(size.cameras - dead, dead)
            for _ in range(size.rounds):
                await _turn([row], sides, size, rounds)
            await responder.heal()
    return _table(size, rounds)


async def _turn(
    rows: Sequence[Row], sides: Mapping[str, Hold], size: Size, rounds: Rounds, counts: bool = True
) -> None:
    for row in rows:
        for name, hold in sides.items():
            if CAN[name](row):
                done = await hold(Order(row, size.checks, size.concurrency))
                if counts:
                    rounds.setdefault((name, row), []).append(done)


async def _inventories(stack: AsyncExitStack, folder: Path, responder: Responder, size: Size) -> Inventories:
    paths = {
        login: write_inventory(folder / login, responder.ports, size.cameras, login)
        for login in ("token", "digest", "tls")
    }
    if agent.program() is not None:
        paths["v3"] = await stack.enter_async_context(agent.running_agent(folder / "v3"))
    return Inventories(paths)


async def _sides(
    stack: AsyncExitStack,
    folder: Path,
    responder: Responder,
    inventories: Inventories,
    size: Size,
    rows: Sequence[Row],
) -> Mapping[str, Hold]:
    ours = await stack.enter_async_context(running_child(camfleet))
    others = await stack.enter_async_context(running_child(libraries))
    known = ((OURS, ours), (LIBRARIES, others))
    await asyncio.gather(*(_prepare(child, filter(CAN[name], rows), inventories) for name, child in known))
    sides: dict[str, Hold] = {OURS: ours.check}
    if not peers.missing():
        exporters = await stack.enter_async_context(running_peers(folder))
        sides[EXPORTERS] = _asking(exporters, inventories, rows)
    sides[LIMIT] = Limit(compiled("client", folder), responder.ports, size.cameras).check
    sides[LIBRARIES] = others.check
    return sides


async def _prepare(child: Child, rows: Iterable[Row], inventories: Inventories) -> None:
    for row in rows:
        await child.prepare(row, inventories.paths[row.login])


def _asking(exporters: Peers, inventories: Inventories, rows: Sequence[Row]) -> Hold:
    devices = {row: inventories.devices(row) for row in rows}

    async def hold(order: Order) -> Round:
        return await exporters.check(order, devices[order.row])

    return hold


# The table -------------------------------------------------------------------------------------------------------


def _table(size: Size, rounds: Rounds) -> Table:
    rows = [row for row in (*ROWS, *DEAD_ROWS) if (OURS, row) in rounds]
    title = f"CPU per check, in µs: median [least–most] of {size.rounds} rounds of {size.checks:,} checks each"
    head = ("", OURS, EXPORTERS, LIMIT, LIBRARIES, "exporters ÷ camfleet", "camfleet ÷ C", "libraries ÷ camfleet")
    load = f"{size.cameras:,} cameras, {size.concurrency} checks in flight; every check of every side ended as it must."
    return Table(title, head, tuple(_row(row, rounds) for row in rows), (load, *_verdicts(rounds)))


def _row(row: Row, rounds: Rounds) -> tuple[str, ...]:
    figures = [
        spread(done.us_a_check for done in rounds[name, row]).text() if (name, row) in rounds else NOTHING
        for name in CAN
    ]
    pairs = ((EXPORTERS, OURS), (OURS, LIMIT), (LIBRARIES, OURS))
    ratios = [ratio.text(1) if (ratio := _ratio(rounds, row, *pair)) else NOTHING for pair in pairs]
    return (row.name, *figures, *ratios)


def _verdicts(rounds: Rounds) -> tuple[str, ...]:
    limit = _ratio(rounds, ROWS[0], OURS, LIMIT)
    assert limit is not None
    of_limit = f"Target: at most {MOST_RATIO:g} times dearer than C. Measured: {limit.median:.1f} times."
    of_limit += " Met." if limit.median <= MOST_RATIO else " Missed."
    ratio = _ratio(rounds, ROWS[0], EXPORTERS, OURS)
    if ratio is None:
        return f"Without the exporters there is less to compare with: apt install {' '.join(peers.missing())}", of_limit
    met = "Met" if ratio.median >= LEAST_RATIO else "Missed"
    of_peers = f"Target: at least {LEAST_RATIO:g} times cheaper than the exporters. Measured: {ratio.median:.1f} times."
    return f"{of_peers} {met}.", of_limit


def _ratio(rounds: Rounds, row: Row, dear: str, cheap: str) -> Spread | None:
    """Return how many times dearer one side was than another, turn by turn; None where one of them had no turn."""
    if (dear, row) not in rounds or (cheap, row) not in rounds:
        return None
    pairs = zip(rounds[dear, row], rounds[cheap, row], strict=True)
    return spread(one.us_a_check / other.us_a_check for one, other in pairs)
