"""The makes' manners: how each says no, what each puts on the wire, and how the malformed ones get it wrong."""

from __future__ import annotations

import asyncio
import re

import pytest
from peers.cities import CityDevice, RunningCity
from visits import INFORMATION, TDS, TIME, TR2, TRT, ask, ask_wrongly, envelope, post, rtsp, stream_url, token

from simulator.malformed import KINDS, MALFORMERS, RTSP_KINDS

MAKES = ("axis", "hikvision", "dahua", "bosch", "reolink", "noname")


@pytest.mark.parametrize("make", MAKES)
async def test_everyone_is_told_the_time(city: RunningCity, make: str) -> None:
    """GetSystemDateAndTime needs no login (ONVIF Core, access class PRE_AUTH)."""
    heard = await post(city.find(make=make), envelope(TIME))
    assert heard.status == 200
    assert ("LocalDateTime" in heard.body) == (make != "bosch")


@pytest.mark.parametrize(
    ("make", "status", "says"),
    [
        ("axis", 400, "ter:NotAuthorized"),
        ("hikvision", 401, "<h2>Access Error: 401 -- Unauthorized</h2>"),
        ("dahua", 401, "ter:NotAuthorized"),
        ("bosch", 401, "ter:NotAuthorized"),
        ("reolink", 400, "wsse:FailedAuthentication"),
        ("noname", 500, "ter:NotAuthorized"),
    ],
)
async def test_how_a_make_asks_for_a_login(city: RunningCity, make: str, status: int, says: str) -> None:
    """401 with a challenge where digest is known, else a fault; nothing of it counts as a wrong login."""
    device = city.find(make=make)
    before = city.counters(device.id)["failed_logins"]
    heard = await post(device, envelope(INFORMATION))
    assert heard.status == status
    assert says in heard.body
    assert ("WWW-Authenticate: Digest" in heard.head) == (status == 401)
    assert city.counters(device.id)["failed_logins"] == before


async def test_the_preferred_digest_comes_first(city: RunningCity) -> None:
    """A device that offers two algorithms says so in two headers, SHA-256 first (RFC 7616 §3.7)."""
    heard = await post(city.find(make="bosch"), envelope(INFORMATION))
    assert re.findall(r"algorithm=([\w-]+)", heard.head) == ["SHA-256", "MD5"]


async def test_axis_wants_a_right_login_even_for_the_time(city: RunningCity) -> None:
    """A wrong login that comes with an open operation is refused there, and nowhere else."""
    time_with_login = envelope(TIME, token("camfleet", "wrong"))
    assert (await post(city.find(make="axis"), time_with_login)).status == 400
    assert (await post(city.find(make="dahua"), time_with_login)).status == 200


async def test_dahua_says_how_many_attempts_are_left(city: RunningCity) -> None:
    """The fault's text counts down, and every reply closes its connection."""
    device = next(one for one in city.all_of(make="dahua"))
    heard = await ask_wrongly(device)
    assert "You still have 4 attempt(s)" in heard.body
    assert "Connection: close" in heard.head
    assert (await ask(city, device, INFORMATION)).status == 200


async def test_a_cheap_camera_does_not_list_its_services(city: RunningCity) -> None:
    """GetServices is not implemented; GetCapabilities is."""
    device = city.find(make="noname")
    heard = await post(device, envelope(f'<GetServices xmlns="{TDS}"/>'))
    assert (heard.status, "ter:ActionNotSupported" in heard.body) == (500, True)
    assert (await post(device, envelope(f'<GetCapabilities xmlns="{TDS}"/>'))).status == 200


async def test_a_model_with_media2_alone(city: RunningCity) -> None:
    """Its profiles are where Media2 is; their configurations come when they are asked for, Media1 is not there."""
    device = next(one for one in city.all_of() if one.model in ("Q1656-LE", "DH-IPC-HFW5449T1-ZE-LED"))
    assert (await ask(city, device, f'<GetProfiles xmlns="{TRT}"/>')).status == 500
    short = await ask(city, device, f'<GetProfiles xmlns="{TR2}"/>')
    full = await ask(city, device, f'<GetProfiles xmlns="{TR2}"><Type>All</Type></GetProfiles>')
    assert short.body.count("<tr2:Profiles ") == full.body.count("<tr2:Profiles ") == 2
    assert "SourceToken" not in short.body
    assert "SourceToken" in full.body


