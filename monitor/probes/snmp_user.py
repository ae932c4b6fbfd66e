"""SNMP v3 (RFC 3414): gufo-snmp proves the user and keeps what is said private; the datagrams go through our hands.

gufo-snmp's socket is put onto one end of a pair of our own, so that nothing reaches it from the network unread: it
writes a backtrace for bytes that it did not expect, and it would go on to the next datagram by itself.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

from gufo.snmp import SnmpAuthError
from gufo.snmp._fast import GetIter, SnmpV3ClientSocket
from gufo.snmp.user import (
    Aes128Key,
    Aes192Key,
    Aes256Key,
    DesKey,
    KeyType,
    Md5Key,
    Sha1Key,
    Sha224Key,
    Sha256Key,
    Sha384Key,
    Sha512Key,
    User,
)

from monitor.core.model import Secret, SnmpAccess
from monitor.core.verdict import Reason
from monitor.probes.errors import Judged
from monitor.probes.snmp_session import connected, exchange
from monitor.wire import snmp, usm
from monitor.wire.snmp import Scalar

#: Where gufo-snmp's own socket would send to; it is replaced before it can.
NOWHERE = "127.0.0.1:9"

SILENT = "the agent is silent to what is encrypted: wrong privacy_password or privacy algorithm"

T = TypeVar("T")
#: What to send and what to make of the answer, given an engine.
Question = Callable[[SnmpV3ClientSocket], tuple[Callable[[], None], Callable[[], T]]]
AUTH_KEYS = {
    "md5": Md5Key,
    "sha1": Sha1Key,
    "sha224": Sha224Key,
    "sha256": Sha256Key,
    "sha384": Sha384Key,
    "sha512": Sha512Key,
}
PRIVACY_KEYS = {"des": DesKey, "aes128": Aes128Key, "aes192": Aes192Key, "aes256": Aes256Key}


class Restarted(Exception):
    """The agent's engine is not as we knew it: another id, or a time outside its window."""


