"""ONVIF as cameras speak it (protocol notes, lines 9 to 12): addresses, profiles and services in every shape."""

from __future__ import annotations

import pytest
from peers.hostile import answering, attacking, closing, silent
from quirks.shapes import (
    MEDIA_1,
    MEDIA_2,
    OPEN,
    UNKNOWN_ACTION,
    Digest,
    Shot,
    envelope,
    fault,
    http,
    media1,
    media2,
    onvif,
    operations,
    reply,
    services,
    streaming,
    uri,
    uri_by_token,
)
from talks import after, camera, device, findings, probe, said

from monitor.core.model import DEFAULT_PORTS
from monitor.core.verdict import Rung
from monitor.probes.memory import Memory

INCOMPLETE = http(
    envelope(
        "<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>ter:Action</s:Value><s:Subcode><s:Value>"
        "ter:IncompleteConfiguration</s:Value></s:Subcode></s:Subcode></s:Code><s:Reason><s:Text>Incomplete</s:Text>"
        "</s:Reason><s:Node>http://192.0.2.7/onvif/media</s:Node><s:Role>urn:x</s:Role></s:Fault>"
    ),
    "500 Internal Server Error",
)
NOT_THERE = http(fault("ter:ActionNotSupported", "Optional Action Not Implemented", "s:Receiver"), "500 x")
BOTH = services(MEDIA_1, MEDIA_2)


async def streams(changes: dict[str, object], **more: object) -> dict[str, str]:
    """Return the streams' paths by channel that a camera with these answers teaches."""
    async with attacking(answering(onvif(changes))) as peer:  # type: ignore[arg-type]
        result = await probe("onvif", device(ports={"onvif": peer.port}), **more)  # type: ignore[arg-type]
    return dict(result.learnt.get("streams", {}))


async def test_line_9_no_addressing_headers() -> None:
    """No request bears WS-Addressing headers: they break cameras, and only events need them."""
    async with attacking(answering(Digest().guard(onvif(), lambda fields: http("", "401 x", *fields)))) as peer:
        await probe("onvif", device(ports={"onvif": peer.port}))
    assert operations(peer.heard)[-1] == "GetStreamUri"
    assert b"addressing" not in peer.heard
    assert b"MessageID" not in peer.heard


#: An address as a device gives it; its path.
ADDRESSES = {
    "another host": ("rtsp://10.1.1.1/live?a=1&b=2", "/live?a=1&b=2"),
    "a port twice": ("rtsp://10.1.1.1:8106:8106/live", "/live"),
    "a host cut short": ("rtsp://192.168.1./live", "/live"),
    "no host": ("rtsp:///live", "/live"),
    "an address of IPv6": ("rtsp://[fe80::1]:554/live", "/live"),
    "an IPv4 address in IPv6 clothes": ("rtsp://::ffff:10.1.1.1/live", "/live"),
    "two schemes": ("rtsp://rtsp://10.1.1.1/live", "/live"),
    "a login": ("rtsp://admin:pass@10.1.1.1:554/live", "/live"),
    "no path": ("rtsp://10.1.1.1:554", "/"),
    "no path, a query": ("rtsp://10.1.1.1:554?profile=1", "/?profile=1"),
    "a login in the path": ("rtsp://10.1.1.1:554/user=admin_password=x_channel=1_stream=1.sdp?real_stream", "/user=admin_password=x_channel=1_stream=1.sdp?real_stream"),
    "escaped twice": ("rtsp://10.1.1.1/live?a=1&amp;b=2", "/live?a=1&b=2"),
    "white space around it": ("\r\n  rtsp://10.1.1.1/live \n", "/live"),
    "capitals": ("RTSP://CAM.LOCAL/Live", "/Live"),
    "dots and stars": ("rtsp://10.1.1.1/11?x=*&y=../", "/11?x=*&y=../"),
}  # fmt: skip


