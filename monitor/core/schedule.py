"""How often each question is put, how fast a device may be asked, how long an answer may take. In seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b

from monitor.core.verdict import Rung

#: The probe that judges a rung; reachable is judged by each probe that opens a connection.
PROBE_OF: Mapping[Rung, str] = {
    Rung.CONTROL: "onvif",
    Rung.CLOCK: "onvif",
    Rung.IDENTITY: "onvif",
    Rung.STREAM: "rtsp",
    Rung.MEDIA: "rtsp",
    Rung.DEVICE: "snmp",
    Rung.RECORDING: "snmp",
}


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long the monitor waits."""

    connect_s: float = 3.0
    reply_s: float = 5.0
    first_packet_s: float = 10.0
    probe_s: float = 30.0
    first_contact_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Rates:
    """Intervals of the checks, and the budgets of a device."""

    light_s: float = 60.0
    media_s: float = 600.0
    login_s: float = 3600.0
    stranger_s: float = 300.0
    """How often a device is asked who it is where another one answers in its place."""
    survey_s: float = 86_400.0
    """How often a device is asked all that it says of itself, in small portions."""
    survey_after_s: float = 600.0
    """How long after the start the first surveys begin, and over how many times that they are spread."""
    dead_s: float = 300.0
    """The interval for a device that has been seen dead for ``dead_after_s``."""
    dead_after_s: float = 3600.0
    busy_s: float = 60.0
    """The first wait after a device was full; each further one doubles, up to ``busy_most_s``."""
    busy_most_s: float = 1800.0
    spread_s: float = 60.0
    """First checks are spread over this long."""
    http_per_minute: float = 6.0
    http_burst: float = 4.0
    http_login: float = 8.0
    """What a conversation with a login may ask, which has much to learn at first; the next ones wait off the excess."""
    rtsp_per_minute: float = 20.0
    rtsp_burst: float = 20.0
    channels_at_once: int = 4
    """How many channels of one device a light check describes; the others follow in rotation."""
    deadlines: Deadlines = Deadlines()

    def interval_s(self, rung: Rung, channels: int = 1) -> float:
        """Return how often a rung is observed on a device with this many channels."""
        if rung is Rung.MEDIA:
            return max(self.media_s, self.light_s * channels)
        if rung in (Rung.CREDENTIALS, Rung.IDENTITY):
            return self.login_s
        if rung is Rung.STREAM:
            return self.light_s * -(-channels // self.channels_at_once)
        return self.light_s

    def busy_wait_s(self, attempts: int) -> float:
        """Return how long to leave a device alone that was full this many times in a row."""
        return float(min(self.busy_s * 2 ** max(0, min(attempts, 16) - 1), self.busy_most_s))


def phase(identity: str, span_s: float) -> float:
    """Return a fixed moment within ``span_s`` for this device, evenly spread over all devices."""
    digest = blake2b(identity.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64 * span_s