class UserSession:
    """One conversation: the engine's id and time are learnt by its first question, and once more if they changed."""

    def __init__(self, address: str, port: int, access: SnmpAccess, reply_s: float) -> None:
        self.engine = b""
        self._reply_s = reply_s
        self._user = _user(access)
        self._engine: SnmpV3ClientSocket | None = None
        self._walk: GetIter | None = None
        self._met = False
        self._understood = False
        self._ours, self._its = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            self._ours.setblocking(False)
            self._its.setblocking(False)
            self._socket = connected(address, port)
        except OSError:
            self._ours.close()
            self._its.close()
            raise

    def close(self) -> None:
        """End the conversation; gufo-snmp closes its end with the last reference to it."""
        self._engine = None
        for one in (self._socket, self._ours, self._its):
            one.close()

    async def get(self, oids: Sequence[str]) -> Mapping[str, Scalar]:
        def question(engine: SnmpV3ClientSocket) -> tuple[Callable[[], None], Callable[[], Mapping[str, Scalar]]]:
            return (lambda: engine.send_get_many(list(oids))), engine.recv_get_many

        return await self._ask(question)

    async def next(self, oid: str, root: str) -> tuple[str, Scalar] | None:
        if self._walk is None or oid == root:
            self._walk = GetIter(root)
        place = self._walk

        def question(engine: SnmpV3ClientSocket) -> tuple[Callable[[], None], Callable[[], tuple[str, Scalar]]]:
            return (lambda: engine.send_get_next(place)), (lambda: engine.recv_get_next(place))

        try:
            return await self._ask(question)
        except StopAsyncIteration:
            return None

    async def _ask(self, question: Question[T]) -> T:
        """Ask, and once more of an engine that restarted in between (RFC 3414 §3.2, usmStatsNotInTimeWindows)."""
        try:
            return await self._asked(question)
        except Restarted:
            self._engine = None
        try:
            return await self._asked(question)
        except Restarted as error:
            raise Judged(Reason.PROTOCOL, f"{error}, again and again") from None

    async def _asked(self, question: Question[T]) -> T:
        try:
            found = await self._exchange(*question(self._engine or await self._discovered()))
        except TimeoutError:
            if self._understood or not self._met or not self._user.get_priv_alg():
                raise
            # Who cannot decrypt is silent as a rule, though RFC 3414 §3.2 (8b) wants a report.
            raise Judged(Reason.CREDENTIALS, SILENT) from None
        except SnmpAuthError:
            raise Judged(Reason.CREDENTIALS, "the agent does not let this user read: authorization error") from None
        self._understood = True
        return found

    async def _discovered(self) -> SnmpV3ClientSocket:
        """Learn the engine's id, and with the user's key its time (RFC 3414 §4)."""
        nobody = User.default()
        engine = SnmpV3ClientSocket(NOWHERE, b"", *_keys(nobody), 0, 0, 0, 0)
        os.dup2(self._its.fileno(), engine.get_fd(), inheritable=False)
        await self._exchange(engine.send_refresh, engine.recv_refresh, discovering=True)
        self._met = True
        engine.set_keys(*_keys(self._user))
        if self._user.require_auth():
            await self._exchange(engine.send_refresh, engine.recv_refresh, discovering=True)
        self._engine = engine
        return engine

    async def _exchange(self, send: Callable[[], None], receive: Callable[[], T], discovering: bool = False) -> T:
        """Carry one message out and its answer in. Raises Restarted, Judged, TimeoutError, WireError, SnmpError."""
        send()
        request = self._ours.recv(snmp.MOST_DATAGRAM_BYTES)
        sent = usm.message(request)

        def read(data: bytes) -> bytes | None:
            message = usm.message(data)
            is_report = message.pdu is not None and message.pdu.kind == snmp.REPORT
            if message.id != sent.id or (message.security != sent.security and not is_report):
                return None
            _refuse(message, discovering)
            self.engine = message.engine
            return data

        self._ours.send(await exchange(self._socket, request, self._reply_s, read))
        try:
            return receive()
        except BlockingIOError:
            raise Judged(Reason.PROTOCOL, "an answer that belongs to another question") from None
        except (ValueError, RuntimeError) as error:
            raise Judged(Reason.PROTOCOL, f"a value that cannot be read: {error}") from None
        except Exception:
            raise
        except BaseException as error:
            if type(error).__name__ == "PanicException":  # what was encrypted, by a device that has our key
                raise Judged(Reason.PROTOCOL, "an encrypted message that cannot be read") from None
            raise


def _refuse(message: usm.Message, discovering: bool) -> None:
    """Raise what an engine's report means; while its id and time are learnt, a report is how it tells them."""
    stat = usm.stat(message.pdu) if message.pdu else None
    if stat is None:
        return
    if stat.login:
        raise Judged(Reason.CREDENTIALS, stat.words)
    if not discovering:
        raise Restarted(stat.words)


def _keys(user: User) -> tuple[str, int, bytes, int, bytes]:
    return (
        user.name, user.get_auth_alg(), user.get_auth_key(), user.get_priv_alg(), user.get_priv_key(),
    )  # fmt: skip


def _user(access: SnmpAccess) -> User:
    auth = AUTH_KEYS[access.auth] if access.auth else None
    privacy = PRIVACY_KEYS[access.privacy] if access.privacy else None
    return User(
        access.username,
        auth_key=auth(_master(access.auth, access.auth_password), KeyType.Master) if auth and access.auth else None,
        priv_key=privacy(_master(access.auth, access.privacy_password), KeyType.Master)
        if privacy and access.auth
        else None,
    )


def _master(auth: str, password: Secret | None) -> bytes:
    return _master_key(auth, password.reveal() if password else "")


@lru_cache(maxsize=256)
def _master_key(auth: str, password: str) -> bytes:
    """Return a password's key (RFC 3414 A.2): a hash over a megabyte, the same for every device of a credential."""
    return AUTH_KEYS[auth].get_master_key(password.encode())
