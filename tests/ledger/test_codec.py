"""Events and rungs as JSON and back."""

from __future__ import annotations

import json
from math import inf
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from peers.events import OPEN_MOMENTS, events, rungs

from monitor.core.event import ConfigEvent, Event, Gap, Heartbeat, RungEvent
from monitor.core.fleet import NEVER_SEEN, NOT_ASKED, Rungs
from monitor.core.health import RungHealth
from monitor.core.state import Standing, State
from monitor.core.verdict import Outcome, Reason, Rung
from monitor.ledger.codec import (
    FIELDS,
    KIND_OF,
    KINDS,
    Known,
    decode_event,
    decode_kept,
    decode_known,
    encode_event,
    encode_known,
)
from monitor.ledger.errors import LedgerError


@given(events())
def test_every_event_comes_back(event: Event) -> None:
    """An event of any kind, with any text and any moment, is read back as it was."""
    assert decode_event(KIND_OF[type(event)], encode_event(event)) == event


@given(events())
def test_a_body_is_ascii_json_of_standard_numbers(event: Event) -> None:
    """Other tools can read every body: strict JSON in ASCII, with no Infinity and no NaN."""

    def refuse(word: str) -> Any:
        raise AssertionError(word)

    body = encode_event(event)
    assert body.isascii()
    assert json.loads(body, parse_constant=refuse).keys() == set(event._fields)


@given(rungs(), st.none() | st.builds(Standing, st.sampled_from(State), OPEN_MOMENTS, OPEN_MOMENTS))
def test_what_is_known_of_a_camera_comes_back(health: Rungs, standing: Standing | None) -> None:
    """All of each rung comes back, the counters too; and the state with its beginning."""
    assert decode_known(encode_known(Known(health, standing))) == (health, standing)


def test_an_event_as_it_stands_in_the_ledger() -> None:
    """Names instead of numbers, null for a moment before all time."""
    event = RungEvent(100.5, "pier-gate", "central", Rung.MEDIA, Outcome.FAIL, Reason.NO_VIDEO, "", -inf, 80.25)
    assert encode_event(event) == (
        '{"at":100.5,"camera":"pier-gate","vantage":"central","rung":"media","outcome":"fail","reason":"no_video",'
        '"detail":"","after":null,"by":80.25}'
    )


def test_rungs_as_they_stand_in_the_ledger() -> None:
    """What is as before the first look takes no room."""
    rungs_ = list(NEVER_SEEN)
    rungs_[Rung.MEDIA] = RungHealth(Outcome.OK, None, "", -inf, 80.0, 90.0, counted_at=90.0)
    rungs_[Rung.RECORDING] = NOT_ASKED
    standing = Standing(State.UP, -inf, 80.0)
    assert json.loads(encode_known(Known(tuple(rungs_), standing))) == {
        **{rung.label: {} for rung in Rung},
        "media": {"outcome": "ok", "by": 80.0, "last_ok": 90.0, "counted_at": 90.0},
        "recording": {"outcome": "n/a"},
        "standing": {"state": "up", "after": None, "by": 80.0},
    }


def test_a_rung_that_an_older_camfleet_did_not_know_is_unseen() -> None:
    """Rungs that the body does not name are as before the first look."""
    assert decode_known("{}") == (NEVER_SEEN, None)


def test_an_inventory_event_of_an_older_camfleet_names_no_camera() -> None:
    """Fields that came later are empty where they were not written."""
    old = '{"at":1.0,"digest":"d","started":3,"stopped":2,"changed":1}'
    assert decode_event("config", old) == ConfigEvent(1.0, "d", 3, 2, 1)


@pytest.mark.parametrize(
    ("kind", "body", "message"),
    [
        ("verdict", "{}", "unknown kind of event 'verdict'"),
        ("gap", "[]", "'[]' is no JSON object"),
        ("gap", "{}", "no gap event: 'at'"),
        ("heartbeat", '{"at":1,"vantage":7,"probes":{}}', "no heartbeat event: 7 is no str"),
        ("heartbeat", '{"at":true,"vantage":"","probes":{}}', "no heartbeat event: True is no moment"),
        ("heartbeat", '{"at":1,"vantage":"","probes":{"a":""}}', "no heartbeat event: {'a': ''} is no table of counts"),
        ("gap", "{", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
    ],
)
def test_a_body_that_is_none_is_refused(kind: str, body: str, message: str) -> None:
    """A body that is not the event it should be raises ValueError with what is wrong."""
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the whole message is compared
        decode_event(kind, body)
    assert str(error.value) == message


def test_an_unknown_outcome_is_refused() -> None:
    """A rung with an outcome that does not exist raises ValueError."""
    with pytest.raises(ValueError, match="no rung: 'fine'"):
        decode_known('{"media":{"outcome":"fine"}}')


def test_every_field_of_every_event_has_its_way() -> None:
    """The table of fields covers all kinds of events, and names nothing that none has."""
    used = {name for kind in KINDS.values() for name in kind._fields}
    assert used == set(FIELDS)


def test_numbers_that_are_whole_come_back_as_moments() -> None:
    """JSON of another tool may write 5 for 5.0."""
    assert decode_event("heartbeat", '{"at":5,"vantage":"v","probes":{}}') == Heartbeat(5.0, "v", {})


@given(st.text(st.characters(exclude_categories=()), max_size=20))
def test_any_text_of_a_device_can_be_kept(text: str) -> None:
    """Half a surrogate pair, NUL, a line feed: the text comes back as it was."""
    event = Gap(1.0, "", 0.0, 1.0, 0, text)
    assert decode_event("gap", encode_event(event)) == event


@pytest.mark.parametrize("at", ["1e400", "NaN", "Infinity", "9" * 400, "253402300801"])
def test_a_moment_that_no_calendar_has_is_none(at: str) -> None:
    """An acknowledgement until then would never end."""
    with pytest.raises(ValueError, match="moment"):
        decode_event("heartbeat", f'{{"at": {at}, "vantage": "central", "probes": {{}}}}')


@pytest.mark.parametrize(("kind", "value"), [("cause", []), ("note", {"at": 1}), ("note", 5)])
def test_a_memory_that_is_not_ours_is_told_in_a_sentence(kind: str, value: object) -> None:
    """A start refuses it by its key, without a traceback."""
    with pytest.raises(LedgerError, match=r"^The ledger's memory of 'x/1' cannot be read: "):
        decode_kept(kind, {"x/1": value})
