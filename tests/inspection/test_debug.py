"""`camfleet probe --debug`: a bug report that says why, shows no secret, and on request tells nobody where it was."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path

import pytest
from peers.cities import CityDevice, RunningCity, started_city
from peers.hostile import (
    SYS_DESCR,
    SYS_UPTIME,
    agent,
    answering,
    asked,
    attacking,
    http,
    octets,
    onvif,
    rtsp,
    soap,
    ticks,
)

from monitor.core.model import Camera, Credential, Device, Inventory, Secret, SnmpAccess
from monitor.core.verdict import Rung
from monitor.inspection.debug import markdown, pseudonyms
from monitor.inspection.evidence import line_of, message_of
from monitor.inspection.look import look
from monitor.inspection.pseudonyms import Pseudonyms
from monitor.inspection.report import Report
from monitor.inspection.whom import Wanted
from monitor.inventory import load

MAKES = ("axis", "hikvision", "dahua", "bosch", "reolink", "noname")
PASSWORD, COMMUNITY = "canary-password-4711", "canary-community-0815"


@pytest.fixture(scope="module")
def city() -> Iterator[RunningCity]:
    with started_city(90) as running:
        yield running


async def looked(inventory: Inventory, camera: str, folder: Path) -> Report:
    return await look(Wanted(camera, folder / f"{camera}.sqlite", lambda: inventory), lambda event: None)


def cells(text: str) -> dict[str, list[list[str]]]:
    """The rows under "Why" by rung: outcome, by, line, detail."""
    rows: dict[str, list[list[str]]] = {}
    for row in re.findall(r"^\| (\w+) \| (ok|FAILS|not seen|-) \| (.*) \|$", text, re.MULTILINE):
        rows.setdefault(row[0], []).append([row[1], *row[2].split(" | ")])
    return rows


async def test_every_make_of_the_city(city: RunningCity, tmp_path: Path) -> None:
    """What was asked and answered, the line behind each outcome, versions, make, model, login; no secret; redacted: nobody."""
    inventory = load(city.inventory, {})
    devices = {make: city.find(make=make) for make in MAKES}
    reports = dict(
        zip(
            MAKES,
            await asyncio.gather(*(looked(inventory, one.cameras[0], tmp_path) for one in devices.values())),
            strict=True,
        )
    )
    for make, report in reports.items():
        text = markdown(report)
        assert text.startswith("# "), make
        assert re.search(r"^\| make, model, firmware \| `[^`]+`, `[^`]+`, `[^`]+` \|$", text, re.MULTILINE), make
        assert re.search(r"^\| with \| camfleet \S+, Python 3\S+, system Linux, .*lxml", text, re.MULTILINE)
        assert re.search(r"^\| login \| set `city`, .*last accepted at \d\d:\d\d UTC \|$", text, re.MULTILINE)
        why = cells(text)
        assert {"reachable", "control", "credentials", "stream", "media", "clock"} <= set(why), make
        assert re.search(r"UTCDateTime", why["clock"][0][2]), make
        assert "m=video" in why["stream"][0][2], make
        assert "video packets" in why["media"][0][2], make
        for said in ("GetSystemDateAndTime", "DESCRIBE rtsp://", "TEARDOWN rtsp://", "RTSP/1.0 200"):
            assert said in text, (make, said)
        assert not [secret for secret in (city.password, city.community) if secret in text]
        _tells_nobody(report, devices[make], make)


def _tells_nobody(report: Report, device: CityDevice, make: str) -> None:
    camera, name = report.subject["camera"], report.subject["name"]
    for shown in (
        pseudonyms(report).text(markdown(report)),
        json.dumps(pseudonyms(report).value(report.to_json(True))),
    ):
        private = (device.address, camera, device.id, name, str(report.measurements["serial"]))
        assert not [one for one in private if one.lower() in shown.lower()], make
        assert not re.search(r"(?<![\w.])127\.\d+\.\d+\.\d+", shown), make
        assert not re.search(r"(?i)\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b", shown), make
        assert "address-1" in shown
    told = pseudonyms(report).text(markdown(report))
    assert len(told.splitlines()) == len(markdown(report).splitlines())
    assert "rtsp://address-1" in told
    assert "serial-2" not in told


HOSTILE = (
    "```\n# Forged heading\n| forged | row |\n````````\n<img src=http://198.51.100.9/x.png> @everyone [a](javascript:b) "
    "\x1b[31m\u202e end"
)


async def test_a_hostile_device(tmp_path: Path) -> None:
    """Neither its reason phrases, models nor bodies become markup, and what it sends back of ours is not shown."""
    challenge = 'WWW-Authenticate: Digest realm="r", nonce="n0nce", qop="auth"\r\n'

    def web(asked: bytes) -> bytes:
        if b"GetSystemDateAndTime" in asked:
            return onvif()(asked)
        if b"uthorization: Digest" not in asked:
            return http(HOSTILE.encode() + asked, "401 " + HOSTILE.splitlines()[0], challenge)
        echo = escape(HOSTILE + asked.decode()).encode()
        return http(
            soap("GetDeviceInformation", b"<Manufacturer>" + echo + b"</Manufacturer><Model>|`" + echo + b"</Model>")
        )

    def video(asked: bytes) -> bytes:
        return rtsp("404 ``` | <b> " + asked.decode().replace("\r\n", " "))

    def vital(raw: bytes) -> list[bytes]:
        request = asked(raw)
        values = {SYS_DESCR: octets(HOSTILE.encode() + request.community), SYS_UPTIME: ticks(100)}
        return [request.reply([(oid, values.get(oid, octets(request.community))) for oid in request.oids])]

    async with attacking(answering(web)) as one, attacking(answering(video)) as two, agent(vital) as three:
        device = Device(
            "head", "127.0.0.1", {"onvif": one.port, "rtsp": two.port, "snmp": three.port}, ("onvif", "rtsp", "snmp"), ("gate",),
            credential=Credential("city", "canary-user", Secret("env:P", PASSWORD)),
            snmp=SnmpAccess("v2c", "v2c", Secret("env:C", COMMUNITY)),
        )  # fmt: skip
        inventory = Inventory(
            {"head": device}, {"gate": Camera("gate", "The | `Gate`", "head", 1, "z", stream="/s")}, {}, {"z": "Z"}
        )
        report = await looked(inventory, "gate", tmp_path)
        proofs = re.findall(rb'response="([0-9a-f]{32})"', bytes(one.heard + two.heard))
    assert proofs
    for text in (markdown(report), pseudonyms(report).text(markdown(report))):
        assert not [secret for secret in (PASSWORD, COMMUNITY, *(proof.decode() for proof in proofs)) if secret in text]
        outside = outside_code(text)
        assert not re.search(r"^# Forged|^\| forged|<img|<b>|(?<!\\)@everyone|\]\(", outside, re.MULTILINE)
        assert len(re.findall(r"^# ", outside, re.MULTILINE)) == 1
        assert not [character for character in text if character in "\x1b\u202e"]
    rows = [line for line in outside_code(markdown(report)).splitlines() if line.startswith("|")]
    assert {line.count(" | ") for line in rows} <= {0, 1, 4}


def outside_code(text: str) -> str:
    """A text without its blocks of code, read as CommonMark reads them, and without code within lines."""
    kept: list[str] = []
    fence = ""
    for line in text.splitlines():
        found = re.fullmatch(r"(`{3,})", line)
        if not fence and found:
            fence = found[1]
        elif fence and found and len(found[1]) >= len(fence):
            fence = ""
        elif not fence:
            kept.append(re.sub(r"(?<!\\)`[^`]*`", "`x`", line))
    return "\n".join(kept)


#: what stands in a text: what is left of it
ANONYMOUS = {
    "one address twice": ("192.0.2.7 and rtsp://192.0.2.7:554/s", "address-1 and rtsp://address-1:554/s"),
    "two addresses": ("192.0.2.7, 192.0.2.8", "address-1, address-2"),
    "IPv6": ("http://[2001:db8::17]/x at 12:34:56", "http://[address-1]/x at 12:34:56"),
    "no address": ("0.0.0.0 1.3.6.1.2.1.1.1.0 V5.6.11.2 2.4.58 10.5.0.3", "0.0.0.0 1.3.6.1.2.1.1.1.0 V5.6.11.2 2.4.58 10.5.0.3"),
    "hardware addresses": ("4c:bd:8f:01:02:03 4C-BD-8F-01-02-03 4cbd.8f01.0203 4CBD8F010203", "mac-1 mac-1 mac-1 mac-1"),
    "a host": ("rtsp://cam7.depot.example/s", "rtsp://host-1/s"),
    "a namespace": ('xmlns:x="http://www.hikvision.com/ver20" http://www.onvif.org/ver10', 'xmlns:x="http://www.hikvision.com/ver20" http://www.onvif.org/ver10'),
    "a serial number": ("<tds:SerialNumber>AB-1234</tds:SerialNumber> realm ab-1234", "<tds:SerialNumber>serial-1</tds:SerialNumber> realm serial-1"),
    "a user": ("<User><Username>anna</Username> Digest username=\"anna\"", "<User><Username>user-1</Username> Digest username=\"user-1\""),
    "scopes": ("onvif://www.onvif.org/location/Pier%207 onvif://www.onvif.org/hardware/X1", "onvif://www.onvif.org/location/place-1 onvif://www.onvif.org/hardware/X1"),
    "coordinates": ('<GeoLocation lon="9.9661" lat="53.5461"/>', '<GeoLocation lon="place-1" lat="place-2"/>'),
    "names of ours": ("pier-gate of the Old Pier; pier-gates", "camera-1 of the name-1; pier-gates"),
    "a uuid": ("urn:uuid:01234567-89ab-cdef-0123-456789abcdef", "urn:uuid:uuid-1"),
}  # fmt: skip


@pytest.mark.parametrize("name", ANONYMOUS)
def test_private_data(name: str) -> None:
    """Each private thing gets one name and keeps it; what only looks like one stays."""
    said, left = ANONYMOUS[name]
    names = Pseudonyms([("camera", "pier-gate"), ("name", "Old Pier")], kept=("10.5.0.3",))
    assert names.text(said) == left
    assert names.text(left) == left


def test_the_line_that_tells() -> None:
    """A pattern of the rung's, a value that the detail speaks of, else the first line; hostile numbers are no message."""
    message = {"text": "HTTP/1.1 200 OK\nX: y\n\n<a><SerialNumber>7</SerialNumber></a>"}
    assert line_of(Rung.IDENTITY, message) == "<SerialNumber>7</SerialNumber>"
    assert line_of(Rung.CONTROL, message) == "HTTP/1.1 200 OK"
    assert (
        line_of(Rung.RECORDING, {"text": "1.3.6 = None\n1.3.7 = 3\n1.3.8 = b'failed'"}, "card failed")
        == "1.3.8 = b'failed'"
    )
    assert line_of(Rung.DEVICE, {"text": "1.3.6 = None\n1.3.7 = 3"}) == "1.3.7 = 3"
    assert line_of(Rung.CLOCK, {"text": ""}) == ""
    assert [message_of({"message": number}, [message]) for number in (0, 1, 2, -1, "x", None)] == [0, 1, 0, 0, 0, 0]
