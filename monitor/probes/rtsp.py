"""RTSP: is the stream described (DESCRIBE with digest), and does video arrive (``rtsp_media``).

A 200 to OPTIONS proves nothing; DESCRIBE proves the login and the path. The channels of a device are asked one after
the other over one connection, and what is wrong with one says nothing about the next.
"""

from __future__ import annotations

from typing import NamedTuple

from monitor.core.model import Camera
from monitor.core.verdict import Outcome, Reason, Rung
from monitor.probes.base import Talk
from monitor.probes.errors import Judged, OverBudget, PeerClosed, ProbeError
from monitor.probes.rtsp_client import RtspClient
from monitor.probes.rtsp_media import watch
from monitor.probes.rtsp_replies import judged
from monitor.wire import rtsp, sdp
from monitor.wire.errors import WireError

#: After one of these a device is asked OPTIONS first, the next time: some want that.
WANTS_OPTIONS = frozenset({400, 405, 455, 456, 459, 551})
#: What tells nothing about the login that was shown: it may not have been looked at, or in vain.
UNREADABLE = frozenset({400, 500})
NO_ANSWER = "no answer to our login, more than once; it is not shown again so soon"
ACCEPT = (("Accept", "application/sdp"),)


class _Described(NamedTuple):
    description: sdp.Description
    response: rtsp.Response


async def probe(talk: Talk) -> None:
    """Ask for each camera's stream; its video too where that is due."""
    if not talk.wants(Rung.STREAM, Rung.MEDIA, Rung.CREDENTIALS):
        talk.asking(Rung.REACHABLE)
        await talk.connect(talk.port("rtsp"), "rtsp")
        return
    client = RtspClient(talk)
    pathless = []
    for camera in talk.ask.cameras:
        path = camera.stream or talk.memory.streams.get(str(camera.channel), "")
        if not path:
            pathless.append(camera)
        elif not await _asked(talk, client, camera, path):
            return
    if pathless:
        await _alive(talk, client, pathless)


async def _asked(talk: Talk, client: RtspClient, camera: Camera, path: str) -> bool:
    """Judge one channel; False where the device itself does not let us ask for another one."""
    talk.asking(Rung.STREAM, camera.id)
    try:
        await client.open()
    except (ProbeError, OSError) as error:
        _fail_all(talk, error)
        return False
    try:
        await _camera(talk, client, camera, path)
    except OverBudget as error:
        talk.failed(error)
        return False
    except Judged as error:
        talk.failed(error)
    except (ProbeError, WireError, OSError) as error:
        talk.failed(error)
        await client.hang_up()
    return True


def _fail_all(talk: Talk, error: Exception) -> None:
    """Without a connection none of the channels that were to be asked for has a stream."""
    for camera in talk.ask.cameras:
        if not talk.judged(Rung.STREAM, camera.id):
            talk.asking(Rung.STREAM, camera.id)
            talk.failed(error)


async def _camera(talk: Talk, client: RtspClient, camera: Camera, path: str) -> None:
    described = await _describe(talk, client, camera, path)
    if described is None:
        return
    video = described.description.video
    if video is None:
        talk.answer(Rung.STREAM, Outcome.FAIL, Reason.NO_VIDEO_TRACK, "no video in the description", camera.id)
        return
    talk.ok(Rung.STREAM, f"{video.codec or 'video'} described", camera.id)
    if talk.wants(Rung.MEDIA):
        talk.asking(Rung.MEDIA, camera.id)
        await watch(talk, client, camera, described.description, rtsp.base_path(described.response, path))


async def _alive(talk: Talk, client: RtspClient, cameras: list[Camera]) -> None:
    """Where no path is known, OPTIONS on the root tells whether the server lives, and asks for nobody's stream.

    It is the budget's doing where the device was not asked for all paths yet.
    """
    talk.asking(Rung.STREAM, cameras[0].id)
    response = await client.request("OPTIONS", "/")
    reason = Reason.BUDGET if talk.memory.streams_wait else Reason.NO_PATH
    for camera in cameras:
        talk.answer(Rung.STREAM, Outcome.UNSEEN, reason, f"OPTIONS: {response.status}", camera.id)
        if talk.wants(Rung.MEDIA):
            talk.answer(Rung.MEDIA, Outcome.UNSEEN, reason, "", camera.id)


async def _describe(talk: Talk, client: RtspClient, camera: Camera, path: str) -> _Described | None:
    """Return the stream's description as it came; None where our login is withheld or refused: the talk knows."""
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
    if client.showed_login and response.status in UNREADABLE:
        talk.stream_login_unread()
    elif client.showed_login:
        talk.stream_login_read()
        if response.status != 403:
            talk.login_accepted()
    if response.status != 200:
        if response.status in WANTS_OPTIONS:
            talk.learn(options_first=True)
        if response.status in (404, 410) and not camera.stream and str(camera.channel) not in talk.memory.lost:
            talk.learn(lost=(*talk.memory.lost, str(camera.channel)))
        raise judged(talk, client, response)
    return _Described(sdp.parse(response.body), response)


async def _describe_as_user(
    talk: Talk, client: RtspClient, camera: Camera, path: str, refused: rtsp.Response
) -> rtsp.Response:
    """Answer the server's challenge; a 401 that remains is judged here."""
    if talk.device.credential is None:
        raise Judged(Reason.CREDENTIALS, "it wants a login, and the inventory has none for it", Outcome.UNSEEN)
    if not client.challenged:
        raise Judged(Reason.INSECURE, client.obstacle, Outcome.UNSEEN)
    if talk.unread_by_streams:
        raise Judged(Reason.NO_REPLY, NO_ANSWER)
    if not talk.may_log_in_to_streams:
        talk.answer(Rung.STREAM, Outcome.UNSEEN, Reason.LOCKED, "no login is tried now", camera.id)
        if "onvif" not in talk.device.probes:
            talk.answer(Rung.CREDENTIALS, Outcome.UNSEEN, talk.withheld, "no login is tried now")
        return refused
    response = await client.request("DESCRIBE", path, ACCEPT)
    if response.status == 401 and not client.showed_login and talk.unread_by_streams:  # it has just hung up on it
        raise Judged(Reason.NO_REPLY, NO_ANSWER)
    if response.status == 401:
        talk.stream_login_read()
        reason = talk.login_refused(f"RTSP {response.status} {response.reason}", of_stream=True)
        talk.answer(Rung.STREAM, Outcome.UNSEEN, reason, "login refused", camera.id)
        if talk.wants(Rung.MEDIA):
            talk.answer(Rung.MEDIA, Outcome.UNSEEN, reason, "login refused", camera.id)
    return response
