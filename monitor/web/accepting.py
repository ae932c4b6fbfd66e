"""``POST /api/v1/cameras/ID/accept``: an operator says that the device that answers now is the camera's own.

Who may, and what a page elsewhere cannot send, is as for ``probing``. The body is a JSON object that may hold
``reason`` and ``by``; the answer is one with what was recorded.
"""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from monitor.web.bodies import json_object
from monitor.web.feed import dumps
from monitor.web.probing import known_camera, may_ask

#: Accepts a camera's new device: its id, by whom, why. Returns what was recorded. Raises Refused.
Accept = Callable[[str, str, str], list[str]]
ACCEPT: web.AppKey[Accept] = web.AppKey("accept")
MOST_CHARACTERS = 200
SAY = 'Send a JSON object; {"by": "…", "reason": "…"} is kept with it.'


class Refused(Exception):
    """There is nothing to accept; the text says why."""


def register(app: web.Application, accept: Accept) -> None:
    """Let replacements be accepted through this application."""
    app[ACCEPT] = accept
    app.router.add_post("/api/v1/cameras/{id:.+}/accept", accepted)


async def accepted(request: web.Request) -> web.Response:
    """Accept a camera's new device and say what was recorded."""
    may_ask(request)
    id_ = known_camera(request)
    by, reason = await _words(request)
    try:
        recorded = request.app[ACCEPT](id_, by, reason)
    except Refused as refusal:
        raise web.HTTPConflict(text=str(refusal)) from None
    return web.Response(body=dumps({"camera": id_, "accepted": recorded}), content_type="application/json")


async def _words(request: web.Request) -> tuple[str, str]:
    asked = await json_object(request, SAY)
    if not all(isinstance(asked.get(key, ""), str) for key in ("by", "reason")):
        raise web.HTTPBadRequest(text=SAY)
    words = [" ".join(asked.get(key, "").split())[:MOST_CHARACTERS] for key in ("by", "reason")]
    return words[0] or "an operator", words[1]
