"""Session descriptions with the lines that cameras write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.wire import sdp
from monitor.wire.errors import ProtocolError

VIDEO = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:trackID=1\r\na=framerate:15.000000\r\n"
ODD = {
    "plain": "v=0\r\na=control:*\r\n" + VIDEO,
    "no o= line, several s=": "v=0\r\ns=a\r\ns=b\r\n" + VIDEO,
    "an illegal media line first": "v=0\r\nm=application/TP-LINK 0 RTP/AVP smart/1/90000\r\na=control:x\r\n" + VIDEO,
    "audio first": "v=0\r\nm=audio 0 RTP/AVP 0\r\na=control:trackID=9\r\n" + VIDEO,
    "line feeds only": ("v=0\r\n" + VIDEO).replace("\r\n", "\n"),
    "control before rtpmap, blanks": (
        "v=0\r\nm=video 0 RTP/AVP 96\r\na=control: trackID=1 \r\na=rtpmap:96 H264/90000 \r\na=framerate:0S\r\na=framerate:15\r\n"
    ),
    "no v= line": VIDEO,
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_the_video_is_found(text: str) -> None:
    """Missing, repeated and illegal lines do not lose it."""
    video = sdp.parse(text.encode()).video
    assert video is not None
    assert (video.codec, video.clock_rate, video.control, video.frame_rate) == ("H264", 90000, "trackID=1", 15.0)


def test_what_a_section_says_is_of_no_other_one() -> None:
    """The lines of the session and of each section are read apart, however the next one begins."""
    text = (
        "v=0\na=control:all\nm=audio 0 RTP/AVP 0\na=control:a\n m=video 0 RTP/AVP 26\nM=video 0 RTP/AVP 96\n"
        + VIDEO[22:]
    )
    description = sdp.parse(text.encode())
    told = [(media.kind, media.codec, media.control, media.frame_rate) for media in description.media]
    assert told == [("audio", "", "a", None), ("video", "JPEG", "", None), ("video", "H264", "trackID=1", 15.0)]
    assert description.control == "all"


def test_a_static_payload_type_needs_no_map() -> None:
    """Payload type 26 is JPEG (RFC 3551)."""
    video = sdp.parse(b"v=0\r\nm=video 0 RTP/AVP 26\r\n").video
    assert video is not None
    assert video.codec == "JPEG"


def test_no_media_is_a_description_without_video() -> None:
    """An empty session is one, and has no video."""
    assert sdp.parse(b"v=0\r\ns=x\r\n").video is None


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<html>", "no session description"),
        (b"", "no session description"),
        (b"v=0\r\n" + b"m=video 0 RTP/AVP 96\r\n" * 10_000, "a description of 10000 tracks"),
    ],
)
def test_what_is_no_description_is_refused(body: bytes, message: str) -> None:
    """HTML, nothing, and ten thousand tracks."""
    with pytest.raises(ProtocolError, match=message):
        sdp.parse(body)


@given(st.binary(max_size=500))
def test_no_bytes_raise_anything_but_a_protocol_error(body: bytes) -> None:
    """Hostile bytes give a description or a ProtocolError."""
    try:
        sdp.parse(body)
        sdp.parse(b"v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:" + body)
    except ProtocolError:
        pass
