"""``make bench ARGS="--only capacity"``: how large a fleet one monitor carries at the default rates, storm included.

Devices in C, the product's monitor with its ledger on a disk, and a Prometheus that scrapes it, each a process of its
own on loopback. The fleet is first seen whole, then watched; then a share of it falls silent at once, and comes back.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

import aiohttp

from benchmarks import prometheus
from benchmarks.aftermath import Aftermath, aftermath
from benchmarks.course import Course, Phase, Second, counted, share_of
from benchmarks.processes import NotReady, children, cpu_s, resident_bytes
from benchmarks.prometheus import Prometheus, running_prometheus
from benchmarks.responder import Responder, running_responder, write_inventory
from benchmarks.spread import spread
from benchmarks.table import Table

#: How the time of a run is divided once the fleet is up, or was given up on.
PARTS = {"calm": 0.4, "storm": 0.3, "repair": 0.3}
STORM_SHARE = 0.3
UP_SHARE = 0.99
START_MOST_S = 300.0
END_MOST_S = 60.0
CHECKS_A_MINUTE = 3
#: What people read meanwhile, and how often.
PAGES = {"/": 2.0, "/cameras?state=down": 5.0, "/api/v1/summary": 1.0}
PATIENCE_S = 30.0
MOST_LATE_MS, MOST_BLOCKED_MS = 250, 50


class Fleet(NamedTuple):
    """How many devices are watched, for how long once they are up, how long their first checks may take, and how many
    processes ask them beside the monitor; none: the monitor does.
    """

    devices: int
    minutes: float = 10.0
    start_s: float = START_MOST_S
    probers: int = 0
    paper: bool = False
    """Whether the devices are of paper: what is measured then is all but the conversations with them."""

    @property
    def silent(self) -> int:
        """How many fall silent in the storm."""
        return round(STORM_SHARE * self.devices)

    def __str__(self) -> str:
        return f"{self.devices:,}{self._how}"

    @property
    def name(self) -> str:
        """What a sentence calls it."""
        return f"{self.devices:,} devices{self._how}"

    @property
    def _how(self) -> str:
        return (" of paper" if self.paper else "") + (f" by {self.probers}" if self.probers else "")


class Devices(Protocol):
    """What is asked: it can fall silent, the first so many, and come back."""

    async def silence(self, count: int) -> None: ...

    async def heal(self) -> None: ...

    def cpu_s(self) -> float: ...


class Answering(NamedTuple):
    """Devices that a program in C is, for all of them."""

    responder: Responder

    async def silence(self, count: int) -> None:
        await self.responder.silence(0, count)

    async def heal(self) -> None:
        await self.responder.heal()

    def cpu_s(self) -> float:
        return cpu_s(self.responder.process.pid)


class OfPaper(NamedTuple):
    """Devices that a monitor's probers know by heart."""

    monitor: int

    async def silence(self, count: int) -> None:
        self._tell(signal.SIGUSR1)

    async def heal(self) -> None:
        self._tell(signal.SIGUSR2)

    def cpu_s(self) -> float:
        return 0.0

    def _tell(self, number: signal.Signals) -> None:
        for prober in children(self.monitor):
            os.kill(prober, number)


async def measure(fleets: Sequence[Fleet]) -> Table:
    """Watch each fleet in turn. Raises NotReady, NotCompiled, ResponderFailed."""
    rows: list[tuple[str, ...]] = []
    notes = [NOTE]
    for fleet in fleets:
        lines, said = await _watched(fleet)
        rows += lines
        notes += said
    return Table("A fleet under watch at the default rates", HEAD, tuple(rows), tuple(notes))


async def _watched(fleet: Fleet) -> tuple[list[tuple[str, ...]], list[str]]:
    course = Course()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="camfleet-bench-")))
        responder = await stack.enter_async_context(running_responder(folder))
        inventory = write_inventory(folder / "inventory", responder.ports, fleet.devices)
        ledger = folder / "ledger.sqlite"
        monitor, port = await stack.enter_async_context(_running_monitor(inventory, ledger, fleet))
        devices: Devices = OfPaper(monitor.pid) if fleet.paper else Answering(responder)
        watching = [asyncio.create_task(_listen(monitor, devices, course))]
        stack.push_async_callback(_cancelled, watching)
        url = f"http://127.0.0.1:{port}"
        watching += [asyncio.create_task(_read(url, page, every_s, course)) for page, every_s in PAGES.items()]
        scraper = None
        if not prometheus.missing():
            scraper = await stack.enter_async_context(running_prometheus(folder, f"127.0.0.1:{port}"))
        began = time.monotonic()
        up = round(UP_SHARE * fleet.devices)
        while (
            not (course.newest["states"]["up"] >= up and course.keeps_up) and time.monotonic() < began + fleet.start_s
        ):
            await _while(monitor, 1.0)
        await _ended(course, "start", began, scraper)
        for name, share in PARTS.items():
            began = time.monotonic()
            if name == "storm":
                storm_at, course.silent_at = time.time(), began
                await devices.silence(fleet.silent)
            elif name == "repair":
                healed_at, course.healed_at = time.time(), began
                await devices.heal()
            await _while(monitor, share * fleet.minutes * 60.0)
            await _ended(course, name, began, scraper)
        scraped = [_scraped(fleet, scraper)] if scraper else []
        await _stopped(monitor)
        after = await asyncio.to_thread(aftermath, ledger, storm_at, healed_at, fleet.silent)
    rows = [_row(fleet, course, phase) for phase in course.phases]
    return rows, [*_notes(fleet, course, after), *scraped]


