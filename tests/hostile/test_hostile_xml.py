"""XML that means harm, as whole conversations: refused or read, in bounded time and memory, and nothing is fetched."""

from __future__ import annotations

import pytest
from peers.hostile import (
    TIME,
    Bounded,
    answering,
    attacking,
    envelope,
    http,
    onvif,
    playing,
    saying,
    soap,
)
from talks import QUICK, camera, device, findings, probe, said

from monitor.core.verdict import Rung

NAME = b"GetSystemDateAndTime"
#: Envelopes without anything in them; more is in ``catalogue``.
EMPTY = {"an empty body": envelope(b""), "a body of comments": envelope(b"<!-- -->" * 9000)}


@pytest.mark.parametrize("name", EMPTY)
async def test_an_envelope_of_nothing(name: str, bounded: Bounded) -> None:
    """A reply that says nothing has its own words."""
    async with bounded(QUICK.reply_s + 2.0), attacking(saying(http(EMPTY[name]))) as attacker:
        result = await probe("onvif", device(ports={"onvif": attacker.port}))
    assert said(result) == {"reachable": "ok", "control": "fail protocol"}
    assert findings(result)[Rung.CONTROL].detail == "a SOAP envelope without content"


#: name: what stands within a GetSystemDateAndTimeResponse, or the whole body
ODD: dict[str, bytes] = {
    "200 levels": soap(NAME.decode(), b"<a>" * 200 + b"</a>" * 200),
    "undeclared prefixes": soap(NAME.decode(), b"<tt:UTCDateTime/><ter:a/><x:y z:b='c'/>"),
    "a name of another encoding": b'<?xml version="1.0" encoding="EBCDIC-CP-US"?>' + TIME,
    "no encoding at all": b'<?xml version="1.0" encoding="nonsense"?>' + TIME,
}
MOMENTS = ["99999999-1-1", "2026-13-01", "-1--1--1"]


@pytest.mark.parametrize("name", ODD)
async def test_xml_that_is_odd(name: str, bounded: Bounded) -> None:
    """What is only odd is read: the service answers, whatever its clock."""
    answers = onvif({"GetSystemDateAndTime": http(ODD[name])})
    async with bounded(QUICK.reply_s + 2.0), attacking(answering(answers)) as attacker:
        result = await probe("onvif", device(ports={"onvif": attacker.port}))
    assert said(result)["control"] == "ok"
    assert said(result)["credentials"] == "n/a"


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
