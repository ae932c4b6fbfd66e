"""Four devices that bear nothing: each locks its account after five wrong logins and has room for one session.

They are the simulator's, over real sockets, on the course's clock; what they saw of their visitor they write down.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from polite.account import StrictAccount, most_within
from polite.virtual import Time

from simulator.device import RunningDevice
from simulator.httpd import HttpConnection, Request
from simulator.inventory import Secrets
from simulator.makes import AXIS, BOSCH, DAHUA, HIKVISION, NONAME, Make
from simulator.model import Device
from simulator.onvif import OnvifServer
from simulator.operations import Profile
from simulator.ports import Ports
from simulator.rtsp import Refused, RtspConnection, RtspRequest, Session, Studio
from simulator.video import FORMATS, load_clip

#: For how long a device holds a session whose client went without a TEARDOWN.
GHOST_S = 60.0
#: Between two pictures of a video.
PICTURE_S = 0.2
MINUTE_S = 60.0


@dataclass(frozen=True, slots=True)
class Kind:
    """What a make is strict about."""

    make: Make
    forgets_s: float | None = 1800.0
    """For how long a wrong login counts towards the lock; None: until one succeeds."""
    counts_stale: bool = False
    full: int = 0
    """The status with which DESCRIBE is answered when it is full; 0: SETUP is refused, in the make's own way."""
    lone: bool = False
    """It refuses a second TCP connection."""
    most_a_minute: int = 0
    """HTTP requests a minute behind which it hangs up; 0: any number."""
    mute: bool = False
    """Its ONVIF refuses a login with an empty 400."""


KINDS: Mapping[str, Kind] = {
    "hikvision": Kind(HIKVISION, counts_stale=True),
    "dahua": Kind(DAHUA, forgets_s=3600.0, full=401),
    "axis": Kind(AXIS),
    "noname": Kind(NONAME, lone=True, most_a_minute=10),
}
#: One that never forgets a wrong login, until the right one comes.
UNFORGETTING: Mapping[str, Kind] = {"bosch": Kind(BOSCH, forgets_s=None)}
#: One whose refusals over ONVIF nobody can read.
MUTE: Mapping[str, Kind] = {"mute": Kind(DAHUA, forgets_s=3600.0, mute=True)}
NOTHING_SAID = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"


class StrictDevice(RunningDevice):
    """One device: its clock, its account, its power, and what it counted."""

    account: StrictAccount

    def __init__(self, device: Device, secrets: Secrets, kind: Kind, clock: Time) -> None:
        super().__init__(device, secrets, 0)
        self.kind = kind
        self.clock = clock
        self.account = StrictAccount(
            secrets.username, secrets.password, clock.monotonic, kind.forgets_s, kind.counts_stale
        )
        self.others = 0
        """Sessions that other people hold."""
        self.http_at: list[float] = []
        self.rtsp_at: list[float] = []
        self.hung_up = 0
        """Requests beyond what it answers in a minute."""
        self.second_connections = 0
        self.second_sessions = 0
        """Sessions that were asked for while it held another of the same client's, dead ones included."""
        self.told_full = 0
        """Sessions refused because other people hold them."""
        self.cut_off = 0
        """Sessions that ended because its power went."""
        self._booted = clock.now
        self._clock_offset_s = self.drift_s
        self._ghosts: list[float] = []

    # Its clock and its power ---------------------------------------------------------------------

    @property
    def time(self) -> float:
        return self.clock.wall() + self._clock_offset_s

    @property
    def uptime_s(self) -> float:
        return self.clock.now - self._booted

    def lose_power(self) -> None:
        self.silent = True
        for connection in self.connections:
            if isinstance(connection, StrictRtsp) and connection.cut():
                self.cut_off += 1

    def boot(self, clock_says: float | None = None) -> None:
        """Start anew; ``clock_says``: what its clock begins with where it has no battery."""
        self.silent = False
        self._booted = self.clock.now
        self._ghosts.clear()
        self.account.forget()
        self.hang_up()
        if clock_says is not None:
            self._clock_offset_s = clock_says - self.clock.wall()

    def set_clock(self) -> None:
        """Its time server is heard again."""
        self._clock_offset_s = self.drift_s

    # What it notes -------------------------------------------------------------------------------

    def note_connection(self) -> bool:
        """Take a new connection into account; False where it refuses it."""
        second = len(self.connections) > 1
        self.second_connections += second
        return not (second and self.kind.lone)

    def note_request(self) -> bool:
        """Take an HTTP request into account; False where it was one too many."""
        self.http_at.append(self.clock.now)
        lately = sum(at > self.clock.now - MINUTE_S for at in self.http_at[-50:])
        over = bool(self.kind.most_a_minute) and lately > self.kind.most_a_minute
        self.hung_up += over
        return not over

    def room(self) -> bool:
        """Whether it has room for another session; who took it is noted where not."""
        self._ghosts = [until for until in self._ghosts if until > self.clock.now]
        own = self.counters.rtsp_sessions_open + len(self._ghosts)
        self.second_sessions += own > 0
        self.told_full += self.others > 0
        return not own and not self.others

    def haunted(self) -> None:
        """A client went without taking leave."""
        self._ghosts.append(self.clock.now + GHOST_S)

    def seen(self) -> dict[str, int]:
        """All that politeness is about, by name."""
        counters = self.counters
        return {
            "wrong logins": len(self.account.refused_at),
            "most in 30 min": self.account.most_in_a_window,
            "locks": self.account.locks,
            "logins while locked": self.account.knocks,
            "HTTP requests": len(self.http_at),
            "most HTTP a minute": most_within(self.http_at, MINUTE_S),
            "RTSP requests": len(self.rtsp_at),
            "most RTSP a minute": most_within(self.rtsp_at, MINUTE_S),
            "hung up": self.hung_up,
            "connections": counters.tcp_connections,
            "second connections": self.second_connections,
            "sessions": counters.rtsp_sessions_opened,
            "second sessions": self.second_sessions,
            "told it is full": self.told_full,
            "without TEARDOWN": counters.rtsp_sessions_opened - counters.rtsp_sessions_closed - self.cut_off,
        }


