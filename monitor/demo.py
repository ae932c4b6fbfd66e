"""The demo: a simulated city in a process of its own, a monitor that does not know its truth, and the score."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp

from monitor.core.diagnosis.cause import Cause, Kind
from monitor.core.diagnosis.symptom import symptoms
from monitor.core.schedule import Rates
from monitor.core.snapshot import Snapshot
from monitor.core.state import State, decided
from monitor.core.topology import Layer
from monitor.core.verdict import Reason

#: Shorter intervals and larger budgets than the defaults, so that a city is judged within two minutes.
DEMO_RATES = Rates(
    light_s=30.0,
    media_s=120.0,
    spread_s=20.0,
    busy_s=12.0,
    http_per_minute=60.0,
    http_burst=30.0,
    rtsp_per_minute=120.0,
    rtsp_burst=60.0,
)
CITY_START_S = 30.0
#: A first look that takes longer is scored as far as it is; a slow machine needs more than twice the two minutes.
FIRST_LOOK_S = 300.0

#: The reasons that fit a fault of the city.
FITTING: Mapping[str, frozenset[Reason]] = {
    "fibre": frozenset({Reason.TIMEOUT, Reason.NO_ROUTE}),
    "feeder": frozenset({Reason.TIMEOUT, Reason.NO_ROUTE}),
    "dead": frozenset({Reason.TIMEOUT, Reason.NO_ROUTE}),
    "hung": frozenset({Reason.NO_REPLY}),
    "password": frozenset({Reason.CREDENTIALS}),
    "stream_server": frozenset({Reason.NOT_FOUND, Reason.SERVER_ERROR}),
    "no_video": frozenset({Reason.NO_VIDEO}),
}


#: The kinds of cause that fit a fault of the city; a fault that is not in it need not show.
FITTING_CAUSE: Mapping[str, Kind] = {
    "fibre": Kind.UPLINK,
    "feeder": Kind.POWER,
    "dead": Kind.DEAD,
    "hung": Kind.HUNG,
    "password": Kind.CREDENTIALS,
    "stream_server": Kind.STREAM,
    "no_video": Kind.NO_VIDEO,
    "clock": Kind.CLOCK,
    "sd_card": Kind.STORAGE,
    "onvif_off": Kind.SERVICE_OFF,
    "busy": Kind.BUSY,
    "flapping": Kind.FLAPPING,
}
#: Of these nobody can say when they are to be seen.
OPTIONAL = ("flapping",)


#: How a demo's folder begins in the system's folder for temporary files; its process's id follows.
FOLDER = "camfleet-demo-"
#: What ends a demo beside Ctrl-C and SIGTERM: its terminal is closed.
ENDING = (signal.SIGHUP,)


def remove_leftovers(temporary: Path) -> None:
    """Remove the folders of demos that were killed before they could."""
    for folder in temporary.glob(f"{FOLDER}*-*"):
        pid = folder.name.removeprefix(FOLDER).partition("-")[0]
        if pid.isdigit() and not Path("/proc", pid).exists() and Path("/proc/self").exists():
            shutil.rmtree(folder, ignore_errors=True)


class CityError(Exception):
    """The simulated city could not be started; the text says why."""


class City(NamedTuple):
    """A running city: where its inventory and its control address are."""

    inventory: Path
    control: str


@asynccontextmanager
async def running_city(folder: Path, cameras: int, seed: int) -> AsyncIterator[City]:
    """Run the simulator as a process of its own. Raises CityError."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "simulator",
        "--cameras",
        str(cameras),
        "--seed",
        str(seed),
        "--folder",
        str(folder),
        "--ports",
        "free",
        "--with-parent",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, "PYTHONSAFEPATH": "1"},
    )
    try:
        yield await _ready(process)
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), 1.5)
            except TimeoutError:
                process.kill()
                await process.wait()


async def _ready(process: asyncio.subprocess.Process) -> City:
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), CITY_START_S)
    except TimeoutError:
        raise CityError(f"the simulated city was not ready within {CITY_START_S:g} s") from None
    if not line:
        raise CityError(f"the simulated city ended with code {await process.wait()}; its message stands above")
    ready = json.loads(line)
    return City(Path(ready["inventory"]), ready["control"])


class Truth(NamedTuple):
    """What the city knows of itself."""

    cameras: Mapping[str, Mapping[str, Any]]
    causes: Sequence[Mapping[str, Any]]
    """Each fault that is on: its name, what has it, and its cameras."""


async def truth_of(city: City) -> Truth:
    """Return what the city knows of itself; only the score may ask."""
    async with aiohttp.ClientSession() as session, session.get(f"{city.control}/truth") as response:
        answer = await response.json()
    return Truth(answer["cameras"], answer["causes"])


