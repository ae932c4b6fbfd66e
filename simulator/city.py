"""Make a city from a seed: a plan, its cameras, their faults, and the devices that fit both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address
from random import Random

from simulator.chance import chance
from simulator.faults import FEWEST_CAMERAS, ONLY_ON, Fault, fault_counts
from simulator.makes import MAKES, Make, Model, mac_address, serial_number
from simulator.model import Camera, City, Device
from simulator.plan import Plan, Pole, plan_city

FIRST_ADDRESS = IPv4Address("127.10.0.1")
VIEWS = ("north", "east", "south", "west", "crossing", "close-up")
HEAD_CAMERAS = 4
HEADS_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Place:
    """A camera before it has a device."""

    id: str
    name: str
    pole: Pole


def build_city(seed: int, cameras: int, encrypted: int = 0) -> City:
    """Make the city of this seed and size; the same numbers always make the same city.

    So many of its devices speak TLS; nothing else about it changes by that.
    """
    if cameras < FEWEST_CAMERAS:
        raise ValueError(f"a city has at least {FEWEST_CAMERAS} cameras, not {cameras}")
    rng = chance("city", seed, cameras)
    counts = fault_counts(cameras)
    plan = plan_city(rng, cameras, counts.pop("fibre"), counts.pop("feeder"))
    places = {pole.site.id: list(name_places(pole)) for pole in plan.poles}
    faults = place_faults(rng, plan, places, counts)
    devices = encrypt(list(make_devices(rng, plan, places, faults)), seed, encrypted)
    return City(
        seed=seed,
        zones=plan.zones,
        sites={pole.site.id: pole.site for pole in plan.poles},
        devices={device.id: device for device in devices},
        cameras={camera.id: camera for camera in cameras_of(devices, places)},
        cut_uplinks=frozenset(plan.cut_uplinks),
        dark_feeders=frozenset(plan.dark_feeders),
        faults=faults,
    )


def encrypt(devices: Sequence[Device], seed: int, number: int) -> Sequence[Device]:
    """Let so many of these devices speak TLS, or all where there are fewer."""
    chosen = set(chance("tls", seed).sample([device.id for device in devices], min(number, len(devices))))
    return [replace(device, encrypted=device.id in chosen) for device in devices]


def name_places(pole: Pole) -> Iterator[Place]:
    for number in range(1, pole.cameras + 1):
        view = f"camera {number}" if pole.recorder else VIEWS[number - 1]
        yield Place(id=f"{pole.site.id}-{number}", name=f"{pole.site.name}, {view}", pole=pole)


def place_faults(
    rng: Random, plan: Plan, places: Mapping[str, Sequence[Place]], counts: Mapping[str, int]
) -> dict[str, Fault]:
    """Choose the cameras that have a fault of their own: on a live pole, which keeps at least one sound camera."""
    room: dict[str, int] = {
        pole.site.id: pole.cameras - 1
        for pole in plan.poles
        if not pole.recorder and not set(pole.site.uplinks) <= set(plan.cut_uplinks)
        and pole.site.feeder not in plan.dark_feeders
    }  # fmt: skip
    candidates = [place for site in room for place in places[site]]
    rng.shuffle(candidates)
    chosen: list[str] = []
    for place in candidates:
        if room[place.pole.site.id]:
            room[place.pole.site.id] -= 1
            chosen.append(place.id)
    needed = [Fault(name, variant) for name, count in counts.items() for variant in range(count)]
    if len(chosen) < len(needed):
        raise ValueError(f"{len(needed)} faults do not fit on the {len(chosen)} places that may have one")
    return dict(zip(chosen, needed, strict=False))


def make_devices(
    rng: Random, plan: Plan, places: Mapping[str, Sequence[Place]], faults: Mapping[str, Fault]
) -> Iterator[Device]:
    """Fit every place with a device: a recorder in a control room, now and then a head or an encoder, else one each."""
    serials: set[str] = set()
    addresses = loopback_addresses()
    for pole in plan.poles:
        favourite = choose_make(rng)
        for group in group_places(rng, pole, places[pole.site.id], faults):
            make, model = choose_model(rng, favourite, pole, group, faults)
            mac = mac_address(rng, make)
            serial = serial_number(rng, make, model, mac)
            while serial in serials:
                mac = mac_address(rng, make)
                serial = serial_number(rng, make, model, mac)
            serials.add(serial)
            yield Device(
                id=group[0].id if len(group) == 1 else f"{pole.site.id}-{model.kind}",
                address=next(addresses),
                make=make,
                model=model,
                firmware=rng.choice(model.firmware),
                serial=serial,
                mac=mac,
                site=pole.site.id,
                cameras=tuple(place.id for place in group),
            )


def group_places(
    rng: Random, pole: Pole, places: Sequence[Place], faults: Mapping[str, Fault]
) -> Iterator[Sequence[Place]]:
    """Split a pole's places into devices. Only sound places share one."""
    sound = [place for place in places if place.id not in faults]
    if pole.recorder:
        yield places
        return
    shared = sound[:HEAD_CAMERAS] if len(sound) >= HEAD_CAMERAS and rng.random() < HEADS_SHARE else []
    if shared:
        yield shared
    yield from ([place] for place in places if place not in shared)


def choose_make(rng: Random) -> Make:
    makes = tuple(MAKES.values())
    return rng.choices(makes, [make.share for make in makes])[0]


def choose_model(
    rng: Random, favourite: Make, pole: Pole, group: Sequence[Place], faults: Mapping[str, Fault]
) -> tuple[Make, Model]:
    """A make and model for this group of places: the pole's favourite where it makes such a thing and can fail so."""
    kinds = ("camera",) if len(group) == 1 else ("recorder",) if pole.recorder else ("head", "encoder")
    fault = faults.get(group[0].id)
    able = ONLY_ON.get(fault.name, tuple(MAKES)) if fault else tuple(MAKES)
    fitting = [make for make in MAKES.values() if make.name in able and any(make.models_of(kind) for kind in kinds)]
    if fault and fault.name in ONLY_ON:
        make = fitting[fault.variant % len(fitting)]
    else:
        make = favourite if favourite in fitting and rng.random() < 0.85 else rng.choice(fitting)
    return make, rng.choice([model for kind in kinds for model in make.models_of(kind)])


def cameras_of(devices: Iterable[Device], places: Mapping[str, Sequence[Place]]) -> Iterator[Camera]:
    names = {place.id: place.name for group in places.values() for place in group}
    for device in devices:
        for channel, camera in enumerate(device.cameras, start=1):
            yield Camera(id=camera, name=names[camera], site=device.site, device=device.id, channel=channel)


def loopback_addresses() -> Iterator[str]:
    """127.10.0.1 upward, without the last octets 0 and 255."""
    number = int(FIRST_ADDRESS)
    while True:
        if number & 0xFF not in (0, 255):
            yield str(IPv4Address(number))
        number += 1
