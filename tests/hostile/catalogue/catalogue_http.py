"""H1 to H17: HTTP and what stands in ONVIF's replies beside XML."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import zlib
from collections.abc import Callable

from catalogue_case import Case, Rows
from peers.hostile import (
    INFORMATION,
    TIME,
    Handler,
    answering,
    closing,
    dripping,
    endless,
    envelope,
    http,
    onvif,
    saying,
    saying_and_closing,
    silent,
    soap,
)

from monitor.probes.base import Result
from monitor.probes.memory import Memory

_OK = b"HTTP/1.1 200 OK\r\n"
_CHUNKED = _OK + b"Transfer-Encoding: chunked\r\n\r\n"
_HTML = b"<!DOCTYPE html><html><head><title>Login</title></head><body>default</body></html>"
_BOMB = gzip.compress(bytes(16 << 20), 9)
_GZIP = "Content-Encoding: gzip\r\n"
_BASIC = 'WWW-Authenticate: Basic realm="r"\r\n'
_DIGEST = Memory(scheme="digest")
_serial = itertools.count()
_GOOD = {"control": "ok", "credentials": "n/a"}


def resetting(first: bytes) -> Handler:
    """Answer a part and reset the connection."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        writer.write(first)
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.transport.abort()

    return handle


def dripping_body(before: bytes) -> Handler:
    """Send a head and the beginning of a body at once, and the rest one byte at a time for ever."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        writer.write(before)
        while True:
            await writer.drain()
            await asyncio.sleep(0.02)
            writer.write(b" ")

    return handle


def challenging(fields: Callable[[], str], accepted: bool = True) -> Handler:
    """Tell the time to everybody and the rest to those who log in, as these fields ask for it."""

    def answer(asked: bytes) -> bytes:
        if b"GetSystemDateAndTime" in asked:
            return http(TIME)
        if b"Authorization:" in asked and accepted:
            return onvif()(asked)
        return http(b"", "401 Unauthorized", fields())

    return answering(answer)


def digest(more: str = "", nonce: str = "n0nce", realm: str = "r", accepted: bool = True) -> Handler:
    return challenging(lambda: f'WWW-Authenticate: Digest realm="{realm}", nonce="{nonce}"{more}\r\n', accepted)


def redirecting(location: str) -> Case:
    return Case(
        named=lambda port: saying(http(b"", "302 Found", f"Location: {location.format(port=port)}\r\n")),
        said={"control": "fail redirect"},
        detail="HTTP 302 to ",
    )


_PROFILES = http(
    soap(
        "GetProfiles",
        b'<Profiles token="p"><VideoSourceConfiguration><SourceToken>s</SourceToken></VideoSourceConfiguration>'
        b"<VideoEncoderConfiguration><Encoding>H264</Encoding></VideoEncoderConfiguration></Profiles>",
    )
)


def naming(service: str, stream: str = "rtsp://127.0.0.1/s") -> Callable[[int], Handler]:
    """A device whose media service and stream are said to be at these addresses."""

    def named(port: int) -> Handler:
        place = service.format(port=port).encode()
        entry = (
            b"<Service><Namespace>http://www.onvif.org/ver10/media/wsdl</Namespace><XAddr>%b</XAddr></Service>" % place
        )
        uri = b"<MediaUri><Uri>%b</Uri></MediaUri>" % stream.format(port=port).encode()
        changes = {"GetServices": http(soap("GetServices", entry)), "GetStreamUri": http(soap("GetStreamUri", uri))}
        return answering(onvif({**changes, "GetProfiles": _PROFILES}))

    return named


def stream_is(path: str) -> Callable[[Result], bool]:
    return lambda result: result.learnt.get("streams", {}).get("1", "") == path


def faulting(fault: bytes, status: str = "500 Fault") -> Handler:
    return answering(onvif({"GetSystemDateAndTime": http(envelope(fault), status)}))


_FAULT12 = b"<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text>No</s:Text></s:Reason></s:Fault>"
_FAULT11 = b"<s:Fault><faultcode>s:Client</faultcode><faultstring>No</faultstring></s:Fault>"
_UTF16 = TIME.decode().encode("utf-16")

HTTP: Rows = {
    "H1-silence": Case(silent, {"control": "fail no_reply"}, "no reply", waits=True),
    "H1-hangs up": Case(closing, {"control": "fail closed"}, "the connection ended before the reply"),
    "H2-a head by drips": Case(dripping(http(TIME)), {"control": "fail protocol"}, "the connection ended within a head", waits=True),
    "H3-a body by drips": Case(
        dripping_body(_OK + b"Content-Length: 9000\r\n\r\n<"),
        {"control": "fail protocol"},
        "not XML", waits=True,
    ),
    "H3-a body that stops": Case(
        answering(lambda asked: _OK + b"Content-Length: 500\r\n\r\n<"), {"control": "fail protocol"}, "not XML", waits=True,
    ),
    "H4-endless body": Case(endless(b"A", _OK + b"\r\n"), {"control": "fail too_large"}, "a body of over 262144 bytes"),
    "H4-99 GB announced": Case(
        saying(_OK + b"Content-Length: 99000000000\r\n\r\n"), {"control": "fail too_large"}, "a body of 99000000000",
    ),
    "H4-endless chunks": Case(
        endless(b"400\r\n" + b"A" * 1024 + b"\r\n", _CHUNKED), {"control": "fail too_large"}, "a chunked body of over",
    ),
    "H4-endless chunks of a byte": Case(
        endless(b"1\r\nA\r\n", _CHUNKED), {"control": "fail too_large"}, "over 4096 chunks",
    ),
    "H4-endless interim replies": Case(
        endless(b"HTTP/1.1 100 Continue\r\n\r\n"), {"control": "fail protocol"}, "over 8 interim replies",
    ),
    "H4-endless empty lines": Case(endless(b"\r\n"), {"control": "fail no_reply"}, "no reply", waits=True),
    "H5-gzip bomb": Case(saying(http(_BOMB, headers=_GZIP)), {"control": "fail too_large"}, "a gzip body that unpacks"),
    "H5-deflate bomb": Case(
        saying(http(zlib.compress(bytes(16 << 20), 9), headers="Content-Encoding: deflate\r\n")),
        {"control": "fail too_large"},
        "a deflate body that unpacks to over 262144 bytes",
    ),
    "H5-gzip within gzip": Case(
        saying(http(gzip.compress(_BOMB), headers=_GZIP)), {"control": "fail protocol"}, "not XML",
    ),
    "H5-gzip bomb in chunks": Case(
        saying(_OK + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % len(_BOMB) + _BOMB + b"\r\n0\r\n\r\n"),
        {"control": "fail too_large"},
        "a gzip body that unpacks",
    ),
    "H5-zstd claimed": Case(
        saying(http(TIME, headers="Content-Encoding: zstd\r\n")), {"control": "fail protocol"}, "a body in an encoding",
    ),
    "H5-br claimed": Case(
        saying(http(TIME, headers="Content-Encoding: br\r\n")), {"control": "fail protocol"}, "a body in an encoding",
    ),
    "H6-2,000 headers": Case(
        saying(_OK + b"a: b\r\n" * 2000 + b"\r\n"), {"control": "fail too_large"}, "over 256 header fields",
    ),
    "H6-64 KB header line": Case(
        saying(_OK + b"X: " + b"A" * 65536 + b"\r\n\r\n"), {"control": "fail too_large"}, "a head of over 32768 bytes",
    ),
    "H6-endless head": Case(endless(b"X-A: b\r\n", _OK), {"control": "fail too_large"}, "a head of over 32768 bytes"),
    "H6-a chunk of no size": Case(
        saying(_CHUNKED + b"xyz\r\n"), {"control": "fail protocol"}, "expected the size of a chunk",
    ),
    "H6-a chunk of 4 GB": Case(
        saying(_CHUNKED + b"FFFFFFFF\r\nA"), {"control": "fail too_large"}, "a chunked body of over 262144 bytes",
    ),
    "H6-a chunk of a negative size": Case(
        saying(_CHUNKED + b"-1\r\nA\r\n"), {"control": "fail protocol"}, "expected the size of a chunk",
    ),
    "H6-a length and chunks": Case(
        answering(onvif({"GetSystemDateAndTime": _OK + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % len(TIME) + TIME + b"\r\n0\r\n\r\n"})),
        _GOOD,
    ),
    "H6-two lengths": Case(
        answering(onvif({"GetSystemDateAndTime": http(TIME, headers="Content-Length: 3\r\n")})), _GOOD,
    ),
    "H6-a negative length": Case(
        saying_and_closing(_OK + b"Content-Length: -1\r\n\r\n" + TIME), {"control": "ok"}, logins=1,
    ),
    "H7-HTTP/0.9": Case(saying_and_closing(TIME), {"control": "fail protocol"}, "expected HTTP, got b'<s:Envelope"),
    "H7-HTTP/2": Case(saying(b"\0\0\x12\x04\0\0\0\0\0"), {"control": "fail protocol"}, "expected HTTP, got"),
    "H7-raw TLS": Case(
        saying_and_closing(b"\x15\x03\x01\x00\x02\x02\x46"), {"control": "fail protocol"}, "expected HTTP, got b'\\x15",
    ),
    "H7-RTSP": Case(
        saying(b"RTSP/1.0 400 Bad Request\r\n\r\n"), {"control": "fail protocol"}, "expected HTTP, got b'RTSP/1.0",
    ),
    "H7-SSH": Case(saying(b"SSH-2.0-dropbear\r\n"), {"control": "fail protocol"}, "expected HTTP, got b'SSH-2.0"),
    "H8-to an attacker": redirecting("http://127.0.0.9:{port}/onvif"),
    "H8-to loopback": redirecting("http://localhost:{port}/onvif"),
    "H8-to a cloud's metadata": redirecting("http://169.254.169.254/latest/meta-data"),
    "H8-to itself for ever": redirecting("/onvif/device_service"),
    "H8-to a file": redirecting("file:///etc/passwd"),
    "H8-after the login": Case(
        named=lambda port: answering(
            lambda asked: http(TIME)
            if b"GetSystemDateAndTime" in asked
            else http(b"", "307 Elsewhere", f"Location: http://127.0.0.9:{port}/\r\n")
            if b"Authorization:" in asked
            else http(b"", "401 Unauthorized", 'WWW-Authenticate: Digest realm="r", nonce="n"\r\n')
        ),
        said={"credentials": "unseen redirect"},
        logins=1,
    ),
    "H9-Basic alone": Case(challenging(lambda: _BASIC), {"control": "ok", "credentials": "unseen insecure"}),
    "H9-Basic alone where digest was": Case(
        challenging(lambda: _BASIC), {"control": "ok", "credentials": "unseen insecure"}, memory=_DIGEST,
    ),
    "H10-MD5-sess": Case(digest(', qop="auth", algorithm=MD5-sess'), {"credentials": "ok"}, logins=8),
    "H10-SHA-256-sess": Case(digest(', qop="auth", algorithm=SHA-256-sess'), {"credentials": "ok"}, logins=8),
    "H10-auth-int alone": Case(digest(', qop="auth-int"'), {"credentials": "unseen insecure"}),
    "H10-unknown algorithm": Case(digest(", algorithm=ROT13"), {"credentials": "unseen insecure"}),
    "H10-huge nonce": Case(digest(nonce="n" * 9000), {"control": "ok"}, logins=1),
    "H10-a realm of many lines": Case(digest(realm="r\r\n X: y"), {"credentials": "ok"}, logins=8),
    "H10-a realm of a bare CR": Case(digest(realm="r\rX: y"), {"control": "ok"}, logins=1),
    "H10-a new nonce each time": Case(
        challenging(lambda: f'WWW-Authenticate: Digest realm="r", nonce="n{next(_serial)}"\r\n', accepted=False),
        {"credentials": "fail credentials"},
        "HTTP 401",
        logins=1,
    ),
    "H10-stale for ever": Case(
        challenging(lambda: f'WWW-Authenticate: Digest realm="r", nonce="n{next(_serial)}", stale=true\r\n', accepted=False),
        {"credentials": "fail credentials"},
        logins=2,
    ),
    "H10-2,000 challenges": Case(
        challenging(lambda: "WWW-Authenticate: " + 'Digest realm="r", nonce="n", ' * 900 + "Negotiate\r\n"),
        {"credentials": "ok"},
        logins=8,
    ),
    "H11-a login page": Case(
        saying(http(_HTML, headers="Content-Type: text/html\r\n")), {"control": "fail protocol"}, "a reply with a document",
    ),
    "H11-XHTML": Case(
        saying(http(b"<html><body/></html>")), {"control": "fail protocol"}, "expected a SOAP envelope, got <html>",
    ),
    "H12-SOAP 1.2": Case(faulting(_FAULT12), {"control": "ok"}, "answers with a fault: Sender: No"),
    "H12-SOAP 1.1": Case(faulting(_FAULT11), {"control": "ok"}, "answers with a fault: Client: No"),
    "H12-with status 200": Case(faulting(_FAULT12, "200 OK"), {"control": "ok"}, "answers with a fault"),
    "H12-an undeclared prefix": Case(
        faulting(_FAULT12.replace(b"s:Sender", b"ter:NotAuthorized").replace(b"<s:Text>", b"<ter:x/><s:Text>")),
        {"control": "ok"},
        "wants a login even for its time",
        logins=0,
    ),
    "H12-a fault of nothing": Case(faulting(b"<s:Fault/>"), {"control": "ok"}, "answers with a fault"),
    "H12-a fault of 200 KB": Case(
        faulting(_FAULT12.replace(b"No", b"No " * 60_000)), {"control": "ok"}, "answers with a fault",
    ),
    "H13-another host": Case(named=naming("http://127.0.0.9:{port}/x"), said=_GOOD, holds=stream_is("/s")),
    "H13-a user and a password": Case(named=naming("http://u:p@127.0.0.9:{port}/x"), said=_GOOD, holds=stream_is("/s")),
    "H13-another port": Case(named=naming("http://127.0.0.1:{port}/x"), said=_GOOD, holds=stream_is("/s")),
    "H13-an IPv6 zone": Case(named=naming("http://[fe80::1%25lo]:{port}/x"), said=_GOOD, holds=stream_is("/s")),
    "H13-a script": Case(named=naming("javascript:alert(1)"), said=_GOOD, holds=stream_is("/s")),
    "H14-a user and a password": Case(
        named=naming("http://127.0.0.1/x", "rtsp://admin:12345@127.0.0.9:{port}/s"), said=_GOOD, holds=stream_is("/s"),
    ),
    "H14-many lines": Case(
        named=naming("http://127.0.0.1/x", "rtsp://127.0.0.1/s&#13;&#10;X: y"), said=_GOOD, holds=stream_is(""),
    ),
    "H14-1 MB": Case(named=naming("http://127.0.0.1/x", "rtsp://127.0.0.1/" + "s" * 200_000), said=_GOOD, holds=lambda result: len(result.learnt.get("streams", {}).get("1", "")) <= 1024),
    "H15-closes within a body": Case(
        saying_and_closing(_OK + b"Content-Length: 500\r\n\r\n" + TIME[:90]), {"control": "fail protocol"}, "not XML",
    ),
    "H15-resets within a head": Case(resetting(b"HTTP/1.1 200 O"), {"control": "fail protocol"}, "the connection ended"),
    "H15-resets at once": Case(resetting(b""), {"control": "fail closed"}),
    "H16-the reply to another question": Case(
        saying(http(INFORMATION)), {"control": "fail protocol"}, "expected GetSystemDateAndTimeResponse, got GetDeviceInf",
    ),
    "H16-two replies at once": Case(answering(onvif({"GetSystemDateAndTime": http(TIME) + http(INFORMATION)})), {"control": "ok"}),
    "H17-no type": Case(answering(onvif()), _GOOD),
    "H17-two types": Case(
        answering(onvif({"GetSystemDateAndTime": http(TIME, headers="Content-Type: text/html\r\nContent-Type: image/jpeg\r\n")})), _GOOD,
    ),
    "H17-UTF-16": Case(answering(onvif({"GetSystemDateAndTime": http(_UTF16)})), _GOOD),
    "H17-a wrong charset": Case(
        answering(onvif({"GetSystemDateAndTime": http(TIME.replace(b"2026", b"2026<x>\xe9</x>"), headers="Content-Type: a/b; charset=utf-32\r\n")})),
        _GOOD,
    ),
}  # fmt: skip
