"""``POST /api/v1/causes/ID/acknowledgement``: an operator knows of a cause; ``DELETE`` takes that back.

Who may, and what a page elsewhere cannot send, is as for ``probing``. The body of the first is a JSON object with a
``reason`` and either ``until`` (RFC 3339) or ``hours``; ``owner`` and ``by`` may stand in it. That of the second may
hold ``reason`` and ``by``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from aiohttp import web

from monitor.core.acknowledgement import Acknowledgement, NotAcknowledged, NotOpen
from monitor.core.diagnosis.succession import fate
from monitor.ledger.errors import LedgerError
from monitor.web.bodies import json_object
from monitor.web.cause_json import noted
from monitor.web.feed import dumps
from monitor.web.probing import may_ask
from monitor.web.sources import SOURCES

PLACE = "/api/v1/causes/{id}/acknowledgement"
#: More than anybody may say; any number fits a moment then.
MOST_HOURS = 1e6
WHAT = "acknowledge a cause"
SAY = (
    'Send a JSON object: {"reason": "…", "hours": 8}, or "until": "2026-11-22T18:00:00Z";'
    ' "owner" and "by" may be added.'
)


class Word(NamedTuple):
    """What a person says about a cause."""

    cause: str
    by: str
    reason: str
    owner: str = ""
    until: float | None = None
    """When it ends; None: so many ``hours`` from now."""
    hours: float = 0.0


#: Takes an acknowledgement, or a withdrawal, and returns what held or holds. Raises NotAcknowledged.
Take = Callable[[Word], Acknowledgement]
ACKNOWLEDGE: web.AppKey[Take] = web.AppKey("acknowledge")
WITHDRAW: web.AppKey[Take] = web.AppKey("withdraw")


def register(app: web.Application, acknowledge: Take, withdraw: Take) -> None:
    """Let causes be acknowledged through this application."""
    app[ACKNOWLEDGE], app[WITHDRAW] = acknowledge, withdraw
    app.router.add_post(PLACE, acknowledged)
    app.router.add_delete(PLACE, withdrawn)


async def acknowledged(request: web.Request) -> web.Response:
    """Acknowledge a cause until a moment: it stays open and shown, and does not page."""
    may_ask(request, WHAT)
    asked = await json_object(request, SAY)
    word = _word(request, asked)
    match asked:
        case {"until": str() as until} if asked.get("hours") is None:
            return await _taken(request, ACKNOWLEDGE, word._replace(until=_moment(until)))
        case {"hours": int() | float() as hours} if asked.get("until") is None and not isinstance(hours, bool):
            term = max(-MOST_HOURS, min(hours, MOST_HOURS))
            return await _taken(request, ACKNOWLEDGE, word._replace(hours=term))
    raise web.HTTPBadRequest(text=SAY)


async def withdrawn(request: web.Request) -> web.Response:
    """Withdraw the acknowledgement of a cause."""
    may_ask(request, WHAT)
    return await _taken(request, WITHDRAW, _word(request, await json_object(request, SAY)))


async def _taken(request: web.Request, take: web.AppKey[Take], word: Word) -> web.Response:
    try:
        note = request.app[take](word)
    except NotOpen as refusal:
        raise web.HTTPConflict(text=f"{refusal} {await _fate(request, word.cause)}".rstrip()) from None
    except NotAcknowledged as refusal:
        raise web.HTTPConflict(text=str(refusal)) from None
    return web.Response(body=dumps({"cause": word.cause, **noted(note)}), content_type="application/json")


async def _fate(request: web.Request, cause: str) -> str:
    """Return what became of a cause, as far as the ledger tells."""
    try:
        return await asyncio.to_thread(fate, cause, request.app[SOURCES].archive.history)
    except LedgerError:
        return ""


def _word(request: web.Request, asked: Mapping[str, Any]) -> Word:
    told = {name: asked.get(name, "") for name in ("by", "reason", "owner")}
    if not all(isinstance(text, str) for text in told.values()):
        raise web.HTTPBadRequest(text=SAY)
    return Word(request.match_info["id"], told["by"].strip() or "an operator", told["reason"], told["owner"])


def _moment(text: str) -> float:
    """Return a moment that names its zone."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.timestamp()
    except (ValueError, OverflowError):
        pass
    raise web.HTTPBadRequest(text=SAY)
