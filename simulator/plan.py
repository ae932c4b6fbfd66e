"""The plan of the city: districts of streets, poles along them, the fibre of each street, the feeder of each block.

A street is a corridor: one uplink carries all of it. A feeder powers a block of all streets of its district, so a cut
corridor crosses several feeders and a dark feeder several corridors: neither can be taken for the other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from random import Random

from simulator.faults import apportion
from simulator.model import Site

CENTRE = (33.69, 73.05)
KM_PER_DEGREE = 111.32
STREET_APART_KM = 0.36
BLOCK_KM = 1.05

DISTRICTS = (
    ("bazaar", "Old Bazaar"),
    ("canal", "Canal Side"),
    ("railway", "Railway Quarter"),
    ("hillgate", "Hill Gate"),
    ("gardens", "Eastern Gardens"),
    ("college", "College Town"),
    ("airport", "Airport Road"),
    ("works", "Waterworks"),
)
ROLES = ("cut", "plain", "dark", "cut", "ring", "plain", "cut", "plain")
SMALL_ROLES = ("cut", "dark", "cut", "ring", "cut")
SMALL_CITY = 240

STREETS = (
    "Acacia", "Almond", "Anvil", "Apricot", "Banyan", "Basket", "Bell", "Bridge", "Cedar", "Chestnut", "Clock",
    "Cooper", "Copper", "Cypress", "Date", "Dyer", "Falcon", "Fig", "Fountain", "Glass", "Granary", "Heron", "Indigo",
    "Jasmine", "Kiln", "Lantern", "Lime", "Loom", "Maple", "Mill", "Mint", "Mulberry", "Oak", "Olive", "Orchard",
    "Paper", "Peach", "Pepper", "Pine", "Plum", "Pomegranate", "Poplar", "Potter", "Quarry", "Quince", "Rope",
    "Saddle", "Saffron", "Salt", "Sandal", "Silk", "Spice", "Stork", "Sugar", "Tamarind", "Teak", "Thyme", "Tile",
    "Timber", "Walnut", "Weaver", "Well", "Wheat", "Willow",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pole:
    """A site, the number of its cameras, and whether a recorder there serves them all."""

    site: Site
    cameras: int
    recorder: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """Where everything stands, and which uplinks and feeders are out."""

    zones: dict[str, str]
    poles: tuple[Pole, ...]
    cut_uplinks: tuple[str, ...]
    dark_feeders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class District:
    """One zone while it is being planned: cameras by street and block, and its own faults."""

    number: int
    id: str
    role: str
    cells: list[list[int]]
    cut_street: int | None
    dark_block: int | None
    first_feeder: int


@dataclass(frozen=True, slots=True)
class Room:
    """Where a recorder stands, and how many cameras it serves."""

    street: int
    block: int
    channels: int


def plan_city(rng: Random, cameras: int, behind_fibre: int, behind_feeder: int) -> Plan:
    """Plan a city with exactly these many cameras in all, behind the cut uplinks, and behind the dark feeder."""
    districts = list(plan_districts(rng, cameras, behind_fibre, behind_feeder))
    names = rng.sample(STREETS, len(STREETS))
    poles: list[Pole] = []
    for district in districts:
        poles += place_poles(rng, district, [names.pop() if names else "New" for _ in district.cells], cameras)
    return Plan(
        zones={district.id: dict(DISTRICTS)[district.id] for district in districts},
        poles=tuple(poles),
        cut_uplinks=tuple(uplinks_of(d, d.cut_street)[0] for d in districts if d.cut_street is not None),
        dark_feeders=tuple(f"F-{d.first_feeder + d.dark_block}" for d in districts if d.dark_block is not None),
    )


def plan_districts(rng: Random, cameras: int, behind_fibre: int, behind_feeder: int) -> Iterator[District]:
    roles = ROLES if cameras >= SMALL_CITY else SMALL_ROLES
    live = apportion(cameras - behind_fibre - behind_feeder, [rng.uniform(0.75, 1.35) for _ in roles], least=1)
    cuts = [share for share in apportion(behind_fibre, (0.41, 0.34, 0.25), least=1) if share]
    first_feeder = 1
    for number, role in enumerate(roles):
        cut = cuts.pop() if role == "cut" and cuts else 0
        dark = behind_feeder if role == "dark" else 0
        district = lay_out(rng, number, role, live[number], cut, dark, first_feeder)
        first_feeder += len(district.cells[0])
        yield district


def lay_out(rng: Random, number: int, role: str, live: int, cut: int, dark: int, first_feeder: int) -> District:
    """Share a district's cameras among its streets (rows) and blocks (columns)."""
    streets, blocks = max(1, round(live / 36)), max(1, round(live / 70))
    rows = apportion(live, [rng.uniform(0.8, 1.2) for _ in range(streets)])
    cells = [apportion(row, [rng.uniform(0.8, 1.2) for _ in range(blocks)]) for row in rows]
    cut_street = dark_block = None
    if dark:
        dark_block = blocks // 2
        for row, share in zip(cells, apportion(dark, [1.0] * streets), strict=True):
            row.insert(dark_block, share)
    if cut:
        cut_street = streets // 2
        cells.insert(cut_street, apportion(cut, [1.0] * len(cells[0])))
    return District(number, DISTRICTS[number][0], role, cells, cut_street, dark_block, first_feeder)


