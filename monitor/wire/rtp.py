"""RTP packets (RFC 3550 §5.1) counted, not decoded: does video arrive, how fast, how much, with a key picture.

Frames are told by a change of timestamp: cameras set the marker bit on parameter sets too, or never.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

#: Version and what follows the header, marker and kind, sequence number, timestamp, source.
_HEADER = struct.Struct("!BBHII")
_VERSION = 2
#: The first byte of a packet with nothing between header and payload, and nothing behind it.
_PLAIN = _VERSION << 6
_SEQUENCES = 1 << 16
_TIMESTAMPS = 1 << 32
#: A gap in the sequence numbers from here on is a jump of the sender's, not a loss (RFC 3550 A.1).
LARGEST_GAP = 1000


class Packet(NamedTuple):
    """The fixed header's fields and where the payload begins and ends."""

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    start: int
    end: int


def parse(data: bytes) -> Packet | None:
    """Return the packet's header; None where these bytes are no RTP version 2 packet, or one of RTCP (RFC 5761 §4)."""
    if len(data) < _HEADER.size:
        return None
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
    if first >> 6 != _VERSION or 192 <= second <= 223:
        return None
    start, end = _HEADER.size, len(data)
    if first != _PLAIN:
        start += 4 * (first & 0x0F)
        if first & 0x10:
            if end < start + 4:
                return None
            start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4], "big")
        if first & 0x20:
            end -= data[-1]
        if start > end:
            return None
    return Packet(second & 0x7F, second > 0x7F, sequence, timestamp, ssrc, start, end)


def _h264_key(payload: bytes) -> bool:
    """Whether an H.264 payload (RFC 6184 §5.2) belongs to an IDR picture."""
    kind = payload[0] & 0x1F
    if kind == 28 and len(payload) > 1:
        kind = payload[1] & 0x1F
    if kind == 24 and len(payload) > 3:
        kind = payload[3] & 0x1F
    return kind in (5, 7)


def _h265_key(payload: bytes) -> bool:
    """Whether an H.265 payload (RFC 7798 §4.4) belongs to an IRAP picture or its parameter sets."""
    kind = payload[0] >> 1 & 0x3F
    if kind == 49 and len(payload) > 2:
        kind = payload[2] & 0x3F
    return 16 <= kind <= 23 or 32 <= kind <= 34


KEY_PICTURE = {"H264": _h264_key, "H265": _h265_key}


@dataclass(slots=True)
class Reception:
    """What arrived of one video track."""

    codec: str = ""
    clock_rate: int = 90000
    packets: int = 0
    octets: int = 0
    frames: int = 0
    key: bool = False
    lost: int = 0
    _timestamps: list[int] = field(default_factory=list)
    _sequence: int | None = None

    def take(self, data: bytes) -> bool:
        """Count a packet; False where the bytes are no RTP packet, or one with nothing in it."""
        packet = parse(data)
        if packet is None or packet.start == packet.end:
            return False
        _, _, sequence, timestamp, _, start, end = packet
        self.packets += 1
        self.octets += end - start
        if not self._timestamps:
            self._timestamps = [timestamp, timestamp]
            self.frames = 1
        elif timestamp != self._timestamps[1]:
            self._timestamps[1] = timestamp
            self.frames += 1
        if self._sequence is not None:
            gap = (sequence - self._sequence - 1) % _SEQUENCES
            if gap < LARGEST_GAP:
                self.lost += gap
        self._sequence = sequence
        if not self.key and (is_key := KEY_PICTURE.get(self.codec)) is not None:
            self.key = is_key(data[start:end])
        return True

    @property
    def frames_per_second(self) -> float | None:
        """The rate by the sender's own timestamps; None before two frames, or where they stand still or run back."""
        if self.frames < 2:
            return None
        ticks = (self._timestamps[1] - self._timestamps[0]) % _TIMESTAMPS
        if not 0 < ticks < _TIMESTAMPS // 2 or self.clock_rate <= 0:
            return None
        return (self.frames - 1) * self.clock_rate / ticks

    def measurements(self, seconds: float) -> Mapping[str, float]:
        """Return figures of a reception that lasted this long."""
        figures = {
            "video_packets": float(self.packets),
            "video_frames": float(self.frames),
            "video_lost": float(self.lost),
        }
        if self.codec in KEY_PICTURE:
            figures["video_key"] = float(self.key)
        if seconds > 0:
            figures["video_bits_per_second"] = self.octets * 8 / seconds
        if (rate := self.frames_per_second) is not None:
            figures["video_frames_per_second"] = rate
        return figures
