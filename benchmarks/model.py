"""A camera without a network: what each probe finds on it, and how long that takes on an injected clock.

It says through the probes' own ``Talk`` what a real conversation would: logins, locks, reasons and deadlines are the
product's; only the wire is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

from monitor.core.identity import SERIAL
from monitor.core.state import State
from monitor.core.verdict import Outcome, Reason, Rung
from monitor.probes.base import Clocks, Probe, Talk
from monitor.probes.errors import ConnectTimeout, Judged, ReplyTimeout

#: How long a healthy camera takes for an answer, and a media check for its frames, in seconds.
ANSWER_S = 0.05
WATCH_S = 2.0
#: What its SNMP agent tells of, the fault that shows there, and how that is called.
TOLD_OVER_SNMP = ((Rung.DEVICE, "vitals", Reason.VITALS), (Rung.RECORDING, "sd_card", Reason.STORAGE))
#: What the camera says of itself, and what another device does.
OWN_SERIAL, OTHER_SERIAL = "ACCC8E4711", "ACCC8E0815"
#: A healthy conversation, with its video, takes no longer.
LONGEST_S = 3.0


class Fault(NamedTuple):
    """A fault of the model, and the state that its camera is in once it is confirmed."""

    words: str
    state: State


FAULTS: Mapping[str, Fault] = {
    "dead": Fault("silent: power, line or camera", State.DOWN),
    "hung": Fault("hung: accepts connections, answers nothing", State.DOWN),
    "stream_server": Fault("stream server broken: RTSP 404", State.DOWN),
    "no_video": Fault("no video: PLAY 200, no packet", State.DOWN),
    "password": Fault("password changed", State.DOWN),
    "another": Fault("another device at its address", State.UNKNOWN),
    "full": Fault("full: SETUP 453, others hold its sessions", State.UNKNOWN),
    "onvif_off": Fault("ONVIF switched off: HTTP 404", State.DEGRADED),
    "clock": Fault("clock wrong", State.DEGRADED),
    "vitals": Fault("vital sign bad, over SNMP", State.DEGRADED),
    "sd_card": Fault("storage failed, over SNMP", State.DEGRADED),
    "agent": Fault("SNMP agent silent, the rest well", State.DEGRADED),
}


@dataclass(slots=True)
class Clock:
    """Moves only when it is told to."""

    now: float = 0.0

    def clocks(self) -> Clocks:
        return Clocks(lambda: 1_800_000_000.0 + self.now, lambda: self.now)


@dataclass(slots=True)
class ModelCamera:
    """A camera with one fault from ``since`` until ``until``. What is slow takes all the time that a probe has."""

    clock: Clock
    fault: str
    since: float = inf
    until: float = inf
    is_sluggish: bool = False
    """Whether what goes well takes all the time that a probe has, too."""
    _late_at: float = inf
    """When the time for the conversation under way is over: what is slow fails no later."""

    def has(self, *faults: str) -> bool:
        return self.fault in faults and self.since <= self.clock.now < self.until

    def probes(self) -> Mapping[str, Probe]:
        return {"onvif": self._paced(self._onvif), "rtsp": self._paced(self._rtsp), "snmp": self._paced(self._snmp)}

    def _paced(self, probe: Probe) -> Probe:
        async def paced(talk: Talk) -> None:
            self._late_at = self.clock.now + talk.deadlines.probe_s
            if self.is_sluggish:
                self.clock.now = self._late_at - LONGEST_S
            await probe(talk)

        return paced

    async def _onvif(self, talk: Talk) -> None:
        """The time without a login; device information with one where that is asked."""
        controlled = talk.wants(Rung.CONTROL, Rung.CREDENTIALS)
        talk.asking(Rung.CONTROL if controlled else Rung.REACHABLE)
        self._connect(talk)
        if not controlled:
            return
        self._reply(talk)
        if self.has("onvif_off"):
            raise Judged(Reason.NOT_FOUND, "HTTP 404")
        talk.ok(Rung.CONTROL)
        if self.has("clock", "slow_clock"):
            if self.has("slow_clock"):
                self.clock.now = self._late_at
            talk.answer(Rung.CLOCK, Outcome.FAIL, Reason.CLOCK)
        else:
            talk.ok(Rung.CLOCK)
        if talk.wants(Rung.CREDENTIALS):
            talk.asking(Rung.CREDENTIALS)
            if self._log_in(talk) is None:
                talk.marks[SERIAL] = OTHER_SERIAL if self.has("another") else OWN_SERIAL
                talk.ok(Rung.IDENTITY, talk.marks[SERIAL])

    async def _rtsp(self, talk: Talk) -> None:
        """DESCRIBE, at first without a login; then, where video is asked for, what PLAY brings."""
        camera = talk.ask.cameras[0].id
        described = talk.wants(Rung.STREAM, Rung.MEDIA, Rung.CREDENTIALS)
        talk.asking(Rung.STREAM if described else Rung.REACHABLE, camera if described else "")
        self._connect(talk)
        if not described:
            return
        self._reply(talk)
        talk.marks["rtsp_realm"] = OTHER_SERIAL if self.has("another") else OWN_SERIAL
        if (reason := self._log_in(talk)) is not None:
            talk.answer(Rung.STREAM, Outcome.UNSEEN, reason, "login refused", camera)
            return
        if self.has("stream_server"):
            raise Judged(Reason.NOT_FOUND, "RTSP 404")
        talk.ok(Rung.STREAM, "", camera)
        if talk.wants(Rung.MEDIA):
            talk.asking(Rung.MEDIA, camera)
            self._play(talk)
            talk.ok(Rung.MEDIA, "", camera)

    async def _snmp(self, talk: Talk) -> None:
        """One GET; a device that is hung has no answer to a datagram either."""
        talk.asking(Rung.DEVICE)
        if self.has("dead", "hung", "slow", "agent"):
            self.clock.now = self._late_at if self.has("slow") else self.clock.now + talk.deadlines.reply_s
            raise TimeoutError("no answer")
        self.clock.now += ANSWER_S
        talk.ok(Rung.REACHABLE)
        for rung, fault, reason in (
            (Rung.DEVICE, "vitals", Reason.VITALS),
            (Rung.RECORDING, "sd_card", Reason.STORAGE),
        ):
            if self.has(fault):
                talk.answer(rung, Outcome.FAIL, reason)
            else:
                talk.ok(rung)

    def _connect(self, talk: Talk) -> None:
        if self.has("dead"):
            self.clock.now += talk.deadlines.connect_s
            talk.answer(Rung.REACHABLE, Outcome.FAIL, Reason.TIMEOUT)
            raise ConnectTimeout("no answer")
        talk.ok(Rung.REACHABLE)

    def _reply(self, talk: Talk) -> None:
        talk.spend()
        if self.has("hung", "slow"):
            self.clock.now = self._late_at if self.has("slow") else self.clock.now + talk.deadlines.reply_s
            raise ReplyTimeout("no reply")
        self.clock.now += ANSWER_S

    def _log_in(self, talk: Talk) -> Reason | None:
        """Return why a login was refused or withheld, if it was."""
        if not talk.may_log_in:
            return Reason.LOCKED
        self._reply(talk)
        if self.has("password"):
            return talk.login_refused("401")
        talk.login_accepted()
        return None

    def _play(self, talk: Talk) -> None:
        self._reply(talk)
        if self.has("full"):
            raise Judged(Reason.BUSY, "RTSP 453", Outcome.UNSEEN)
        self._reply(talk)
        if self.has("no_video", "slow_video"):
            slowly = self.has("slow_video")
            self.clock.now = self._late_at if slowly else self.clock.now + talk.deadlines.first_packet_s
            raise Judged(Reason.NO_VIDEO, "no video packet")
        self.clock.now += WATCH_S
