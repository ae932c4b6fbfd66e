"""Questions to a device's ONVIF services over one connection: authentication, status and fault told apart.

WS-UsernameToken or HTTP Digest, whichever the device wants. A nonce is used once: some makes send a new one with each
reply and count a second use as a wrong password.
"""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from monitor.core.model import usual_port
from monitor.core.verdict import Outcome, Reason
from monitor.probes.authentication import Authentication
from monitor.probes.base import Talk
from monitor.probes.connection import Connection
from monitor.probes.errors import Judged, OverBudget, PeerClosed, ProbeError
from monitor.wire import soap
from monitor.wire.auth import username_token
from monitor.wire.errors import ProtocolError, WireError
from monitor.wire.http import Response, ResponseReader, request

#: What an HTTP status means where no SOAP envelope came with it.
STATUS_REASONS = {
    404: Reason.UNSUPPORTED,
    405: Reason.UNSUPPORTED,
    410: Reason.UNSUPPORTED,
    429: Reason.BUSY,
    501: Reason.UNSUPPORTED,
    503: Reason.BUSY,
}


Value = TypeVar("Value")
#: How the body of the reply to a question is read: the functions of ``monitor.wire.onvif``.
Read = Callable[[bytes, str], Value]


class LoginRefused(Exception):
    """The device refused our login; the talk has been told."""


class LoginNeeded(Exception):
    """The device answers this question to nobody without a login."""

    def __init__(self, scheme: str) -> None:
        super().__init__(scheme)
        self.scheme = scheme


