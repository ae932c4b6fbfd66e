"""The survey: once a day, in small portions, all that a device says of what it is and how it is set. It judges nothing.

Each conversation asks as much as the device's budget leaves, and hands on what is open. A part that a device does not
offer, or to which it says nothing that can be read, is told as such; the next part is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from monitor.core.identity import MAC, SERIAL
from monitor.core.survey import Draft, Part
from monitor.core.verdict import Reason
from monitor.probes.base import Talk
from monitor.probes.errors import Judged, OverBudget, PeerClosed, ProbeError, ReplyTimeout
from monitor.probes.soap_client import LoginNeeded, LoginRefused, SoapClient
from monitor.wire import onvif, soap
from monitor.wire.errors import WireError
from monitor.wire.onvif_survey import READERS, Value

NOT_OFFERED = "not offered"
#: The questions of each part: the first that is answered tells it.
QUESTIONS = {"services": ("services", "capabilities")}
#: The media services: the question for profiles, and the one for a stream's address. Media2 knows H.265.
MEDIA = {soap.MEDIA2: ("profiles2", "stream2"), soap.MEDIA: ("profiles", "stream")}
MOST_CHARACTERS = 120
#: After one of these a device is left alone until the next portion.
Silent = (ReplyTimeout, PeerClosed, ConnectionError, LoginRefused, OverBudget)


async def probe(talk: Talk) -> None:
    """Ask the parts that are open, as far as the budget goes."""
    draft = talk.survey
    client = SoapClient(talk)
    try:
        await client.open(talk.device.port("onvif"))
        for name in draft.open:
            if not _may_go_on(talk, client):
                break
            await _part(talk, client, name)
    except (*Silent, ProbeError, OSError) as error:
        talk.say(False, f"(the survey goes on later: {error})")
    finally:
        talk.survey = replace(talk.survey, rounds=draft.rounds + 1)
        talk.withdraw()


def _may_go_on(talk: Talk, client: SoapClient) -> bool:
    """Whether the next question may show our login, where the device wants one.

    A login in doubt is left to the checks that judge it: what a survey spends, they cannot.
    """
    if client.scheme != "open" and talk.memory.login.doubted:
        return False
    if client.scheme in ("", "open"):
        return True
    return talk.device.credential is not None and talk.may_log_in


async def _part(talk: Talk, client: SoapClient, name: str) -> None:
    """Ask one part and keep what came of it. Raises what ends the conversation."""
    if name == "profiles":
        await _profiles(talk, client)
    elif name == "streams":
        await _streams(talk, client)
    elif name == "recordings" and not _offers(talk.survey, soap.RECORDING):
        talk.survey = talk.survey.with_part(name, Part(missing=NOT_OFFERED))
    else:
        talk.survey = talk.survey.with_part(name, await _first(talk, client, QUESTIONS.get(name, (name,))))
        _mark(talk, name)


async def _first(talk: Talk, client: SoapClient, keys: Sequence[str]) -> Part:
    part = Part(missing=NOT_OFFERED)
    for key in keys:
        part = await _answer(talk, client, key)
        if not part.missing:
            break
    return part


async def _answer(talk: Talk, client: SoapClient, key: str) -> Part:
    """Put a question to its service and return the answer, or why there is none."""
    path, port = _place(talk, soap.OPERATIONS[key].namespace)
    try:
        value: Value = await client.put(key, READERS[key], path, port)
    except Silent:
        raise
    except (soap.Fault, LoginNeeded, ProbeError, WireError) as error:
        return Part(missing=_missing(error))
    return Part(value)


def _missing(error: Exception) -> str:
    """Return why a part was not told, for a person."""
    if isinstance(error, soap.Fault):
        return NOT_OFFERED if error.unsupported else f"fault: {error}"[:MOST_CHARACTERS]
    if isinstance(error, Judged) and error.reason is Reason.UNSUPPORTED:
        return NOT_OFFERED
    if isinstance(error, LoginNeeded):
        return "not told to our login"
    return str(error)[:MOST_CHARACTERS] or type(error).__name__


async def _profiles(talk: Talk, client: SoapClient) -> None:
    """Ask media2 for its profiles, and media where that has none."""
    found, media = Part(missing=NOT_OFFERED), ""
    for service in [one for one in MEDIA if _offers(talk.survey, one)] or [soap.MEDIA]:
        found, media = await _answer(talk, client, MEDIA[service][0]), service
        if not found.missing and found.value:
            break
    talk.survey = replace(talk.survey.with_part("profiles", found), media=media)


async def _streams(talk: Talk, client: SoapClient) -> None:
    """Ask for the path of each profile's stream; one that has none is told as such."""
    told = list(talk.survey.parts.get("streams", Part([])).value or [])
    if not talk.survey.parts["profiles"].value:
        talk.survey = talk.survey.with_part(
            "streams", Part(missing=talk.survey.parts["profiles"].missing or NOT_OFFERED)
        )
        return
    for token in talk.survey.tokens:
        told = [*told, await _stream(talk, client, token)]
        talk.survey = talk.survey.with_part("streams", Part(told))


async def _stream(talk: Talk, client: SoapClient, token: str) -> dict[str, str]:
    key = MEDIA[talk.survey.media][1]
    place, port = _place(talk, talk.survey.media)
    try:
        path, _ = await client.put(key, onvif.stream_path, place, port, token)
    except Silent:
        raise
    except (soap.Fault, LoginNeeded, ProbeError, WireError) as error:
        return {"token": token, "missing": _missing(error)}
    return {"token": token, "path": path}


def _services(draft: Draft) -> dict[str, dict[str, object]]:
    value = draft.parts.get("services", Part()).value
    return {str(entry.get("name")): entry for entry in value} if isinstance(value, list) else {}


def _offers(draft: Draft, namespace: str) -> bool:
    return namespace in _services(draft)


def _place(talk: Talk, namespace: str) -> tuple[str, int | None]:
    """Return a service's path, and its port where the inventory names none for ONVIF."""
    entry = _services(talk.survey).get(namespace, {})
    port = entry.get("port")
    own = talk.device.ports.get("onvif")
    return str(entry.get("path") or soap.DEVICE_PATH), port if isinstance(port, int) and own is None else None


def _mark(talk: Talk, name: str) -> None:
    """Take what tells who the device is."""
    value = talk.survey.parts[name].value
    if name == "information" and isinstance(value, dict):
        talk.marks[SERIAL] = str(value.get("serial", ""))
    elif name == "interfaces" and isinstance(value, list):
        talk.marks[MAC] = next((str(entry["mac"]) for entry in value if entry.get("mac")), "")
