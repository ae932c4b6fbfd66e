"""RTSP: is the stream described (DESCRIBE with digest), and does video arrive (SETUP, PLAY, packets counted, TEARDOWN).

A 200 to OPTIONS proves nothing and a 200 to PLAY little; only packets prove video. A session is always torn down.
"""

from __future__ import annotations

import asyncio

from monitor.core.model import Camera
from monitor.core.verdict import Outcome, Reason, Rung
from monitor.probes.base import Talk
from monitor.probes.errors import Judged, PeerClosed, ProbeError, ReplyTimeout
from monitor.probes.rtsp_client import RtspClient
from monitor.wire import rtsp, sdp
from monitor.wire.errors import TooLarge, WireError
from monitor.wire.rtp import Reception

#: How long packets are counted after the first one, and how many frames are enough.
WATCH_S = 2.0
ENOUGH_FRAMES = 40
TEARDOWN_S = 5.0

#: What a status other than 200 means for a stream (RFC 2326 §11).
STATUS_REASONS = {
    401: Reason.CREDENTIALS,
    403: Reason.CREDENTIALS,
    404: Reason.NOT_FOUND,
    410: Reason.NOT_FOUND,
    453: Reason.BUSY,
    454: Reason.SERVER_ERROR,
    461: Reason.UNSUPPORTED,
    501: Reason.UNSUPPORTED,
    503: Reason.BUSY,
}
#: After one of these a device is asked OPTIONS first, the next time: some want that.
WANTS_OPTIONS = frozenset({400, 405, 455, 456, 459, 551})


async def probe(talk: Talk) -> None:
    """Ask for each camera's stream; its video too where that is due."""
    if not talk.wants(Rung.STREAM, Rung.MEDIA, Rung.CREDENTIALS):
        talk.asking(Rung.REACHABLE)
        await talk.connect(talk.device.port("rtsp"))
        return
    connected = None
    for camera in talk.ask.cameras:
        talk.asking(Rung.STREAM, camera.id)
        if connected is None:
            connected = RtspClient(talk, await talk.connect(talk.device.port("rtsp")))
        await _camera(talk, connected, camera)


async def _camera(talk: Talk, client: RtspClient, camera: Camera) -> None:
    path = camera.stream or talk.memory.streams.get(str(camera.channel), "")
    if not path:
        await _alive(talk, client, camera)
        return
    described = await _describe(talk, client, camera, path)
    if described is None:
        return
    description, base = described
    if description.video is None:
        talk.answer(Rung.STREAM, Outcome.FAIL, Reason.NO_VIDEO_TRACK, "no video in the description", camera.id)
        return
    talk.ok(Rung.STREAM, f"{description.video.codec} described", camera.id)
    if talk.wants(Rung.MEDIA):
        talk.asking(Rung.MEDIA, camera.id)
        await _media(talk, client, camera, description, base)


async def _alive(talk: Talk, client: RtspClient, camera: Camera) -> None:
    """Where no path is known, OPTIONS on the root tells whether the server lives, and asks for nobody's stream."""
    response = await client.request("OPTIONS", "/")
    talk.answer(Rung.STREAM, Outcome.UNSEEN, Reason.NO_PATH, f"OPTIONS: {response.status}", camera.id)
    if talk.wants(Rung.MEDIA):
        talk.answer(Rung.MEDIA, Outcome.UNSEEN, Reason.NO_PATH, "", camera.id)


async def _describe(talk: Talk, client: RtspClient, camera: Camera, path: str) -> tuple[sdp.Description, str] | None:
    """Return the stream's description and its base; None where our login is withheld or refused: the talk knows."""
    if talk.memory.options_first:
        await client.request("OPTIONS", path)
    try:
        response = await client.request("DESCRIBE", path, ACCEPT)
        if response.status == 401:
            response = await _describe_as_user(talk, client, camera, path, response)
    except PeerClosed:
        talk.learn(options_first=True)
        raise
    if response.status == 401:
        return None
    if response.status != 200:
        if response.status in WANTS_OPTIONS:
            talk.learn(options_first=True)
        raise _judged(talk, client, response)
    return sdp.parse(response.body), rtsp.base_path(response, path)


ACCEPT = (("Accept", "application/sdp"),)


async def _describe_as_user(
    talk: Talk, client: RtspClient, camera: Camera, path: str, refused: rtsp.Response
) -> rtsp.Response:
    """Answer the server's challenge; a 401 that remains is judged here."""
    if talk.device.credential is None:
        raise Judged(Reason.CREDENTIALS, "it wants a login, and the inventory has none for it", Outcome.UNSEEN)
    if not client.challenged:
        raise Judged(Reason.INSECURE, "it offers no digest authentication that we know", Outcome.UNSEEN)
    if not talk.may_log_in:
        talk.answer(Rung.STREAM, Outcome.UNSEEN, Reason.LOCKED, "no login is tried now", camera.id)
        return refused
    response = await client.request("DESCRIBE", path, ACCEPT)
    if response.status == 401:
        reason = talk.login_refused(f"RTSP {response.status} {response.reason}")
        talk.answer(Rung.STREAM, Outcome.UNSEEN, reason, "login refused", camera.id)
        if talk.wants(Rung.MEDIA):
            talk.answer(Rung.MEDIA, Outcome.UNSEEN, reason, "login refused", camera.id)
    elif response.status != 403:
        talk.login_accepted()
    return response


