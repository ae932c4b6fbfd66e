"""What a device does not say itself it takes from its site, then its zone, its make, and the fleet's defaults."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest

from monitor.core.model import Inventory
from monitor.inventory import InventoryError

Written = Callable[..., Inventory]

#: Who may say something, in the order in which they are heard.
LAYERS = ("own", "site", "zone", "make", "fleet")
ACCESS = """
credentials:
  own: {username: own, password: env:CAMFLEET_PASSWORD}
  site: {username: site, password: env:CAMFLEET_PASSWORD}
  zone: {username: zone, password: env:CAMFLEET_PASSWORD}
  make: {username: make, password: env:CAMFLEET_PASSWORD}
  fleet: {username: fleet, password: env:CAMFLEET_PASSWORD}
snmp:
  own: {version: v1, community: env:CAMFLEET_COMMUNITY}
  site: {version: v2c, community: env:CAMFLEET_COMMUNITY}
  zone: {version: v1, community: env:CAMFLEET_COMMUNITY}
  make: {version: v2c, community: env:CAMFLEET_COMMUNITY}
  fleet: {version: v2c, community: env:CAMFLEET_COMMUNITY}
"""
PROBES = {"own": "[rtsp]", "site": "[onvif, snmp]", "zone": "[onvif]", "make": "[snmp]", "fleet": "[snmp, rtsp]"}
PORTS = {"own": 1001, "site": 1005, "zone": 1002, "make": 1003, "fleet": 1004}


def settings(layer: str, says: bool) -> str:
    if not says:
        return ""
    names = f"credential: {layer}, snmp: {layer}, vantage: {layer}"
    return f"{names}, probes: {PROBES[layer]}, ports: {{rtsp: {PORTS[layer]}}}"


@pytest.mark.parametrize(
    "says", list(product((True, False), repeat=5)), ids=lambda says: "".join("-+"[s] for s in says)
)
@pytest.mark.parametrize("form", ["short", "device"])
def test_the_first_of_own_site_zone_make_and_fleet_that_says_something_is_heard(
    says: tuple[bool, ...], form: str, written: Written
) -> None:
    """All thirty-two combinations of who says something, for a camera with an address and for a device."""
    text = dict(zip(LAYERS, (settings(layer, one) for layer, one in zip(LAYERS, says, strict=True)), strict=True))
    own = f", {text['own']}" if text["own"] else ""
    entry = f"id: gate, address: 192.0.2.17, make: axis{own}"
    if form == "short":
        cameras = f"cameras: [{{site: s, {entry}}}]"
    else:
        cameras = f"devices: [{{{entry}}}]\ncameras: [{{id: gate, site: s, device: gate}}]"
    inventory = written(
        fleet_yaml=f"{ACCESS}defaults: {{{text['fleet']}}}\nmakes: {{axis: {{{text['make']}}}}}\n"
        f"zones: {{z: {{defaults: {{{text['zone']}}}}}}}\n"
        f"sites: [{{id: s, zone: z, defaults: {{{text['site']}}}}}]\n{cameras}\n"
    )
    device = inventory.devices["gate"]
    heard = next((layer for layer, one in zip(LAYERS, says, strict=True) if one), None)
    assert (device.credential.name if device.credential else None) == heard
    assert (device.snmp.name if device.snmp else None) == heard
    assert device.vantage == (heard or "central")
    assert device.probes == (tuple(PROBES[heard].strip("[]").split(", ")) if heard else ("onvif", "rtsp"))
    assert device.port("rtsp") == (PORTS[heard] if heard else 554)


def test_each_port_is_heard_for_itself(written: Written) -> None:
    """One layer may say one port, another the other; what nobody says is the usual one, and is not in the inventory."""
    inventory = written(
        fleet_yaml="defaults: {ports: {onvif: 81}}\nmakes: {axis: {ports: {rtsp: 5540, onvif: 82}}}\n"
        "zones: {z: {}}\ncameras: [{id: gate, zone: z, address: 192.0.2.17, make: axis, ports: {onvif: 83}}]\n"
    )
    device = inventory.devices["gate"]
    assert device.ports == {"onvif": 83, "rtsp": 5540}
    assert device.port("snmp") == 161


def test_a_device_lies_in_the_zone_of_its_cameras(written: Written) -> None:
    """Zones may differ in what the device says itself; its cameras keep their own zones."""
    inventory = written(
        fleet_yaml="zones: {z: {defaults: {vantage: here}}, x: {defaults: {vantage: there}}}\n"
        "devices: [{id: head, address: 192.0.2.40, vantage: elsewhere}]\n"
        "cameras: [{id: a, zone: z, device: head}, {id: b, zone: x, device: head, channel: 2}]\n"
    )
    assert inventory.devices["head"].vantage == "elsewhere"
    assert [inventory.cameras[id].zone for id in inventory.devices["head"].cameras] == ["z", "x"]


def test_a_device_at_several_sites_says_what_their_defaults_do_not_agree_about(written: Written) -> None:
    """Two cameras of a device may hang at two poles; whose password it then has is not guessed."""
    text = (
        "credentials: {a: {username: a, password: env:CAMFLEET_PASSWORD}, b: {username: b, password: env:CAMFLEET_PASSWORD}}\n"
        "zones: {z: {}}\nsites: [{id: s, zone: z, defaults: {credential: a}}, {id: t, zone: z, defaults: {credential: b}}]\n"
        "devices: [{id: head, address: 192.0.2.40}]\n"
        "cameras: [{id: one, site: s, device: head}, {id: two, site: t, device: head, channel: 2}]\n"
    )
    with pytest.raises(InventoryError) as caught:
        written(fleet_yaml=text)
    assert [f"{one.message}; {one.hint}" for one in caught.value.mistakes] == [
        "its cameras lie at s and at t, whose defaults differ (credential); write at the device what is meant"
    ]
    device = written(fleet_yaml=text.replace("192.0.2.40", "192.0.2.40, credential: b")).devices["head"]
    assert device.credential
    assert device.credential.name == "b"
