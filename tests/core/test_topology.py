"""What hangs on what, as the inventory says."""

from __future__ import annotations

from monitor.core.model import Camera, Device, Inventory, Position, Site
from monitor.core.topology import Layer, Scope, switch_of, topology_of


def fleet() -> Inventory:
    sites = {
        "a": Site("a", "A", "z", ("SW-1/3",), "F-1", Position(33.70, 73.05)),
        "b": Site("b", "B", "z", ("SW-4/1", "SW-1/3"), "F-1", Position(33.70, 73.051)),
        "c": Site("c", "C", "z"),
    }
    cameras = {
        "a1": Camera("a1", "A1", "head", 1, "z", "a"),
        "a2": Camera("a2", "A2", "head", 2, "z", "a"),
        "b1": Camera("b1", "B1", "b1", 1, "z", "b"),
        "c1": Camera("c1", "C1", "c1", 1, "z", "c"),
        "d1": Camera("d1", "D1", "d1", 1, "z", "", Position(33.70, 73.052)),
    }
    probes = ("onvif", "rtsp")
    devices = {
        "head": Device("head", "192.0.2.1", {}, probes, ("a1", "a2")),
        **{id_: Device(id_, "192.0.2.2", {}, probes, (id_,)) for id_ in ("b1", "c1", "d1")},
        "SW-1": Device("SW-1", "192.0.2.3", {}, ("snmp",), ()),
    }
    return Inventory(devices, cameras, sites, {"z": "Z"})


def test_a_device_is_one_witness_whatever_its_channels() -> None:
    """Members are devices; a device without cameras is none."""
    topology = topology_of(fleet())
    assert topology.members[Scope(Layer.SITE, "a")] == ("head",)
    assert "SW-1" not in topology.scopes


def test_alternates_are_one_path_that_fails_as_a_whole() -> None:
    """A site with two uplinks is no member of either, but of both together; the order of writing means nothing."""
    topology = topology_of(fleet())
    assert topology.members[Scope(Layer.UPLINK, "SW-1/3")] == ("head",)
    assert topology.members[Scope(Layer.UPLINK, "SW-1/3 + SW-4/1")] == ("b1",)
    assert topology.members[Scope(Layer.SWITCH, "SW-1 + SW-4")] == ("b1",)


def test_a_missing_row_gives_no_scope() -> None:
    """A site without uplink and feeder, and a camera without a site, have fewer scopes."""
    topology = topology_of(fleet())
    assert topology.scopes["c1"] == (Scope(Layer.SITE, "c"),)
    assert topology.scopes["d1"] == ()


def test_neighbours_are_rows_with_a_position_nearest_first() -> None:
    """A camera without a site is a row of its own; a site without a position is nobody's neighbour."""
    topology = topology_of(fleet())
    assert topology.neighbours("site a") == ["site b", "device d1"]
    assert topology.neighbours("site c") == []


def test_a_switch_is_what_stands_before_the_last_slash() -> None:
    """A name without a port has no switch."""
    assert [switch_of(name) for name in ("SW-1/3", "core/SW-1/3", "radio 7")] == ["SW-1", "core/SW-1", ""]
