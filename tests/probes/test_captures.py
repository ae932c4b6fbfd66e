"""The probes against replies of real cameras, byte for byte. Skipped where they are not on the machine."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from peers.scripted import answering, http, rtsp_answering, running
from quirks.shapes import VIDEO
from talks import camera, device, findings, probe, said

from monitor.core.verdict import Outcome, Rung
from monitor.wire import onvif, rtsp, sdp, soap
from monitor.wire.channels import by_channel
from monitor.wire.rtsp import Response, RtspReader


def replay(folder: Path) -> Callable[[bytes], bytes]:
    """Return the recorded answer to each operation; operations that were not recorded are unknown to the device."""
    answers: dict[str, bytes] = {}
    for file in sorted(folder.glob("*.json")):
        call = json.loads(file.read_text())
        answers.setdefault(
            call["operation_name"], http(call["response_body"].encode(), f"{call['status_code']} Recorded")
        )

    def answer(asked: bytes) -> bytes:
        operation = re.search(rb'action="[^"]*/(\w+)"', asked)
        assert operation is not None
        return answers.get(operation[1].decode(), http(b"<html/>", "404 Not Found"))

    return answer


DEVICES = {
    "axis-p3818-pve-11.9.60": ("AXIS", "P3818", "/onvif-media/media.amp?"),
    "bosch-autodome-5000i-7.80": ("Bosch", "AUTODOME", "/rtsp_tunnel?"),
    "bosch-flexidome-5100i-8.71": ("Bosch", "FLEXIDOME", "/rtsp_tunnel?"),
    "reolink-trackmix-3.0.0.5428": ("REOLINK", "TrackMix", "/"),
}


@pytest.mark.parametrize("name", DEVICES)
async def test_a_real_camera_over_onvif(name: str, captures: Path) -> None:
    """Time, identity and the stream's path are read from what real cameras answered; years of drift fail the clock alone."""
    maker, model, path = DEVICES[name]
    async with running(answering(replay(captures / "onvif" / name))) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}))
    judged = said(result)
    assert (judged["reachable"], judged["control"], judged["clock"]) == ("ok", "ok", "fail clock")
    assert maker.lower() in str(result.verdict.measurements["manufacturer"]).lower()
    assert model.lower() in str(result.verdict.measurements["model"]).lower()
    assert result.learnt["streams"]["1"].startswith(path)


async def test_an_axis_that_authorises_nobody(captures: Path) -> None:
    """HTTP 400 with ter:NotAuthorized is alive, and refuses the login once; no second one is tried."""
    asked: list[bytes] = []
    folder = captures / "onvif" / "axis-p5655-e-unauthorized"
    async with running(answering(replay(folder), asked)) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}))
    assert said(result)["control"] == "ok"
    assert said(result)["credentials"] == "fail credentials"
    assert sum(b"UsernameToken" in request for request in asked) == 1


def content_of(body: bytes) -> tuple[str, ...]:
    """Return the codes of a fault, or the name of the content."""
    try:
        return (str(soap.parse(body).tag),)
    except soap.Fault as fault:
        return fault.codes


def test_every_recorded_soap_reply_is_read(captures: Path) -> None:
    """No reply of a real device is an error of ours: it is content or a fault."""
    calls = (json.loads(file.read_text()) for file in sorted((captures / "onvif").rglob("*.json")))
    bodies = [call["response_body"].encode() for call in calls]
    bodies += [file.read_bytes() for file in sorted((captures / "onvif-events").glob("*.xml"))]
    assert len(bodies) > 80
    assert all(content_of(body) for body in bodies)


def test_the_event_service_fixtures_tell_time_and_identity(captures: Path) -> None:
    """Another client's recordings give the same values to ours."""
    folder = captures / "onvif-events"
    time = onvif.device_time((folder / "get_system_date_and_time.xml").read_bytes())
    assert time.utc is not None
    information = onvif.device_information((folder / "get_device_information.xml").read_bytes())
    assert information.manufacturer


RTSP_DESCRIPTIONS = [
    "dahua_describe_h264_aac_onvif.txt",
    "dahua_describe_h265_pcma.txt",
    "foscam_describe.txt",
    "gw_main_describe.txt",
    "hikvision_describe.txt",
    "ipcam_describe.txt",
    "missing_content_type_describe.txt",
    "reolink_describe.txt",
    "bunny_describe.txt",
]


