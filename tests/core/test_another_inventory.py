"""Another inventory while a fleet is watched: what goes by the difference is what going through everything gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace

from fleets import OUTCOMES
from hypothesis import given, settings
from hypothesis import strategies as st
from papertown import NOON, town

from monitor.core import fleet as fleets
from monitor.core.changes import Changes, diff, everything, settled
from monitor.core.diagnosis.watch import Watch, ground_of
from monitor.core.event import Event
from monitor.core.fleet import Fleet
from monitor.core.identity import pinned_proofs
from monitor.core.model import Camera, Device, Inventory, Site
from monitor.core.pins import pins_of
from monitor.core.schedule import Rates
from monitor.core.snapshot import Snapshot, publish
from monitor.core.verdict import Finding, Outcome, Reason, Rung, Verdict

#: Two streets of two poles with two cameras each: too few devices for a vantage to be found blind.
TOWN = town(streets=2, poles=2)
SERIALS = st.sampled_from(["", "A1B2C3", "a1:b2:c3", "D4E5F6"])

Differ = Callable[[Inventory, Inventory], Changes]


@st.composite
def edited(draw: st.DrawFn, before: Inventory) -> Inventory:
    """Draw another inventory: rows that come, go, and say something else, in another order perhaps."""
    sites = {id_: draw(_site(site)) for id_, site in before.sites.items()}
    zones = {"z": "Z", **draw(st.sampled_from([{}, {"y": "Y"}]))}
    ids = draw(st.permutations([*{**before.devices, f"new{draw(st.integers(0, 3))}c1": None}]))
    devices: dict[str, Device] = {}
    cameras: dict[str, Camera] = {}
    for id_ in ids if draw(st.booleans()) else [*before.devices]:
        known = before.devices.get(id_) or Device(id_, id_, {}, ("onvif", "snmp", "rtsp"), (id_,))
        if draw(st.integers(0, 5)) == 0:
            continue
        devices[id_] = draw(_device(known))
        for number, camera in enumerate(devices[id_].cameras, 1):
            row = before.cameras.get(camera) or Camera(camera, "", id_, number, "z", draw(st.sampled_from([*sites])))
            cameras[camera] = draw(_camera(replace(row, device=id_, channel=number), [*sites], [*zones]))
    return Inventory(devices, cameras, sites, zones)


@st.composite
def _site(draw: st.DrawFn, site: Site) -> Site:
    if draw(st.integers(0, 5)):
        return replace(site)
    return replace(site, uplinks=(draw(st.sampled_from(["SW-1/0", "SW-1/1", "SW-2/0"])),), feeder=draw(SERIALS))


@st.composite
def _device(draw: st.DrawFn, device: Device) -> Device:
    if draw(st.integers(0, 4)):
        return replace(device)
    probes = draw(st.sampled_from([("onvif", "snmp", "rtsp"), ("rtsp",), ("snmp",)]))
    cameras = draw(st.sampled_from([device.cameras, (device.id,), (device.id, f"{device.id}+")]))
    return replace(device, probes=probes, cameras=cameras, vantage=draw(st.sampled_from(["central", "hill"])))


@st.composite
def _camera(draw: st.DrawFn, camera: Camera, sites: list[str], zones: list[str]) -> Camera:
    if draw(st.integers(0, 4)):
        return replace(camera, zone=camera.zone if camera.zone in zones else zones[0])
    return replace(camera, site=draw(st.sampled_from(sites)), zone=draw(st.sampled_from(zones)), serial=draw(SERIALS))


@st.composite
def heard(draw: st.DrawFn, inventory: Inventory, at: float) -> list[Verdict]:
    """Draw what some devices say in a second: of several rungs, and who they are."""
    verdicts = []
    for id_ in (
        draw(st.lists(st.sampled_from([*inventory.devices]), max_size=6, unique=True)) if inventory.devices else []
    ):
        rungs = draw(st.lists(st.sampled_from(list(Rung)), min_size=1, max_size=4, unique=True))
        findings = tuple(Finding(rung, *draw(OUTCOMES)) for rung in rungs)
        if draw(st.booleans()):
            findings = (Finding(Rung.REACHABLE, Outcome.FAIL, Reason.TIMEOUT),)
        serial = draw(SERIALS)
        vantage = inventory.devices[id_].vantage
        marks = {"serial": serial} if serial else {}
        verdicts.append(Verdict(id_, vantage, "onvif", at - 0.1, 0.5, findings, marks=marks))
    return verdicts


@dataclass
class Watched:
    """A watched fleet, and how it finds out what another inventory changes."""

    differ: Differ
    watch: Watch
    fleet: Fleet
    snapshot: Snapshot

    def step(self, verdicts: list[Verdict], now: float) -> list[Event]:
        self.fleet, events = self.watch.step(self.fleet, verdicts, now)
        self.snapshot = publish(self.fleet, 0, self.snapshot)
        return events

    def use(self, inventory: Inventory, now: float) -> list[Event]:
        changes = self.differ(self.fleet.inventory, inventory)
        self.fleet = fleets.reload(self.fleet, inventory, changes)
        self.fleet, events = self.watch.go_on(self.fleet, now, ground_of(inventory), changes)
        return events


def _watched(differ: Differ) -> Watched:
    watch = Watch()
    fleet, _ = watch.begin(fleets.start(TOWN, Rates()), NOON)
    return Watched(differ, watch, fleet, publish(fleet, 0))


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_the_difference_gives_what_everything_gives(data: st.DataObject) -> None:
    """Over any history and any inventories: the same fleet, the same events, and the same ones later on."""
    by_difference, anew = _watched(diff), _watched(everything)
    now = NOON
    for _ in range(data.draw(st.integers(1, 4))):
        for _ in range(data.draw(st.integers(0, 12))):
            now += data.draw(st.sampled_from([1.0, 11.0, 70.0, 400.0]))
            verdicts = data.draw(heard(by_difference.fleet.inventory, now))
            assert by_difference.step(verdicts, now) == anew.step(deepcopy(verdicts), now)
            _is_pinned_right(by_difference.fleet)
        inventory = settled(by_difference.fleet.inventory, data.draw(edited(by_difference.fleet.inventory)))
        assert by_difference.use(inventory, now) == anew.use(inventory, now)
        assert by_difference.fleet == anew.fleet
        again = fleets.start(inventory, Rates(), anew.fleet.cameras, anew.fleet.standings, anew.fleet.identities)
        for name in ("identities", "words"):
            assert getattr(by_difference.fleet, name) == getattr(again, name), name
        _is_pinned_right(by_difference.fleet)
        by_difference.step([], now)
        anew.step([], now)
        _is_counted_right(by_difference.snapshot)


def _is_pinned_right(fleet: Fleet) -> None:
    """See that what is known to be pinned is what is pinned, each proof at a camera that has it."""
    first = pins_of(fleet.identities, fleet.inventory)
    assert fleet.pins.shared == first.shared
    assert fleet.pins.at.keys() == first.at.keys()
    for proof, camera in fleet.pins.at.items():
        assert proof in pinned_proofs(fleet.identities[camera])


def _is_counted_right(seen: Snapshot) -> None:
    """See that a snapshot is what it would be if there had been none before it."""
    first = publish(seen.fleet, 0)
    assert (seen.states, seen.reasons) == (first.states, first.reasons)
    assert (seen.faults, seen.unjudged) == (first.faults, first.unjudged)
    assert list(seen.views.items()) == list(first.views.items())
    assert list(seen.views) == list(seen.inventory.cameras)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_what_stays_is_not_held_twice(data: st.DataObject) -> None:
    """What an inventory has as the one before had it is the same object; and nothing else is another one."""
    new = data.draw(edited(TOWN))
    kept = settled(TOWN, new)
    assert kept == new
    assert [*kept.cameras] == [*new.cameras]
    for name in ("devices", "cameras", "sites"):
        before: Mapping[str, object] = getattr(TOWN, name)
        for id_, one in getattr(kept, name).items():
            assert (one is before.get(id_)) is (one == before.get(id_))
