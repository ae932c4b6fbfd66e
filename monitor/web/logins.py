"""What is open about our login at a camera's device, for the camera's page and the API."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from monitor.core.health import Rungs
from monitor.core.limits import Doubt
from monitor.core.verdict import Outcome, Rung
from monitor.web.board import Json
from monitor.web.words import stamp

#: Says what is open about our login at a camera's device, by the wall clock; None: nothing.
Find = Callable[[str], Doubt | None]
DOUBT: web.AppKey[Find] = web.AppKey("doubt")


def register(app: web.Application, find: Find) -> None:
    """Let it be told through this application."""
    app[DOUBT] = find


def unconfirmed(app: web.Application, camera: str, rungs: Rungs) -> Json | None:
    """Return when a login was refused that may be right, and when the next one decides; None where nothing is open."""
    doubt = app[DOUBT](camera) if DOUBT in app else None
    if doubt is None or rungs[Rung.CREDENTIALS].outcome is Outcome.FAIL or not any(health.busy for health in rungs):
        return None
    return {"refused_at": stamp(doubt.refused_at), "next_at": stamp(doubt.next_at)}