@asynccontextmanager
async def _running_monitor(inventory: Path, ledger: Path, fleet: Fleet) -> AsyncIterator[tuple[Process, int]]:
    """Run the monitor; it serves at the port once it has read the inventory. Raises NotReady."""
    silent = (str(fleet.silent),) if fleet.paper else ()
    told = (str(inventory), str(ledger), str(fleet.probers), *silent)
    program = (sys.executable, "-P", "-m", "benchmarks.attended", *told)
    with ledger.with_suffix(".log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(*program, stdout=PIPE, stderr=log, limit=1 << 20)
    try:
        assert process.stdout is not None
        line = await process.stdout.readline()
        if not line:
            said = ledger.with_suffix(".log").read_text(encoding="utf-8")
            raise NotReady(f"the monitor ended with {await process.wait()}: {said}")
        yield process, json.loads(line)["port"]
    finally:
        await _stopped(process)


async def _stopped(process: Process) -> None:
    """End a process, politely if it can."""
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(END_MOST_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def _cancelled(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _while(monitor: Process, seconds: float) -> None:
    """Wait while the monitor runs. Raises NotReady where it ends."""
    ending = asyncio.ensure_future(monitor.wait())
    done, _ = await asyncio.wait({ending}, timeout=seconds)
    ending.cancel()
    if done:
        raise NotReady(f"the monitor ended with {monitor.returncode}")


# What is seen meanwhile ------------------------------------------------------------------------------------------


async def _listen(monitor: Process, devices: Devices, course: Course) -> None:
    """Take in what the monitor tells each second."""
    assert monitor.stdout is not None
    while line := await monitor.stdout.readline():
        probers = children(monitor.pid)
        asking_s = sum(map(cpu_s, probers))
        held = sum(map(resident_bytes, [monitor.pid, *probers]))
        told = json.loads(line)
        course.seconds.append(Second(time.monotonic(), told, cpu_s(monitor.pid), asking_s, held, devices.cpu_s()))


async def _read(url: str, page: str, every_s: float, course: Course) -> None:
    """Read a page again and again, as a person or a program does."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(PATIENCE_S)) as session:
        while True:
            asked = time.monotonic()
            try:
                async with session.get(url + page) as answer:
                    body = await answer.read()
                if page == "/api/v1/summary" and answer.status == 200:
                    course.summaries.append((time.monotonic(), json.loads(body)))
            except (aiohttp.ClientError, TimeoutError):
                pass
            course.reads.append((asked, page, time.monotonic() - asked))
            await asyncio.sleep(max(0.0, asked + every_s - time.monotonic()))


async def _ended(course: Course, name: str, began: float, scraper: Prometheus | None) -> None:
    now = time.monotonic()
    course.phases.append(Phase(name, began, now))
    if scraper is not None:
        course.scrapes[name] = await scraper.values("scrape_duration_seconds", now - began)


def _scraped(fleet: Fleet, scraper: Prometheus) -> str:
    pid = scraper.process.pid
    used, held = cpu_s(pid), resident_bytes(pid) / 1e6
    return f"{fleet.name}: Prometheus itself took {used:.0f} s of CPU in all, {held:,.0f} MB at the end."


# The table -------------------------------------------------------------------------------------------------------

HEAD = (
    "devices, phase",
    "seconds",
    "checks a second",
    "CPU",
    "memory, MB",
    "late, ms: median / 99 % / worst",
    "blocked, ms: 99 % / worst",
    "by own work, worst",
    "a scrape, s",
    "the wallboard, ms: median / worst",
    "unrecorded, most",
)
NOTE = (
    "ONVIF, RTSP and SNMP of each device once a minute, its video every ten; logins and surveys as ever. *start*: until"
    f" {UP_SHARE:.0%} are up and checks begin in time, or five minutes are over; *calm*; *storm*: {STORM_SHARE:.0%}"
    " fall silent at once; *repair*: they answer again. *Checks a second*: begun, and those of the timetable without"
    " re-checks. *CPU*: of all threads of the monitor, in cores; + of all its probers, where *by N* of them ask."
    " *Late*: how much later than due a conversation began."
    " *Blocked*: by how much a timer of every 5 ms rang too late; *by own work*: CPU of the loop's thread between two"
    " of its rings, which other programs do not lengthen. *A scrape*: as Prometheus measures it, the longest."
    " *Unrecorded*: events that the ledger's disk had not yet."
)


def _row(fleet: Fleet, course: Course, phase: Phase) -> tuple[str, ...]:
    seconds = course.within(phase)
    lasted = phase.ended - phase.began
    late, blocked, busy = (counted(seconds, name) for name in ("late_ms", "blocked_ms", "busy_ms"))
    board = spread(took for asked, page, took in course.reads if page == "/" and phase.began <= asked < phase.ended)
    expected = fleet.devices * CHECKS_A_MINUTE / 60
    scrapes = course.scrapes.get(phase.name)
    return (
        f"{fleet} {phase.name}",
        f"{lasted:.0f}",
        f"{late.total() / lasted:,.0f} of {expected:,.0f}",
        _cores(fleet, seconds),
        f"{max(one.resident_bytes for one in seconds) / 1e6:,.0f}",
        f"{share_of(late, 0.5):,} / {share_of(late, 0.99):,} / {max(one.told['lag_s'] for one in seconds) * 1e3:,.0f}",
        f"{share_of(blocked, 0.99):,} / {max(blocked):,}",
        f"{max(busy):,}",
        f"{max(scrapes):.2f}" if scrapes else "–",
        f"{board.median * 1e3:,.0f} / {board.most * 1e3:,.0f}",
        f"{max(one.told['unrecorded'] for one in seconds):,}",
    )


def _cores(fleet: Fleet, seconds: Sequence[Second]) -> str:
    """Return how many cores the monitor took, and all its probers together."""
    first, last = seconds[0], seconds[-1]
    lasted = last.at - first.at
    monitor = f"{(last.cpu_s - first.cpu_s) / lasted:.2f}"
    return f"{monitor} + {(last.probers_cpu_s - first.probers_cpu_s) / lasted:.2f}" if fleet.probers else monitor


def _notes(fleet: Fleet, course: Course, after: Aftermath) -> list[str]:
    told = course.until(course.silent_at, lambda one: one["not_working"] >= fleet.silent)
    well = course.until(course.healed_at, lambda one: one["states"]["up"] >= UP_SHARE * fleet.devices)
    all_well = course.until(course.healed_at, lambda one: one["states"]["up"] == fleet.devices)
    flights = max(second.told["in_flight"] for second in course.seconds)
    waits = dict.fromkeys(PAGES, 0.0)
    for _, page, took in course.reads:
        waits[page] = max(waits[page], took)
    pages = ", ".join(f"`{page}` {took * 1e3:,.0f} ms" for page, took in sorted(waits.items()))
    whole = course.seconds[-1].responder_cpu_s - course.seconds[0].responder_cpu_s
    lasted = course.seconds[-1].at - course.seconds[0].at
    return [
        f"{fleet.name}: targets met in {_met(course)}.",
        f"{fleet.name}: {fleet.silent:,} fell silent; all were told as not working {_seconds(told)} after that,"
        f" and held by shared causes {_seconds(after.explained_s)} after it ({after.held:,} of them, in the end by"
        f" {after.shared:,} causes)."
        f" Devices told as failing that were well: {after.wronged:,}."
        f" {UP_SHARE:.0%} were up {_seconds(well)} after the repair, all {_seconds(all_well)} after it.",
        f"{fleet.name}: at most {flights:,} conversations at a time; the longest waits for pages: {pages};"
        f" the devices took {whole / lasted:.2f} cores.",
    ]


def _met(course: Course) -> str:
    """Say in which phases the targets were met."""
    parts = {phase.name: course.within(phase) for phase in course.phases}
    late = [name for name, seconds in parts.items() if share_of(counted(seconds, "late_ms"), 0.99) <= MOST_LATE_MS]
    busy = [name for name, seconds in parts.items() if max(counted(seconds, "busy_ms")) <= MOST_BLOCKED_MS]
    return (
        f"{', '.join(late) or 'no phase'} (99 % of checks at most {MOST_LATE_MS} ms late), and in"
        f" {', '.join(busy) or 'no phase'} (the loop busy for at most {MOST_BLOCKED_MS} ms at a time)"
    )


def _seconds(found: float | None) -> str:
    return "never" if found is None else f"{found:.0f} s"
