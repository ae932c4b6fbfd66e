"""The pages of work orders: ``/o/ORDER/SIGNATURE`` for whoever holds the link, ``/orders`` for whoever has a token.

A link opens its own order and nothing else; with it one may say what a technician has to say about that order. The
pages are whole without a script, and small: people open them at the side of a road.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from aiohttp import web

from monitor.core.workorder import link
from monitor.core.workorder.course import GREEN_S, PAGE
from monitor.core.workorder.order import Act, WorkOrder
from monitor.core.workorder.paging import Paging
from monitor.core.workorder.words import NotTaken, Said
from monitor.ledger.errors import LedgerError
from monitor.paper.words import languages, words
from monitor.sheet.order_telling import OrderTelling
from monitor.web.bodies import fields
from monitor.web.guard import same_origin
from monitor.web.order_card import order_card
from monitor.web.order_test import tested
from monitor.web.pages import PAGES, newest, shown
from monitor.web.probing import Look
from monitor.web.roles import demand, may

#: Takes a person's word. Raises NotTaken.
Say = Callable[[Said], None]
#: Returns earlier orders of the same spot. Raises LedgerError.
Before = Callable[[WorkOrder], Sequence[WorkOrder]]
#: What a form may say.
ACTS = {"on my way": Act.ON_MY_WAY, "found": Act.FOUND, "false alarm": Act.FALSE_ALARM}
COOKIE = "camfleet-name"
COOKIE_S = 365 * 86400


class OrderPages:
    """One coroutine a page. ``paging`` tells whom orders are told; None: nobody, and no link opens anything."""

    def __init__(self, say: Say, look: Look, before: Before, paging: Callable[[], Paging | None]) -> None:
        self._say = say
        self._look = look
        self._before = before
        self._paging = paging
        self._testing: set[str] = set()

    def register(self, app: web.Application) -> None:
        """Serve the pages of orders through this application."""
        app.add_routes(
            [
                web.get("/orders", self.orders),
                web.get("/orders/{order}", self.page),
                web.post("/orders/{order}", self.take),
                web.post("/orders/{order}/test", self.test),
                web.get("/o/{order}/{signature}", self.page),
                web.post("/o/{order}/{signature}", self.take),
                web.post("/o/{order}/{signature}/test", self.test),
            ]
        )

    async def orders(self, request: web.Request) -> web.Response:
        """List the orders: the open ones first, of those the urgent ones."""
        snapshot = newest(request)
        found = sorted(snapshot.fleet.orders.values(), key=_rank)
        telling = self._telling(request)
        rows = [order_card(snapshot, one, (), telling) for one in found]
        return request.app[PAGES].render(request, "orders.html", orders=rows)

    async def page(self, request: web.Request) -> web.Response:
        return await self._page(request)

    async def take(self, request: web.Request) -> web.Response:
        """Take the form of a page: on my way, what was found, or a false alarm."""
        order = self._admitted(request, acts=True)
        do, who, found, note = await fields(request, "do", "who", "found", "note")
        if do not in ACTS:
            raise web.HTTPBadRequest(text="This form says nothing that a work order knows.")
        try:
            await shown(request, lambda: self._say(Said(order.id, ACTS[do], who, found, note)))
        except NotTaken as refusal:
            return await self._page(request, refusal)
        response = web.Response(status=303, headers={"Location": str(request.rel_url)})
        response.set_cookie(COOKIE, _cookie(who), max_age=COOKIE_S, httponly=True, samesite="Strict", path="/")
        return response

    async def test(self, request: web.Request) -> web.StreamResponse:
        """Ask the cameras of an order now, and tell what happens as it happens."""
        order, snapshot = self._admitted(request, acts=True), newest(request)
        if order.id in self._testing:
            raise web.HTTPTooManyRequests(text="It is being tested already.", headers={"Retry-After": "30"})
        who = request.cookies.get(COOKIE, "")
        try:
            self._say(Said(order.id, Act.TESTED, _name(who)))
        except NotTaken as refusal:
            return await self._page(request, refusal)
        self._testing.add(order.id)
        try:
            return await tested(request, order, snapshot, self._look, self._telling(request))
        finally:
            self._testing.discard(order.id)

    async def _page(self, request: web.Request, refusal: NotTaken | None = None) -> web.Response:
        order, snapshot, telling = self._admitted(request), newest(request), self._telling(request)
        paging = self._paging()
        try:
            before = await asyncio.to_thread(self._before, order)
        except LedgerError:
            before = ()
        refused = telling.say(refusal.key) if refusal and refusal.key else str(refusal or "")
        return request.app[PAGES].render(
            request,
            "order.html",
            409 if refusal else 200,
            order=order_card(snapshot, order, before, telling, paging.green_s if paging else GREEN_S),
            telling=telling,
            refused=telling.say("order refused", why=refused) if refused else "",
            languages=[(one, words(one).say("order language")) for one in languages() if one != telling.words.language],
            who=_name(request.cookies.get(COOKIE, "")),
            may_act=order.is_open and (_is_linked(request) or may(request, "act")),
            at=request.path,
        )

    def _admitted(self, request: web.Request, acts: bool = False) -> WorkOrder:
        """Return the order that a request is about, for whoever may see it, or act on it."""
        id_, paging = request.match_info["order"], self._paging()
        if _is_linked(request):
            key = paging.links.reveal() if paging is not None else ""
            if not key or not link.is_signed(key, id_, request.match_info["signature"]):
                raise web.HTTPNotFound(text="This link opens nothing.")
        elif acts:
            demand(request, "act", "say something about a work order")
        if acts and not same_origin(request):
            raise web.HTTPForbidden(text="This form was not sent from our own page.")
        order = newest(request).fleet.orders.get(id_)
        if order is None:
            raise web.HTTPNotFound(text="This order was closed more than a week ago, or never was one.")
        return order

    def _telling(self, request: web.Request) -> OrderTelling:
        asked, paging = request.query.get("lang", ""), self._paging()
        return OrderTelling(words(asked if asked in languages() else "en"), paging.time_zone if paging else "UTC")


def _rank(order: WorkOrder) -> tuple[bool, bool, float]:
    return not order.is_open, order.severity != PAGE, -order.opened


def _is_linked(request: web.Request) -> bool:
    return "signature" in request.match_info


def _cookie(name: str) -> str:
    """Return a name as a cookie holds it (RFC 6265 §4.1.1)."""
    return name.strip()[:60].encode().hex()


def _name(cookie: str) -> str:
    try:
        return bytes.fromhex(cookie).decode()[:60]
    except ValueError:
        return ""
