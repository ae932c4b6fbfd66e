"""For machines that watch the monitor: ``/healthz``, ``/readyz`` and ``/metrics``."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from aiohttp import web

from monitor.core.snapshot import Snapshot
from monitor.web.compression import Compression
from monitor.web.sources import SOURCES, Metrics

#: A snapshot older than this says that the monitor's heart stands still.
STALE_S = 15.0
#: Scrapes answered at once, and how long one may take to fetch the text.
MOST_SCRAPES = 16
SCRAPE_S = 30.0
#: The loop gets its turn after this much rendering; a busy one takes some tens of milliseconds with each.
TURN_S = 0.02


async def healthz(request: web.Request) -> web.Response:
    """Answer: the loop turns."""
    return web.Response(text="ok\n")


async def readyz(request: web.Request) -> web.Response:
    """Answer whether the monitor watches and records, otherwise what keeps it from that."""
    sources = request.app[SOURCES]
    obstacle = sources.health()
    if sources.feed.snapshot is None:
        obstacle = "No snapshot yet: the monitor has just started."
    elif sources.feed.age_s() > STALE_S:
        obstacle = f"The newest snapshot is {sources.feed.age_s():.0f} s old."
    if obstacle:
        return web.Response(status=503, text=f"{obstacle}\n")
    return web.Response(text="ready\n")


class Exposition:
    """The text of ``/metrics``, rendered once a snapshot however many scrape it, and never for long at a time."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._lock = asyncio.Lock()
        self._of: Snapshot | None = None
        self._plain: Sequence[bytes] = ()
        self._packed: bytes | None = None
        self._compression = Compression()
        self._scrapes = 0

    async def serve(self, request: web.Request) -> web.StreamResponse:
        sources = request.app[SOURCES]
        snapshot = sources.feed.snapshot
        if snapshot is None:
            raise web.HTTPServiceUnavailable(text="The monitor has just started; nothing is known yet.")
        if self._scrapes >= MOST_SCRAPES:
            raise web.HTTPServiceUnavailable(text="Too many scrapes at once.", headers={"Retry-After": "5"})
        self._scrapes += 1
        try:
            packed = "gzip" in request.headers.get("Accept-Encoding", "")
            chunks = await (self.packed(snapshot) if packed else self.plain(snapshot))
            return await _stream(request, chunks, sources.metrics_type, packed)
        finally:
            self._scrapes -= 1

    async def plain(self, snapshot: Snapshot) -> Sequence[bytes]:
        """Return the text in pieces."""
        async with self._lock:
            return await self._render(snapshot)

    async def packed(self, snapshot: Snapshot) -> Sequence[bytes]:
        """Return the text compressed, which happens off the loop."""
        async with self._lock:
            chunks = await self._render(snapshot)
            if self._packed is None:
                self._packed = await asyncio.to_thread(self._compression.packed, chunks)
            return (self._packed,)

    async def _render(self, snapshot: Snapshot) -> Sequence[bytes]:
        if self._of is not snapshot:
            chunks: list[bytes] = []
            turn = time.perf_counter()
            for chunk in self._metrics(snapshot):
                chunks.append(chunk)
                if time.perf_counter() - turn > TURN_S:
                    await asyncio.sleep(0)
                    turn = time.perf_counter()
            self._of, self._plain, self._packed = snapshot, chunks, None
        return self._plain


async def _stream(request: web.Request, chunks: Sequence[bytes], type_: str, packed: bool) -> web.StreamResponse:
    """Send the pieces; a scraper that does not take them in time is left."""
    response = web.StreamResponse(headers={"Content-Type": type_, "Vary": "Accept-Encoding"})
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.content_length = sum(map(len, chunks))
    await response.prepare(request)
    try:
        async with asyncio.timeout(SCRAPE_S):
            for chunk in chunks:
                await response.write(chunk)
            await response.write_eof()
    except (TimeoutError, ConnectionError):
        if request.transport is not None:
            request.transport.abort()
    return response
