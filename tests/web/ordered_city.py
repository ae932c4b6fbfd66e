"""A city on paper with a work order, served as a monitor serves it; everything that is said is taken and kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from aiohttp.test_utils import TestServer
from paper_city import lines
from watched_city import WatchedCity

from monitor.core import fleet as fleets
from monitor.core.diagnosis.naming import headline
from monitor.core.fleet import Fleet
from monitor.core.model import Secret
from monitor.core.snapshot import publish
from monitor.core.workorder import course, link, words
from monitor.core.workorder.course import NOBODY, Alert, Known
from monitor.core.workorder.order import OrderEvent, WorkOrder
from monitor.core.workorder.paging import Paging
from monitor.core.workorder.place import site_of
from monitor.core.workorder.words import Said
from monitor.probes.journal import Journal
from monitor.web.feed import Feed
from monitor.web.order_pages import OrderPages
from monitor.web.probing import Unavailable
from monitor.web.server import create_app
from monitor.web.tokens import Tokens

LINKS = "a secret that signs links"
PAGING = Paging(Secret("file:alerts", "x" * 20), Secret("file:links", LINKS), "http://127.0.0.1", "Asia/Karachi")


@dataclass
class Ordered:
    """The fleet, its feed, and what was said about its orders."""

    fleet: Fleet
    feed: Feed = field(default_factory=Feed)
    events: list[OrderEvent] = field(default_factory=list)
    before: list[WorkOrder] = field(default_factory=list)
    busy: bool = False

    def open_all(self) -> None:
        """Have every open cause alert."""
        for cause in sorted(self.fleet.causes.values(), key=lambda one: one.id):
            fleet = self.fleet
            known = Known(fleet.causes, fleet.acknowledgements)
            place, said = site_of(cause.scope, fleet.inventory), headline(cause.kind, cause.scope, fleet.inventory)
            alert = Alert(cause, place, "page", said)
            self.take(course.alerted(fleet.orders, known, alert, NOBODY, fleet.at))

    def take(self, events: list[OrderEvent]) -> None:
        self.events += events
        self.fleet = fleets.ordered(self.fleet, events)
        self.feed.publish(publish(self.fleet, self.fleet.seq))

    def say(self, said: Said) -> None:
        self.take([words.said(self.fleet.orders, said, self.fleet.at + 60)])

    def cleared(self) -> None:
        """Have all causes end."""
        self.fleet = replace(self.fleet, causes={})
        known = Known({}, {})
        self.take(course.step(self.fleet.orders, known, NOBODY, self.fleet.at))

    async def look(self, camera: str, clear_lock: bool) -> AsyncIterator[Mapping[str, Any]]:
        if self.busy:
            raise Unavailable("Too many cameras are being looked at; try again in a few seconds.")
        yield {"event": "camera", "camera": camera}
        yield {"event": "asking", "probe": "rtsp"}
        yield {"event": "waiting", "probe": "rtsp", "seconds": 12.0}
        fail = {"rung": "stream", "outcome": "fail", "reason": "timeout", "detail": "<script>"}
        yield {"event": "answer", "findings": [{"rung": "reachable", "outcome": "ok", "reason": None}, fail]}
        yield {"event": "end"}

    @property
    def largest(self) -> WorkOrder:
        """The order of the cause with the most cameras."""
        fleet = self.fleet
        sizes = {id_: len(cause.members) for id_, cause in fleet.causes.items()}
        return max(fleet.orders.values(), key=lambda one: sum(sizes.get(id_, 0) for id_ in one.causes))

    def path(self, order: WorkOrder) -> str:
        return link.path(LINKS, order.id)


@asynccontextmanager
async def served(
    city: WatchedCity, tokens: str = "", paging: Paging | None = PAGING
) -> AsyncIterator[tuple[Ordered, str]]:
    """Serve a city with an order for each of its causes; yields it, and where it answers."""
    ordered = Ordered(city.snapshot.fleet)
    ordered.open_all()
    roles = Tokens.parse(tokens, "tokens") if tokens else None
    app = create_app(ordered.feed, Journal(), lines, roles)
    OrderPages(ordered.say, ordered.look, lambda _: ordered.before, lambda: paging).register(app)
    async with TestServer(app, host="127.0.0.1") as server:
        yield ordered, str(server.make_url("")).rstrip("/")
