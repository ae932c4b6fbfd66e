"""The page of a real snapshot: valid, complete, bounded, and quick to make."""

from __future__ import annotations

import subprocess
from collections import Counter
from dataclasses import replace
from math import inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from peers.fleets import FAULTS, NOW, good, looked_at, make_inventory, round_of
from peers.servers import require
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_strictly
from prometheus_client.parser import text_string_to_metric_families as parse

from exporters import catalogue
from exporters.prometheus import PIECE, Page
from exporters.selfmetrics import SelfMetrics
from monitor.core.fleet import reload, start, step
from monitor.core.model import Inventory, Tls
from monitor.core.schedule import Rates
from monitor.core.snapshot import Snapshot, publish
from monitor.core.state import State
from monitor.core.verdict import Finding, Outcome, Reason, Rung, Verdict

EXPIRY = "camera_certificate_expiry_timestamp_seconds"


def text(snapshot: Snapshot, page: Page | None = None) -> str:
    """Return the whole page of a snapshot."""
    return b"".join((page or Page()).render(snapshot)).decode()


def families(page: str) -> dict[str, Metric]:
    """Return the families of a page by the names in its TYPE lines."""
    return {family.name: family for family in parse(page)}


def series(page: str, camera: str) -> dict[tuple[str, ...], float]:
    """Return one camera's values by name and the labels beyond camera, zone and site."""
    return {
        (sample.name, *(v for k, v in sample.labels.items() if k in ("state", "rung"))): sample.value
        for family in parse(page)
        for sample in family.samples
        if sample.labels.get("camera") == camera
    }


def test_promtool_finds_nothing_to_say(city: Snapshot, page: Page) -> None:
    """`promtool check metrics` is clean for 1,800 cameras and the monitor's own figures."""
    promtool = require("promtool", package="prometheus")
    found = subprocess.run(
        [promtool, "check", "metrics"], input=b"".join(page.render(city)), capture_output=True, timeout=60
    )
    assert (found.stdout + found.stderr).decode() == ""
    assert found.returncode == 0


def test_every_family_stands_once_with_its_help_and_type(city: Snapshot, page: Page) -> None:
    """HELP and TYPE open each family exactly once, and say what the catalogue says."""
    whole = text(city, page)
    for word in ("HELP", "TYPE"):
        named = Counter(line.split()[2] for line in whole.splitlines() if line.startswith(f"# {word} "))
        assert [name for name, count in named.items() if count > 1] == []
        ours = {name for name in named if not name.startswith("process_")}
        assert ours == {metric.name for metric in catalogue.ALL}
    parsed = families(whole)
    for metric in catalogue.ALL:
        family = parsed[metric.name.removesuffix("_total")]
        assert (family.type, family.documentation) == (metric.type, metric.help)


def test_every_sample_has_the_labels_of_the_catalogue(city: Snapshot, page: Page) -> None:
    """No family has a label more or less than the catalogue says."""
    parsed = families(text(city, page))
    for metric in catalogue.ALL:
        for sample in parsed[metric.name.removesuffix("_total")].samples:
            assert set(sample.labels) - {"le"} == set(metric.labels), sample.name


def test_the_camera_families_pass_the_strict_parser(city: Snapshot) -> None:
    """OpenMetrics' parser, which refuses mixed or repeated families and repeated series, takes the page too."""
    parsed = {family.name: family for family in parse_strictly(text(city) + "# EOF\n")}
    assert len(parsed["camera_state"].samples) == 1800
    assert len(parsed["camera_info"].samples) == 1800


def test_the_page_counts_what_the_snapshot_counts(city: Snapshot) -> None:
    """600 of 1,800 cameras do not work, one by one and in the sums."""
    parsed = families(text(city))
    working = Counter(sample.value for sample in parsed["camera_working"].samples)
    unknown = sum(sample.labels["state"] == "unknown" for sample in parsed["camera_state"].samples)
    assert (working[0.0], working[1.0] + unknown) == (600, 1200)
    sums = {(s.labels["zone"], s.labels["state"]): s.value for s in parsed["camera_fleet_cameras"].samples}
    assert sums == {(zone, str(state)): count for (zone, state), count in city.states.items()}
    why = {(s.labels["zone"], s.labels["reason"]): s.value for s in parsed["camera_fleet_reasons"].samples}
    assert why == {(zone, str(reason)): count for (zone, reason), count in city.reasons.items()}
    assert sum(why.values()) == 600


