"""What tells where a device is, and which one, taken out on request: addresses, hardware addresses, serials, places."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Any

from monitor.dossier.hiding import changed

_HARDWARE = re.compile(r"(?i)\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b")
_IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
_IPV6 = re.compile(r"(?i)(?<![0-9a-z:.])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?:%\w+)?(?![0-9a-z:])")
_UUID = re.compile(r"(?i)\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_PLACE = re.compile(r"(?i)(onvif://[\w.]+/(?:location|name)/)[^\s\"<,]+")
#: Under these names a device writes its serial number, its own name, and those of its network.
_IDENTITIES = {"SerialNumber": "[serial]", "serial": "[serial]", "HwAddress": "[hardware address]"}
_NAMES = re.compile(r"^(?:SerialNumber|serial|DNSname|SearchDomain|address|host|camera|device)$")
#: A version of four numbers looks like an address and is none.
_VERSIONS = ("FirmwareVersion", "firmware", "camfleet")
LEAST_IDENTITY_CHARACTERS = 5


def anonymous(report: Mapping[str, Any]) -> Any:
    """Return a report that can be shown to strangers."""
    own = dict(sorted(_spellings(report), key=lambda pair: -len(pair[0])))
    versions = {one for name in _VERSIONS for one in _under(report, name)}

    def text(value: str) -> str:
        if value in versions:
            return value
        value = _UUID.sub("[uuid]", _PLACE.sub(r"\1[place]", value))
        for one, label in own.items():
            value = re.sub(re.escape(one), label, value, flags=re.IGNORECASE)
        return _without_addresses(value)

    return changed(report, text, _NAMES)


def _without_addresses(text: str) -> str:
    return _IPV6.sub(_address, _IPV4.sub(_address, _HARDWARE.sub("[hardware address]", text)))


def _address(match: re.Match[str]) -> str:
    try:
        address = ipaddress.ip_address(match[0].partition("%")[0])
    except ValueError:
        return match[0]
    return match[0] if address.is_unspecified else "[address]"


def _spellings(report: Any) -> Iterator[tuple[str, str]]:
    """Yield the serial numbers and hardware addresses that the report names, as they may stand elsewhere in it."""
    for name, label in _IDENTITIES.items():
        for value in _under(report, name):
            for one in {value, re.sub(r"[:.-]", "", value)}:
                if len(one) >= LEAST_IDENTITY_CHARACTERS and any(map(str.isdigit, one)):
                    yield one, label


def _under(value: Any, name: str) -> Iterator[str]:
    """Yield every text that stands under this name, at any depth."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            if key == name and isinstance(one, str) and one:
                yield one
            yield from _under(one, name)
    elif isinstance(value, list):
        for one in value:
            yield from _under(one, name)
