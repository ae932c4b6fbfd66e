"""Whose contract a camera is of, who put it up, and who repairs what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import product
from pathlib import Path

import pytest

from monitor.core.diagnosis.cause import NATURES, ROLES
from monitor.core.model import Inventory

Written = Callable[..., Inventory]
#: Who may say something, in the order in which they are heard.
LAYERS = ("own", "site", "zone", "fleet")


@pytest.mark.parametrize(
    "says", list(product((True, False), repeat=4)), ids=lambda says: "".join("-+"[s] for s in says)
)
@pytest.mark.parametrize("form", ["short", "device"])
def test_the_first_of_camera_site_zone_and_fleet_that_names_a_contract_is_heard(
    says: tuple[bool, ...], form: str, written: Written
) -> None:
    """All sixteen combinations, for contract and installer, at a camera with an address and at one on a device."""
    said = [
        f"contract: c-{layer}, installer: i-{layer}" if one else "" for layer, one in zip(LAYERS, says, strict=True)
    ]
    own, site, zone, fleet = said
    device = "address: 192.0.2.17" if form == "short" else "device: head"
    devices = "" if form == "short" else "devices: [{id: head, address: 192.0.2.17}]\n"
    camera = ", ".join(part for part in ("id: gate, site: s", device, own) if part)
    inventory = written(
        fleet_yaml=f"defaults: {{{fleet}}}\nzones: {{z: {{defaults: {{{zone}}}}}}}\n"
        f"sites: [{{id: s, zone: z, defaults: {{{site}}}}}]\n{devices}cameras: [{{{camera}}}]\n"
    )
    heard = next((layer for layer, one in zip(LAYERS, says, strict=True) if one), "")
    gate = inventory.cameras["gate"]
    assert (gate.contract, gate.installer) == ((f"c-{heard}", f"i-{heard}") if heard else ("", ""))


def test_cameras_of_one_device_may_be_of_different_contracts(written: Written) -> None:
    """A contract counts views: two cameras of a head may be counted by two, and their zones' defaults differ."""
    inventory = written(
        fleet_yaml="zones: {z: {defaults: {contract: one}}, x: {defaults: {contract: two}}}\n"
        "devices: [{id: head, address: 192.0.2.40}]\n"
        "cameras: [{id: a, zone: z, device: head}, {id: b, zone: x, device: head, channel: 2}]\n"
    )
    assert [camera.contract for camera in inventory.cameras.values()] == ["one", "two"]


def test_days_come_from_the_place_too_and_a_camera_says_otherwise(written: Written) -> None:
    """What a whole zone was commissioned by is written once; each day by itself is heard where it is said first."""
    inventory = written(
        fleet_yaml="defaults: {sanctioned: 2017-05-02}\n"
        "zones: {z: {defaults: {installed: 2018-09-03, commissioned: 2018-11-01}}}\n"
        "cameras: [{id: a, zone: z, address: 192.0.2.1}, {id: b, zone: z, address: 192.0.2.2, installed: 2018-10-01,"
        " retired: 2018-11-01}]\n"
    )
    a, b = inventory.cameras["a"], inventory.cameras["b"]
    assert (a.sanctioned, a.installed, a.commissioned, a.retired) == (
        date(2017, 5, 2),
        date(2018, 9, 3),
        date(2018, 11, 1),
        None,
    )
    assert (b.sanctioned, b.installed, b.commissioned, b.retired) == (
        date(2017, 5, 2),
        date(2018, 10, 1),
        date(2018, 11, 1),
        date(2018, 11, 1),
    )


def test_every_role_of_a_cause_may_have_a_name(written: Written) -> None:
    """The roles are those that the kinds of causes name; nobody needs a name."""
    assert {nature.owner for nature in NATURES.values()} == set(ROLES)
    cameras = "zones: {z: {}}\ncameras: [{id: gate, zone: z, address: 192.0.2.17}]\n"
    named = "".join(f"  {role}: Party {role}\n" for role in ROLES)
    assert written(fleet_yaml=f"owners:\n{named}{cameras}").owners == {role: f"Party {role}" for role in ROLES}
    assert written(fleet_yaml=cameras).owners == {}


def test_every_role_is_documented() -> None:
    """The manual names them all, in their order."""
    text = " ".join((Path(__file__).parents[2] / "docs" / "inventory.md").read_text(encoding="utf-8").split())
    assert "The roles are " + ", ".join(f"`{role}`" for role in ROLES[:-1]) + f" and `{ROLES[-1]}`" in text
