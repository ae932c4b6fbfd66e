"""ONVIF: does the service answer, is its clock right, does it take our login, who is it, where are its streams.

The time is asked first and without credentials (ONVIF Core §8.2.1 lets everybody ask it): it proves life, costs
no login, and a token is dated by the device's own clock.
"""

from __future__ import annotations

from monitor.core.identity import MAC, SERIAL, UNKNOWN, Who, expected, is_void, recognise
from monitor.core.verdict import Outcome, Reason, Rung
from monitor.probes.base import Talk
from monitor.probes.errors import Judged, OverBudget
from monitor.probes.soap_client import LoginNeeded, LoginRefused, Read, SoapClient, Value
from monitor.wire import onvif, soap
from monitor.wire.errors import WireError

#: A clock further off than this fails its rung (design §3).
CLOCK_LIMIT_S = 60.0
#: GetSystemDateAndTime tells whole seconds: on average half a second has passed since.
HALF_TICK_S = 0.5


async def probe(talk: Talk) -> None:
    """Ask what is due; each later question only if the earlier ones allow it."""
    client = SoapClient(talk)
    if talk.wants(Rung.CONTROL, Rung.CLOCK, Rung.CREDENTIALS, Rung.IDENTITY):
        talk.asking(Rung.CONTROL)
    elif talk.wants(Rung.REACHABLE):
        talk.asking(Rung.REACHABLE)
    await client.open(talk.device.port("onvif"))
    if not talk.wants(Rung.CONTROL, Rung.CLOCK, Rung.CREDENTIALS, Rung.IDENTITY):
        return
    await _time(talk, client)
    if talk.wants(Rung.CREDENTIALS, Rung.IDENTITY):
        await _login(talk, client)


async def _time(talk: Talk, client: SoapClient) -> None:
    """Judge ``control`` and ``clock``. A device that wants a login for this, or faults, is alive."""
    sent = talk.clocks.wall()
    try:
        said = await client.ask("time", onvif.device_time)
    except LoginNeeded:
        talk.ok(Rung.CONTROL, "wants a login even for its time")
        return
    except soap.Fault as fault:
        talk.ok(Rung.CONTROL, f"answers with a fault: {fault}")
        return
    midpoint = (sent + talk.clocks.wall()) / 2
    talk.ok(Rung.CONTROL)
    if said.utc is None:
        talk.answer(Rung.CLOCK, Outcome.FAIL, Reason.CLOCK, "it tells no valid time")
        return
    offset = said.utc + HALF_TICK_S - midpoint
    talk.learn(clock_offset_s=offset)
    talk.measurements["clock_offset_s"] = offset
    if abs(offset) > CLOCK_LIMIT_S:
        talk.answer(Rung.CLOCK, Outcome.FAIL, Reason.CLOCK, f"off by {_span(offset)}")
    else:
        talk.ok(Rung.CLOCK, f"off by {offset:+.1f} s")


def _span(seconds: float) -> str:
    """Return a difference in its natural unit: "+3 h", "-2.1 years"."""
    for size, unit in ((31557600.0, "years"), (86400.0, "days"), (3600.0, "h"), (60.0, "min")):
        if abs(seconds) >= size:
            return f"{seconds / size:+.1f} {unit}"
    return f"{seconds:+.0f} s"


async def _login(talk: Talk, client: SoapClient) -> None:
    """Judge ``credentials`` and ``identity``, and learn the streams' paths once."""
    if talk.device.credential is None:
        talk.answer(Rung.CREDENTIALS, Outcome.NA)
        return
    talk.asking(Rung.CREDENTIALS)
    try:
        information = await _information(talk, client)
    except LoginRefused:
        return
    except soap.Fault as fault:
        talk.answer(Rung.CREDENTIALS, Outcome.UNSEEN, Reason.FAULT, str(fault))
        return
    _identity(talk, information)
    await _hardware_address(talk, client)
    await _learn_streams(talk, client)


async def _information(talk: Talk, client: SoapClient) -> onvif.DeviceInformation:
    """Return what GetDeviceInformation says, with the authentication that the device wants, which is learnt once."""
    if talk.memory.scheme in ("", "open"):
        try:
            said = await client.ask("information", onvif.device_information)
        except LoginNeeded as needed:
            talk.learn(scheme=needed.scheme)
        else:
            talk.learn(scheme="open", logged_in_at=talk.clocks.wall())
            talk.answer(Rung.CREDENTIALS, Outcome.NA, detail="it answers without a login")
            return said
    if talk.memory.scheme == "basic":
        talk.learn(scheme="")
        raise Judged(Reason.INSECURE, "the device asks for a password in the clear")
    if not talk.may_log_in:
        raise Judged(Reason.LOCKED, "no login is tried now", Outcome.UNSEEN)
    talk.learn(logged_in_at=talk.clocks.wall())
    try:
        return await client.ask_as_user("information", onvif.device_information, talk.memory.scheme)
    except LoginRefused:
        talk.learn(scheme="")  # the device may want logins in another way since its firmware changed
        raise


