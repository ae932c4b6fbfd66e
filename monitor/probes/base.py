"""``run_probe``: the one place that owns a probe's deadline, its duration, and what an exception means.

A probe is a function of a ``Talk``. It says which question it is asking (``asking``), answers it (``answer``), and lets
exceptions fly: whatever ends it is the outcome of the question that was open.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from hashlib import blake2b
from typing import Any, NamedTuple

from monitor.core.limits import MOST_FAILURES, WAITS_S, Login
from monitor.core.model import Camera, Device
from monitor.core.schedule import Deadlines
from monitor.core.survey import Draft
from monitor.core.times import duration
from monitor.core.verdict import REASONS, Finding, Outcome, Reason, Rung, Verdict
from monitor.probes.connection import Connection, connect
from monitor.probes.errors import Judged, OverBudget, reason_of
from monitor.probes.handshake import Handshake
from monitor.probes.limit import Limit
from monitor.probes.memory import Memory
from monitor.probes.snmp_shared import Sockets
from monitor.probes.tls import Line, TlsConnection
from monitor.probes.transcript import Conversation, Raw, Veil

log = logging.getLogger("camfleet.probe")

#: Messages of one conversation that are kept for a reader.
KEPT_MESSAGES = 24
DETAIL_CHARACTERS = 200
MARK_CHARACTERS = 128
#: After a stream server refused a login, ONVIF has this long to try it first when the next one may be tried.
ONVIF_FIRST_S = 300.0


class Clocks(NamedTuple):
    """The wall clock dates what happens, the monotonic one measures how long it takes (design law 7)."""

    wall: Callable[[], float]
    monotonic: Callable[[], float]
    boot: Callable[[], str] = str
    """Tells since which boot of a machine the monotonic one counts; "": nobody knows."""
    ahead_s: float | None = None
    """By how much the time that login locks live by is ahead of the monotonic clock; None: that is the wall clock."""

    @property
    def ahead(self) -> float:
        """By how much the time that login locks live by is ahead of the monotonic clock."""
        return self.wall() - self.monotonic() if self.ahead_s is None else self.ahead_s

    def lock_time(self) -> float:
        """Return now, as login locks count it: nobody sets that clock (``scheduler.locktime``)."""
        return self.wall() if self.ahead_s is None else self.monotonic() + self.ahead_s

    @property
    def set_s(self) -> float:
        """By how much the wall clock is ahead of the time that login locks live by."""
        return self.wall() - self.lock_time()


class Ask(NamedTuple):
    """What is asked in one conversation: these rungs, and the rungs of a channel of these cameras."""

    rungs: frozenset[Rung]
    cameras: tuple[Camera, ...] = ()
    requests: int = 8
    """How many requests this conversation may send at the most."""
    first: bool = False
    """Whether this is the first contact, which may take longer."""
    survey: Draft | None = None
    """What a survey has found out so far."""


class Result(NamedTuple):
    """A probe's verdict, the fields of memory that it changed, and the conversation that led to it."""

    verdict: Verdict
    learnt: Mapping[str, Any]
    conversation: Conversation
    survey: Draft | None = None
    refused: bool = False
    """Whether our login was shown and refused."""
    tells: bool = False
    """Whether something new was learnt, and not merely that all is as it was."""


Probe = Callable[["Talk"], Awaitable[None]]


