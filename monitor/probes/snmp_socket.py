"""A UDP socket of one's own for a conversation with an SNMP agent: what others send never reaches it.

A datagram that answers nothing of ours is left aside and the wait goes on, so that a forged one cannot fail a device;
only so many, and only so long.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Protocol, TypeVar

from monitor.core.verdict import Reason
from monitor.probes.errors import Judged
from monitor.probes.limit import Limit
from monitor.wire.errors import WireError
from monitor.wire.snmp import MOST_DATAGRAM_BYTES

#: Datagrams without an answer that one question bears: enough for a network that doubles and delays them.
MOST_STRAYS = 32
ONLY_STRAYS = f"{MOST_STRAYS} datagrams came, and none of them answers"

T = TypeVar("T")


class Way(Protocol):
    """How an agent is reached."""

    async def ask(self, request: bytes, reply_s: float, read: Callable[[bytes], T | None]) -> T:
        """Send a request and return what ``read`` makes of its answer; None from it means: no answer of ours, wait on.

        Raises TimeoutError, OSError; Judged or WireError where nothing came but what is none.
        """

    def close(self) -> None:
        """End the conversation."""


class OwnSocket:
    """A way for one conversation: a connected socket, which is told of a closed port."""

    def __init__(self, address: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            self._socket.setblocking(False)
            self._socket.connect((address, port))
        except OSError:
            self._socket.close()
            raise

    async def ask(self, request: bytes, reply_s: float, read: Callable[[bytes], T | None]) -> T:
        loop = asyncio.get_running_loop()
        garbage: WireError | None = None
        self._socket.send(request)  # a datagram waits for nobody: it is on its way, or lost
        try:
            with Limit(reply_s):
                for _ in range(MOST_STRAYS):
                    try:
                        found = read(await loop.sock_recv(self._socket, MOST_DATAGRAM_BYTES))
                    except WireError as error:
                        garbage = error
                    else:
                        if found is not None:
                            return found
        except TimeoutError as error:
            raise (garbage or error) from None
        finally:
            garbage = None  # an error holds this frame by its traceback; together they would keep a socket open
        raise Judged(Reason.PROTOCOL, ONLY_STRAYS)

    def close(self) -> None:
        self._socket.close()
