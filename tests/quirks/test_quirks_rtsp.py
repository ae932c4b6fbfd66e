"""RTSP as cameras speak it (protocol notes, lines 13 to 15, and §2): descriptions, set-ups and video in every shape."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from peers.hostile import Handler, answering, attacking
from quirks.shapes import (
    SDP,
    VIDEO,
    Digest,
    described,
    frame,
    methods,
    rtp,
    rtsp,
    streaming,
    urls,
)
from talks import camera, device, findings, probe, said

from monitor.core.verdict import Rung
from monitor.probes.memory import Memory

STREAM = camera(stream="/live")
GOOD = {"reachable": "ok", "stream": "ok", "media": "ok"}


async def test_line_13_options_prove_nothing() -> None:
    """A server that says 200 to OPTIONS and 404 to DESCRIBE has no stream; OPTIONS is not even asked."""
    async with attacking(answering(streaming({"DESCRIBE": rtsp("404 Not Found")}))) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}), STREAM)
    assert said(result) == {"reachable": "ok", "stream": "fail not_found"}
    assert methods(peer.heard) == ["DESCRIBE"]


#: What comes after a PLAY that was answered with 200.
NOTHING = {
    "nothing": b"",
    "RTCP on its own channel": frame(bytes.fromhex("80c80006000000010000000000000000000000000000000000000000"), 1),
    "RTCP on the video's channel": frame(bytes.fromhex("80c80006000000010000000000000000000000000000000000000000"), 0),
    "sound": b"".join(frame(rtp(number, b"\xff" * 40, 8), 2) for number in range(20)),
    "packets with nothing in them": b"".join(frame(rtp(number, b"")) for number in range(20)),
    "no RTP": frame(b"not RTP at all") * 5,
}


@pytest.mark.parametrize("shape", NOTHING)
async def test_line_13_play_that_sends_no_video(shape: str) -> None:
    """PLAY with 200 and no video packet is no video, whatever else comes; the session is torn down."""
    async with attacking(answering(streaming({"PLAY": rtsp("200 OK", "Session: 4711") + NOTHING[shape]}))) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}), STREAM)
    assert said(result) == {"reachable": "ok", "stream": "ok", "media": "fail no_video"}
    assert methods(peer.heard)[-1] == "TEARDOWN"


#: Ways for a conversation to end badly after SETUP.
BAD_ENDS = {
    "PLAY is refused": {"PLAY": rtsp("500 Oops")},
    "PLAY is full": {"PLAY": rtsp("453 Not Enough Bandwidth")},
    "PLAY is unknown": {"PLAY": rtsp("405 Method Not Allowed")},
    "PLAY without a reply": {"PLAY": b""},
    "no video": {"PLAY": rtsp()},
    "video": {},
    "TEARDOWN is refused": {"TEARDOWN": rtsp("454 Session Not Found")},
    "TEARDOWN without a reply": {"TEARDOWN": b""},
}


@pytest.mark.parametrize("shape", BAD_ENDS)
async def test_line_14_a_session_is_always_torn_down(shape: str) -> None:
    """Whatever happened, the last request of a session is its TEARDOWN, with the session's id."""
    async with attacking(answering(streaming(BAD_ENDS[shape]))) as peer:
        await probe("rtsp", device(ports={"rtsp": peer.port}), STREAM)
    assert methods(peer.heard)[-1] == "TEARDOWN"
    assert b"Session: 4711\r\n" in bytes(peer.heard).split(b"TEARDOWN")[1]


async def test_line_14_a_probe_that_is_cancelled() -> None:
    """Being stopped in the middle of a picture does not leave the session open."""
    playing = asyncio.Event()

    def play(_: bytes) -> bytes:
        playing.set()
        return rtsp()

    async with attacking(answering(streaming({"PLAY": play}))) as peer:
        task = asyncio.create_task(probe("rtsp", device(ports={"rtsp": peer.port}), STREAM))
        await playing.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert methods(peer.heard)[-1] == "TEARDOWN"