class Talk:
    """A conversation under way: what is asked, what was learnt, what has been found out."""

    def __init__(
        self,
        device: Device,
        ask: Ask,
        memory: Memory,
        clocks: Clocks,
        deadlines: Deadlines,
        sockets: Sockets | None = None,
    ) -> None:
        self.device = device
        self.ask = ask
        self.clocks = clocks
        self.deadlines = deadlines
        self.sockets = sockets
        """The UDP sockets that conversations share; None: each has its own."""
        self.measurements: dict[str, float | str] = {}
        self.survey = ask.survey or Draft()
        self.marks: dict[str, str] = {}
        """What it said of who it is (``core.identity``)."""
        self.line: Line | None = None
        """The encryption of the newest connection, if it is encrypted."""
        self.said: list[Raw] = []
        self.requests = 0
        self.asked_at = clocks.monotonic()
        """When the newest question was put: who answers it was there then, and may be gone when the answer is read."""
        self.playing = False
        self.veil = Veil(_secrets(device))
        self._accepted = False
        self._refused = False
        self._began = self.asked_at
        self._findings: dict[tuple[Rung, str], Finding] = {}
        self._judged_by: dict[tuple[Rung, str], int] = {}
        self._before = self._memory = memory
        self._learnt: dict[str, Any] = {}
        self._fresh: dict[str, Any] = {}
        self._open: tuple[Rung, str] | None = None
        self._good_at: float | None = None
        self._connections: list[Connection] = []

    def wants(self, *rungs: Rung) -> bool:
        return not self.ask.rungs.isdisjoint(rungs)

    def asking(self, rung: Rung, camera: str = "") -> None:
        """Say which question the next steps answer: what ends them is its answer."""
        self._open = rung, camera

    def answer(
        self,
        rung: Rung,
        outcome: Outcome,
        reason: Reason | None = None,
        detail: str = "",
        camera: str = "",
        at: float | None = None,
    ) -> None:
        """Judge a rung; it closes the open question if it is this one.

        ``at``: when what proves it came at the earliest, by the monotonic clock, if it answers no question.
        """
        told = self.veil.text(detail)[:DETAIL_CHARACTERS] if detail else ""
        self._findings[rung, camera] = Finding(rung, outcome, reason, told, camera)
        self._judged_by[rung, camera] = len(self.said)
        if outcome is Outcome.OK:
            self._good_at = at or self.asked_at
        if self._open == (rung, camera):
            self._open = None

    def judged(self, rung: Rung, camera: str = "") -> bool:
        return (rung, camera) in self._findings

    def ok(self, rung: Rung, detail: str = "", camera: str = "", at: float | None = None) -> None:
        self.answer(rung, Outcome.OK, None, detail, camera, at)

    @property
    def memory(self) -> Memory:
        """What is known of the device by now."""
        if self._fresh:
            self._memory = self._memory._replace(**self._fresh)
            self._fresh = {}
        return self._memory

    def learn(self, **fields: Any) -> None:
        """Change what is known of the device."""
        self._learnt |= fields
        self._fresh |= fields

    def port(self, probe: str) -> int:
        """Return the port to ask: the inventory's, or where it gives none the device's own word (design law 9)."""
        told = self.memory.rtsp_port if probe == "rtsp" and not self.device.encrypts(probe) else None
        if told and probe not in self.device.ports:
            return told
        return self.device.port(probe)

    def spend(self) -> None:
        """Count a request that is put now. Raises OverBudget where the conversation may send no further one."""
        if self.requests >= self.ask.requests:
            raise OverBudget("the budget of this conversation is used up")
        self.put()

    def put(self) -> None:
        """Count a request that is put now, within the budget or not: what an SNMP agent is asked is not cut short."""
        self.requests += 1
        self.asked_at = self.clocks.monotonic()

    def note(self, sent: bool, data: bytes) -> None:
        """Keep a message for a reader; while video plays, only what is text. What comes in pieces is one message."""
        if self.playing and not sent and not data.startswith(b"RTSP/"):
            return
        if self.said and not sent and not self.said[-1][1]:
            after_s, _, before = self.said[-1]
            self.said[-1] = (after_s, sent, self.veil.cut(before + data))
        elif len(self.said) < KEPT_MESSAGES:
            self.said.append((self.clocks.monotonic() - self._began, sent, self.veil.cut(data)))

    def say(self, sent: bool, text: str) -> None:
        """Note a message that has no readable bytes of its own."""
        if len(self.said) < KEPT_MESSAGES:
            self.said.append((self.clocks.monotonic() - self._began, sent, text.encode()))

    async def connect(self, port: int, service: str) -> Connection:
        """Open a connection to a service of the device; it judges ``reachable``: a refusal proves life.

        Where it is to be encrypted, nothing was said yet to whoever cannot be trusted: Judged is raised.
        """
        handshake = None
        if (tls := self.device.tls) is not None and tls.covers(service):
            handshake = Handshake(tls, service, self.memory, self.clocks.wall())
        self.asked_at = self.clocks.monotonic()
        try:
            connection = await self._connected(port, handshake)
        except ConnectionRefusedError:
            self.ok(Rung.REACHABLE, f"port {port} is closed")
            raise Judged(Reason.REFUSED, f"port {port} refuses connections") from None
        except Exception as error:
            reason = reason_of(error)
            if not self.judged(Rung.REACHABLE):  # what answered just now is there, whatever ports lead nowhere
                self.answer(Rung.REACHABLE, _outcome(reason), reason, str(error))
            raise
        self._connections.append(connection)
        self.ok(Rung.REACHABLE)
        if handshake is not None and isinstance(connection, TlsConnection):
            await self._shake(handshake, connection)
        return connection

    async def _connected(self, port: int, handshake: Handshake | None) -> Connection:
        host, connect_s = self.device.host, self.deadlines.connect_s
        if handshake is None:
            return await connect(host, port, connect_s, lambda: Connection(self.note))
        return await connect(host, port, connect_s, lambda: handshake.connection(self.note, host))

    async def _shake(self, handshake: Handshake, connection: TlsConnection) -> None:
        try:
            self.line = await handshake.hold(connection, self.deadlines.reply_s)
        finally:
            self.measurements |= handshake.measurements
            if handshake.learnt:
                self.learn(**handshake.learnt)
            if handshake.said:
                self.say(False, handshake.said)

    # What is known of our login ------------------------------------------------------------------

    @property
    def evidence(self) -> str:
        """What a refused login depended on: account, password (one byte of its hash shows a change), reboots."""
        credential = self.device.credential
        if credential is None:
            return ""
        mark = blake2b(credential.password.reveal().encode(), digest_size=1).hexdigest()
        return f"{credential.username}:{mark}:{self.memory.boots}"

    @property
    def may_log_in(self) -> bool:
        return self._allowed(0.0) and not self.unread and not (self.memory.login.doubted and self._onvif_is_mute)

    @property
    def unread(self) -> bool:
        """Whether our login was shown over ONVIF as often as a wrong one may be, and nobody knows whether it is one."""
        return self._is_too_often(self.memory.unread)

    @property
    def unread_by_streams(self) -> bool:
        """The same over RTSP; what is known to work is not at fault for a server that says nothing."""
        unread = self.memory.unread_streams
        return self._is_too_often(unread) and not self.memory.login.trusted(self.clocks.lock_time())

    def _is_too_often(self, unread: Login) -> bool:
        shown = len(unread.in_a_row)
        return shown >= MOST_FAILURES and not unread.allowed(self.clocks.lock_time(), self.evidence)

    def _allowed(self, head_start_s: float) -> bool:
        credential = self.device.credential
        if credential is not None and credential.held:
            return False
        login = self.memory.login
        return not login.failures or login.allowed(self.clocks.lock_time() - head_start_s, self.evidence)

    @property
    def withheld(self) -> Reason:
        """Why no login is tried now: it was refused when it was shown last, which stands, or may not be shown yet."""
        return Reason.CREDENTIALS if self.memory.login.doubted else Reason.LOCKED

    @property
    def token_offset_s(self) -> float:
        """How far from ours a token is dated: by the clock that the device shows, or not where that was in vain."""
        return 0.0 if self.memory.own_clock else self.memory.clock_offset_s or 0.0

    @property
    def may_log_in_to_streams(self) -> bool:
        """Whether a login may be tried over RTSP: after a refusal ONVIF tries it first, where the device knows both."""
        head_start_s = ONVIF_FIRST_S if self._onvif_decides else 0.0
        return self._allowed(head_start_s) and not self.unread_by_streams

    @property
    def _onvif_decides(self) -> bool:
        """Whether this login is known over ONVIF too, so that a stream server's refusal has a second witness."""
        return "onvif" in self.device.probes and self.memory.scheme not in ("", "open") and not self._onvif_is_mute

    @property
    def _onvif_is_mute(self) -> bool:
        """Whether ONVIF did not tell what it made of our login: then RTSP, if that can refuse it, is left to decide."""
        return bool(self.memory.unread.in_a_row)

    def login_accepted(self) -> None:
        self.learn(login=self.memory.login.accepted(self.clocks.lock_time()))
        self._accepted = True
        self.ok(Rung.CREDENTIALS)

    def login_refused(self, detail: str, of_stream: bool = False) -> Reason:
        """Record a refused login and judge the credentials: refused, or full where the same login just worked.

        ``of_stream``: the stream server refused it. Some do so when they are full, for hours; where the same login has
        worked since it was last refused, however long ago, ONVIF decides.
        """
        now = self.clocks.lock_time()
        login = self.memory.login
        self._refused = True
        proven = login.proven(now) or (of_stream and self._onvif_decides and login.trusted(now))
        self.learn(login=login.refused(now, self.evidence))
        if self._accepted:
            return Reason.BUSY  # the login itself is good: this one question is not for this account
        if proven:
            self.answer(Rung.CREDENTIALS, Outcome.UNSEEN, Reason.BUSY, f"{detail}; the same login worked before")
            return Reason.BUSY
        self.answer(Rung.CREDENTIALS, Outcome.FAIL, Reason.CREDENTIALS, detail + _row(self.memory.login))
        return Reason.CREDENTIALS

    def login_unread(self) -> None:
        """Record that our login was shown over ONVIF, and that no answer tells whether it is right."""
        if not self._accepted:
            self.learn(unread=self.memory.unread.refused(self.clocks.lock_time(), self.evidence))

    def login_read(self) -> None:
        """Record that ONVIF has told whether our login is right."""
        if self.memory.unread.failures:
            self.learn(unread=Login())

    def stream_login_unread(self) -> None:
        """Record that our login, where it is not known to work, was shown over RTSP, and no answer tells of it."""
        now = self.clocks.lock_time()
        if not self._accepted and not self.memory.login.trusted(now):
            self.learn(unread_streams=self.memory.unread_streams.refused(now, self.evidence))

    def stream_login_read(self) -> None:
        """Record that RTSP has told whether our login is right."""
        if self.memory.unread_streams.failures:
            self.learn(unread_streams=Login())

    # The end -------------------------------------------------------------------------------------

    def failed(self, error: BaseException) -> None:
        """Take an exception as the answer to the open question."""
        reason = reason_of(error)
        if reason is Reason.ABORTED:
            log.warning("probe aborted", exc_info=error, extra={"device": self.device.id})
        if self._open is not None:
            rung, camera = self._open
            outcome = error.outcome if isinstance(error, Judged) else _outcome(reason)
            if rung is Rung.CREDENTIALS:
                outcome = Outcome.UNSEEN  # only a refusal says something about a login; it is judged where it comes
            detail = str(error) or type(error).__name__
            self.answer(rung, outcome, reason, detail, camera)

    def withdraw(self) -> None:
        """Judge nothing: what was asked says nothing about whether a camera works."""
        self._findings, self._open = {}, None

    async def close(self) -> None:
        """End every connection, and return when none is left: whoever asks next finds the device alone."""
        for connection in self._connections:
            await connection.close()

    def result(self, name: str) -> Result:
        survey = None if self.ask.survey is None else self.survey
        ended = self.clocks.monotonic()
        verdict = Verdict(
            device=self.device.id,
            vantage=self.device.vantage,
            probe=name,
            at=self.clocks.wall(),
            duration_s=ended - self._began,
            findings=tuple(self._findings.values()),
            measurements={
                name: self.veil.text(value) if isinstance(value, str) else value
                for name, value in self.measurements.items()
            },
            requests=self.requests,
            marks={name: self.veil.text(value)[:MARK_CHARACTERS] for name, value in self.marks.items()},
            silent_s=0.0 if self._good_at is None else ended - self._good_at,
        )
        judged_by = tuple([self._judged_by[key] for key in self._findings])
        conversation = Conversation(verdict, tuple(self.said), self.veil.secrets, judged_by)
        tells = self._before.is_told_more(self._learnt)
        return Result(verdict, self._learnt, conversation, survey, self._refused, tells)


