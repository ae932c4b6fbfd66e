"""ONVIF: does the service answer, is its clock right, does it take our login, who is it, where are its streams.

The time is asked first and without credentials (ONVIF Core §8.2.1 lets everybody ask it): it proves life, costs
no login, and a token is dated by the device's own clock.
"""

from __future__ import annotations

from monitor.core.identity import MAC, SERIAL, UNKNOWN, Who, expected, folded, is_void, recognise
from monitor.core.verdict import Outcome, Reason, Rung
from monitor.probes.base import Talk
from monitor.probes.errors import Judged, ProbeError
from monitor.probes.onvif_streams import learn_streams, missing
from monitor.probes.soap_client import LoginNeeded, LoginRefused, SoapClient
from monitor.wire import onvif, soap
from monitor.wire.errors import ProtocolError, WireError

#: A clock further off than this fails its rung (design §3).
CLOCK_LIMIT_S = 60.0
#: GetSystemDateAndTime tells whole seconds: on average half a second has passed since.
HALF_TICK_S = 0.5
#: What an HTTP server says that knows no such question.
NO_SUCH_QUESTION = frozenset({Reason.UNSUPPORTED, Reason.PROTOCOL, Reason.SERVER_ERROR})
#: A clock this close to an hour off is probably right but for summer time.
SUMMER_TIME_S = 3600.0
SUMMER_TIME_SLACK_S = 5.0
#: A clock further off than this may be one that the device shows and does not go by.
DOUBTFUL_CLOCK_S = 5.0


async def probe(talk: Talk) -> None:
    """Ask what is due; each later question only if the earlier ones allow it."""
    client = SoapClient(talk)
    if talk.wants(Rung.CONTROL, Rung.CLOCK, Rung.CREDENTIALS, Rung.IDENTITY):
        talk.asking(Rung.CONTROL)
    elif talk.wants(Rung.REACHABLE):
        talk.asking(Rung.REACHABLE)
    await client.open(talk.port("onvif"))
    if not talk.wants(Rung.CONTROL, Rung.CLOCK, Rung.CREDENTIALS, Rung.IDENTITY):
        return
    await _time(talk, client)
    if talk.wants(Rung.CREDENTIALS, Rung.IDENTITY):
        await _login(talk, client)


# The clock -------------------------------------------------------------------------------------------------------


async def _time(talk: Talk, client: SoapClient) -> None:
    """Judge ``control`` and ``clock``. A device that wants a login for this, or faults, is alive."""
    sent = talk.clocks.wall()
    try:
        said = await client.ask("time", onvif.device_time)
    except LoginNeeded:
        talk.ok(Rung.CONTROL, "wants a login even for its time")
        if talk.memory.closed_time:
            await _closed_time(talk, client)
        return
    except soap.Fault as fault:
        talk.ok(Rung.CONTROL, f"answers with a fault: {fault}")
        if fault.unsupported:
            talk.answer(Rung.CLOCK, Outcome.NA, detail="it does not tell its time")
        return
    except Judged as error:
        if error.reason not in NO_SUCH_QUESTION or not await _answers_other_questions(talk, client):
            raise
        talk.ok(Rung.CONTROL, f"answers, but not what the time is: {error}")
        talk.answer(Rung.CLOCK, Outcome.NA, detail="it does not tell its time")
        return
    talk.ok(Rung.CONTROL)
    if talk.memory.closed_time:
        talk.learn(closed_time=False)
    _clock(talk, said, (sent + talk.clocks.wall()) / 2)


async def _answers_other_questions(talk: Talk, client: SoapClient) -> bool:
    """Whether a device whose HTTP knows no question for the time is ONVIF's all the same: some leave it out.

    Asked at a login's time, or where it has answered before: most that say 404 have ONVIF switched off.
    """
    if not (talk.memory.scheme or talk.wants(Rung.CREDENTIALS)):
        return False
    try:
        await client.ask("information", onvif.device_information)
    except (LoginNeeded, soap.Fault):
        return True
    except (ProbeError, WireError):
        return False
    return True


async def _closed_time(talk: Talk, client: SoapClient) -> None:
    """Ask for the time with our login, where only users are told it; what goes wrong leaves ``clock`` alone."""
    if client.scheme in ("", "open", "basic") or talk.device.credential is None or not talk.may_log_in:
        return
    sent = talk.clocks.wall()
    try:
        said = await client.ask_as_user("time", onvif.device_time, client.scheme)
    except (soap.Fault, LoginRefused, ProbeError, WireError) as error:
        talk.learn(closed_time=False)
        talk.say(False, f"(its clock stays unknown for now: {error})")
        return
    talk.learn(closed_time=True)
    _clock(talk, said, (sent + talk.clocks.wall()) / 2)


def _clock(talk: Talk, said: onvif.DeviceTime, midpoint: float) -> None:
    if not said.told:
        talk.answer(Rung.CLOCK, Outcome.NA, detail="it tells no time that can be compared")
        return
    if said.utc is None:
        talk.answer(Rung.CLOCK, Outcome.FAIL, Reason.CLOCK, "it tells no valid time")
        return
    offset = said.utc + HALF_TICK_S - midpoint
    talk.learn(clock_offset_s=offset)
    talk.measurements["clock_offset_s"] = offset
    if abs(offset) <= CLOCK_LIMIT_S:
        talk.ok(Rung.CLOCK, f"off by {offset:+.1f} s")
    elif abs(abs(offset) - SUMMER_TIME_S) <= SUMMER_TIME_SLACK_S:
        detail = f"off by {_span(offset)}, which looks like daylight saving time"
        talk.answer(Rung.CLOCK, Outcome.FAIL, Reason.CLOCK, detail)
    else:
        talk.answer(Rung.CLOCK, Outcome.FAIL, Reason.CLOCK, f"off by {_span(offset)}")


