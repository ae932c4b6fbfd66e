"""A city of cameras as pure data, moved by verdicts through the real reducer, and a server that shows it."""

from __future__ import annotations

import math
import random
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from aiohttp.test_utils import TestClient, TestServer

from monitor.core import fleet as reducer
from monitor.core.calendar import Calendar, Entry, Kind, Selector
from monitor.core.model import Camera, Device, Inventory, Position, Site
from monitor.core.planned import Timetable
from monitor.core.schedule import Rates
from monitor.core.snapshot import Snapshot, publish
from monitor.core.verdict import Finding, Outcome, Reason, Rung, Verdict
from monitor.probes.journal import Journal
from monitor.probes.transcript import Conversation, Message
from monitor.web.feed import Feed
from monitor.web.server import create_app

NOON = 1_542_283_200.0  # 15 November 2018, 12:00 UTC
ZONES = (
    "Harbour",
    "Old Town",
    "Museum Quarter",
    "North Gate",
    "Station",
    "Canal Side",
    "University",
    "Market",
    "Hill Park",
    "Brickfields",
    "South Dock",
    "Airport Road",
    "Riverside",
    "Garden City",
)
OK_FINDINGS = tuple(
    Finding(rung, Outcome.OK)
    for rung in (Rung.REACHABLE, Rung.CONTROL, Rung.CREDENTIALS, Rung.STREAM, Rung.MEDIA, Rung.CLOCK)
)
#: What is wrong, the rung that shows it, the reason, and how many cameras of the default city have it.
FAULTS = (
    (Rung.REACHABLE, Reason.TIMEOUT, 420),
    (Rung.REACHABLE, Reason.NO_REPLY, 60),
    (Rung.CREDENTIALS, Reason.CREDENTIALS, 40),
    (Rung.STREAM, Reason.NOT_FOUND, 30),
    (Rung.MEDIA, Reason.NO_VIDEO, 50),
)
NOT_WORKING = sum(number for _, _, number in FAULTS)


