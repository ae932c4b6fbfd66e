"""Secrets: devices that send back whatever they were sent do not make us show, log or store it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import logging
import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from peers.hostile import (
    SYS_DESCR,
    SYS_UPTIME,
    agent,
    answering,
    asked,
    attacking,
    envelope,
    http,
    octets,
    onvif,
    rtsp,
    soap,
    ticks,
)
from talks import CLOCKS, camera, device, probe

from monitor.app import Listen, Monitor, serve
from monitor.core.model import Camera, Credential, Device, Inventory, Secret, SnmpAccess
from monitor.core.schedule import Rates
from monitor.inspection.debug import markdown, pseudonyms
from monitor.inspection.look import look
from monitor.inspection.whom import Wanted
from monitor.ledger.ledger import Ledger
from monitor.ledger.reader import Reader
from monitor.ledger.why import why
from monitor.logs import Json, Lines
from monitor.probes.base import Result

CANARIES = ("canary-password-4711", "canary-community-0815", "canary-auth-2342", "canary-privacy-1701")
LOGIN = Credential("login", "canary-user", Secret("env:PASSWORD", CANARIES[0]))
V2C = SnmpAccess("v2c", "v2c", Secret("env:COMMUNITY", CANARIES[1]))
CHALLENGE = 'WWW-Authenticate: Digest realm="r", nonce="n0nce", qop="auth"\r\n'


def shown(result: Result) -> str:
    """All that a person could be shown of a conversation."""
    texts = [message.text() for message in result.conversation.messages]
    return "\n".join([repr(result), str(result.verdict), *texts])


def proofs(heard: bytes) -> list[str]:
    """What was sent that proves a password: digest responses, and digests of tokens."""
    found = re.findall(rb'response="([0-9a-f]{32,})"|PasswordDigest">([^<]+)<', bytes(heard))
    return [(one or other).decode() for one, other in found]


#: How a device may send back what it was sent.
ECHOES = {
    "as it was": lambda asked: asked,
    "as HTML": lambda asked: f"<pre>You said: {escape(asked.decode())}</pre>".encode(),
    "as JSON": lambda asked: json.dumps({"you": asked.decode()}).encode(),
    "in one line": lambda asked: asked.replace(b"\r\n", b" ") + b"\r\n",
    "as a fault": lambda asked: envelope(
        b"<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text>"
        + escape(asked.decode()).encode()[-900:]
        + b"</s:Text></s:Reason></s:Fault>"
    ),
    "as a model": lambda asked: soap(
        "GetDeviceInformation",
        b"<Model>" + escape("".join(proofs(asked))).encode() + b"</Model><SerialNumber>1</SerialNumber>",
    ),
}


@pytest.mark.parametrize("how", ECHOES)
@pytest.mark.parametrize("token", [False, True], ids=["digest", "token"])
async def test_an_echo_over_http(how: str, token: bool) -> None:
    """Neither a password nor what proves one stands in what is kept of a conversation, however it is sent back."""
    wants = http(envelope(b"<Fault><faultcode>NotAuthorized</faultcode></Fault>"), "400 Bad Request")
    wants = wants if token else http(b"", "401 Unauthorized", CHALLENGE)

    def answer(asked: bytes) -> bytes:
        if b"GetSystemDateAndTime" in asked:
            return onvif()(asked)
        return http(ECHOES[how](asked), "200 OK") if proofs(asked) else wants

    async with attacking(answering(answer)) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}, credential=LOGIN))
        assert proofs(peer.heard)
    assert not [secret for secret in (*CANARIES, *proofs(peer.heard)) if secret in shown(result)]


@pytest.mark.parametrize("piecewise", [False, True])
async def test_an_echo_over_rtsp(piecewise: bool) -> None:
    """The same over RTSP, also where the echo comes in pieces that hold half a proof each."""

    def answer(asked: bytes) -> bytes:
        if not proofs(asked):
            return rtsp("401 Unauthorized", CHALLENGE)
        return rtsp(
            "404 " + asked.decode().replace("\r\n", " "), "X-Echo: " + asked.decode().replace("\r\n", " ") + "\r\n"
        )

    handler = answering(answer)

    async def in_pieces(reader, writer):  # type: ignore[no-untyped-def]
        refused = await reader.readuntil(b"\r\n\r\n")
        writer.write(answer(refused).replace(b"{cseq}", b"1"))
        asked = await reader.readuntil(b"\r\n\r\n")
        proof = proofs(asked)[0].encode()
        said = answer(asked).replace(b"{cseq}", b"2")
        for half in (said[: said.index(proof) + 16], said[said.index(proof) + 16 :]):
            writer.write(half)
            await writer.drain()
            await asyncio.sleep(0.05)

    async with attacking(in_pieces if piecewise else handler) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}, credential=LOGIN), camera(stream="/s"))
        assert len(proofs(peer.heard)) == 1
    assert not [secret for secret in (*CANARIES, *proofs(peer.heard)) if secret in shown(result)]
    assert "[removed]" in shown(result)


async def test_an_echo_over_snmp() -> None:
    """A community travels in the clear; an agent that calls itself by it does not show it to anybody else."""

    def answer(raw: bytes) -> list[bytes]:
        request = asked(raw)
        values = {SYS_DESCR: octets(b"I am " + request.community), SYS_UPTIME: ticks(100)}
        return [request.reply([(oid, values.get(oid, octets(request.community))) for oid in request.oids])]

    async with agent(answer) as peer:
        result = await probe("snmp", device(ports={"snmp": peer.port}, snmp=V2C, credential=LOGIN))
    assert result.verdict.measurements["description"] == "I am [removed]"
    assert not [secret for secret in CANARIES if secret in shown(result)]


async def test_a_password_in_a_stream_address() -> None:
    """A device that hands out its own password in an address does not show it in what is kept."""
    address = f"rtsp://canary-user:{CANARIES[0]}@192.0.2.1/user=canary-user_password={CANARIES[0]}_channel=1"
    places = b"<Service><Namespace>http://www.onvif.org/ver10/media/wsdl</Namespace><XAddr>/m</XAddr></Service>"
    answers = onvif(
        {
            "GetServices": http(soap("GetServices", places)),
            "GetProfiles": http(soap("GetProfiles", b'<Profiles token="p"><VideoEncoderConfiguration/></Profiles>')),
            "GetStreamUri": http(soap("GetStreamUri", b"<Uri>" + address.encode() + b"</Uri>")),
        }
    )
    async with attacking(answering(answers)) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}, credential=LOGIN))
    assert CANARIES[0] in result.learnt["streams"]["1"]
    assert CANARIES[0] not in shown(result._replace(learnt={}))


def test_secrets_are_never_written_by_accident() -> None:
    """Neither repr, str, a format nor an error of comparing shows a secret; nor does a value that holds one."""
    secret = Secret("env:PASSWORD", CANARIES[0])
    texts = [
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret!r:>40}",
        repr(LOGIN),
        repr(V2C),
        repr(device(credential=LOGIN)),
    ]
    with pytest.raises(AttributeError) as error:
        secret.nothing  # type: ignore[attr-defined]  # noqa: B018 - the error's text is what is tested
    assert not [text for text in (*texts, str(error.value)) if CANARIES[0] in text]


@pytest.mark.parametrize("formatter", [Lines(), Json()])
def test_a_device_writes_no_line_of_its_own_into_the_log(formatter: logging.Formatter) -> None:
    """What a device said stays within its line, without controls, and without login headers."""
    hostile = "x\r\n2026-11-22T00:00:00Z error camfleet \x1b[31mforged\u202e\nAuthorization: Digest response=1"
    record = logging.LogRecord("camfleet", logging.WARNING, "", 0, "device said %s", (hostile,), None)
    record.device = hostile
    line = formatter.format(record)
    assert "\n" not in line
    assert "\r" not in line
    assert not [character for character in line if ord(character) < 32 or character in "\x9b\u202e"]
    assert "response=1" not in line


def files(folder: Path) -> dict[str, str]:
    return {file.name: file.read_bytes().decode("latin-1") for file in folder.iterdir()}


API = (
    "/api/v1",
    "/api/v1/summary",
    "/api/v1/zones",
    "/api/v1/changes",
    "/api/v1/cameras",
    "/api/v1/cameras/camera",
    "/api/v1/plan",
)


async def test_nothing_of_a_whole_run_shows_a_secret(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A monitor with canaries for secrets, devices that echo: no log, ledger, page, API, event, metric or look holds one."""

    def answer(asked: bytes) -> bytes:
        if b"GetSystemDateAndTime" in asked:
            return onvif()(asked)
        echo = asked if proofs(asked) else b""
        if b"RTSP/1.0" in asked:
            return rtsp("401 Unauthorized", CHALLENGE, echo)
        return http(echo, "401 Unauthorized", CHALLENGE)

    def vital(raw: bytes) -> list[bytes]:
        request = asked(raw)
        return [request.reply([(oid, octets(request.community)) for oid in request.oids])]

    caplog.set_level(logging.DEBUG)
    async with attacking(answering(answer)) as web, attacking(answering(answer)) as video, agent(vital) as peer:
        ports = {"onvif": web.port, "rtsp": video.port, "snmp": peer.port}
        one = Device("device", "127.0.0.1", ports, ("onvif", "snmp", "rtsp"), ("camera",), credential=LOGIN, snmp=V2C)
        cameras = {"camera": Camera("camera", "Camera", "device", 1, "zone", stream="/s")}
        inventory = Inventory({"device": one}, cameras, {}, {"zone": "Zone"})
        ledger = Ledger.open(tmp_path / "ledger.sqlite")
        monitor = Monitor(inventory, Rates(light_s=0.5, spread_s=0.0, http_per_minute=6000), ledger, CLOCKS)
        runner = await serve(monitor, Listen(port=0))
        watching = asyncio.create_task(monitor.run())
        await asyncio.sleep(2.5)
        address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        paths = ("/", "/cameras", "/cameras/camera", "/metrics", "/readyz", *API)
        texts: dict[str, str] = {}
        async with aiohttp.ClientSession() as session:
            for path in paths:
                async with session.get(address + path) as response:
                    assert response.status == 200
                    texts[path] = await response.text()
            async with session.get(address + "/events") as live:
                texts["events"] = (await live.content.readuntil(b"\n\n")).decode()
            wanted = Wanted("camera", tmp_path / "none.sqlite", lambda: inventory, monitor=address)
            looked: list[Mapping[str, Any]] = []
            async with asyncio.timeout(60):
                report = await look(wanted, looked.append)
            texts |= {"look": repr(looked), "probe": report.text(), "probe --debug": markdown(report)}
            texts["probe --json --debug"] = json.dumps(report.to_json(True))
            texts["probe --debug --redact"] = pseudonyms(report).text(markdown(report))
        texts |= {f"{name} while it runs": text for name, text in files(tmp_path).items()}
        monitor.stop.set()
        await watching
        await runner.cleanup()
        secrets = [*CANARIES, *proofs(web.heard), *proofs(video.heard)]
        assert len(secrets) > len(CANARIES)
    texts["log"] = caplog.text
    for formatter in (Lines(), Json()):
        texts[f"log, {type(formatter).__name__}"] = "\n".join(map(formatter.format, caplog.records))
    with Reader.open(tmp_path / "ledger.sqlite") as reader:
        texts["why"] = why("camera", reader, 0.0) or ""
    texts["journal"] = repr([(c, [m.text() for m in c.messages]) for c in await monitor.journal.recall("device")])
    texts |= files(tmp_path)
    assert "[removed]" in texts["/cameras/camera"]
    secrets += [base64.b64encode(one.encode()).decode() for one in CANARIES]
    secrets += [hashlib.sha256(one.encode()).hexdigest() for one in CANARIES]
    assert not [(name, secret) for name, text in texts.items() for secret in secrets if secret in text]