async def test_line_15_any_packet_is_video() -> None:
    """A stream without a key picture within our time is a stream: frames count, and that none was a key is told."""
    late = b"".join(frame(rtp(number, b"\x41\x9a")) for number in range(1, 60))
    async with attacking(answering(streaming({"PLAY": rtsp() + late}))) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}), STREAM)
    assert said(result) == GOOD
    assert result.verdict.measurements["channel_1_video_key"] == 0.0
    async with attacking(answering(streaming())) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}), STREAM)
    assert result.verdict.measurements["channel_1_video_key"] == 1.0


def sdp(*lines: str, session: str = "a=control:*\r\n") -> str:
    return f"v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=x\r\nt=0 0\r\n{session}" + "".join(f"{line}\r\n" for line in lines)


VIDEO_LINES = ("m=video 0 RTP/AVP 96", "a=rtpmap:96 H264/90000", "a=control:track1")
BASE = "Content-Base: rtsp://10.1.1.1:554/live/"
#: A description, the URL of SETUP, the URL of PLAY.
CONTROLS: dict[str, tuple[bytes, str, str]] = {
    "no base": (described(SDP), "/live/track1", "/live"),
    "a base": (described(SDP, BASE), "/live/track1", "/live/"),
    "a base without a slash": (described(SDP, "Content-Base: rtsp://10.1.1.1/live"), "/live/track1", "/live"),
    "a base without a scheme": (described(SDP, "Content-Base: 10.1.1.1:554/stream0/"), "/stream0/track1", "/stream0/"),
    "a base with two schemes": (described(SDP, "Content-Base: rtsp://rtsp://10.1.1.1/live/"), "/live/track1", "/live/"),
    "a base in IPv6": (described(SDP, "Content-Base: rtsp://::ffff:10.1.1.1/live/"), "/live/track1", "/live/"),
    "a base that is empty": (described(SDP, "Content-Base: "), "/live/track1", "/live"),
    "a base that is a path": (described(SDP, "Content-Base: /live/"), "/live/track1", "/live/"),
    "a location": (described(SDP, "Content-Location: rtsp://10.1.1.1/other/"), "/other/track1", "/other/"),
    "a base with a query": (described(SDP, "Content-Base: rtsp://a/cam?channel=1&subtype=1/"), "/cam?channel=1&subtype=1/track1", "/cam?channel=1&subtype=1/"),
    "a query and no slash": (described(SDP, "Content-Base: rtsp://a:5049/H264?ch=1&sub=1"), "/H264?ch=1&sub=1/track1", "/H264?ch=1&sub=1"),
    "a path of equal signs": (described(SDP, "Content-Base: rtsp://a:554/chID=2&streamType=sub/"), "/chID=2&streamType=sub/track1", "/chID=2&streamType=sub/"),
    "an absolute control": (described(sdp(*VIDEO_LINES[:2], "a=control:rtsp://10.1.1.1:554/live/trackID=1?x=y&z=1"), BASE), "/live/trackID=1?x=y&z=1", "/live/"),
    "an absolute control in capitals": (described(sdp(*VIDEO_LINES[:2], "a=control:RTSP://10.1.1.1/live/t1")), "/live/t1", "/live"),
    "a control from the root": (described(sdp(*VIDEO_LINES[:2], "a=control:/live/t1"), BASE), "/live/t1", "/live/"),
    "a control with a slash before it": (described(sdp(*VIDEO_LINES[:2], "a=control:/t1"), BASE), "/live/t1", "/live/"),
    "a control of a query": (described(sdp(*VIDEO_LINES[:2], "a=control:?ctype=video")), "/live/?ctype=video", "/live"),
    "no control": (described(sdp(*VIDEO_LINES[:2]), BASE), "/live/", "/live/"),
    "a star for a track": (described(sdp(*VIDEO_LINES[:2], "a=control:*"), BASE), "/live/", "/live/"),
    "an absolute session control": (described(sdp(*VIDEO_LINES, session="a=control:rtsp://10.1.1.1/whole/\r\n"), BASE), "/whole/track1", "/whole/"),
    "a relative session control": (described(sdp(*VIDEO_LINES, session="a=control:whole\r\n"), BASE), "/live/track1", "/live/whole"),
    "no session control": (described(sdp(*VIDEO_LINES, session=""), BASE), "/live/track1", "/live/"),
    "a control before the map": (described(sdp(VIDEO_LINES[0], VIDEO_LINES[2], VIDEO_LINES[1])), "/live/track1", "/live"),
    "white space around it": (described(sdp(*VIDEO_LINES[:2], "a=control: track1 \t")), "/live/track1", "/live"),
}  # fmt: skip