def uplinks_of(district: District, street: int) -> tuple[str, ...]:
    """The switch ports that carry a street. In the ring district two switches carry each, from either side."""
    switches = [f"SW-{district.number * 2 + 1:02}", f"SW-{district.number * 2 + 2:02}"]
    if district.role == "ring":
        switches.append(f"SW-{len(DISTRICTS) * 2 + 1:02}")
        return (f"{switches[street % 3]}/{street + 1}", f"{switches[(street + 1) % 3]}/{street + 1}")
    return (f"{switches[street % 2]}/{street + 1}",)


def place_poles(rng: Random, district: District, names: Sequence[str], cameras: int) -> Iterator[Pole]:
    """Put poles along every street of a district, and one room with a recorder where a district is large enough."""
    numbers = count(1)
    room = recorder_room(rng, district) if cameras >= SMALL_CITY else None
    for street, row in enumerate(district.cells):
        house = rng.randint(1, 9)
        for block, share in enumerate(row):
            recorder = room.channels if room and (room.street, room.block) == (street, block) else 0
            sizes = pole_sizes(rng, share - recorder, cameras) + ([recorder] if recorder else [])
            for place, size in enumerate(sizes):
                house += rng.randint(2, 14)
                in_room = bool(recorder) and place == len(sizes) - 1
                along = block + (place + 0.5 + rng.uniform(-0.2, 0.2)) / len(sizes)
                latitude, longitude = position(rng, district, street, along)
                room_name = f"{dict(DISTRICTS)[district.id]} control room"
                site = Site(
                    id=f"{district.id}-{next(numbers):03}",
                    name=room_name if in_room else f"{names[street]} Street {house}",
                    zone=district.id,
                    uplinks=uplinks_of(district, street),
                    feeder=f"F-{district.first_feeder + block}",
                    latitude=latitude,
                    longitude=longitude,
                )
                yield Pole(site=site, cameras=size, recorder=in_room)


def recorder_room(rng: Random, district: District) -> Room | None:
    """The room with a recorder, in the block with most cameras; None in a small district."""
    most, street, block = max(
        (share, street, block)
        for street, row in enumerate(district.cells)
        for block, share in enumerate(row)
        if street != district.cut_street and block != district.dark_block
    )
    fitting = [channels for channels in (4, 8, 16) if channels <= most * 0.7]
    return Room(street, block, rng.choice(fitting)) if most >= 12 and fitting else None


def pole_sizes(rng: Random, total: int, cameras: int) -> list[int]:
    """Split ``total`` cameras over poles of one to six; a small city has few poles with a single camera."""
    weights = (10, 25, 25, 20, 10, 10) if cameras >= SMALL_CITY else (0, 20, 30, 25, 15, 10)
    sizes: list[int] = []
    while (left := total - sum(sizes)) > 0:
        sizes.append(min(left, rng.choices(range(1, 7), weights)[0]))
    return sizes


def position(rng: Random, district: District, street: int, along: float) -> tuple[float, float]:
    """Latitude and longitude of a place on a street, ``along`` counted in blocks: a turned, slightly bent grid."""
    turn = 2 * math.pi * district.number / (len(DISTRICTS) - 1)
    centre_x, centre_y = (5.2 * math.cos(turn), 2.75 * math.sin(turn)) if district.number else (0.0, 0.0)
    blocks, streets = len(district.cells[0]), len(district.cells)
    x = (along - blocks / 2) * BLOCK_KM + 0.3 * math.sin(2.3 * street + district.number)
    y = (street - (streets - 1) / 2) * STREET_APART_KM + 0.09 * math.sin(1.9 * x + street) + rng.gauss(0, 0.012)
    lean = 0.35 * math.sin(1.7 * district.number)
    x, y = x * math.cos(lean) - y * math.sin(lean), x * math.sin(lean) + y * math.cos(lean)
    latitude = CENTRE[0] + (centre_y + y) / KM_PER_DEGREE
    longitude = CENTRE[1] + (centre_x + x) / (KM_PER_DEGREE * math.cos(math.radians(CENTRE[0])))
    return round(latitude, 6), round(longitude, 6)
