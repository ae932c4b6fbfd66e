"""One fleet, written as YAML, as CSV and as JSONL, whole or spread over files, is one inventory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.core.model import Canary, Inventory, Position
from monitor.inventory import InventoryError, load

Written = Callable[..., Inventory]

FLEET = """
credentials: {city: {username: camfleet, password: env:CAMFLEET_PASSWORD}}
defaults: {credential: city}
owners: {network: City Network, power: "Grid, north"}
zones: {harbour: {name: Harbour}}
canaries: [{id: gateway, address: 192.0.2.1}, {id: tower, address: "2001:DB8::2", vantage: central, port: 22}]
"""
CANARIES = FLEET.splitlines()[-1]
WITHOUT_OWNERS = FLEET.replace('owners: {network: City Network, power: "Grid, north"}', "")
SITES = """
sites:
  - {id: pier, name: Pier 1, zone: harbour, uplinks: [SW-1/1, SW-2/1], feeder: F-1, position: [53.5, 9.9],
     defaults: {contract: C-1}}
"""
DEVICES = "devices: [{id: head, address: 192.0.2.40, make: axis, ports: {rtsp: 5540}, probes: [rtsp]}]\n"
CAMERAS = """
cameras:
  - {id: north, name: "=1+1", site: pier, device: head, channel: 1, serial: "0123"}
  - {id: south, site: pier, device: head, channel: 2}
  - {id: gate, name: 'Gate, "left"', site: pier, address: "2001:DB8::1", position: [53.6, 10], stream: /live?channel=1,
     installer: Mast & Son, commissioned: 2018-11-01}