async def test_an_unknown_profile_is_a_fault(city: RunningCity) -> None:
    """NoProfile, as the Media service has it."""
    device = next(one for one in city.all_of(make="axis") if one.model == "Q6075-E")
    heard = await ask(city, device, f'<GetStreamUri xmlns="{TRT}"><ProfileToken>other</ProfileToken></GetStreamUri>')
    assert heard.status == 400
    assert "ter:NoProfile" in heard.body


async def test_other_paths_and_methods(city: RunningCity) -> None:
    """An unknown path is 404, what is no SOAP a fault."""
    device = city.find(make="axis")
    assert (await post(device, envelope(TIME), path="/axis-cgi/param.cgi")).status == 404
    heard = await post(device, b"hello")
    assert (heard.status, "ter:WellFormed" in heard.body) == (400, True)


@pytest.mark.parametrize("make", MAKES)
async def test_video_plays_and_is_torn_down(city: RunningCity, make: str) -> None:
    """Packets come at a real rate on the channel that was asked for, and stop with TEARDOWN; the counters agree."""
    device = city.find(make=make)
    before = city.counters(device.id)
    async with rtsp(city, device) as visit:
        assert (await visit.play(stream_url(device))).status == 200
        async with asyncio.timeout(60):
            while len({packet[8:12] for packet in visit.packets if packet[1] == 0}) < 6:
                await visit.hear_packet()
        assert (await visit.say("GET_PARAMETER", stream_url(device), f"Session: {visit.session}")).status == 200
        assert (await visit.say("TEARDOWN", stream_url(device), f"Session: {visit.session}")).status == 200
    after = city.counters(device.id)
    changed = {name: after[name] - before[name] for name in after if name.startswith("rtsp_sessions")}
    assert changed["rtsp_sessions_opened"] == changed["rtsp_sessions_closed"] == 1
    assert (after["rtsp_sessions_open"], changed["rtsp_sessions_abandoned"]) == (0, 0)


async def test_a_device_has_two_sessions_and_no_more(city: RunningCity) -> None:
    """The third visitor is told that there is no room; leaving without TEARDOWN is counted and frees it."""
    device = city.find(make="hikvision")
    async with rtsp(city, device) as first, rtsp(city, device) as second, rtsp(city, device) as third:
        assert (await first.play(stream_url(device))).status == 200
        assert (await second.play(stream_url(device))).status == 200
        assert (await third.play(stream_url(device))).status == 453
    for _ in range(3000):
        if city.counters(device.id)["rtsp_sessions_open"] == 0:
            break
        await asyncio.sleep(0.02)
    counters = city.counters(device.id)
    assert (counters["rtsp_sessions_open"], counters["rtsp_sessions_open_max"]) == (0, 2)
    assert counters["rtsp_sessions_abandoned"] >= 2


async def test_rtsp_refusals(city: RunningCity) -> None:
    """An unknown path, track or session, another transport, an unknown method, SETUP before DESCRIBE."""
    device = city.find(make="axis")
    url = stream_url(device)
    async with rtsp(city, device) as visit:
        assert (await visit.describe(f"rtsp://{device.address}/other")).status == 404
        assert (await visit.say("SETUP", url, "Transport: RTP/AVP/TCP")).status == 455
        assert (await visit.describe(url)).status == 200
        assert (await visit.say("SETUP", url + "/other", "Transport: RTP/AVP/TCP")).status == 404
        track = url.replace("media.amp", "media.amp/stream=0")
        assert (await visit.say("SETUP", track, "Transport: RTP/AVP;unicast;client_port=5000-5001")).status == 461
        assert (await visit.say("PLAY", url, "Session: 1")).status == 454
        assert (await visit.say("RECORD", url)).status == 405


