"""``GET /api/v1/surveys/ID``: the newest survey of a camera's device. ``POST`` begins another one.

A survey goes at the pace that the device's budget allows: ten minutes are usual. Only operators see one, and begin one.
"""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from monitor.core import survey as surveys
from monitor.core.survey import Survey
from monitor.web.feed import dumps
from monitor.web.probing import known_camera, may_ask
from monitor.web.roles import demand

Find = Callable[[str], Survey | None]
Begin = Callable[[str], None]
#: Says in a sentence why no survey of a camera's device can go on; nothing where one can.
Obstacle = Callable[[str], str]
FIND: web.AppKey[Find] = web.AppKey("survey")
BEGIN: web.AppKey[Begin] = web.AppKey("survey_now")
OBSTACLE: web.AppKey[Obstacle] = web.AppKey("survey_obstacle")
PLACE = "/api/v1/surveys/{id:.+}"


def register(app: web.Application, find: Find, begin: Begin, obstacle: Obstacle) -> None:
    """Let surveys be seen and begun through this application."""
    app[FIND], app[BEGIN], app[OBSTACLE] = find, begin, obstacle
    app.router.add_get(PLACE, newest)
    app.router.add_post(PLACE, begun)


async def newest(request: web.Request) -> web.Response:
    """Tell the newest survey, or that there is none yet, and what keeps another one from going on."""
    demand(request, "wire", "see what a device says of itself")
    id_ = known_camera(request)
    found = request.app[FIND](id_)
    at, parts = (None, {}) if found is None else (found.at, surveys.to_json(found.parts))
    return _answer({"camera": id_, "at": at, "parts": parts, "obstacle": request.app[OBSTACLE](id_) or None})


async def begun(request: web.Request) -> web.Response:
    """Begin a survey; the newest one is there when its ``at`` is later than now."""
    may_ask(request)
    id_ = known_camera(request)
    request.app[BEGIN](id_)
    return _answer({"camera": id_, "begun": True, "obstacle": request.app[OBSTACLE](id_) or None})


def _answer(value: dict[str, object]) -> web.Response:
    return web.Response(body=dumps(value), content_type="application/json")
