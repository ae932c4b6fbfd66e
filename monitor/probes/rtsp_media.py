"""Does video arrive: SETUP, PLAY, packets counted, TEARDOWN whatever happened.

A 200 to PLAY proves little; only packets prove video, and they do whatever else a server says or leaves out. Video
comes within the connection (RFC 2326 §10.12), or over UDP from servers that know nothing else.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from monitor.core.model import Camera
from monitor.core.verdict import Outcome, Reason, Rung
from monitor.probes.base import Talk
from monitor.probes.datagrams import Ports, bound
from monitor.probes.errors import Judged, PeerClosed, ProbeError, ReplyTimeout
from monitor.probes.limit import Limit
from monitor.probes.rtsp_client import Fields, RtspClient
from monitor.probes.rtsp_replies import judged
from monitor.wire import rtsp, sdp
from monitor.wire.errors import TooLarge, WireError
from monitor.wire.rtp import Reception, parse

#: How long packets are counted after the first one, and how many frames are enough.
WATCH_S = 2.0
ENOUGH_FRAMES = 40
#: They are taken so much at a time.
GULP_S = 0.2
TEARDOWN_S = 5.0
#: How often it is looked whether the first one has come beside the connection.
LOOK_S = 0.1
UNSUPPORTED_TRANSPORT = 461


class _Listener:
    """Counts the packets of the video, on whatever channel the server sends them."""

    def __init__(self, video: sdp.Media) -> None:
        self.reception = Reception(video.codec, video.clock_rate)
        self.channel = 0
        self.over_udp = False
        self.heard_at = 0.0
        """When the newest packet came at the earliest, or the reply to PLAY, by the monotonic clock."""
        self._payload_type = video.payload_type

    def take(self, frame: rtsp.Frame) -> None:
        """Count a frame of the video's channel; of another if nothing came before, and it is of the video's type."""
        if frame.channel == self.channel:
            self.reception.take(frame.data)
        elif not self.reception.packets and self._is_of_the_video(frame.data) and self.reception.take(frame.data):
            self.channel = frame.channel

    def _is_of_the_video(self, data: bytes) -> bool:
        packet = parse(data)
        return packet is not None and packet.payload_type == self._payload_type


async def watch(talk: Talk, client: RtspClient, camera: Camera, description: sdp.Description, base: str) -> None:
    """Judge ``media``. Raises Judged, ProbeError, WireError."""
    video = description.video
    assert video is not None
    whole = rtsp.control_path(base, description.control)
    track = rtsp.control_path(whole if "://" in description.control else base, video.control)
    listener = _Listener(video)
    client.on_frame = listener.take
    async with _set_up(talk, client, track, listener) as session:
        try:
            session = await _play(talk, client, whole, session, listener.reception)
            await _count(talk, client, camera, listener)
        finally:
            seen = listener.reception
            talk.say(True, f"({seen.packets} video packets, {seen.octets} bytes, {seen.frames} frames)")
            await _tear_down(client, whole, session)


@asynccontextmanager
async def _set_up(talk: Talk, client: RtspClient, track: str, listener: _Listener) -> AsyncIterator[str]:
    """Set the track up, and give the session's name; over UDP where the server knows no other way."""
    setup = await _ask_for(talk, client, track, "RTP/AVP/TCP;unicast;interleaved=0-1")
    if setup.status == UNSUPPORTED_TRANSPORT:
        listener.over_udp = True
        async with bound(await client.open(), listener.reception.take) as ports:
            yield _session(talk, client, await _over_udp(talk, client, track, ports))
    else:
        session = _session(talk, client, setup)
        listener.channel = rtsp.channel_of(setup, 0)
        yield session


async def _over_udp(talk: Talk, client: RtspClient, track: str, ports: Ports) -> rtsp.Response:
    return await _ask_for(talk, client, track, f"RTP/AVP;unicast;client_port={ports.rtp}-{ports.rtcp}")


def _session(talk: Talk, client: RtspClient, setup: rtsp.Response) -> str:
    if not 200 <= setup.status < 300:
        raise judged(talk, client, setup)
    client.in_session = True
    session, _ = rtsp.session_of(setup)
    return session


