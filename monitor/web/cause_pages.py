"""The pages about causes: the list, each cause with its acknowledgement by a form, the hand-over sheet."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from aiohttp import web

from monitor.core.acknowledgement import LONGEST_DAYS, NotAcknowledged
from monitor.core.diagnosis.cause import Kind
from monitor.core.event import Event
from monitor.core.handover import Shift
from monitor.ledger.errors import LedgerError
from monitor.web.acknowledging import ACKNOWLEDGE, Word
from monitor.web.bodies import fields
from monitor.web.cause_board import marked
from monitor.web.cause_card import cause_card, told
from monitor.web.cause_list import SORT_WORDS, Query, owners, parse, select
from monitor.web.guard import same_origin
from monitor.web.pages import Pages, newest, shown
from monitor.web.paging import MOST_PAGE, QueryError, number
from monitor.web.roles import demand, may
from monitor.web.shift_sheet import sheet
from monitor.web.sources import SOURCES

HOUR_S = 3600.0
#: How long an acknowledgement may hold, as the form offers it: hours, and in words.
TERMS: Mapping[int, str] = {
    4: "4 hours",
    24: "1 day",
    72: "3 days",
    168: "1 week",
    720: "30 days",
    24 * LONGEST_DAYS: f"{LONGEST_DAYS} days",
}
#: How long a shift is, in hours; another length may be asked for.
SHIFT_HOURS = 8
MOST_SHIFT_HOURS = 168
#: Sheets that may wait while another is read.
MOST_WAITING = 2


class CausePages:
    """One coroutine a page."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._reading = asyncio.Lock()
        self._asked = 0

    async def causes(self, request: web.Request) -> web.Response:
        snapshot = newest(request)
        mistakes: list[str] = []
        try:
            query = parse(request.query, snapshot.inventory)
        except QueryError as error:
            mistakes, query = error.mistakes, Query()
        listing = await asyncio.to_thread(select, snapshot, query)
        clean = query.but(page=listing.number)
        if not mistakes and (listing.number != query.page or "" in request.query.values()):
            raise web.HTTPSeeOther(f"/causes?{clean}" if clean else "/causes")
        return self._pages.render(
            request,
            "causes.html",
            400 if mistakes else 200,
            query=query,
            listing=listing,
            rows=[marked(snapshot, cause) for cause in listing.rows],
            owners=owners(snapshot),
            mistakes=mistakes,
            snapshot=snapshot,
            sort_choices=SORT_WORDS,
            kinds=list(Kind),
        )

    async def cause(self, request: web.Request) -> web.Response:
        return await self._cause(request)

    async def _cause(self, request: web.Request, refused: str = "") -> web.Response:
        snapshot, id_ = newest(request), request.match_info["id"]
        events, trouble = await _history(request, id_)
        one = told(snapshot, id_, events)
        if one is None:
            raise web.HTTPNotFound(text=trouble or f"No cause {id_[:100]!r} is open, and the ledger knows of none.")
        mistakes: list[str] = []
        page = number("page", request.query.get("page", ""), 1, MOST_PAGE, mistakes)
        card = await asyncio.to_thread(cause_card, snapshot, one, events, page)
        return self._pages.render(
            request,
            "cause.html",
            409 if refused else 200,
            cause=card,
            refused=refused,
            ledger_trouble=trouble,
            may_acknowledge=ACKNOWLEDGE in request.app and card["closed"] is None and may(request, "act"),
            terms=TERMS,
        )

    async def acknowledge(self, request: web.Request) -> web.Response:
        """Take the form of a cause's page: who acknowledges it, why, whose it is, and for how long."""
        if not same_origin(request):
            raise web.HTTPForbidden(text="This form was not sent from our own page.")
        demand(request, "act", "acknowledge a cause")
        if ACKNOWLEDGE not in request.app:
            raise web.HTTPNotFound()
        by, reason, owner, hours = await fields(request, "by", "reason", "owner", "hours")
        term = float(hours) if hours.isascii() and hours.isdigit() and len(hours) < 6 else 0.0
        word = Word(request.match_info["id"], by.strip() or "an operator", reason, owner, hours=term)
        try:
            await shown(request, lambda: request.app[ACKNOWLEDGE](word))
        except NotAcknowledged as refusal:
            return await self._cause(request, str(refusal))
        raise web.HTTPSeeOther(request.path)

    async def handover(self, request: web.Request) -> web.Response:
        """Show what a shift hands over to the next, on one page to print."""
        snapshot, sources = newest(request), request.app[SOURCES]
        mistakes: list[str] = []
        hours = number("hours", request.query.get("hours", ""), SHIFT_HOURS, MOST_SHIFT_HOURS, mistakes)
        read = sources.archive.handed_over
        if mistakes:
            raise web.HTTPBadRequest(text=mistakes[0])
        if read is None:
            raise web.HTTPNotFound(text="There is no ledger to read a shift from.")
        now = sources.wall()
        shift = Shift(now - hours * HOUR_S, now, now + hours * HOUR_S)
        if self._asked > MOST_WAITING:
            raise web.HTTPServiceUnavailable(
                text="Too many sheets are asked for at once.", headers={"Retry-After": "10"}
            )
        self._asked += 1
        try:
            async with self._reading:  # a week of a large fleet is long to read: never several at once
                found = await asyncio.to_thread(read, shift)
        except LedgerError as error:
            raise web.HTTPServiceUnavailable(text=str(error)) from None
        finally:
            self._asked -= 1
        told = await asyncio.to_thread(sheet, snapshot, found)
        return self._pages.render(request, "handover.html", sheet=told, hours=hours)


async def _history(request: web.Request, id_: str) -> tuple[Sequence[Event], str]:
    """Return the events about a cause, or why they cannot be read."""
    try:
        return await asyncio.to_thread(request.app[SOURCES].archive.history, id_), ""
    except LedgerError as error:
        return (), str(error)
