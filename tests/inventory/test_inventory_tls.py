"""TLS and consent to Basic in the inventory: short and long, layer over layer, and what does not fit together."""

from __future__ import annotations

from pathlib import Path

import pytest
from peers.certificates import identity

from monitor.core.model import Device, Tls
from monitor.inventory import InventoryError, load

PRINT = "aa" * 32
FLEET = """\
defaults: {defaults}
zones: {{town: {{}}}}
cameras:
  - {{id: gate, zone: town, address: 192.0.2.17, {gate}}}
"""


def gate(folder: Path, defaults: str = "{}", gate: str = "channel: 1") -> Device:
    path = folder / "town.yaml"
    path.write_text(FLEET.format(defaults=defaults, gate=gate))
    return load(path, {}).devices["gate"]


@pytest.mark.parametrize(
    ("defaults", "own", "expected"),
    [
        ("{}", "channel: 1", None),
        ("{}", "tls: first-use", Tls(trust="first-use")),
        ("{}", "tls: ca", Tls(trust="ca")),
        ("{tls: first-use}", "channel: 1", Tls(trust="first-use")),
        ("{tls: first-use}", "tls: none", None),
        ("{tls: first-use}", "tls: {rtsp: false}", Tls(rtsp=False, trust="first-use")),
        ("{tls: first-use}", f'tls: {{fingerprint: "sha256:{PRINT.upper()}"}}', Tls(trust="pinned", fingerprint=PRINT)),
        ("{tls: {trust: first-use, old: allowed}}", "tls: {old: never}", Tls(trust="first-use")),
        ("{}", "tls: {trust: first-use, old: allowed}", Tls(trust="first-use", old=True)),
    ],
)
def test_what_is_trusted(tmp_path: Path, defaults: str, own: str, expected: Tls | None) -> None:
    """Each key is taken from the nearest layer that has it; a fingerprint says by itself that it is pinned."""
    assert gate(tmp_path, defaults, own).tls == expected


def test_the_usual_ports_over_tls(tmp_path: Path) -> None:
    """443 and 322, and the plain one for what is not encrypted; what the inventory says holds for both."""
    one = gate(tmp_path, gate="tls: first-use")
    assert (one.port("onvif"), one.port("rtsp"), one.port("snmp")) == (443, 322, 161)
    assert gate(tmp_path, gate="tls: {trust: first-use, rtsp: false}").port("rtsp") == 554
    assert gate(tmp_path, gate="tls: first-use, ports: {onvif: 8443}").port("onvif") == 8443


def test_a_file_of_authorities(tmp_path: Path) -> None:
    """Its certificates are read with the inventory, from its folder."""
    (tmp_path / "ca.pem").write_text(identity("Our CA", authority=True).pem)
    one = gate(tmp_path, gate="tls: {ca: ca.pem}")
    assert one.tls == Tls(trust="ca", authorities=(tmp_path / "ca.pem").read_text())


@pytest.mark.parametrize(("value", "allowed"), [("allowed", True), ("never", False)])
def test_consent_to_basic(tmp_path: Path, value: str, allowed: bool) -> None:
    """Nobody sends a password readable unless it is written."""
    assert gate(tmp_path, gate=f"basic: {value}").basic is allowed
    assert gate(tmp_path, "{basic: allowed}", "basic: never").basic is False


WRONG = {
    "tls: fist-use": "cameras[0].tls: must be one of ca, first-use, none, or a mapping; write tls: first-use, or {trust: ca}",
    "tls: {trust: forever}": "cameras[0].tls.trust: must be one of ca, first-use, pinned",
    "tls: {trust: pinned}": "cameras[0]: trusts a pinned certificate without its fingerprint; write fingerprint: sha256:…, or trust: first-use",
    "tls: {fingerprint: sha256:12}": "cameras[0].tls.fingerprint: must be a certificate's SHA-256 in hexadecimal; camfleet probe shows it: sha256:…",
    "tls: {trust: first-use, rtsp: maybe}": "cameras[0].tls.rtsp: must be true or false",
    "tls: {older: allowed}": "cameras[0].tls.older: unknown key; did you mean old?",
    "tls: {ca: nowhere.pem}": "cameras[0].tls.ca: the file nowhere.pem cannot be read: No such file or directory",
    "tls: {ca: town.yaml}": "cameras[0].tls.ca: the file town.yaml holds no certificates in PEM; a file of certificates begins with -----BEGIN CERTIFICATE-----",
    f'tls: {{trust: ca, fingerprint: "{PRINT}"}}': "cameras[0].tls.fingerprint: is for trust: pinned; leave one of the two out",
    "basic: always": "cameras[0].basic: must be one of allowed, never",
}  # fmt: skip


@pytest.mark.parametrize("own", WRONG)
def test_mistakes(tmp_path: Path, own: str) -> None:
    """Each mistake is one plain sentence at its place."""
    with pytest.raises(InventoryError) as refused:
        gate(tmp_path, gate=own)
    (line,) = str(refused.value).splitlines()
    assert line.endswith(f": {WRONG[own]}")
