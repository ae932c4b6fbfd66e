"""What is taken out of a report: secrets always, and on request what tells where a device is and which one."""

from __future__ import annotations

import json

import pytest

from monitor.dossier.hiding import hidden
from monitor.dossier.redaction import anonymous
from monitor.dossier.values import plain
from monitor.probes.transcript import Veil

VEIL = Veil(["correct-horse-9"])

SECRETS = {
    "our password anywhere": ({"Model": "x correct-horse-9 y"}, {"Model": "x [removed] y"}),
    "our password as a name": ({"correct-horse-9": 1}, {"[removed]": 1}),
    "a login in an address": ({"Uri": "rtsp://admin:12345@192.0.2.1/s"}, {"Uri": "rtsp://[removed]@192.0.2.1/s"}),
    "a device's own password": ({"a": [{"Password": "12345"}]}, {"a": [{"Password": "[removed]"}]}),
    "a pre-shared key": ({"Dot11": {"PSK": "abc", "SSID": "net"}}, {"Dot11": {"PSK": "[removed]", "SSID": "net"}}),
    "a capability of passwords": ({"MaxPasswordLength": 32}, {"MaxPasswordLength": 32}),
    "a token within XML": ({"xml": "<w:Password Type='x'>abc</w:Password>"}, {"xml": "<w:Password Type='x'>[removed]</w:Password>"}),
}  # fmt: skip


@pytest.mark.parametrize("name", SECRETS)
def test_secrets_are_taken_out(name: str) -> None:
    """Our login and a device's own secrets never stand in a report; what only speaks of them does."""
    said, shown = SECRETS[name]
    assert hidden(said, VEIL) == shown


REPORT = {
    "host": "192.168.7.20",
    "services": [
        {"SerialNumber": "DS-2CD0123456", "FirmwareVersion": "10.0.0.1", "HwAddress": "4c:bd:8f:4c:6c:01"},
        "http://192.168.7.20:8080/onvif and [2001:db8::20] at 4CBD8F4C6C01",
        "onvif://www.onvif.org/location/Depot%204 onvif://www.onvif.org/hardware/DS-2CD",
        "urn:uuid:01234567-89ab-cdef-0123-4cbd8f4c6c01",
        {"token": "t10", "Height": 1080, "IPv4Address": "0.0.0.0", "at": "2026-11-22T12:34:56Z"},
        {"text": "serial ds-2cd0123456, version 5.7.3"},
    ],
}


def test_a_report_for_strangers() -> None:
    """Addresses, hardware addresses, serial numbers and places go, wherever they stand; the rest stays."""
    assert anonymous(REPORT) == {
        "host": "[removed]",
        "services": [
            {"SerialNumber": "[removed]", "FirmwareVersion": "10.0.0.1", "HwAddress": "[hardware address]"},
            "http://[address]:8080/onvif and [[address]] at [hardware address]",
            "onvif://www.onvif.org/location/[place] onvif://www.onvif.org/hardware/DS-2CD",
            "urn:uuid:[uuid]",
            {"token": "t10", "Height": 1080, "IPv4Address": "0.0.0.0", "at": "2026-11-22T12:34:56Z"},
            {"text": "serial [serial], version 5.7.3"},
        ],
    }


def test_a_value_of_any_kind_is_json() -> None:
    """Bytes, times, endless depth and NaN become what JSON can say; what is absent is left out."""
    deep: dict[str, object] = {}
    inner = deep
    for _ in range(100):
        inner["a"] = {}
        inner = inner["a"]  # type: ignore[assignment]
    inner["a"] = 1
    told = plain(
        {"bytes": b"abc", "nan": float("nan"), "none": None, "empty": [], "deep": deep, "many": list(range(9999))}
    )
    assert json.loads(json.dumps(told)) == told
    assert told["bytes"] == "(3 bytes)"
    assert "none" not in told
    assert len(told["many"]) == 2000
    assert "deeper than is shown" in json.dumps(told["deep"])
