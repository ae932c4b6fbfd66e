"""The makes of the city: their models and firmware, the paths of their services and streams, how they let one in.

The facts are those of real devices; the manners of one protocol (SDP shapes, envelopes, SNMP trees) stand with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

#: How a device lets ONVIF clients in: a WS-UsernameToken in the envelope, or HTTP Digest with these algorithms.
TOKEN = "UsernameToken"  # noqa: S105 - a name, no secret
MD5 = "MD5"
SHA256 = "SHA-256"


@dataclass(frozen=True, slots=True)
class Model:
    """A product: its firmware versions, what it is, and which of ONVIF's media services it has."""

    name: str
    firmware: tuple[str, ...]
    hardware: str = "1.0"
    kind: str = "camera"
    """camera, head (several sensors), encoder or recorder."""
    media: tuple[str, ...] = ("media", "media2")
    auth: tuple[str, ...] = ()
    """Replaces the make's ``auth`` where a model differs."""


@dataclass(frozen=True, slots=True)
class Make:
    """A manufacturer as the city has it. ``share`` is its weight among the city's sites."""

    name: str
    manufacturer: str
    share: float
    models: tuple[Model, ...]
    oui: str
    auth: tuple[str, ...]
    paths: Mapping[str, str]
    """ONVIF service to the path it is served on; ``device`` is the fixed entry path for all of them."""
    streams: tuple[str, str]
    """The paths of the main and the sub-stream; ``{c}`` is the channel, ``{c:02}`` with a leading zero."""
    profiles: tuple[str, str]
    """The profile tokens of the main and the sub-stream, in the same manner; ``{z}`` counts from 0."""
    timezone: str = "GMT-05:00"
    second_port: bool = False
    """True where ONVIF is on the make's own port, not on the common one."""
    token_window_s: float | None = 10.0
    """How far a token's Created may be from the device's clock; None: any time will do."""
    tells_settings: bool = True
    """False where hardly any settings are told: no protocols, no NTP, no DNS, no storage."""
    records: bool = False
    """True where its devices record themselves and tell it (Profile G); recorders of any make do."""
    lists_services: bool = True
    """False where GetServices is not implemented and only GetCapabilities tells the addresses."""

    def models_of(self, kind: str) -> tuple[Model, ...]:
        return tuple(model for model in self.models if model.kind == kind)


def service_paths(media: str, media2: str) -> dict[str, str]:
    paths = {"device": "/onvif/device_service", "media": media, "media2": media2}
    return {**paths, "recording": "/onvif/recording_service"}


AXIS = Make(
    name="axis",
    manufacturer="AXIS",
    share=0.22,
    oui="B8A44F",
    auth=(TOKEN,),
    paths=service_paths("/onvif/services", "/onvif/services"),
    streams=(
        "/onvif-media/media.amp?profile=profile_{c}_h264&sessiontimeout=60&streamtype=unicast",
        "/onvif-media/media.amp?profile=profile_{c}_h264_sub&sessiontimeout=60&streamtype=unicast",
    ),
    profiles=("profile_{c}_h264", "profile_{c}_h264_sub"),
    timezone="PKT-5",
    records=True,
    models=(
        Model("P3245-LVE", ("9.80.55", "10.12.240"), "7A5"),
        Model("P1455-LE", ("10.12.240", "11.11.73"), "9A1"),
        Model("Q6075-E", ("11.11.73", "12.10.68"), "92F"),
        Model("Q1656-LE", ("12.10.68",), "900", media=("media2",)),
        Model("P3719-PLE", ("10.12.240", "11.11.73"), "76C", kind="head"),
        Model("M7016", ("9.80.55", "10.12.240"), "1FE", kind="encoder"),
    ),
)

HIKVISION = Make(
    name="hikvision",
    manufacturer="HIKVISION",
    share=0.28,
    oui="4CBD8F",
    auth=(TOKEN, MD5),
    paths=service_paths("/onvif/Media", "/onvif/Media2"),
    streams=(
        "/Streaming/Channels/{c}01?transportmode=unicast&profile=Profile_{c}01",
        "/Streaming/Channels/{c}02?transportmode=unicast&profile=Profile_{c}02",
    ),
    profiles=("Profile_{c}01", "Profile_{c}02"),
    timezone="CST-5:00:00",
    models=(
        Model("DS-2CD2185FWD-I", ("V5.5.3 build 171025", "V5.5.82 build 190220"), "88", media=("media",)),
        Model("DS-2CD2T47G2-L", ("V5.7.3 build 220112", "V5.7.12 build 220819"), "88"),
        Model("DS-2DE4425IW-DE", ("V5.6.11 build 190403",), "88"),
        Model("DS-2CD3786G2-IZS", ("V5.8.4 build 240613",), "88", auth=(SHA256, MD5)),
        Model("DS-7616NI-K2", ("V4.30.085 build 200916", "V4.62.210 build 230619"), "88", kind="recorder"),
    ),
)