@pytest.mark.parametrize("shape", ADDRESSES)
async def test_line_10_a_stream_at_another_host(shape: str) -> None:
    """Whatever host, port or login an address names, its path and query are what is kept."""
    address, path = ADDRESSES[shape]
    assert await streams({"GetStreamUri": uri(address)}) == {"1": path}


async def test_line_10_a_bare_ampersand_in_an_address() -> None:
    """An address whose ampersands are not escaped is no broken XML."""
    answer = uri("rtsp://10.1.1.1/live?a=1&b=2&copy=3").replace("&amp;", "&")
    assert await streams({"GetStreamUri": answer}) == {"1": "/live?a=1&b=2&copy=3"}


@pytest.mark.parametrize(
    ("address", "port"),
    [
        ("rtsp://10.1.1.1:8554/live", 8554),
        ("rtsp://10.1.1.1/live", 554),
        ("rtsp://10.1.1.1:8554:8554/live", 8554),
        ("rtsps://10.1.1.1:322/live", 554),
        ("http://10.1.1.1:80/live", 554),
    ],
)
async def test_line_10_the_streams_port_is_the_devices_word(address: str, port: int) -> None:
    """Where the inventory gives no port for RTSP, the one that the device names with rtsp:// is asked; else 554."""
    async with attacking(answering(onvif({"GetStreamUri": uri(address)}))) as peer:
        learnt = after(Memory(), await probe("onvif", device(ports={"onvif": peer.port})))
    assert learnt.streams == {"1": "/live"}
    assert (learnt.rtsp_port or 554) == port


async def test_line_10_the_inventorys_port_is_heard_first() -> None:
    """A device behind NAT names a port of its own network: the inventory's holds."""
    async with (
        attacking(answering(onvif({"GetStreamUri": uri("rtsp://10.1.1.1:1/live")}))) as web,
        attacking(answering(streaming())) as video,
    ):
        target = device(ports={"onvif": web.port, "rtsp": video.port})
        learnt = after(Memory(), await probe("onvif", target))
        result = await probe("rtsp", target, camera(), learnt)
    assert said(result)["media"] == "ok"


async def test_line_10_the_devices_port_is_asked() -> None:
    """Without a port in the inventory the stream is asked for where the device said."""
    async with attacking(answering(streaming())) as video:
        told = uri(f"rtsp://10.1.1.1:{video.port}/live")
        async with attacking(answering(onvif({"GetStreamUri": told}))) as web:
            target = device(ports={"onvif": web.port})
            learnt = after(Memory(), await probe("onvif", target))
            result = await probe("rtsp", target, camera(), learnt)
    assert said(result)["media"] == "ok"
    assert f"DESCRIBE rtsp://127.0.0.1:{video.port}/live ".encode() in video.heard