def inventory(
    cameras: int = 1800, seed: int = 7, placed: bool = True, names: Callable[[int], str] | None = None
) -> Inventory:
    """Return a fleet of so many cameras at sites of one to six, in a city of districts."""
    chance = random.Random(seed)
    zone_count = max(3, min(len(ZONES), cameras // 12))
    seeds = [_somewhere(chance) for _ in range(zone_count)]
    zones = {f"z{i + 1}": ZONES[i] for i in range(zone_count)}
    sites: dict[str, Site] = {}
    found: dict[str, Camera] = {}
    devices: dict[str, Device] = {}
    while len(found) < cameras:
        x, y = _somewhere(chance)
        zone = min(range(zone_count), key=lambda i: (seeds[i][0] - x) ** 2 + (seeds[i][1] - y) ** 2)
        number = len(sites) + 1
        site = Site(
            f"site-{number}",
            f"{ZONES[zone]} {number}",
            f"z{zone + 1}",
            (f"SW-{zone + 1}/{number % 9}",),
            f"F-{zone % 5 + 1}",
            Position(33.69 - y * 0.062, 73.05 + x * 0.105) if placed else None,
        )
        sites[site.id] = site
        for _ in range(min(cameras - len(found), chance.choice((1, 2, 3, 4, 4, 6)))):
            index = len(found)
            id_ = f"cam-{index + 1:04}"
            host = f"127.{80 + index // 60000}.{index // 250 % 250}.{index % 250 + 1}"
            name = (
                names(index)
                if names
                else f"{site.name}, {('north', 'east', 'south', 'west', 'gate', 'dome')[index % 6]}"
            )
            found[id_] = Camera(id_, name, f"dev-{index + 1}", 1, site.zone, site.id)
            devices[f"dev-{index + 1}"] = Device(
                f"dev-{index + 1}",
                host,
                {},
                ("onvif", "snmp", "rtsp"),
                (id_,),
                make=("axis", "hikvision", "dahua", "bosch")[index % 4],
            )
    return Inventory(devices, found, sites, zones, digest=f"{seed:04x}{cameras:08x}")


def _somewhere(chance: random.Random) -> tuple[float, float]:
    """Return a place in a city: an ellipse, fuller in the middle, along a grid of streets."""
    while True:
        angle, radius = chance.uniform(0, 2 * math.pi), chance.random() ** 0.62
        x, y = radius * math.cos(angle), radius * math.sin(angle)
        if chance.random() < 0.7:
            x, y = (round(x * 9) / 9, y) if chance.random() < 0.5 else (x, round(y * 7) / 7)
        if x * x + y * y <= 1.05:
            return x + chance.gauss(0, 0.006), y + chance.gauss(0, 0.006)


@dataclass
class City:
    """The fleet, its clock, and what a monitor would publish about it."""

    inventory: Inventory
    now: float = NOON
    snapshot: Snapshot = field(init=False)

    def __post_init__(self) -> None:
        self._fleet = reducer.start(self.inventory, Rates())
        self.snapshot = publish(self._fleet, 0)

    def pass_time(self, seconds: float) -> Snapshot:
        self.now += seconds
        return self.tell([])

    def tell(self, verdicts: Iterable[Verdict]) -> Snapshot:
        """Return the snapshot after these verdicts."""
        self._fleet, _ = reducer.step(self._fleet, verdicts, self.now)
        self.snapshot = publish(self._fleet, self._fleet.seq, self.snapshot)
        return self.snapshot

    def verdict(self, camera: str, *findings: Finding, **measurements: float | str) -> Verdict:
        device = self.inventory.cameras[camera].device
        return Verdict(device, "central", "rtsp", self.now, 0.2, findings or OK_FINDINGS, measurements)

    def work(self, cameras: Iterable[str] | None = None) -> Snapshot:
        """Let these cameras (or all) be seen working."""
        return self.tell([self.verdict(id_) for id_ in (cameras if cameras is not None else self.inventory.cameras)])

    def fail(self, cameras: Iterable[str], rung: Rung, reason: Reason, detail: str = "") -> Snapshot:
        """Let these cameras fail as often as it takes to confirm it."""
        cameras = list(cameras)
        for _ in range(3):
            self.now += 11
            self.tell([self.verdict(id_, Finding(rung, Outcome.FAIL, reason, detail)) for id_ in cameras])
        return self.snapshot

    def recover(self, cameras: Iterable[str]) -> Snapshot:
        cameras = list(cameras)
        for _ in range(2):
            self.now += 11
            self.work(cameras)
        return self.snapshot

    def fall_ill(self) -> Snapshot:
        """Let as many cameras fail as FAULTS says: whole districts of the silent ones, the others anywhere."""
        self.work()
        ids = sorted(
            self.inventory.cameras, key=lambda id_: (self.inventory.cameras[id_].zone not in ("z3", "z6", "z9"), id_)
        )
        left = ids[:]
        for rung, reason, number in FAULTS:
            chosen = (
                left[:number] if reason is Reason.TIMEOUT else left[7 :: max(1, (len(left) - 7) // number)][:number]
            )
            self.fail(chosen, rung, reason, f"simulated {reason}")
            left = [id_ for id_ in left if id_ not in set(chosen)]
        for rung, reason, number in ((Rung.CLOCK, Reason.CLOCK, 45), (Rung.RECORDING, Reason.STORAGE, 30)):
            chosen = left[3 :: len(left) // number][:number]
            self.fail(chosen, rung, reason)
            left = [id_ for id_ in left if id_ not in set(chosen)]
        return self.snapshot


def under_a_plan(snapshot: Snapshot, *cameras: str) -> Snapshot:
    """Return the snapshot with an hour of load-shedding for these cameras, which began ten minutes ago."""
    selectors = tuple(Selector("camera", camera) for camera in cameras)
    noon = datetime(2018, 11, 15, 12, 0)
    plan = Entry(
        "shedding",
        Kind.LOAD_SHEDDING,
        selectors,
        "UTC",
        noon - timedelta(minutes=10),
        noon + timedelta(minutes=50),
        "Grid control",
        noon - timedelta(days=2),
        "peak <b>load</b>",
    )
    table = Timetable().at(Calendar({plan.id: plan}), snapshot.inventory, NOON)
    return replace(snapshot, planned=table.planned)


def lines(snapshot: Snapshot) -> Iterator[bytes]:
    """Render a page of metrics: enough for the server, whose own text comes from the exporter."""
    for state, number in {"up": 1, "down": 2}.items():
        yield f'camera_fleet_cameras{{state="{state}"}} {number}\n'.encode()


@asynccontextmanager
async def served(feed: Feed, journal: Journal | None = None, **options: object) -> AsyncIterator[TestClient]:
    """Serve a feed on a free loopback port."""
    app = create_app(feed, journal or Journal(), options.pop("metrics", lines), **options)  # type: ignore[arg-type]
    async with TestServer(app, host="127.0.0.1") as server, TestClient(server) as client:
        yield client


def talk(city: City, camera: str, *said: tuple[bool, bytes]) -> Conversation:
    """Return a conversation in which these messages were exchanged; True: we sent it."""
    messages = tuple(Message(0.01 * index, sent, raw) for index, (sent, raw) in enumerate(said))
    return Conversation(city.verdict(camera), messages)