DAHUA = Make(
    name="dahua",
    manufacturer="Dahua",
    share=0.24,
    oui="3CEF8C",
    auth=(TOKEN, MD5),
    paths=service_paths("/onvif/media_service", "/onvif/media2_service"),
    streams=(
        "/cam/realmonitor?channel={c}&subtype=0&unicast=true&proto=Onvif",
        "/cam/realmonitor?channel={c}&subtype=1&unicast=true&proto=Onvif",
    ),
    profiles=("MediaProfile{z}00", "MediaProfile{z}01"),
    timezone="GMT+05:00",
    models=(
        Model("DH-IPC-HFW2431S-S-S2", ("2.800.0000000.29.R,build:2021-09-17",), "1.00"),
        Model("DH-IPC-HDBW2449E-S-IL", ("2.840.0000000.9.R,build:2022-11-11",), "1.00"),
        Model("DH-SD49225XA-HNR", ("2.812.0000000.8.R,build:2021-12-15",), "1.00", media=("media",)),
        Model("DH-IPC-HFW5449T1-ZE-LED", ("3.140.0000000.21.R,build:2024-05-30",), "1.00", media=("media2",)),
        Model("DH-NVR4116HS-8P-4KS2", ("4.003.0000000.1.R,build:2022-06-29",), "1.00", kind="recorder"),
    ),
)

BOSCH = Make(
    name="bosch",
    manufacturer="Bosch",
    share=0.10,
    oui="00075F",
    auth=(TOKEN, SHA256, MD5),
    paths=service_paths("/onvif/media_service", "/onvif/media2_service"),
    streams=("/rtsp_tunnel?p=0&line={c}&inst=1&h26x=4", "/rtsp_tunnel?p=1&line={c}&inst=2&h26x=4"),
    profiles=("{z}0", "{z}1"),
    timezone="UTC5:0",
    token_window_s=None,
    records=True,
    models=(
        Model("DINION IP starlight 7000 HD", ("6.50.0133", "6.61.0021"), "F0006D42", media=("media",)),
        Model("AUTODOME IP starlight 5000i", ("7.80.0128", "7.87.0031"), "F0009A43"),
        Model("FLEXIDOME IP starlight 8000i", ("8.71.0066",), "F000B943", auth=(SHA256, MD5)),
        Model("VIDEOJET multi 4000", ("6.51.0026",), "F0004A20", kind="encoder", media=("media",)),
    ),
)

REOLINK = Make(
    name="reolink",
    manufacturer="REOLINK",
    share=0.08,
    oui="EC71DB",
    auth=(TOKEN,),
    paths=service_paths("/onvif/media_service", "/onvif/media2_service"),
    streams=("/Preview_{c:02}_main", "/Preview_{c:02}_sub"),
    profiles=("{z:02}0", "{z:02}1"),
    timezone="CST-5:00:00",
    second_port=True,
    models=(
        Model("RLC-510A", ("v3.0.0.494_21090117",), "IPC_523128M5MP", media=("media",)),
        Model("RLC-811A", ("v3.1.0.989_22081603",), "IPC_523B18D8MP", media=("media",)),
        Model("Reolink TrackMix PoE", ("v3.0.0.3215_2401262236",), "IPC_529SD78MP"),
    ),
)

NONAME = Make(
    name="noname",
    manufacturer="ONVIF",
    share=0.08,
    oui="00121E",
    auth=(TOKEN,),
    paths=service_paths("/onvif/media", "/onvif/media2"),
    streams=("/stream1", "/stream2"),
    profiles=("profile_cam{c}_stream1", "profile_cam{c}_stream2"),
    timezone="UTC-5",
    tells_settings=False,
    lists_services=False,
    models=(
        Model("IPC-C9F0SeZ3N0PbL0", ("V13.1.48.16.3-20200320",), "", media=("media",)),
        Model("HI3516EV200_50H20AI", ("000699B2_2019-08-06",), "00001", media=("media",)),
    ),
)

MAKES: Mapping[str, Make] = {make.name: make for make in (AXIS, HIKVISION, DAHUA, BOSCH, REOLINK, NONAME)}

DIGITS, LETTERS, HEX = "0123456789", "ABCDEFGHJKLMNPQRSTUVWXYZ", "0123456789ABCDEF"


def pick(rng: Random, alphabet: str, length: int) -> str:
    return "".join(rng.choices(alphabet, k=length))


def mac_address(rng: Random, make: Make) -> str:
    """Twelve hexadecimal digits, the maker's own prefix first."""
    return make.oui + pick(rng, HEX, 6)


def serial_number(rng: Random, make: Make, model: Model, mac: str) -> str:
    """A serial number in the shape that the make gives its devices."""
    shapes: Mapping[str, Sequence[str]] = {
        "axis": (mac,),
        "hikvision": (model.name, f"20{rng.randint(15, 24)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}", "AAWR",
                      pick(rng, LETTERS, 1), pick(rng, DIGITS, 8)),
        "dahua": (pick(rng, DIGITS, 1), pick(rng, LETTERS, 1), "00", pick(rng, HEX, 3), "PA", pick(rng, LETTERS, 1),
                  pick(rng, HEX, 5)),
        "bosch": ("0445", pick(rng, DIGITS, 14)),
        "reolink": (pick(rng, DIGITS, 10),),
        "noname": (pick(rng, HEX.lower(), 16),),
    }  # fmt: skip
    return "".join(shapes[make.name])