@pytest.mark.parametrize("port", ["1", "99999", "0"])
async def test_line_10_a_service_at_a_wrong_port(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service whose port leads nowhere is asked for at the port that answered; the device stays reachable."""
    places = services(("trt", f"http://192.0.2.7:{port}/onvif/media"))
    async with attacking(answering(onvif({"GetServices": places}))) as peer:
        monkeypatch.setitem(DEFAULT_PORTS, "onvif", peer.port)
        result = await probe("onvif", device())
    assert said(result)["reachable"] == "ok"
    assert result.learnt["streams"] == {"1": "/sub?a=1&b=2"}


@pytest.mark.parametrize(
    "address",
    [
        "https://192.0.2.7:443/onvif/media",
        "https://192.0.2.7/onvif/media",
        "http://a/onvif/media https://a:443/onvif/media",
        "https://a:443/onvif/media http://a/onvif/media",
        "/onvif/media",
        "192.0.2.7/onvif/media",
    ],
)
async def test_line_10_a_service_over_https(address: str) -> None:
    """A service that is named with https, or twice, is asked for by its path, where the device answered before."""
    async with attacking(answering(onvif({"GetServices": services(("trt", address))}))) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}))
    assert result.learnt["streams"] == {"1": "/sub?a=1&b=2"}
    assert b"POST /onvif/media HTTP/1.1" in peer.heard or b"POST /192.0.2.7/onvif/media HTTP/1.1" in peer.heard


#: Profiles of a camera, and which one's stream is taken.
PROFILES = {
    "the smallest": ((Shot("main", width=2560, height=1440), Shot("sub"), Shot("third", width=1280, height=720)), "sub"),
    "H.264 before JPEG": ((Shot("main", width=1920, height=1080), Shot("jpeg", encoding="JPEG", width=320, height=240)), "main"),
    "JPEG where there is nothing else": ((Shot("jpeg", encoding="JPEG"),), "jpeg"),
    "metadata and sound beside it": ((Shot("meta", encoding=None), Shot("sound", None, None), Shot("main")), "main"),
    "H.265 in small letters": ((Shot("main", encoding="h265"),), "main"),
    "an encoding without a name": ((Shot("main", encoding="", width=0, height=0),), "main"),
    "a name of another kind": ((Shot("main", encoding="video/H264"),), "main"),
    "no encoder anywhere": ((Shot("main", encoding=None), Shot("sub", encoding=None)), "main"),
    "no source anywhere": ((Shot("main", None, width=1920, height=1080), Shot("sub", None)), "sub"),
    "a profile without a source first": ((Shot("free", None), Shot("main", "s")), "main"),
    "a token of odd characters": ((Shot("p 1/\u00fc&amp;"),), "p 1/\u00fc&amp;"),
}  # fmt: skip


@pytest.mark.parametrize("shape", PROFILES)
async def test_profiles_of_one_camera(shape: str) -> None:
    """The smallest stream that RTP carries as video is asked for, however the profiles are written."""
    shots, token = PROFILES[shape]
    asked: list[str] = []

    def answer(question: bytes) -> bytes:
        asked.append(question.split(b"ProfileToken>")[1].split(b"<")[0].decode())
        return http(uri("rtsp://192.0.2.7/live"))

    assert await streams({"GetProfiles": media1(*shots), "GetStreamUri": answer}) == {"1": "/live"}
    assert asked == [token]


@pytest.mark.parametrize(
    "bad", [INCOMPLETE, http(uri("")), http(b"", "500 x"), http(reply("GetStreamUri", "", "trt")), http("<html/>")]
)
async def test_line_11_one_bad_profile_is_no_bad_camera(bad: bytes) -> None:
    """Where the smallest profile has no stream, the next one of the same source is asked."""

    def answer(question: bytes) -> bytes:
        return bad if b">sub<" in question else uri_by_token(question)

    shots = media1(Shot("main", width=1920, height=1080), Shot("sub"))
    assert await streams({"GetProfiles": shots, "GetStreamUri": answer}) == {"1": "/main?a=1&b=2"}


async def test_line_11_every_profile_is_bad() -> None:
    """Three profiles are tried and no more; the path stays unknown, and nothing fails that worked."""
    shots = media1(*(Shot(f"p{number}", width=640 + number) for number in range(9)))
    async with attacking(answering(onvif({"GetProfiles": shots, "GetStreamUri": INCOMPLETE}))) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}))
    assert operations(peer.heard).count("GetStreamUri") == 3
    assert "streams" not in result.learnt
    assert "fail" not in " ".join(said(result).values())


#: Answers of cameras that have media2, or only it.
MEDIA2 = {
    "media2 alone": {"GetServices": services(MEDIA_2), "GetProfiles": NOT_THERE},
    "media shows nothing": {"GetServices": BOTH, "GetProfiles": media1()},
    "media shows no encoder": {"GetServices": BOTH, "GetProfiles": media1(Shot("hidden", encoding=None))},
    "media shows JPEG alone": {"GetServices": BOTH, "GetProfiles": media1(Shot("jpeg", encoding="JPEG"))},
    "media faults": {"GetServices": BOTH, "GetProfiles": NOT_THERE},
    "media is broken": {"GetServices": BOTH, "GetProfiles": http(b"", "500 x")},
    "media is said to be, and is not": {"GetServices": BOTH, "GetProfiles": http(b"", "404 Not Found")},
}


@pytest.mark.parametrize("shape", MEDIA2)
async def test_line_12_a_camera_with_media2_alone(shape: str) -> None:
    """H.265 is seen through media2, whatever media says."""
    changes = {"GetProfiles2": media2(Shot("h265", encoding="H265")), "GetStreamUri": NOT_THERE, **MEDIA2[shape]}
    assert await streams(changes) == {"1": "/h265?a=1&b=2"}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "broken",
    [
        NOT_THERE,
        media2(),
        media2(Shot("x", None, None)),
        http("", "404 x"),
        http("<html/>"),
        reply("GetProfiles", '<tr2:Profiles token="x"><tr2:Name>x</tr2:Name></tr2:Profiles>', "tr2"),
    ],
)
async def test_line_12_a_camera_whose_media2_is_empty(broken: bytes | str) -> None:
    """Where media2 says nothing of use, media is asked."""
    assert await streams({"GetServices": BOTH, "GetProfiles2": broken}) == {"1": "/sub?a=1&b=2"}


async def test_line_12_a_stream_that_media2_does_not_give() -> None:
    """Where media2 lists profiles and gives no stream for them, media is asked for it by the same token."""
    assert await streams({"GetServices": BOTH, "GetStreamUri2": NOT_THERE}) == {"1": "/sub?a=1&b=2"}


#: What answers where GetServices should; {} is the rest of an honest camera.
SERVICES = {
    "unknown": NOT_THERE,
    "a wrong place": http("", "404 Not Found"),
    "a bad request": http("", "400 Bad Request"),
    "nothing": services(),
    "the device alone": services(("tds", "http://192.0.2.7/onvif/device_service")),
    "HTML": http("<html/>"),
    "an empty body": http(""),
}
CAPABILITIES = reply(
    "GetCapabilities",
    "<tds:Capabilities><tt:Device><tt:XAddr>http://192.0.2.7/onvif/device_service</tt:XAddr></tt:Device><tt:Media><tt:XAddr>"
    "http://192.0.2.7:80/onvif/Media</tt:XAddr><tt:StreamingCapabilities/></tt:Media></tds:Capabilities>",
)


@pytest.mark.parametrize("shape", SERVICES)
async def test_a_camera_without_get_services(shape: str) -> None:
    """Older cameras tell their services by GetCapabilities alone."""
    async with attacking(answering(onvif({"GetServices": SERVICES[shape], "GetCapabilities": CAPABILITIES}))) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}))
    assert result.learnt["streams"] == {"1": "/sub?a=1&b=2"}
    assert b"POST /onvif/Media HTTP/1.1" in peer.heard


@pytest.mark.parametrize("shape", SERVICES)
async def test_a_camera_that_tells_no_services(shape: str) -> None:
    """Where neither question is answered, profiles are asked for at the device's own address."""
    async with attacking(answering(onvif({"GetServices": SERVICES[shape], "GetCapabilities": NOT_THERE}))) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}))
    assert result.learnt["streams"] == {"1": "/sub?a=1&b=2"}


