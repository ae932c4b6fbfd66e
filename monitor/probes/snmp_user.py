"""SNMP v3: a conversation by gufo-snmp, which proves a user's keys and keeps what is said private (RFC 3414)."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from gufo.snmp import SnmpVersion
from gufo.snmp.aio.client import SnmpSession
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
from monitor.wire.snmp import Scalar

#: How often a request that has run out of time is cancelled, and how long each time is waited for its end.
MOST_CANCELLATIONS = 20
CANCELLATION_S = 0.02

T = TypeVar("T")
AUTH_KEYS = {
    "md5": Md5Key,
    "sha1": Sha1Key,
    "sha224": Sha224Key,
    "sha256": Sha256Key,
    "sha384": Sha384Key,
    "sha512": Sha512Key,
}
PRIVACY_KEYS = {"des": DesKey, "aes128": Aes128Key, "aes192": Aes192Key, "aes256": Aes256Key}


class UserSession:
    """A session of gufo-snmp, its deadlines made to hold and its panics made an answer."""

    def __init__(self, address: str, port: int, access: SnmpAccess, reply_s: float) -> None:
        self._reply_s = reply_s
        self._begun = False
        self._session = SnmpSession(
            addr=address, port=port, version=SnmpVersion.v3, user=_user(access), timeout=reply_s
        )

    def close(self) -> None:
        """gufo-snmp closes its socket with the last reference to it."""
        del self._session

    async def get(self, oids: Sequence[str]) -> Mapping[str, Scalar]:
        await self._begin()
        values: Mapping[str, Scalar] = await self._within(self._session.get_many(oids))
        return values

    async def next(self, oid: str) -> tuple[str, Scalar] | None:
        await self._begin()
        return await self._within(_first(self._session, oid))

    async def _begin(self) -> None:
        """Learn the engine's id and time."""
        if not self._begun:
            await self._within(self._session.refresh())
            self._begun = True

    async def _within(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what a request brings, within a limit that holds under a flood too. Raises TimeoutError.

        gufo-snmp's own limit begins anew with each stray datagram, and its ``wait_for`` may swallow a cancellation
        that comes together with one: so the request is cancelled until it has ended.
        """
        request = asyncio.ensure_future(work)
        try:
            await asyncio.wait({request}, timeout=self._reply_s)
        finally:
            for _ in range(MOST_CANCELLATIONS):
                if request.done():
                    break
                request.cancel()
                await asyncio.wait({request}, timeout=CANCELLATION_S)
        if request.cancelled() or not request.done():
            raise TimeoutError
        try:
            return request.result()
        except BaseException as error:
            if type(error).__name__ == "PanicException":  # gufo-snmp's own word for bytes that it did not expect
                raise Judged(Reason.PROTOCOL, "a datagram that cannot be read") from None
            raise
        finally:
            del request  # an error holds this frame by its traceback; together they would keep the socket open


async def _first(session: SnmpSession, oid: str) -> tuple[str, Scalar] | None:
    found: tuple[str, Scalar] | None = await anext(session.getnext(oid), None)
    return found


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
