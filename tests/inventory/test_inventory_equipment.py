"""Switches and UPSs: devices without cameras, where they stand, and what their makers call their ports."""

from __future__ import annotations

import json
from collections.abc import Callable

from monitor.core.model import Inventory, Port

Written = Callable[..., Inventory]
FLEET = """
snmp: {city: {version: v2c, community: env:CAMFLEET_COMMUNITY}, pole: {version: v1, community: env:CAMFLEET_COMMUNITY}}
defaults: {snmp: city}
makes: {switch: {probes: [snmp]}, ups: {probes: [snmp]}}
zones: {z: {}}
sites: [{id: pier, zone: z, uplinks: [SW-1/3, SW-1/ge4, SW-9/1], feeder: F-1, defaults: {snmp: pole}}]
cameras: [{id: gate, site: pier, address: 192.0.2.17}]
"""


def test_a_switch_says_what_its_maker_calls_its_ports(written: Written) -> None:
    """Either number, or both; 1.10 is not 1.1. A switch that is no device (SW-9) is no mistake."""
    inventory = written(
        fleet_yaml=FLEET
        + "devices:\n  - {id: SW-1, address: 192.0.2.100, make: switch, numbering: {3: {interface: 10103},"
        " ge4: {poe: 1.10}}}\n"
    )
    assert inventory.devices["SW-1"].numbering == {"3": Port(interface="10103"), "ge4": Port(poe="1.10")}
    assert inventory.devices["gate"].numbering == {}


def test_equipment_takes_settings_from_where_it_stands(written: Written) -> None:
    """A UPS at a site has the site's defaults; one that stands nowhere has the fleet's."""
    rows = "devices_csv", "id,address,make,site\nUPS-1,192.0.2.101,ups,pier\nUPS-2,192.0.2.102,ups,\n"
    devices = written(fleet_yaml=FLEET, **dict([rows])).devices
    accesses = [devices[id_].snmp for id_ in ("UPS-1", "UPS-2")]
    assert [access.name for access in accesses if access] == ["pole", "city"]
    assert (devices["UPS-1"].site, devices["UPS-2"].site) == ("pier", "")


def test_a_numbering_in_jsonl(written: Written) -> None:
    """The same in a line of JSON."""
    row = {
        "id": "SW-1",
        "address": "192.0.2.100",
        "make": "switch",
        "numbering": {"3": {"interface": 10103, "poe": "1.3"}},
    }
    device = written(fleet_yaml=FLEET, devices_jsonl=json.dumps(row)).devices["SW-1"]
    assert device.numbering == {"3": Port("10103", "1.3")}
