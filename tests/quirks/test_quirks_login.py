"""Logins as cameras refuse and accept them (protocol notes, lines 4 to 8): each shape of a refusal, and of a challenge."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from peers.hostile import answering, attacking
from quirks.shapes import (
    NOT_AUTHORIZED,
    OPEN,
    SOAP_12,
    Digest,
    clock,
    described,
    envelope,
    fault,
    http,
    information,
    onvif,
    operation,
    operations,
    rtsp,
    shows_login,
    streaming,
    wants_token,
)
from talks import CLOCKS, LOGIN, QUICK, after, camera, device, findings, probe, said

from monitor.core.limits import Login
from monitor.core.model import Secret
from monitor.core.verdict import Rung
from monitor.probes.base import Ask, Clocks, run_probe
from monitor.probes.memory import Memory
from monitor.probes.registry import PROBES

WRONG = replace(LOGIN, password=Secret("env:TEST", "some-other-1"))
STREAM = camera(stream="/live")
HTML = "<!DOCTYPE html>\n<html><head><title>Document Error: Unauthorized</title></head><body>Access Error</body></html>"
GSOAP_FAULT = (
    NOT_AUTHORIZED.replace("<s:", "<SOAP-ENV:").replace("</s:", "</SOAP-ENV:").replace("xmlns:s=", "xmlns:SOAP-ENV=")
)

#: How a device says "not you": a whole HTTP reply.
REFUSALS = {
    "401 with HTML": http(HTML, "401 Unauthorized", "Content-Type: text/html"),
    "401 with nothing": http(b"", "401 Unauthorized"),
    "401 with a fault": http(NOT_AUTHORIZED, "401 Unauthorized"),
    "401, Basic, and a fault": http(GSOAP_FAULT, "401 Unauthorized", 'WWW-Authenticate: Basic realm="gSOAP Web Service"'),
    "403 with HTML": http(HTML, "403 Forbidden"),
    "400 with a fault": http(NOT_AUTHORIZED, "400 Bad Request"),
    "500 with a fault": http(NOT_AUTHORIZED, "500 Internal Server Error"),
    "200 with a fault": http(NOT_AUTHORIZED),
    "a fault of another prefix": http(GSOAP_FAULT, "400 Bad Request"),
    "a prefix that nobody declared": http(
        f'<e:Envelope xmlns:e="{SOAP_12}"><e:Body><e:Fault><e:Code><e:Value>env:Sender</e:Value><e:Subcode><e:Value>'
        "ter:NotAuthorized</e:Value></e:Subcode></e:Code><e:Detail><ter:Fault/></e:Detail></e:Fault></e:Body></e:Envelope>",
        "400 Bad Request",
    ),
    "no prefix is declared at all": http(
        "<SOAP-ENV:Envelope        ><SOAP-ENV:Body><SOAP-ENV:Fault><SOAP-ENV:Code><SOAP-ENV:Value>SOAP-ENV:Sender"
        "</SOAP-ENV:Value><SOAP-ENV:Subcode><SOAP-ENV:Value>ter:NotAuthorized</SOAP-ENV:Value></SOAP-ENV:Subcode>"
        "</SOAP-ENV:Code></SOAP-ENV:Fault></SOAP-ENV:Body></SOAP-ENV:Envelope>",
        "400 Bad Request",
    ),
    "a prefix declared where it is not used": http(
        f'<e:Envelope xmlns:e="{SOAP_12}"><e:Header><a:B xmlns:a="urn:a" xmlns:ter="urn:ter"/></e:Header><e:Body><e:Fault>'
        "<e:Code><e:Value>e:Sender</e:Value><e:Subcode><e:Value>ter:NotAuthorized</e:Value></e:Subcode></e:Code>"
        "<e:Detail><ter:NotAuthorized/></e:Detail></e:Fault></e:Body></e:Envelope>",
        "400 Bad Request",
    ),
    "a namespace with a line break in it": http(NOT_AUTHORIZED.replace('="http://www.onvif', '="\nhttp://www.onvif'), "400 x"),
    "wsse:FailedAuthentication": http(fault("wsse:FailedAuthentication", "The token could not be authenticated"), "400 x"),
    "wsse:InvalidSecurity": http(fault("wsse:InvalidSecurity", "An error was discovered"), "400 x"),
    "NotAuthorized within InvalidArgVal": http(
        envelope(
            "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:InvalidArgVal</s:Value><s:Subcode>"
            "<s:Value>ter:NotAuthorized</s:Value></s:Subcode></s:Subcode></s:Code></s:Fault>"
        ),
        "400 x",
    ),
    "a count of attempts": http(
        fault("ter:NotAuthorized", "Sender not Authorized. Invalid username or password! You still have 29 attempt(s)."),
        "400 x",
    ),
    "words alone": http(fault("ter:InvalidArgVal", "The sender is not authorized"), "500 x"),
    "words about authority": http(fault("ter:InvalidArgVal", "check Authority failed"), "500 x"),
    "words: auth": http(fault("ter:InvalidArgVal", "Auth failed"), "400 x"),
    "words: a login": http(fault("ter:InvalidArgVal", "User not login"), "500 x"),
    "words: a user name": http(fault("ter:InvalidArgVal", "Invalid username"), "400 x"),
    "words: a lock": http(fault("ter:InvalidArgVal", "The account is locked"), "400 x"),
    "words: denied": http(fault("ter:Action", "Access denied", "s:Receiver"), "500 x"),
    "words about time": http(fault("ter:Wsse", "Wsse authorized time check failed."), "400 x"),
    "words about the header": http(fault("wsse:Sender", "An error was discovered processing the wsse:Security header"), "400 x"),
    "SOAP 1.1": http(
        '<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/"><E:Body><E:Fault><faultcode>E:Client.NotAuthorized'
        "</faultcode><faultstring>Sender not Authorized</faultstring></E:Fault></E:Body></E:Envelope>",
        "500 x",
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", REFUSALS)
async def test_line_4_a_refused_login_in_every_shape(shape: str) -> None:
    """Whatever a refusal looks like, one wrong login is shown, it judges ``credentials``, and the service is alive."""
    async with attacking(answering(wants_token(onvif(), REFUSALS[shape]))) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}, credential=WRONG))
    assert said(result) == {"reachable": "ok", "control": "ok", "clock": "ok", "credentials": "fail credentials"}
    assert peer.logins == 1


@pytest.mark.parametrize("shape", REFUSALS)
async def test_line_4_the_right_login_after_every_shape(shape: str) -> None:
    """The same refusals of the question without a login lead to a token, which is accepted."""
    async with attacking(answering(wants_token(onvif(), REFUSALS[shape]))) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}))
    assert said(result)["credentials"] == "ok"
    assert result.learnt["streams"] == {"1": "/sub?a=1&b=2"}


async def test_line_4_nonsense_with_a_login_too() -> None:
    """What is nonsense with our login too says nothing about it: unseen, and no login counts as refused."""
    broken = http(b"", "500 Internal Server Error")
    async with attacking(answering(onvif({"GetDeviceInformation": broken}))) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}))
    assert said(result)["credentials"] == "unseen server_error"
    assert "login" not in result.learnt
    assert peer.logins == 1


async def test_line_4_an_open_device_with_closed_media() -> None:
    """A device that tells everybody what it is, and its streams only to users, is logged in to for those."""
    free = (*OPEN, "GetDeviceInformation")
    async with attacking(answering(wants_token(onvif(), REFUSALS["400 with a fault"], free))) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}))
    assert said(result)["credentials"] == "ok"
    assert result.learnt["streams"] == {"1": "/sub?a=1&b=2"}


async def test_line_4_digest_for_media_alone() -> None:
    """The same where media wants a digest."""
    lock = Digest()
    guarded = lock.guard(
        onvif(), lambda fields: http(HTML, "401 Unauthorized", *fields), (*OPEN, "GetDeviceInformation")
    )
    async with attacking(answering(guarded)) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}), requests=8)
    assert said(result)["credentials"] == "ok"
    assert (result.learnt["streams"], lock.refused) == ({"1": "/sub?a=1&b=2"}, 0)


#: WWW-Authenticate as cameras write it; a digest without qop is one of RFC 2069.
CHALLENGES = {
    "as RFC 2617 wants": 'Digest realm="camera", nonce="{nonce}", qop="auth", algorithm=MD5',
    "no qop and no algorithm": 'Digest realm="camera", nonce="{nonce}"',
    "no blanks": 'Digest realm="camera",nonce="{nonce}",qop="auth",algorithm="MD5",opaque="0"',
    "stale in capitals": 'Digest realm="camera", nonce="{nonce}", stale="FALSE"',
    "nothing in quotes": "Digest realm=camera, nonce={nonce}, qop=auth, stale=false",
    "no commas": 'Digest realm="camera" nonce="{nonce}" algorithm="MD5"',
    "a quote that never ends": 'Digest realm="camera", nonce="{nonce}',
    "small letters": 'digest REALM="camera", NONCE="{nonce}", Qop="auth"',
    "auth-int beside auth": 'Digest realm="camera", nonce="{nonce}", qop="auth-int,auth"',
    "qop of two in a row": 'Digest qop="auth, auth-int", realm="camera", nonce="{nonce}"',
    "Basic first": 'Basic realm="camera"\nDigest realm="camera", nonce="{nonce}"',
    "Basic behind it in one line": 'Digest realm="camera", nonce="{nonce}", stale="FALSE", Basic realm="camera"',
    "several digests": 'Digest realm="camera", nonce="{nonce}", algorithm=CRC-32\nDigest realm="camera", nonce="{nonce}", algorithm=MD5',
    "an algorithm that is empty": 'Digest realm="camera", nonce="{nonce}", algorithm=""',
    "a domain": 'Digest realm="camera", domain="::", qop="auth", nonce="{nonce}", opaque="", algorithm="MD5"',
}


@pytest.mark.parametrize("shape", CHALLENGES)
async def test_line_4_a_challenge_over_http(shape: str) -> None:
    """Each way to write a digest challenge is understood, at the first try."""
    lock = Digest(CHALLENGES[shape])
    guarded = lock.guard(onvif(), lambda fields: http(HTML, "401 Unauthorized", *fields))
    async with attacking(answering(guarded)) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}))
    assert said(result)["credentials"] == "ok"
    assert (result.learnt["scheme"], lock.refused) == ("digest", 0)


@pytest.mark.parametrize("shape", CHALLENGES)
async def test_line_4_a_challenge_over_rtsp(shape: str) -> None:
    """The same over RTSP, where a nonce holds for a connection."""
    lock = Digest(CHALLENGES[shape], once=False)
    answer = streaming()
    guarded = lambda asked: answer(asked) if lock.accepts(asked) else rtsp("401 Unauthorized", *lock.fields())  # noqa: E731
    async with attacking(answering(guarded)) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}), STREAM)
    assert said(result) == {"reachable": "ok", "credentials": "ok", "stream": "ok", "media": "ok"}
    assert lock.refused == 0


async def test_line_4_a_realm_with_blanks_and_no_quotes() -> None:
    """A realm without quotes goes on to the next comma."""
    lock = Digest("Digest realm=IP Camera(12345), nonce={nonce}, stale=FALSE", "IP Camera(12345)", once=False)
    answer = streaming()
    guarded = lambda asked: answer(asked) if lock.accepts(asked) else rtsp("401 Unauthorized", *lock.fields())  # noqa: E731
    async with attacking(answering(guarded)) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}), STREAM)
    assert (said(result)["stream"], lock.refused) == ("ok", 0)


async def test_line_4_a_new_nonce_with_each_rtsp_reply() -> None:
    """A server whose nonces are good for one request gets a fresh proof for each, and none of them is a wrong login."""
    lock = Digest('Digest realm="camera", nonce="{nonce}"')
    answer = streaming()
    guarded = lambda asked: answer(asked) if lock.accepts(asked) else rtsp("401 Unauthorized", *lock.fields())  # noqa: E731
    async with attacking(answering(guarded)) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}), STREAM)
    assert said(result) == {"reachable": "ok", "credentials": "ok", "stream": "ok", "media": "ok"}


async def test_line_4_a_nonce_for_one_address() -> None:
    """A device whose nonces hold for the address alone that they were given for gets a proof with a nonce of that address."""
    locks: dict[bytes, Digest] = {}
    refused = 0

    def answer(asked: bytes) -> bytes:
        nonlocal refused
        lock = locks.setdefault(asked.split(b" ")[1], Digest(f'Digest realm="camera", nonce="{len(locks)}{{nonce}}"'))
        lock.prefix = f"{list(locks.values()).index(lock)}"
        if operation(asked) in OPEN or lock.accepts(asked):
            return onvif()(asked)
        refused += shows_login(asked)
        return http(HTML, "401 Unauthorized", *lock.fields())

    async with attacking(answering(answer)) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}), requests=8)
    assert (said(result)["credentials"], refused, len(locks)) == ("ok", 0, 2)
    assert result.learnt["streams"] == {"1": "/sub?a=1&b=2"}


async def test_line_5_a_refused_login_is_not_repeated() -> None:
    """After one refusal no further login is tried for ten minutes, over ONVIF or RTSP, and none but these two in thirty."""
    lock = Digest()
    refuse = lambda fields: http(HTML, "401 Unauthorized", *fields)  # noqa: E731
    closed = rtsp("401 Unauthorized", 'WWW-Authenticate: Digest realm="camera", nonce="1"')
    async with (
        attacking(answering(lock.guard(onvif(), refuse))) as web,
        attacking(answering(lambda asked: closed)) as video,
    ):
        target = device(ports={"onvif": web.port, "rtsp": video.port}, credential=WRONG)
        memory = Memory()
        for _ in range(5):
            for name in ("onvif", "rtsp"):
                result = await probe(name, target, STREAM, memory)
                memory = after(memory, result)
    assert (web.logins, video.logins) == (1, 0)
    assert said(result) == {"reachable": "ok", "stream": "unseen locked"}


#: What a full device answers over RTSP where the same login has just worked.
FULL = {
    "401": "401 Unauthorized",
    "403": "403 Forbidden",
    "453": "453 Not Enough Bandwidth",
    "503": "503 Service Unavailable",
}


@pytest.mark.parametrize("status", FULL)
@pytest.mark.parametrize("method", ["DESCRIBE", "SETUP", "PLAY"])
async def test_line_6_full_is_not_a_wrong_password(status: str, method: str) -> None:
    """401 and 403 where this login worked within ten minutes mean the same as 453 and 503: full, and nothing fails."""
    lock = Digest(once=False)
    answer = streaming()

    def full(asked: bytes) -> bytes:
        if not lock.accepts(asked):
            return rtsp("401 Unauthorized", *lock.fields())
        return rtsp(FULL[status], *lock.fields()) if asked.startswith(method.encode()) else answer(asked)

    memory = Memory(login=Login(succeeded_at=time.time() - 60))
    async with attacking(answering(full)) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}), STREAM, memory)
    told = said(result)
    assert told["stream" if method == "DESCRIBE" else "media"] == "unseen busy"
    assert "fail" not in " ".join(told.values())


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
async def test_line_6_full_over_onvif(status: str) -> None:
    """The same over HTTP: a login refused that worked a minute ago is busy."""
    memory = Memory(scheme="token", login=Login(succeeded_at=time.time() - 60))
    refuse = http(HTML, status)
    async with attacking(answering(wants_token(onvif(), refuse))) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}, credential=WRONG), memory=memory)
    assert said(result)["credentials"] == "unseen busy"


async def test_line_6_a_wrong_password_stays_one() -> None:
    """The same 401 where no login worked lately is a refused login."""
    answer = lambda asked: rtsp("401 Unauthorized", *Digest().fields())  # noqa: E731
    async with attacking(answering(answer)) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}), STREAM)
    assert said(result) == {
        "reachable": "ok",
        "credentials": "fail credentials",
        "stream": "unseen credentials",
        "media": "unseen credentials",
    }


@pytest.mark.parametrize("offset_s", [-79_000_000.0, -3600.0, -90.0, 3600.0, 400_000_000.0])
async def test_line_7_the_token_is_dated_by_the_devices_clock(offset_s: float) -> None:
    """A device years off accepts our token, since it bears the time that the device told to everybody before."""
    changes = {"GetSystemDateAndTime": lambda _: http(clock(offset_s=offset_s))}
    guarded = wants_token(onvif(changes), REFUSALS["400 with a fault"], OPEN, offset_s)
    async with attacking(answering(guarded)) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}))
    assert said(result)["credentials"] == "ok"
    assert said(result)["clock"] == "fail clock"
    assert float(result.verdict.measurements["clock_offset_s"]) == pytest.approx(offset_s, abs=2)


async def test_line_7_a_clock_is_not_judged_by_a_login() -> None:
    """A device that accepts any date has a wrong clock all the same, and one that refuses a login may have a right one."""
    off = {"GetSystemDateAndTime": lambda _: http(clock(offset_s=-9e7))}
    async with attacking(answering(onvif(off))) as peer:
        accepted = await probe("onvif", device(ports={"onvif": peer.port}))
    async with attacking(answering(wants_token(onvif(), REFUSALS["401 with HTML"]))) as peer:
        refused = await probe("onvif", device(ports={"onvif": peer.port}, credential=WRONG))
    assert (said(accepted)["clock"], said(refused)["clock"]) == ("fail clock", "ok")


async def test_line_7_an_hour_off_is_said_to_be_summer_time() -> None:
    """A clock one hour off is wrong, and what is probably wrong with it is said."""
    async with attacking(answering(onvif({"GetSystemDateAndTime": lambda _: http(clock(offset_s=3600))}))) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}))
    assert findings(result)[Rung.CLOCK].detail == "off by +1.0 h, which looks like daylight saving time"


async def test_line_7_a_device_that_does_not_go_by_the_time_that_it_tells() -> None:
    """A device that tells local time for UTC refuses a token dated by it; the next one is dated by our own clock."""
    changes = {"GetSystemDateAndTime": lambda _: http(clock(offset_s=36000))}
    guarded = wants_token(onvif(changes), REFUSALS["400 with a fault"], OPEN, offset_s=0.0)
    now = [time.time()]
    clocks = Clocks(lambda: now[0], time.monotonic)
    async with attacking(answering(guarded)) as peer:
        target = device(ports={"onvif": peer.port})
        first = await probe("onvif", target, clocks=clocks)
        memory = after(Memory(), first)._replace(login=Login())
        second = await probe("onvif", target, memory=memory, clocks=clocks)
    assert [said(result)["credentials"] for result in (first, second)] == ["fail credentials", "ok"]
    assert memory.own_clock


async def test_a_device_that_is_open_again() -> None:
    """A device that wanted digests, and now answers everybody, has neither accepted nor refused a login."""
    async with attacking(answering(onvif())) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}), memory=Memory(scheme="digest"))
    assert said(result)["credentials"] == "n/a"
    assert peer.logins == 0
    assert "login" not in result.learnt
    assert result.learnt["scheme"] == "open"


async def test_line_8_the_time_is_asked_without_a_login() -> None:
    """Whatever is known of a device's logins, its time is asked without one: some reject it with a wrong one."""
    for scheme in ("", "token", "digest"):
        async with attacking(answering(wants_token(onvif(), REFUSALS["401 with HTML"]))) as peer:
            await probe("onvif", device(ports={"onvif": peer.port}, credential=WRONG), memory=Memory(scheme=scheme))
        first = bytes(peer.heard).split(b"</s:Envelope>")[0]
        assert b"GetSystemDateAndTime" in first
        assert not shows_login(first)


