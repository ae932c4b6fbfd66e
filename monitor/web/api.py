"""JSON for programs, under ``/api/v1``. ``docs/web.md`` describes it; a field is added there, never changed."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from monitor.core.snapshot import Snapshot
from monitor.core.verdict import REASONS
from monitor.web import board, cause_list
from monitor.web.card import card, conversations
from monitor.web.cause_board import members, planned
from monitor.web.cause_json import as_json
from monitor.web.feed import dumps
from monitor.web.listing import parse, select
from monitor.web.logins import unconfirmed
from monitor.web.paging import QueryError
from monitor.web.plan import marked, plan
from monitor.web.roles import may
from monitor.web.sources import SOURCES
from monitor.web.words import stamp

MOST_CHANGES = 200
#: What is larger is compressed off the loop.
LARGE_BYTES = 65536


def answer(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return _json(dumps(value), status, headers)


def _json(body: bytes, status: int, headers: dict[str, str] | None) -> web.Response:
    response = web.Response(
        body=body,
        status=status,
        content_type="application/json",
        charset="utf-8",
        headers=headers,
        zlib_executor_size=LARGE_BYTES,
    )
    response.enable_compression()
    return response


async def index(request: web.Request) -> web.Response:
    """What is answered here."""
    routes = [
        route
        for route in request.app.router.routes()
        if route.method != "HEAD" and _path(route) not in ("", request.path)
    ]
    listed = [
        {"method": route.method, "path": _path(route), "what": (route.handler.__doc__ or "").split("\n")[0]}
        for route in routes
    ]
    return answer({"endpoints": listed})


def _path(route: web.AbstractRoute) -> str:
    """Return a route's address as it is written in the documentation; nothing where it is none of ours."""
    path = route.resource.canonical if route.resource else ""
    return path.replace("{id}", "ID") if path.startswith("/api/v1") else ""


async def summary(request: web.Request) -> web.Response:
    """The fleet in figures, and how old they are."""
    snapshot = _snapshot(request)
    sources = request.app[SOURCES]
    return answer(
        {
            **_head(snapshot),
            "age_s": round(sources.feed.age_s(), 3),
            "trouble": sources.trouble(),
            **board.counts(snapshot),
            "reasons": board.reasons(snapshot),
            "faults": board.faults(snapshot),
            "monitor": dict(snapshot.monitor),
        }
    )


async def zones(request: web.Request) -> web.Response:
    """The zones, the largest share not working first."""
    snapshot = _snapshot(request)
    return answer({**_head(snapshot), "zones": board.zones(snapshot)})


async def changes(request: web.Request) -> web.Response:
    """The newest changes of state."""
    snapshot = _snapshot(request)
    return answer(
        {
            **_head(snapshot),
            "changes": [
                {
                    "at": stamp(change.at),
                    "camera": change.camera,
                    "before": change.before.value,
                    "now": change.now.state.value,
                    "reason": change.now.reason.value if change.now.reason else None,
                    "reason_title": REASONS[change.now.reason].title if change.now.reason else "",
                    "rung": change.now.rung.label,
                    "since_after": stamp(change.now.after),
                    "since_by": stamp(change.now.by),
                }
                for change in snapshot.changes[:MOST_CHANGES]
            ],
        }
    )


async def cameras(request: web.Request) -> web.Response:
    """The list of cameras: filter, sort and paging."""
    snapshot = _snapshot(request)
    try:
        query = parse(request.query, snapshot.inventory, strict=True)
    except QueryError as error:
        return answer({"error": str(error)}, 400)
    listing = await asyncio.to_thread(select, snapshot, query)
    if listing.number != query.page:
        raise web.HTTPNotFound(text=f"page: there is no page {query.page}; the last is {listing.pages}.")
    return answer(
        {
            **_head(snapshot),
            "total": listing.total,
            "page": listing.number,
            "pages": listing.pages,
            "cameras": [row.as_json() for row in listing.rows],
        }
    )


async def camera(request: web.Request) -> web.Response:
    """One camera: state, reason, questions, measurements, the last checks."""
    snapshot = _snapshot(request)
    id_ = request.match_info["id"]
    if id_ not in snapshot.inventory.cameras:
        raise web.HTTPNotFound(text=f"There is no camera {id_[:100]!r} in the inventory.")
    told = await asyncio.to_thread(card, snapshot, id_)
    told["login"] = unconfirmed(request.app, id_, snapshot.fleet.cameras[id_])
    talks = conversations(await request.app[SOURCES].journal.recall(told["device"]), id_, may(request, "wire"))
    return answer({**_head(snapshot), **told, "conversations": talks})


async def causes(request: web.Request) -> web.Response:
    """The open causes: why cameras do not work, what several share first."""
    snapshot = _snapshot(request)
    try:
        query = cause_list.parse(request.query, snapshot.inventory, strict=True)
    except QueryError as error:
        return answer({"error": str(error)}, 400)
    known, owners = snapshot.acknowledgements, snapshot.inventory.owners
    found = await asyncio.to_thread(cause_list.select, snapshot, query)
    if found.number != query.page:
        raise web.HTTPNotFound(text=f"page: there is no page {query.page}; the last is {found.pages}.")
    told = [as_json(one, known.get(one.id), owners, planned(snapshot, one)) for one in found.rows]
    return answer({**_head(snapshot), "total": found.total, "page": found.number, "pages": found.pages, "causes": told})


async def cause(request: web.Request) -> web.Response:
    """One open cause: members, evidence, rivals, acknowledgement."""
    snapshot = _snapshot(request)
    id_ = request.match_info["id"]
    if id_ not in snapshot.causes:
        raise web.HTTPNotFound(text=f"No cause {id_[:100]!r} is open.")
    one, note = snapshot.causes[id_], snapshot.acknowledgements.get(id_)
    return answer({**_head(snapshot), **as_json(one, note, snapshot.inventory.owners, planned(snapshot, one))})


async def city_plan(request: web.Request) -> web.Response:
    """The plan of the city, for drawing."""
    frame = request.app[SOURCES].feed.frame
    if frame is None:
        raise _starting()
    tag = f'"{frame.plan}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if request.headers.get("If-None-Match") == tag:  # RFC 9110 §13.1.2
        return web.Response(status=304, headers=headers)
    body = await asyncio.to_thread(lambda: dumps(plan(frame.snapshot.inventory, frame.plan)))
    return _json(body, 200, headers)


async def plan_marks(request: web.Request) -> web.Response:
    """The marks of a cause's cameras, or of a kind's, by their place in the plan."""
    frame = request.app[SOURCES].feed.frame
    if frame is None:
        raise _starting()
    asked = {name: request.query.get(name, "") for name in ("cause", "kind")}
    found = await asyncio.to_thread(lambda: marked(frame.snapshot, members(frame.snapshot, **asked)))
    return answer({**_head(frame.snapshot), "plan": frame.plan, "marks": found})


def _head(snapshot: Snapshot) -> board.Json:
    return {"at": stamp(snapshot.at), "seq": snapshot.seq, "recorded_seq": snapshot.recorded_seq}


def _snapshot(request: web.Request) -> Snapshot:
    snapshot = request.app[SOURCES].feed.snapshot
    if snapshot is None:
        raise _starting()
    return snapshot


def _starting() -> web.HTTPException:
    return web.HTTPServiceUnavailable(text="The monitor has just started; nothing is known yet.")
