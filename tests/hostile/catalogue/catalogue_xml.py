"""X1 to X13: XML within whole replies."""

from __future__ import annotations

from collections.abc import Callable

from catalogue_case import Case, Rows
from peers.hostile import INFORMATION, TIME, answering, envelope, http, onvif, saying, soap
from talks import QUICK

from monitor.probes.base import Result

_LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a0 "ha">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))
    + b"]>"
)
_QUADRATIC = b'<!DOCTYPE l [<!ENTITY a "' + b"a" * 50_000 + b'">]>'
_REFUSED = {"control": "fail protocol"}
_TYPED = "a reply with a document type"
_NAME = "GetSystemDateAndTime"
_MOST_S = QUICK.reply_s + 2.0
_READ = {"control": "ok", "credentials": "n/a"}


def typed(body: bytes) -> Case:
    return Case(saying(http(body)), _REFUSED, _TYPED, within_s=_MOST_S)


def fetching(before: bytes, body: bytes = TIME) -> Case:
    """A document type that has something fetched from elsewhere."""
    return Case(
        named=lambda port: saying(http(before.replace(b"{port}", b"%d" % port) + body)), said=_REFUSED, detail=_TYPED,
    )  # fmt: skip


def odd(body: bytes, **more: str) -> Case:
    """A reply that is only odd: it is read."""
    return Case(
        named=lambda port: answering(onvif({_NAME: http(body.replace(b"{port}", b"%d" % port))})),
        said={**_READ, **more},
        within_s=_MOST_S,
    )


def dated(year: str, month: str = "11", day: str = "22", second: str = "0") -> Case:
    body = TIME.replace(b">2026<", f">{year}<".encode()).replace(b">11<", f">{month}<".encode())
    body = body.replace(b">22<", f">{day}<".encode()).replace(b"<Second>0<", f"<Second>{second}<".encode())
    return odd(body, clock="fail clock")


def model(text: bytes, holds: Callable[[str], bool]) -> Case:
    """A device that calls itself this."""
    answers = onvif({"GetDeviceInformation": http(INFORMATION.replace(b"<Model>N<", b"<Model>" + text + b"<"))})
    return Case(answering(answers), _READ, holds=lambda result: holds(_model(result)))


def _model(result: Result) -> str:
    return str(result.verdict.measurements.get("model", ""))


XML: Rows = {
    "X1-a billion laughs": typed(_LAUGHS + envelope(b"<l>&a11;</l>")),
    "X1-in an attribute": typed(_LAUGHS + envelope(b'<l a="&a11;"/>')),
    "X2-quadratic growth": typed(_QUADRATIC + envelope(b"<l>" + b"&a;" * 60_000 + b"</l>")),
    "X3-a file": typed(b'<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + envelope(b"<l>&x;</l>")),
    "X3-a file, UTF-16": typed(
        b"\xfe\xff"
        + (b'<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + envelope(b"<l>&x;</l>")).decode().encode("utf-16-be")
    ),
    "X3-an address": fetching(b'<!DOCTYPE l [<!ENTITY x SYSTEM "http://127.0.0.9:{port}/x">]>', envelope(b"<l>&x;</l>")),
    "X4-a parameter entity": fetching(b'<!DOCTYPE l [<!ENTITY % p SYSTEM "http://127.0.0.9:{port}/p">%p;]>'),
    "X5-100,000 levels": Case(saying(http(b"<a>" * 100_000)), {"control": "fail too_large"}, "a body of 300000 bytes"),
    "X5-80,000 levels": Case(
        saying(http(envelope(b"<a>" * 80_000))), _REFUSED, "not XML: Excessive depth", within_s=_MOST_S,
    ),
    "X6-20,000 attributes": odd(soap(_NAME, b"<a " + b" ".join(b'a%d="1"' % n for n in range(20_000)) + b"/>")),
    "X6-9,000 namespaces": odd(soap(_NAME, b"<a " + b" ".join(b'xmlns:a%d="u%d"' % (n, n) for n in range(9000)) + b"/>")),
    "X6-62,000 elements": odd(soap(_NAME, b"<a/>" * 62_000)),
    "X7-10 MB of text": Case(
        saying(http(envelope(b"a" * 10_000_000))), {"control": "fail too_large"}, "a body of 10000092 bytes",
    ),
    "X8-NULs and controls": odd(b"\0\0" + TIME.replace(b"2026", b"2026<x>\0\x01\x1b[2J</x>") + b"\0\0"),
    "X8-bytes that are not UTF-8": odd(TIME.replace(b"2026", b"2026<x>\xff\xfe\xc0</x>")),
    "X8-nothing but NULs": Case(saying(http(b"\0" * 5000)), _REFUSED, "not XML"),
    "X9-a document type alone": typed(b"<!DOCTYPE l>" + TIME),
    "X9-a document type elsewhere": fetching(b'<!DOCTYPE l SYSTEM "http://127.0.0.9:{port}/l.dtd">'),
    "X10-truncated": Case(saying(http(TIME[:-30])), _REFUSED, "not XML", waits=True),
    "X10-a declaration alone": Case(saying(http(b'<?xml version="1.0"?>')), _REFUSED, "not XML"),
    "X10-UTF-16 cut in half": Case(
        saying(http(b"\xff\xfe" + TIME.decode().encode("utf-16-le")[:-1])), _REFUSED, "not XML",
    ),
    "X11-an inclusion": odd(
        soap(_NAME, b'<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="http://127.0.0.9:{port}/"/>')
    ),
    "X11-a schema": odd(
        TIME.replace(
            b"<s:Envelope",
            b'<s:Envelope xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="u http://127.0.0.9:{port}/s"',
        )
    ),
    "X11-a style sheet": odd(b'<?xml-stylesheet href="http://127.0.0.9:{port}/"?>' + TIME),
    "X12-year 0": dated("0"),
    "X12-year 9999": dated("9999", "12", "31"),
    "X12-over 63 bits": dated("9223372036854775808"),
    "X12-NaN": dated("NaN"),
    "X12-1e9": dated("1e9"),
    "X12-February 30th": dated("2026", "2", "30"),
    "X12-a leap second": dated("2020", second="60"),
    "X12-digits of another script": dated("٢٠٢٦"),
    "X13-1 MB": model(b"A" * 200_000, lambda name: len(name) == 128),
    "X13-markup": model(b"&lt;script&gt;alert(1)&lt;/script&gt;", lambda name: name == "<script>alert(1)</script>"),
    "X13-a template": model(b"{{7*7}}${7*7}%n%s", lambda name: name == "{{7*7}}${7*7}%n%s"),
    "X13-a terminal": model("\u202egpj.exe\u009b2J".encode(), lambda name: "gpj.exe" in name),
    "X13-many lines": model(b"model\nreachable fail\r\n2026-11-22 error", lambda name: len(name) <= 128),
    "X13-no envelope": Case(saying(http(b"<Body/>")), _REFUSED, "expected a SOAP envelope, got <Body>"),
}  # fmt: skip
