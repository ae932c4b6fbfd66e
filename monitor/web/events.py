"""Server-sent events: the whole state at the beginning, then once a second what is new (WHATWG HTML §9.2)."""

from __future__ import annotations

import asyncio

from aiohttp import web

from monitor.web.feed import Feed, Frame, TooManyReaders, dumps
from monitor.web.sources import SOURCES, Health

#: Without news a page hears this often that we are alive, and how old its data is.
PULSE_S = 2.0
#: A reader who does not take what it was sent within this long is dropped.
PATIENCE_S = 10.0
#: What waits to be sent to one reader, in bytes, before its writer waits.
HIGH_WATER_BYTES = 65536


async def events(request: web.Request) -> web.StreamResponse:
    """Answer with events until the reader leaves, is too slow, or the server ends."""
    sources = request.app[SOURCES]
    response = web.StreamResponse(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
    response.content_type = "text/event-stream"
    try:
        with sources.feed.reading():
            await response.prepare(request)
            if request.transport is not None:
                request.transport.set_write_buffer_limits(high=HIGH_WATER_BYTES)
            await _tell(response, sources.feed, sources.trouble)
    except TooManyReaders:
        raise web.HTTPServiceUnavailable(
            text="As many live pages are open as this server keeps.", headers={"Retry-After": "30"}
        ) from None
    return response


async def _tell(response: web.StreamResponse, feed: Feed, health: Health) -> None:
    """Write events; a reader that is gone or too slow ends this, which is no error of ours."""
    seen: Frame | None = None
    while not feed.closed:
        frame = await feed.next(seen.number if seen else 0, PULSE_S)
        text = _pulse(feed, health) if frame is None else _news(feed, frame, seen, health)
        try:
            await asyncio.wait_for(response.write(text), PATIENCE_S)
        except (TimeoutError, ConnectionError):
            return
        seen = frame or seen


def _news(feed: Feed, frame: Frame, seen: Frame | None, health: Health) -> bytes:
    follows = seen is not None and frame.number == seen.number + 1
    if follows and frame.change is not None:
        told = _event("change", frame.change)
    else:
        told = _event("whole", feed.whole(frame))
    return told + _pulse(feed, health)


def _pulse(feed: Feed, health: Health) -> bytes:
    """Return how old the data is, and what troubles the monitor itself."""
    return _event("pulse", dumps({"age_s": round(feed.age_s(), 3), "trouble": health()}))


def _event(name: str, data: bytes) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + data + b"\n\n"
