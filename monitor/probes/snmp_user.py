"""SNMP v3 (RFC 3414): a user's keys prove who asks, and keep what is said private where there is a second one."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from functools import lru_cache

from monitor.core.model import Secret, SnmpAccess
from monitor.core.verdict import Reason
from monitor.probes.errors import Judged
from monitor.probes.snmp_session import AUTHORIZATION_ERROR, Session
from monitor.probes.snmp_socket import Way
from monitor.wire import snmp, usm, usm_keys
from monitor.wire.errors import WireError
from monitor.wire.snmp import Pdu
from monitor.wire.usm import Engine, Message
from monitor.wire.usm_keys import Keys

#: How often a question is put to an engine that has another id, or another time, each time.
MOST_ATTEMPTS = 3
SILENT = "the agent is silent to what is encrypted: wrong privacy_password or privacy algorithm"


class UserSession(Session):
    """One conversation: the engine's id and time are learnt before its first question, and again where they changed."""

    def __init__(self, way: Way, reply_s: float, access: SnmpAccess) -> None:
        super().__init__(way, reply_s)
        self._access = access
        self._known = Engine()
        self._keys = Keys()
        self._salt = secrets.randbits(64)
        self._understood = False

    async def _ask(self, kind: int, oids: Sequence[str]) -> Pdu:
        """Ask, and again of an engine that restarted in between (RFC 3414 §3.2, usmStatsNotInTimeWindows)."""
        if not self._known.id:
            self._meet((await self._exchange(b"", snmp.GET, ()))[0].engine)
        words = ""
        for _ in range(MOST_ATTEMPTS):
            message, pdu = await self._asked(kind, oids)
            stat = usm.stat(pdu)
            if stat is None:
                self._understood = True
                self.engine = message.engine.id
                return pdu
            words = stat.words
            self._meet(message.engine)
        raise Judged(Reason.PROTOCOL, f"{words}, again and again")

    def _meet(self, engine: Engine) -> None:
        """Take an engine as it tells of itself (RFC 3414 §4): who lies about it proves no answer to what follows."""
        if not engine.id:
            raise Judged(Reason.PROTOCOL, "the agent tells no id of its engine")
        access = self._access
        if engine.id != self._known.id and access.auth:
            auth = _master(access.auth, access.auth_password)
            privacy = _master(access.auth, access.privacy_password)
            self._keys = usm_keys.keys(access.auth, auth, access.privacy or "", privacy, engine.id)
        self._known = engine

    async def _asked(self, kind: int, oids: Sequence[str]) -> tuple[Message, Pdu]:
        try:
            message, pdu = await self._exchange(self._access.username.encode(), kind, oids)
        except TimeoutError:
            if self._understood or not self._keys.privacy:
                raise
            # Who cannot decrypt is silent as a rule, though RFC 3414 §3.2 (8b) wants a report.
            raise Judged(Reason.CREDENTIALS, SILENT) from None
        if pdu.kind == snmp.RESPONSE and pdu.status == AUTHORIZATION_ERROR:
            raise Judged(Reason.CREDENTIALS, "the agent does not let this user read: authorization error")
        return message, pdu

    async def _exchange(self, user: bytes, kind: int, oids: Sequence[str]) -> tuple[Message, Pdu]:
        """Put one question; return the answer, or the engine's report.

        Raises Judged, TimeoutError, WireError, OSError.
        """
        id_, keys = secrets.randbits(31), self._keys
        self._salt = (self._salt + 1) % 2**64
        salt = self._salt.to_bytes(usm_keys.SALT_BYTES, "big")
        request = usm.request(id_, self._known, user, keys, kind, oids, salt)

        def read(data: bytes) -> tuple[Message, Pdu] | None:
            message = usm.message(data)
            if message.id != id_ or (message.security and not usm.proven(data, message, keys)):
                return None
            pdu = _said(message, keys)
            is_answer = (message.security, pdu.kind, pdu.id) == (keys.security, snmp.RESPONSE, id_)
            return (message, pdu) if is_answer or pdu.kind == snmp.REPORT else None

        message, pdu = await self._way.ask(request, self._reply_s, read)
        stat = usm.stat(pdu)
        if stat is not None and stat.login:
            raise Judged(Reason.CREDENTIALS, stat.words)
        return message, pdu


def _said(message: Message, keys: Keys) -> Pdu:
    """Return what a message says. Raises WireError; Judged where the agent itself encrypted what cannot be read."""
    try:
        return usm.said(message, keys)
    except WireError as error:
        raise Judged(Reason.PROTOCOL, f"an encrypted message that cannot be read: {error}") from None


def _master(auth: str, password: Secret | None) -> bytes:
    return _master_key(auth, password.reveal()) if password else b""


@lru_cache(maxsize=256)
def _master_key(auth: str, password: str) -> bytes:
    """Return a password's key: a hash over a megabyte, the same for every device of a credential."""
    return usm_keys.master(auth, password.encode())