"""
SITES_CSV = (
    "id,name,zone,uplinks,feeder,position,defaults.contract\npier,Pier 1,harbour,SW-1/1 SW-2/1,F-1,53.5 9.9,C-1\n"
)
DEVICES_CSV = "id,address,make,ports.rtsp,probes\nhead,192.0.2.40,axis,5540,rtsp\n"
CAMERAS_CSV = '''id,name,site,device,channel,serial,address,position,stream,installer,commissioned
north,=1+1,pier,head,1,0123,,,,,
south,,pier,head,2,,,,,,
gate,"Gate, ""left""",pier,,,,2001:DB8::1,53.6 10,/live?channel=1,Mast & Son,2018-11-01
'''
CAMERAS_JSONL = (
    '{"id": "north", "name": "=1+1", "site": "pier", "device": "head", "channel": 1, "serial": "0123"}\n\n'
    '{"id": "south", "name": null, "site": "pier", "device": "head", "channel": 2}\n'
    '{"id": "gate", "name": "Gate, \\"left\\"", "site": "pier", "address": "2001:DB8::1", "position": [53.6, 10], '
    '"stream": "/live?channel=1", "installer": "Mast & Son", "commissioned": "2018-11-01"}\n'
)
SPREADS = {
    "yaml": {"fleet_yaml": FLEET + SITES + DEVICES + CAMERAS},
    "yaml in four files": {"a_yaml": FLEET, "b_yml": SITES, "c_yaml": DEVICES, "d_yaml": CAMERAS},
    "csv": {"fleet_yaml": FLEET, "sites_csv": SITES_CSV, "devices_csv": DEVICES_CSV, "cameras_csv": CAMERAS_CSV},
    "csv with semicolons": {
        "fleet_yaml": FLEET + SITES + DEVICES,
        "cameras_csv": CAMERAS_CSV.replace("Gate, ", "GATE").replace(",", ";").replace("GATE", "Gate, "),
    },
    "csv with a mark and CR LF": {
        "fleet_yaml": FLEET + SITES + DEVICES,
        "cameras_csv": "\ufeff" + CAMERAS_CSV.replace("\n", "\r\n"),
    },
    "csv of a district": {"fleet_yaml": FLEET + SITES + DEVICES, "cameras_north_csv": CAMERAS_CSV},
    "jsonl": {"fleet_yaml": FLEET + SITES + DEVICES, "cameras_jsonl": CAMERAS_JSONL},
    "a zone in csv": {
        "fleet_yaml": FLEET.replace("zones: {harbour: {name: Harbour}}", "") + SITES + DEVICES + CAMERAS,
        "zones_csv": "id,name\nharbour,Harbour\n",
    },
    "owners in csv": {
        "fleet_yaml": WITHOUT_OWNERS + SITES + DEVICES + CAMERAS,
        "owners_csv": 'id,name\nnetwork,City Network\npower,"Grid, north"\n',
    },
    "owners as entries in jsonl": {
        "fleet_yaml": WITHOUT_OWNERS + SITES + DEVICES + CAMERAS,
        "owners_jsonl": '{"id": "network", "name": "City Network"}\n{"id": "power", "name": "Grid, north"}\n',
    },
    "canaries in csv": {
        "fleet_yaml": FLEET.replace(CANARIES, "") + SITES + DEVICES + CAMERAS,
        "canaries_csv": "id,address,vantage,port\ngateway,192.0.2.1,,\ntower,2001:DB8::2,central,22\n",
    },
    "canaries in jsonl": {
        "fleet_yaml": FLEET.replace(CANARIES, "") + SITES + DEVICES + CAMERAS,
        "canaries_jsonl": '{"id": "gateway", "address": "192.0.2.1"}\n'
        '{"id": "tower", "address": "2001:DB8::2", "vantage": "central", "port": 22}\n',
    },
    "credentials in csv": {
        "fleet_yaml": FLEET.replace("credentials: {city: {username: camfleet, password: env:CAMFLEET_PASSWORD}}", "")
        + SITES
        + DEVICES
        + CAMERAS,
        "credentials_csv": "id,username,password\ncity,camfleet,env:CAMFLEET_PASSWORD\n",
    },
}


@pytest.mark.parametrize("spread", SPREADS)
def test_the_same_fleet_in_every_format_is_the_same_inventory(spread: str, written: Written) -> None:
    """Formats and files differ, the inventory does not; its digest does."""
    inventory = written(**SPREADS[spread])
    assert [camera.id for camera in inventory.cameras.values()] == ["north", "south", "gate"]
    north, gate = inventory.cameras["north"], inventory.cameras["gate"]
    assert (north.name, north.serial, north.channel) == ("=1+1", "0123", 1)
    assert (gate.name, gate.stream, gate.position) == ('Gate, "left"', "/live?channel=1", Position(53.6, 10))
    assert inventory.cameras["south"].name == "south"
    assert (inventory.devices["head"].ports, inventory.devices["head"].probes) == ({"rtsp": 5540}, ("rtsp",))
    assert inventory.devices["gate"].host == "2001:db8::1"
    assert inventory.sites["pier"].uplinks == ("SW-1/1", "SW-2/1")
    assert inventory.zones == {"harbour": "Harbour"}
    assert [camera.contract for camera in inventory.cameras.values()] == ["C-1", "C-1", "C-1"]
    assert (north.installer, gate.installer) == ("", "Mast & Son")
    assert inventory.owners == {"network": "City Network", "power": "Grid, north"}
    assert inventory.canaries == (Canary("gateway", "192.0.2.1"), Canary("tower", "2001:db8::2", "central", 22))


def test_formats_agree_field_by_field(tmp_path: Path, environ: dict[str, str]) -> None:
    """Compared as values, all spreads give one inventory."""
    inventories = []
    for name, files in SPREADS.items():
        folder = tmp_path / name
        folder.mkdir()
        for file, text in files.items():
            stem, _, suffix = file.rpartition("_")
            (folder / f"{stem.replace('_', '-')}.{suffix}").write_text(text, encoding="utf-8")
        inventories.append(load(folder, environ))
    assert all(replace(one, digest="") == replace(inventories[0], digest="") for one in inventories)
    assert len({one.digest for one in inventories}) == len(SPREADS)


def test_the_digest_tells_any_change_of_a_file_and_none_of_a_secret(tmp_path: Path, environ: dict[str, str]) -> None:
    """The digest is of what was read, byte for byte, and of nothing secret."""
    path = tmp_path / "inventory.yaml"
    path.write_text(FLEET + SITES + DEVICES + CAMERAS)
    before = load(path, environ).digest
    assert len(before) == 64
    assert load(path, {**environ, "CAMFLEET_PASSWORD": "another"}).digest == before
    path.write_text(FLEET + SITES + DEVICES + CAMERAS + "# a comment\n")
    assert load(path, environ).digest != before


def test_names_of_files_may_be_in_capitals(tmp_path: Path, environ: dict[str, str]) -> None:
    """As some systems write them."""
    (tmp_path / "FLEET.YAML").write_text(FLEET + SITES + DEVICES)
    (tmp_path / "Cameras-North.CSV").write_text(CAMERAS_CSV)
    assert len(load(tmp_path, environ).cameras) == 3


def test_other_files_of_a_folder_are_left_alone(tmp_path: Path, environ: dict[str, str]) -> None:
    """Notes, hidden files, backups and sub-folders are no part of the inventory."""
    (tmp_path / "inventory.yaml").write_text(FLEET + SITES + DEVICES + CAMERAS)
    for name in ("README.md", ".cameras.csv.swp", ".hidden.yaml", "cameras.csv~", "inventory.yaml.bak"):
        (tmp_path / name).write_text("\0 no inventory at all")
    (tmp_path / "secrets").mkdir()
    assert len(load(tmp_path, environ).cameras) == 3


def test_a_table_counts_lines_and_cells(tmp_path: Path, environ: dict[str, str]) -> None:
    """A cell with a line break moves the lines, not the cells."""
    (tmp_path / "fleet.yaml").write_text(FLEET + SITES)
    rows = 'id,name,site,address\n"gate","a\nb",pier,192.0.2.1\n\npier,x,piet,192.0.2.2\n'
    (tmp_path / "cameras.csv").write_text(rows)
    with pytest.raises(InventoryError) as caught:
        load(tmp_path, environ)
    assert [str(mistake).removeprefix(f"{tmp_path}/") for mistake in caught.value.mistakes] == [
        "cameras.csv:2:2: cameras[0].name: must not hold control characters or changes of direction",
        "cameras.csv:5:3: cameras[1].site: no site piet is defined; did you mean pier?",
    ]


def test_cameras_of_a_table_share_the_text_of_their_site(tmp_path: Path, environ: dict[str, str]) -> None:
    """A hundred thousand rows hold each site's id once."""
    (tmp_path / "fleet.yaml").write_text(FLEET + SITES)
    (tmp_path / "cameras.csv").write_text("id,site,address\na,pier,192.0.2.3\nb,pier,192.0.2.4\n")
    inventory = load(tmp_path, environ)
    assert all(inventory.cameras[id_].site is inventory.sites["pier"].id for id_ in ("a", "b"))