def _identity(talk: Talk, information: onvif.DeviceInformation) -> None:
    """Judge ``identity`` by the inventory alone; what was seen here before, the reducer knows."""
    talk.measurements |= {name: value for name, value in information._asdict().items() if value}
    talk.marks[SERIAL] = information.serial
    words = expected([camera.serial for camera in talk.ask.cameras])
    if not words.serials:
        talk.answer(Rung.IDENTITY, Outcome.NA)
        return
    recognition = recognise(UNKNOWN, {SERIAL: information.serial}, talk.clocks.wall(), words)
    if recognition.who is Who.OWN:
        talk.ok(Rung.IDENTITY, information.serial)
    elif recognition.who is Who.STRANGER:
        talk.answer(Rung.IDENTITY, Outcome.FAIL, Reason.IDENTITY, recognition.detail)
    else:
        talk.answer(Rung.IDENTITY, Outcome.NA, detail="it tells no serial number")


async def _hardware_address(talk: Talk, client: SoapClient) -> None:
    """Ask for the hardware address where the serial number tells no two devices apart; no answer leaves it open."""
    wanted = any(camera.mac for camera in talk.ask.cameras)
    if not (wanted or talk.memory.ask_mac or is_void(talk.marks[SERIAL])):
        return
    try:
        found = await _ask(talk, client, "interfaces", onvif.hardware_addresses)
    except (soap.Fault, LoginNeeded, LoginRefused, Judged, OverBudget, WireError) as error:
        talk.say(False, f"(its hardware address stays unknown for now: {error})")
    else:
        talk.marks[MAC] = next(iter(found), "")


async def _learn_streams(talk: Talk, client: SoapClient) -> None:
    """Learn the path of each channel's smallest stream, once; a fault here leaves the rungs alone."""
    unknown = [
        camera for camera in talk.ask.cameras if not camera.stream and str(camera.channel) not in talk.memory.streams
    ]
    if not unknown:
        return
    try:
        await _services(talk, client)
        key, profiles = await _profiles(talk, client)
        for camera in unknown:
            if 1 <= camera.channel <= len(profiles):
                await _stream(talk, client, key, camera.channel, profiles[camera.channel - 1])
    except (soap.Fault, LoginNeeded, LoginRefused, Judged, OverBudget, WireError) as error:
        talk.say(False, f"(the streams' addresses stay unknown for now: {error})")


async def _ask(talk: Talk, client: SoapClient, key: str, read: Read[Value], token: str = "") -> Value:
    """Put a question to its service, in the way that the device wants."""
    path, port = _place(talk, soap.OPERATIONS[key].namespace)
    if talk.memory.scheme in ("open", ""):
        return await client.ask(key, read, path, port, token)
    return await client.ask_as_user(key, read, talk.memory.scheme, path, port, token)


def _place(talk: Talk, namespace: str) -> tuple[str, int | None]:
    """Return a service's path and port; the port is the device's word only where the inventory gives none."""
    port, _, path = talk.memory.services.get(namespace, "").rpartition(" ")
    own = talk.device.ports.get("onvif")
    return path or soap.DEVICE_PATH, int(port) if port and own is None else None


async def _services(talk: Talk, client: SoapClient) -> None:
    """Learn where the services are: GetServices, or GetCapabilities on devices that do not know it.

    Both may be asked by everybody (ONVIF Core §8.1.2), so a login is only spent where a device insists.
    """
    if talk.memory.services:
        return
    try:
        found = await _ask_openly(talk, client, "services", onvif.services)
    except (soap.Fault, Judged):
        found = await _ask_openly(talk, client, "capabilities", onvif.services)
    talk.learn(services={name: f"{place.port or ''} {place.path}" for name, place in list(found.items())[:32]})


async def _ask_openly(talk: Talk, client: SoapClient, key: str, read: Read[Value]) -> Value:
    try:
        return await client.ask(key, read)
    except LoginNeeded:
        return await _ask(talk, client, key, read)


async def _profiles(talk: Talk, client: SoapClient) -> tuple[str, list[onvif.Profile]]:
    """Return each source's sub-stream, and the question (media or media2) that gives its address."""
    if soap.MEDIA in talk.memory.services or soap.MEDIA2 not in talk.memory.services:
        found = await _ask(talk, client, "profiles", onvif.profiles)
        if found or soap.MEDIA2 not in talk.memory.services:
            return "stream", onvif.sub_streams(found)
    return "stream2", onvif.sub_streams(await _ask(talk, client, "profiles2", onvif.profiles))


async def _stream(talk: Talk, client: SoapClient, key: str, channel: int, profile: onvif.Profile) -> None:
    path, _ = await _ask(talk, client, key, onvif.stream_path, profile.token)
    if path:
        talk.learn(streams={**talk.memory.streams, str(channel): path})
        if profile.width:
            talk.measurements[f"channel_{channel}_video"] = f"{profile.encoding} {profile.width}x{profile.height}"
