"""The one connection to the device, under onvif-zeep-async: our own TLS, tolerant reader of HTTP, and logins.

Whatever address the library was told, the question goes to the inventory's host by its path; the port may be the
device's word where the inventory gives none (design law 9). One connection at a time; no redirect is followed. Where
it is encrypted, every connection's certificate is judged before the first word.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from lxml import etree

from monitor.core.model import Tls
from monitor.core.verdict import Reason
from monitor.probes.connection import Connection, connect
from monitor.probes.errors import ConnectTimeout, Judged, PeerClosed, ReplyTimeout
from monitor.probes.tls import TlsConnection, context, judge
from monitor.wire import soap
from monitor.wire.auth import BASIC, Dialogue, Rules, parse_challenges, proof_of, weaker
from monitor.wire.errors import ProtocolError, WireError
from monitor.wire.http import Response, ResponseReader, request
from monitor.wire.rtsp import path_of, port_of

CONNECT_S = 3.0
#: Slow cameras take 4 s for an answer.
REPLY_S = 10.0


class LoginNeeded(Exception):
    """The device did not answer for want of a login, or refused the one that it was shown."""

    def __init__(self, scheme: str, detail: str) -> None:
        super().__init__(detail)
        self.scheme = scheme


@dataclass(frozen=True, slots=True)
class Target:
    """Where the device is and how we log in to it; ``fixed`` where the port is not the device's to say."""

    host: str
    address: str
    port: int
    fixed: bool
    username: str = ""
    password: str = ""
    tls: Tls | None = None
    """How its certificate is trusted, by a fingerprint unless authorities decide; None: nothing is encrypted."""
    weak: bool = False
    """Whether it is known to speak old TLS alone."""

    @property
    def private(self) -> bool:
        """Whether nobody can read what is said to it."""
        return self.tls is not None and not self.weak


class Reply:
    """A reply as zeep reads one: a status, fields, a body."""

    status_code = 200
    encoding = "utf-8"

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.headers = {"Content-Type": "application/soap+xml"}


