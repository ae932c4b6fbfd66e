"""CPU per full check: ours and the exporters', alternated on the same devices in one run."""

from __future__ import annotations

import itertools
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple

import aiohttp

from benchmarks import peers
from benchmarks.child import Round, running_child
from benchmarks.parallel import in_parallel
from benchmarks.peers import Peers, running_peers
from benchmarks.spread import Spread, spread
from benchmarks.table import Table
from benchmarks.targets import healthy_devices
from monitor.core.model import Device

#: The parts of a full check; the first row is all of them.
WORK = {
    "full check": ("onvif", "rtsp", "snmp"),
    "ONVIF: time, device information": ("onvif",),
    "RTSP: OPTIONS, DESCRIBE": ("rtsp",),
    "SNMP: GET of five objects": ("snmp",),
}
PATH = "/onvif-media/media.amp?profile=profile_1_h264_sub&sessiontimeout=60&streamtype=unicast"
TARGET_RATIO = 5.0


class Size(NamedTuple):
    """How much is done: cameras of the city, checks a round, rounds, checks in flight."""

    cameras: int = 1800
    checks: int = 2000
    rounds: int = 5
    concurrency: int = 50


Rounds = dict[str, list[Round]]


async def measure(size: Size) -> Table:
    """Run both sides by turns. Raises CheckFailed or PeerFailed at the first check that is not as it must be."""
    ours: Rounds = {name: [] for name in WORK}
    theirs: Rounds = {name: [] for name in WORK}
    async with AsyncExitStack() as stack:
        targets = await stack.enter_async_context(healthy_devices(size.cameras, "axis"))
        child = await stack.enter_async_context(
            running_child(targets.city.inventory, targets.devices, size.concurrency)
        )
        devices = [targets.inventory.devices[id_] for id_ in child.devices]
        exporters = None if peers.missing() else await _exporters(stack, devices[0])
        warm = (*WORK.items(), *(item for _ in range(size.rounds) for item in WORK.items()))
        for number, (name, probes) in enumerate(warm):
            done = await child.check(size.checks, size.concurrency, probes)
            other = await _peer_round(exporters, devices, size, probes) if exporters else None
            if number >= len(WORK):  # the first turn only warms both sides up
                ours[name].append(done)
                theirs[name] += [other] if other else []
    return _table(size, len(devices), ours, theirs)


async def _exporters(stack: AsyncExitStack, device: Device) -> Peers:
    assert device.snmp is not None
    assert device.snmp.community is not None
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="camfleet-bench-"))
    return await stack.enter_async_context(running_peers(Path(folder), PATH, device.snmp.community.reveal()))


async def _peer_round(exporters: Peers, devices: Sequence[Device], size: Size, probes: Sequence[str]) -> Round:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def check(device: Device) -> None:
            await exporters.check(session, device, probes)

        began, used = time.monotonic(), exporters.cpu_s()
        await in_parallel(check, itertools.islice(itertools.cycle(devices), size.checks), size.concurrency)
        return Round(size.checks, exporters.cpu_s() - used, time.monotonic() - began)


def _table(size: Size, devices: int, ours: Rounds, theirs: Rounds) -> Table:
    rows = tuple(_row(name, ours[name], theirs[name]) for name in WORK)
    title = f"CPU per check, in µs: median [least–most] of {size.rounds} rounds of {size.checks:,} checks each"
    load = f"{devices} devices, {size.concurrency} checks in flight; every check of both sides succeeded."
    return Table(
        title,
        ("", "camfleet", "exporters", "exporters ÷ camfleet", "wall s a round"),
        rows,
        (load, _verdict(ours, theirs)),
    )


def _row(name: str, ours: Sequence[Round], theirs: Sequence[Round]) -> tuple[str, ...]:
    cells = [name, spread(done.us_a_check for done in ours).text()]
    wall = f"{spread(done.wall_s for done in ours).median:.1f}"
    if not theirs:
        return (*cells, "not installed", "", wall)
    peer_wall = f"{spread(done.wall_s for done in theirs).median:.1f}"
    return (
        *cells,
        spread(done.us_a_check for done in theirs).text(),
        _ratios(ours, theirs).text(1),
        f"{wall} / {peer_wall}",
    )


def _verdict(ours: Rounds, theirs: Rounds) -> str:
    whole = next(iter(WORK))
    if not theirs[whole]:
        return f"Without the exporters there is nothing to compare with: apt install {' '.join(peers.missing())}"
    ratio = _ratios(ours[whole], theirs[whole]).median
    met = "Met" if ratio >= TARGET_RATIO else "Missed"
    return f"Target: at least {TARGET_RATIO:g} times cheaper. Measured: {ratio:.1f} times. {met}."


def _ratios(ours: Sequence[Round], theirs: Sequence[Round]) -> Spread:
    """Return how many times dearer the other side was, turn by turn."""
    return spread(their.us_a_check / our.us_a_check for our, their in zip(ours, theirs, strict=True))
