"""The RTSP 1.0 server of every device (RFC 2326): DESCRIBE with digest, SETUP over TCP, PLAY, real video after it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from simulator.account import Login, parse_parameters
from simulator.connection import DeviceConnection
from simulator.device import Directory
from simulator.malformed import kind_of
from simulator.operations import Profile, profiles
from simulator.pacer import Pacer
from simulator.rtsp_manners import RtspManners, manners_of
from simulator.video import Clip, Track

PHRASES = {
    200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    453: "Not Enough Bandwidth", 454: "Session Not Found", 455: "Method Not Valid in This State",
    461: "Unsupported Transport", 500: "Internal Server Error", 503: "Service Unavailable",
}  # fmt: skip
HEAD_BYTES = 8_192
MOST_WAITING_BYTES = 262_144
SESSIONS_PER_CHANNEL = 2
FRAMES_PER_REPORT = 50
#: At which step a busy device says so, and how.
BUSY: Sequence[tuple[str, int]] = (
    ("DESCRIBE", 453), ("SETUP", 453), ("DESCRIBE", 503), ("PLAY", 453), ("SETUP", 503), ("PLAY", 503),
)  # fmt: skip
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RtspRequest:
    """One request; header names in small letters."""

    method: str
    url: str
    headers: Mapping[str, str]


class Refused(Exception):
    """The request is answered with this status instead."""

    def __init__(self, status: int, headers: Headers = ()) -> None:
        super().__init__(PHRASES[status])
        self.status, self.headers = status, headers


@dataclass(slots=True)
class Session:
    """A session that a client has set up: its number and its video, once that is set up too."""

    number: int
    track: Track
    has_video: bool = False


@dataclass(frozen=True, slots=True)
class Studio:
    """What all RTSP connections of a city share: the clips, the pacer, the numbers of sessions, the port."""

    clips: Sequence[Clip]
    pacer: Pacer
    port: int
    keys: count[int]


def take_rtsp(buffer: bytearray) -> RtspRequest | None:
    """Cut one request off the buffer, skipping interleaved packets and replies; None while some of it is missing."""
    while buffer:
        if buffer[0] == 0x24:
            end = 4 + int.from_bytes(buffer[2:4], "big")
            if len(buffer) < max(4, end):
                return None
            del buffer[:end]
            continue
        end = buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(buffer) > HEAD_BYTES:
                raise Refused(400)
            return None
        lines = buffer[:end].decode("latin-1").split("\r\n")
        del buffer[: end + 4]
        if lines[0].startswith("RTSP/"):
            continue
        return parse_rtsp(lines)
    return None


def parse_rtsp(lines: Sequence[str]) -> RtspRequest:
    words = lines[0].split(" ")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    if len(words) != 3 or words[2] != "RTSP/1.0":
        raise Refused(400)
    return RtspRequest(words[0], words[1], headers)


@lru_cache(maxsize=8_192)
def without_host(url: str) -> str:
    """The path and query of a URL, whatever host and port it names."""
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


class RtspConnection(DeviceConnection):
    """One RTSP connection: at most one session, whose packets go over this connection."""

    def __init__(self, directory: Directory, studio: Studio) -> None:
        super().__init__(directory)
        self.studio = studio
        self.nonce = ""
        self.described: Profile | None = None
        self.place: dict[str, Any] = {}
        self.url = ""
        self.session: Session | None = None
        self.key = next(studio.keys)

    @property
    def manners(self) -> RtspManners:
        oddity = kind_of(self.device.variant) if self.device.has("malformed") else ""
        return manners_of(self.device.make.name, oddity)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.session is not None:
            self.device.counters.rtsp_sessions_abandoned += 1
            self._end_session()
        super().connection_lost(exc)

    def read_requests(self) -> None:
        while self.transport is not None and not self.transport.is_closing() and not self.delaying:
            try:
                request = take_rtsp(self.buffer)
            except Refused as refused:
                self.send(self._render("0", refused.status, ()), close=True)
                return
            if request is None:
                return
            self.device.counters.rtsp_requests += 1
            self._handle(request)

    def _handle(self, request: RtspRequest) -> None:
        sequence = request.headers.get("cseq", "0")
        method = METHODS.get(request.method)
        try:
            if method is None:
                raise Refused(405, (("Allow", self.manners.public),))
            headers, body = method(self, request)
            self.answer(self._render(sequence, 200, headers, body))
        except Refused as refused:
            self.answer(self._render(sequence, refused.status, refused.headers))

    def _render(self, sequence: str, status: int, headers: Headers, body: str = "") -> bytes:
        manners = self.manners
        every: list[tuple[str, str]] = [("CSeq", sequence)]
        every += [("Server", manners.server)] if manners.server else []
        every += [("Date", formatdate(self.device.time, usegmt=True))] if manners.dated else []
        every += headers
        every += [("Content-Length", str(len(body)))] if body else []
        lines = [f"RTSP/1.0 {status} {PHRASES[status]}"]
        lines += [f"{manners.header_name(name)}: {value}" for name, value in every]
        return ("\r\n".join(lines) + "\r\n\r\n" + body).encode("latin-1")

    # --- the methods -------------------------------------------------------------------------------------------

    def options(self, request: RtspRequest) -> tuple[Headers, str]:
        return (("Public", self.manners.public),), ""

    def describe(self, request: RtspRequest) -> tuple[Headers, str]:
        self._check_login(request)
        self._check_faults(request.method)
        self.described = self._find_profile(request.url)
        self.place = self._place_values(self.described)
        self.url = request.url.rstrip("/")
        manners, values = self.manners, self._values()
        base = (("Content-Base", manners.base.format(**values)),) if manners.base else ()
        sdp = manners.sdp.format(**values).replace("\n", "\r\n")
        return (*base, ("Content-Type", "application/sdp")), sdp

    def setup(self, request: RtspRequest) -> tuple[Headers, str]:
        self._check_login(request)
        self._check_faults(request.method)
        if self.described is None:
            raise Refused(455)
        is_video = self._is_video(request.url)
        channels = parse_transport(request.headers.get("transport", ""))
        if channels is None:
            raise Refused(461)
        if self.session is None:
            self.session = self._open_session(self.described)
        first, last = (channel + self.manners.channel_shift for channel in channels)
        if is_video:
            self.session.has_video = True
            self.session.track.channel = first
        values = self._values() | {"first": first, "last": last}
        return (
            ("Session", self.manners.session.format(**values)),
            ("Transport", self.manners.transport.format(**values)),
        ), ""

    def play(self, request: RtspRequest) -> tuple[Headers, str]:
        self._check_login(request)
        self._check_faults(request.method)
        session = self._own_session(request)
        headers: Headers = (
            ("Session", self._session_name()),
            ("Range", "npt=0.000-"),
            ("RTP-Info", self.manners.rtp_info.format(**self._values())),
        )
        if self.manners.early_data:
            self.send(session.track.next_frame())
        if self.manners.server_request:
            self.send(f"OPTIONS {self.url} RTSP/1.0\r\nCSeq: 1\r\n\r\n".encode())
        if session.has_video and not self.device.has("no_video"):
            self.studio.pacer.add(self.key, self._send_frame)
        return headers, ""

    def get_parameter(self, request: RtspRequest) -> tuple[Headers, str]:
        self._check_login(request)
        self._own_session(request)
        return (("Session", self._session_name()),), ""

    def teardown(self, request: RtspRequest) -> tuple[Headers, str]:
        self._check_login(request)
        self._own_session(request)
        self.device.counters.rtsp_sessions_closed += 1
        self._end_session()
        return (), ""

    # --- what they rest on -------------------------------------------------------------------------------------

    def _check_login(self, request: RtspRequest) -> None:
        header = request.headers.get("authorization", "")
        login = Login.ABSENT
        if header[:7].lower() == "digest ":
            answer = parse_parameters(header[7:])
            known = bool(self.nonce) and answer.get("nonce") == self.nonce
            check = self.device.account.check_answer
            login = check(answer, request.method, request.url) if known else Login.STALE
        if login is not Login.GOOD:
            raise Refused(401, self._challenge(stale=login is Login.STALE))

    def _challenge(self, stale: bool) -> Headers:
        self.nonce = self.nonce or secrets.token_hex(8)
        device, manners = self.device.device, self.manners
        challenge = f'Digest realm="{manners.realm.format(mac=device.mac, serial=device.serial)}", nonce="{self.nonce}"'
        challenge += ", stale=true" if stale else ""
        if len(manners.algorithms) == 1:
            return (("WWW-Authenticate", challenge),)
        return tuple(("WWW-Authenticate", f"{challenge}, algorithm={algorithm}") for algorithm in manners.algorithms)

    def _check_faults(self, method: str) -> None:
        if self.device.has("stream_server"):
            raise Refused((404, 500)[self.device.variant % 2])
        if self.device.has("busy"):
            step, status = BUSY[self.device.variant % len(BUSY)]
            if step == method:
                raise Refused(status)

    def _find_profile(self, url: str) -> Profile:
        wanted = without_host(url).rstrip("/")
        for profile in profiles(self.device):
            if profile.path == wanted:
                return profile
        raise Refused(404)

    def _is_video(self, url: str) -> bool:
        """Tell which track a URL names: by its control attribute, alone or behind the base or the request's URL."""
        values, wanted = self._values(), without_host(url)
        base = self.manners.base.format(**values).replace("rtsp://rtsp://", "rtsp://") or f"{self.url}/"
        for control, is_video in ((values["track"], True), (values["metadata"], False)):
            urls = (control,) if control.startswith("rtsp://") else (base + control, f"{self.url}/{control}")
            if control and wanted in map(without_host, urls):
                return is_video
        raise Refused(404)

    def _open_session(self, profile: Profile) -> Session:
        counters = self.device.counters
        if counters.rtsp_sessions_open >= SESSIONS_PER_CHANNEL * self.device.device.channels:
            raise Refused(self.manners.full)
        counters.rtsp_sessions_opened += 1
        counters.rtsp_sessions_open += 1
        counters.rtsp_sessions_open_max = max(counters.rtsp_sessions_open_max, counters.rtsp_sessions_open)
        payload_type = 35 if "RTP/AVP 35" in self.manners.sdp else 96
        numbers = secrets.randbits(32), secrets.randbits(16), secrets.randbits(32)
        track = Track(self.studio.clips[profile.stream], payload_type, *numbers)
        return Session(secrets.randbelow(900_000_000) + 100_000_000, track)

    def _own_session(self, request: RtspRequest) -> Session:
        name = request.headers.get("session", "").partition(";")[0].strip()
        if self.session is None or name != self._session_name().strip():
            raise Refused(454)
        return self.session

    def _session_name(self) -> str:
        return self.manners.session.format(**self._values()).partition(";")[0].rstrip()

    def _end_session(self) -> None:
        self.studio.pacer.remove(self.key)
        self.session = None
        self.device.counters.rtsp_sessions_open -= 1

    def _send_frame(self) -> None:
        if self.session is None or self.transport is None or self.transport.is_closing() or self.mute or self.delaying:
            return
        track = self.session.track
        report = track.report(time.time()) if track.frames % FRAMES_PER_REPORT == 0 else b""
        data = report + track.next_frame()
        if self.transport.get_write_buffer_size() < MOST_WAITING_BYTES:
            self.transport.write(data)

    def _place_values(self, profile: Profile) -> dict[str, Any]:
        """What the templates of the manners know about a stream."""
        clip, host = self.studio.clips[profile.stream], self.device.named_host
        path, mark, query = profile.path.partition("?")
        bare = f"rtsp://{host}:{self.studio.port}{path}"
        values: dict[str, Any] = {
            "host": host, "port": self.studio.port, "path": path, "query": mark + query, "bare": bare,
            "url": bare + mark + query, "level": clip.level, "sets": clip.parameter_sets,
            "width": clip.format.width, "height": clip.format.height, "rate": clip.format.rate,
        }  # fmt: skip
        for name in ("track", "metadata", "control"):
            values[name] = getattr(self.manners, name).format(**values)
        return values

    def _values(self) -> dict[str, Any]:
        """What the templates of the manners know, the numbers of the session included."""
        if self.session is None:
            return self.place | {"session": 1}
        track = self.session.track
        return self.place | {
            "session": self.session.number, "ssrc": track.ssrc, "seq": track.sequence, "time": track.timestamp
        }  # fmt: skip


def parse_transport(text: str) -> tuple[int, int] | None:
    """The two channels of the first interleaved transport that a client offers; None where it offers none."""
    for offer in text.split(","):
        parts = [part.strip() for part in offer.split(";")]
        if parts[0].upper() != "RTP/AVP/TCP":
            continue
        for part in parts:
            name, _, value = part.partition("=")
            first, _, last = value.partition("-")
            if name == "interleaved" and first.isdigit() and int(first) < 250:
                return int(first), int(last) if last.isdigit() else int(first) + 1
        return 0, 1
    return None


Method = Callable[[RtspConnection, RtspRequest], tuple[Headers, str]]
METHODS: Mapping[str, Method] = {
    "OPTIONS": RtspConnection.options,
    "DESCRIBE": RtspConnection.describe,
    "SETUP": RtspConnection.setup,
    "PLAY": RtspConnection.play,
    "GET_PARAMETER": RtspConnection.get_parameter,
    "TEARDOWN": RtspConnection.teardown,
}
