"""HTTP and XML as cameras send them (protocol notes, lines 1, 2 and 23): odd bytes are no broken camera."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest
from peers.hostile import answering, attacking, saying_and_closing
from quirks.shapes import NAMESPACES, SOAP_12, clock, date_time, http, information, onvif, reply
from talks import device, findings, probe, said

from monitor.core.verdict import Rung


def with_head(*lines: str) -> Callable[[bytes], bytes]:
    """Return an answer with these lines for a head; ``{n}`` is the body's length."""
    return lambda _: (
        "".join(f"{line}\r\n" for line in lines).replace("{n}", str(len(clock()))).encode() + b"\r\n" + clock().encode()
    )


OK = "HTTP/1.1 200 OK"
#: Heads that other clients refuse.
HEADS = {
    "a blank before the colon": with_head(OK, "X-Frame-Options : SAMEORIGIN", "Content-Length : {n}"),
    "a line without a name": with_head("HTTP/1.0 200 OK", "Tue, 12 Jun 2012 01:56:34 GMT", "Content-Length: {n}"),
    "a line without a colon": with_head(OK, "Pragma no-cache", "Content-Length: {n}"),
    "a colon alone": with_head(OK, ": nobody", "Content-Length: {n}"),
    "the length twice": with_head(OK, "Content-Length: {n}", "Content-Length: {n}"),
    "the length twice in a line": with_head(OK, "Content-Length: {n}, {n}"),
    "a length of nothing, then a length": with_head(OK, "Content-Length:", "Content-Length: {n}"),
    "no reason": with_head("HTTP/1.1 200", "Content-Length: {n}"),
    "small letters": with_head("http/1.1 200 ok", "content-length: {n}"),
    "a version of its own": with_head("HTTP/2 200 OK", "Content-Length: {n}"),
    "bytes that are no ASCII": with_head(OK, "Server: \u00e9\u00a7", "Content-Length: {n}"),
    "control characters": with_head(OK, "Server: \x01\x02", "Content-Length: {n}"),
    "a folded line": with_head(OK, "Server: a", "  b", "Content-Length: {n}"),
    "an interim reply first": with_head("HTTP/1.1 100 Continue", "", OK, "Content-Length: {n}"),
    "line ends of Unix": lambda _: with_head(OK, "Content-Length: {n}")(b"").replace(b"\r\n", b"\n"),
    "an empty line first": lambda _: b"\r\n" + with_head(OK, "Content-Length: {n}")(b""),
    "a byte too much": lambda _: with_head(OK, "Connection: close", "Content-Length: {n}")(b"") + b"\0",
    "a line end too much": lambda _: with_head(OK, "Content-Length: {n}")(b"") + b"\r\n\r\n",
    "a length of characters": lambda _: http_counted_in_characters(),
}  # fmt: skip


def http_counted_in_characters() -> bytes:
    """Return a reply whose Content-Length counts characters where it should count bytes."""
    body = clock().replace(
        "<tt:DateTimeType>", "<tt:Name>\u5357\u95e8\u76d1\u63a7\u6444\u50cf\u673a</tt:Name><tt:DateTimeType>"
    )
    return f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body.encode()


@pytest.mark.parametrize("shape", HEADS)
async def test_line_1_malformed_http_is_no_400(shape: str) -> None:
    """What a person would understand is understood: the service answers and its clock is read."""
    changes = {"GetSystemDateAndTime": HEADS[shape]}
    async with attacking(answering(onvif(changes))) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}))
    assert said(result)["control"] == "ok"
    assert said(result)["clock"] == "ok"
    assert said(result)["credentials"] == "n/a"


async def test_line_1_what_is_no_http_is_protocol() -> None:
    """Bytes that are no HTTP even so are a reason of their own, not the device's "400"."""
    async with attacking(saying_and_closing(b"RTSP/1.0 400 Bad Request\r\n\r\n")) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}))
    assert said(result) == {"reachable": "ok", "control": "fail protocol"}
    async with attacking(answering(lambda _: http(b"", "400 Bad Request"))) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}))
    assert findings(result)[Rung.CONTROL].detail == "HTTP 400 Bad Request"


@pytest.mark.parametrize("missing", [1, 48])
@pytest.mark.parametrize("closes", [True, False])
async def test_line_2_a_length_longer_than_the_body(missing: int, closes: bool) -> None:
    """A device that announces more than it sends is read to what it sent, whether it then closes or falls silent."""
    body = clock().encode()
    data = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body) + missing}\r\n\r\n".encode() + body

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"</s:Envelope>")
        writer.write(data)
        if closes:
            writer.write_eof()
        await reader.read()

    async with attacking(handle) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}))
    assert (said(result)["control"], said(result)["clock"]) == ("ok", "ok")