def _row(login: Login) -> str:
    """Say how long the next login waits behind several that were refused in a row."""
    count = len(login.in_a_row)
    if count < MOST_FAILURES:
        return ""
    often = f"{count} times" if count < len(WAITS_S) else f"{count} times or more"
    return f"; refused {often} in a row: without new evidence the next login waits {duration(WAITS_S[count - 1])}"


def _secrets(device: Device) -> list[str]:
    """Return every secret that we hold for a device."""
    held = [device.credential.password] if device.credential else []
    if (snmp := device.snmp) is not None:
        held += [one for one in (snmp.community, snmp.auth_password, snmp.privacy_password) if one]
    return [secret.reveal() for secret in held]


def _outcome(reason: Reason) -> Outcome:
    return Outcome.UNSEEN if REASONS[reason].ours else Outcome.FAIL


async def run_probe(
    name: str,
    probe: Probe,
    device: Device,
    ask: Ask,
    memory: Memory,
    clocks: Clocks,
    deadlines: Deadlines,
    sockets: Sockets | None = None,
) -> Result:
    """Hold one conversation with a device and return what it found. Only cancellation passes through."""
    talk = Talk(device, ask, memory, clocks, deadlines, sockets)
    limit = Limit(deadlines.first_contact_s if ask.first else deadlines.probe_s)
    try:
        with limit:
            await probe(talk)
    except Exception as error:  # noqa: BLE001 - the one place where every exception becomes a reason
        late = f"not finished within {limit.seconds:g} s"
        talk.failed(Judged(Reason.NO_REPLY, late) if limit.expired else error)
    finally:
        await talk.close()
    return talk.result(name)
