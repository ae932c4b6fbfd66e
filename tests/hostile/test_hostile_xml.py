"""XML that means harm, as whole conversations: refused or read, in bounded time and memory, and nothing is fetched."""

from __future__ import annotations

import pytest
from peers.hostile import (
    INFORMATION,
    TIME,
    Bounded,
    answering,
    attacking,
    envelope,
    http,
    onvif,
    playing,
    saying,
    silent,
    soap,
)
from talks import QUICK, camera, device, findings, probe, said

from monitor.core.verdict import Rung

NAME = b"GetSystemDateAndTime"
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a0 "ha">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))
    + b"]>"
)
QUADRATIC = b'<!DOCTYPE l [<!ENTITY a "' + b"a" * 50_000 + b'">]>'
FILE = b'<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
NETWORK = b'<!DOCTYPE l SYSTEM "http://127.0.0.1:%(port)d/l.dtd">'
PARAMETER = b'<!DOCTYPE l [<!ENTITY %% p SYSTEM "http://127.0.0.1:%(port)d/p">%%p;]>'
TYPED = "a reply with a document type"

#: name: (the body, what is said of ``control``, the beginning of the detail)
REFUSED: dict[str, tuple[bytes, str, str]] = {
    "a billion laughs": (LAUGHS + envelope(b"<l>&a11;</l>"), "fail protocol", TYPED),
    "a billion laughs in an attribute": (LAUGHS + envelope(b'<l a="&a11;"/>'), "fail protocol", TYPED),
    "quadratic growth": (QUADRATIC + envelope(b"<l>" + b"&a;" * 60_000 + b"</l>"), "fail protocol", TYPED),
    "a file of ours": (FILE + envelope(b"<l>&x;</l>"), "fail protocol", TYPED),
    "a file of ours, UTF-16": (
        b"\xfe\xff" + (FILE + envelope(b"<l>&x;</l>")).decode().encode("utf-16-be"), "fail protocol", TYPED,
    ),
    "a document type alone": (b"<!DOCTYPE l>" + TIME, "fail protocol", TYPED),
    "a document type elsewhere": (NETWORK + TIME, "fail protocol", TYPED),
    "a parameter entity elsewhere": (PARAMETER + TIME, "fail protocol", TYPED),
    "100,000 levels, too large": (b"<a>" * 100_000, "fail too_large", "a body of 300000 bytes"),
    "80,000 levels": (envelope(b"<a>" * 80_000), "fail protocol", "not XML: Excessive depth"),
    "10 MB of text": (envelope(b"a" * 10_000_000), "fail too_large", "a body of 10000092 bytes"),
    "truncated": (TIME[:-30], "fail protocol", "not XML"),
    "nothing but a declaration": (b'<?xml version="1.0"?>', "fail protocol", "not XML"),
    "NULs": (b"\0" * 5000, "fail protocol", "not XML"),
    "UTF-16 cut in half": (b"\xff\xfe" + TIME.decode().encode("utf-16-le")[:-1], "fail protocol", "not XML"),
    "no envelope": (b"<Body/>", "fail protocol", "expected a SOAP envelope, got <Body>"),
    "an empty body": (envelope(b""), "fail protocol", "a SOAP envelope without content"),
    "a body of comments": (envelope(b"<!-- -->" * 9000), "fail protocol", "a SOAP envelope without content"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
async def test_xml_that_is_refused(name: str, bounded: Bounded) -> None:
    """The reply has its exact reason within 6 MB; no entity is expanded, no file read, no address visited."""
    body, expected, detail = REFUSED[name]
    async with attacking(silent) as elsewhere:
        reply = http(body % {b"port": elsewhere.port} if b"%(port)d" in body else body)
        async with bounded(QUICK.reply_s + 2.0), attacking(saying(reply)) as attacker:
            result = await probe("onvif", device(ports={"onvif": attacker.port}))
    assert said(result) == {"reachable": "ok", "control": expected}
    assert findings(result)[Rung.CONTROL].detail.startswith(detail)
    assert "root:" not in repr((result.verdict, result.conversation))
    assert elsewhere.connections == 0


#: name: what stands within a GetSystemDateAndTimeResponse, or the whole body
ODD: dict[str, bytes] = {
    "20,000 attributes": soap(NAME.decode(), b"<a " + b" ".join(b'a%d="1"' % n for n in range(20_000)) + b"/>"),
    "9,000 namespaces": soap(
        NAME.decode(), b"<a " + b" ".join(b'xmlns:a%d="u%d"' % (n, n) for n in range(9000)) + b"/>"
    ),
    "62,000 elements": soap(NAME.decode(), b"<a/>" * 62_000),
    "200 levels": soap(NAME.decode(), b"<a>" * 200 + b"</a>" * 200),
    "undeclared prefixes": soap(NAME.decode(), b"<tt:UTCDateTime/><ter:a/><x:y z:b='c'/>"),
    "an inclusion elsewhere": soap(
        NAME.decode(), b'<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="http://127.0.0.1:%(port)d/"/>'
    ),
    "a schema elsewhere": TIME.replace(
        b"<s:Envelope",
        b'<s:Envelope xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'
        b' i:schemaLocation="http://127.0.0.1:%(port)d/ http://127.0.0.1:%(port)d/s"',
    ),
    "a style sheet elsewhere": b'<?xml-stylesheet href="http://127.0.0.1:%(port)d/"?>' + TIME,
    "bytes that are not UTF-8": TIME.replace(b"2026", b"2026<x>\xff\xfe\xc0</x>"),
    "NULs and controls": b"\0\0" + TIME.replace(b"2026", b"2026<x>\0\x01\x1b[2J</x>") + b"\0\0",
    "a name of another encoding": b'<?xml version="1.0" encoding="EBCDIC-CP-US"?>' + TIME,
    "no encoding at all": b'<?xml version="1.0" encoding="nonsense"?>' + TIME,
}
MOMENTS = ["0000-01-01", "9999-12-31", "99999999-1-1", "2026-13-01", "2026-02-30", "-1--1--1", "NaN-1-1", "1e9-1-1"]


@pytest.mark.parametrize("name", ODD)
async def test_xml_that_is_odd(name: str, bounded: Bounded) -> None:
    """What is only odd is read: the service answers, whatever its clock, and nothing that it names is visited."""
    async with bounded(QUICK.reply_s + 2.0), attacking(silent) as elsewhere:
        body = ODD[name].replace(b"%(port)d", b"%d" % elsewhere.port)
        answers = onvif({"GetSystemDateAndTime": http(body)})
        async with attacking(answering(answers)) as attacker:
            result = await probe("onvif", device(ports={"onvif": attacker.port}))
    assert said(result)["control"] == "ok"
    assert said(result)["credentials"] == "n/a"
    assert elsewhere.connections == 0


@pytest.mark.parametrize("moment", MOMENTS)
async def test_an_absurd_date(moment: str) -> None:
    """A date that no calendar has fails the clock and nothing else; one far away carries no token out of range."""
    year, month, day = moment.rsplit("-", 2)
    body = TIME.replace(b">2026<", f">{year}<".encode()).replace(b">11<", f">{month}<".encode())
    answers = onvif({"GetSystemDateAndTime": http(body.replace(b">22<", f">{day}<".encode()))})
    async with attacking(answering(answers)) as attacker:
        result = await probe("onvif", device(ports={"onvif": attacker.port}))
    assert said(result)["control"] == "ok"
    assert said(result)["clock"] == "fail clock"
    assert said(result)["credentials"] == "n/a"


NAMES = {
    "1 MB": (b"A" * 200_000, 128),
    "markup": (b"&lt;script&gt;alert(1)&lt;/script&gt;", 25),
    "a template": (b"{{7*7}}${7*7}%n%s", 17),
    "terminal": ("\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe\u009b2J".encode(), 11),
    "lines": (b"model\nreachable fail\r\n2026-11-22 error", 128),
}


@pytest.mark.parametrize("name", NAMES)
async def test_a_hostile_model_name(name: str) -> None:
    """A model's name is kept as a text of at most 128 characters, whatever it holds, and judges nothing."""
    text, most = NAMES[name]
    answers = onvif({"GetDeviceInformation": http(INFORMATION.replace(b"<Model>N<", b"<Model>" + text + b"<"))})
    async with attacking(answering(answers)) as attacker:
        result = await probe("onvif", device(ports={"onvif": attacker.port}))
    assert said(result) == {
        "reachable": "ok",
        "control": "ok",
        "clock": said(result)["clock"],
        "credentials": "n/a",
        "identity": "n/a",
    }
    assert 0 < len(str(result.verdict.measurements["model"])) <= most


LONG = b"A" * 60_000


async def test_long_names_are_not_kept() -> None:
    """Whatever a device calls its services, profiles and encodings, what is learnt of it and measured stays short."""
    services = b"".join(
        b"<Service><Namespace>%s%d</Namespace><XAddr>/%s</XAddr></Service>" % (LONG, n, LONG[:99]) for n in range(4)
    )
    encoder = (
        b"<VideoEncoderConfiguration><Encoding>%s</Encoding><Resolution><Width>640</Width></Resolution></VideoEncoderConfiguration>"
        % LONG
    )
    profiles = b'<Profiles token="%s">%s</Profiles><Profiles token="p">%s</Profiles>' % (LONG, encoder, encoder)
    changes = {"GetServices": services, "GetProfiles": profiles, "GetStreamUri": b"<Uri>/" + LONG + b"</Uri>"}
    answers = onvif({name: http(soap(name, inner)) for name, inner in changes.items()})
    async with attacking(answering(answers)) as attacker:
        result = await probe("onvif", device(ports={"onvif": attacker.port}))
    assert len(result.learnt["streams"]["1"]) == 1024
    assert len(repr(result.learnt)) < 8000
    assert len(str(result.verdict.measurements["channel_1_video"])) < 200
    assert len(repr(result.verdict)) < 4000


async def test_the_peers_of_these_tests_are_in_order() -> None:
    """Without an attack the devices of these tests are fine: what the tests find is the attack's."""
    async with attacking(answering(onvif())) as fine, attacking(playing()) as streaming:
        over_http = await probe("onvif", device(ports={"onvif": fine.port}))
        over_rtsp = await probe("rtsp", device(ports={"rtsp": streaming.port}), camera(stream="/s"))
    assert said(over_http)["control"] == "ok"
    assert said(over_rtsp) == {"reachable": "ok", "stream": "ok", "media": "ok"}
