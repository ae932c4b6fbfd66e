"""Rungs, outcomes, reasons, and the verdict: what one probe found, the only thing that travels on.

Rules: a rung is one question about a camera, and rungs imply each other (``IMPLIES``) rather than form a ladder. An
outcome is the camera's or ours: what we did not or could not look at is ``unseen``, never a failure. The list of
reasons is closed, and each reason says in plain words what it means and what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import NamedTuple


class Rung(IntEnum):
    """One question about a camera. The value is its index in a camera's tuple of rungs."""

    REACHABLE = 0
    CONTROL = 1
    CREDENTIALS = 2
    STREAM = 3
    MEDIA = 4
    RECORDING = 5
    CLOCK = 6
    DEVICE = 7
    IDENTITY = 8

    @property
    def label(self) -> str:
        return self.name.lower()


QUESTIONS: Mapping[Rung, str] = {
    Rung.REACHABLE: "Does the device answer on the network at all?",
    Rung.CONTROL: "Does its ONVIF service answer?",
    Rung.CREDENTIALS: "Does it accept our login?",
    Rung.STREAM: "Does it describe its video stream?",
    Rung.MEDIA: "Do video packets arrive?",
    Rung.RECORDING: "Is its own storage healthy?",
    Rung.CLOCK: "Is its clock right within a minute?",
    Rung.DEVICE: "Are its vital signs readable and healthy?",
    Rung.IDENTITY: "Is it the device that the inventory expects?",
}

NETWORK_RUNGS = (Rung.CONTROL, Rung.STREAM, Rung.MEDIA)

#: A confirmed failure of the key is a failure of each value, for the same reason, within the same interval.
IMPLIES: Mapping[Rung, tuple[Rung, ...]] = {
    Rung.REACHABLE: NETWORK_RUNGS,
    Rung.STREAM: (Rung.MEDIA,),
}

#: What is another device's where another device answers: all but that something answers, and what it says of our login.
OF_THE_DEVICE = (Rung.CONTROL, Rung.STREAM, Rung.MEDIA, Rung.RECORDING, Rung.CLOCK, Rung.DEVICE)
#: While the key fails, nobody can say anything about the values: not behind a refused login, and not of another device.
HIDES: Mapping[Rung, tuple[Rung, ...]] = {
    Rung.CREDENTIALS: (Rung.STREAM, Rung.MEDIA),
    Rung.IDENTITY: OF_THE_DEVICE,
}


class Outcome(IntEnum):
    OK = 0
    FAIL = 1
    UNSEEN = 2
    NA = 3

    @property
    def label(self) -> str:
        return {Outcome.NA: "n/a"}.get(self, self.name.lower())


class Reason(StrEnum):
    """Why a rung fails, or why it is unseen. Closed: a new one needs its line in ``REASONS``."""

    DNS = "dns"
    TIMEOUT = "timeout"
    NO_ROUTE = "no_route"
    REFUSED = "refused"
    NO_REPLY = "no_reply"
    CLOSED = "closed"
    PROTOCOL = "protocol"
    TOO_LARGE = "too_large"
    TLS = "tls"
    REDIRECT = "redirect"
    CREDENTIALS = "credentials"
    INSECURE = "insecure"
    BUSY = "busy"
    UNSUPPORTED = "unsupported"
    NOT_FOUND = "not_found"
    SERVER_ERROR = "server_error"
    FAULT = "fault"
    NO_PATH = "no_path"
    NO_VIDEO_TRACK = "no_video_track"
    NO_VIDEO = "no_video"
    CLOCK = "clock"
    STORAGE = "storage"
    VITALS = "vitals"
    FLAPPING = "flapping"
    IDENTITY = "identity"
    BACK = "back"
    LOCKED = "locked"
    BUDGET = "budget"
    ABORTED = "aborted"
    STALE = "stale"

    def __str__(self) -> str:
        return self.value


class Advice(NamedTuple):
    """What a reason means for a person: a few words for a list, a sentence, and what to do about it."""

    title: str
    meaning: str
    action: str
    ours: bool = False
    """True where the reason lies with the monitor; such an observation never counts against a camera."""