async def test_line_2_chunks_without_an_end() -> None:
    """Chunks whose last one never comes are read to what came."""
    body = clock().encode()
    data = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"%x\r\n" % len(body) + body + b"\r\n"
    async with attacking(saying_and_closing(data)) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}))
    assert said(result)["clock"] == "ok"


def plain(inner: str, declaration: str = "") -> str:
    """Return GetSystemDateAndTimeResponse with the time of now, in a shape of its own."""
    return declaration + inner.replace("{utc}", date_time("UTCDateTime", time.time()))


BARE = (
    "<SOAP-ENV:Envelope                         ><SOAP-ENV:Body><tds:GetSystemDateAndTimeResponse>"
    "<tds:SystemDateAndTime>{utc}</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse></SOAP-ENV:Body></SOAP-ENV:Envelope>"
)
WHOLE = (
    f'<env:Envelope xmlns:env="{SOAP_12}" xmlns:tds="{NAMESPACES["tds"]}" xmlns:tt="{NAMESPACES["tt"]}"><env:Header/><env:Body>'
    "<tds:GetSystemDateAndTimeResponse>{x}<tds:SystemDateAndTime>{utc}</tds:SystemDateAndTime>"
    "</tds:GetSystemDateAndTimeResponse></env:Body></env:Envelope>"
)


def multipart(body: str) -> bytes:
    """Return an answer as SOAP with attachments is sent (MTOM): the envelope is the first part."""
    head = 'Content-Type: application/xop+xml; type="application/soap+xml"\r\nContent-ID: <root@device>\r\n\r\n'
    attached = "Content-Type: image/x\r\nContent-ID: <a@device>\r\n\r\n<>\1\r\n--part--\r\n"
    return f"--part\r\n{head}{body}\r\n--part\r\n{attached}".encode()


#: Bodies that a strict reader of XML refuses, or loses something of.
BODIES: dict[str, Callable[[], bytes]] = {
    "no namespace is declared": lambda: plain(BARE).encode(),
    "a prefix of another branch": lambda: plain(WHOLE.replace("{x}", '<a xmlns:b="urn:b"/><b:c/>')).encode(),
    "a namespace with a line break": lambda: plain(WHOLE.replace("{x}", "").replace('="http', '="\nhttp')).encode(),
    "NULs behind it": lambda: plain(WHOLE.replace("{x}", "")).encode() + b"\0\0\0",
    "text behind it": lambda: plain(WHOLE.replace("{x}", "")).encode() + b"\r\nOK\x1a",
    "text before it": lambda: b"\r\n7a3\r\n" + plain(WHOLE.replace("{x}", "")).encode(),
    "an order mark": lambda: b"\xef\xbb\xbf" + plain(WHOLE.replace("{x}", ""), '<?xml version="1.0" encoding="utf-8"?>').encode(),
    "bytes that are no UTF-8": lambda: plain(WHOLE.replace("{x}", "<tds:N>?</tds:N>")).encode().replace(b"?", b"\xc4\xcf\xff"),
    "an encoding that it is not": lambda: plain(WHOLE.replace("{x}", ""), '<?xml version="1.0" encoding="utf-16"?>').encode(),
    "UTF-16 without an order mark": lambda: plain(WHOLE.replace("{x}", ""), '<?xml version="1.0" encoding="utf-16"?>').encode("utf-16-le"),
    "UTF-16, the other way round": lambda: plain(WHOLE.replace("{x}", "")).encode("utf-16-be"),
    "a part of several": lambda: multipart(plain(WHOLE.replace("{x}", ""))),
    "XML of version 1.1": lambda: plain(WHOLE.replace("{x}", ""), '<?xml version="1.1" encoding="UTF-8"?>').encode(),
    "a bare ampersand": lambda: plain(WHOLE.replace("{x}", "<tds:N>a&b=1 & c</tds:N>")).encode(),
    "an entity of HTML": lambda: plain(WHOLE.replace("{x}", "<tds:N>a&nbsp;b</tds:N>")).encode(),
    "a reference to a control character": lambda: plain(WHOLE.replace("{x}", "<tds:N>&#0;&#x1f;</tds:N>")).encode(),
    "a control character": lambda: plain(WHOLE.replace("{x}", "<tds:N>\x02</tds:N>")).encode(),
    "white space in every element": lambda: plain(WHOLE.replace("{x}", "")).replace(">", ">\n  ").replace("</", "\n </").encode(),
    "the default namespace everywhere": lambda: reply("GetSystemDateAndTime", "{utc}")
    .replace("{utc}", date_time("UTCDateTime", time.time())).replace("tds:", "").replace("tt:", "").encode(),
    "another prefix in the closing case": lambda: plain(WHOLE.replace("{x}", "<!-- tds --><?php?>")).encode(),
}  # fmt: skip


