"""What 256 KB of the worst can cost: no reply keeps the loop from other devices for long."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from effort import effort_s
from peers.hostile import soap as reply

from monitor.probes.transcript import redact
from monitor.wire import auth, http, onvif, rtsp, sdp
from monitor.wire.errors import MOST_BODY_BYTES, WireError

SIZE = MOST_BODY_BYTES
#: Many times what it takes, in seconds of the usual machine; each of these took seconds, or grows with the square, where a bound is missing.
MOST_CPU_S = 0.25
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def over_http(block: bytes, first: bytes = b"") -> Callable[[], object]:
    data = first + block * (SIZE // len(block))

    def read() -> None:
        reader = http.ResponseReader()
        reader.feed(data)
        while reader.next() is not None:
            pass

    return read


def over_rtsp(block: bytes) -> Callable[[], object]:
    data = block * (SIZE // len(block))

    def read() -> None:
        reader = rtsp.RtspReader()
        reader.feed(data)
        while reader.next() is not None:
            pass

    return read


def told(name: str, inner: bytes, read: Callable[[bytes], object]) -> Callable[[], object]:
    body = reply(name, inner)
    assert len(body) <= SIZE
    return lambda: read(body)


WORST: dict[str, Callable[[], object]] = {
    "interim replies": over_http(b"HTTP/1.1 100 Continue\r\n\r\n"),
    "empty replies": over_http(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    "empty lines": over_http(b"\r\n"),
    "chunks of one byte": over_http(b"1\r\nA\r\n", CHUNKED),
    "RTSP replies": over_rtsp(b"RTSP/1.0 200 OK\n\n"),
    "RTSP requests": over_rtsp(b"OPTIONS * RTSP/1.0\r\n\r\n"),
    "RTSP half requests": over_rtsp(b"OPTIONS "),
    "RTSP empty lines": over_rtsp(b"\n"),
    "RTSP NULs": over_rtsp(b"\0"),
    "empty frames": over_rtsp(b"$\0\0\0"),
    "elements": told("GetSystemDateAndTime", b"<a/>" * 60_000, onvif.device_time),
    "elements in a date": told(
        "GetSystemDateAndTime", b"<UTCDateTime>" + b"<a/>" * 60_000 + b"</UTCDateTime>", onvif.device_time
    ),
    "undeclared prefixes": told("GetSystemDateAndTime", b"<q:a/>" * 40_000, onvif.device_time),
    "services": told("GetServices", b"<Service/>" * 24_000, onvif.services),
    "profiles": told("GetProfiles", b"<Profiles token='a'/>" * 11_000, onvif.profiles),
    "wide profiles": told(
        "GetProfiles", (b"<Profiles token='a'><b/>" + b"<x/>" * 200 + b"</Profiles>") * 300, onvif.profiles
    ),
    "interfaces": told("GetNetworkInterfaces", b"<NetworkInterfaces/>" * 12_000, onvif.hardware_addresses),
    "an address": lambda: rtsp.path_of("a:1" * (SIZE // 3)),
    "an address of schemes": lambda: rtsp.path_of("rtsp://" * (SIZE // 7)),
    "a description of lines": lambda: sdp.parse(b"v=0\n" + b"\n" * SIZE),
    "a description of maps": lambda: sdp.parse(b"v=0\nm=video 0 RTP/AVP 96\n" + b"a=rtpmap:97 a/1\n" * (SIZE // 16)),
    "a challenge of letters": lambda: auth.parse_challenges(["Digest " + "a" * 32_000]),
    "a challenge of quotes": lambda: auth.parse_challenges(["Digest " + 'a="' * 10_000]),
    "a challenge of escapes": lambda: auth.parse_challenges(['Digest a="' + "\\" * 32_000]),
    "a challenge of spaces": lambda: auth.parse_challenges(["Digest " + ("a" * 32 + " " * 900) * 34]),
    "a message of addresses": lambda: redact("http://" * 600),
    "a message of elements": lambda: redact("<Password" * 450),
}


@pytest.mark.parametrize("name", WORST)
def test_the_worst_costs_little(name: str) -> None:
    """Reading 256 KB of this takes a moment of the processor, whether it is refused or read."""

    def read() -> None:
        with suppress(WireError):
            WORST[name]()

    assert effort_s(read, MOST_CPU_S) < MOST_CPU_S
