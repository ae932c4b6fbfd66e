"""The clips and their RTP packets: what is cut apart can be put together again."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.video import FORMATS, FU_A, IDR, PPS, SPS, Format, Track, load_clip, packetise, split_units


def assemble(payloads: list[bytes]) -> bytes:
    """A NAL unit from its RTP payloads (RFC 6184 §5.8)."""
    if len(payloads) == 1:
        return payloads[0]
    assert all(payload[0] & 0x1F == FU_A for payload in payloads)
    assert [payload[1] & 0xC0 for payload in payloads] == [0x80, *[0] * (len(payloads) - 2), 0x40]
    header = (payloads[0][0] & 0xE0) | (payloads[0][1] & 0x1F)
    return bytes([header]) + b"".join(payload[2:] for payload in payloads)


@given(st.binary(min_size=1, max_size=5_000), st.integers(8, 1_500))
def test_fragments_make_the_unit_again(unit: bytes, limit: int) -> None:
    """No payload is longer than the limit, and together they are the unit."""
    payloads = list(packetise(unit, limit))
    assert max(map(len, payloads)) <= limit
    assert assemble(payloads) == unit if unit[0] & 0x1F != FU_A or len(unit) > limit else True


def test_units_are_split_at_both_start_codes() -> None:
    """Start codes of three and of four bytes separate units (H.264 Annex B)."""
    assert split_units(b"\0\0\0\1ab\0\0\1c\0\0\0\1d") == [b"ab", b"c", b"d"]


@pytest.mark.parametrize("encoded", FORMATS, ids=lambda encoded: encoded.name)
def test_a_clip_is_thirty_frames_with_a_key_frame_a_second(encoded: Format) -> None:
    """Every second begins with SPS, PPS and an IDR picture; the frames between are single pictures."""
    clip = load_clip(encoded)
    kinds = [[payload[0] & 0x1F for payload in frame] for frame in clip.frames]
    assert len(kinds) == 30
    for number, frame in enumerate(kinds):
        assert (frame[:2] == [SPS, PPS]) == (number % encoded.rate == 0)
    assert all(assemble(list(frame[2:]))[0] & 0x1F == IDR for frame in clip.frames[:: encoded.rate])


def test_the_clips_are_small() -> None:
    """Both clips together are under 100 KB."""
    assert sum(len(payload) for one in FORMATS for frame in load_clip(one).frames for payload in frame) < 100_000


def test_a_track_numbers_and_times_its_packets() -> None:
    """Sequence numbers rise by one and wrap, a frame has one timestamp, only its last packet the marker."""
    track = Track(load_clip(FORMATS[0]), 96, ssrc=7, sequence=65_530, timestamp=2**32 - 9_000)
    packets = [packet for frame in range(31) for packet in cut(track.next_frame(), frame)]
    assert [packet[2] for packet in packets] == [(65_530 + place) % 65_536 for place in range(len(packets))]
    stamps = {packet[0]: packet[3] for packet in packets}
    assert stamps[0] == 2**32 - 9_000
    assert (stamps[1], stamps[30]) == (0, 29 * 9_000)
    for place, packet in enumerate(packets):
        last = place + 1 == len(packets) or packets[place + 1][0] != packet[0]
        assert packet[1] == (96 | 0x80 if last else 96)
    assert {packet[4] for packet in packets} == {7}


def cut(data: bytes, frame: int) -> list[tuple[int, int, int, int, int]]:
    """Frame, second byte, sequence, timestamp and ssrc of each interleaved packet."""
    packets = []
    while data:
        dollar, channel, length = struct.unpack_from("!BBH", data)
        assert (dollar, channel) == (0x24, 0)
        packets.append((frame, *struct.unpack_from("!xBHII", data, 4)))
        data = data[4 + length :]
    return packets


def test_a_sender_report_counts_what_was_sent() -> None:
    """The report has the packets and octets so far, on the channel after the video's (RFC 3550 §6.4.1)."""
    track = Track(load_clip(FORMATS[1]), 96, ssrc=7, sequence=0, timestamp=0)
    track.next_frame()
    report = track.report(0.5)
    assert struct.unpack("!BBHBBHIIIIII", report)[:7] == (0x24, 1, 28, 0x80, 200, 6, 7)
    assert struct.unpack("!BBHBBHIIIIII", report)[7:9] == (2_208_988_800, 2**31)
    assert struct.unpack("!BBHBBHIIIIII", report)[10] == track.packets
