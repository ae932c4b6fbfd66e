"""RTP over UDP (RFC 3550 §11), for servers that send video in no other way: an even port and the next one, bounded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

from monitor.core.verdict import Outcome, Reason
from monitor.probes.connection import Connection
from monitor.probes.errors import Judged

#: Pairs of ports that are tried before it is given up.
MOST_PAIRS = 16
#: Datagrams that are taken in; after these a flood falls on deaf ears.
MOST_DATAGRAMS = 10_000


class Ports(NamedTuple):
    rtp: int
    rtcp: int


class _Receiver(asyncio.DatagramProtocol):
    """Hands on what the device sends, and nobody else."""

    def __init__(self, peer: str, take: Callable[[bytes], object]) -> None:
        self._peer = peer
        self._take = take
        self._count = 0

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._count += 1
        if addr[0] == self._peer and self._count <= MOST_DATAGRAMS:
            self._take(data)


@asynccontextmanager
async def bound(connection: Connection, take: Callable[[bytes], object]) -> AsyncIterator[Ports]:
    """Listen on a pair of ports at this end of a connection, for what its peer sends. Raises PeerClosed, Judged."""
    here, peer = connection.hosts
    loop = asyncio.get_running_loop()
    for _ in range(MOST_PAIRS):
        rtp, _ = await loop.create_datagram_endpoint(lambda: _Receiver(peer, take), (here, 0))
        port = rtp.get_extra_info("sockname")[1]
        try:
            rtcp, _ = await _next_to(here, port)
        except OSError:
            rtp.close()
            continue
        try:
            yield Ports(port, port + 1)
        finally:
            rtp.close()
            rtcp.close()
        return
    raise Judged(Reason.ABORTED, "no pair of ports is free for video over UDP", Outcome.UNSEEN)


async def _next_to(here: str, port: int) -> tuple[asyncio.DatagramTransport, asyncio.DatagramProtocol]:
    """Listen on the port behind an even one, for reports that nobody reads. Raises OSError where that cannot be."""
    if port % 2 or port >= 65535:
        raise OSError("no even port")
    loop = asyncio.get_running_loop()
    return await loop.create_datagram_endpoint(asyncio.DatagramProtocol, (here, port + 1))
