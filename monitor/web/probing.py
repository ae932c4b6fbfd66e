"""``POST /api/v1/cameras/ID/probe``: a camera asked now by the running monitor, so that its budgets and locks hold.

The answer is one JSON object a line, as it happens. Only operators may ask. What a page elsewhere could send without
the browser asking us first (a form, a text) is refused: the body is JSON, and the request comes from one of our pages
or from no page at all.
"""

from __future__ import annotations

import difflib
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from aiohttp import web

from monitor.web.bodies import json_object
from monitor.web.feed import dumps
from monitor.web.guard import same_origin
from monitor.web.roles import demand
from monitor.web.sources import SOURCES

#: Looks at a camera; the second argument says whether its login lock is cleared first. Raises Unavailable.
Look = Callable[[str, bool], AsyncIterator[Mapping[str, Any]]]
LOOK: web.AppKey[Look] = web.AppKey("look")
SAY = 'Send a JSON object; {"clear_lock": true} forgets the refused logins first.'


class Unavailable(Exception):
    """No look can be served now; the text says why, ``again_s`` when it may be asked for again."""

    def __init__(self, why: str, again_s: float = 10.0) -> None:
        super().__init__(why)
        self.again_s = again_s


def register(app: web.Application, look: Look) -> None:
    """Let cameras be asked through this application."""
    app[LOOK] = look
    app.router.add_post("/api/v1/cameras/{id:.+}/probe", probe)


async def probe(request: web.Request) -> web.StreamResponse:
    """Ask a camera and tell what happens, one event a line (``docs/probes.md`` describes them)."""
    may_ask(request)
    id_ = known_camera(request)
    clear_lock = await _clear_lock(request)
    events = request.app[LOOK](id_, clear_lock)
    try:
        first = await anext(events)
    except Unavailable as reason:
        raise web.HTTPTooManyRequests(text=str(reason), headers={"Retry-After": f"{reason.again_s:.0f}"}) from None
    response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson; charset=utf-8"})
    await response.prepare(request)
    await response.write(dumps(first) + b"\n")
    async for event in events:
        await response.write(dumps(event) + b"\n")
    await response.write_eof()
    return response


def may_ask(request: web.Request, what: str = "have a camera asked") -> None:
    """Refuse whoever is no operator, and what the page of another site could send."""
    demand(request, "act", what)
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="Send Content-Type: application/json.")
    if not same_origin(request):
        raise web.HTTPForbidden(text=f"Another site's page may not {what}.")


def known_camera(request: web.Request) -> str:
    """Return the id of the camera that a path names; a refusal where there is none."""
    id_ = request.match_info["id"]
    snapshot = request.app[SOURCES].feed.snapshot
    if snapshot is None:
        raise web.HTTPServiceUnavailable(text="The monitor has just started; try again in a second.")
    if id_ not in snapshot.inventory.cameras:
        near = difflib.get_close_matches(id_, snapshot.inventory.cameras, 1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise web.HTTPNotFound(text=f"The monitor watches no camera {id_[:100]!r}.{hint}")
    return id_


async def _clear_lock(request: web.Request) -> bool:
    """Read the body: an object that may hold ``clear_lock``."""
    asked = await json_object(request, SAY)
    match asked.get("clear_lock", False):
        case bool(clear_lock):
            return clear_lock
    raise web.HTTPBadRequest(text=SAY)