def test_a_camera_has_at_most_twelve_series(city: Snapshot) -> None:
    """Twelve where everything is known, fewer elsewhere, never more."""
    counts = Counter(
        sample.labels["camera"]
        for family in parse(text(city))
        for sample in family.samples
        if "camera" in sample.labels
    )
    assert len(counts) == 1800
    assert max(counts.values()) == catalogue.MOST_SERIES


def test_a_piece_holds_a_bounded_number_of_cameras(city: Snapshot) -> None:
    """However large the fleet, the loop turns after the lines of a few cameras; docs/benchmarks.md says how soon."""
    for piece in Page(SelfMetrics("0.1.0").collector).render(city):
        lines = [line for line in piece.decode().splitlines() if line.startswith("camera_") and 'camera="' in line]
        assert len({line.split('camera="')[1].split('"')[0] for line in lines}) <= PIECE


def test_what_is_as_it_was_is_not_made_again(city: Snapshot) -> None:
    """The page of the next second has the very pieces of the one before where nothing was seen; else only some."""
    page = Page()
    first = list(page.render(city))
    second = list(page.render(publish(city.fleet, city.seq, city)))
    device = next(city.inventory.cameras[id_].device for id_, view in city.views.items() if view.state is State.UP)
    heard, _ = step(city.fleet, [good(device, "rtsp", city.at + 1.0)], city.at + 1.0)
    third = list(page.render(publish(heard, heard.seq, city)))
    camera_pieces = [
        number for number, piece in enumerate(first) if piece.startswith(b"camera_") and b'camera="' in piece
    ]
    assert len(camera_pieces) == 8 * 9
    assert [number for number in camera_pieces if second[number] is not first[number]] == []
    changed = [third[number].split(b"{")[0] for number in camera_pieces if third[number] is not first[number]]
    assert changed == [b"camera_last_probe_timestamp_seconds"]


# What stands on the page ------------------------------------------------------------------------


def test_a_working_camera() -> None:
    """A camera that works has all its series, with their values."""
    _, snapshot = looked_at(make_inventory(1, 1), {})
    assert series(text(snapshot), "c0") == {
        ("camera_working",): 1.0,
        ("camera_state", "up"): 1.0,
        ("camera_rung_ok", "reachable"): 1.0,
        ("camera_rung_ok", "control"): 1.0,
        ("camera_rung_ok", "credentials"): 1.0,
        ("camera_rung_ok", "stream"): 1.0,
        ("camera_rung_ok", "media"): 1.0,
        ("camera_state_changed_timestamp_seconds",): NOW,
        ("camera_last_probe_timestamp_seconds",): NOW + 40.0,
        ("camera_boot_timestamp_seconds",): NOW - 86_400.0,
        ("camera_clock_offset_seconds",): -1.25,
        ("camera_info",): 1.0,
    }


def test_the_info_of_a_camera() -> None:
    """camera_info joins the inventory with what the device says of itself."""
    _, snapshot = looked_at(make_inventory(1, 1), {})
    (sample,) = families(text(snapshot))["camera_info"].samples
    assert sample.labels == {
        "camera": "c0",
        "zone": "z0",
        "site": "s0",
        "name": "Camera 0",
        "device": "d0",
        "vantage": "central",
        "uplink": "SW-0/1",
        "feeder": "F-1",
        "make": "axis",
        "manufacturer": "Axis",
        "model": "P3245-V",
        "firmware": "10.12.182",
        "serial": "ACCC8E000001",
    }


def test_a_camera_never_seen() -> None:
    """A camera never probed is unknown and known by its info, and has no other series."""
    _, snapshot = looked_at(make_inventory(1, 1), {}, unseen=["d0"])
    assert series(text(snapshot), "c0") == {("camera_state", "unknown"): 1.0, ("camera_info",): 1.0}


