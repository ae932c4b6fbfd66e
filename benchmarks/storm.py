"""``make bench ARGS="--only storm"``: 600 of the city's 1,800 cameras fail at once before a monitor at its default
intervals; how long until the shared causes have exactly their members.

The monitor runs in this process, the city in another, healed before the monitor's first look.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp

from benchmarks.live import NotSettled
from benchmarks.table import Table
from monitor.app import Monitor
from monitor.core.diagnosis.cause import Cause
from monitor.core.schedule import Rates
from monitor.core.state import State
from monitor.core.topology import Layer
from monitor.demo import FITTING_CAUSE, City, running_city, truth_of
from monitor.inventory import load
from monitor.ledger.ledger import Ledger

NOT_WORKING = ("fibre", "feeder", "dead", "hung", "password", "stream_server", "no_video")
ALONE = (Layer.DEVICE, Layer.CAMERA)
LOOK_S = 0.5
TARGET_S = 120.0


class Storm(NamedTuple):
    cameras: int = 1_800
    up_share: float = 0.99
    """The storm begins when this share of the cameras is up."""
    settle_s: float = 600.0
    patience_s: float = 240.0
    """From the storm until the shared causes must be right."""


class Found(NamedTuple):
    """What was found of a storm; ``seconds`` until each shared cause had exactly its members, None: never."""

    seconds: Mapping[tuple[str, str], float | None]
    members: Mapping[tuple[str, str], int]
    strangers: Sequence[str]
    """Shared causes that were open at the end and are not there."""
    alone: Mapping[str, int]


async def measure(storm: Storm, rates: Rates) -> Table:
    """Let a city fail and wait for the causes."""
    found = await _storm(storm, rates)
    rows = tuple(
        (kind, scope, str(found.members[kind, scope]), f"{seconds:.0f}" if seconds is not None else "never")
        for (kind, scope), seconds in found.seconds.items()
    )
    by_kind = ", ".join(f"{count} {kind}" for kind, count in sorted(found.alone.items()))
    strangers = ", ".join(found.strangers) or "none"
    notes = (
        f"Seconds from the storm until a cause had exactly its members; target: {TARGET_S:.0f}.",
        f"Shared causes that are not there: {strangers}.",
        f"Causes of single devices, {storm.patience_s:.0f} s after it: {by_kind}.",
    )
    return Table("A storm", ("kind", "scope", "cameras", "seconds"), rows, notes)


async def _storm(storm: Storm, rates: Rates) -> Found:
    with tempfile.TemporaryDirectory(prefix="camfleet-bench-") as folder:
        async with running_city(Path(folder) / "city", storm.cameras, 1) as city, aiohttp.ClientSession() as session:
            ills = [one for one in (await truth_of(city)).causes if one["fault"] in NOT_WORKING]
            await _switch(session, city, (await truth_of(city)).causes, "DELETE")
            monitor = Monitor(load(city.inventory, os.environ), rates, Ledger.open(Path(folder) / "ledger.sqlite"))
            turning = asyncio.create_task(monitor.run())
            try:
                await _settled(monitor, storm)
                began = time.monotonic()
                await _switch(session, city, ills, "POST")
                return await _watched(monitor, ills, began, storm.patience_s)
            finally:
                monitor.stop.set()
                await turning


async def _switch(session: aiohttp.ClientSession, city: City, ills: Sequence[Mapping[str, Any]], method: str) -> None:
    """Switch faults on or off; of what is no fault of a device (odd replies) nothing is."""
    where = {"fibre": "uplink", "feeder": "feeder"}
    for one in ills:
        key = where.get(one["fault"])
        said = {"fault": one["fault"], **({key: one["scope"]} if key else {"cameras": one["cameras"][:1]})}
        async with session.request(method, f"{city.control}/faults", json=said) as answer:
            if one["fault"] in FITTING_CAUSE:
                answer.raise_for_status()


async def _settled(monitor: Monitor, storm: Storm) -> None:
    """Wait until nearly all are up. Raises NotSettled."""
    deadline = time.monotonic() + storm.settle_s
    while monitor.snapshot is None or monitor.snapshot.count(State.UP) < storm.up_share * storm.cameras:
        if time.monotonic() > deadline:
            raise NotSettled(f"fewer than {storm.up_share:.0%} of the cameras were up within {storm.settle_s:g} s")
        await asyncio.sleep(LOOK_S)


async def _watched(monitor: Monitor, ills: Sequence[Mapping[str, Any]], began: float, patience_s: float) -> Found:
    wanted = {
        (str(FITTING_CAUSE[one["fault"]]), one["scope"]): frozenset(one["cameras"])
        for one in ills
        if one["fault"] in ("fibre", "feeder")
    }
    seconds: dict[tuple[str, str], float | None] = dict.fromkeys(wanted)
    while time.monotonic() < began + patience_s:
        right = {key for key, cause in _shared(monitor).items() if cause.members == wanted.get(key)}
        for key in wanted:
            seconds[key] = (seconds[key] or time.monotonic() - began) if key in right else None
        await asyncio.sleep(LOOK_S)
    assert monitor.snapshot is not None
    alone = Counter(str(cause.kind) for cause in monitor.snapshot.causes.values() if cause.scope.layer in ALONE)
    strangers = [f"{kind} {scope}" for kind, scope in _shared(monitor) if (kind, scope) not in wanted]
    return Found(seconds, {key: len(members) for key, members in wanted.items()}, strangers, alone)


def _shared(monitor: Monitor) -> dict[tuple[str, str], Cause]:
    causes = monitor.snapshot.causes.values() if monitor.snapshot else ()
    return {(str(cause.kind), cause.scope.name): cause for cause in causes if cause.scope.layer not in ALONE}