class Line:
    """A zeep transport over one connection; it takes envelopes and gives replies that are no faults."""

    cache = None

    def __init__(self, target: Target) -> None:
        self._target = target
        self._connection: Connection | None = None
        self._reader = ResponseReader()
        self._port = 0
        self._dialogue = Dialogue(once=True)
        self._proven = ""
        self.digest = False
        """Whether questions are asked with HTTP Digest from now on."""
        self.proofs: list[str] = []
        """What was shown as proof of the password, to be taken out of whatever echoes it."""
        self.said: etree._Element | None = None
        """The last reply's envelope, for one that zeep cannot read."""
        self.silent = False
        """Whether nothing came of the last question in its time."""

    async def post_xml(self, address: str, envelope: Any, headers: Any) -> Reply:
        """Put a question. Raises LoginNeeded, soap.Fault, WireError, OSError, TimeoutError; Judged where TLS fails."""
        self.said, self.silent = None, False
        self.proofs += [proof.text for proof in envelope.iterfind(".//{*}Password") if proof.text]
        message = etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
        kind = str(headers.get("Content-Type", "application/soap+xml; charset=utf-8"))
        try:
            response = await self._asked(path_of(address), self._port_of(address), kind, message)
        except (ConnectTimeout, ReplyTimeout) as error:
            self.silent = True
            await self.aclose()
            raise TimeoutError(str(error)) from None
        except WireError:
            await self.aclose()  # what else comes over it cannot be understood any more
            raise
        refused = _refusal(response)
        if refused:
            raise LoginNeeded(self._scheme_of(response), refused)
        if 300 <= response.status < 400:
            raise ProtocolError(f"it redirects elsewhere: HTTP {response.status}")
        return Reply(self._content(response))

    async def aclose(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    def load(self, url: str) -> bytes:
        """Refuse to fetch what a reply names."""
        raise ProtocolError(f"nothing is fetched: {url[:100]!r}")

    def _content(self, response: Response) -> bytes:
        try:
            content = soap.parse(response.body)
        except ProtocolError:
            if response.status < 400:
                raise
            raise ProtocolError(f"HTTP {response.status} {response.reason}".strip()) from None
        self.said = content.getroottree().getroot()
        return etree.tostring(self.said)

    def _port_of(self, address: str) -> int:
        return self._target.port if self._target.fixed else port_of(address) or self._target.port

    async def _asked(self, path: str, port: int, kind: str, body: bytes) -> Response:
        """Ask, with a digest of our login where the device wants one; a nonce that it only replaces is no refusal."""
        if not self.digest:
            return await self._exchange(path, port, kind, body, "")
        if not self._dialogue.ready:
            response = await self._exchange(path, port, kind, body, "")
            if response.status != 401:
                return response
        response = await self._exchange(path, port, kind, body, self._proof(path))
        if response.status == 401 and self._dialogue.renewed:
            response = await self._exchange(path, port, kind, body, self._proof(path))
        return response

    def _proof(self, path: str) -> str:
        """Return a digest of our login. Raises ProtocolError where the device asks for none that we may show."""
        target = self._target
        proof = self._dialogue.answer(target.username, target.password, "POST", path, os.urandom(8).hex())
        self.proofs.append(proof_of(proof))
        return proof

    def _hear(self, response: Response) -> None:
        """Take in what a reply says of logins; one that was taken is never answered by a weaker one."""
        asked = response.headers.all("www-authenticate")
        info = response.headers.all("authentication-info")
        way = self._dialogue.hear(response.status == 401, asked, info, self._rules)
        if way and response.status < 400 and weaker(self._proven, way):
            self._proven = way

    @property
    def _rules(self) -> Rules:
        return Rules(clear=self._target.private, proven=self._proven)

    def _scheme_of(self, response: Response) -> str:
        """Return how a device that refused a question wants a login (ONVIF Core §5.9.3)."""
        challenges = parse_challenges(response.headers.all("www-authenticate"))
        ways = {challenge.way for challenge in challenges} - {""}
        if ways - {BASIC} or (ways and self._target.private):
            return "digest"
        return "basic" if challenges and b"Fault" not in response.body else "token"

    async def _exchange(self, path: str, port: int, kind: str, body: bytes, proof: str) -> Response:
        """Send one request; over a new connection where the device has closed the old one without a word."""
        host = f"[{self._target.host}]" if ":" in self._target.host else self._target.host
        login = [("Authorization", proof)] if proof else []
        message = request("POST", path, f"{host}:{port}", [("Content-Type", kind), *login], body)
        fresh = await self._ready(port)
        response = await self._converse(message)
        if response is None and not fresh:
            await self.aclose()
            await self._ready(port)
            response = await self._converse(message)
        if response is None:
            raise ProtocolError("the connection ended before the reply")
        self._hear(response)
        if response.closes:
            await self.aclose()
        return response

    async def _ready(self, port: int) -> bool:
        """See to a connection to this port; whether it is a new one. Raises as ``post_xml``, and ConnectTimeout."""
        if self._connection is not None and not self._connection.ended and port == self._port:
            return False
        await self.aclose()
        target = self._target
        if target.tls is None:
            self._connection = await connect(target.address, port, CONNECT_S, lambda: Connection(_unheard))
        else:
            self._connection = await self._encrypted(target.tls, port)
        self._reader = ResponseReader()
        self._port = port
        return True

    async def _encrypted(self, tls: Tls, port: int) -> Connection:
        """Return a connection to a device whose certificate is trusted; any other is told nothing."""
        spoken = context(tls, self._target.weak)
        made = await connect(
            self._target.address, port, CONNECT_S, lambda: TlsConnection(_unheard, spoken, self._target.host)
        )
        try:
            await made.shake(REPLY_S)
            if obstacle := judge(made.line(self._target.weak), tls, tls.fingerprint):
                raise Judged(Reason.TLS, obstacle)
        except BaseException:
            await made.close()
            raise
        return made

    async def _converse(self, message: bytes) -> Response | None:
        """Return the response; None where the connection ended before one began. Raises ReplyTimeout, WireError."""
        assert self._connection is not None
        try:
            self._connection.send(message)
            return await self._connection.receive(self._reader, REPLY_S)
        except (PeerClosed, ConnectionError):
            return None


def _unheard(sent: bool, data: bytes) -> None:
    """Take no note of what is said: what it says is told answer by answer."""


def _refusal(response: Response) -> str:
    """Return what refuses a login: a status, or a fault that means it whatever its status; "" for other replies."""
    try:
        soap.parse(response.body)
    except soap.Fault as fault:
        if fault.refuses_login:
            return str(fault)
        if response.status not in (401, 403):
            raise
    except ProtocolError:
        pass
    return f"HTTP {response.status} {response.reason}".strip() if response.status in (401, 403) else ""