@pytest.mark.parametrize("shape", BODIES)
async def test_line_23_a_body_in_an_odd_shape(shape: str) -> None:
    """Undeclared prefixes, stray bytes, bare ampersands: the time is read all the same."""
    async with attacking(answering(onvif({"GetSystemDateAndTime": lambda _: http(BODIES[shape]())}))) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}))
    assert (said(result)["control"], said(result)["clock"]) == ("ok", "ok")


#: What a device tells of its clock; the expected outcome.
def moments(**parts: int) -> str:
    told = {"Hour": 0, "Minute": 0, "Second": 0, "Year": 2024, "Month": 8, "Day": 17} | parts
    inner = "".join(f"<tt:{name}>{value}</tt:{name}>" for name, value in told.items())
    return f"<tt:UTCDateTime>{inner}</tt:UTCDateTime>"


def local(offset_s: float, zone: str | None) -> str:
    named = f"<tt:TimeZone><tt:TZ>{zone}</tt:TZ></tt:TimeZone>" if zone is not None else ""
    return "<tt:DateTimeType>Manual</tt:DateTimeType>" + named + date_time("LocalDateTime", time.time() + offset_s)


CLOCKS: dict[str, tuple[Callable[[], str], str]] = {
    "24:00:00": (lambda: moments(Hour=24), "fail clock"),
    "minute 61": (lambda: moments(Minute=61, Second=16), "fail clock"),
    "the year 0": (lambda: moments(Year=0, Month=0, Day=0), "fail clock"),
    "1970": (lambda: moments(Year=1970, Month=1, Day=1), "fail clock"),
    "2106": (lambda: moments(Year=2106, Month=2, Day=7), "fail clock"),
    "local time at POSIX's CST-8": (lambda: local(8 * 3600, "CST-8"), "ok"),
    "local time at CST+8:00:00": (lambda: local(-8 * 3600, "CST+8:00:00"), "ok"),
    "local time at UTC5:0": (lambda: local(-5 * 3600, "UTC5:0"), "ok"),
    "local time at UTC-1:0": (lambda: local(3600, "UTC-1:0"), "ok"),
    "local time at <+03>-3": (lambda: local(3 * 3600, "&lt;+03&gt;-3"), "ok"),
    "local time at GMT+05:30": (lambda: local(-5.5 * 3600, "GMT+05:30"), "ok"),
    "local time without a zone": (lambda: local(-1e9, None), "n/a"),
    "local time of an unknown zone": (lambda: local(0, "Asia/Karachi"), "n/a"),
    "no time at all": (lambda: "<tt:DateTimeType>NTP</tt:DateTimeType>", "n/a"),
    "an empty UTC, and local time": (lambda: "<tt:UTCDateTime/>" + local(3600, "CET-1"), "ok"),
    "UTC and an absurd zone": (lambda: "<tt:TimeZone><tt:TZ>;;;</tt:TZ></tt:TimeZone>" + date_time("UTCDateTime", time.time()), "ok"),
    "the date before the time": (lambda: date_time("UTCDateTime", time.time()), "ok"),
}  # fmt: skip


@pytest.mark.parametrize("shape", CLOCKS)
async def test_line_23_odd_times_and_zones(shape: str) -> None:
    """Times that can mean something are used, and where nobody can say what a clock shows it is not judged."""
    told, expected = CLOCKS[shape]
    async with attacking(answering(onvif({"GetSystemDateAndTime": lambda _: http(clock(told()))}))) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}))
    assert said(result)["control"] == "ok"
    assert said(result)["clock"] == expected


@pytest.mark.parametrize("maker", ["", "ONVIF", "NONE", "\u6d77\u5eb7\u5a01\u89c6", "A &amp; B"])
async def test_line_23_a_maker_of_no_name(maker: str) -> None:
    """Whatever a maker calls itself, the device is known by it, and nothing fails."""
    async with attacking(answering(onvif({"GetDeviceInformation": information(maker=maker)}))) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}))
    assert result.verdict.measurements.get("manufacturer", "") == maker.replace("&amp;", "&")
    assert "fail" not in " ".join(said(result).values())
