"""Cameras that are written with an address make a device, or join the one that is there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from monitor.core.model import Inventory

Written = Callable[..., Inventory]
Z = "zones: {z: {}}\n"


def test_a_camera_with_an_address_makes_a_device_of_its_own_id(written: Written) -> None:
    """The common case needs no device."""
    inventory = written(fleet_yaml=Z + "cameras: [{id: gate, zone: z, address: 192.0.2.17}]\n")
    assert inventory.devices["gate"].cameras == ("gate",)
    assert (inventory.cameras["gate"].device, inventory.cameras["gate"].channel) == ("gate", 1)


def test_cameras_with_one_address_and_several_channels_are_one_device(written: Written) -> None:
    """The first camera's device has them all, by rising channel; spelling of the address does not matter."""
    inventory = written(
        fleet_yaml=Z
        + "cameras:\n  - {id: c, zone: z, address: CAM.example., channel: 3}\n"
        + "  - {id: a, zone: z, address: cam.example, ports: {rtsp: 554}}\n"
        + "  - {id: b, zone: z, address: Cam.Example, channel: 2}\n"
    )
    assert list(inventory.devices) == ["c"]
    assert inventory.devices["c"].cameras == ("a", "b", "c")
    assert {camera.device for camera in inventory.cameras.values()} == {"c"}


def test_a_camera_with_the_address_of_a_device_joins_it(written: Written) -> None:
    """It takes over everything that the device says; saying the same is allowed."""
    inventory = written(
        fleet_yaml=Z
        + "devices: [{id: head, address: 192.0.2.40, make: axis, probes: [rtsp]}]\n"
        + "cameras:\n  - {id: a, zone: z, device: head}\n"
        + "  - {id: b, zone: z, address: 192.0.2.40, channel: 2, make: axis}\n"
    )
    assert inventory.devices["head"].cameras == ("a", "b")
    assert inventory.cameras["b"].device == "head"


@pytest.mark.parametrize(
    "other",
    [
        "address: 192.0.2.17, vantage: depot",
        "address: 192.0.2.17, ports: {onvif: 81, rtsp: 555}",
        "address: 192.0.2.18",
    ],
)
def test_another_vantage_ports_or_address_is_another_device(other: str, written: Written) -> None:
    """Private addresses may overlap between vantages, and one address may forward its ports to several devices."""
    inventory = written(
        fleet_yaml=Z + f"cameras:\n  - {{id: a, zone: z, address: 192.0.2.17}}\n  - {{id: b, zone: z, {other}}}\n"
    )
    assert list(inventory.devices) == ["a", "b"]


def test_a_port_that_is_not_probed_may_be_shared(written: Written) -> None:
    """Two devices behind one address differ in the ports that are asked; SNMP is not."""
    inventory = written(
        fleet_yaml=Z
        + "cameras:\n  - {id: a, zone: z, address: 192.0.2.17, probes: [rtsp], ports: {rtsp: 5541}}\n"
        + "  - {id: b, zone: z, address: 192.0.2.17, probes: [rtsp], ports: {rtsp: 5542}}\n"
    )
    assert [device.port("rtsp") for device in inventory.devices.values()] == [5541, 5542]


def test_numbers_that_every_reader_takes_alike_may_be_names(written: Written) -> None:
    """``17`` and ``1.5`` are the text that they are written as."""
    inventory = written(fleet_yaml=Z + "cameras: [{id: 17, name: 1.5, zone: z, address: 192.0.2.17, serial: 4711}]\n")
    camera = inventory.cameras["17"]
    assert (camera.name, camera.serial) == ("1.5", "4711")


def test_an_empty_value_is_as_if_the_key_were_not_there(written: Written) -> None:
    """A form with empty fields is a form that is not filled in."""
    inventory = written(
        fleet_yaml="sites:\ndefaults:\nzones:\n  z:\n"
        "cameras:\n  - id: gate\n    zone: z\n    address: 192.0.2.17\n    serial:\n"
    )
    assert inventory.cameras["gate"].serial == ""


def test_a_name_may_be_of_any_script(written: Written) -> None:
    """Names are for people: Urdu, Greek, an emoji, a mark of writing direction."""
    name = "چوک ۱\u200f Πύλη 🎥"
    inventory = written(fleet_yaml=Z + f"cameras: [{{id: gate, name: {name}, zone: z, address: 192.0.2.17}}]\n")
    assert inventory.cameras["gate"].name == name
