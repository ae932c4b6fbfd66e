"""The user's own OID tables: from a file of the inventory to every device that speaks SNMP."""

from __future__ import annotations

from pathlib import Path

from monitor.core.verdict import Rung
from monitor.core.vitals import OidTable, Row
from monitor.inventory import load

FLEET = """\
snmp: {read: {version: v2c, community: env:C}}
zones: {z: {}}
cameras:
  - {id: gate, zone: z, address: 192.0.2.1, probes: [snmp], snmp: read, make: Acme}
"""
TABLE = """\
oids:
  Acme:
    object_id: 1.3.6.1.4.1.99999
    rows:
      - {oid: 1.3.6.1.4.1.99999.1, name: case_celsius, scale: 0.1}
      - {oid: 1.3.6.1.4.1.99999.2, name: fan, words: {1: turning, 2: "off"}, ok: [1], bad: ["OFF", 2], rung: device}
      - {oid: 1.3.6.1.4.1.99999.3, name: port_bytes, kind: counter64, keep: each}
      - {oid: 1.3.6.1.4.1.99999.4, name: serial_number, kind: serial}
"""


def test_a_table_in_a_file_of_its_own(tmp_path: Path) -> None:
    """A folder of an inventory may hold the tables beside the cameras; they reach every device with SNMP."""
    (tmp_path / "fleet.yaml").write_text(FLEET)
    (tmp_path / "oids.yaml").write_text(TABLE)
    access = load(tmp_path, {"C": "secret"}).devices["gate"].snmp
    assert access is not None
    assert access.tables == (
        OidTable(
            "acme",
            (
                Row("1.3.6.1.4.1.99999.1", "case_celsius", scale=0.1),
                Row("1.3.6.1.4.1.99999.2", "fan", "status", (1.0,), ("off", 2.0), Rung.DEVICE, ((1.0, "turning"), (2.0, "off"))),
                Row("1.3.6.1.4.1.99999.3", "port_bytes", "counter64", keep="each"),
                Row("1.3.6.1.4.1.99999.4", "serial_number", "serial"),
            ),
            "1.3.6.1.4.1.99999",
        ),
    )  # fmt: skip


def test_a_fleet_without_tables(tmp_path: Path) -> None:
    """Most have none."""
    (tmp_path / "fleet.yaml").write_text(FLEET)
    access = load(tmp_path / "fleet.yaml", {"C": "secret"}).devices["gate"].snmp
    assert access is not None
    assert access.tables == ()
