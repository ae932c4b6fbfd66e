"""A work order in the words of a language: for a message, and for its page."""

from __future__ import annotations

from datetime import UTC, datetime
from math import isfinite
from zoneinfo import ZoneInfo

from monitor.core.diagnosis.cause import Kind
from monitor.core.diagnosis.naming import OWN_LAYERS
from monitor.core.topology import Layer
from monitor.core.workorder.order import OPENING, Act, OrderEvent
from monitor.paper.words import Words
from monitor.sheet.order_facts import OrderFacts
from monitor.sheet.telling import Telling

HOUR_S = 3600.0


class OrderTelling(Telling):
    """A language, and the time zone of whoever reads."""

    def __init__(self, words: Words, time_zone: str) -> None:
        super().__init__(words, time_zone)
        self.time_zone = time_zone

    def clock(self, at: float) -> str:
        """Return a moment by the minute."""
        return self.apart(f"{datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(self.time_zone)):%Y-%m-%d %H:%M}")

    def lasting(self, seconds: float) -> str:
        if seconds < HOUR_S:
            return self.say("unit min", n=max(1, int(seconds // 60)))
        return self.length(int(seconds * 1000))

    def headline(self, facts: OrderFacts) -> str:
        """Return what is wrong, in a line; the English one where nothing is open that could be named."""
        if not facts.causes:
            return self.apart(facts.headline)
        kind, scope = facts.causes[0].kind, facts.causes[0].scope
        refused = kind is Kind.CREDENTIALS and scope.layer is Layer.CREDENTIAL
        what = scope.name if refused else facts.what
        told = self.say("headline login refused" if refused else f"headline {kind}", what=what)
        if scope.layer not in OWN_LAYERS:
            told = told[:1].upper() + told[1:]  # what is no name
        more = len(facts.causes) - 1
        return f"{told} {self.count('order more', more)}" if more else told

    def behind(self, facts: OrderFacts) -> str:
        cameras = self.count("order cameras", len(facts.cameras))
        if not facts.sites:
            return cameras
        return self.say("order behind it", cameras=cameras, sites=self.count("order sites", len(facts.sites)))

    def since(self, facts: OrderFacts) -> str:
        if not isfinite(facts.after):
            return self.say("order before")
        return self.say("order since told", moment=self.clock(facts.by), zone=self.time_zone)

    def bring(self, facts: OrderFacts) -> list[str]:
        """Return what is likely and what to bring, once for each kind of its causes."""
        return [self.say(f"bring {kind}") for kind in dict.fromkeys(str(cause.kind) for cause in facts.causes)]

    def title(self, facts: OrderFacts) -> str:
        return self.say("order title", order=facts.order.id, headline=self.headline(facts))

    def rows(self, facts: OrderFacts) -> list[tuple[str, str]]:
        """Return where to go, what is behind it, since when, and whose it is, each with its name."""
        told = [("order where", self.apart(facts.place or facts.what)), ("order whose", self.apart(facts.owner))]
        if facts.causes:
            told[1:1] = [("order behind", self.behind(facts)), ("order since", self.since(facts))]
        return [(self.say(key), text) for key, text in told]

    def text(self, facts: OrderFacts, call: OrderEvent, url: str, now: float) -> str:
        """Return a message: why it comes, where to go, what is behind it, what to bring, and the page."""
        length = self.lasting(now - facts.order.opened)
        lines = [self.say(f"order called {call.why}", length=length)] if call.why != OPENING else []
        lines += [f"{name}: {told}" for name, told in self.rows(facts)]
        return "\n".join([*lines, *self.bring(facts), url])

    def happened(self, event: OrderEvent) -> str:
        """Return what an event says; "" for what concerns no reader."""
        if event.act in (Act.TOLD, Act.GAVE_UP) or (event.act, event.why) == (Act.CALLED, OPENING):
            return ""
        who = event.who or self.say("order somebody")
        if event.act is Act.JOINED and not event.why:
            return ""  # a cause that took another's place, or the same fault again
        why = self.say(f"why {event.why}") if event.act is Act.CALLED else self.found(event)
        return self.say(f"order said {event.act}", who=who, why=why)

    def found(self, event: OrderEvent) -> str:
        """Return what was found, with its note, or what an event's words are."""
        what, _, note = event.why.partition(": ")
        if event.act is not Act.FOUND:
            return event.why
        return f"{self.say(f'found {what}')}: {note}" if note else self.say(f"found {what}")
