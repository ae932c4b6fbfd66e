"""Where a device's streams are: its services, the profiles of each channel, the address of the smallest that has one.

Asked once and kept; asked again for a channel whose path the device does not know any more. One bad service, profile or
channel is not a bad device: the next one is tried, and whatever goes wrong here judges no rung.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from monitor.core.model import Camera
from monitor.probes.base import Talk
from monitor.probes.errors import OverBudget, ProbeError
from monitor.probes.soap_client import LoginNeeded, LoginRefused, Read, SoapClient, Value
from monitor.wire import onvif, soap
from monitor.wire.channels import by_channel, contradicts, shows_video
from monitor.wire.errors import WireError
from monitor.wire.onvif import Profile

#: Profiles of one channel that are asked for their stream's address, the best first.
MOST_TRIED = 3
MOST_SERVICES = 32
#: What a device may do to one question and still answer the next.
Unanswered = (soap.Fault, LoginNeeded, ProbeError, WireError)
#: The two media services: the question for profiles, and the one for a stream's address. Media2 knows H.265.
MEDIA = {soap.MEDIA2: ("profiles2", "stream2"), soap.MEDIA: ("profiles", "stream")}


async def learn_streams(talk: Talk, client: SoapClient) -> None:
    """Learn the path of the smallest stream of each channel whose path is not known."""
    unknown = missing(talk)
    if not unknown:
        return
    try:
        await _services(talk, client)
        channels, services = await _channels(talk, client)
        for camera in unknown:
            await _stream(talk, client, camera.channel, channels.get(camera.channel, ()), services)
    except OverBudget as error:
        talk.learn(streams_wait=True)
        talk.say(False, f"(the other streams' addresses are asked for later: {error})")
        return
    except (*Unanswered, LoginRefused) as error:
        talk.say(False, f"(the streams' addresses stay unknown for now: {error})")
    if talk.memory.streams_wait:
        talk.learn(streams_wait=False)


def missing(talk: Talk) -> list[Camera]:
    """Return the cameras whose stream's path neither the inventory nor the device has told, or no longer holds."""
    known, lost = talk.memory.streams, talk.memory.lost
    return [
        camera
        for camera in talk.ask.cameras
        if not camera.stream and ((name := str(camera.channel)) not in known or name in lost)
    ]


async def _services(talk: Talk, client: SoapClient) -> None:
    """Learn where the services are: GetServices, or GetCapabilities on devices that do not know it.

    Both may be asked by everybody (ONVIF Core §8.1.2), so a login is only shown where a device insists.
    """
    if talk.memory.services:
        return
    found: dict[str, onvif.Service] = {}
    for key in ("services", "capabilities"):
        try:
            found |= await _openly(talk, client, key)
        except OverBudget:
            raise
        except Unanswered as error:
            talk.say(False, f"({key} are not told: {error})")
        if MEDIA.keys() & found.keys():
            break
    places = {name: f"{place.port or ''} {place.path}" for name, place in list(found.items())[:MOST_SERVICES]}
    talk.learn(services=places)


async def _openly(talk: Talk, client: SoapClient, key: str) -> dict[str, onvif.Service]:
    try:
        return await client.ask(key, onvif.services)
    except LoginNeeded as needed:
        if client.scheme in ("", "open"):
            client.scheme = needed.scheme
        return await client.put(key, onvif.services)


async def _channels(talk: Talk, client: SoapClient) -> tuple[Mapping[int, Sequence[Profile]], Sequence[str]]:
    """Return each channel's profiles, and the media services in the order in which to ask for a stream's address.

    Media2 first; media where that shows no video, or where it is not there. Where neither is named, media is asked at
    the device's own address.
    """
    named = [service for service in MEDIA if service in talk.memory.services] or [soap.MEDIA]
    best: list[Profile] = []
    for service in named:
        try:
            found = await _put(talk, client, service, MEDIA[service][0], onvif.profiles)
        except OverBudget:
            raise
        except Unanswered as error:
            talk.say(False, f"({MEDIA[service][0]} are not told: {error})")
            continue
        if any(map(shows_video, found)):
            return by_channel(found), sorted(named, key=service.__ne__)
        best = best or found
    return by_channel(best), named


async def _stream(
    talk: Talk, client: SoapClient, channel: int, profiles: Sequence[Profile], services: Sequence[str]
) -> None:
    """Learn a channel's path from the first of its profiles that has one."""
    for profile in profiles[:MOST_TRIED]:
        for service in services:
            try:
                path, port = await _put(talk, client, service, MEDIA[service][1], onvif.stream_path, profile.token)
            except OverBudget:
                raise
            except Unanswered as error:
                talk.say(False, f"(no address of the profile {profile.token!r}: {error})")
                continue
            if path and len(talk.ask.cameras) > 1 and contradicts(path, channel):
                talk.say(False, f"(the stream of the profile {profile.token!r} is another channel's: {path})")
                return
            if path:
                _learn(talk, channel, profile, path, port)
                return


def _learn(talk: Talk, channel: int, profile: Profile, path: str, port: int | None) -> None:
    name = str(channel)
    if talk.memory.streams.get(name) != path:
        talk.learn(lost=tuple(one for one in talk.memory.lost if one != name))
    talk.learn(streams={**talk.memory.streams, name: path}, rtsp_port=port)
    if profile.width:
        talk.measurements[f"channel_{channel}_video"] = f"{profile.encoding} {profile.width}x{profile.height}"


async def _put(talk: Talk, client: SoapClient, service: str, key: str, read: Read[Value], token: str = "") -> Value:
    """Put a question to its service; the port is the device's word only where the inventory gives none, nor TLS."""
    port, _, path = talk.memory.services.get(service, "").rpartition(" ")
    told = port and "onvif" not in talk.device.ports and not talk.device.encrypts("onvif")
    return await client.put(key, read, path or soap.DEVICE_PATH, int(port) if told else None, token)