class SoapClient:
    """One device's ONVIF services. A new connection is opened when the device closes the old one."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._connection: Connection | None = None
        self._reader = ResponseReader()
        self._port = 0
        self._home = 0
        self._unused = True
        self._authentication = Authentication(talk, "onvif", once=True)
        self._showed_login = False
        self._refused = False
        self.scheme = talk.memory.scheme
        """How the device wants logins, as far as it is known by now."""

    @property
    def showed_login(self) -> bool:
        """Whether the newest request carried our login."""
        return self._showed_login

    @property
    def obstacle(self) -> str:
        """Why no login was shown where the device asks for one."""
        return self._authentication.obstacle

    async def open(self, port: int) -> None:
        self._connection = await self._talk.connect(port, "onvif")
        self._reader = ResponseReader()
        self._port = port
        self._home = self._home or port
        self._unused = True

    async def put(
        self, key: str, read: Read[Value], path: str = soap.DEVICE_PATH, port: int | None = None, token: str = ""
    ) -> Value:
        """Put a question in the way that the device wants: openly until it asks for a login, with ours from then on.

        Raises LoginNeeded where we have none to show, and as ``ask`` and ``ask_as_user``.
        """
        if self.scheme in ("", "open"):
            try:
                return await self.ask(key, read, path, port, token)
            except LoginNeeded as needed:
                if needed.scheme == "basic" or self._talk.device.credential is None or not self._talk.may_log_in:
                    raise
                self.scheme = needed.scheme
        return await self.ask_as_user(key, read, self.scheme, path, port, token)

    async def ask(
        self, key: str, read: Read[Value], path: str = soap.DEVICE_PATH, port: int | None = None, token: str = ""
    ) -> Value:
        """Put a question without credentials and return what its reply says.

        Raises LoginNeeded where the device wants one, soap.Fault for any other fault, Judged, ProbeError, WireError.
        """
        response = await self._exchange(key, path, port, soap.envelope(key, token=token), "")
        if response.status in (401, 403) or _fault_refuses(response):
            raise LoginNeeded(self._scheme_of(response))
        return _said(response, key, read)

    async def ask_as_user(
        self,
        key: str,
        read: Read[Value],
        scheme: str,
        path: str = soap.DEVICE_PATH,
        port: int | None = None,
        token: str = "",
    ) -> Value:
        """Put a question with our login. Raises LoginRefused, soap.Fault, Judged, ProbeError, WireError, OSError.

        A device that answers before our login was shown has neither accepted nor refused it.
        """
        if self._refused:
            raise LoginRefused  # what was refused once is not shown again
        try:
            if scheme == "token":
                body = soap.envelope(key, self._token(), token)
                response = await self._exchange(key, path, port, body, "")
            else:
                response = await self._with_digest(key, path, port, token)
            if self._showed_login and (response.status in (401, 403) or _fault_refuses(response)):
                self._refused = True
                self._talk.login_read()
                self._talk.login_refused(_refusal(response))
                raise LoginRefused
            said = _said(response, key, read)
        except OverBudget:
            raise
        except (soap.Fault, ProbeError, WireError, OSError):
            self._unread()
            raise
        if self._showed_login:
            if scheme == "token":
                self._authentication.took_token()
            self._talk.login_read()
            self._talk.login_accepted()
        return said

    def _unread(self) -> None:
        """A login that got no answer about it may have been wrong: it is not shown again and again."""
        if self._showed_login:
            self._talk.login_unread()

    def _token(self) -> str:
        """Return the header with a WS-UsernameToken. Raises Judged where none may be shown."""
        credential = self._talk.device.credential
        assert credential is not None
        self._authentication.check_token()
        nonce = os.urandom(16)
        created = _whole_seconds(self._talk.clocks.wall() + self._talk.token_offset_s)
        digest = username_token(credential.password.reveal(), nonce, created)
        self._talk.veil.hide(digest)
        return soap.username_header(credential.username, digest, base64.b64encode(nonce).decode(), created)

    async def _with_digest(self, key: str, path: str, port: int | None, token: str) -> Response:
        """Answer the challenge of the reply before, or fetch one; a nonce that the device calls stale is no refusal."""
        body = soap.envelope(key, token=token)
        if not self._authentication.ready:
            response = await self._exchange(key, path, port, body, "")
            if response.status != 401:
                return response
        response = await self._exchange(key, path, port, body, self._authentication.proof("POST", path))
        if response.status == 401 and self._authentication.renewed:
            response = await self._exchange(key, path, port, body, self._authentication.proof("POST", path))
        return response

    async def _exchange(self, key: str, path: str, port: int | None, body: bytes, proof: str) -> Response:
        """Send one request and return its response, whatever it says.

        A server may close a connection after any response without a word, just as we send the next request (RFC 9112
        §9.3.1): that one is sent again over a connection of its own.
        """
        port = port or self._port
        headers = [("Content-Type", soap.content_type(key))]
        if proof:
            headers.append(("Authorization", proof))
        message = request("POST", path, self._authority(port), headers, body)
        self._showed_login = bool(proof) or b"<Password " in body
        if self._connection is None or self._connection.ended or port != self._port:
            await self._connect(port)
        fresh = self._unused
        try:
            response = await self._converse(message)
        except (PeerClosed, ConnectionError):
            if fresh or self._reader.touched:
                raise
            self._unread()
            await self._reopen(self._port)
            response = await self._converse(message)
        self._authentication.hear(response.status, response.headers)
        if response.closes and self._connection is not None:
            await self._connection.close()
            self._connection = None
        return response

    def _authority(self, port: int) -> str:
        device = self._talk.device
        name = f"[{device.host}]" if ":" in device.host else device.host
        return name if port == usual_port("onvif", device.tls) else f"{name}:{port}"

    async def _connect(self, port: int) -> None:
        """Open a connection to this port, or to the one that answered before.

        A port that a device named for a service, and that leads nowhere, is given up.
        """
        try:
            await self._reopen(port)
        except (ProbeError, OSError):
            if port == self._home:
                raise
            await self._reopen(self._home)

    async def _reopen(self, port: int) -> None:
        if self._connection is not None:
            await self._connection.close()
        await self.open(port)

    def _converse(self, message: bytes) -> Awaitable[Response]:
        """Send a request, and return what its response is waited for by."""
        assert self._connection is not None
        self._talk.spend()
        self._unused = False
        self._connection.send(message)
        return self._connection.receive(self._reader, self._talk.deadlines.reply_s)

    def _scheme_of(self, response: Response) -> str:
        """Return how a device that refused a question without login wants one (ONVIF Core §5.9.3)."""
        if self._authentication.ready:
            return "digest"
        if self._authentication.challenged and response.status == 401 and not _fault_refuses(response):
            return "basic"
        return "token"


def _whole_seconds(moment: float) -> str:
    """Return a time as WS-Security wants it; a device's absurd clock is not carried beyond what a date can say."""
    bounded = min(max(moment, 0.0), 253402300799.0)
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(bounded))


def _fault_refuses(response: Response) -> bool:
    """Whether the reply is a fault that means "not authorised", whatever its HTTP status."""
    fault = _fault(response)
    return fault is not None and fault.refuses_login


def _fault(response: Response) -> soap.Fault | None:
    if b"ault" not in response.body:
        return None
    try:
        soap.parse(response.body)
    except soap.Fault as fault:
        return fault
    except ProtocolError:
        pass
    return None


def _refusal(response: Response) -> str:
    fault = _fault(response)
    return str(fault) if fault else f"HTTP {response.status} {response.reason}".strip()


def _said(response: Response, key: str, read: Read[Value]) -> Value:
    """Return what the reply says, or raise what its status or its fault means."""
    if 300 <= response.status < 400:
        raise Judged(Reason.REDIRECT, f"HTTP {response.status} to {response.headers.first('location')[:100]!r}")
    try:
        return read(response.body, key)
    except ProtocolError:
        if response.status < 400:
            raise
    reason = STATUS_REASONS.get(response.status, Reason.SERVER_ERROR if response.status >= 500 else Reason.PROTOCOL)
    outcome = Outcome.UNSEEN if reason is Reason.BUSY else Outcome.FAIL
    raise Judged(reason, f"HTTP {response.status} {response.reason}".strip(), outcome)
