"""ONVIF replies read into values: time, device information, service addresses, profiles, stream address.

Each function reads the reply to one question and raises as ``soap.expect``. Fields may be missing, empty or absurd;
only what is there is told, and nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from monitor.wire.rtsp import path_of, port_of
from monitor.wire.soap import MEDIA, MEDIA2, Element, children, expect, find, find_anywhere, text_of
from monitor.wire.template import Texts, texts

#: The longest text that is taken over from a device.
MOST_CHARACTERS = 128
MOST_PROFILES = 256


class DeviceTime(NamedTuple):
    """What a device says about its clock. ``utc`` is seconds since the epoch, None where it says no valid time."""

    utc: float | None
    source: str
    told: bool = True
    """Whether it tells a time at all that could be compared with ours; a local time without a zone is none."""


def device_time(body: bytes, key: str = "time") -> DeviceTime:
    """Read GetSystemDateAndTimeResponse (ONVIF Core §8.2.1); a local time with a zone serves where UTC is missing."""
    source, zone, *moments = texts(body, key, _time_texts)
    utc = _moment(moments[: len(_MOMENT)])
    if utc is None:
        local = _moment(moments[len(_MOMENT) :])
        offset = zone_offset_s(zone)
        utc = local - offset if local is not None and offset is not None else None
    return DeviceTime(utc, source[:20], utc is not None or any(moments[: len(_MOMENT)]))


_MOMENT = ("Year", "Month", "Day", "Hour", "Minute", "Second")


def _time_texts(reply: Element) -> Texts:
    return (
        text_of(find_anywhere(reply, "DateTimeType")),
        text_of(find_anywhere(reply, "TZ")),
        *_moment_texts(find_anywhere(reply, "UTCDateTime")),
        *_moment_texts(find_anywhere(reply, "LocalDateTime")),
    )


def _moment_texts(element: Element | None) -> Texts:
    return tuple("" if element is None else text_of(find_anywhere(element, name)) for name in _MOMENT)


def _moment(parts: Sequence[str]) -> float | None:
    """Return a date and time; "24:00:00", minute 61 and second 60 are carried over, month 0 is no date."""
    if not _INTEGERS.fullmatch(" ".join(parts)):
        return None
    year, month, day, hour, minute, second = map(int, parts)
    if not (year <= 9998 and 0 <= hour <= 24 and 0 <= minute <= 61 and 0 <= second <= 61):
        return None
    try:
        days = date(year, month, day).toordinal() - _EPOCH
    except ValueError:
        return None
    return days * 86400.0 + hour * 3600 + minute * 60 + second


_INTEGERS = re.compile(r"(?:[+-]?\d{1,6} ){5}[+-]?\d{1,6}")
_EPOCH = date(1970, 1, 1).toordinal()


_ZONE = re.compile(r"(?:[A-Za-z]{2,10}|<[^>]{1,12}>)\s*([+-]?)(\d{1,2})(?::(\d{1,2}))?(?::\d{1,2})?")


def zone_offset_s(zone: str) -> float | None:
    """Return a POSIX zone's standard offset east of UTC in seconds; None if unreadable. "CST-8" is +8 h (POSIX)."""
    if zone.upper() in ("UTC", "GMT", "Z"):
        return 0.0
    match = _ZONE.match(zone)
    if match is None:
        return None
    seconds = int(match[2]) * 3600.0 + int(match[3] or 0) * 60.0
    return seconds if match[1] == "-" else -seconds


class DeviceInformation(NamedTuple):
    manufacturer: str
    model: str
    firmware: str
    serial: str


def device_information(body: bytes, key: str = "information") -> DeviceInformation:
    """Read GetDeviceInformationResponse (ONVIF Core §8.3.1)."""
    return DeviceInformation(*[text[:MOST_CHARACTERS] for text in texts(body, key, _information_texts)])


def _information_texts(reply: Element) -> Texts:
    names = ("Manufacturer", "Model", "FirmwareVersion", "SerialNumber")
    return tuple(text_of(find(reply, name)) for name in names)