def test_a_silent_camera() -> None:
    """A camera that never answered: its failed rungs are 0, its measurements absent."""
    _, snapshot = looked_at(make_inventory(1, 1), {"d0": "silent"})
    assert series(text(snapshot), "c0") == {
        ("camera_working",): 0.0,
        ("camera_state", "down"): 1.0,
        ("camera_rung_ok", "reachable"): 0.0,
        ("camera_rung_ok", "control"): 0.0,
        ("camera_rung_ok", "stream"): 0.0,
        ("camera_rung_ok", "media"): 0.0,
        ("camera_state_changed_timestamp_seconds",): NOW,
        ("camera_last_probe_timestamp_seconds",): NOW + 40.0,
        ("camera_info",): 1.0,
    }


def test_stale_values_vanish() -> None:
    """After long without an answer nothing is left but the unknown state, the info, and when it was last seen."""
    fleet, snapshot = looked_at(make_inventory(1, 1), {})
    fleet, _ = step(fleet, [], NOW + 7 * 3600.0)
    stale = publish(fleet, fleet.seq, snapshot)
    left = series(text(stale), "c0")
    assert left.pop(("camera_state_changed_timestamp_seconds",)) > NOW
    assert left == {
        ("camera_state", "unknown"): 1.0,
        ("camera_last_probe_timestamp_seconds",): NOW + 40.0,
        ("camera_info",): 1.0,
    }


def test_a_measurement_goes_with_its_rung() -> None:
    """A camera that works but whose clock nobody has read for long shows no clock offset, and keeps the rest."""
    fleet, snapshot = looked_at(make_inventory(1, 1), {})
    for minute in range(1, 30):
        at = NOW + 60.0 * minute
        fleet, _ = step(fleet, [good("d0", "rtsp", at), good("d0", "snmp", at)], at)
    page = text(publish(fleet, fleet.seq, snapshot))
    assert ("camera_clock_offset_seconds",) not in series(page, "c0")
    assert series(page, "c0")["camera_working",] == 1.0
    assert series(page, "c0")["camera_boot_timestamp_seconds",] == NOW - 86_400.0


def test_a_wrong_clock_is_shown() -> None:
    """A clock that is off fails its rung, and the offset still stands on the page."""
    fleet, snapshot = looked_at(make_inventory(1, 1), {})
    for n in range(3, 6):
        at = NOW + 20.0 * n
        off = Verdict(
            "d0",
            "central",
            "onvif",
            at,
            0.1,
            (Finding(Rung.CLOCK, Outcome.FAIL, Reason.CLOCK),),
            {"clock_offset_s": 3600.5},
        )
        fleet, _ = step(fleet, [off], at)
    page = text(publish(fleet, fleet.seq, snapshot))
    assert series(page, "c0")["camera_state", "degraded"] == 1.0
    assert series(page, "c0")["camera_clock_offset_seconds",] == 3600.5


HTTPS, RTSPS = {"https_certificate_expires_at": NOW + 900.0}, {"rtsps_certificate_expires_at": NOW + 500.0}


@pytest.mark.parametrize(
    ("tls", "expiry"),
    [
        (None, None),
        (Tls(), NOW + 500.0),
        (Tls(rtsp=False), NOW + 900.0),
        (Tls(onvif=False), NOW + 500.0),
    ],
)
def test_a_certificate_where_the_inventory_says_tls(tls: Tls | None, expiry: float | None) -> None:
    """The earlier end of those that https and rtsps show is a series of its own; without TLS there is none."""
    inventory = make_inventory(1, 1)
    inventory = replace(inventory, devices={"d0": replace(inventory.devices["d0"], tls=tls)})
    seen = [good("d0", "onvif", NOW, **HTTPS), good("d0", "rtsp", NOW, **RTSPS)]
    fleet, _ = step(start(inventory, Rates()), seen, NOW)
    assert series(text(publish(fleet, 0)), "c0").get((EXPIRY,)) == expiry


