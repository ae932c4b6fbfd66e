"""The video of the city: H.264 clips cut into RTP payloads once, and sessions that only number and time them.

RFC 3550 (RTP), RFC 6184 (H.264 over RTP: single NAL units and FU-A fragments), RFC 2326 §10.12 (interleaving).
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

RATE = 10
CLOCK_HZ = 90_000
PAYLOAD_BYTES = 1_400
FU_A = 28
IDR, SPS, PPS = 5, 7, 8
PICTURES = (1, IDR)
#: An RTP packet's header and an RTCP sender report, each behind its four bytes of interleaving.
PACKET, REPORT = struct.Struct("!BBHBBHII"), struct.Struct("!BBHBBHIIIIII")
NTP_EPOCH = 2_208_988_800


@dataclass(frozen=True, slots=True)
class Format:
    """What an encoder is set to: pictures of this size, so many a second."""

    name: str
    width: int
    height: int
    rate: int = RATE


#: The main stream and the sub-stream of every camera.
FORMATS: Sequence[Format] = (Format("main", 640, 360), Format("sub", 320, 180))


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip in pieces. ``frames`` holds, for each picture, its RTP payloads in order; the first has SPS and PPS."""

    format: Format
    frames: tuple[tuple[bytes, ...], ...]
    sps: bytes
    pps: bytes

    @property
    def parameter_sets(self) -> str:
        """As in an SDP's ``sprop-parameter-sets``."""
        return ",".join(base64.b64encode(unit).decode() for unit in (self.sps, self.pps))

    @property
    def level(self) -> str:
        """As in an SDP's ``profile-level-id``."""
        return self.sps[1:4].hex().upper()


def split_units(annex_b: bytes) -> list[bytes]:
    """The NAL units of a byte stream (H.264 Annex B)."""
    return [unit.rstrip(b"\0") for unit in annex_b.split(b"\0\0\1") if unit.strip(b"\0")]


def packetise(unit: bytes, limit: int = PAYLOAD_BYTES) -> Iterator[bytes]:
    """The RTP payloads of one NAL unit: itself, or FU-A fragments where it is longer than ``limit``."""
    if len(unit) <= limit:
        yield unit
        return
    indicator, kind = (unit[0] & 0xE0) | FU_A, unit[0] & 0x1F
    step = limit - 2
    for start in range(1, len(unit), step):
        first, last = start == 1, start + step >= len(unit)
        yield bytes((indicator, kind | (0x80 if first else 0) | (0x40 if last else 0))) + unit[start : start + step]


def load_clip(encoded: Format) -> Clip:
    """Read a committed clip and cut it into frames."""
    units = split_units(files("simulator.clip").joinpath(f"{encoded.name}.h264").read_bytes())
    frames: list[tuple[bytes, ...]] = []
    waiting: list[bytes] = []
    for unit in units:
        waiting += packetise(unit)
        if unit[0] & 0x1F in PICTURES:
            frames.append(tuple(waiting))
            waiting = []
    parameters = {unit[0] & 0x1F: unit for unit in units}
    return Clip(encoded, tuple(frames), parameters[SPS], parameters[PPS])


class Track:
    """One RTP stream of a clip over an RTSP connection: what is its own are numbers, times and its channel."""

    def __init__(self, clip: Clip, payload_type: int, ssrc: int, sequence: int, timestamp: int) -> None:
        self.clip = clip
        self.channel = 0
        self.payload_type = payload_type
        self.ssrc = ssrc
        self.sequence = sequence
        self.timestamp = timestamp
        self.frames = 0
        self.packets = 0
        self.octets = 0

    def next_frame(self) -> bytes:
        """The next picture's packets, ready to be written to the connection."""
        payloads = self.clip.frames[self.frames % len(self.clip.frames)]
        self.frames += 1
        last = len(payloads) - 1
        parts: list[bytes] = []
        for number, payload in enumerate(payloads):
            marked = self.payload_type | 0x80 if number == last else self.payload_type
            header = PACKET.pack(
                0x24, self.channel, 12 + len(payload), 0x80, marked, self.sequence, self.timestamp, self.ssrc
            )
            parts += (header, payload)
            self.sequence = (self.sequence + 1) & 0xFFFF
            self.octets += len(payload)
        self.packets += len(payloads)
        self.timestamp = (self.timestamp + CLOCK_HZ // self.clip.format.rate) & 0xFFFFFFFF
        return b"".join(parts)

    def report(self, now: float) -> bytes:
        """An RTCP sender report (RFC 3550 §6.4.1) for wall time ``now``, interleaved on the next channel."""
        seconds, fraction = divmod(now + NTP_EPOCH, 1)
        return REPORT.pack(
            0x24, self.channel + 1, 28, 0x80, 200, 6, self.ssrc, int(seconds), int(fraction * 2**32),
            self.timestamp, self.packets & 0xFFFFFFFF, self.octets & 0xFFFFFFFF,
        )  # fmt: skip