@pytest.mark.parametrize("shape", CONTROLS)
async def test_where_a_track_is(shape: str) -> None:
    """SETUP goes to the video's own control and PLAY to the whole session's, joined as cameras mean it."""
    description, track, whole = CONTROLS[shape]
    async with attacking(answering(streaming({"DESCRIBE": description}))) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}), STREAM)
    assert said(result) == GOOD
    assert (urls(peer.heard, "SETUP"), urls(peer.heard, "PLAY")) == ([track], [whole])
    assert urls(peer.heard, "TEARDOWN") == [whole]


def raw(body: str, *lines: str) -> bytes:
    """Return a reply to DESCRIBE with exactly these lines; ``{n}`` is the body's length."""
    head = "\r\n".join(("RTSP/1.0 200 OK", *lines)) + "\r\n\r\n"
    return (head.replace("{n}", str(len(body.encode()))) + body).encode()


#: Replies to DESCRIBE, the codec that is told, the payload type of the video.
DESCRIPTIONS: dict[str, tuple[bytes, str, int]] = {
    "H.265": (described(SDP.replace("H264", "H265")), "H265", 96),
    "HEVC in small letters": (described(SDP.replace("H264", "hevc")), "H265", 96),
    "MJPEG without a map": (described(sdp("m=video 0 RTP/AVP 26", "a=control:track1")), "JPEG", 26),
    "MPEG transport without a map": (described(sdp("m=video 0 RTP/AVP 33", "a=control:track1")), "MP2T", 33),
    "MPEG-4": (described(SDP.replace("H264", "MP4V-ES")), "MP4V-ES", 96),
    "a static type for H.264": (described(sdp("m=video 0 RTP/AVP 35", "a=rtpmap:35 H264/90000")), "H264", 35),
    "a map of another type": (described(sdp("m=video 0 RTP/AVP 96", "a=rtpmap:98 H265/90000", "a=control:track1")), "H265", 96),
    "a map without a rate": (described(sdp("m=video 0 RTP/AVP 96", "a=rtpmap:96 H264", "a=control:track1")), "H264", 96),
    "blanks in the map": (described(sdp("m=video 0 RTP/AVP 96", "a=rtpmap: 96  H264 / 90000 ", "a=control:track1")), "H264", 96),
    "several formats": (described(sdp("m=video 0 RTP/AVP 97 96", "a=rtpmap:96 H264/90000", "a=rtpmap:97 H265/90000")), "H265", 97),
    "no map": (described(sdp("m=video 0 RTP/AVP 96", "a=control:track1")), "", 96),
    "sound first": (described(sdp("m=audio 0 RTP/AVP 8", "a=control:track0", *VIDEO_LINES)), "H264", 96),
    "metadata first": (described(sdp("m=application 0 RTP/AVP 107", "a=rtpmap:107 vnd.onvif.metadata/90000", "a=control:track0", *VIDEO_LINES)), "H264", 96),
    "two videos": (described(sdp(*VIDEO_LINES, "m=video 0 RTP/AVP 97", "a=rtpmap:97 H265/90000", "a=control:track2")), "H264", 96),
    "an illegal media line": (described(sdp("m=application/X 0 RTP/AVP smart/1/90000", "a=rtpmap:smart/1/90000", *VIDEO_LINES)), "H264", 96),
    "a media line of one word": (described(sdp("m=", "m=x", *VIDEO_LINES)), "H264", 96),
    "a back channel": (described(sdp(*VIDEO_LINES, "m=audio 0 RTP/AVP 0", "a=sendonly", "a=control:back")), "H264", 96),
    "SAVP": (described(SDP.replace("RTP/AVP", "RTP/SAVP")), "H264", 96),
    "a rate that is none": (described(sdp(*VIDEO_LINES, "a=framerate:0S", "a=framerate:25")), "H264", 96),
    "no line o, several s": (described("v=0\r\ns=a\r\ns=b\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"), "H264", 96),
    "line ends of Unix": (described(SDP.replace("\r\n", "\n")), "H264", 96),
    "line ends of a Mac": (described(SDP.replace("\r\n", "\r")), "H264", 96),
    "no last line end": (described(SDP.strip()), "H264", 96),
    "NULs behind it": (described(SDP + "\0\0"), "H264", 96),
    "an empty line first": (described("\r\n" + SDP), "H264", 96),
    "bytes that are no UTF-8": (described(SDP.replace("s=Camera", "s=?")).replace(b"s=?", b"s=\xb1"), "H264", 96),
    "no content type": (raw(SDP, "CSeq: {cseq}", "Content-Length: {n}"), "H264", 96),
    "head and body with Unix line ends": (raw(SDP, "CSeq: {cseq}", "Content-Length: {n}").replace(b"\r\n\r\n", b"\n\n", 1).replace(b"OK\r\nCSeq: {cseq}\r\n", b"OK\nCSeq: {cseq}\n"), "H264", 96),
    "no number": (raw(SDP, "Content-Type: application/sdp", "Content-Length: {n}"), "H264", 96),
    "a number with a blank behind it": (raw(SDP, "Cseq: {cseq} ", "Content-length: {n}"), "H264", 96),
    "no blank after the colon": (raw(SDP, "CSeq:{cseq}", "Content-Length:{n}"), "H264", 96),
    "no length": (raw(SDP, "CSeq: {cseq}", "Content-Type: application/sdp"), "H264", 96),
    "a length too long": (raw(SDP, "CSeq: {cseq}", "Content-Length: 9999"), "H264", 96),
    "a length without its last line end": (raw(SDP, "CSeq: {cseq}", f"Content-Length: {len(SDP) - 2}"), "H264", 96),
    "an empty line before it": (b"\r\n\r\n" + described(SDP), "H264", 96),
    "an interim reply before it": (rtsp("100 Continue") + described(SDP), "H264", 96),
    "a version of its own": (described(SDP).replace(b"RTSP/1.0", b"RTSP/1.1"), "H264", 96),
    "no reason": (described(SDP).replace(b"200 OK", b"200"), "H264", 96),
}  # fmt: skip