def _judged(talk: Talk, client: RtspClient, response: rtsp.Response) -> Judged:
    """Return what a refusal means: 453 and 503 are "full", and so are 401 and 403 where that login worked just before.

    Where no login was shown, none was refused.
    """
    status = response.status
    detail = f"RTSP {status} {response.reason}".strip()
    if 300 <= status < 400:
        return Judged(Reason.REDIRECT, detail)
    reason = STATUS_REASONS.get(status, Reason.SERVER_ERROR if status >= 500 else Reason.PROTOCOL)
    if status in (401, 403) and client.showed_login:
        reason = talk.login_refused(detail)
    hidden = reason in (Reason.BUSY, Reason.CREDENTIALS)
    return Judged(reason, detail, Outcome.UNSEEN if hidden else Outcome.FAIL)


async def _media(talk: Talk, client: RtspClient, camera: Camera, description: sdp.Description, base: str) -> None:
    """Set up the video track, play, count, and tear down whatever happened."""
    video = description.video
    assert video is not None
    track = rtsp.control_path(base, video.control)
    setup = await _set_up(talk, client, track)
    if setup.status != 200:
        raise _judged(talk, client, setup)
    session, _ = rtsp.session_of(setup)
    whole = rtsp.control_path(base, description.control)
    reception = Reception(video.codec, video.clock_rate)
    channel = rtsp.channel_of(setup, 0)
    client.on_frame = lambda frame: _take(reception, frame, channel)
    try:
        play = await client.request("PLAY", whole, (("Session", session), ("Range", "npt=0.000-")))
        if play.status != 200:
            raise _judged(talk, client, play)
        talk.playing = True
        await _watch(talk, client, camera, reception)
    finally:
        talk.say(True, f"({reception.packets} video packets, {reception.octets} bytes, {reception.frames} frames)")
        await _tear_down(client, whole, session)


async def _set_up(talk: Talk, client: RtspClient, track: str) -> rtsp.Response:
    """Ask for the track; a server that describes to everybody may want our login only here."""
    transport = (("Transport", "RTP/AVP/TCP;unicast;interleaved=0-1"),)
    response = await client.request("SETUP", track, transport)
    if response.status == 401 and not client.showed_login and client.challenged and talk.may_log_in:
        response = await client.request("SETUP", track, transport)
        if response.status == 200 and client.showed_login:
            talk.login_accepted()
    return response


def _take(reception: Reception, frame: rtsp.Frame, channel: int) -> None:
    """Count a frame of the video's channel, or of another even one as long as nothing came: servers mix them up."""
    if frame.channel == channel or (not reception.packets and frame.channel % 2 == 0):
        reception.take(frame.data)


async def _watch(talk: Talk, client: RtspClient, camera: Camera, reception: Reception) -> None:
    """Judge ``media``: any video packet is video; how fast it comes is a measurement."""
    monotonic = talk.clocks.monotonic
    began = monotonic()
    await _receive(client, reception, began + talk.deadlines.first_packet_s, packets=1)
    if not reception.packets:
        closed = "" if monotonic() - began >= talk.deadlines.first_packet_s else ", then it closed"
        raise Judged(Reason.NO_VIDEO, f"no video packet within {monotonic() - began:.0f} s{closed}")
    first = monotonic()
    talk.measurements[f"channel_{camera.channel}_first_packet_s"] = first - began
    await _receive(client, reception, first + WATCH_S, frames=ENOUGH_FRAMES)
    for name, value in reception.measurements(monotonic() - began).items():
        talk.measurements[f"channel_{camera.channel}_{name}"] = value
    talk.ok(Rung.MEDIA, f"{reception.packets} packets, {reception.frames} frames", camera.id)


async def _receive(
    client: RtspClient, reception: Reception, deadline: float, packets: int = 1 << 30, frames: int = 1 << 30
) -> None:
    """Take what comes until the deadline, until there is enough or too much, or until the server ends it."""
    while reception.packets < packets and reception.frames < frames:
        try:
            await client.next(deadline)
        except (ReplyTimeout, PeerClosed, ConnectionError):
            return
        except TooLarge:
            if not reception.packets:
                raise
            return


async def _tear_down(client: RtspClient, whole: str, session: str) -> None:
    """End the session, also while the probe is being cancelled; the server's answer is waited for, whatever it is."""
    try:
        async with asyncio.timeout(TEARDOWN_S):
            await client.request("TEARDOWN", whole, (("Session", session),))
    except (ProbeError, WireError, OSError):
        return