@pytest.mark.parametrize("shape", ["401 with HTML", "400 with a fault", "401 with a fault"])
async def test_line_8_a_device_that_wants_a_login_for_its_time(shape: str) -> None:
    """It is alive; once the login has worked its time is asked again with it, so that its clock is judged after all."""
    async with attacking(answering(wants_token(onvif(), REFUSALS[shape], ()))) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}))
    assert said(result) == {"reachable": "ok", "control": "ok", "clock": "ok", "credentials": "ok", "identity": "n/a"}


async def test_line_8_a_device_without_a_time() -> None:
    """Cameras that do not know the question are alive, and have no clock that we could judge."""
    async with attacking(
        answering(onvif({"GetSystemDateAndTime": http(fault("ter:ActionNotSupported"), "500 x")}))
    ) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}))
    assert said(result)["control"] == "ok"
    assert said(result)["clock"] == "n/a"
    assert said(result)["credentials"] == "n/a"
    assert operations(peer.heard).count("GetSystemDateAndTime") == 1


@pytest.mark.parametrize(
    "status", ["404 Not Found", "400 Bad Request", "500 Internal Server Error", "501 Not Implemented"]
)
async def test_line_8_a_device_whose_http_knows_no_time(status: str) -> None:
    """A device that has no such question at all is alive by its other answers, at a login's time and between."""
    timeless = {"GetSystemDateAndTime": http(HTML, status)}
    guarded = wants_token(onvif(timeless), REFUSALS["400 with a fault"])
    async with attacking(answering(guarded)) as peer:
        target = device(ports={"onvif": peer.port})
        first = await probe("onvif", target)
        light = Ask(frozenset({Rung.CONTROL, Rung.CLOCK}), (camera(),), 2)
        memory = after(Memory(), first)
        second = await run_probe("onvif", PROBES["onvif"], target, light, memory, CLOCKS, QUICK)
    assert said(first) == {"reachable": "ok", "control": "ok", "clock": "n/a", "credentials": "ok", "identity": "n/a"}
    assert first.learnt["streams"] == {"1": "/sub?a=1&b=2"}
    assert said(second) == {"reachable": "ok", "control": "ok", "clock": "n/a"}