@pytest.mark.parametrize(
    ("make", "pattern"),
    [
        ("axis", r"(?m)^a=control:rtsp://[\d.:]+/onvif-media/media\.amp/stream=0\?profile=profile_1_h264_sub"),
        ("hikvision", r"(?m)^a=control:rtsp://[\d.:]+/Streaming/Channels/102/trackID=1\?transportmode=unicast"),
        ("dahua", r"(?m)^a=packetization-supported:DH"),
        ("bosch", r"(?m)^a=rtpmap:35 H264/90000"),
        ("reolink", r'(?m)^s=Session streamed by "preview"'),
        ("noname", r"(?m)^m=application/IPCAM 0 RTP/AVP smart/1/90000"),
    ],
)
async def test_every_make_describes_its_stream_in_its_own_way(city: RunningCity, make: str, pattern: str) -> None:
    """Absolute controls, unusual payload types, lines that are not of the standard."""
    device = city.find(make=make)
    async with rtsp(city, device) as visit:
        heard = await visit.describe(stream_url(device))
    assert re.search(pattern, heard.body.replace("\r", ""))
    assert "sprop-parameter-sets=" in heard.body


async def test_every_malformed_reply_reaches_its_reader(city: RunningCity) -> None:
    """Each kind of malformed HTTP is on the wire, with the time in it; each kind of malformed RTSP plays."""
    devices = list(city.all_of(make="dahua"))[: len(KINDS)]
    assert len(devices) == len(KINDS), "the shared city has enough devices of one make"
    cameras = [device.cameras[0] for device in devices]
    city.switch_on("malformed", cameras=cameras)
    try:
        for kind, device in zip(KINDS, devices, strict=True):
            if kind in MALFORMERS:
                heard = await post(device, envelope(TIME))
                assert "UTCDateTime" in heard.body, kind
            elif kind in RTSP_KINDS:
                await play_oddly(city, device, kind)
    finally:
        city.switch_off("malformed", cameras=cameras)


async def play_oddly(city: RunningCity, device: CityDevice, kind: str) -> None:
    """Play a stream of a device that gets RTSP wrong, with this test's own tolerance."""
    url = stream_url(device)
    async with rtsp(city, device) as visit:
        described = await visit.describe(url)
        assert described.status == 200, kind
        assert ("rtsp://rtsp://" in described.head) == (kind == "double_scheme")
        assert ("192.168.1.64" in described.body) == (kind == "control_elsewhere")
        assert ("CSeq :" in described.head) == (kind == "spaced_headers")
        assert ("Cseq:" in described.head) == (kind == "header_case")
        track = url + ("/trackID=1" if kind in ("double_scheme", "control_elsewhere") else "/trackID=0")
        if kind == "control_elsewhere":
            track = f"rtsp://{device.address}/cam/realmonitor/trackID=1"
        setup = await visit.say("SETUP", track, "Transport: RTP/AVP/TCP;unicast;interleaved=0-1")
        assert setup.status == 200, kind
        assert ("interleaved=4-5" in setup.head) == (kind == "other_channels")
        session = re.search(r"(?im)^session *: *([^;\r]+)", setup.head)
        assert session is not None
        played = await visit.say("PLAY", url, f"Session: {session[1].strip()}")
        if kind == "server_request":
            assert played.head.startswith("OPTIONS ")
            played = await visit.hear()
        assert played.status == 200, kind
        assert bool(visit.packets) == (kind == "early_data")
        packet = await asyncio.wait_for(visit.hear_packet(), 60)
        assert packet[1] in ((4, 5) if kind == "other_channels" else (0, 1))


async def test_a_fault_with_an_undeclared_prefix(city: RunningCity) -> None:
    """The text of a fault uses a prefix that the document never declares."""
    devices = list(city.all_of(make="axis"))[: KINDS.index("undeclared_prefix") + 1]
    cameras = [device.cameras[0] for device in devices]
    city.switch_on("malformed", cameras=cameras)
    heard = await post(devices[-1], envelope(INFORMATION))
    city.switch_off("malformed", cameras=cameras)
    assert "ter:NotAuthorized" in heard.body
    assert "xmlns:ter" not in heard.body