async def test_a_camera_that_hangs_up_on_what_it_does_not_know() -> None:
    """A device that closes the connection at GetServices is asked on, over another connection."""

    async def handle(reader, writer):  # type: ignore[no-untyped-def]
        answer = onvif({"GetCapabilities": CAPABILITIES})
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            asked = head + await reader.readexactly(length)
            if b"GetServices" in asked:
                return
            writer.write(answer(asked))
            await writer.drain()

    async with attacking(handle) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}))
    assert result.learnt["streams"] == {"1": "/sub?a=1&b=2"}


#: What answers on ONVIF's port where ONVIF is switched off, and what is said of ``control``.
SWITCHED_OFF = {
    "404": (answering(lambda _: http("<html/>", "404 Not Found")), "fail unsupported"),
    "405": (answering(lambda _: http("", "405 Method Not Allowed")), "fail unsupported"),
    "501": (answering(lambda _: http("", "501 Not Implemented")), "fail unsupported"),
    "a web page": (answering(lambda _: http("<html><body>Login</body></html>")), "fail protocol"),
    "a redirect to it": (answering(lambda _: http("", "302 Found", "Location: /doc/page/login.asp")), "fail redirect"),
    "hangs up": (closing, "fail closed"),
    "silence": (silent, "fail no_reply"),
}


