"""A conversation with an SNMP agent: questions to values, over whichever version it speaks.

What arrives is read by ``monitor.wire.snmp`` alone before anything else touches it. A datagram that answers nothing of
ours is left aside and the wait goes on, so that a forged one cannot fail a device; only so many, and only so long.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from monitor.core.verdict import Reason
from monitor.probes.errors import Judged
from monitor.probes.limit import Limit
from monitor.wire import snmp
from monitor.wire.errors import WireError
from monitor.wire.snmp import Pdu, Scalar

#: Datagrams without an answer that one question bears: enough for a network that doubles and delays them.
MOST_STRAYS = 32
#: Objects that an agent may refuse one by one (v1 fails a whole GET for each) before the question is given up.
MOST_REFUSED = 8
AUTHORIZATION_ERROR = 16

T = TypeVar("T")


def connected(address: str, port: int) -> socket.socket:
    """Return a UDP socket to one peer: what others send never reaches it, and a closed port is told."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.connect((address, port))
    except OSError:
        sock.close()
        raise
    return sock


async def exchange(sock: socket.socket, request: bytes, reply_s: float, read: Callable[[bytes], T | None]) -> T:
    """Send a request and return what ``read`` makes of its answer; None from it means: no answer of ours, wait on.

    Raises TimeoutError; Judged or WireError where nothing came but what is none.
    """
    loop = asyncio.get_running_loop()
    garbage: WireError | None = None
    sock.send(request)  # a datagram waits for nobody: it is on its way, or lost
    try:
        with Limit(reply_s):
            for _ in range(MOST_STRAYS):
                try:
                    found = read(await loop.sock_recv(sock, snmp.MOST_DATAGRAM_BYTES))
                except WireError as error:
                    garbage = error
                else:
                    if found is not None:
                        return found
    except TimeoutError as error:
        raise (garbage or error) from None
    finally:
        garbage = None  # an error holds this frame by its traceback; together they would keep a socket open
    raise Judged(Reason.PROTOCOL, f"{MOST_STRAYS} datagrams came, and none of them answers")


class Session(ABC):
    """What the probe needs of an agent, whatever proves who asks.

    All of it raises TimeoutError, Judged, WireError, OSError.
    """

    engine = b""
    """The id of the agent's engine, where the version tells it with every answer."""

    def __init__(self, address: str, port: int, reply_s: float) -> None:
        self._reply_s = reply_s
        self._socket = connected(address, port)

    def close(self) -> None:
        """End the conversation."""
        self._socket.close()

    async def get(self, oids: Sequence[str]) -> Mapping[str, Scalar]:
        """Return the values of these objects; what the agent does not have is left out or None.

        All are asked for at once, and again without one that makes the agent refuse the rest (RFC 1157 §4.1.2), or half
        of them at a time where its reply has no room for all.
        """
        left = list(oids)
        for _ in range(MOST_REFUSED):
            pdu = await self._ask(snmp.GET, left)
            if pdu.status == snmp.NO_ERROR:
                return dict(pdu.bindings)
            if pdu.status == snmp.TOO_BIG and (half := len(left) // 2):
                return {**await self.get(left[:half]), **await self.get(left[half:])}
            if not 1 <= pdu.culprit <= len(left):
                break
            del left[pdu.culprit - 1]
            if not left:
                return {}
        raise Judged(Reason.PROTOCOL, f"the agent refuses: {_words(pdu)}")

    async def next(self, oids: Sequence[str]) -> Mapping[str, tuple[str, Scalar] | None]:
        """Return the object behind each of these, by their names; None behind the last.

        What the agent says nothing of is left out, all of them where it answers fewer at a time only.
        """
        pdu = await self._ask(snmp.GETNEXT, oids)
        if pdu.status == snmp.NO_ERROR and pdu.bindings:
            return dict(zip(oids, pdu.bindings, strict=False))
        if pdu.status != snmp.NO_ERROR and len(oids) > 1:
            return {oids[pdu.culprit - 1]: None} if 1 <= pdu.culprit <= len(oids) else {}
        return {oids[0]: None}

    @abstractmethod
    async def _ask(self, kind: int, oids: Sequence[str]) -> Pdu:
        """Return the response to one question."""


class CommunitySession(Session):
    """SNMP v1 and v2c: a community, and no more, proves who asks."""

    def __init__(self, address: str, port: int, version: str, community: str, reply_s: float) -> None:
        super().__init__(address, port, reply_s)
        self._version = version
        self._community = community.encode()

    async def _ask(self, kind: int, oids: Sequence[str]) -> Pdu:
        id_ = secrets.randbits(31)
        read = partial(snmp.answer, version=self._version, community=self._community, id_=id_)
        request = snmp.request(self._version, self._community, kind, id_, oids)
        pdu = await exchange(self._socket, request, self._reply_s, read)
        if pdu.status == AUTHORIZATION_ERROR:
            raise Judged(Reason.CREDENTIALS, "the agent refuses the community: authorization error")
        return pdu


def _words(pdu: Pdu) -> str:
    known = 0 <= pdu.status < len(snmp.STATUSES)
    return snmp.STATUSES[pdu.status] if known else f"error status {pdu.status}"
