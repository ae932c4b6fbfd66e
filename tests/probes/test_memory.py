"""What was learnt of a device, as the ledger keeps it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from monitor.core.limits import Login
from monitor.probes.memory import Memory, from_json

WORKS = Login(succeeded_at=100.0)
LEARNT = Memory(
    login=Login((1.0, 2.0), 3.0, "u:1:0"),
    scheme="token",
    services={"urn:a": "80 /a"},
    streams={"1": "/live"},
    ask_mac=True,
    rtsp_port=0,
    lost=("2",),
    streams_wait=True,
    options_first=True,
    logged_in_at=4.0,
    clock_offset_s=0.0,
    own_clock=True,
    closed_time=True,
    booted_at=0.0,
    boots=1,
    objects={},
    oids="axis@1@2",
    cut_walks=3,
    counters={"1.3": 5},
    counted_at=6.0,
    proven={"onvif": "token"},
    unread=Login((8.0,), evidence="x"),
    unread_streams=Login((9.0,)),
    downgrades={"rtsp": "basic"},
    certificates={"onvif": "aa"},
    strange_certificates={"onvif": "bb"},
    weak_tls={"rtsp": 7.0},
)


@pytest.mark.parametrize("known", [(), *((name,) for name in Memory._fields), Memory._fields])
def test_what_is_kept_is_read_back(known: tuple[str, ...]) -> None:
    """Nothing, one fact or all of them: also a zero and an empty list, which are not the same as not known."""
    memory = Memory(**{name: getattr(LEARNT, name) for name in known})
    assert from_json(json.loads(json.dumps(memory.to_json()))) == memory


def test_what_is_not_known_is_not_written() -> None:
    """But the login, which others read too."""
    assert Memory(boots=2).to_json() == {"login": Login()._asdict(), "boots": 2}


def test_the_example_knows_everything() -> None:
    """So that a new fact comes into the tests above."""
    assert not [name for name, value, unknown in zip(Memory._fields, LEARNT, Memory(), strict=True) if value == unknown]


def test_a_person_s_word_is_about_each_login_that_waits() -> None:
    """Also one of which no answer told whether it is right; the newest showing still counts."""
    silent = Login((10.0, 70.0), evidence="x")
    cleared = Memory(unread=silent, unread_streams=silent).cleared(100.0)
    assert [one.failures for one in (cleared.unread, cleared.unread_streams)] == [(70.0,), (70.0,)]
    assert all(one.allowed(100.0, "x") for one in (cleared.unread, cleared.unread_streams))


def test_after_another_boot_each_login_counts_from_then_on() -> None:
    """Nobody knows how long the machine was off, so what was shown before counts as shown now."""
    silent = Login((10.0, 70.0), evidence="x")
    moved = Memory(login=silent, unread=silent, unread_streams=silent).after_another_boot(500.0, 1000.0)
    assert {moved.login, moved.unread, moved.unread_streams} == {silent.after_another_boot(500.0, 1000.0)}
    assert not moved.unread.allowed(1010.0, "x")


@pytest.mark.parametrize(
    ("learnt", "tells"),
    [
        ({}, False),
        ({"login": WORKS._replace(succeeded_at=200.0)}, False),
        ({"clock_offset_s": 2.5, "counters": {"1.3.6.1": 8}, "counted_at": 200.0}, False),
        ({"login": WORKS.refused(200.0, "x")}, True),
        ({"login": WORKS._replace(succeeded_at=200.0, cleared_at=150.0)}, True),
        ({"clock_offset_s": 2.5, "boots": 3}, True),
        ({"streams": {"1": "/new"}}, True),
    ],
    ids=lambda value: " and ".join(value) if isinstance(value, dict) else str(value),
)
def test_what_every_look_tells_anew_is_nothing_new(learnt: dict[str, Any], tells: bool) -> None:
    """A login that works once more, a clock, a counter may wait to be written; a refusal, a reboot or a path may not."""
    memory = Memory(login=WORKS, clock_offset_s=1.5, counters={"1.3.6.1": 7}, counted_at=100.0, boots=2)
    assert memory.is_told_more(learnt) is tells


def test_what_is_told_first_is_new() -> None:
    """Before a first login nothing is known that could be merely the same once more."""
    assert Memory().is_told_more({"login": WORKS})
    assert Memory().is_told_more({"clock_offset_s": 1.5})
