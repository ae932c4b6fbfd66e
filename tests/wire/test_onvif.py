"""ONVIF replies read into values."""

from __future__ import annotations

import pytest

from monitor.wire import onvif, soap
from monitor.wire.channels import by_channel


def reply(key: str, inner: str) -> bytes:
    name = soap.OPERATIONS[key].name + "Response"
    return f'<s:Envelope xmlns:s="x" xmlns:t="y"><s:Body><t:{name}>{inner}</t:{name}></s:Body></s:Envelope>'.encode()


def moment(kind: str, year: int, month: int, day: int, hour: int, minute: int, second: int) -> str:
    return (
        f"<t:{kind}><t:Time><t:Hour>{hour}</t:Hour><t:Minute> {minute} </t:Minute><t:Second>{second}</t:Second></t:Time>"
        f"<t:Date><t:Year>{year}</t:Year><t:Month>{month}</t:Month><t:Day>{day}</t:Day></t:Date></t:{kind}>"
    )


TIMES = {
    "plain": (moment("UTCDateTime", 2026, 1, 13, 18, 40, 40), 1768329640),
    "epoch": (moment("UTCDateTime", 1970, 1, 1, 0, 0, 0), 0),
    "24:00:00": (moment("UTCDateTime", 2026, 1, 13, 24, 0, 0), 1768348800),
    "minute 61": (moment("UTCDateTime", 2024, 8, 17, 0, 61, 16), 1723856476),
    "second 60": (moment("UTCDateTime", 2016, 12, 31, 23, 59, 60), 1483228800),
    "0000-00-00": (moment("UTCDateTime", 0, 0, 0, 0, 0, 0), None),
    "31 February": (moment("UTCDateTime", 2026, 2, 31, 0, 0, 0), None),
    "year 9999": (moment("UTCDateTime", 9999, 12, 31, 24, 0, 0), None),
    "hour 99": (moment("UTCDateTime", 2026, 1, 1, 99, 0, 0), None),
    "nothing": ("", None),
    "local with a zone": (
        "<t:TimeZone><t:TZ>CST-8</t:TZ></t:TimeZone>" + moment("LocalDateTime", 2026, 1, 14, 2, 40, 40),
        1768329640,
    ),
    "local without a zone": (moment("LocalDateTime", 2026, 1, 14, 2, 40, 40), None),
}


@pytest.mark.parametrize(("inner", "utc"), TIMES.values(), ids=TIMES.keys())
def test_a_devices_time(inner: str, utc: float | None) -> None:
    """Absurd times are carried over where they can mean something, and none where they cannot."""
    assert onvif.device_time(reply("time", inner)).utc == utc


ZONES = {
    "CST-8": 28800,
    "CST+8:00:00": -28800,
    "UTC5:0": -18000,
    "UTC-1:0": 3600,
    "UTC": 0,
    "UTC5UTC": -18000,
    "UTC+5:00:00DST+4:00:00,M3.2.0/02:00:00,M11.1.0/02:00:00": -18000,
    "<+0530>-5:30": 19800,
    "": None,
    "?": None,
}


@pytest.mark.parametrize(("zone", "offset"), ZONES.items())
def test_a_posix_zone(zone: str, offset: float | None) -> None:
    """The sign is POSIX's: what is added to local time to get UTC."""
    assert onvif.zone_offset_s(zone) == offset


def test_device_information_with_missing_fields() -> None:
    """A missing model and an empty maker are empty; a text of a megabyte is cut."""
    read = onvif.device_information(
        reply("information", f"<t:Manufacturer/><t:SerialNumber>{'9' * 100000}</t:SerialNumber>")
    )
    assert (read.manufacturer, read.model, len(read.serial)) == ("", "", 128)