async def test_a_server_that_closes_after_its_401_over_rtsp() -> None:
    """A server that hangs up behind its challenge gets the answer to it over a connection of its own."""
    lock = Digest(once=False)
    answer = streaming()

    async def handle(reader, writer):  # type: ignore[no-untyped-def]
        while True:
            asked = await reader.readuntil(b"\r\n\r\n")
            sequence = asked.split(b"CSeq: ")[1].split(b"\r\n")[0]
            good = lock.accepts(asked)
            said_ = answer(asked) if good else rtsp("401 Unauthorized", "Connection: close", *lock.fields())
            writer.write(said_.replace(b"{cseq}", sequence))
            await writer.drain()
            if not good:
                return

    async with attacking(handle) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}), STREAM)
    assert said(result) == {"reachable": "ok", "credentials": "ok", "stream": "ok", "media": "ok"}
    assert (peer.connections, peer.logins - 3, lock.refused) == (2, 1, 0)


async def test_a_login_that_is_wanted_for_options() -> None:
    """A server that is asked OPTIONS first, and wants a login for that, is told it with DESCRIBE, and has accepted it there."""
    lock = Digest(once=False)
    answer = streaming()
    guarded = lambda asked: answer(asked) if lock.accepts(asked) else rtsp("401 Unauthorized", *lock.fields())  # noqa: E731
    async with attacking(answering(guarded)) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}), STREAM, Memory(options_first=True))
    assert said(result) == {"reachable": "ok", "credentials": "ok", "stream": "ok", "media": "ok"}
    assert lock.refused == 0


