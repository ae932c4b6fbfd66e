"""Which figure of which switch is about which uplink, and what a UPS backs."""

from __future__ import annotations

from dataclasses import replace

from papertown import equipped, town, ups

from monitor.core.model import Device, Port, Site
from monitor.core.topology import Layer, Scope
from monitor.core.wiring import Figure, Line, Topic, wiring_of


def test_a_port_that_is_a_number_is_that_interface_and_that_poe_port() -> None:
    """SW-1/3 is interface 3 and PoE port 1.3, where the inventory says nothing else."""
    wiring = wiring_of(equipped(town()))
    assert wiring.lines["SW-1/3"] == Line("SW-1", "3")
    assert wiring.figures["SW-1"]["port_link_3"] == Figure(Topic.LINK, "3")
    assert wiring.figures["SW-1"]["port_power_1_3"] == Figure(Topic.POWER, "3")


def test_a_numbering_says_otherwise_for_each_number() -> None:
    """Either number may be given; a port with another name is known by its numbering alone."""
    rows = {"x": Site("x", "", "z", ("SW-1/ge7",)), "y": Site("y", "", "z", ("SW-1/ge8",))}
    inventory = equipped(town(rows=rows))
    numbering = {"3": Port("10103"), "2": Port(poe="2.14"), "ge7": Port("10107", "1.7")}
    inventory = replace(
        inventory, devices={**inventory.devices, "SW-1": replace(inventory.devices["SW-1"], numbering=numbering)}
    )
    names = {str(figure): name for name, figure in wiring_of(inventory).figures["SW-1"].items()}
    assert (names["port 3 link"], names["port 3 power"]) == ("port_link_10103", "port_power_1_3")
    assert (names["port 2 link"], names["port 2 power"]) == ("port_link_2", "port_power_2_14")
    assert (names["port ge7 link"], names["port ge7 power"]) == ("port_link_10107", "port_power_1_7")
    assert "port ge8 link" not in names


def test_a_switch_that_is_no_device_or_that_has_cameras_cannot_be_asked() -> None:
    """Then its uplinks have no line, and nothing is kept."""
    assert wiring_of(town()).lines == {}
    inventory = town()
    of = Device("SW-1", "192.0.2.100", {}, ("snmp",), inventory.devices["s0p0c1"].cameras)
    assert wiring_of(replace(inventory, devices={**inventory.devices, "SW-1": of})).lines == {}


def test_a_ups_backs_its_site_and_speaks_for_the_feeder() -> None:
    """One without a site backs nothing, and what it says is kept all the same."""
    wiring = wiring_of(equipped(town(), u1=ups("u1", "s0p2"), u2=ups("u2", "s3p2"), u3=ups("u3", "")))
    assert wiring.backing == {
        Scope(Layer.SITE, "s0p2"): ("u1",),
        Scope(Layer.SITE, "s3p2"): ("u2",),
        Scope(Layer.FEEDER, "F-2"): ("u1", "u2"),
    }
    assert set(wiring.figures["u3"]) == {"output_source", "battery"}
