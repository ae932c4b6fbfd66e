"""The pages for people: wallboard, list, camera, login. Rendered here, whole without a script, escaped throughout."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from monitor.core.diagnosis.naming import headline
from monitor.core.snapshot import Snapshot
from monitor.core.state import State
from monitor.core.times import Clock, is_vague
from monitor.core.verdict import REASONS, Reason
from monitor.web import words
from monitor.web.board import NOTHING
from monitor.web.bodies import fields
from monitor.web.card import card, conversations
from monitor.web.cause_board import NO_CAUSES, blind
from monitor.web.guard import COOKIE, same_origin
from monitor.web.listing import SORT_WORDS, parse, select
from monitor.web.logins import unconfirmed
from monitor.web.oversight import BOOKS
from monitor.web.paging import QueryError
from monitor.web.roles import may
from monitor.web.sources import SOURCES
from monitor.web.static_files import StaticFiles
from monitor.web.status import STALE_S
from monitor.web.survey_card import survey_card
from monitor.web.surveying import FIND

FOLDER = Path(__file__).parent / "templates"
COOKIE_S = 30 * 86400
#: A snapshot comes each second; longer than this, nobody waits for one.
PATIENCE_S = 3.0
_CUT = "<!-- cut -->"


class Pages:
    """The templates, and one coroutine a page."""

    def __init__(self, files: StaticFiles) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(
            count=words.count,
            moment=_moment,
            duration=words.duration,
            stamp=words.stamp,
            seconds=_seconds,
            clock=_clock,
        )
        self._templates.globals.update(
            static=files.address,
            share=words.share,
            states=list(State),
            reasons=REASONS,
            state_meanings=words.STATE_MEANINGS,
            measured=words.measured,
            vague=is_vague,
        )

    def render(self, request: web.Request, name: str, status: int = 200, **values: Any) -> web.Response:
        sources = request.app[SOURCES]
        snapshot = sources.feed.snapshot
        text = self._templates.get_template(name).render(
            now=sources.wall(),
            path=request.path,
            tokens=sources.tokens is not None,
            figures=BOOKS in request.app and may(request, "figures"),
            seen_at=snapshot.at if snapshot else None,
            age_s=sources.feed.age_s(),
            old=snapshot is not None and sources.feed.age_s() > STALE_S,
            trouble=sources.trouble(),
            blind=blind(snapshot) if snapshot else [],
            **values,
        )
        response = web.Response(text=text, content_type="text/html", charset="utf-8", status=status)
        response.enable_compression()
        return response

    def halves(self, name: str, **values: Any) -> tuple[str, str]:
        """Return a page in two pieces, before and behind what is written between them while it is being read."""
        text = self._templates.get_template(name).render(**values)
        head, _, foot = text.partition(_CUT)
        return head, foot

    async def wallboard(self, request: web.Request) -> web.Response:
        frame = request.app[SOURCES].feed.frame
        board = frame.sections if frame else {**NOTHING, "causes": NO_CAUSES}
        return self.render(request, "wallboard.html", frame=frame, board=board)

    async def runbook(self, request: web.Request) -> web.Response:
        return self.render(request, "runbook.html")

    async def cameras(self, request: web.Request) -> web.Response:
        snapshot = newest(request)
        mistakes: list[str] = []
        try:
            query = parse(request.query, snapshot.inventory)
        except QueryError as error:
            mistakes, query = error.mistakes, parse({}, snapshot.inventory)
        listing = await asyncio.to_thread(select, snapshot, query)
        clean = query.but(page=listing.number)
        if not mistakes and (listing.number != query.page or "" in request.query.values()):
            raise web.HTTPSeeOther(f"/cameras?{clean}" if clean else "/cameras")
        return self.render(
            request,
            "cameras.html",
            400 if mistakes else 200,
            query=query,
            listing=listing,
            mistakes=mistakes,
            snapshot=snapshot,
            named=_headline(snapshot, query.cause),
            sort_choices=SORT_WORDS,
            reason_choices=list(Reason),
        )

    async def camera(self, request: web.Request) -> web.Response:
        snapshot = newest(request)
        id_ = request.match_info["id"]
        if id_ not in snapshot.inventory.cameras:
            raise web.HTTPNotFound(text=f"There is no camera {id_[:100]!r} in the inventory.")
        told = await asyncio.to_thread(card, snapshot, id_)
        wire = may(request, "wire")
        talks = conversations(await request.app[SOURCES].journal.recall(told["device"]), id_, wire)
        found = request.app[FIND](id_) if wire and FIND in request.app else None
        told["login"] = unconfirmed(request.app, id_, snapshot.fleet.cameras[id_])
        return self.render(
            request, "camera.html", camera=told, talks=talks, wire=wire, survey=survey_card(found), snapshot=snapshot
        )

    async def login(self, request: web.Request) -> web.Response:
        return self.render(request, "login.html", to=_inside(request.query.get("to", "/")), refused=False)

    async def log_in(self, request: web.Request) -> web.Response:
        tokens = request.app[SOURCES].tokens
        if tokens is None or not same_origin(request):
            raise web.HTTPForbidden(text="This form was not sent from our own page.")
        token, to = await fields(request, "token", "to")
        token, to = token.strip(), _inside(to)
        if tokens.role(token) is None:
            return self.render(request, "login.html", 403, to=to, refused=True)
        response = web.Response(status=303, headers={"Location": to})
        # behind something that speaks TLS only the browser knows of it
        secure = request.secure or request.headers.get("Origin", "").startswith("https://")
        response.set_cookie(COOKIE, token, max_age=COOKIE_S, httponly=True, samesite="Strict", secure=secure, path="/")
        return response

    async def log_out(self, request: web.Request) -> web.Response:
        if not same_origin(request):
            raise web.HTTPForbidden(text="This form was not sent from our own page.")
        response = web.Response(status=303, headers={"Location": "/login"})
        response.del_cookie(COOKIE, path="/")
        return response


PAGES: web.AppKey[Pages] = web.AppKey("pages", Pages)


def newest(request: web.Request) -> Snapshot:
    """Return the newest snapshot; 503 where there is none yet."""
    snapshot = request.app[SOURCES].feed.snapshot
    if snapshot is None:
        raise web.HTTPServiceUnavailable(text="The monitor has just started; nothing is known yet.")
    return snapshot


async def shown(request: web.Request, take: Callable[[], object]) -> None:
    """Take a person's word, and wait for the next snapshot, so that the page that follows has it.

    Raises what ``take`` raises.
    """
    feed = request.app[SOURCES].feed
    seen = feed.frame.number if feed.frame is not None else 0
    take()
    await feed.next(seen, PATIENCE_S)


def _headline(snapshot: Snapshot, cause: str) -> str:
    """Return the headline of an open cause; "" of another."""
    known = snapshot.causes.get(cause)
    return headline(known.kind, known.scope, snapshot.inventory) if known else ""


def _inside(to: str) -> str:
    """Return an address if it is one of ours, otherwise the first page's."""
    return to if to.startswith("/") and not to.startswith(("//", "/\\")) and to.isprintable() else "/"


def _seconds(at: float | str | None) -> float:
    """Return a moment that a card tells as text (or not at all) in seconds since the epoch."""
    if at is None:
        return float("-inf")
    return datetime.fromisoformat(at).timestamp() if isinstance(at, str) else at


def _moment(at: float | str | None, now: float) -> str:
    return words.moment(_seconds(at), now)


def _clock(at: float, now: float) -> str:
    return Clock(now).time(at)
