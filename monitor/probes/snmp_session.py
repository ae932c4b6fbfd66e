"""A conversation with an SNMP agent: questions to values, over whichever version it speaks.

What arrives is read by ``monitor.wire.snmp`` alone before anything else touches it.
"""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import partial

from monitor.core.verdict import Reason
from monitor.probes.errors import Judged
from monitor.probes.snmp_socket import Way
from monitor.wire import snmp
from monitor.wire.snmp import Pdu, Scalar

#: Objects that an agent may refuse one by one (v1 fails a whole GET for each) before the question is given up.
MOST_REFUSED = 8
AUTHORIZATION_ERROR = 16


class Session(ABC):
    """What the probe needs of an agent, whatever proves who asks.

    All of it raises TimeoutError, Judged, WireError, OSError.
    """

    engine = b""
    """The id of the agent's engine, where the version tells it with every answer."""

    def __init__(self, way: Way, reply_s: float) -> None:
        self._way = way
        self._reply_s = reply_s

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

    def __init__(self, way: Way, reply_s: float, version: str, community: str) -> None:
        super().__init__(way, reply_s)
        self._version = version
        self._community = community.encode()

    async def _ask(self, kind: int, oids: Sequence[str]) -> Pdu:
        id_ = secrets.randbits(31)
        read = partial(snmp.answer, version=self._version, community=self._community, id_=id_)
        request = snmp.request(self._version, self._community, kind, id_, oids)
        pdu = await self._way.ask(request, self._reply_s, read)
        if pdu.status == AUTHORIZATION_ERROR:
            raise Judged(Reason.CREDENTIALS, "the agent refuses the community: authorization error")
        return pdu


def _words(pdu: Pdu) -> str:
    known = 0 <= pdu.status < len(snmp.STATUSES)
    return snmp.STATUSES[pdu.status] if known else f"error status {pdu.status}"