@pytest.mark.parametrize("shape", DESCRIPTIONS)
async def test_a_description_in_an_odd_shape(shape: str) -> None:
    """The video is found in every description that a person would understand, set up and played."""
    description, codec, payload_type = DESCRIPTIONS[shape]
    video = b"".join(frame(rtp(number, b"\x65\x88", payload_type)) for number in range(60))
    async with attacking(answering(streaming({"DESCRIBE": description, "PLAY": rtsp() + video}))) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}), STREAM)
    assert said(result) == GOOD
    assert findings(result)[Rung.STREAM].detail == f"{codec or 'video'} described"


SETUP_OK = "Session: 4711"
TRANSPORT = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"
#: Replies to SETUP, and the channel on which video then comes.
SET_UPS: dict[str, tuple[bytes, int]] = {
    "as asked": (rtsp("200 OK", SETUP_OK, TRANSPORT), 0),
    "seven blanks": (rtsp("200 OK", "Session:        4711", TRANSPORT), 0),
    "a time-out": (rtsp("200 OK", "Session: 4711; timeout = 60", TRANSPORT), 0),
    "a blank in the ssrc": (rtsp("200 OK", SETUP_OK, "Transport: RTP/AVP/TCP;unicast;interleaved=0-1;ssrc= d6d6627"), 0),
    "an ssrc of 0x": (rtsp("200 OK", SETUP_OK, 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=0x6f7c;mode="PLAY"'), 0),
    "blanks everywhere": (rtsp("200 OK", SETUP_OK, "Transport: RTP/AVP/TCP; unicast; interleaved = 0 - 1"), 0),
    "plain RTP/AVP": (rtsp("200 OK", SETUP_OK, "Transport: RTP/AVP;unicast;interleaved=0-1"), 0),
    "no channels": (rtsp("200 OK", SETUP_OK, "Transport: RTP/AVP/TCP;unicast"), 0),
    "no transport": (rtsp("200 OK", SETUP_OK), 0),
    "the transport of UDP": (rtsp("200 OK", SETUP_OK, "Transport: RTP/AVP;unicast;client_port=0-1;server_port=4-5"), 0),
    "other channels": (rtsp("200 OK", SETUP_OK, "Transport: RTP/AVP/TCP;unicast;interleaved=4-5"), 4),
    "other channels, unannounced": (rtsp("200 OK", SETUP_OK, TRANSPORT), 2),
    "an odd channel": (rtsp("200 OK", SETUP_OK, "Transport: RTP/AVP/TCP;unicast;interleaved=1-2"), 1),
    "an odd channel, unannounced": (rtsp("200 OK", SETUP_OK, TRANSPORT), 1),
    "one channel": (rtsp("200 OK", SETUP_OK, "Transport: RTP/AVP/TCP;unicast;interleaved=0"), 0),
    "small letters": (rtsp("200 OK", "session: 4711", "transport: rtp/avp/tcp;Interleaved=2-3"), 2),
    "a challenge beside it": (rtsp("200 OK", SETUP_OK, TRANSPORT, 'WWW-Authenticate: Digest realm="x", nonce="y"'), 0),
    "a description beside it": (rtsp("200 OK", SETUP_OK, TRANSPORT, body="x" * 20), 0),
    "201": (rtsp("201 Created", SETUP_OK, TRANSPORT), 0),
}  # fmt: skip


@pytest.mark.parametrize("shape", SET_UPS)
async def test_a_set_up_in_an_odd_shape(shape: str) -> None:
    """However a server confirms, its video is counted on the channel on which it comes, all of it."""
    set_up, channel = SET_UPS[shape]
    video = b"".join(frame(rtp(number), channel) for number in range(60))
    async with attacking(answering(streaming({"SETUP": set_up, "PLAY": rtsp() + video}))) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}), STREAM)
    assert said(result) == GOOD
    assert float(result.verdict.measurements["channel_1_video_frames"]) >= 40
    assert b"Session: 4711\r\n" in bytes(peer.heard).split(b"TEARDOWN")[1]