async def _ask_for(talk: Talk, client: RtspClient, track: str, transport: str) -> rtsp.Response:
    """Ask for the track; a server that describes to everybody may want our login only here."""
    fields = (("Transport", transport),)
    response = await client.request("SETUP", track, fields)
    if response.status != 401 or client.showed_login or talk.device.credential is None:
        return response
    if not client.challenged:
        raise Judged(Reason.INSECURE, client.obstacle, Outcome.UNSEEN)
    if talk.may_log_in_to_streams:
        response = await client.request("SETUP", track, fields)
        if response.status == 200 and client.showed_login:
            talk.login_accepted()
    return response


async def _play(talk: Talk, client: RtspClient, whole: str, session: str, reception: Reception) -> str:
    """Play, and return the session's name, which some servers tell only now. Packets without a reply will do."""
    try:
        play = await client.request("PLAY", whole, (*_named(session), ("Range", "npt=0.000-")))
    except ReplyTimeout:
        if not reception.packets:
            raise
        return session
    if not 200 <= play.status < 300:
        raise judged(talk, client, play)
    talk.playing = True
    return session or rtsp.session_of(play)[0]


def _named(session: str) -> Fields:
    return (("Session", session),) if session else ()


async def _count(talk: Talk, client: RtspClient, camera: Camera, listener: _Listener) -> None:
    """Judge ``media``: any video packet is video; how fast it comes is a measurement."""
    monotonic, reception = talk.clocks.monotonic, listener.reception
    listener.heard_at = talk.asked_at
    began = monotonic()
    await _first_packet(talk, client, listener, began + talk.deadlines.first_packet_s)
    if not reception.packets and listener.over_udp:
        raise Judged(Reason.UNSUPPORTED, "it sends video over UDP alone, and none came through", Outcome.UNSEEN)
    if not reception.packets:
        closed = "" if monotonic() - began >= talk.deadlines.first_packet_s else ", then it closed"
        raise Judged(Reason.NO_VIDEO, f"no video packet within {monotonic() - began:.0f} s{closed}")
    first = monotonic()
    talk.measurements[f"channel_{camera.channel}_first_packet_s"] = first - began
    await _further_packets(talk, client, listener, first + WATCH_S)
    for name, value in reception.measurements(monotonic() - began).items():
        talk.measurements[f"channel_{camera.channel}_{name}"] = value
    seen = f"{reception.packets} packets, {reception.frames} frames"
    talk.ok(Rung.MEDIA, seen, camera.id, listener.heard_at)  # it may have fallen silent since, and is listened to still


async def _first_packet(talk: Talk, client: RtspClient, listener: _Listener, deadline: float) -> None:
    """Wait for a packet of the video until the deadline, or until the server ends it."""
    monotonic = talk.clocks.monotonic
    while not listener.reception.packets:
        try:
            await client.next(min(deadline, monotonic() + LOOK_S) if listener.over_udp else deadline)
        except ReplyTimeout:
            if monotonic() >= deadline:
                return
        except (PeerClosed, ConnectionError):
            return


async def _further_packets(talk: Talk, client: RtspClient, listener: _Listener, deadline: float) -> None:
    """Take what comes in gulps until the deadline, until there is enough or too much, or until the server ends it.

    A packet of a gulp may have come when the gulp before it began, and is not said to have come later: what comes while
    the loop is at something else is taken with the next, and what there is no room for with one behind that.
    """
    reception, monotonic, since = listener.reception, talk.clocks.monotonic, listener.heard_at
    while reception.frames < ENOUGH_FRAMES and (began := monotonic()) < deadline:
        before = reception.packets
        try:
            is_full = await client.gulp(min(GULP_S, deadline - began))
        except (PeerClosed, ConnectionError, TooLarge):
            return
        finally:
            listener.heard_at = since if reception.packets > before else listener.heard_at
        since = since if is_full else began


async def _tear_down(client: RtspClient, whole: str, session: str) -> None:
    """End the session, also while the probe is being cancelled; the server's answer is waited for, whatever it is."""
    try:
        with Limit(TEARDOWN_S):
            await client.request("TEARDOWN", whole, _named(session))
    except (ProbeError, WireError, OSError):
        return
    finally:
        client.in_session = False