def test_services_keep_only_path_and_port() -> None:
    """Several addresses in one text, foreign hosts, and a port twice."""
    read = onvif.services(
        reply(
            "services",
            "<t:Service><t:Namespace>http://www.onvif.org/ver10/media/wsdl</t:Namespace>"
            "<t:XAddr> http://10.0.0.1:8106:8106/onvif/Media https://10.0.0.1/onvif/Media </t:XAddr></t:Service>"
            "<t:Service><t:Namespace>other</t:Namespace><t:XAddr>http://169.254.169.254/latest</t:XAddr></t:Service>"
            "<t:Service><t:Namespace>none</t:Namespace><t:XAddr/></t:Service>",
        )
    )
    assert read == {
        soap.MEDIA: onvif.Service("/onvif/Media", 8106),
        "other": onvif.Service("/latest", None),
    }


def test_capabilities_serve_where_services_do_not() -> None:
    """GetCapabilities names the media service too."""
    read = onvif.services(
        reply("capabilities", "<t:Capabilities><t:Media><t:XAddr>http://h/m</t:XAddr></t:Media></t:Capabilities>"),
        "capabilities",
    )
    assert read == {soap.MEDIA: onvif.Service("/m", None)}


def media1(token: str, source: str, encoding: str, width: int, height: int) -> str:
    return (
        f'<t:Profiles token="{token}"><t:VideoSourceConfiguration><t:SourceToken>{source}</t:SourceToken>'
        f"</t:VideoSourceConfiguration><t:VideoEncoderConfiguration><t:Encoding>{encoding}</t:Encoding><t:Resolution>"
        f"<t:Width>{width}</t:Width><t:Height>{height}</t:Height></t:Resolution></t:VideoEncoderConfiguration></t:Profiles>"
    )


def test_the_smallest_stream_of_each_source_is_chosen() -> None:
    """Sources in the device's order; JPEG only where there is nothing else; a profile without video is left out."""
    read = onvif.profiles(
        reply(
            "profiles",
            media1("main", "v1", "H264", 1920, 1080)
            + media1("jpeg", "v1", "JPEG", 160, 90)
            + media1("sub", "v1", "H264", 640, 360)
            + media1("two", "v2", "H265", 0, 0)
            + '<t:Profiles token="empty"/>',
        )
    )
    first = {channel: found[0].token for channel, found in by_channel(read).items()}
    assert first == {1: "sub", 2: "two"}


def test_profiles_of_media2() -> None:
    """Configurations hold encoder and source there."""
    (profile,) = onvif.profiles(
        reply(
            "profiles",
            '<t:Profiles token="p"><t:Name>x</t:Name><t:Configurations><t:VideoSource><t:SourceToken>v</t:SourceToken></t:VideoSource>'
            "<t:VideoEncoder><t:Encoding>H265</t:Encoding><t:Resolution><t:Width>640</t:Width><t:Height>360</t:Height>"
            "</t:Resolution><t:RateControl><t:FrameRateLimit>12.5</t:FrameRateLimit></t:RateControl></t:VideoEncoder>"
            "</t:Configurations></t:Profiles>",
        )
    )
    assert profile == onvif.Profile("p", "v", "H265", 640, 360, 12.5)


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("rtsp://192.168.2.57/rtsp_tunnel?p=0&amp;h26x=4", ("/rtsp_tunnel?p=0&h26x=4", None)),
        ("rtsp://10.0.0.1:8554/a", ("/a", 8554)),
        ("rtsp://10.0.0.1/a\n b", ("", None)),
        ("", ("", None)),
    ],
)
def test_a_streams_path(uri: str, expected: tuple[str, int | None]) -> None:
    """Path and query of GetStreamUri; nothing where it holds a line break."""
    assert onvif.stream_path(reply("stream", f"<t:MediaUri><t:Uri>{uri}</t:Uri></t:MediaUri>")) == expected


def test_hardware_addresses() -> None:
    """Only what looks like one."""
    entry = "<t:NetworkInterfaces><t:Info><t:HwAddress>{}</t:HwAddress></t:Info></t:NetworkInterfaces>"
    read = onvif.hardware_addresses(
        reply("interfaces", entry.format("AC:CC:8E:01:02:03") + entry.format("<t:x/>") + entry.format("'; --"))
    )
    assert read == ["ac:cc:8e:01:02:03"]