@pytest.mark.parametrize("played", [rtsp("200 OK", "Session: 815;timeout=60"), rtsp()])
async def test_a_session_that_is_named_late_or_never(played: bytes) -> None:
    """A server that names its session only in its reply to PLAY, or nowhere, is neither sent an empty name nor left open."""
    changes = {"SETUP": rtsp("200 OK", TRANSPORT), "PLAY": played + VIDEO}
    async with attacking(answering(streaming(changes))) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}), STREAM)
    assert said(result) == GOOD
    assert b"Session: \r\n" not in peer.heard
    assert methods(peer.heard)[-1] == "TEARDOWN"
    assert (b"Session: 815\r\n" in bytes(peer.heard).split(b"TEARDOWN")[1]) == (b"815" in played)


OTHER_SOUND = b"".join(frame(rtp(number, b"\xff" * 40, 8), 2) for number in range(5))
REQUEST = b"OPTIONS rtsp://10.0.0.1/ RTSP/1.0\r\nCSeq: 90\r\n\r\n"
#: What comes at PLAY: replies, frames, requests and stray bytes in odd orders.
PLAYS: dict[str, bytes] = {
    "video before the reply": VIDEO[:72] + rtsp() + VIDEO,
    "video and no reply": VIDEO,
    "sound before the video": rtsp() + OTHER_SOUND + VIDEO,
    "sound between the video": rtsp() + VIDEO[:72] + OTHER_SOUND + VIDEO[72:],
    "a request of its own": rtsp() + REQUEST + VIDEO,
    "a request before the reply": REQUEST + rtsp() + VIDEO,
    "GET_PARAMETER of its own": rtsp() + b"GET_PARAMETER rtsp://x/ RTSP/1.0\r\nCSeq: 3\r\nSession: 4711\r\n\r\n" + VIDEO,
    "stray bytes before a frame": rtsp() + b"\x00\x17junk" + VIDEO,
    "stray bytes between frames": rtsp() + VIDEO[:72] + b"\xff\xfe\x00\r\n" + VIDEO[72:],
    "RTP-Info of nonsense": rtsp("200 OK", "RTP-Info: url=trackID=0;seq=0;rtptime=-1,url=") + VIDEO,
    "another session": rtsp("200 OK", "Session: 999") + VIDEO,
    "a range that moves": rtsp("200 OK", "Range: npt=now-", "Scale: 1.0") + VIDEO,
    "another reply with the same number": rtsp() + rtsp() + VIDEO,
    "packets with an extension": rtsp() + b"".join(frame(b"\x90\x60" + rtp(n)[2:12] + b"\xab\xac\0\1" + bytes(4) + b"\x65\x01") for n in range(60)),
    "packets with padding": rtsp() + b"".join(frame(b"\xa0" + rtp(n)[1:] + b"\0\0\0\4") for n in range(60)),
    "a mark on every packet": rtsp() + b"".join(frame(rtp(n // 4)[:2] + rtp(n)[2:4] + rtp(n // 4)[4:]) for n in range(200)),
    "a jump of the sequence": rtsp() + VIDEO[: 5 * 18] + b"".join(frame(rtp(n)) for n in range(40000, 40060)),
    "another payload type": rtsp() + b"".join(frame(rtp(n, payload_type=50)) for n in range(60)),
}  # fmt: skip


@pytest.mark.parametrize("shape", PLAYS)
async def test_play_in_an_odd_shape(shape: str) -> None:
    """Video is seen through replies, requests, sound and stray bytes in any order."""
    async with attacking(answering(streaming({"PLAY": PLAYS[shape]}))) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}), STREAM)
    assert said(result) == GOOD
    assert float(result.verdict.measurements["channel_1_video_frames"]) >= 40
    assert methods(peer.heard)[-1] == "TEARDOWN"


