"""A conversation with an SNMP agent: questions to values, over whichever version it speaks.

What arrives is read by ``monitor.wire.snmp`` alone before anything else touches it. A datagram that answers nothing of
ours is left aside and the wait goes on, so that a forged one cannot fail a device; only so many, and only so long.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Mapping, Sequence
from typing import Protocol

from monitor.core.verdict import Reason
from monitor.probes.errors import Judged
from monitor.wire import snmp
from monitor.wire.errors import WireError
from monitor.wire.snmp import Reply, Scalar

#: Datagrams without an answer that one question bears: enough for a network that doubles and delays them.
MOST_STRAYS = 32
#: Objects that an agent may refuse one by one (v1 fails a whole GET for each) before the question is given up.
MOST_REFUSED = 8
AUTHORIZATION_ERROR = 16


class Session(Protocol):
    """What the probe needs of an agent. Each raises TimeoutError, Judged, WireError, OSError, gufo's SnmpError."""

    async def get(self, oids: Sequence[str]) -> Mapping[str, Scalar]:
        """Return the values of these objects; what the agent does not have is left out or None."""

    async def next(self, oid: str) -> tuple[str, Scalar] | None:
        """Return the object behind this one; None at the end of what the agent has."""

    def close(self) -> None:
        """End the conversation."""


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


class CommunitySession:
    """SNMP v1 and v2c: a community, and no more, proves who asks."""

    def __init__(self, address: str, port: int, version: str, community: str, reply_s: float) -> None:
        self._version = version
        self._community = community.encode()
        self._reply_s = reply_s
        self._socket = connected(address, port)

    def close(self) -> None:
        self._socket.close()

    async def get(self, oids: Sequence[str]) -> Mapping[str, Scalar]:
        """Ask for all at once, and again without an object that makes the agent refuse the rest (RFC 1157 §4.1.2)."""
        left = list(oids)
        for _ in range(MOST_REFUSED):
            reply = await self._ask(snmp.GET, left)
            if reply.status == snmp.NO_ERROR:
                return dict(reply.bindings)
            _refuse_login(reply)
            if not 1 <= reply.culprit <= len(left):
                break
            del left[reply.culprit - 1]
            if not left:
                return {}
        raise Judged(Reason.PROTOCOL, f"the agent refuses: {_words(reply)}")

    async def next(self, oid: str) -> tuple[str, Scalar] | None:
        reply = await self._ask(snmp.GETNEXT, [oid])
        _refuse_login(reply)
        if reply.status != snmp.NO_ERROR or not reply.bindings:
            return None
        return reply.bindings[0]

    async def _ask(self, pdu: int, oids: Sequence[str]) -> Reply:
        id_ = secrets.randbits(31)
        request = snmp.request(self._version, self._community, pdu, id_, oids)
        await asyncio.get_running_loop().sock_sendall(self._socket, request)
        garbage: WireError | None = None
        try:
            async with asyncio.timeout(self._reply_s):
                for _ in range(MOST_STRAYS):
                    try:
                        reply = snmp.reply(await self._datagram())
                    except WireError as error:
                        garbage = error
                    else:
                        if reply[:3] == (snmp.VERSIONS[self._version], self._community, id_):
                            return reply
        except TimeoutError as error:
            raise (garbage or error) from None
        raise Judged(Reason.PROTOCOL, f"{MOST_STRAYS} datagrams came, and none of them answers")

    async def _datagram(self) -> bytes:
        return await asyncio.get_running_loop().sock_recv(self._socket, snmp.MOST_DATAGRAM_BYTES)


def _refuse_login(reply: Reply) -> None:
    if reply.status == AUTHORIZATION_ERROR:
        raise Judged(Reason.CREDENTIALS, "the agent refuses the community: authorization error")


def _words(reply: Reply) -> str:
    known = 0 <= reply.status < len(snmp.STATUSES)
    return snmp.STATUSES[reply.status] if known else f"error status {reply.status}"