class Service(NamedTuple):
    """Where a service is, by its path; the host is always the inventory's."""

    path: str
    port: int | None


def services(body: bytes, key: str = "services") -> dict[str, Service]:
    """Read GetServicesResponse or GetCapabilitiesResponse into service namespaces and their places."""
    reply = expect(body, key)
    found: dict[str, Service] = {}
    for entry in children(reply, "Service"):
        _add(found, text_of(find(entry, "Namespace")), text_of(find(entry, "XAddr")))
    for capability, namespace in (("Media", MEDIA), ("Media2", MEDIA2)):
        element = find_anywhere(reply, capability)
        if element is not None and not children(reply, "Service"):
            _add(found, namespace, text_of(find(element, "XAddr")))
    return found


def _add(found: dict[str, Service], namespace: str, addresses: str) -> None:
    named = addresses.split()
    address = next((one for one in named if one.lower().startswith("http://")), next(iter(named), ""))
    if 0 < len(namespace) <= MOST_CHARACTERS and address:
        found.setdefault(namespace, Service(path_of(address)[:512], _port(address, "http")))


def _port(address: str, scheme: str) -> int | None:
    """Return the port that an address names; None where it is of another scheme, whose port is of no use here."""
    return port_of(address) if address.lower().startswith(f"{scheme}://") else None


class Profile(NamedTuple):
    """A media profile: a view of one video source, encoded."""

    token: str
    source: str
    encoding: str
    width: int
    height: int
    frame_rate: float
    encoded: bool = True
    """False where the profile names no video encoder: some tell none for what media (ver10) has no word for."""


def profiles(body: bytes, key: str = "profiles") -> list[Profile]:
    """Read GetProfilesResponse of media (ver10) or media2 (ver20), either shape; sound and metadata are left out."""
    read = (_profile(element) for element in children(expect(body, key), "Profiles")[:MOST_PROFILES])
    return [profile for profile in read if profile is not None]


def _profile(element: Element) -> Profile | None:
    token = (element.get("token") or "").strip()
    within = find(element, "Configurations")
    holder = element if within is None else within
    encoder = find(holder, "VideoEncoderConfiguration" if within is None else "VideoEncoder")
    source = find(holder, "VideoSourceConfiguration" if within is None else "VideoSource")
    if not 0 < len(token) <= MOST_CHARACTERS or (encoder is None and source is None):
        return None
    name = text_of(find(source, "SourceToken")) if source is not None else ""
    if encoder is None:
        return Profile(token, name, "", 0, 0, 0.0, encoded=False)
    return Profile(
        token,
        name,
        text_of(find(encoder, "Encoding")).upper()[:MOST_CHARACTERS],
        int(_number(text_of(find(encoder, "Resolution", "Width")))),
        int(_number(text_of(find(encoder, "Resolution", "Height")))),
        _number(text_of(find(encoder, "RateControl", "FrameRateLimit"))),
    )


def _number(text: str) -> float:
    return float(text) if re.fullmatch(r"\d{1,9}(?:\.\d{1,6})?", text) else 0.0


def stream_path(body: bytes, key: str = "stream") -> tuple[str, int | None]:
    """Return the path and the port that GetStreamUriResponse names; "" where it names none."""
    address = text_of(find_anywhere(expect(body, key), "Uri"))
    if not address or any(character.isspace() or ord(character) < 32 for character in address):
        return "", None
    return path_of(address).replace("&amp;", "&")[:1024], _port(address, "rtsp")


def hardware_addresses(body: bytes, key: str = "interfaces") -> list[str]:
    """Return the hardware addresses of GetNetworkInterfacesResponse."""
    entries = children(expect(body, key), "NetworkInterfaces")
    found = (text_of(find_anywhere(entry, "HwAddress")).lower() for entry in entries)
    return [address for address in found if re.fullmatch(r"[0-9a-f:.-]{11,23}", address)]