async def test_sound_is_not_counted_as_video() -> None:
    """A server that sends its sound too, though nobody set it up: only video counts as video."""
    mixed = b"".join(frame(rtp(n)) + frame(rtp(n * 7, b"\xff" * 160, 8), 2) * 3 for n in range(45))
    async with attacking(answering(streaming({"PLAY": rtsp() + OTHER_SOUND + mixed}))) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}), STREAM)
    assert result.verdict.measurements["channel_1_video_frames_per_second"] == pytest.approx(25.0)
    assert result.verdict.measurements["channel_1_video_lost"] == 0.0


async def test_a_servers_own_requests_are_answered() -> None:
    """OPTIONS and GET_PARAMETER from the server get a 200 with their number."""
    async with attacking(answering(streaming({"PLAY": rtsp() + REQUEST + VIDEO}))) as peer:
        await probe("rtsp", device(ports={"rtsp": peer.port}), STREAM)
    assert b"RTSP/1.0 200 OK\r\nCSeq: 90\r\n" in peer.heard


async def test_a_server_that_always_says_the_same_number() -> None:
    """A server that numbers every reply 1 is understood: there is one question at a time."""
    answer = streaming()
    async with attacking(answering(lambda asked: answer(asked).replace(b"CSeq: {cseq}", b"CSeq: 1"))) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}), STREAM)
    assert said(result) == GOOD


@pytest.mark.parametrize(
    "status",
    ["400 Bad Request", "405 Method Not Allowed", "455 Method Not Valid in This State", "551 Option not supported"],
)
async def test_a_server_that_wants_options_first(status: str) -> None:
    """A server that describes nothing before OPTIONS is asked OPTIONS first from the second time on."""

    def handler() -> Handler:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            opened = False
            answer = streaming()
            while True:
                asked = await reader.readuntil(b"\r\n\r\n")
                opened = opened or asked.startswith(b"OPTIONS")
                said_ = answer(asked) if opened else rtsp(status)
                writer.write(said_.replace(b"{cseq}", asked.split(b"CSeq: ")[1].split(b"\r\n")[0]))

        return handle

    async with attacking(handler()) as peer:
        target = device(ports={"rtsp": peer.port})
        first = await probe("rtsp", target, STREAM)
        second = await probe("rtsp", target, STREAM, Memory(**first.learnt))
    assert said(first)["stream"].startswith("fail")
    assert said(second) == GOOD


