"""Rates as the ledger keeps them."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.health import CONFIRMATIONS
from monitor.core.schedule import Deadlines, Rates
from monitor.core.schedule_json import confirmation, rates, to_json
from monitor.core.verdict import Rung

SECONDS = st.floats(0.001, 1e6)
NUMBERS = {field.name: SECONDS for field in fields(Rates) if field.name not in ("deadlines", "channels_at_once")}
DEADLINES = st.builds(Deadlines, **{field.name: SECONDS for field in fields(Deadlines)})


@given(st.builds(Rates, **NUMBERS, channels_at_once=st.integers(1, 64), deadlines=DEADLINES))
def test_all_rates_come_back_as_they_were_written(some: Rates) -> None:
    """Through JSON, too; and how each rung is confirmed."""
    plain = json.loads(json.dumps(to_json(some)))
    assert plain == to_json(some)
    assert rates(plain) == some
    assert tuple(confirmation(plain, rung) for rung in Rung) == CONFIRMATIONS


@pytest.mark.parametrize(
    "wrong", [None, [], {}, {"deadlines": 3}, {"deadlines": {"probe_s": True}}, {"light_s": "60", "deadlines": {}}]
)
def test_what_is_no_table_of_rates_is_none(wrong: object) -> None:
    """A ledger may have been written by anybody."""
    assert rates(wrong) is None


def test_a_rate_that_was_not_known_yet_is_as_it_is_here() -> None:
    """So an older camfleet's rates can be read."""
    plain = to_json(Rates(light_s=30.0))
    del plain["survey_s"]
    assert rates(plain) == Rates(light_s=30.0)
    assert confirmation({"confirm": {"media": [3, 2]}}, Rung.MEDIA) is None
