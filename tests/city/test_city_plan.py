"""The city as a pure function of its seed and size: the table of faults, and where they may fall."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.city import build_city
from simulator.faults import DEFAULT_CAMERAS, KINDS, NOT_WORKING, ODDITIES, ONLY_ON, apportion, fault_counts
from simulator.malformed import KINDS as MALFORMED_KINDS
from simulator.model import City

SEEDS = st.integers(0, 2**32)
SIZES = st.integers(30, 700)
#: A city takes some milliseconds to make, on a busy machine many.
of_any_city = settings(deadline=None, max_examples=40)


@cache
def default_city() -> City:
    return build_city(seed=1, cameras=DEFAULT_CAMERAS)


def faults_of_cameras(city: City) -> dict[str, str]:
    """The fault that each camera shows: what its line or its power has goes before its own."""
    faults = {}
    for camera in city.cameras.values():
        site = city.sites[camera.site]
        own = city.faults.get(camera.device)
        if set(site.uplinks) <= city.cut_uplinks:
            faults[camera.id] = "fibre"
        elif site.feeder in city.dark_feeders:
            faults[camera.id] = "feeder"
        else:
            faults[camera.id] = own.name if own else ""
    return faults


def test_the_default_city_has_exactly_the_table() -> None:
    """1,800 cameras: 600 not working, of seven kinds, and 177 more that a naive monitor gets wrong."""
    counted = Counter(faults_of_cameras(default_city()).values())
    assert counted == {kind.name: kind.cameras for kind in (*NOT_WORKING, *ODDITIES)} | {"": 1_800 - 600 - 177}
    assert sum(kind.cameras for kind in NOT_WORKING) == 600
    assert sum(kind.cameras for kind in ODDITIES) == 177


def test_the_default_citys_cuts_and_its_dark_feeder() -> None:
    """236 cameras are behind exactly three uplinks and 120 behind one feeder; neither can be taken for the other."""
    city = default_city()
    assert (len(city.cut_uplinks), len(city.dark_feeders)) == (3, 1)
    for uplink in city.cut_uplinks:
        assert len({site.feeder for site in city.sites.values() if uplink in site.uplinks}) > 1
    for feeder in city.dark_feeders:
        assert len({site.uplinks for site in city.sites.values() if site.feeder == feeder}) > 1


def test_one_ring_carries_its_sites_from_two_switches() -> None:
    """In one district every site has two alternate uplinks, on different switches, and is not cut off."""
    city = default_city()
    ringed = [site for site in city.sites.values() if len(site.uplinks) == 2]
    assert len({site.zone for site in ringed}) == 1
    assert all(len({uplink.partition("/")[0] for uplink in site.uplinks}) == 2 for site in ringed)
    assert not any(set(site.uplinks) & city.cut_uplinks for site in ringed)


def test_the_default_city_has_every_make_and_every_kind_of_device() -> None:
    """Six makes; heads, encoders and recorders among the cameras; every way to be malformed."""
    city = default_city()
    assert len({device.make.name for device in city.devices.values()}) == 6
    assert {device.model.kind for device in city.devices.values()} == {"camera", "head", "encoder", "recorder"}
    variants = [fault.variant for fault in city.faults.values() if fault.name == "malformed"]
    assert sorted(variants) == list(range(len(MALFORMED_KINDS)))
    channels = [device.channels for device in city.devices.values() if device.model.kind == "recorder"]
    assert all(4 <= count <= 16 for count in channels)


@of_any_city
@given(SEEDS, SIZES)
def test_a_city_of_any_size_has_its_share_of_every_fault(seed: int, cameras: int) -> None:
    """A third does not work, each fault occurs, and the parts add up."""
    city = build_city(seed, cameras)
    counted = Counter(faults_of_cameras(city).values())
    assert len(city.cameras) == cameras
    assert {kind.name for kind in (*NOT_WORKING, *ODDITIES)} <= set(counted)
    assert sum(counted[kind.name] for kind in NOT_WORKING) == round(cameras / 3)
    assert counted == Counter(fault_counts(cameras)) + Counter({"": counted[""]})


@of_any_city
@given(SEEDS, SIZES)
def test_a_fault_of_ones_own_leaves_a_sound_neighbour(seed: int, cameras: int) -> None:
    """Independent faults fall on devices with one camera, and never on every camera of a site."""
    city = build_city(seed, cameras)
    faults = faults_of_cameras(city)
    of_site = defaultdict(list)
    for camera in city.cameras.values():
        of_site[camera.site].append(faults[camera.id])
    for device, fault in city.faults.items():
        assert city.devices[device].channels == 1
        assert not KINDS[fault.name].structural
        assert "" in of_site[city.devices[device].site]
        assert not {"fibre", "feeder"} & set(of_site[city.devices[device].site])


@of_any_city
@given(SEEDS, SIZES)
def test_some_faults_are_only_for_some_makes(seed: int, cameras: int) -> None:
    """Failed cards are on the make whose SNMP tells failed from none, ONVIF is off where it can be switched off."""
    city = build_city(seed, cameras)
    for device, fault in city.faults.items():
        assert city.devices[device].make.name in ONLY_ON.get(fault.name, (city.devices[device].make.name,))


@of_any_city
@given(SEEDS, SIZES)
def test_every_device_is_its_own(seed: int, cameras: int) -> None:
    """Addresses, serials and MACs are unique; addresses are of loopback, and never 127.0.0.x."""
    devices = build_city(seed, cameras).devices.values()
    for values in ([d.address for d in devices], [d.serial for d in devices], [d.mac for d in devices]):
        assert len(set(values)) == len(values)
    assert all(device.address.startswith("127.") for device in devices)
    assert not any(device.address.startswith("127.0.0.") for device in devices)


@of_any_city
@given(SEEDS)
def test_the_same_seed_makes_the_same_city(seed: int) -> None:
    """A city is a function of its seed and size alone."""
    assert build_city(seed, 60) == build_city(seed, 60)
    assert build_city(seed, 60).devices != build_city(seed + 1, 60).devices


def test_a_city_below_the_smallest_is_refused() -> None:
    """Thirty cameras have room for one of each fault; fewer have not."""
    with pytest.raises(ValueError, match="a city has at least 30 cameras, not 29"):
        build_city(seed=1, cameras=29)


@given(st.integers(0, 5_000), st.lists(st.floats(0.1, 100), min_size=1, max_size=12), st.integers(0, 3))
def test_apportion_shares_out_everything(total: int, weights: list[float], least: int) -> None:
    """The parts add up, and each has the least where there is enough for all."""
    parts = apportion(total, weights, least)
    assert sum(parts) == total
    assert min(parts) >= (least if total >= least * len(weights) else 0)