def response(data: bytes) -> Response:
    reader = RtspReader()
    reader.feed(data)
    item = reader.end()
    assert isinstance(item, Response)
    return item


@pytest.mark.parametrize("name", DEVICES)
async def test_the_smallest_profile_of_a_real_camera(name: str, captures: Path) -> None:
    """One channel, and of its profiles the smallest H.264: never a JPEG, a metadata stream or one that faults."""
    file = next((captures / "onvif" / name).glob("*GetProfiles.json"))
    channels = by_channel(onvif.profiles(json.loads(file.read_text())["response_body"].encode()))
    assert list(channels) == [1]
    first = channels[1][0]
    assert first.encoding == "H264"
    assert first.width * first.height == min(
        one.width * one.height for one in channels[1] if one.encoding == "H264" and one.width
    )


@pytest.mark.parametrize("name", DEVICES)
async def test_a_real_camera_is_asked_no_more_than_the_first_contact_allows(name: str, captures: Path) -> None:
    """Eight requests bring time, identity and the stream, also where GetServices was not recorded and a profile faults."""
    async with running(answering(replay(captures / "onvif" / name))) as peer:
        result = await probe("onvif", device(ports={"onvif": peer.port}), requests=8)
    assert result.learnt["streams"]
    assert "unseen" not in " ".join(said(result).values())


def test_every_recorded_rtsp_reply_is_read(captures: Path) -> None:
    """No reply of a real server is an error of ours: each is one response, and nothing of it is left."""
    files = [file for file in sorted((captures / "rtsp").glob("*.txt")) if not file.name.endswith("_sdp.txt")]
    assert len(files) > 20
    statuses = {file.name: response(file.read_bytes()).status for file in files}
    assert {name for name, status in statuses.items() if status != 200} == {"longse_unauthorized.txt"}


@pytest.mark.parametrize("name", RTSP_DESCRIPTIONS)
def test_a_real_description_has_a_video_track(name: str, captures: Path) -> None:
    """Codec and control of the video are found in every recorded description."""
    described = response((captures / "rtsp" / name).read_bytes())
    video = sdp.parse(described.body).video
    assert video is not None
    assert video.codec in ("H264", "H265")
    assert rtsp.control_path(rtsp.base_path(described, "/x"), video.control).startswith("/")


@pytest.mark.parametrize("name", ["anpviz_sdp.txt", "geovision_sdp.txt", "tplink_sdp.txt"])
def test_a_real_sdp_with_odd_lines(name: str, captures: Path) -> None:
    """An illegal media line, an odd payload type: the video is found all the same."""
    video = sdp.parse((captures / "rtsp" / name).read_bytes()).video
    assert video is not None
    assert video.codec in ("H264", "H265")


@pytest.mark.parametrize("name", ["bad_rtptime.txt", "dahua_play.txt", "hikvision_play.txt", "reolink_play.txt"])
def test_a_real_reply_to_play(name: str, captures: Path) -> None:
    """Whatever RTP-Info says, the reply is one, with a session."""
    played = response((captures / "rtsp" / name).read_bytes())
    assert played.status == 200


#: make: (description, set-up, channel of the video)
CONVERSATIONS = {
    "dahua": ("dahua_describe_h264_aac_onvif.txt", "dahua_setup.txt", "dahua_play.txt"),
    "hikvision": ("hikvision_describe.txt", "hikvision_setup.txt", "hikvision_play.txt"),
    "hikvision with a blank in ssrc": (
        "hikvision_describe.txt",
        "hikvision_setup_ssrc_space.txt",
        "hikvision_play.txt",
    ),
    "reolink": ("reolink_describe.txt", "reolink_setup.txt", "reolink_play.txt"),
    "gw": ("gw_main_describe.txt", "gw_main_setup_video.txt", "gw_main_play.txt"),
}