#: Replies that refuse a stream, and what is said of it.
REFUSED = {
    "404 Not Found": "fail not_found",
    "404 Stream Not Found": "fail not_found",
    "410 Gone": "fail not_found",
    "415 Unsupported Media Type": "fail protocol",
    "453 Not Enough Bandwidth": "unseen busy",
    "461 Unsupported Transport": "fail unsupported",
    "500 Internal Server Error": "fail server_error",
    "501 Not Implemented": "fail unsupported",
    "503 Service Unavailable": "unseen busy",
    "302 Moved Temporarily": "fail redirect",
    "551 Option Not Supported": "fail server_error",
}


@pytest.mark.parametrize("status", REFUSED)
async def test_a_stream_that_is_refused(status: str) -> None:
    """Full is not failed, and each other refusal has its reason."""
    async with attacking(answering(streaming({"DESCRIBE": rtsp(status)}))) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}), STREAM)
    assert said(result) == {"reachable": "ok", "stream": REFUSED[status]}


async def test_a_camera_that_has_no_tcp_for_its_video() -> None:
    """After 461 video is asked for over UDP, and counted where it comes."""
    sent: list[asyncio.DatagramTransport] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        port = 0
        answer = streaming()
        while True:
            asked = await reader.readuntil(b"\r\n\r\n")
            method = asked.split(b" ")[0]
            said_ = answer(asked)
            if method == b"SETUP" and b"RTP/AVP/TCP" in asked:
                said_ = rtsp("461 Unsupported Transport")
            elif method == b"SETUP":
                ports = asked.split(b"client_port=")[1].split(b"\r\n")[0]
                port = int(ports.split(b"-")[0])
                said_ = rtsp(
                    "200 OK", SETUP_OK, f"Transport: RTP/AVP;unicast;client_port={ports.decode()};server_port=6970-6971"
                )
            elif method == b"PLAY":
                said_ = rtsp()
                sent.append(await send(port))
            writer.write(said_.replace(b"{cseq}", asked.split(b"CSeq: ")[1].split(b"\r\n")[0]))

    async def send(port: int) -> asyncio.DatagramTransport:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            asyncio.DatagramProtocol, remote_addr=("127.0.0.1", port)
        )
        for number in range(60):
            transport.sendto(rtp(number))
        return transport

    async with attacking(handle) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}), STREAM)
    for transport in sent:
        transport.close()
    assert said(result) == GOOD
    assert methods(peer.heard) == ["DESCRIBE", "SETUP", "SETUP", "PLAY", "TEARDOWN"]


def by_method(*closed_after: str) -> Callable[[], Handler]:
    """Return a server that closes the connection behind its reply to these methods."""

    def make() -> Handler:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            answer = streaming()
            while True:
                asked = await reader.readuntil(b"\r\n\r\n")
                writer.write(answer(asked).replace(b"{cseq}", asked.split(b"CSeq: ")[1].split(b"\r\n")[0]))
                await writer.drain()
                if asked.split(b" ")[0].decode() in closed_after:
                    return

        return handle

    return make


async def test_a_server_that_closes_behind_its_description() -> None:
    """A server that hangs up after DESCRIBE is set up over another connection."""
    async with attacking(by_method("DESCRIBE")()) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}), STREAM)
    assert said(result) == GOOD
    assert peer.connections == 2


async def test_a_login_by_digest_for_every_request() -> None:
    """With one nonce for a connection each request proves the password anew, and none is refused."""
    lock = Digest(once=False)
    answer = streaming()
    guarded = lambda asked: answer(asked) if lock.accepts(asked) else rtsp("401 Unauthorized", *lock.fields())  # noqa: E731
    async with attacking(answering(guarded)) as peer:
        result = await probe("rtsp", device(ports={"rtsp": peer.port}), STREAM)
    assert said(result) == {**GOOD, "credentials": "ok"}
    assert methods(peer.heard) == ["DESCRIBE", "DESCRIBE", "SETUP", "PLAY", "TEARDOWN"]
    assert lock.refused == 0