def _span(seconds: float) -> str:
    """Return a difference in its natural unit: "+3 h", "-2.1 years"."""
    for size, unit in ((31557600.0, "years"), (86400.0, "days"), (3600.0, "h"), (60.0, "min")):
        if round(abs(seconds)) >= size:
            return f"{seconds / size:+.1f} {unit}"
    return f"{seconds:+.0f} s"


# The login -------------------------------------------------------------------------------------------------------


async def _login(talk: Talk, client: SoapClient) -> None:
    """Judge ``credentials`` and ``identity``, and learn the streams' paths once."""
    if talk.device.credential is None:
        talk.answer(Rung.CREDENTIALS, Outcome.NA)
        return
    talk.asking(Rung.CREDENTIALS)
    if await _learnt_more(talk, client):
        return
    try:
        information = await _information(talk, client)
    except LoginRefused:
        return
    except soap.Fault as fault:
        talk.answer(Rung.CREDENTIALS, Outcome.UNSEEN, Reason.FAULT, str(fault))
        if fault.unsupported:
            await learn_streams(talk, client)  # they need our login too, and judge it
        return
    _identity(talk, information)
    await _hardware_address(talk, client)
    if not talk.judged(Rung.CLOCK):
        await _closed_time(talk, client)
    await learn_streams(talk, client)


async def _learnt_more(talk: Talk, client: SoapClient) -> bool:
    """Go on where the last budget ended: the login worked just before, and more streams are to be learnt."""
    if client.scheme not in ("token", "digest") or not talk.memory.streams or not missing(talk):
        return False
    if not talk.memory.login.proven(talk.clocks.lock_time()) or not talk.may_log_in:
        return False
    await learn_streams(talk, client)
    return talk.judged(Rung.CREDENTIALS)


async def _information(talk: Talk, client: SoapClient) -> onvif.DeviceInformation:
    """Return what GetDeviceInformation says, with the authentication that the device wants, which is learnt once."""
    if client.scheme in ("", "open"):
        try:
            said = await client.ask("information", onvif.device_information)
        except LoginNeeded as needed:
            client.scheme = needed.scheme
        except (soap.Fault, ProtocolError, Judged) as error:
            if isinstance(error, Judged) and error.reason in (Reason.REDIRECT, Reason.BUSY, Reason.REFUSED):
                raise
            if isinstance(error, soap.Fault) and error.unsupported:
                raise  # with a login it would not know the question either
            client.scheme = "token"  # it may be a refusal in words of its own; with a login there will be sense in it
        else:
            _is_open(talk, client)
            return said
    if client.scheme == "basic":
        talk.learn(scheme="")
        raise Judged(Reason.INSECURE, client.obstacle)
    if not talk.may_log_in:
        why = ": no answer told whether the last ones were right" if talk.unread else ""
        raise Judged(talk.withheld, f"no login is tried now{why}", Outcome.UNSEEN)
    return await _information_as_user(talk, client)


async def _information_as_user(talk: Talk, client: SoapClient) -> onvif.DeviceInformation:
    talk.learn(logged_in_at=talk.clocks.wall())
    try:
        said = await client.ask_as_user("information", onvif.device_information, client.scheme)
    except LoginRefused:
        talk.learn(scheme="")  # the device may want logins in another way since its firmware changed
        if client.scheme == "token" and abs(talk.memory.clock_offset_s or 0.0) > DOUBTFUL_CLOCK_S:
            talk.learn(own_clock=not talk.memory.own_clock)  # nor may it go by the time that it tells
        raise
    if not client.showed_login:
        _is_open(talk, client)
    elif talk.memory.scheme != client.scheme:
        talk.learn(scheme=client.scheme)
    return said


def _is_open(talk: Talk, client: SoapClient) -> None:
    client.scheme = "open"
    talk.learn(scheme="open", logged_in_at=talk.clocks.wall())
    talk.answer(Rung.CREDENTIALS, Outcome.NA, detail="it answers without a login")


def _identity(talk: Talk, information: onvif.DeviceInformation) -> None:
    """Judge ``identity`` by the inventory alone; what was seen here before, the reducer knows."""
    talk.measurements |= {name: value for name, value in information._asdict().items() if value}
    talk.marks[SERIAL] = information.serial
    words = expected([camera.serial for camera in talk.ask.cameras])
    if not words.serials:
        talk.answer(Rung.IDENTITY, Outcome.NA)
        return
    if folded(information.serial) in words.serials:
        talk.ok(Rung.IDENTITY, information.serial)
        return
    recognition = recognise(UNKNOWN, {SERIAL: information.serial}, talk.clocks.wall(), words)
    if recognition.who is Who.STRANGER:
        talk.answer(Rung.IDENTITY, Outcome.FAIL, Reason.IDENTITY, recognition.detail)
    else:
        talk.answer(Rung.IDENTITY, Outcome.NA, detail="it tells no serial number")


async def _hardware_address(talk: Talk, client: SoapClient) -> None:
    """Ask for the hardware address where the serial number tells no two devices apart; no answer leaves it open."""
    wanted = any(camera.mac for camera in talk.ask.cameras)
    if not (wanted or talk.memory.ask_mac or is_void(talk.marks[SERIAL])):
        return
    try:
        found = await client.put("interfaces", onvif.hardware_addresses)
    except (soap.Fault, LoginNeeded, LoginRefused, ProbeError, WireError) as error:
        talk.say(False, f"(its hardware address stays unknown for now: {error})")
    else:
        talk.marks[MAC] = next(iter(found), "")