@pytest.mark.parametrize("shape", SWITCHED_OFF)
async def test_onvif_switched_off(shape: str) -> None:
    """Cameras ship with ONVIF off: that is a reason of ``control`` and of nothing else; no login is tried."""
    handler, expected = SWITCHED_OFF[shape]
    async with attacking(handler) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}))
    assert said(result) == {"reachable": "ok", "control": expected}
    assert peer.logins == 0


async def test_line_7_the_clock_is_asked_before_any_login() -> None:
    """The order of questions: the time without a login, who it is, where its services are, profiles, the stream."""
    async with attacking(answering(onvif())) as peer:
        await probe("onvif", device(ports={"onvif": peer.port}))
    assert operations(peer.heard) == [
        "GetSystemDateAndTime",
        "GetDeviceInformation",
        "GetServices",
        "GetProfiles",
        "GetStreamUri",
    ]


@pytest.mark.parametrize("faulty", ["GetServices", "GetProfiles", "GetStreamUri"])
@pytest.mark.parametrize(
    "code", ["ter:OutofMemory", "ter:CriticalError", "ter:ActionNotSupported", "ter:InvalidArgVal"]
)
async def test_a_fault_after_the_login(faulty: str, code: str) -> None:
    """A fault of a later question takes nothing back of what was answered before."""
    changes = {faulty: http(fault(code, "x", "s:Receiver"), "500 x")}
    async with attacking(answering(onvif(changes))) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}))
    assert said(result) == {"reachable": "ok", "control": "ok", "clock": "ok", "credentials": "n/a", "identity": "n/a"}


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_camera_that_does_not_tell_what_it_is(guarded: bool) -> None:
    """Its streams are learnt all the same, and its login is judged by them: none is shown to what it does not know."""
    answers = onvif({"GetDeviceInformation": UNKNOWN_ACTION})
    lock = Digest()
    free = (*OPEN, "GetDeviceInformation")
    answer = lock.guard(answers, lambda fields: http("", "401 x", *fields), free) if guarded else answers
    async with attacking(answering(answer)) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}))
    assert result.learnt["streams"] == {"1": "/sub?a=1&b=2"}
    assert said(result)["credentials"] == ("ok" if guarded else "unseen fault")
    assert (lock.refused, peer.logins) == (0, 2 if guarded else 0)


async def test_a_reply_to_another_question_is_no_reply() -> None:
    """What answers another question is not taken for an answer."""
    async with attacking(answering(onvif({"GetSystemDateAndTime": reply("GetHostname")}))) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}))
    assert said(result)["control"] == "fail protocol"
    assert findings(result)[Rung.CONTROL].detail == "expected GetSystemDateAndTimeResponse, got GetHostnameResponse"


async def test_a_whole_camera_within_the_first_contacts_budget() -> None:
    """Time, login by digest with nonces for one request each, services, profiles and stream take eight requests."""
    lock = Digest()
    guarded = lock.guard(onvif({"GetServices": BOTH}), lambda fields: http("", "401 x", *fields))
    async with attacking(answering(guarded)) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}), requests=8)
    assert result.learnt["streams"] == {"1": "/sub?a=1&b=2"}
    assert result.verdict.requests <= 8