REASONS: Mapping[Reason, Advice] = {
    Reason.DNS: Advice(
        "name not found",
        "The device's host name could not be resolved.",
        "Check the name in the inventory and the monitor's name server.",
    ),
    Reason.TIMEOUT: Advice(
        "no answer",
        "Nothing answers at this address, on the port of this service.",
        "Check power, the switch port and the cable at the site; see whether its neighbours are silent too.",
    ),
    Reason.NO_ROUTE: Advice(
        "no route",
        "The network has no way to this address.",
        "Check the route or corridor that leads to the site.",
    ),
    Reason.REFUSED: Advice(
        "port closed",
        "The device is alive but refuses connections on this port.",
        "Check that the service is switched on and that the inventory has the right port.",
    ),
    Reason.NO_REPLY: Advice(
        "hung",
        "The device accepts connections and then says nothing.",
        "Restart the device (switch the PoE port off and on); if it comes back like this, replace it.",
    ),
    Reason.CLOSED: Advice(
        "closed without answer",
        "The device closed the connection before it had answered.",
        "Restart the device; check its firmware if it goes on.",
    ),
    Reason.PROTOCOL: Advice(
        "not the protocol",
        "What came back is not a reply of this protocol, even read with tolerance.",
        "Check that the port in the inventory belongs to this service; look at the conversation on the camera's page.",
    ),
    Reason.TOO_LARGE: Advice(
        "reply too large",
        "The reply went over the limit that keeps the monitor safe, and was cut off.",
        "Look at the conversation on the camera's page; a camera has no reason to answer like this.",
    ),
    Reason.TLS: Advice(
        "TLS failed",
        "No trusted encrypted connection could be set up.",
        "Check the device's certificate and its expiry. If it was renewed: camfleet accept CAMERA, or its new"
        " fingerprint in the inventory.",
    ),
    Reason.REDIRECT: Advice(
        "redirected",
        "The device sent us to another address, which we do not follow.",
        "Put the right port or path into the inventory.",
    ),
    Reason.CREDENTIALS: Advice(
        "login refused",
        "The device refuses our user name and password.",
        "Find out who changed the password, and set it right on the device or in the credential set. A login is tried"
        " ever more rarely, so that the account is not locked; at once by camfleet probe CAMERA --clear-lock.",
    ),
    Reason.INSECURE: Advice(
        "login too weak",
        "The device wants a login that would show the password, or a weaker one than it took before; none was shown.",
        "Switch digest authentication on in the device's settings. Where the weaker login is meant: camfleet accept"
        " CAMERA, or `basic: allowed` in the inventory.",
    ),
    Reason.BUSY: Advice(
        "busy",
        "The device is full: others hold its streams or sessions.",
        "Nothing to repair yet. If it stays so, find out who else is connected.",
    ),
    Reason.UNSUPPORTED: Advice(
        "service off",
        "The device answers but does not offer this service.",
        "Switch ONVIF on in the device's settings, or leave the probe out of the inventory for it.",
    ),
    Reason.NOT_FOUND: Advice(
        "stream not found",
        "The device knows no stream at this path.",
        "Check the stream's path; a reset device may have lost its profiles.",
    ),
    Reason.SERVER_ERROR: Advice(
        "server error",
        "The device reports an error of its own.",
        "Restart the device; check its firmware and configuration.",
    ),
    Reason.FAULT: Advice(
        "fault",
        "The device answered the question with a SOAP fault.",
        "Look at the conversation on the camera's page.",
    ),
    Reason.NO_PATH: Advice(
        "stream's path unknown",
        "Neither the inventory nor the device says where the stream is, and we do not guess.",
        "Write the path as `stream:` into the inventory, or switch ONVIF on in the device's settings.",
    ),
    Reason.NO_VIDEO_TRACK: Advice(
        "no video offered",
        "The stream's description holds no video track.",
        "Check the encoder's configuration.",
    ),
    Reason.NO_VIDEO: Advice(
        "no video",
        "The device agrees to play and then sends no video packet.",
        "Restart the device; if it stays so, its encoder or sensor is broken.",
    ),
    Reason.CLOCK: Advice(
        "clock wrong",
        "The device's clock is off by more than a minute: its pictures carry a wrong time.",
        "Set a time server on the device; check that it can be reached.",
    ),
    Reason.STORAGE: Advice(
        "storage failed",
        "The device says that its own storage has failed: it records nothing locally.",
        "Replace the card or disk.",
    ),
    Reason.VITALS: Advice(
        "vital sign bad",
        "The device reports a failed fan, power supply or temperature sensor.",
        "Plan a visit.",
    ),
    Reason.FLAPPING: Advice(
        "comes and goes",
        "The device answers one question and fails the next, again and again.",
        "Check the cable, the connector and the power supply for a loose contact; look at its uplink's error counters.",
    ),
    Reason.IDENTITY: Advice(
        "another device",
        "A device with another serial number or hardware address answers here.",
        "Find out whether the camera was replaced or addresses were mixed up. If it was replaced: camfleet accept"
        " CAMERA, or its new serial in the inventory.",
    ),
    Reason.BACK: Advice(
        "answers again, not judged yet",
        "The device was silent and answers again; what failed with it is being asked anew.",
        "Nothing yet: the next looks say how it is, of a device with many channels one after the other.",
        ours=True,
    ),
    Reason.LOCKED: Advice(
        "login withheld",
        "We do not log in now, so that the account is not locked by wrong answers.",
        "Nothing: the next login follows by itself.",
        ours=True,
    ),
    Reason.BUDGET: Advice(
        "asked enough",
        "The device's budget of requests was used up; the question is put later.",
        "Nothing: it is asked again by itself.",
        ours=True,
    ),
    Reason.ABORTED: Advice(
        "not checked",
        "The monitor itself could not look: no descriptor left, or a fault of its own.",
        "Look at the monitor's log and its own metrics.",
        ours=True,
    ),
    Reason.STALE: Advice(
        "not seen lately",
        "No answer to this question for longer than three of its intervals.",
        "Look at the monitor's lag; check whether the camera is busy.",
        ours=True,
    ),
}


