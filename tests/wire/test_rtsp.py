"""RTSP as cameras send it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.wire import rtsp
from monitor.wire.errors import ProtocolError, TooLarge, WireError
from monitor.wire.head import Headers
from monitor.wire.rtsp import Frame, Item, Request, Response, RtspReader


def read(data: bytes, ends: bool = False) -> list[Item]:
    reader = RtspReader()
    reader.feed(data)
    items = []
    while (item := reader.next()) is not None:
        items.append(item)
    if ends and (item := reader.end()) is not None:
        items.append(item)
    return items


OPTIONS = b"RTSP/1.0 200 OK\r\nCSeq: 5\r\nPublic: OPTIONS, DESCRIBE\r\n\r\n"


def test_responses_frames_and_requests_in_their_order() -> None:
    """Video may come before the reply to PLAY, and the server may ask, too."""
    frame = b"$\x00\x00\x03abc"
    items = read(frame + OPTIONS + frame + b"OPTIONS * RTSP/1.0\r\nCSeq: 7\r\n\r\n" + frame)
    assert [type(item) for item in items] == [Frame, Response, Frame, Request, Frame]
    assert items[0] == Frame(0, b"abc")
    assert rtsp.answer(items[3]) == b"RTSP/1.0 200 OK\r\nCSeq: 7\r\n\r\n"  # type: ignore[arg-type]


@pytest.mark.parametrize("junk", [b"\0\0", b"\r\n\r\n", b"lost in the stream, a whole lot of it ", b"\xff" * 500])
def test_stray_bytes_between_messages_are_skipped(junk: bytes) -> None:
    """The reader finds the next message again."""
    assert [type(item) for item in read(OPTIONS + junk + OPTIONS)] == [Response, Response]


@pytest.mark.parametrize("name", ["CSeq", "Cseq", "cseq", "CSEQ "])
def test_field_names_in_any_case(name: str) -> None:
    """Cameras write Cseq, and blanks where none belong."""
    (response,) = read(f"RTSP/1.0 200 OK\r\n{name}: 1 \r\n\r\n".encode())
    assert isinstance(response, Response)
    assert response.sequence == 1


def test_a_body_cut_short_is_still_a_body() -> None:
    """A description shorter than announced is read when the server closes."""
    (response,) = read(b"RTSP/1.0 200 OK\r\nContent-Length: 99\r\n\r\nv=0\r\n", ends=True)
    assert isinstance(response, Response)
    assert response.body == b"v=0\r\n"


SESSIONS = {
    "634214675641;timeout=60": ("634214675641", 60.0),
    "       708345999": ("708345999", 60.0),
    "F8F8E425": ("F8F8E425", 60.0),
    "a ; timeout = 30": ("a", 30.0),
    "a;timeout=-1": ("a", 60.0),
    "a;timeout=0": ("a", 60.0),
    "a;timeout=1000000000": ("a", 60.0),
}


@pytest.mark.parametrize(("field", "expected"), SESSIONS.items())
def test_a_session_and_its_timeout(field: str, expected: tuple[str, float]) -> None:
    """Blanks, missing and absurd time-outs."""
    (response,) = read(f"RTSP/1.0 200 OK\r\nSession:{field}\r\n\r\n".encode())
    assert isinstance(response, Response)
    assert rtsp.session_of(response) == expected


@pytest.mark.parametrize(
    ("field", "channel"),
    [
        ("RTP/AVP/TCP;unicast;interleaved=0-1;ssrc= d6d6627", 0),
        ("RTP/AVP/TCP;unicast;interleaved=2-3", 2),
        ("RTP/AVP", 0),
        ("RTP/AVP/TCP;interleaved=999", 0),
    ],
)
def test_the_channel_is_the_servers_word(field: str, channel: int) -> None:
    """Some servers answer with other channels than were asked for."""
    (response,) = read(f"RTSP/1.0 200 OK\r\nTransport: {field}\r\n\r\n".encode())
    assert isinstance(response, Response)
    assert rtsp.channel_of(response, 0) == channel


PATHS = {
    "rtsp://192.0.2.1:554/Streaming/Channels/102": "/Streaming/Channels/102",
    "rtsp://192.0.2.1:554/": "/",
    "rtsp://192.0.2.1": "/",
    "rtsp://user:pass@192.0.2.1/a?b=c": "/a?b=c",
    "http://192.168.1.106:8106:8106/onvif/media": "/onvif/media",
    "192.168.1.10:554/stream0/": "/stream0/",
    "rtsp://rtsp://192.0.2.1/x": "/x",
    "rtsp://::ffff:1.2.3.4/x": "/x",
    "rtsp://[2001:db8::1]:554/x": "/x",
    "/onvif/media": "/onvif/media",
    " rtsp://192.0.2.1/a ": "/a",
}


@pytest.mark.parametrize(("url", "path"), PATHS.items())
def test_only_the_path_of_an_address_is_used(url: str, path: str) -> None:
    """Whatever host a device names is not ours to visit."""
    assert rtsp.path_of(url) == path


CONTROLS = [
    ("/live/", "trackID=0", "/live/trackID=0"),
    ("/live", "trackID=0", "/live/trackID=0"),
    ("/live", "*", "/live"),
    ("/live", "", "/live"),
    ("/live", "rtsp://192.168.5.106:554/other/?a=b", "/other/?a=b"),
    ("/cam?channel=1&subtype=1/", "trackID=0", "/cam?channel=1&subtype=1/trackID=0"),
]


@pytest.mark.parametrize(("base", "control", "path"), CONTROLS)
def test_a_tracks_control(base: str, control: str, path: str) -> None:
    """Relative, absolute with another host, and none."""
    assert rtsp.control_path(base, control) == path


def in_pieces(*pieces: bytes) -> list[Item | str]:
    """What a connection brought, and the kind of the error that ended it."""
    reader, items = RtspReader(), []
    try:
        for piece in pieces:
            reader.feed(piece)
            while (item := reader.next()) is not None:
                items.append(item)
    except WireError as error:
        items.append(type(error).__name__)
    return items


CUT = {
    "a request of a method that nobody knows": b"OOPTIONS * RTSP/1.0\r\nCSeq: 9\r\n\r\n",
    "a request within stray bytes": b"O\0\0\0\0\0\0\0\0\0\0\0\0\0\0PTIONS * RTSP/1.0\r\n\r\n" + OPTIONS,
    "half a request before a response": b"OPTIONS " * 40 + OPTIONS,
    "half a request before a frame": b"GET_PARAMETER x" + b"$\0\0\3abc" + OPTIONS,
    "another protocol in odd letters": b"HtTP/t\n$\0\0\x01a" + OPTIONS,
    "a line of words": b"Camera ready, RTSP follows\r\n" + OPTIONS,
    "a long line of capitals": b"A" * 2000 + b" B RTSP/1.0\r\n\r\n" + OPTIONS,
}


@pytest.mark.parametrize("name", CUT)
def test_stray_bytes_cut_anywhere_are_skipped_alike(name: str) -> None:
    """What is skipped depends on the bytes alone, and not on how the network cut them."""
    data = CUT[name]
    whole = in_pieces(data)
    assert whole
    assert in_pieces(*(data[at : at + 1] for at in range(len(data)))) == whole
    for at in range(1, len(data)):
        assert in_pieces(data[:at], data[at:]) == whole, at


def test_controls_of_a_device_end_no_line_of_ours() -> None:
    """A track, a path or a session with a carriage return or a NUL goes into a request without it."""
    response = Response(
        200, "OK", Headers({"session": ["1\r2\x7f;timeout=60"], "content-base": ["rtsp://h/a\rb/"]}), b""
    )
    assert rtsp.session_of(response) == ("12", 60.0)
    assert rtsp.base_path(response, "/s") == "/ab/"
    assert rtsp.control_path("/s", "track\r\x001") == "/s/track1"
    assert rtsp.path_of("rtsp://h/a\x7f\r\nX: y") == "/aX: y"


HOSTILE = {
    "HTTP": (b"HTTP/1.1 400 Bad Request\r\n\r\n", ProtocolError),
    "a banner without end": (b"hello " * 20000, ProtocolError),
    "a header without end": (b"RTSP/1.0 200 OK\r\nX: " + b"a" * 40000, TooLarge),
    "a body of a gigabyte": (b"RTSP/1.0 200 OK\r\nContent-Length: 1000000000\r\n\r\n", TooLarge),
}


@pytest.mark.parametrize(("data", "error"), HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_hostile_is_refused(data: bytes, error: type[WireError]) -> None:
    """Garbage and floods end the conversation."""
    with pytest.raises(error):
        read(data, ends=True)


def test_a_frame_that_stalls_is_no_item() -> None:
    """A frame of 65,535 bytes that never comes is waited for, not invented."""
    assert read(b"$\x00\xff\xffabc") == []


@given(st.binary(max_size=600), st.lists(st.integers(1, 50), max_size=20))
def test_how_bytes_are_cut_makes_no_difference(data: bytes, cuts: list[int]) -> None:
    """Any bytes give the same items in one piece or in many, or a WireError."""
    data = OPTIONS + data + OPTIONS
    reader, pieces, items = RtspReader(), list(cuts), []
    try:
        rest = data
        while rest:
            size = pieces.pop() if pieces else len(rest)
            reader.feed(rest[:size])
            rest = rest[size:]
            while (item := reader.next()) is not None:
                items.append(item)
    except WireError:
        return
    assert items == read(data)
