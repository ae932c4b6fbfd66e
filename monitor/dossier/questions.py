"""Which questions are put to a service: reads only, each with the tokens that earlier answers named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

#: Nothing else is ever asked (design law 11): these begin the names of all operations that only read.
READS = ("Get",)

#: Reads that are not asked all the same, and why.
NEVER: Mapping[str, str] = {
    "GetSystemBackup": "it hands out the whole configuration, passwords and all",
    "GetSystemLog": "it is long, and tells of people",
    "GetSystemSupportInformation": "it is long, and may hold secrets",
    "GetSystemUris": "it makes addresses from which a backup can be fetched",
    "GetUsers": "accounts are secrets",
    "GetRemoteUser": "accounts are secrets",
    "GetAccessPolicy": "accounts are secrets",
    "GetDot1XConfiguration": "it holds the network's login",
    "GetDot1XConfigurations": "it holds the network's login",
    "GetPkcs10Request": "it makes a request for a certificate",
    "GetCurrentMessage": "it belongs to a subscription, and none is made",
}

_SETUP = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
#: Parameters whose value is the same for every device.
FIXED: Mapping[str, Any] = {"IncludeCapability": True, "StreamSetup": _SETUP}

#: Which list names the tokens that a parameter takes; ConfigurationToken depends on the question.
SOURCES: Mapping[str, str] = {
    "ProfileToken": "GetProfiles",
    "VideoSourceToken": "GetVideoSources",
    "AudioSourceToken": "GetAudioSources",
    "AudioOutputToken": "GetAudioOutputs",
    "VideoOutputToken": "GetVideoOutputs",
    "RelayOutputToken": "GetRelayOutputs",
    "SerialPortToken": "GetSerialPorts",
    "NodeToken": "GetNodes",
    "PTZConfigurationToken": "GetConfigurations",
    "RecordingToken": "GetRecordings",
    "JobToken": "GetRecordingJobs",
    "ReceiverToken": "GetReceivers",
    "InterfaceToken": "GetNetworkInterfaces",
    "OSDToken": "GetOSDs",
    "CertificateID": "GetCertificates",
}
CONFIGURATIONS: Mapping[str, str] = {
    "GetConfigurationOptions": "GetConfigurations",
    "GetAnalyticsModules": "GetVideoAnalyticsConfigurations",
    "GetSupportedAnalyticsModules": "GetVideoAnalyticsConfigurations",
    "GetOSDOptions": "GetVideoSourceConfigurations",
    "GetGuaranteedNumberOfVideoEncoderInstances": "GetVideoSourceConfigurations",
}
#: What a list calls its entries' tokens; a list of tokens has them bare.
TOKEN_NAMES = ("token", "Token", "RecordingToken", "JobToken", "CertificateID")
#: The same is asked of so many profiles, sources and so on: an encoder has hundreds, and they say the same.
MOST_TOKENS = 4


class Operation(NamedTuple):
    """An operation of a service as its description has it."""

    name: str
    parameters: tuple[str, ...]
    """All of its parameters."""
    required: tuple[str, ...]


class Question(NamedTuple):
    """An operation and what it is asked with."""

    name: str
    parameters: Mapping[str, Any]


class Skipped(NamedTuple):
    """An operation that is not asked, and why."""

    name: str
    why: str


def allowed(name: str) -> bool:
    return name.startswith(READS) and name not in NEVER


def in_order(operations: Iterable[Operation]) -> list[Operation]:
    """Return the reads of a service, those first that name the tokens of the others."""
    return sorted((one for one in operations if one.name.startswith(READS)), key=lambda one: (bool(_needs(one)), one))


def questions(
    operation: Operation, known: Mapping[str, list[str]], service: frozenset[str]
) -> Iterator[Question | Skipped]:
    """Yield what is to be asked of this operation.

    ``known`` are the tokens that each list has named so far, ``service`` the names of the service's operations.
    """
    fixed = {name: FIXED[name] for name in operation.parameters if name in FIXED}
    needs = _needs(operation)
    if operation.name in NEVER:
        yield Skipped(operation.name, NEVER[operation.name])
    elif f"{operation.name}s" in service and needs:
        yield Skipped(operation.name, f"{operation.name}s says it")
    elif not needs:
        yield Question(operation.name, fixed)
    elif len(needs) > 1 or (source := _source(operation.name, needs[0])) is None:
        yield Skipped(operation.name, f"it needs {' and '.join(needs)}, which nothing names")
    else:
        tokens = known.get(source, [])
        if not tokens:
            yield Skipped(operation.name, f"{source} names nothing to ask it of")
        for token in tokens[:MOST_TOKENS]:
            yield Question(operation.name, {**fixed, needs[0]: token})


def _needs(operation: Operation) -> tuple[str, ...]:
    """Return the parameters whose value a device names; options are asked for each configuration."""
    required = [name for name in operation.required if name not in FIXED]
    if (
        not required
        and operation.name.endswith("ConfigurationOptions")
        and "ConfigurationToken" in operation.parameters
    ):
        return ("ConfigurationToken",)
    return tuple(required)


def _source(operation: str, parameter: str) -> str | None:
    """Return the list that names the tokens of a parameter."""
    if parameter != "ConfigurationToken":
        return SOURCES.get(parameter)
    return CONFIGURATIONS.get(operation, operation.removesuffix("Options") + "s")


def tokens(answer: Any) -> list[str]:
    """Return the tokens that a list's answer names, in its order."""
    entries = answer if isinstance(answer, list) else [answer]
    found = [_token(entry) for entry in entries]
    return [token for token in found if token]


def _token(entry: Any) -> str:
    if isinstance(entry, str):
        return entry
    if not isinstance(entry, Mapping):
        return ""
    return next((entry[name] for name in TOKEN_NAMES if isinstance(entry.get(name), str)), "")
