"""The words of work orders: whatever happens to one can be told in every language."""

from __future__ import annotations

import pytest

from monitor.core.diagnosis.cause import Cause, Kind
from monitor.core.topology import Layer, Scope
from monitor.core.workorder.order import BACK, ESCALATION, OPENING, REMINDER, Act, OrderEvent, WorkOrder
from monitor.core.workorder.words import FOUND
from monitor.paper.words import languages, words
from monitor.sheet.order_facts import OrderFacts
from monitor.sheet.order_telling import OrderTelling

NOW = 1_790_000_000.0
ORDER = WorkOrder("WO-AAAA-2345", "uplink, uplink SW-1/3", NOW, "page", "", "network", ("uplink-1",))


def facts(kind: Kind) -> OrderFacts:
    scope = Scope(Layer.UPLINK, "SW-1/3")
    cause = Cause("c", kind, scope, NOW - 60, NOW, NOW, frozenset({"x"}))
    return OrderFacts(ORDER, (cause,), "said", "SW-1/3", "City Fibre", ("x",), (), "Pier 1", None, NOW - 60, NOW)


@pytest.mark.parametrize("language", languages())
def test_each_reason_for_a_call_is_said_first(language: str) -> None:
    """That nobody answered, that it is still open, that it is back; of a first call nothing needs to be said."""
    telling = OrderTelling(words(language), "UTC")
    first = telling.text(facts(Kind.UPLINK), OrderEvent(NOW, ORDER.id, Act.CALLED, why=OPENING), "https://x", NOW)
    said = set()
    for why in (ESCALATION, REMINDER, BACK):
        call = OrderEvent(NOW, ORDER.id, Act.CALLED, why=why)
        line, _, rest = telling.text(facts(Kind.UPLINK), call, "https://x", NOW + 900).partition("\n")
        assert rest == first
        said |= {line, telling.happened(call)}
    assert len(said) == 6


@pytest.mark.parametrize("language", languages())
def test_whatever_happens_and_whatever_is_found_has_words(language: str) -> None:
    """Every act, everything that can be found, and what to bring for each kind of cause."""
    telling = OrderTelling(words(language), "UTC")
    for act in set(Act) - {Act.TOLD, Act.GAVE_UP}:
        why = {Act.FOUND: "fuse: main", Act.CALLED: BACK, Act.JOINED: "another"}.get(act, "")
        assert telling.happened(OrderEvent(NOW, ORDER.id, act, who="Team 3", why=why)), act
    assert len({telling.found(OrderEvent(NOW, ORDER.id, Act.FOUND, why=one)) for one in FOUND}) == len(FOUND)
    for kind in Kind:
        assert ORDER.id in telling.title(facts(kind))
        assert all(telling.bring(facts(kind)))