class StrictHttp(HttpConnection):
    """A device's web server."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self.transport is not None and not self.device.note_connection():
            self.abort()


class StrictRtsp(RtspConnection):
    """A device's RTSP server."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self.transport is not None and not self.device.note_connection():
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.session is not None:
            self.device.haunted()
        super().connection_lost(exc)

    def cut(self) -> bool:
        """End its session without a word; whether there was one."""
        had = self.session is not None
        if had:
            self._end_session()
        return had

    def _handle(self, request: RtspRequest) -> None:
        self.device.rtsp_at.append(self.device.clock.now)
        super()._handle(request)

    def _check_faults(self, method: str) -> None:
        if method == "DESCRIBE" and self.device.kind.full and self.device.others:
            self.device.told_full += 1
            self.nonce = ""
            raise Refused(self.device.kind.full, self._challenge(stale=False))
        super()._check_faults(method)

    def _open_session(self, profile: Profile) -> Session:
        if not self.device.room():
            raise Refused(self.manners.full)
        return super()._open_session(profile)


class _Pacer:
    """Sends each video's pictures on the course's clock, a few a second."""

    def __init__(self) -> None:
        self._timers: dict[int, asyncio.TimerHandle] = {}

    def add(self, key: int, send_frame: Callable[[], None]) -> None:
        send_frame()
        self._timers[key] = asyncio.get_running_loop().call_later(PICTURE_S, self.add, key, send_frame)

    def remove(self, key: int) -> None:
        if key in self._timers:
            self._timers.pop(key).cancel()


class Servers:
    """What all devices share: the answers of their web servers, and the room where their videos are made."""

    def __init__(self, ports: Ports, directory: Callable[[str], StrictDevice | None]) -> None:
        pacer: Any = _Pacer()
        self._onvif = OnvifServer(ports)
        self._studio = Studio([load_clip(encoded) for encoded in FORMATS], pacer, ports.rtsp, count(1))
        self._directory = directory

    def http(self) -> StrictHttp:
        return StrictHttp(self._directory, self._answer)

    def rtsp(self) -> StrictRtsp:
        return StrictRtsp(self._directory, self._studio)

    def _answer(self, running: RunningDevice, request: Request) -> tuple[bytes, bool]:
        assert isinstance(running, StrictDevice)
        if not running.note_request():
            return b"", True
        wrong = len(running.account.refused_at), running.account.knocks
        answer = self._onvif.answer(running, request)
        refused = wrong != (len(running.account.refused_at), running.account.knocks)
        return (NOTHING_SAID, False) if running.kind.mute and refused else answer