class Pairs(NamedTuple):
    """Pairs of a camera and its cause: found, and of those right; there, and of those found."""

    found: int
    right: int
    there: int
    recalled: int

    def to_json(self) -> dict[str, Any]:
        return {
            **self._asdict(),
            "precision": round(self.right / self.found, 4) if self.found else 1.0,
            "recall": round(self.recalled / self.there, 4) if self.there else 1.0,
        }


@dataclass(slots=True)
class Score:
    """What the monitor found, held against the city's truth."""

    cameras: int = 0
    not_working: int = 0
    states: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    agreeing: int = 0
    missed: list[str] = field(default_factory=list)
    """Cameras that do not work and were not found, or found with a reason that does not fit."""
    false_alarms: list[str] = field(default_factory=list)
    """Cameras called not working, or not known, that do work."""
    seconds: float = 0.0
    causes: Sequence[Cause] = ()
    pairs: Pairs | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "cameras": self.cameras,
            "not_working": self.not_working,
            "states": self.states,
            "reasons": self.reasons,
            "agreement": {
                "agreeing": self.agreeing,
                "missed": len(self.missed),
                "false_alarms": len(self.false_alarms),
                "disagreeing": sorted(self.missed + self.false_alarms)[:50],
            },
            "causes": [
                {
                    "kind": cause.kind.value,
                    "scope": cause.scope.name,
                    "layer": cause.scope.layer.value,
                    "cameras": len(cause.members),
                    "members": sorted(cause.members),
                    "confidence": cause.confidence.value,
                }
                for cause in self.causes
            ],
            "cause_agreement": self.pairs.to_json() if self.pairs else None,
            "seconds": round(self.seconds, 1),
        }


def score(snapshot: Snapshot, truth: Truth, seconds: float) -> Score:
    """Hold a snapshot against the truth."""
    result = Score(len(snapshot.views), snapshot.not_working, seconds=seconds)
    result.states = {state.value: snapshot.count(state) for state in State}
    reasons: Counter[str] = Counter()
    for (_, reason), count in snapshot.reasons.items():
        reasons[reason.value] += count
    result.reasons = dict(reasons.most_common())
    for id_, view in snapshot.views.items():
        true = truth.cameras[id_]
        if view.state.working is true["working"] and _fits(true, view.reason):
            result.agreeing += 1
        elif true["working"] is False:
            result.missed.append(id_)
        else:
            result.false_alarms.append(id_)
    result.causes = sorted(snapshot.causes.values(), key=lambda cause: (-len(cause.members), cause.kind, cause.scope))
    result.pairs = _pairs(result.causes, truth.causes)
    return result


def _pairs(causes: Sequence[Cause], true: Sequence[Mapping[str, Any]]) -> Pairs:
    """Hold the pairs of camera and cause against the truth: kind and scope must be its own.

    A login of many may be named by its set; a device of one fault has no other.
    """
    there = {
        (camera, FITTING_CAUSE[one["fault"]], one["scope"]): one["fault"]
        for one in true
        if one["fault"] in FITTING_CAUSE
        for camera in one["cameras"]
    }
    scopes = {(camera, kind): scope for camera, kind, scope in there}
    found = {
        (camera, cause.kind, scopes.get((camera, cause.kind), "") if _by_login(cause) else cause.scope.name)
        for cause in causes
        for camera in cause.members
    }
    needed = {pair for pair, fault in there.items() if fault not in OPTIONAL}
    return Pairs(len(found), len(found & there.keys()), len(needed), len(needed & found))


def _by_login(cause: Cause) -> bool:
    return cause.scope.layer is Layer.CREDENTIAL


def _fits(true: Mapping[str, Any], reason: Reason | None) -> bool:
    return true["working"] is not False or reason in FITTING.get(true["fault"], frozenset())


def undecided(snapshot: Snapshot) -> int:
    """Return how many cameras still lack a complete first look, or a cause for something that it found."""
    caused = snapshot.fleet.causes_of
    return sum(
        not decided(rungs) or len(symptoms(rungs)) > len(caused.get(id_, ()))
        for id_, rungs in snapshot.fleet.cameras.items()
    )


async def wait_decided(
    snapshot: Callable[[], Snapshot | None], limit_s: float, progress: Callable[[Snapshot, int], None]
) -> float:
    """Wait until every camera is decided, or for ``limit_s``; return how long that took, in seconds."""
    began, seen = time.monotonic(), None
    while time.monotonic() < began + limit_s:
        newest = snapshot()
        if newest is not None and newest is not seen:
            seen, left = newest, undecided(newest)
            progress(newest, left)
            if not left:
                break
        await asyncio.sleep(0.25)
    return time.monotonic() - began