def _silent(service: str, action: str) -> Advice:
    return Advice(
        f"no {service} answer",
        f"The device answers otherwise, but nothing answers {service}.",
        f"{action} If all of that is right, restart the device.",
    )


#: What silence means where only one service is silent: its power and its cable are fine.
ONE_SILENT: Mapping[Rung, Advice] = {
    Rung.CONTROL: _silent("ONVIF", "Check that ONVIF is switched on, its port, and filters on the way."),
    Rung.STREAM: _silent("RTSP", "Check that RTSP is switched on, its port, and filters on the way."),
    Rung.MEDIA: _silent("RTSP", "Check that RTSP is switched on, its port, and filters on the way."),
    Rung.DEVICE: _silent(
        "SNMP", "Check that SNMP is switched on, its community or user in the inventory, and filters for UDP."
    ),
}


def advise(reason: Reason, rung: Rung | None = None, is_back: bool = False) -> Advice:
    """Return what a reason means; ``rung`` names where it was found, if the device itself can be reached; ``is_back``:
    it answers again, and the reason is of before.
    """
    if is_back:
        return REASONS[Reason.BACK]
    if reason is Reason.TIMEOUT and rung is not None:
        return ONE_SILENT.get(rung, REASONS[reason])
    return REASONS[reason]


class Finding(NamedTuple):
    """One rung judged. ``camera`` is a camera's id, or "" for every camera of the device."""

    rung: Rung
    outcome: Outcome
    reason: Reason | None = None
    detail: str = ""
    camera: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one probe found in one conversation with one device.

    ``at`` is the wall clock at its end, in seconds since the epoch; ``duration_s`` was measured by the monotonic one.
    ``measurements`` holds numbers and short texts by name; texts are hostile and never become a metric's label value
    unescaped.
    """

    device: str
    vantage: str
    probe: str
    at: float
    duration_s: float
    findings: tuple[Finding, ...]
    measurements: Mapping[str, float | str] = field(default_factory=dict)
    requests: int = 0
    """How many requests it cost the device."""
    marks: Mapping[str, str] = field(default_factory=dict)
    """What the device said of who it is, by the names of ``identity.PROOFS`` and ``identity.HINTS``; hostile, too."""
    silent_s: float = 0.0
    """For how long, at the end of it, nothing more was found well: a device may have died while it was being asked."""
