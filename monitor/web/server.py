"""The web application: its routes, and what stands before and behind them."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from monitor.web import api
from monitor.web.cause_pages import CausePages
from monitor.web.events import events
from monitor.web.feed import Feed
from monitor.web.guard import admit, protect
from monitor.web.pages import PAGES, Pages
from monitor.web.sources import NO_ARCHIVE, SOURCES, Archive, Health, Metrics, Recalls, Sources
from monitor.web.static_files import StaticFiles
from monitor.web.status import Exposition, healthz, readyz
from monitor.web.tokens import Tokens

#: The largest body of a request: a login form.
MOST_BODY_BYTES = 16384
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def create_app(
    feed: Feed,
    journal: Recalls,
    metrics: Metrics,
    tokens: Tokens | None = None,
    health: Health = lambda: None,
    *,
    metrics_type: str = METRICS_TYPE,
    names: Iterable[str] = (),
    wall: Callable[[], float] = time.time,
    trouble: Health | None = None,
    archive: Archive = NO_ARCHIVE,
) -> web.Application:
    """Return the application. ``names``: host names it may be addressed by, beside the loopback's own.

    ``metrics`` renders ``/metrics``; ``health`` says in a sentence what keeps the monitor from recording, or None;
    ``wall`` is the wall clock, in seconds since the epoch; ``trouble`` says what stands above the pages, or ``health``;
    ``archive`` tells the past of causes.
    """
    files = StaticFiles()
    pages = Pages(files)
    causes = CausePages(pages)
    app = web.Application(client_max_size=MOST_BODY_BYTES, middlewares=(_sentences(pages), admit))
    app[PAGES] = pages
    app[SOURCES] = Sources(
        feed,
        journal,
        metrics,
        metrics_type,
        health,
        tokens,
        frozenset(name.lower() for name in names),
        wall,
        trouble or health,
        archive,
    )
    app.add_routes(
        [
            web.get("/", pages.wallboard),
            web.get("/cameras", pages.cameras),
            web.get("/cameras/{id:.+}", pages.camera),
            web.get("/causes", causes.causes),
            web.get("/causes/{id}", causes.cause),
            web.post("/causes/{id}", causes.acknowledge),
            web.get("/handover", causes.handover),
            web.get("/runbook", pages.runbook),
            web.get("/login", pages.login),
            web.post("/login", pages.log_in),
            web.post("/logout", pages.log_out),
            web.get("/events", events, allow_head=False),
            web.get("/api/v1", api.index),
            web.get("/api/v1/summary", api.summary),
            web.get("/api/v1/zones", api.zones),
            web.get("/api/v1/changes", api.changes),
            web.get("/api/v1/cameras", api.cameras),
            web.get("/api/v1/cameras/{id:.+}", api.camera),
            web.get("/api/v1/causes", api.causes),
            web.get("/api/v1/causes/{id}", api.cause),
            web.get("/api/v1/plan", api.city_plan),
            web.get("/api/v1/plan/marks", api.plan_marks),
            web.get("/healthz", healthz),
            web.get("/readyz", readyz),
            web.get("/metrics", Exposition(metrics).serve, allow_head=False),
            web.get("/static/{digest}/{name}", files.serve),
        ]
    )
    app.on_response_prepare.append(protect)
    app.on_shutdown.append(_closing(feed))
    return app


def _closing(feed: Feed) -> Callable[[web.Application], Awaitable[None]]:
    async def close(_: web.Application) -> None:
        feed.close()

    return close


def _sentences(pages: Pages) -> Middleware:
    """Return what turns an error into a sentence: JSON for a program, a page for a person."""

    @web.middleware
    async def sentences(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            return _error(pages, request, error)

    return sentences


def _error(pages: Pages, request: web.Request, error: web.HTTPException) -> web.Response:
    sentence = error.text if error.text and not error.text.startswith(f"{error.status}:") else error.reason
    if error.status == 404 and sentence == error.reason:
        sentence = "There is nothing at this address."
    kept = {name: error.headers[name] for name in ("Allow", "Retry-After", "WWW-Authenticate") if name in error.headers}
    if request.path.startswith("/api/"):
        return api.answer({"error": sentence}, error.status, kept)
    if "text/html" not in request.headers.get("Accept", ""):
        return web.Response(text=f"{sentence}\n", status=error.status, headers=kept)
    response = pages.render(request, "error.html", error.status, status_code=error.status, sentence=sentence)
    response.headers.update(kept)
    return response
