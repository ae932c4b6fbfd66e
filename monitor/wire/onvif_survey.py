"""ONVIF replies to a survey's questions, read into plain values: what a device is, how it is set, where it stands.

Each function reads the reply to one question and raises as ``soap.expect``. What is missing is left out; texts and
lists are bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from monitor.wire.onvif import services as service_places
from monitor.wire.soap import Element, children, expect, find, find_anywhere, text_of

Value = dict[str, Any] | list[dict[str, Any]]
MOST_CHARACTERS = 128
#: Entries of one kind that are kept: interfaces, protocols, profiles, recordings.
MOST_ENTRIES = 64


def information(body: bytes, key: str = "information") -> Value:
    """Read GetDeviceInformationResponse (ONVIF Core §8.3.1)."""
    reply = expect(body, key)
    names = {
        "manufacturer": "Manufacturer",
        "model": "Model",
        "firmware": "FirmwareVersion",
        "serial": "SerialNumber",
        "hardware": "HardwareId",
    }
    return _known({name: _text(reply, element) for name, element in names.items()})


def services(body: bytes, key: str = "services") -> Value:
    """Read GetServicesResponse or GetCapabilitiesResponse: which services there are, and where."""
    versions = {
        text_of(find(entry, "Namespace")): ".".join(
            text for part in ("Major", "Minor") if (text := _text(entry, "Version", part))
        )
        for entry in children(expect(body, key), "Service")
    }
    found = service_places(body, key)
    return [
        _known({"name": name, "path": place.path, "port": place.port, "version": versions.get(name, "")[:16]})
        for name, place in sorted(found.items())[:MOST_ENTRIES]
    ]


def interfaces(body: bytes, key: str = "interfaces") -> Value:
    """Read GetNetworkInterfacesResponse (ONVIF Core §8.2.13)."""
    return [_interface(entry) for entry in children(expect(body, key), "NetworkInterfaces")[:MOST_ENTRIES]]


def _interface(entry: Element) -> dict[str, Any]:
    config = find(entry, "IPv4", "Config")
    place = next((one for name in ("Manual", "FromDHCP") if (one := _within(config, name)) is not None), None)
    return _known(
        {
            "name": _text(entry, "Info", "Name") or (entry.get("token") or "")[:MOST_CHARACTERS],
            "mac": _text(entry, "Info", "HwAddress").lower(),
            "address": _text(place, "Address"),
            "prefix": _number(_text(place, "PrefixLength")),
            "dhcp": _flag(_text(config, "DHCP")),
        }
    )


def protocols(body: bytes, key: str = "protocols") -> Value:
    """Read GetNetworkProtocolsResponse (ONVIF Core §8.2.17)."""
    return [
        _known(
            {
                "name": _text(entry, "Name"),
                "enabled": _flag(_text(entry, "Enabled")),
                "ports": [port for one in children(entry, "Port")[:8] if (port := _number(text_of(one))) is not None],
            }
        )
        for entry in children(expect(body, key), "NetworkProtocols")[:MOST_ENTRIES]
    ]


def ntp(body: bytes, key: str = "ntp") -> Value:
    """Read GetNTPResponse (ONVIF Core §8.2.5)."""
    return _hosts(find(expect(body, key), "NTPInformation"), ("NTPManual", "NTPFromDHCP"))


def dns(body: bytes, key: str = "dns") -> Value:
    """Read GetDNSResponse (ONVIF Core §8.2.3)."""
    return _hosts(find(expect(body, key), "DNSInformation"), ("DNSManual", "DNSFromDHCP"))


def _hosts(element: Element | None, names: tuple[str, str]) -> Value:
    entries = [] if element is None else [entry for name in names for entry in children(element, name)]
    addresses = [
        text
        for entry in entries[:MOST_ENTRIES]
        if (text := _text(entry, "DNSname") or _text(entry, "IPv4Address") or _text(entry, "IPv6Address"))
    ]
    return _known({"servers": addresses, "dhcp": _flag(_text(element, "FromDHCP"))})


def hostname(body: bytes, key: str = "hostname") -> Value:
    """Read GetHostnameResponse (ONVIF Core §8.2.1)."""
    said = find(expect(body, key), "HostnameInformation")
    return _known({"name": _text(said, "Name"), "dhcp": _flag(_text(said, "FromDHCP"))})


def profiles(body: bytes, key: str = "profiles") -> Value:
    """Read GetProfilesResponse of media or media2: each profile with the settings of its video encoder."""
    return [_profile(entry) for entry in children(expect(body, key), "Profiles")[:MOST_ENTRIES]]


def _profile(entry: Element) -> dict[str, Any]:
    within = find(entry, "Configurations")
    encoder = find(entry, "VideoEncoderConfiguration") if within is None else find(within, "VideoEncoder")
    source = find(entry, "VideoSourceConfiguration") if within is None else find(within, "VideoSource")
    gop = _text(find_anywhere(encoder, "GovLength") if encoder is not None else None)
    return _known(
        {
            "token": (entry.get("token") or "").strip()[:MOST_CHARACTERS],
            "name": _text(entry, "Name"),
            "source": _text(source, "SourceToken"),
            "codec": _text(encoder, "Encoding").upper(),
            "width": _number(_text(encoder, "Resolution", "Width")),
            "height": _number(_text(encoder, "Resolution", "Height")),
            "frames_per_second": _number(_text(encoder, "RateControl", "FrameRateLimit")),
            "kilobits_per_second": _number(_text(encoder, "RateControl", "BitrateLimit")),
            "frames_between_keyframes": _number(gop or (encoder.get("GovLength") or "" if encoder is not None else "")),
        }
    )


def storage(body: bytes, key: str = "storage") -> Value:
    """Read GetStorageConfigurationsResponse (ONVIF Core §8.7): which storage is set up; logins are not kept."""
    return [
        _known(
            {
                "token": (entry.get("token") or "").strip()[:MOST_CHARACTERS],
                "type": (_attribute(find(entry, "Data"), "type")),
                "path": _text(entry, "Data", "LocalPath"),
            }
        )
        for entry in children(expect(body, key), "StorageConfigurations")[:MOST_ENTRIES]
    ]


def recordings(body: bytes, key: str = "recordings") -> Value:
    """Read GetRecordingsResponse (ONVIF Recording Control §5.10)."""
    return [
        _known(
            {
                "token": _text(entry, "RecordingToken"),
                "name": _text(entry, "Configuration", "Source", "Name"),
                "kept": _text(entry, "Configuration", "MaximumRetentionTime"),
                "tracks": len(children(tracks, "Track")) if (tracks := find(entry, "Tracks")) is not None else None,
            }
        )
        for entry in children(expect(body, key), "RecordingItem")[:MOST_ENTRIES]
    ]


READERS: Mapping[str, Callable[[bytes, str], Value]] = {
    "information": information,
    "services": services,
    "capabilities": services,
    "interfaces": interfaces,
    "protocols": protocols,
    "ntp": ntp,
    "hostname": hostname,
    "dns": dns,
    "profiles": profiles,
    "profiles2": profiles,
    "storage": storage,
    "recordings": recordings,
}


def _within(element: Element | None, *path: str) -> Element | None:
    return None if element is None else find(element, *path)


def _text(element: Element | None, *path: str) -> str:
    return text_of(_within(element, *path))[:MOST_CHARACTERS]


def _attribute(element: Element | None, name: str) -> str:
    return "" if element is None else (element.get(name) or "").strip()[:MOST_CHARACTERS]


def _number(text: str) -> float | int | None:
    plain = text.strip()
    if not plain.isascii() or len(plain) > 12 or plain.count(".") > 1 or not plain.replace(".", "", 1).isdigit():
        return None
    return float(plain) if "." in plain else int(plain)


def _flag(text: str) -> bool | None:
    return {"true": True, "1": True, "false": False, "0": False}.get(text.lower())


def _known(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in ("", None, [])}
