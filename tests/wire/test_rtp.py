"""RTP counted: frames by timestamp, loss by sequence, key pictures by codec."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.wire.rtp import Reception, parse


def packet(sequence: int, timestamp: int, payload: bytes = b"\x41", first: int = 0x80, extra: bytes = b"") -> bytes:
    return struct.pack("!BBHII", first, 96, sequence % 65536, timestamp % 2**32, 7) + extra + payload


def test_frames_are_counted_by_timestamp_not_by_marker() -> None:
    """Three packets of two pictures are two frames, whatever their marker bits."""
    reception = Reception("H264")
    for sequence, timestamp in ((1, 0), (2, 0), (3, 6000)):
        assert reception.take(packet(sequence, timestamp))
    assert (reception.packets, reception.frames, reception.lost) == (3, 2, 0)


@pytest.mark.parametrize("start", [0, 2**32 - 9000])
def test_the_frame_rate_is_the_senders_also_where_its_clock_wraps(start: int) -> None:
    """Ticks are counted modulo 2^32."""
    reception = Reception("H264")
    for number in range(11):
        reception.take(packet(number, start + number * 9000))
    assert reception.frames_per_second == pytest.approx(10.0)


@pytest.mark.parametrize("timestamps", [[5, 5, 5], [9000, 0]], ids=["frozen", "backwards"])
def test_no_rate_where_the_senders_clock_is_useless(timestamps: list[int]) -> None:
    """Frozen and backward timestamps give no rate; the packets count all the same."""
    reception = Reception("H264")
    for number, timestamp in enumerate(timestamps):
        reception.take(packet(number, timestamp))
    assert reception.frames_per_second is None
    assert reception.packets == len(timestamps)


def test_loss_is_counted_over_the_wrap_and_a_jump_is_none() -> None:
    """A gap is a loss, also from 65,535 to 0; a jump by thousands is the sender's own."""
    reception = Reception("H264")
    for sequence in (65533, 65535, 1, 30000):
        reception.take(packet(sequence, sequence))
    assert reception.lost == 2


KEYS = [
    ("H264", b"\x65", True),
    ("H264", b"\x67", True),
    ("H264", b"\x41", False),
    ("H264", b"\x7c\x85", True),
    ("H264", b"\x7c\x81", False),
    ("H264", b"\x78\x00\x04\x67\x00\x00\x00", True),
    ("H265", b"\x26\x01", True),
    ("H265", b"\x02\x01", False),
    ("H265", b"\x62\x01\x93", True),
    ("H265", b"\x40\x01", True),
    ("JPEG", b"\x65", False),
    ("H264", b"", False),
]


@pytest.mark.parametrize(("codec", "payload", "key"), KEYS)
def test_a_key_picture_is_recognised(codec: str, payload: bytes, key: bool) -> None:
    """IDR, parameter sets, fragments and aggregates of H.264 and H.265."""
    reception = Reception(codec)
    reception.take(packet(1, 1, payload))
    assert reception.key is key


def test_header_parts_are_not_payload() -> None:
    """Contributing sources, an extension and padding are left out."""
    read = parse(packet(1, 1, b"ab\0\0\3", 0xB1, b"\0\0\0\1" + b"\xbe\xde\0\1" + b"abcd"))
    assert read is not None
    assert read.end - read.start == 2


@pytest.mark.parametrize(
    "data", [b"", b"\x80" * 11, packet(1, 1, first=0x40), packet(1, 1, b"", 0x8F), packet(1, 1, b"\xff", 0xA0)]
)
def test_what_is_no_packet_is_not_counted(data: bytes) -> None:
    """Too short, another version, lists and paddings longer than the packet."""
    assert not Reception("H264").take(data)


@given(st.binary(max_size=60), st.sampled_from(["H264", "H265", ""]))
def test_no_bytes_raise(data: bytes, codec: str) -> None:
    """Hostile bytes are counted or not."""
    reception = Reception(codec)
    reception.take(data)
    reception.take(b"\x80" + data)
    assert reception.measurements(1.0)["video_packets"] == reception.packets
