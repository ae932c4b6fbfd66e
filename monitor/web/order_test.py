"""A test of a work order's cameras, told line by line as a page that grows: no script is needed to watch it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from html import escape
from typing import Any

from aiohttp import web

from monitor.core.snapshot import Snapshot
from monitor.core.verdict import REASONS, Reason
from monitor.core.workorder.order import WorkOrder
from monitor.sheet.order_telling import OrderTelling
from monitor.web.order_card import to_test
from monitor.web.pages import PAGES
from monitor.web.probing import Look, Unavailable

#: A test ends after so long, whatever has answered until then.
LONGEST_S = 90.0


async def tested(
    request: web.Request, order: WorkOrder, snapshot: Snapshot, look: Look, telling: OrderTelling
) -> web.StreamResponse:
    """Ask some of an order's cameras, and write what happens as it does."""
    cameras = to_test(order, snapshot.fleet, snapshot)
    head, foot = request.app[PAGES].halves("order_test.html", telling=telling, order=order.id, back=_back(request))
    response = web.StreamResponse(headers={"Content-Type": "text/html; charset=utf-8"})
    await response.prepare(request)
    await response.write(head.encode())
    with suppress(TimeoutError):
        async with asyncio.timeout(LONGEST_S):
            async for line in _lines(cameras, snapshot, look, telling):
                await response.write(f"<li>{line}</li>\n".encode())
    await response.write(foot.encode())
    await response.write_eof()
    return response


def _back(request: web.Request) -> str:
    path = request.path.removesuffix("/test")
    return f"{path}?{request.query_string}" if request.query_string else path


async def _lines(cameras: list[str], snapshot: Snapshot, look: Look, telling: OrderTelling) -> AsyncIterator[str]:
    """Yield what is told of all of them, in the order in which it happens."""
    lines: asyncio.Queue[str | None] = asyncio.Queue()

    async def follow(camera: str) -> None:
        name = snapshot.inventory.cameras[camera].name or camera
        try:
            async for event in look(camera, False):
                if told := _told(event, telling):
                    lines.put_nowait(f"<b><bdi>{escape(name)}</bdi></b> {told}")
        except Unavailable as why:
            lines.put_nowait(escape(telling.say("order test busy", why=why)))

    async def all_of_them() -> None:
        await asyncio.gather(*(follow(camera) for camera in cameras))
        lines.put_nowait(None)

    following = asyncio.create_task(all_of_them())
    try:
        while (line := await lines.get()) is not None:
            yield line
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following


def _told(event: Mapping[str, Any], telling: OrderTelling) -> str:
    """Return what an event of a look says, escaped; "" for what concerns no technician."""
    match event["event"]:
        case "asking":
            return f'<span class="quiet"><bdi>{escape(event["probe"])}</bdi> …</span>'
        case "waiting":
            return f'<span class="quiet"><bdi>{escape(event["probe"])}</bdi> … {event["seconds"]:.0f} s</span>'
        case "answer":
            return " ".join(_finding(finding, telling) for finding in event["findings"])
        case "error":
            return escape(str(event["error"]))
    return ""


def _finding(finding: Mapping[str, Any], telling: OrderTelling) -> str:
    rung = f"<bdi>{escape(finding['rung'])}</bdi>"
    match finding["outcome"]:
        case "ok":
            return f'<span class="ok">✓ {rung}</span>'
        case "fail":
            reason = finding["reason"]
            title = REASONS[Reason(reason)].title if reason else ""
            return f'<span class="bad">✗ {rung} <bdi dir="ltr">{escape(title)}</bdi></span>'
    return f'<span class="quiet">– {rung}</span>'
