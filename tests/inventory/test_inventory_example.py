"""The annotated example that everybody starts from."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from monitor.core.model import Canary, Inventory, Port, Position
from monitor.inventory import load
from monitor.inventory.schema import DEFAULTS, SECTIONS, Settings, keys

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "inventory.yaml"


@pytest.fixture
def example(tmp_path: Path, environ: dict[str, str]) -> Inventory:
    shutil.copy(EXAMPLE, tmp_path)
    secret = tmp_path / "secrets" / "depot"
    secret.parent.mkdir()
    secret.write_text("from-a-file\nand a note\n")
    secret.chmod(0o600)
    return load(tmp_path / EXAMPLE.name, environ)


def test_the_example_is_a_valid_fleet(example: Inventory) -> None:
    """The example loads: two cameras on one head, two that make their own devices; a switch and a UPS."""
    assert {id: device.cameras for id, device in example.devices.items()} == {
        "market-head": ("market-north", "market-south"),
        "pier-gate": ("pier-gate",),
        "ferry": ("ferry",),
        "SW-2": (),
        "UPS-pier": (),
    }
    assert example.devices["SW-2"].numbering == {"7": Port("10107", "1.7")}
    access = example.devices["UPS-pier"].snmp
    assert access
    assert (example.devices["UPS-pier"].site, access.name) == ("pier-1", "readonly")
    assert example.zones == {"harbour": "Harbour", "old-town": "Old Town"}
    assert example.sites["market"].uplinks == ("SW-1/3", "SW-4/1")


def test_the_example_shows_where_settings_come_from(example: Inventory) -> None:
    """A device takes what it does not say from its zone, its make, the fleet."""
    head, gate, ferry = (example.devices[id] for id in ("market-head", "pier-gate", "ferry"))
    assert head.credential
    assert (head.credential.name, head.credential.password.reveal()) == ("depot", "from-a-file")
    assert head.probes == ("onvif", "snmp", "rtsp")
    assert head.snmp
    assert (head.snmp.name, head.snmp.privacy) == ("secure", "aes128")
    assert gate.credential
    assert (gate.credential.name, gate.probes, gate.ports) == ("city", ("onvif", "rtsp"), {})
    assert (ferry.ports, ferry.probes) == ({"onvif": 8000, "rtsp": 8554}, ("rtsp",))
    north = example.cameras["market-north"]
    assert (north.contract, north.installer) == ("safe-city-2018", "Mast & Son")
    assert example.owners == {"network": "City Network", "power": "Grid North"}
    assert example.canaries == (Canary("gateway", "192.0.2.1", "central", 22),)


def test_a_camera_lies_where_its_site_lies(example: Inventory) -> None:
    """Zone and position come from the site, or from the camera where there is none."""
    assert example.cameras["pier-gate"].zone == "harbour"
    assert example.cameras["pier-gate"].position == Position(53.5461, 9.9661)
    assert example.cameras["ferry"].position == Position(53.5443, 9.9687)


@pytest.mark.parametrize("document", ["inventory.yaml", "docs/inventory.md"])
def test_every_key_is_shown_and_documented(document: str) -> None:
    """No key is known to the loader alone."""
    text = (ROOT / document).read_text(encoding="utf-8")
    every = {key.rpartition(".")[2] for model in (*SECTIONS.values(), Settings) for key in keys(model)}
    words = text if document.endswith(".yaml") else text.replace("`", " ")
    assert {key for key in every | {*SECTIONS, DEFAULTS} if f"{key}:" not in words and f" {key} " not in words} == set()


def test_the_ten_lines_of_the_documentation_load(tmp_path: Path) -> None:
    """What a newcomer copies first works: two cameras on one recorder, two alone."""
    text = (ROOT / "docs" / "inventory.md").read_text(encoding="utf-8")
    path = tmp_path / "town.yaml"
    path.write_text(text.partition("```yaml\n")[2].partition("```")[0])
    inventory = load(path, {"CAMERA_PASSWORD": "secret"})
    assert {id: device.cameras for id, device in inventory.devices.items()} == {
        "gate": ("gate",),
        "yard": ("yard",),
        "hall-1": ("hall-1", "hall-2"),
    }
