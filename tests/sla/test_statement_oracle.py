"""The whole statement of a made-up ledger says what counting every second says; and says it again and again."""

from __future__ import annotations

import json

from hypothesis import given, settings
from oracle import tally
from test_sla_account import CAMERA, CONTRACT, NOW, ledgers

from monitor.core.event import ContractEvent, Event, RungEvent
from monitor.core.sla.facts import gathered
from monitor.core.sla.reading import readings
from monitor.core.sla.terms import to_json
from monitor.core.statement.statement import Ledger, Statement, text

LEDGER = Ledger("camfleet/test", 3, 3, "cm9vdA==")


def stated(events: list[Event]) -> dict[str, object]:
    terms = ContractEvent(float(NOW - 600), CONTRACT.id, "added", to_json(CONTRACT))
    statement = Statement(gathered([terms, *events]), "", "2026-09-21", LEDGER)
    rungs = [event for event in events if isinstance(event, RungEvent)]
    for _ in statement.accounts([(CAMERA, rungs)]):
        pass
    return statement.plain()


@given(ledgers())
@settings(max_examples=40, deadline=None)
def test_a_statement_says_what_counting_every_second_says(events: list[Event]) -> None:
    """Under each reading, until the ledger's newest moment; and the same text from the same events."""
    found = stated(events)
    last = found["period"]["until"] // 1000  # type: ignore[index]
    for one, reading in zip(found["readings"], readings(CONTRACT), strict=True):  # type: ignore[call-overload]
        time = tally(CONTRACT, reading, events, CAMERA, NOW - 600, last)
        assert [one["time"][f"{name}_ms"] for name in time._fields] == list(time), reading.name
    assert text(found) == text(stated(events))
    assert json.loads(text(found)) == json.loads(json.dumps(found))