async def test_an_rtsp_server_that_describes_to_everybody() -> None:
    """Where DESCRIBE wants no login none is shown, and the credentials stay what they were."""
    async with attacking(answering(streaming({"DESCRIBE": described()}))) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}), STREAM)
    assert said(result) == {"reachable": "ok", "stream": "ok", "media": "ok"}
    assert peer.logins == 0


@pytest.mark.parametrize("serial", ["", "A1B2C3"])
async def test_information_with_missing_fields(serial: str) -> None:
    """Line 23: an empty maker, no model, "NONE": the login worked all the same, and only what is there is told."""
    told = information(serial, "", "").replace("<tds:Model></tds:Model>", "")
    async with attacking(answering(onvif({"GetDeviceInformation": told}))) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}))
    assert said(result)["control"] == "ok"
    assert "model" not in result.verdict.measurements
    assert "manufacturer" not in result.verdict.measurements
    assert result.verdict.measurements.get("serial", "") == serial


@pytest.mark.parametrize("status", ["400 Bad Request", "403 Forbidden", "500 Internal Server Error"])
async def test_what_says_nothing_about_a_login_is_no_yes(status: str) -> None:
    """A server that has no answer to a login, once it is shown one, has not accepted it."""
    closed = rtsp("401 Unauthorized", 'WWW-Authenticate: Digest realm="camera", nonce="1"')
    async with attacking(answering(lambda asked: rtsp(status) if shows_login(asked) else closed)) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}), STREAM)
    assert said(result).get("credentials") in (None, "fail credentials")
    assert result.learnt.get("login", Login()).succeeded_at is None


async def test_a_password_that_is_wanted_in_the_clear_for_set_up_alone() -> None:
    """A server that describes to everybody and wants Basic for the video gets no login, so that it has refused none."""
    closed = rtsp("401 Unauthorized", 'WWW-Authenticate: Basic realm="camera"')
    async with attacking(answering(streaming({"SETUP": closed}))) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}), STREAM)
    assert said(result) == {"reachable": "ok", "stream": "ok", "media": "unseen insecure"}
    assert peer.logins == 0