@pytest.mark.parametrize("make", CONVERSATIONS)
async def test_a_whole_conversation_with_a_real_make(make: str, captures: Path) -> None:
    """DESCRIBE, SETUP and PLAY as recorded: the video is set up by its own control, packets count, TEARDOWN follows."""
    described, set_up, played = (captures / "rtsp" / name for name in CONVERSATIONS[make])
    files = {"DESCRIBE": described, "SETUP": set_up, "PLAY": played}
    asked: list[bytes] = []

    def answer(method: str, _: bytes) -> bytes:
        if method not in files:
            return b"RTSP/1.0 200 OK\r\nCSeq: CSEQ\r\n\r\n"
        recorded = re.sub(rb"(?im)^cseq:.*$", b"CSeq: CSEQ", files[method].read_bytes().replace(b"\r\n", b"\n"))
        return recorded.replace(b"\n", b"\r\n") + (VIDEO if method == "PLAY" else b"")

    async with running(rtsp_answering(answer, asked)) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}), camera("/stream"))
    assert findings(result)[Rung.MEDIA].outcome is Outcome.OK, said(result)
    assert [request.split(b" ")[0] for request in asked] == [b"DESCRIBE", b"SETUP", b"PLAY", b"TEARDOWN"]
    assert all(f"rtsp://127.0.0.1:{peer.port}/".encode() in request for request in asked)


SETUP = b"RTSP/1.0 200 OK\r\nCSeq: CSEQ\r\nSession: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n"
PLAYED = b"RTSP/1.0 200 OK\r\nCSeq: CSEQ\r\n\r\n" + VIDEO


def as_sent(recorded: bytes) -> bytes:
    """Return a recorded reply as it came over the wire: with the request's number, and the line ends of its head."""
    head, _, body = recorded.replace(b"\r\n", b"\n").partition(b"\n\n")
    head = re.sub(rb"(?im)^(cseq):.*$", rb"\1: CSEQ", head)
    return head.replace(b"\n", b"\r\n") + b"\r\n\r\n" + body.replace(b"\n", b"\r\n")


@pytest.mark.parametrize("name", RTSP_DESCRIPTIONS)
async def test_video_is_set_up_from_every_real_description(name: str, captures: Path) -> None:
    """Whatever base and controls a make writes, one track is set up and played, at our own host, and torn down."""
    described = as_sent((captures / "rtsp" / name).read_bytes())
    replies = {"DESCRIBE": described, "SETUP": SETUP, "PLAY": PLAYED}
    asked: list[bytes] = []
    answer = rtsp_answering(lambda method, _: replies.get(method, b"RTSP/1.0 200 OK\r\nCSeq: CSEQ\r\n\r\n"), asked)
    async with running(answer) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}), camera("/stream"))
    assert said(result) == {"reachable": "ok", "stream": "ok", "media": "ok"}
    assert [request.split(b" ")[0] for request in asked] == [b"DESCRIBE", b"SETUP", b"PLAY", b"TEARDOWN"]
    assert all(f"rtsp://127.0.0.1:{peer.port}/".encode() in request for request in asked)


@pytest.mark.parametrize("name", ["luckfox_rkipc_setup_tcp.txt", "gw_main_setup_video.txt", "bunny_setup.txt"])
async def test_video_is_counted_after_every_real_set_up(name: str, captures: Path) -> None:
    """Whatever a make writes into Transport and Session, the video is counted and its session ended by its name."""
    set_up = as_sent((captures / "rtsp" / name).read_bytes())
    session, _ = rtsp.session_of(response(set_up))
    described = as_sent((captures / "rtsp" / "dahua_describe_h265_pcma.txt").read_bytes())
    replies = {"DESCRIBE": described, "SETUP": set_up, "PLAY": PLAYED}
    asked: list[bytes] = []
    answer = rtsp_answering(lambda method, _: replies.get(method, b"RTSP/1.0 200 OK\r\nCSeq: CSEQ\r\n\r\n"), asked)
    async with running(answer) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}), camera("/stream"))
    assert said(result)["media"] == "ok"
    assert f"Session: {session}\r\n".encode() in asked[-1]


async def test_a_real_refusal_is_answered(captures: Path) -> None:
    """Longse's challenge gets one answer; refused again, it is a wrong login."""
    refused = as_sent((captures / "rtsp" / "longse_unauthorized.txt").read_bytes())
    asked: list[bytes] = []
    async with running(rtsp_answering(lambda method, _: refused, asked)) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}), camera("/stream"))
    assert said(result)["credentials"] == "fail credentials"
    assert sum(b"Authorization: Digest" in request for request in asked) == 1


def test_a_real_challenge_without_qop(captures: Path) -> None:
    """Longse's challenge, in the form of RFC 2069, is one that we can answer."""
    from monitor.wire.auth import parse_challenges, strongest

    refused = response((captures / "rtsp" / "longse_unauthorized.txt").read_bytes())
    challenge = strongest(parse_challenges(refused.headers.all("www-authenticate")))
    assert challenge is not None
    assert (challenge.nonce, challenge.qop) == ("98481030", ())