@pytest.mark.parametrize(("reason", "stands"), [(Reason.TLS, True), (Reason.NO_REPLY, False)])
def test_a_certificate_that_is_not_trusted(reason: Reason, stands: bool) -> None:
    """It is told while it is the reason why nothing else is; with a device that says nothing any more it vanishes."""
    inventory = make_inventory(1, 1)
    inventory = replace(inventory, devices={"d0": replace(inventory.devices["d0"], tls=Tls(rtsp=False))})
    fleet, _ = step(start(inventory, Rates()), [good("d0", "onvif", NOW, **HTTPS), good("d0", "rtsp", NOW)], NOW)
    for n in range(1, 5):
        at = NOW + 20.0 * n
        refused = Verdict("d0", "central", "onvif", at, 0.1, (Finding(Rung.CONTROL, Outcome.FAIL, reason),))
        fleet, _ = step(fleet, [refused, good("d0", "rtsp", at)], at)
    shown = series(text(publish(fleet, fleet.seq)), "c0")
    assert shown["camera_rung_ok", "control"] == 0.0
    assert ((EXPIRY,) in shown) == stands


@pytest.mark.parametrize("offset", [nan, inf, -inf, "yesterday"])
def test_what_is_no_number_is_absent(offset: float | str) -> None:
    """A clock offset that is no finite number makes no series."""
    inventory = make_inventory(1, 1)
    fleet, _ = step(
        start(inventory, Rates()), [good("d0", "onvif", NOW, clock_offset_s=offset), good("d0", "rtsp", NOW)], NOW
    )
    assert ("camera_clock_offset_seconds",) not in series(text(publish(fleet, 0)), "c0")


def test_a_removed_camera_is_gone() -> None:
    """After a reload a camera that left the inventory has no series, and one that was renamed has its new name."""
    inventory = make_inventory(6)
    fleet, snapshot = looked_at(inventory, {})
    page = Page()
    text(snapshot, page)
    cameras = {id_: camera for id_, camera in inventory.cameras.items() if id_ != "c5"}
    cameras["c4"] = replace(cameras["c4"], name="Gate")
    devices = {id_: device for id_, device in inventory.devices.items() if id_ != "d5"}
    smaller = Inventory(devices, cameras, inventory.sites, inventory.zones)
    after = text(publish(reload(fleet, smaller), fleet.seq, snapshot), page)
    assert 'camera="c5"' not in after
    assert 'name="Gate"' in after
    assert 'name="Camera 4"' not in after


def test_two_renderings_do_not_mix() -> None:
    """Two scrapes that take turns, of two snapshots, each get the page of their own."""
    inventory = make_inventory(500)
    fleet, before = looked_at(inventory, {})
    fleet, _ = step(fleet, round_of(inventory, NOW + 100.0, {"d1": "dark"}), NOW + 100.0)
    after = publish(fleet, fleet.seq, before)
    page = Page()
    one, other = page.render(before), page.render(after)
    first, second = [], []
    for left, right in zip(one, other, strict=False):
        first.append(left)
        second.append(right)
    first.extend(one)
    second.extend(other)
    assert b"".join(first).decode() == text(before)
    assert b"".join(second).decode() == text(after)


ROUNDS = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from([f"d{n}" for n in range(6)]), st.sampled_from(sorted(FAULTS))),
        st.sets(st.sampled_from([f"d{n}" for n in range(6)])),
        st.sampled_from([5.0, 20.0, 400.0, 4000.0]),
        st.sampled_from([{}, {"clock_offset_s": 2.5}, {"boot_at": NOW}, {"model": "P3268"}, HTTPS, RTSPS]),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=40, deadline=None)
@given(ROUNDS)
def test_what_is_kept_never_shows(rounds: list[tuple[dict[str, str], set[str], float, dict[str, float | str]]]) -> None:
    """Whatever the probes find, a page that kept its lines is the page that a new one makes."""
    inventory = make_inventory(6)
    inventory = replace(inventory, devices={id_: replace(one, tls=Tls()) for id_, one in inventory.devices.items()})
    fleet, at, page, snapshot = start(inventory, Rates()), NOW, Page(), None
    for faults, unseen, wait_s, says in rounds:
        at += wait_s
        found = round_of(inventory, at, faults, unseen)
        fleet, _ = step(fleet, [replace(one, measurements={**one.measurements, **says}) for one in found], at)
        snapshot = publish(fleet, fleet.seq, snapshot)
        assert text(snapshot, page) == text(snapshot)
